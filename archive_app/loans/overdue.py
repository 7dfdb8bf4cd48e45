"""The overdue mark: the clock sets it, and so does a reader who walks off with a folder."""

from __future__ import annotations

from datetime import datetime

from archive_app.core.errors import Refused
from archive_app.core.work import Work, work
from archive_app.loans import rows, rules
from archive_app.loans.flow import LOAN
from archive_app.loans.judge import audit_facts
from archive_app.loans.models import Loan
from archive_app.people.actor import system


def mark_overdue(at: datetime) -> int:
    """Mark every running loan whose due time has passed; return how many (LOAN-01: the clock decides)."""
    late = (Loan.state.in_(rules.RUNNING)) & (Loan.due_at < at)
    marked = 0
    for found in Loan.select(Loan.id).where(late).order_by(Loan.id):
        try:
            with work(system(), at) as w:
                mark(w, rows.get_loan(found.id), at)
            marked += 1
        except Refused:
            continue  # given back in this very moment
    return marked


def mark(w: Work, loan: Loan, at: datetime) -> None:
    """Set the mark on one running loan. Raises Refused: wrong_state."""
    LOAN.fire(loan, "mark_overdue", overdue_at=at)
    borrower, due = loan.borrower.username, loan.due_at.isoformat()
    w.note("loan.overdue", loan, borrower=borrower, due=due, **audit_facts(loan))


def mark_if_late(w: Work, loan: Loan, at: datetime) -> None:
    """Set the mark when the due time has passed and no sweep has said so yet."""
    if loan.state in rules.RUNNING and rules.state_at(loan.state, loan.due_at, at) == "overdue":
        mark(w, loan, at)
