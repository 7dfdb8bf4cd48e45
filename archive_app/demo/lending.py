"""Who has borrowed what: twelve weeks of history, and what is out, waiting and overdue today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from archive_app.approvals import queries as approvals
from archive_app.core import clock
from archive_app.core.errors import Refused
from archive_app.demo.room import Room
from archive_app.loans import queries, room, service
from archive_app.loans.models import Loan
from archive_app.loans.rules import verb_for
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.records.models import Folder
from archive_app.records.queries import documents_of

WEEKS = 12
KINDS = ("loan", "loan", "consult", "consult", "photocopy", "excerpt")
SAID = 0.8  # part of the readers who say what it was good for
LATE = 0.07  # part of the loans that come back on the next morning only
BUSY = timedelta(minutes=190)
Row = dict[str, Any]


def plan(here: Room) -> None:
    """Write the history of the last weeks and the scene of today into the diary."""
    for day in here.diary.opening_days(WEEKS * 5)[1:]:
        for _turn in range(here.dice.choice((0, 1, 1, 1, 2, 2))):
            moment = here.diary.on(day, here.dice.randint(8, 14), here.dice.randint(31, 59))
            here.diary.note(moment, partial(_some_loan, here))
    here.diary.note(here.diary.day(3, 9, 40), partial(_not_agreed, here))
    for row in here.words["today"]["rows"]:
        plan_row = _plan_overdue if row["state"] == "overdue" else _plan_today
        plan_row(here, row)


def _some_loan(here: Room, at: datetime) -> None:
    """Somebody borrows something that the rule book lets them have."""
    scene = {row["folder"] for row in here.words["today"]["rows"]}
    taken = {folder.id for key, folder in here.keyed.items() if key in scene}
    free = [folder for folder in here.folders if folder.id not in taken]
    readers = [user for name, user in here.people.items() if not _keeps(here.actor(name, at))]
    for _turn in range(8):
        borrower = here.dice.choice(readers)
        folder, kind = Folder.get_by_id(here.dice.choice(free).id), here.dice.choice(KINDS)
        if queries.outcome(here.archivist(at), folder, kind, at, borrower).verdict in ("direct", "chain"):
            break
    else:
        return
    purpose = here.dice.choice(here.words["purposes"][folder.category])
    purposes = rulebook.current(at).book.lending.purposes
    sort = here.dice.choice(purposes) if purposes else ""
    loan = _request(here, folder, borrower, kind, at, purpose=purpose, purpose_class=sort)
    minutes = here.dice.randint(8, 40)
    here.diary.note(at + timedelta(minutes=minutes), partial(_decide_all, here, loan.id))
    here.diary.note(at + timedelta(minutes=minutes + here.dice.randint(3, 30)), partial(_live, here, loan.id))


def _keeps(actor: Actor) -> bool:
    """Those who keep, administer or audit the archive seldom borrow from it."""
    return any(actor.can(each) for each in ("loan.desk", "people.manage", "audit.view"))


def _live(here: Room, loan_id: int, at: datetime) -> None:
    """Hand out what was approved, and let it come back, mostly in time."""
    try:
        loan = _hand_out(here, loan_id, at)
    except Refused:  # the volume that carries it is away with another reader
        service.withdraw(loan_id, "改日再借", actor=here.archivist(at), at=at)
        return
    assert loan.due_at is not None
    if not loan.takes_folder:  # a copy comes back after days
        back = here.diary.in_hours(at + timedelta(hours=here.dice.randint(20, 100)))
        here.diary.note(min(back, loan.due_at - timedelta(minutes=5)), partial(_back, here, loan.id))
        return
    if here.dice.random() < LATE:
        here.diary.note(loan.due_at + timedelta(minutes=1), service.mark_overdue)
        here.diary.note(here.diary.in_hours(loan.due_at + timedelta(hours=1)), partial(_back, here, loan.id))
        return
    back = at + timedelta(minutes=here.dice.randint(25, 150))
    here.diary.note(min(back, loan.due_at - timedelta(minutes=4)), partial(_back, here, loan.id))


def _not_agreed(here: Room, at: datetime) -> None:
    """One request is refused with a reason, one is taken back."""
    asked = {"恒泰框架": "黄志强", "𬭎山合同": "孙丽"}
    loans = [
        _request(here, here.keyed[key], here.people[name], "loan", at, purpose="投标材料准备")
        for key, name in asked.items()
    ]
    refused, withdrawn = loans
    user, principal = _decider(refused, at)
    service.decide_loan(
        refused.id, "refused", "价格附表仍在谈判，先用公开样本。", actor=here.actor(user.name, at),
        at=at + timedelta(minutes=50), on_behalf_of=principal,
    )  # fmt: skip
    service.withdraw(
        withdrawn.id, "客户改期，暂时不用", actor=here.actor(withdrawn.borrower.name, at),
        at=at + timedelta(minutes=70),
    )  # fmt: skip


# Today


def _plan_overdue(here: Room, row: Row) -> None:
    """Handed out on the last opening day and not brought back at closing."""

    def start(at: datetime) -> None:
        _begin(here, row, at, lambda loan: _hand_out(here, loan.id, at + timedelta(minutes=35)))

    here.diary.note(here.diary.day(1, 11, 20), start)
    here.diary.note(here.diary.day(1, 23, 30), service.mark_overdue)


def _plan_today(here: Room, row: Row) -> None:
    def start(at: datetime) -> None:
        _begin(here, row, at, lambda loan: _go_on(here, row, loan, at))

    here.diary.note(_ago(here, row["minutes"]), start)


def _ago(here: Room, minutes: int) -> datetime:
    """Minutes ago, drawn together when the room opened only a short while ago."""
    now, book = here.diary.now, rulebook.current(here.diary.now).book
    since = clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    opened = since if not here.diary.book.is_open(now) else book.opens_next(since)
    assert opened is not None
    return now - timedelta(minutes=minutes) * min(1.0, (now - opened) / BUSY)


def _begin(here: Room, row: Row, at: datetime, go_on: Callable[[Loan], object]) -> None:
    folder, borrower = here.keyed[row["folder"]], here.people[row["borrower"]]
    more = {name: row[name] for name in ("reason", "extent") if name in row}
    go_on(_request(here, folder, borrower, row["kind"], at, purpose=row["purpose"], **more))


def _go_on(here: Room, row: Row, loan: Loan, at: datetime) -> None:
    """Bring a request into the state that the scene wants."""
    state = row["state"]
    if state == "requested":
        return
    if state == "applied":
        _decide(here, loan, at)
        return
    _decide_all(here, loan.id, at)
    if state in ("out", "reading", "returned"):
        _hand_out(here, loan.id, at, row.get("seat"))
    if state == "returned":
        half = (here.diary.now - at) / 2
        here.diary.note(here.diary.now - half, partial(_back, here, loan.id))


# The verbs, each by the person whose turn it is


def _request(here: Room, folder: Folder, borrower: User, kind: str, at: datetime, **what: Any) -> Loan:
    return service.request_loan(
        folder.id, kind, undertaking=True, actor=here.actor(borrower.name, at), at=at, **what
    )


def _decider(loan: Loan, at: datetime) -> tuple[User, int | None]:
    """Who decides the current step; of several the last named, who stands in for somebody away."""
    views = approvals.chain_view(approvals.approval_for(loan.approval_id), at)
    found = next(view for view in views if view.state == "current").candidates[-1]
    return found.user, found.principal.id if found.principal else None


def _decide(here: Room, loan: Loan, at: datetime) -> None:
    user, principal = _decider(loan, at)
    service.decide_loan(loan.id, "granted", actor=here.actor(user.name, at), at=at, on_behalf_of=principal)


def _decide_all(here: Room, loan_id: int, at: datetime) -> None:
    while (loan := queries.get_loan(loan_id)).state == "requested":
        _decide(here, loan, at)


def _hand_out(here: Room, loan_id: int, at: datetime, seat: str | None = None) -> Loan:
    _decide_all(here, loan_id, at)
    loan = queries.get_loan(loan_id)
    keeper = here.archivist(at)
    use = rulebook.current(at).book.level(loan.folder.secrecy).uses[loan.kind]
    if verb_for(use.where) == "seat":
        return service.seat_reader(loan_id, seat, actor=keeper, at=at)
    return service.hand_over(loan_id, actor=keeper, at=at)


def _back(here: Room, loan_id: int, at: datetime) -> None:
    loan = queries.get_loan(loan_id)
    pages = sum(document.pages for document in documents_of(loan.folder_id)) if loan.takes_folder else None
    keeper = here.archivist(at)
    loan = service.give_back(loan_id, pages=pages, actor=keeper, at=at)
    effects = rulebook.current(at).book.lending.effects
    if effects and here.dice.random() < SAID:
        service.note_effect(loan_id, here.dice.choice(effects), actor=keeper, at=at)
    stay = room.session_of(loan.borrower_id) if loan.seat else None
    if stay is not None and not room.on_table(loan.borrower_id):
        room.sign_out(stay.id, actor=keeper, at=at + timedelta(minutes=2))
