"""Read-only selects about loans: each row carries the state that the clock sees, so screens never lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from archive_app.approvals.models import ApprovalStep, Decision
from archive_app.approvals.queries import waiting_for
from archive_app.core.clock import LOCAL, local
from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.loans.flow import ACTIVE, OPEN
from archive_app.loans.models import Loan
from archive_app.loans.outcome import Outcome, open_kinds, outcome
from archive_app.loans.rows import active_of_folder, away, get_loan, in_room, position_in_queue, select
from archive_app.loans.rules import RUNNING, state_at
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.records import queries as records
from archive_app.records.models import CustodyEvent, Folder

PAGE = 50
MINE = 20
CLOSED = ("returned", "refused", "withdrawn", "expired", "lost")


@dataclass(frozen=True)
class Filters:
    """What the loan list is narrowed to: states as the clock sees them, part of a name or number."""

    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Page:
    """One page of loans, newest first; ``older`` and ``newer`` are keys for the neighbours, or None."""

    rows: list[Loan]
    older: int | None
    newer: int | None


@dataclass(frozen=True)
class Counts:
    """Figures of the moment for the dashboard."""

    requested: int
    approved: int
    out: int
    reading: int
    overdue: int
    returned_today: int


def loan_for(actor: Actor, loan_id: int, at: datetime) -> Loan:
    """The loan, if it is one's own, to be decided or decided by one, or one keeps the register.

    Raises NotFound — also when the person may not know of it.
    """
    loan = get_loan(loan_id)
    if not (_may_see(actor, loan) or _decides(actor, loan, at)):
        raise NotFound(_("没有这份借阅。"))
    return _shown([loan], at)[0]


def _may_see(actor: Actor, loan: Loan) -> bool:
    own = actor.user_id == loan.borrower_id or actor.username == loan.requested_by
    return own or actor.can("loan.view_all") or actor.can("loan.desk")


def _decides(actor: Actor, loan: Loan, at: datetime) -> bool:
    if not actor.can("loan.decide") or not loan.approval_id:
        return False
    took_part = (
        Decision.select()
        .join(ApprovalStep)
        .where((ApprovalStep.approval == loan.approval_id) & (Decision.user == actor.user_id))
    )
    return took_part.exists() or any(each.id == loan.approval_id for each in waiting_for(actor, at))


def open_of_folder(folder_id: int) -> list[Loan]:
    """Requests and loans of the folder that are not closed, oldest first (for the desk and the queue)."""
    return list(select().where((Loan.folder == folder_id) & Loan.state.in_(OPEN)).order_by(Loan.id))


def history_of_folder(folder_id: int, at: datetime, limit: int = 20) -> list[Loan]:
    """The newest loans of the folder, for its page."""
    rows = select().where(Loan.folder == folder_id).order_by(Loan.id.desc()).limit(limit)
    return _shown(rows, at)


def of_person(user_id: int, at: datetime) -> tuple[list[Loan], list[Loan]]:
    """What a person has in hand, due first, and what the desk has ready for him, in one query."""
    states = ("approved", *ACTIVE)
    rows = select().where((Loan.borrower == user_id) & Loan.state.in_(states))
    found = _shown(rows.order_by(Loan.due_at, Loan.approved_at, Loan.id), at)
    held = [loan for loan in found if loan.state != "approved"]
    return held, [loan for loan in found if loan.state == "approved"]


def seats_of_held(user_id: int) -> dict[int, str]:
    """The seat of each loan a person has in hand, by loan id; empty for what was carried away."""
    rows: Any = Loan.select(Loan.id, Loan.seat).where((Loan.borrower == user_id) & Loan.state.in_(ACTIVE))
    return dict(rows.tuples())


def waiting_of_person(user_id: int) -> list[Loan]:
    """Approved and not yet handed over, oldest first: what the desk has ready for a person."""
    rows = select().where((Loan.borrower == user_id) & (Loan.state == "approved"))
    return list(rows.order_by(Loan.approved_at, Loan.id))


def waiting_ids(user_id: int) -> list[tuple[int, int]]:
    """The same as ids of loan and folder: all that most scans at the desk ask."""
    ready = (Loan.borrower == user_id) & (Loan.state == "approved")
    rows: Any = Loan.select(Loan.id, Loan.folder).where(ready).order_by(Loan.approved_at, Loan.id)
    return list(rows.tuples())


def held_by_person(user_id: int, at: datetime) -> list[Loan]:
    """What a person has in hand or at the seat, due first."""
    rows = select().where((Loan.borrower == user_id) & Loan.state.in_(ACTIVE))
    return _shown(rows.order_by(Loan.due_at, Loan.id), at)


def out_list(at: datetime, limit: int = 200) -> list[Loan]:
    """All that is away now, folders and copies, due first (去向)."""
    return _shown(select().where(Loan.state.in_(ACTIVE)).order_by(Loan.due_at, Loan.id).limit(limit), at)


def running_of(actor: Actor, at: datetime) -> list[Loan]:
    """One's own open loans and requests, due first."""
    own = (Loan.borrower == actor.user_id) & Loan.state.in_(OPEN)
    first = pw.Case(None, [(Loan.due_at.is_null(), 1)], 0)
    return _shown(select().where(own).order_by(first, Loan.due_at, Loan.id), at)


