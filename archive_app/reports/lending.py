"""Rows of loans for every register: plain columns of one join, and what other tables know in batches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.approvals.models import ApprovalStep, Decision
from archive_app.core.i18n import _
from archive_app.loans import words
from archive_app.loans.flow import ACTIVE
from archive_app.loans.incident_rows import KINDS
from archive_app.loans.models import Copy, Loan
from archive_app.loans.rules import state_at
from archive_app.loans.sheets import number_of
from archive_app.people import rulebook
from archive_app.people.models import Department, User
from archive_app.policy.words import long_span
from archive_app.records.models import Document, Folder
from archive_app.reports.shape import Ask, Values

HANDED = (*ACTIVE, "returned", "lost")
Row = Any
_OF_LOAN = (
    "id", "kind", "purpose", "purpose_class", "object", "reason", "extent", "state", "clause", "approval",
    "requested_at", "approved_at", "handed_at", "handed_by", "due_at", "due_clause", "seat", "takes_folder",
    "overdue_at", "returned_at", "received_by", "extensions", "pages_out", "pages_back", "condition",
    "effect", "effect_note", "closed_reason",
)  # fmt: skip


def select(*more: Any) -> Any:
    """Loans joined with folder, borrower, department and copy, as named tuples."""
    return joined(
        Loan.select(
            *(getattr(Loan, name) for name in _OF_LOAN), Folder.id.alias("folder_id"), Folder.file_number,
            Folder.title, Folder.secrecy, User.id.alias("borrower_id"), User.name.alias("borrower"),
            User.phone, Department.name.alias("department"), Copy.serial.alias("copy_serial"),
            Copy.pages.alias("copy_pages"), *more,
        )
    ).namedtuples()  # fmt: skip


def joined(rows: Any) -> Any:
    """The same joins for a select of figures."""
    return (
        rows.join(Folder)
        .switch(Loan)
        .join(User, on=Loan.borrower)
        .join(Department, pw.JOIN.LEFT_OUTER, on=User.department)
        .switch(Loan)
        .join(Copy, pw.JOIN.LEFT_OUTER, on=Loan.copy)
    )


def narrowed(ask: Ask, moment: Any = Loan.handed_at) -> Any:
    """The condition of the filters on loans; ``moment`` is what the period is about."""
    wanted = ask.filters
    found = people_wanted(ask)
    begins, ends = wanted.span(ask.at)
    if begins:
        found &= moment >= begins
    if ends:
        found &= moment < ends
    if wanted.kind:
        found &= Loan.kind == wanted.kind
    return found


def people_wanted(ask: Ask) -> Any:
    """The condition of archive unit, department, person, level and folder."""
    # "+ 0": no index of folders fits better than that of the rows the register is about.
    wanted, found = ask.filters, Folder.unit + 0 == ask.unit
    if wanted.department:
        found &= User.department == wanted.department
    if wanted.person:
        found &= User.name.contains(wanted.person) | (User.username == wanted.person)
    if wanted.level:
        found &= Folder.secrecy == wanted.level
    if wanted.folder:
        found &= Folder.id == wanted.folder
    return found


def late_at(at: datetime) -> Any:
    """The condition for loans that are late now, or came back late, swept or not."""
    running = Loan.state.in_(ACTIVE) & (Loan.due_at < at)
    return running | Loan.overdue_at.is_null(False) | (Loan.returned_at > Loan.due_at)


def values(ask: Ask, rows: list[Row]) -> list[Values]:
    """All that the registers say of these loans; three queries however many they are."""
    withheld, kept = ask.sight.withheld(rows, ask.at), documents(row.folder_id for row in rows)
    approved = approvers(row.approval for row in rows if row.approval)
    levels = rulebook.current(ask.at, ask.unit).book.levels
    return [
        _of_loan(ask, row, levels, approved.get(row.approval, ""), kept.get(row.folder_id, (0, 0)))
        | titled(row, row.folder_id in withheld)
        for row in rows
    ]


def _of_loan(ask: Ask, row: Row, levels: Any, approved: str, kept: tuple[int, int]) -> Values:
    state, level = state_at(row.state, row.due_at, ask.at), levels.get(row.secrecy)
    items, pages = kept if row.takes_folder else (None, row.copy_pages)
    late = lateness(row, ask.at)
    return {
        "id": row.id, "loan_id": row.id, "folder_id": row.folder_id, "number": number_of(row),
        "file_number": row.file_number, "secrecy": level.name if level else row.secrecy,
        "classified": bool(level and level.rank), "rank": level.rank if level else 0, "level": row.secrecy,
        "copies": 1, "thing": thing(row), "items": items, "pages": pages, "size": size_words(items, pages),
        "kind": str(words.KINDS.get(row.kind, row.kind)), "borrower": row.borrower,
        "department": row.department or "", "phone": row.phone, "purpose_class": row.purpose_class,
        "seat": row.seat, "requested_at": row.requested_at, "approved_at": row.approved_at,
        "approved_by": approved, "clause": row.clause or row.due_clause, "handed_at": row.handed_at,
        "handed_by": row.handed_by, "due_at": row.due_at, "extensions": row.extensions or None,
        "returned_at": row.returned_at, "received_by": row.received_by, "state": str(words.STATES[state]),
        "code": state, "late": late is not None, "overdue": late, "overdue_words": late_words(late),
        "standing": late_words(late) or ("" if row.returned_at else str(words.STATES[state])),
        "pages_back": row.pages_back, "condition": _condition(row), "effect": row.effect,
        "extended_words": _("续借 %(n)s 次", n=row.extensions) if row.extensions else "",
    }  # fmt: skip


def titled(row: Row, withheld: bool) -> Values:
    """What tells of the content: withheld together with the title."""
    if withheld:
        said = dict.fromkeys(("purpose", "object", "reason", "extent", "effect_note"), "")
        return said | {"title": _("—（无权查看）"), "withheld": True}
    told = {name: getattr(row, name, "") for name in ("purpose", "object", "reason", "extent", "effect_note")}
    return told | {"title": row.title, "withheld": False}


def thing(row: Row) -> str:
    """Original or which photocopy."""
    if row.takes_folder:
        return _("原件")
    return _("影印件 %(n)s", n=row.copy_serial) if row.copy_serial else _("影印件")


def size_words(items: int | None, pages: int | None) -> str:
    """How much it is: ``3 件 12 页``, of a photocopy its pages; empty when nobody has counted."""
    if items:
        return _("%(n)s 件 %(p)s 页", n=items, p=pages)
    return _("%(n)s 页", n=pages) if pages else ""


def lateness(row: Row, at: datetime) -> Any:
    """By how much it is or was late, or None."""
    until = row.returned_at or (at if row.state in ACTIVE else None)
    return until - row.due_at if until and row.due_at and until > row.due_at else None


def late_words(late: Any) -> str:
    """``逾期 2 小时``, or empty."""
    return _("逾期 %(span)s", span=long_span(late)) if late is not None else ""


def _condition(row: Row) -> str:
    said = {"": "", "good": _("完好"), "damaged": str(KINDS["damage"])}
    return said.get(row.condition) or str(KINDS.get(row.condition, row.condition))


def documents(folders: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Documents and pages of each folder."""
    rows: Any = (
        Document.select(Document.folder, pw.fn.COUNT(Document.id), pw.fn.SUM(Document.pages))
        .where(Document.folder.in_(sorted(set(folders))) & Document.removed_at.is_null())
        .group_by(Document.folder)
    )
    return {folder: (int(count), int(pages or 0)) for folder, count, pages in rows.tuples()}


def approvers(approvals: Iterable[int]) -> dict[int, str]:
    """Who agreed to each approval, in order, a deputy with whom he stands for."""
    principal = User.alias()
    rows: Any = (
        Decision.select(ApprovalStep.approval, User.name, principal.name)
        .join(ApprovalStep)
        .switch(Decision)
        .join(User, on=Decision.user)
        .switch(Decision)
        .join(principal, pw.JOIN.LEFT_OUTER, on=(Decision.on_behalf_of == principal.id))
        .where(ApprovalStep.approval.in_(sorted(set(approvals))) & (Decision.verdict == "granted"))
        .order_by(ApprovalStep.approval, ApprovalStep.position, Decision.id)
    )
    found: dict[int, list[str]] = {}
    for approval, name, behalf in rows.tuples():
        said = _("%(a)s（代 %(b)s）", a=name, b=behalf) if behalf else name
        found.setdefault(approval, []).append(said)
    return {approval: _("、").join(dict.fromkeys(names)) for approval, names in found.items()}
