"""The rule book in force: adopting a text as a version, and finding the version for a moment."""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import peewee as pw

from archive_app import policy
from archive_app.core.db import db
from archive_app.core.errors import Invalid, Misconfigured, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people.actor import Actor
from archive_app.people.models import ArchiveUnit, RuleBookVersion


@dataclass(frozen=True)
class Adopted:
    """A rule book with the version under which the archive unit adopted it."""

    id: int
    version: int
    profile: str
    effective_from: datetime
    book: policy.RuleBook


# Parsed books by the SHA-256 of their text: a text never changes its meaning, so nothing expires.
_books: dict[str, policy.RuleBook] = {}
# Versions by id, for each database: one that was committed never changes what it says. Those that this
# process adopted may still vanish while their transaction is open.
_versions: WeakKeyDictionary[pw.Database, dict[int, Adopted]] = WeakKeyDictionary()
_own: WeakKeyDictionary[pw.Database, set[int]] = WeakKeyDictionary()
# What was in force at the moment asked about last, in this thread: everything one request does has the same
# moment, so it asks the database once. Nothing older is kept, for another process may adopt meanwhile.
_latest: ContextVar[tuple[pw.Database, int, datetime, Adopted] | None] = ContextVar("rule_book", default=None)


def adopt(
    text: str,
    profile: str,
    *,
    actor: Actor,
    at: datetime,
    unit: ArchiveUnit | int = 1,
    effective_from: datetime | None = None,
    decided: bool = False,
) -> RuleBookVersion:
    """Adopt a checked text as the next version of a unit's rule book, effective at once by default.

    ``decided``: those whom the rule book names have approved it, so the actor needs no permission.
    Raises Refused: permission. Raises Invalid: the text is no rule book, or is the one in force.
    """
    if not (actor.is_system or decided):
        actor.must("policy.adopt")
    book = checked(text, profile)
    unit_id = unit if isinstance(unit, int) else unit.id
    with work(actor, at) as w:
        last = _last(unit_id)
        if last and last.sha256 == book.sha256:
            raise Invalid({"text": _("这一版与现行制度完全相同。没有改动任何记录。")})
        row = RuleBookVersion.create(
            unit=unit_id,
            version=_highest(unit_id) + 1,
            profile=profile,
            text=text,
            sha256=book.sha256,
            effective_from=effective_from or at,
            adopted_at=at,
            adopted_by=actor.username,
        )
        _latest.set(None)
        _own.setdefault(db.obj, set()).add(row.id)
        w.note(
            "policy.adopt", row, version=row.version, profile=profile, sha256=book.sha256,
            effective_from=row.effective_from.isoformat(),
        )  # fmt: skip
    return row


def call_off(version_id: int, *, actor: Actor, at: datetime) -> RuleBookVersion:
    """Take a version back before its date comes; its number is never given again.

    Raises Refused: permission, policy.in_force — it is or was in force. Raises NotFound.
    """
    actor.must("policy.adopt")
    row = _light(RuleBookVersion.id == version_id).first()
    if row is None:
        raise NotFound(str(version_id))
    with work(actor, at) as w:
        still = (RuleBookVersion.id == version_id) & RuleBookVersion.withdrawn_at.is_null()
        coming = RuleBookVersion.effective_from > at
        if not RuleBookVersion.update(withdrawn_at=at).where(still & coming).execute():
            raise Refused(
                "policy.in_force",
                _("第 %(n)s 版已经施行，或已撤回。没有改动任何记录。", n=row.version),
                next_step=_("要改回去，就把旧版再提出一次。"),
            )
        _latest.set(None)
        w.note("policy.call_off", row, version=row.version, sha256=row.sha256)
    return row


def profile_text(profile: str) -> str:
    """The whole text of a profile that comes with the program, e.g. ``default``. Raises NotFound."""
    if profile not in policy.profiles():
        raise NotFound(_("没有名为 %(name)s 的制度样本。", name=profile))
    return policy.profile_text(profile)


def current(at: datetime, unit_id: int = 1) -> Adopted:
    """The rule book in force at a moment. Raises Misconfigured: none was adopted."""
    asked = (db.obj, unit_id, at)
    known = _latest.get()
    if known is not None and known[:3] == asked:
        return known[3]
    found = _in_force(at, unit_id)
    if not db.obj.in_transaction():  # what is not committed may still vanish
        _latest.set((*asked, found))
    return found