def past_of(
    actor: Actor, at: datetime, filters: Filters, older: int | None = None, newer: int | None = None, *,
    limit: int = MINE,
) -> Page:  # fmt: skip
    """One page of one's own closed loans, newest first."""
    own = (Loan.borrower == actor.user_id) & Loan.state.in_(CLOSED)
    return _page(select().where(own & _narrow(filters, at)), at, older, newer, limit)


def mine(actor: Actor, at: datetime, closed: int = 20) -> tuple[list[Loan], list[Loan]]:
    """One's own loans: the open ones (due first), and the newest closed ones."""
    return running_of(actor, at), past_of(actor, at, Filters(), limit=closed).rows


def list_loans(
    actor: Actor,
    at: datetime,
    filters: Filters,
    older: int | None = None,
    newer: int | None = None,
    *,
    limit: int = PAGE,
) -> Page:
    """One page of the loan register, newest first. Raises Refused: permission."""
    actor.must("loan.view_all")
    return _page(select().where(_narrow(filters, at)), at, older, newer, limit)


def _page(rows: Any, at: datetime, older: int | None, newer: int | None, limit: int) -> Page:
    if newer is not None:
        found = list(rows.where(Loan.id > newer).order_by(Loan.id).limit(limit + 1))
        shown = _shown(found[:limit][::-1], at)
        return Page(shown, shown[-1].id if shown else None, shown[0].id if len(found) > limit else None)
    if older is not None:
        rows = rows.where(Loan.id < older)
    found = list(rows.order_by(Loan.id.desc()).limit(limit + 1))
    shown = _shown(found[:limit], at)
    before = shown[0].id if shown and older is not None else None
    return Page(shown, shown[-1].id if len(found) > limit else None, before)


def _narrow(filters: Filters, at: datetime) -> Any:
    condition = Loan.id > 0
    if filters.states:
        wanted = [_in_state(state, at) for state in filters.states]
        joined = wanted[0]
        for more in wanted[1:]:
            joined |= more
        condition &= joined
    if filters.kinds:
        condition &= Loan.kind.in_(filters.kinds)
    if text := filters.text.strip():
        condition &= Folder.file_number.contains(text) | User.name.contains(text)
    return condition


def _in_state(state: str, at: datetime) -> Any:
    """The condition for a state as the clock sees it, whether the sweep has run or not."""
    late = Loan.state.in_(RUNNING) & (Loan.due_at < at)
    if state == "overdue":
        return (Loan.state == "overdue") | late
    if state in RUNNING:
        return (Loan.state == state) & ~(Loan.due_at < at)
    return Loan.state == state


