"""Taking back at the desk: scan is done; the answer says where it goes, who waits and what to look at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from archive_app.core.clock import local
from archive_app.core.i18n import _
from archive_app.desk import answers
from archive_app.desk.answers import Answer
from archive_app.desk.giving import until_words
from archive_app.loans import queries as loans
from archive_app.loans import queue, room
from archive_app.loans import service as lending
from archive_app.loans.judge import AWAY
from archive_app.loans.models import Loan
from archive_app.loans.returning import pages_expected
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.policy import RuleBook


def take_back(loan: Loan, actor: Actor, at: datetime, *, known: bool = True) -> Answer:
    """Give a folder back and say all that the desk must know of it, in the order of its urgency.

    ``known`` false: the archivist may no longer know of the folder; then only its number is said.
    """
    late = loan.due_at is not None and loan.due_at < at
    loan = lending.give_back(loan.id, actor=actor, at=at)
    folder, book = loan.folder, rulebook.current(at, actor.unit_id).book
    rest = [seat for key, seat in loans.seats_of_held(loan.borrower_id).items() if key != loan.id]
    sentence = _where(loan, book, at)
    return Answer(
        "ok", _("已归还"), folder.file_number, _("已逾期，%(where)s", where=sentence) if late else sentence,
        answers.LATE if late or loan.next or rest else answers.DONE,
        title=folder.title if known else "", level=folder.secrecy if known else "",
        folder=folder.id if known else None, loan=loan.id, undo="give_back",
        why="".join((_changed(loan, book), _count(loan, book), _whose(loan, rest))),
        step=answers.step("desk.check", _("检查"), "clipboard-check", loan_id=loan.id),
        more=_sign_out(loan, rest), icon="arrow-return-left", chip=("ok", "arrow-return-left", _("已归还")),
    )  # fmt: skip


def _where(loan: Loan, book: RuleBook, at: datetime) -> str:
    """Where the folder goes now: to who waits for it, or to its shelf."""
    if loan.next is not None:
        end = queue.kept_until(book, loan.next)
        if end is None:
            return _("留在台上，%(who)s 在等", who=loan.next.borrower.name)
        until = until_words(end, at)
        return _("留在台上，%(who)s 在等，留到 %(until)s", who=loan.next.borrower.name, until=until)
    if loan.takes_folder and loan.folder.custody not in (*AWAY, "on_shelf"):
        return _("登记为已不在架，请先核对")
    return _("放回 %(place)s", place=loan.folder.place) if loan.folder.place else _("放回原处")


def _changed(loan: Loan, book: RuleBook) -> str:
    """What became of the folder while it was out: a level that no longer lets it be used so."""
    level = book.levels.get(loan.folder.secrecy)
    if level is None or loan.kind in level.uses:
        return ""
    return _("在外期间改为%(level)s级，今后不能再这样借。", level=level.name)


def _count(loan: Loan, book: RuleBook) -> str:
    """Thick or classified folders are counted (LOAN-10: 检查完整性)."""
    level, pages = book.levels.get(loan.folder.secrecy), loan.pages_out or pages_expected(loan)
    if pages and (pages >= book.desk.count_from or (level is not None and level.classified)):
        return _("请清点，应有 %(n)s 页。", n=pages)
    return ""


def _whose(loan: Loan, rest: list[str]) -> str:
    """Who had it since when, and what he still has: ``rest`` are the seats of that, "" for carried away."""
    who = loan.borrower.name
    if loan.seat and (table := [seat for seat in rest if seat]):
        return _("%(who)s 桌上还有 %(n)s 份。", who=who, n=len(table))
    if rest:
        return _("%(who)s 还有 %(n)s 份未还。", who=who, n=len(rest))
    return _("%(who)s 借，%(from)s 借出。", who=who, **{"from": _clock(loan.handed_at)})


def _sign_out(loan: Loan, rest: list[str]) -> tuple[dict[str, Any], ...]:
    """The table is empty: the reader may be signed out at once."""
    if not loan.seat or any(rest):
        return ()
    session = room.session_of(loan.borrower_id)
    if session is None:
        return ()
    text = _("%(who)s 签退", who=loan.borrower.name)
    return (answers.press("desk.sign_out", text, "box-arrow-right", session_id=session.id),)


def _clock(moment: datetime | None) -> str:
    return f"{local(moment):%H:%M}" if moment else ""
