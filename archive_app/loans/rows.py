"""The select that every list of loans starts from, and the rows the verbs themselves need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.loans.flow import ACTIVE
from archive_app.loans.models import Loan
from archive_app.loans.rules import WAITING
from archive_app.people.actor import Actor
from archive_app.people.models import Department, User
from archive_app.records.models import Folder
from archive_app.records.queries import among, with_names


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
    """The loan with folder, borrower and the departments of both. Raises NotFound."""
    made_in: Any = Department.alias()
    whole = select().select_extend(made_in).switch(Folder)
    whole = whole.join(made_in, pw.JOIN.LEFT_OUTER, on=(Folder.department == made_in.id), attr="department")
    loan = whole.where(Loan.id == loan_id).first()
    if loan is None:
        raise NotFound(_("没有这份借阅。"))
    return loan


def active_of_folder(folder_id: int) -> Loan | None:
    """The loan by which the folder is away now, or None."""
    away = Loan.state.in_(ACTIVE) & Loan.takes_folder
    return select().where((Loan.folder == folder_id) & away).first()


def away(folder_id: int) -> Loan | None:
    """The same with its id and due time only: whether the folder is away is asked at every scan."""
    here = (Loan.folder == folder_id) & Loan.state.in_(ACTIVE) & Loan.takes_folder
    return Loan.select(Loan.id, Loan.due_at).where(here).first()


def claims(folder_id: int) -> list[Loan]:
    """Who has the folder and for whom it may go out next, without names: one look for both."""
    columns = (Loan.id, Loan.state, Loan.borrower, Loan.takes_folder)
    open_ = Loan.state.in_(("approved", *ACTIVE))
    return list(Loan.select(*columns).where((Loan.folder == folder_id) & open_))


def lying() -> dict[str, int]:
    """Whose folders lie on each seat: the borrower's id by seat."""
    here = Loan.state.in_(ACTIVE) & (Loan.seat != "")
    rows: Any = Loan.select(Loan.seat, Loan.borrower).where(here).order_by(Loan.seat, Loan.id)
    return dict(rows.tuples())


def in_room() -> list[Loan]:
    """Readers in the reading room by seat."""
    rows = select().where(Loan.state.in_(ACTIVE) & (Loan.seat != ""))
    return list(rows.order_by(Loan.seat, Loan.id))


def known_folders(actor: Actor, folder_ids: Sequence[int], at: datetime) -> list[Folder]:
    """The folders with these ids in the order given, in one query. Raises NotFound: one is not known."""
    wanted = list(dict.fromkeys(folder_ids))
    rows = with_names().where(among(wanted, actor, at))
    found = {row.id: row for row in rows}
    if len(found) < len(wanted):
        raise NotFound(_("没有这份档案，或不在可查范围内。"))
    return [found[key] for key in wanted]


def active_of_folders(folder_ids: Sequence[int]) -> dict[int, Loan]:
    """The loan by which each folder is away now, by folder id, in one query."""
    away = Loan.state.in_(ACTIVE) & Loan.takes_folder
    return {loan.folder_id: loan for loan in select().where(Loan.folder.in_(list(folder_ids)) & away)}


def waiting_counts(folder_ids: Sequence[int]) -> dict[int, int]:
    """How many requests wait for each folder, in one query."""
    waiting = Loan.folder.in_(list(folder_ids)) & Loan.state.in_(WAITING)
    rows: Any = Loan.select(Loan.folder, pw.fn.COUNT(Loan.id)).where(waiting).group_by(Loan.folder)
    return dict(rows.tuples())


def position_in_queue(folder_id: int) -> int:
    """The place in the row that a new request for the folder would take, 1 is next."""
    return waiting_counts([folder_id]).get(folder_id, 0) + 1