def counts(at: datetime) -> Counts:
    """How many loans stand where, as the clock sees it."""
    midnight = local(at).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=LOCAL)
    rows: Any = Loan.select(Loan.state, pw.fn.COUNT(Loan.id)).where(Loan.state.in_(OPEN)).group_by(Loan.state)
    stored: dict[str, int] = dict(rows.tuples())
    late = Loan.state.in_(RUNNING) & (Loan.due_at < at)
    rows = Loan.select(Loan.state, pw.fn.COUNT(Loan.id)).where(late).group_by(Loan.state)
    unmarked: dict[str, int] = dict(rows.tuples())
    returned = (Loan.returned_at >= midnight) & (Loan.returned_at < midnight + timedelta(days=1))
    return Counts(
        requested=stored.get("requested", 0),
        approved=stored.get("approved", 0),
        out=stored.get("out", 0) - unmarked.get("out", 0),
        reading=stored.get("reading", 0) - unmarked.get("reading", 0),
        overdue=stored.get("overdue", 0) + sum(unmarked.values()),
        returned_today=Loan.select().where((Loan.state == "returned") & returned).count(),
    )


def timeline_of(loan: Loan) -> list[CustodyEvent]:
    """Where the paper went for this loan, newest first."""
    rows = CustodyEvent.select().where(CustodyEvent.loan == loan.id)
    return list(rows.order_by(CustodyEvent.at.desc(), CustodyEvent.id.desc()))


def record_of(user_id: int, at: datetime, days: int = 90) -> tuple[int, int]:
    """How often a person had folders in the last days, and how often overdue (for the approver)."""
    since = at - timedelta(days=days)
    handed = Loan.select().where((Loan.borrower == user_id) & (Loan.handed_at >= since))
    late = Loan.overdue_at.is_null(False) | (Loan.state.in_(RUNNING) & (Loan.due_at < at))
    return handed.count(), handed.where(late).count()


def count_basket(loan: Loan) -> int:
    """How many were asked for together with this one, itself included."""
    if loan.basket is None:
        return 1
    return int(Loan.select().where(Loan.basket == loan.basket).count())


def count_open(actor: Actor, at: datetime) -> int:
    """How many loans and requests of one's own are open."""
    return int(Loan.select().where((Loan.borrower == actor.user_id) & Loan.state.in_(OPEN)).count())


def count_away(actor: Actor, at: datetime) -> int:
    """How many folders and copies are away now."""
    return int(Loan.select().where(Loan.state.in_(ACTIVE)).count())


def readable_by_loan(actor: Actor, at: datetime) -> Any:
    """Folders that the actor may read on screen because a loan of the right kind is running."""
    running = (Loan.borrower == actor.user_id) & Loan.state.in_(RUNNING) & (Loan.due_at >= at)
    fits = Folder.id < 0
    for code, level in rulebook.current(at, actor.unit_id).book.levels.items():
        kinds = [kind for kind in level.read_while if kind in level.uses]
        if level.on_screen and kinds:
            fits |= (Folder.secrecy == code) & Loan.kind.in_(kinds)
    return Loan.select(Loan.folder).join(Folder).where(running & fits)


# Not at the bottom by accident: whoever imports loans gives its readers their right to see the page.
if readable_by_loan not in records.content_grants:
    records.content_grants.append(readable_by_loan)


def _shown(rows: Iterable[Loan], at: datetime) -> list[Loan]:
    found = list(rows)
    for row in found:
        row.shown = state_at(row.state, row.due_at, at)
    return found


__all__ = [
    "Counts", "Filters", "Outcome", "Page", "active_of_folder", "away", "count_away", "count_basket",
    "count_open", "counts", "get_loan", "held_by_person", "history_of_folder", "in_room", "list_loans",
    "loan_for", "mine", "of_person", "open_kinds", "open_of_folder", "out_list", "outcome", "past_of",
    "position_in_queue", "readable_by_loan", "record_of", "running_of", "seats_of_held", "select",
    "timeline_of", "waiting_ids", "waiting_of_person",
]  # fmt: skip
