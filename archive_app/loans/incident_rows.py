"""Read-only selects and words about losses and damage; a lost folder stays in every list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.approvals.queries import waiting_for
from archive_app.core.clock import local
from archive_app.core.errors import NotFound
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans.models import Copy, Incident, Loan
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.records.models import Folder
from archive_app.records.queries import visible

PAGE = 50
OPEN = ("reported", "sent_back", "approved")
KINDS = {"loss": L("丢失"), "damage": L("损坏"), "missing_pages": L("缺页")}
STATES = {
    "reported": L("待审批"),
    "approved": L("已审批，待处理"),
    "sent_back": L("已退回"),
    "settled": L("已处理"),
    "found": L("已找到"),
}
MEASURES = {
    "made_good": L("补齐"),
    "repaired": L("修复"),
    "compensated": L("赔偿已上报"),
    "nothing": L("无法补救"),
}


@dataclass(frozen=True)
class Page:
    """One page of the register of losses and damage, newest first; ``older`` is the next key, or None."""

    rows: list[Incident]
    older: int | None


def number_of(row: Incident) -> str:
    """The report's number for people, e.g. DS-2026-0003; the id never repeats, so neither does it."""
    return f"DS-{local(row.reported_at).year}-{row.id:04d}"


def kind_name(kind: str) -> str:
    """The kind in words."""
    return str(KINDS[kind])


def measure_name(measure: str) -> str:
    """What was done, in words."""
    return str(MEASURES[measure])


def select() -> Any:
    """Incidents with folder, copy, loan and whose it was in one query."""
    return (
        Incident.select(Incident, Folder, Copy, Loan, User)
        .join(Folder)
        .switch(Incident)
        .join(Copy, pw.JOIN.LEFT_OUTER)
        .switch(Incident)
        .join(Loan, pw.JOIN.LEFT_OUTER)
        .switch(Incident)
        .join(User, pw.JOIN.LEFT_OUTER, on=(Incident.person == User.id), attr="person")
    )


def open_rows() -> Any:
    """The incidents that are not at their end, as a select."""
    return select().where(Incident.state.in_(OPEN))


def get_incident(incident_id: int) -> Incident:
    """The incident with all it refers to. Raises NotFound."""
    row = select().where(Incident.id == incident_id).first()
    if row is None:
        raise NotFound(_("没有这份报告。"))
    return row


def incident_for(actor: Actor, incident_id: int, at: datetime) -> Incident:
    """The incident, for who reported it, whose it was, who decides it or keeps the folders.

    Raises NotFound — also when the person may not know of it.
    """
    row = get_incident(incident_id)
    mine = actor.user_id == row.person_id or actor.username == row.reported_by
    if mine or (_keeps(actor) and _visible(actor, row, at)) or _decides(actor, row, at):
        return row
    raise NotFound(_("没有这份报告。"))


def _keeps(actor: Actor) -> bool:
    return actor.can("incident.settle") or actor.can("loan.view_all")


def _visible(actor: Actor, row: Incident, at: datetime) -> bool:
    return Folder.select(Folder.id).where((Folder.id == row.folder_id) & visible(actor, at)).exists()


def _decides(actor: Actor, row: Incident, at: datetime) -> bool:
    if not actor.can("incident.decide"):
        return False
    return _visible(actor, row, at) or any(each.id == row.approval_id for each in waiting_for(actor, at))


def list_incidents(
    actor: Actor,
    at: datetime,
    *,
    states: Iterable[str] = (),
    kinds: Iterable[str] = (),
    text: str = "",
    older: int | None = None,
    limit: int = PAGE,
) -> Page:
    """Losses and damage that the actor may know of, newest first; others see only their own."""
    own = (Incident.person == actor.user_id) | (Incident.reported_by == actor.username)
    keeper = _keeps(actor) or actor.can("incident.decide")
    rows = select().where(visible(actor, at) | own if keeper else own)
    if wanted := list(states):
        rows = rows.where(Incident.state.in_(wanted))
    if kind := list(kinds):
        rows = rows.where(Incident.kind.in_(kind))
    if text := text.strip():
        rows = rows.where(Folder.file_number.contains(text) | User.name.contains(text))
    if older is not None:
        rows = rows.where(Incident.id < older)
    found = list(rows.order_by(Incident.id.desc()).limit(limit + 1))
    return Page(found[:limit], found[limit - 1].id if len(found) > limit else None)


def of_folder(folder_id: int, limit: int = 20) -> list[Incident]:
    """All that was ever reported of a folder, newest first."""
    return list(select().where(Incident.folder == folder_id).order_by(Incident.id.desc()).limit(limit))


def open_losses(folder_id: int) -> list[Incident]:
    """The open reports that the folder itself is lost."""
    lost = (Incident.folder == folder_id) & (Incident.kind == "loss") & Incident.copy.is_null()
    return list(open_rows().where(lost).order_by(Incident.id))


def latest_loss(folder_id: int, copy_id: int | None) -> Incident | None:
    """The newest report that this folder, or this copy of it, is lost."""
    same = (Incident.folder == folder_id) & (Incident.kind == "loss")
    same &= Incident.copy == copy_id if copy_id else Incident.copy.is_null()
    return select().where(same).order_by(Incident.id.desc()).first()


def count_open(actor: Actor, at: datetime) -> int:
    """How many reports wait to be settled; 0 for who does not settle."""
    if not actor.can("incident.settle"):
        return 0
    return int(Incident.select().where(Incident.state.in_(OPEN)).count())
