"""Read-only selects about revisions: drafts and proposals, versions with who approved, any text as a book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive_app import policy
from archive_app.approvals.models import ApprovalStep, Decision
from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import RuleBookVersion, User
from archive_app.revisions.flow import OPEN
from archive_app.revisions.models import Replay, Revision


@dataclass(frozen=True)
class VersionRow:
    """A version with its fate: coming, in_force, past or withdrawn, and who approved it."""

    version: RuleBookVersion
    state: str
    approved_by: str
    reason: str


@dataclass(frozen=True)
class Source:
    """A text that can be looked at, asked and replayed: a version, a revision (by id) or a profile."""

    key: str
    name: str
    profile: str
    book: policy.RuleBook
    version: int | None = None
    revision: int | None = None

    @property
    def text(self) -> str:
        return self.book.text


def get_revision(revision_id: int) -> Revision:
    """The revision. Raises NotFound."""
    row = Revision.get_or_none(Revision.id == revision_id)
    if row is None:
        raise NotFound(_("没有这份草案。"))
    return row


def open_revisions(unit_id: int = 1) -> list[Revision]:
    """Drafts and proposals, newest first, without their texts."""
    rows = _light().where((Revision.unit == unit_id) & Revision.state.in_(OPEN))
    return list(rows.order_by(Revision.id.desc()))


def closed_revisions(unit_id: int = 1, limit: int = 20) -> list[Revision]:
    """What was refused or withdrawn lately, newest first."""
    rows = _light().where((Revision.unit == unit_id) & Revision.state.in_(("refused", "withdrawn")))
    return list(rows.order_by(Revision.id.desc()).limit(limit))


def _light() -> Any:
    fields = [field for field in Revision._meta.sorted_fields if field.name != "text"]
    return Revision.select(*fields)


def versions(at: datetime, unit_id: int = 1) -> list[VersionRow]:
    """All versions, the newest first, with who approved each."""
    in_force = rulebook.current(at, unit_id).id
    names, made = (
        people.names(),
        {row.version_id: row for row in _light().where(Revision.version.is_null(False))},
    )
    approved = _approvers([row.approval_id for row in made.values() if row.approval_id])
    return [
        VersionRow(
            row,
            _fate(row, in_force, at),
            approved.get(made[row.id].approval_id, "") if row.id in made and made[row.id].approval_id
            else _adopter(row, names),
            made[row.id].reason if row.id in made else "",
        )
        for row in rulebook.versions(unit_id)
    ]  # fmt: skip


def _adopter(row: RuleBookVersion, names: dict[str, str]) -> str:
    return _("建立档案室时") if row.adopted_by == "system" else names.get(row.adopted_by, row.adopted_by)


def _fate(row: RuleBookVersion, in_force: int, at: datetime) -> str:
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.id == in_force:
        return "in_force"
    return "coming" if row.effective_from > at else "past"


def _approvers(approval_ids: list[int]) -> dict[int, str]:
    """Who agreed to each proposal; a deputy with the name of whom he stood in for."""
    principal = User.alias()
    rows = (
        Decision.select(Decision, ApprovalStep, User, principal)
        .join(ApprovalStep)
        .switch(Decision)
        .join(User, on=Decision.user)
        .switch(Decision)
        .left_outer_join(principal, on=(Decision.on_behalf_of == principal.id), attr="on_behalf_of")
        .where(ApprovalStep.approval.in_(approval_ids) & (Decision.verdict == "granted"))
        .order_by(Decision.id)
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        said = _("%(who)s 代 %(principal)s", who=row.user.name, principal=row.principal)
        found.setdefault(row.step.approval_id, []).append(said if row.principal else row.user.name)
    return {key: _("、").join(names) for key, names in found.items()}


def source(key: str, actor: Actor, at: datetime) -> Source:
    """The text behind a key: ``now``, ``v3`` (version), ``r5`` (revision, for who may see drafts), ``p:S45``.

    Raises NotFound.
    """
    kind, number = key[:1], key[1:]
    if key in ("", "now"):
        now = rulebook.current(at, actor.unit_id)
        return Source("now", _("现行制度，第 %(n)s 版", n=now.version), now.profile, now.book, now.id)
    if kind == "p" and number.startswith(":"):
        name = number[1:]
        book = rulebook.kept(rulebook.profile_text(name), name)
        return Source(key, _("样本 %(name)s", name=name), name, book)
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise NotFound(_("没有这个制度文本。"))
    if kind == "v":
        row = next((each for each in rulebook.versions(actor.unit_id) if each.version == int(number)), None)
        if row is not None:
            name = _("第 %(n)s 版", n=row.version)
            return Source(key, name, row.profile, rulebook.by_id(row.id).book, row.id)
    if kind == "r" and may_see_drafts(actor):
        draft = get_revision(int(number))
        book = rulebook.kept(draft.text, draft.profile)
        return Source(key, _("草案 %(n)s", n=draft.id), draft.profile, book, None, draft.id)
    raise NotFound(_("没有这个制度文本。"))


def may_see_drafts(actor: Actor) -> bool:
    """Whether the person works on new versions or decides about them."""
    return any(actor.can(each) for each in ("policy.propose", "policy.decide", "policy.adopt"))


def sources(actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """What can be chosen for asking and replaying: (key, name)."""
    found = [("now", _("现行制度，第 %(n)s 版", n=rulebook.current(at, actor.unit_id).version))]
    if may_see_drafts(actor):
        rows = open_revisions(actor.unit_id)
        found += [(f"r{row.id}", _("草案 %(n)s：%(why)s", n=row.id, why=row.reason[:30])) for row in rows]
    found += [
        (f"v{row.version}", _("第 %(n)s 版", n=row.version)) for row in rulebook.versions(actor.unit_id)
    ]
    return found


def replays_of(revision_id: int | None = None, limit: int = 10) -> list[Replay]:
    """Replays, newest first; of one revision, or of all."""
    rows = Replay.select().order_by(Replay.id.desc()).limit(limit)
    return list(rows.where(Replay.revision == revision_id) if revision_id else rows)


def get_replay(replay_id: int) -> Replay:
    """The replay. Raises NotFound."""
    row = Replay.get_or_none(Replay.id == replay_id)
    if row is None:
        raise NotFound(_("没有这次试算。"))
    return row
