"""Who is next for a folder: first asked, first served; told, kept for a while, then the next."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from archive_app.core.clock import local
from archive_app.core.errors import Refused
from archive_app.core.i18n import _, source_language
from archive_app.core.work import work
from archive_app.loans import rows
from archive_app.loans.judge import audit_facts
from archive_app.loans.models import Loan
from archive_app.notices.service import tell
from archive_app.people import rulebook
from archive_app.people.actor import Actor, system
from archive_app.policy import RuleBook, hours
from archive_app.records.models import Folder

# Who was granted a request so short a time ago was told by that: it is the same message.
FRESH = timedelta(minutes=5)


def waiting(folder_id: int, book: RuleBook) -> list[Loan]:
    """Approved requests that will take the folder itself and were not fetched, first asked first."""
    asked = (Loan.folder == folder_id) & (Loan.state == "approved") & Loan.copy.is_null()
    found = rows.select().where(asked).order_by(Loan.requested_at, Loan.id)
    return [loan for loan in found if takes_folder(book, loan)]


def takes_folder(book: RuleBook, loan: Loan) -> bool:
    """Whether the rule book lets the folder itself be used for this loan; a photocopy leaves it there."""
    use = book.use(loan.folder.secrecy, loan.kind)
    return use is not None and use.where is not None


def kept_until(book: RuleBook, loan: Loan) -> datetime | None:
    """Until when the folder is kept for a loan; None: not told yet, or the book keeps nothing."""
    if book.lending.queue is None or loan.ready_at is None:
        return None
    return hours.after_open_time(book.week, loan.ready_at, book.lending.queue.hold)


def missed(book: RuleBook, loan: Loan, at: datetime) -> bool:
    """Whether the folder was kept for this loan and not fetched in time."""
    end = kept_until(book, loan)
    return end is not None and end <= at


def next_in_row(folder_id: int, at: datetime, unit_id: int = 1) -> Loan | None:
    """The first approved request for the folder that has not let its time pass; None when nobody has a claim.

    Nobody's time runs before he was told, so nobody is overtaken without having had his turn.
    """
    book = rulebook.current(at, unit_id).book
    return next((loan for loan in waiting(folder_id, book) if not missed(book, loan, at)), None)


def check_turn(loan: Loan, book: RuleBook, at: datetime) -> None:
    """Nobody gets a folder that is kept for another. Raises Refused: loan.not_first."""
    queue = book.lending.queue
    if queue is None:
        return
    row = waiting(loan.folder_id, book)
    first = next((each for each in row if not missed(book, each, at)), None)
    if first is None or first.borrower_id == loan.borrower_id:
        return
    end, who = kept_until(book, first), first.borrower.name
    until = _("保留到 %(when)s", when=f"{local(end):%m-%d %H:%M}") if end else _("还没有过时")
    raise Refused(
        "loan.not_first",
        _("%(number)s 先留给%(who)s，%(until)s。没有改动任何记录。", number=loan.folder.file_number, who=who,
          until=until),
        queue.rule.text, queue.rule.clause, "", _("等他领取、撤回，或过时后再办。"),
    )  # fmt: skip


def tell_next(folder_id: int, *, actor: Actor, at: datetime) -> Loan | None:
    """The folder is free: tell who is next and keep it for him; None when nobody waits.

    When all have let their time pass, the first of them is asked once more.
    """
    book = rulebook.current(at, actor.unit_id).book
    row = waiting(folder_id, book)
    first = next((loan for loan in row if not missed(book, loan, at)), next(iter(row), None))
    if first is not None:
        _told(first, book, actor, at)
    return first


def tell_whose_turn(at: datetime) -> int:
    """Tell those whose turn has come without a return: the one before withdrew or let his time pass.

    Return how many were told. Safe to run twice: who was told has ``ready_at``.
    """
    row: dict[int, list[Loan]] = defaultdict(list)
    untold = Loan.select(Loan.folder).where((Loan.state == "approved") & Loan.ready_at.is_null())
    here = (Loan.state == "approved") & Loan.copy.is_null() & (Folder.custody == "on_shelf")
    found = rows.select().where(here & Loan.folder.in_(untold)).order_by(Loan.requested_at, Loan.id)
    for loan in found:
        row[loan.folder_id].append(loan)
    return sum(_turn_of(loans, at) for loans in row.values())


def _turn_of(row: list[Loan], at: datetime) -> bool:
    actor = system(row[0].folder.unit_id)
    book = rulebook.current(at, actor.unit_id).book
    claims = (loan for loan in row if takes_folder(book, loan) and not missed(book, loan, at))
    first = next(claims, None)
    if first is None or first.ready_at is not None:
        return False
    fresh = first.approved_at is not None and timedelta(0) <= at - first.approved_at < FRESH
    return _told(first, book, actor, at, silent=fresh)


def take_back_call(folder_id: int, returned_at: datetime) -> None:
    """A return was undone: who was told by it is told again when the folder really comes back."""
    told = (Loan.folder == folder_id) & (Loan.state == "approved") & (Loan.ready_at == returned_at)
    Loan.update(ready_at=None).where(told).execute()


@source_language()  # what is kept reads the same whoever looks
def _told(loan: Loan, book: RuleBook, actor: Actor, at: datetime, *, silent: bool = False) -> bool:
    with work(actor, at) as w:
        still = (Loan.id == loan.id) & (Loan.state == "approved")
        if not Loan.update(ready_at=at).where(still).execute():
            return False
        loan.ready_at = at
        end = kept_until(book, loan)
        w.note("loan.ready", loan, until=end.isoformat() if end else "", silent=silent, **audit_facts(loan))
        if not silent:
            when = f"{local(end):%m-%d %H:%M}" if end else ""
            until = _("为你保留到 %(when)s，过时轮到下一位。", when=when) if end else ""
            tell(
                [loan.borrower_id], "loan.ready", f"loan:{loan.id}:ready:{at.isoformat()}",
                _("%(number)s 可以来取了", number=loan.folder.file_number), until,
                endpoint="loans.loan_page", about={"loan_id": loan.id}, at=at, actor=actor,
            )  # fmt: skip
    return True
