"""Whom a report of loss or damage tells what: keepers and who reported; approvals tells whose it was."""

from __future__ import annotations

from datetime import datetime

from archive_app.core.i18n import _, source_language
from archive_app.loans.incident_rows import kind_name, number_of
from archive_app.loans.models import Incident
from archive_app.notices.service import tell
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User


def reported(row: Incident, actor: Actor, at: datetime) -> None:
    """Tell the keepers what a borrower reported; who keeps the folders knows what he reports himself."""
    with source_language():
        title = _("%(kind)s：%(number)s", kind=kind_name(row.kind), number=row.folder.file_number)
    if not actor.can("incident.settle"):
        _tell(_keepers(at), "incident.reported", f"incident:{row.id}", title, "", row, actor, at)


def decided(row: Incident, reason: str, actor: Actor, at: datetime) -> None:
    """Tell keepers and reporter that it was approved, so that it can be settled, or sent back and why."""
    with source_language():
        words = {"number": number_of(row), "folder": row.folder.file_number}
        if row.state == "approved":
            title = _("%(number)s %(folder)s 已审批，请处理", **words)
        else:
            title = _("%(number)s %(folder)s 被退回，请补充", **words)
    key = f"incident:{row.id}:decided:{row.approval_id}"
    who = User.get_or_none(User.username == row.reported_by)
    told = [who.id] if who and row.approval and who.id != row.approval.requester_id else []
    ids = _keepers(at) + told
    ids = [each for each in ids if each != actor.user_id]
    _tell(ids, "incident.decided", key, title, reason, row, actor, at)


def _keepers(at: datetime) -> list[int]:
    titles = people.titles_with("incident.settle", rulebook.current(at).book)
    return [user.id for user in User.select(User.id).where(User.active & User.title.in_(titles))]


def _tell(
    ids: list[int], code: str, key: str, title: str, text: str, row: Incident, actor: Actor, at: datetime
) -> None:
    about = {"incident_id": row.id}
    tell(ids, code, key, title, text, endpoint="incidents.page", about=about, at=at, actor=actor)
