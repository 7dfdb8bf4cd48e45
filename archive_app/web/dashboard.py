"""What the start page shows: figures, what is away, what waits, both tracks by category, loans by week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from archive_app.alarms import queries as alarms
from archive_app.approvals import queries as approvals
from archive_app.approvals.models import Approval, ApprovalStep
from archive_app.core import clock
from archive_app.loans import queries as loans
from archive_app.loans.models import Loan
from archive_app.notices import queries as notices
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.policy import hours
from archive_app.records import queries as records
from archive_app.records.models import Folder
from archive_app.scans import queries as scans
from archive_app.scans.models import ElectronicFile, ScanPage

WEEKS = 12
AWAY = 500


@dataclass(frozen=True)
class Waiting:
    """An open approval with the step that must be decided now."""

    approval: Approval
    roles: tuple[str, ...]
    verb: str
    mine: bool


@dataclass(frozen=True)
class Match:
    """Folders of one category in one year: all, and how many of a hundred have an electronic twin."""

    name: str
    total: int
    both: int

    @property
    def paper(self) -> int:
        return 100 - self.both if self.total else 0


@dataclass(frozen=True)
class Week:
    """Loans handed over in one week, and how many of them became overdue."""

    begins: datetime
    n: int
    late: int


def opening(at: datetime, unit_id: int) -> tuple[datetime, datetime] | None:
    """Today's opening and closing, the axis of the countdowns; None when the room stays closed."""
    spans = hours.instants(rulebook.current(at, unit_id).book.week, clock.local_date(at))
    return (spans[0][0], spans[-1][1]) if spans else None


def away(actor: Actor, at: datetime) -> list[Loan]:
    """What is away, due first: all of it for keepers, the own department's for others; never the unknown."""
    rows = loans.out_list(at, AWAY)
    if not actor.can("loan.view_all"):
        rows = [row for row in rows if row.borrower.department_id == actor.department_id]
    known = Folder.select(Folder.id).where(records.among([row.folder_id for row in rows], actor, at))
    ids = {folder.id for folder in known}
    return [row for row in rows if row.folder_id in ids]


def waiting(actor: Actor, at: datetime) -> list[Waiting]:
    """Open approvals, oldest first: all of them for keepers, else those the person can decide."""
    mine = {row.id for row in approvals.waiting_for(actor, at)} if actor.can("loan.decide") else set()
    current = (ApprovalStep.approval == Approval.id) & (ApprovalStep.position == Approval.current)
    rows = (
        Approval.select(Approval, User, ApprovalStep)
        .join(User, on=Approval.requester)
        .switch(Approval)
        .join(ApprovalStep, on=current, attr="step")
        .where(Approval.state == "open")
        .order_by(Approval.asked_at, Approval.id)
    )
    if not actor.can("loan.view_all"):
        rows = rows.where(Approval.id.in_(sorted(mine)))
    book = rulebook.current(at, actor.unit_id).book
    return [
        Waiting(
            row,
            tuple(book.role_name(role) for role in row.step.roles.split()),
            row.step.verb,
            row.id in mine,
        )
        for row in rows
    ]


def matches(actor: Actor, at: datetime, year: int) -> list[Match]:
    """For each category: folders of the year, and how many have both sets (DUAL-01)."""
    wanted = (Folder.state == "active") & (Folder.year == year) & records.visible(actor, at)
    count = pw.fn.COUNT(Folder.id.distinct())
    twin = (ElectronicFile.folder == Folder.id) & ElectronicFile.removed_at.is_null()
    rows = Folder.select(Folder.category, count).where(wanted).group_by(Folder.category)
    totals: dict[str, int] = dict(_pairs(rows))
    both: dict[str, int] = dict(_pairs(rows.join(ElectronicFile, on=twin)))
    categories = rulebook.current(at, actor.unit_id).book.categories.values()
    return [
        Match(f"{c.code} {c.name}", totals[c.code], round(100 * both.get(c.code, 0) / totals[c.code]))
        for c in categories
        if c.code in totals
    ]


def _pairs(rows: Any) -> list[tuple[str, int]]:
    return list(rows.tuples())


def weeks(at: datetime) -> list[Week]:
    """Loans of the last twelve weeks, the present one last; weeks begin on Monday."""
    today = clock.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    begins = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    rows = Loan.select(Loan.handed_at, Loan.overdue_at).where(Loan.handed_at >= begins[0])
    handed = [0] * WEEKS
    late = [0] * WEEKS
    for loan in rows:
        week = min((clock.local(loan.handed_at) - begins[0]).days // 7, WEEKS - 1)
        handed[week] += 1
        late[week] += loan.overdue_at is not None
    return [Week(*each) for each in zip(begins, handed, late, strict=True)]


def without_twin(actor: Actor, at: datetime) -> int:
    """Folders of categories that need both sets and have no electronic file yet."""
    book = rulebook.current(at, actor.unit_id).book
    needed = [c.code for c in book.categories.values() if c.dual_track_required]
    scanned = ElectronicFile.select(ElectronicFile.folder).where(ElectronicFile.removed_at.is_null())
    wanted = (Folder.state == "active") & Folder.category.in_(needed) & records.visible(actor, at)
    return Folder.select().where(wanted & Folder.id.not_in(scanned)).count()


def failed_scans() -> int:
    """Files and pages that could not be drawn or read."""
    files = ElectronicFile.select().where(
        (ElectronicFile.state == "failed") & ElectronicFile.removed_at.is_null()
    )
    return files.count() + ScanPage.select().where(ScanPage.state == "failed").count()


def reserved_numbers() -> int:
    """Numbers on labels whose details are still to come."""
    return int(Folder.select().where(Folder.state == "reserved").count())


def page(actor: Actor, at: datetime) -> dict[str, Any]:
    """Everything the dashboard shows for this person, as plain values for its template."""
    out = away(actor, at)
    keeper = actor.can("loan.view_all")
    scanning = actor.can("scan.add")
    return {
        "out": out,
        "waiting": waiting(actor, at),
        "opening": opening(at, actor.unit_id),
        "due_today": [row for row in out if row.due_at > at and _same_day(row.due_at, at)],
        "overdue": [row for row in out if row.shown == "overdue"],
        "in_room": [row for row in out if row.shown == "reading"],
        "ready": loans.counts(at).approved if actor.can("loan.desk") else 0,
        "without_twin": without_twin(actor, at) if scanning else None,
        "unread": scans.waiting_total() if scanning else None,
        "failed": failed_scans() if scanning else 0,
        "reserved": reserved_numbers() if actor.can("number.reserve") else 0,
        "unread_notices": notices.count_unread(actor.user_id),
        "alarms": alarms.count_open() if actor.can("alarm.view") else 0,
        "year": clock.local_date(at).year,
        "matches": matches(actor, at, clock.local_date(at).year),
        "weeks": weeks(at) if keeper else [],
    }


def _same_day(one: datetime, other: datetime) -> bool:
    return clock.local_date(one) == clock.local_date(other)
