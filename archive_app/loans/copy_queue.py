"""Who is next for a copy kept for lending: as many claims as there are copies here, first asked first."""

from __future__ import annotations

from datetime import datetime, timedelta

from archive_app.core.errors import Refused
from archive_app.core.i18n import _, source_language
from archive_app.core.work import work
from archive_app.loans.copy_rows import name_of
from archive_app.loans.judge import audit_facts
from archive_app.loans.models import Copy, Loan
from archive_app.loans.queue import FRESH, missed
from archive_app.loans.rows import select
from archive_app.notices.service import tell
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.policy import RuleBook


def waiting(folder_id: int) -> list[Loan]:
    """Approved requests for a kept copy of the folder, first asked first."""
    kept = Copy.select(Copy.id).where((Copy.folder == folder_id) & Copy.kept)
    rows = select().where((Loan.folder == folder_id) & (Loan.state == "approved") & Loan.copy.in_(kept))
    return list(rows.order_by(Loan.requested_at, Loan.id))


def check_turn(loan: Loan, copy: Copy, actor: Actor, at: datetime) -> None:
    """Nobody gets a copy that is kept for those before him. Raises Refused: loan.not_first."""
    book = rulebook.current(at, actor.unit_id).book
    if book.lending.queue is None:
        return
    asked = (loan.requested_at, loan.id)
    before = [each for each in _claims(copy.folder_id, book, at) if (each.requested_at, each.id) < asked]
    if len(before) < _here(copy.folder_id):
        return
    rule, who = book.lending.queue.rule, before[0].borrower.name
    message = _("%(name)s 先留给%(who)s。没有改动任何记录。", name=name_of(copy), who=who)
    raise Refused("loan.not_first", message, rule.text, rule.clause, "", _("等他领取、撤回，或过时后再办。"))


def call_next(folder_id: int, *, actor: Actor, at: datetime) -> int:
    """Tell those for whom a kept copy is here and who were not told yet; return how many.

    Who was granted this very moment was told by that: the hold begins, no second message.
    """
    book = rulebook.current(at, actor.unit_id).book
    told = 0
    for loan in _claims(folder_id, book, at)[: _here(folder_id)]:
        if loan.ready_at is not None:
            continue
        fresh = loan.approved_at is not None and timedelta(0) <= at - loan.approved_at < FRESH
        _tell(loan, actor, at, silent=fresh)
        told += not fresh
    return told


def _claims(folder_id: int, book: RuleBook, at: datetime) -> list[Loan]:
    return [loan for loan in waiting(folder_id) if not missed(book, loan, at)]


def _here(folder_id: int) -> int:
    kept = (Copy.folder == folder_id) & Copy.kept & (Copy.state == "kept")
    return int(Copy.select().where(kept).count())


@source_language()  # what is kept reads the same whoever looks
def _tell(loan: Loan, actor: Actor, at: datetime, *, silent: bool) -> None:
    with work(actor, at) as w:
        Loan.update(ready_at=at).where((Loan.id == loan.id) & (Loan.state == "approved")).execute()
        w.note("loan.ready", loan, silent=silent, **audit_facts(loan))
        if not silent:
            tell(
                [loan.borrower_id], "loan.ready", f"loan:{loan.id}:ready:{at.isoformat()}",
                _("%(name)s 可以来取了", name=_("%(number)s 的复印件", number=loan.folder.file_number)),
                endpoint="loans.loan_page", about={"loan_id": loan.id}, at=at, actor=actor,
            )  # fmt: skip
