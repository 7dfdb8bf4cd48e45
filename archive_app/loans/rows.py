"""The select that every list of loans starts from, and the rows the verbs themselves need."""

from __future__ import annotations

from typing import Any

import peewee as pw

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.loans.flow import ACTIVE
from archive_app.loans.models import Loan
from archive_app.people.models import Department, User
from archive_app.records.models import Folder


def select() -> Any:
    """Loans with folder, borrower and department in one query."""
    return (
        Loan.select(Loan, Folder, User, Department)
        .join(Folder)
        .switch(Loan)
        .join(User, on=Loan.borrower)
        .join(Department, pw.JOIN.LEFT_OUTER)
    )


def get_loan(loan_id: int) -> Loan:
    """The loan with folder and borrower. Raises NotFound."""
    loan = select().where(Loan.id == loan_id).first()
    if loan is None:
        raise NotFound(_("没有这份借阅。"))
    return loan


def active_of_folder(folder_id: int) -> Loan | None:
    """The loan by which the folder is away now, or None."""
    away = Loan.state.in_(ACTIVE) & Loan.takes_folder
    return select().where((Loan.folder == folder_id) & away).first()


def in_room() -> list[Loan]:
    """Readers in the reading room by seat."""
    rows = select().where(Loan.state.in_(ACTIVE) & (Loan.seat != ""))
    return list(rows.order_by(Loan.seat, Loan.id))


def position_in_queue(folder_id: int) -> int:
    """The place in the row that a new request for the folder would take, 1 is next."""
    waiting = (Loan.folder == folder_id) & Loan.state.in_(("requested", "approved"))
    return int(Loan.select().where(waiting).count()) + 1
