"""The rule book in force: adopting a text as a version, and finding the version for a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import peewee as pw

from archive_app import policy
from archive_app.core.db import db
from archive_app.core.errors import Invalid, Misconfigured, NotFound
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
# What was in force at a moment, per database: everything one request does has the same moment, so
# it asks the database once.
MOMENTS = 256
_moments: WeakKeyDictionary[pw.Database, dict[tuple[int, datetime], Adopted]] = WeakKeyDictionary()


def adopt(
    text: str,
    profile: str,
    *,
    actor: Actor,
    at: datetime,
    unit: ArchiveUnit | int = 1,
    effective_from: datetime | None = None,
) -> RuleBookVersion:
    """Adopt a checked text as the next version of a unit's rule book, effective at once by default.

    Raises Refused: permission. Raises Invalid: the text is no rule book, or is the one in force.
    """
    if not actor.is_system:
        actor.must("policy.adopt")
    book = _checked(text, profile)
    unit_id = unit if isinstance(unit, int) else unit.id
    with work(actor, at) as w:
        last = _last(unit_id)
        if last and last.sha256 == book.sha256:
            raise Invalid({"text": _("这一版与现行制度完全相同。没有改动任何记录。")})
        row = RuleBookVersion.create(
            unit=unit_id,
            version=last.version + 1 if last else 1,
            profile=profile,
            text=text,
            sha256=book.sha256,
            effective_from=effective_from or at,
            adopted_at=at,
            adopted_by=actor.username,
        )
        _moments.clear()
        w.note("policy.adopt", row, version=row.version, profile=profile, sha256=book.sha256)
    return row


def profile_text(profile: str) -> str:
    """The whole text of a profile that comes with the program, e.g. ``default``. Raises NotFound."""
    if profile not in policy.profiles():
        raise NotFound(_("没有名为 %(name)s 的制度样本。", name=profile))
    return policy.profile_text(profile)


def current(at: datetime, unit_id: int = 1) -> Adopted:
    """The rule book in force at a moment. Raises Misconfigured: none was adopted."""
    known = _moments.setdefault(db.obj, {})
    if (found := known.get((unit_id, at))) is None:
        found = _in_force(at, unit_id)
        if len(known) >= MOMENTS:
            known.clear()
        if not db.obj.in_transaction():  # what is not committed may still vanish
            known[unit_id, at] = found
    return found


def _in_force(at: datetime, unit_id: int) -> Adopted:
    versions = _light(RuleBookVersion.unit == unit_id, RuleBookVersion.effective_from <= at)
    row = versions.order_by(RuleBookVersion.version.desc()).first()
    if row is None:
        raise Misconfigured(_("还没有启用任何制度。请先运行 python -m archive_app init。"))
    return _adopted(row)


def by_id(version_id: int) -> Adopted:
    """The version that once judged a loan, a number or an approval. Raises NotFound."""
    row = _light(RuleBookVersion.id == version_id).first()
    if row is None:
        raise NotFound(str(version_id))
    return _adopted(row)


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
    )
    return table.select(*columns).where(*conditions)


def _last(unit_id: int) -> RuleBookVersion | None:
    # The unit's row is locked by this UPDATE, so two adoptions at once cannot take one number.
    ArchiveUnit.update(id=ArchiveUnit.id).where(ArchiveUnit.id == unit_id).execute()
    return _light(RuleBookVersion.unit == unit_id).order_by(RuleBookVersion.version.desc()).first()


def _adopted(row: RuleBookVersion) -> Adopted:
    if row.sha256 not in _books:
        text = RuleBookVersion.select(RuleBookVersion.text).where(RuleBookVersion.id == row.id).scalar()
        _books[row.sha256] = _checked(text, row.profile)
    return Adopted(row.id, row.version, row.profile, row.effective_from, _books[row.sha256])


def _checked(text: str, profile: str) -> policy.RuleBook:
    try:
        return policy.load(text, profile)
    except policy.RuleBookError as error:
        raise Invalid({"text": str(error)}) from error