def _in_force(at: datetime, unit_id: int) -> Adopted:
    come = RuleBookVersion.effective_from <= at
    row = _by_date(RuleBookVersion.unit == unit_id, come, RuleBookVersion.withdrawn_at.is_null()).first()
    if row is None:
        raise Misconfigured(_("还没有启用任何制度。请先运行 python -m archive_app init。"))
    return _adopted(row)


def coming(at: datetime, unit_id: int = 1) -> list[RuleBookVersion]:
    """Adopted versions whose date is still to come, the next one last."""
    later = RuleBookVersion.effective_from > at
    return [*_by_date(RuleBookVersion.unit == unit_id, later, RuleBookVersion.withdrawn_at.is_null())]


def _by_date(*conditions: Any) -> Any:
    """Versions, the one of the latest date first; of one date the last adopted."""
    return _light(*conditions).order_by(RuleBookVersion.effective_from.desc(), RuleBookVersion.version.desc())


def by_id(version_id: int) -> Adopted:
    """The version that once judged a loan, a number or an approval. Raises NotFound."""
    known, own = _versions.setdefault(db.obj, {}), _own.get(db.obj, ())
    if version_id in known:
        return known[version_id]
    row = _light(RuleBookVersion.id == version_id).first()
    if row is None:
        raise NotFound(str(version_id))
    found = _adopted(row)
    if version_id not in own or not db.obj.in_transaction():
        known[version_id] = found
    return found


def versions(unit_id: int = 1) -> list[RuleBookVersion]:
    """All adopted versions without their texts, newest first."""
    return [*_light(RuleBookVersion.unit == unit_id).order_by(RuleBookVersion.version.desc())]


def _light(*conditions: Any) -> Any:
    table = RuleBookVersion
    columns = (
        table.id,
        table.version,
        table.profile,
        table.sha256,
        table.effective_from,
        table.adopted_at,
        table.adopted_by,
        table.withdrawn_at,
    )
    return table.select(*columns).where(*conditions)


def _last(unit_id: int) -> RuleBookVersion | None:
    # The unit's row is locked by this UPDATE, so two adoptions at once cannot take one number.
    ArchiveUnit.update(id=ArchiveUnit.id).where(ArchiveUnit.id == unit_id).execute()
    standing = RuleBookVersion.withdrawn_at.is_null()
    return _light(RuleBookVersion.unit == unit_id, standing).order_by(RuleBookVersion.version.desc()).first()


def _highest(unit_id: int) -> int:
    query = RuleBookVersion.select(pw.fn.MAX(RuleBookVersion.version))
    return int(query.where(RuleBookVersion.unit == unit_id).scalar() or 0)


def _adopted(row: RuleBookVersion) -> Adopted:
    if row.sha256 not in _books:
        text = RuleBookVersion.select(RuleBookVersion.text).where(RuleBookVersion.id == row.id).scalar()
        _books[row.sha256] = _read(text, row.profile, kept=True)
    return Adopted(row.id, row.version, row.profile, row.effective_from, _books[row.sha256])


def text_of(version_id: int) -> str:
    """The whole text of an adopted version. Raises NotFound."""
    text = RuleBookVersion.select(RuleBookVersion.text).where(RuleBookVersion.id == version_id).scalar()
    if text is None:
        raise NotFound(str(version_id))
    return str(text)


def checked(text: str, profile: str) -> policy.RuleBook:
    """The rule book that a text is, if it may be adopted. Raises Invalid: every fault of it."""
    book = _read(text, profile)
    _books[book.sha256] = book
    return book


def kept(text: str, profile: str) -> policy.RuleBook:
    """The rule book that a text is which was checked when it was kept; what was read stays in memory.

    What a later release forbids does not keep anybody from looking at it.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    if digest not in _books:
        _books[digest] = _read(text, profile, kept=True)
    return _books[digest]


def _read(text: str, profile: str, *, kept: bool = False) -> policy.RuleBook:
    try:
        return policy.load(text, profile, adopted=kept)
    except policy.RuleBookError as error:
        raise Invalid({"text": str(error)}) from error
