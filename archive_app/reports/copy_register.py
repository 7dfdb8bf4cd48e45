"""影印登记: every photocopy, who asked and who agreed, where it is, given back or destroyed (LOAN-11)."""

from __future__ import annotations

from typing import Any

import peewee as pw

from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans.copy_rows import STATES
from archive_app.loans.flow import ACTIVE
from archive_app.loans.models import Copy, Loan
from archive_app.loans.sheets import number_of
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.models import Department, User
from archive_app.records.models import Folder
from archive_app.reports import lending
from archive_app.reports.shape import Ask, Column, Field, Figure, Listed, Register, Values

KINDS = {"kept": L("备存出借"), "once": L("一次使用")}


def _wanted(ask: Ask) -> Any:
    wanted, found = ask.filters, Folder.unit + 0 == ask.unit  # "+ 0": see lending.people_wanted
    begins, ends = wanted.span(ask.at)
    if begins:
        found &= Copy.made_at >= begins
    if ends:
        found &= Copy.made_at < ends
    if wanted.level:
        found &= Folder.secrecy == wanted.level
    if wanted.folder:
        found &= Folder.id == wanted.folder
    if wanted.state:
        found &= Copy.state == wanted.state
    if wanted.kind:
        found &= Copy.kept if wanted.kind == "kept" else ~Copy.kept
    if wanted.department or wanted.person:
        found &= Copy.id.in_(_borrowed_by(ask))
    return found


def _borrowed_by(ask: Ask) -> Any:
    by = Loan.select(Loan.copy).join(User, on=Loan.borrower).where(Loan.copy.is_null(False))
    if ask.filters.department:
        by = by.where(User.department == ask.filters.department)
    if ask.filters.person:
        by = by.where(User.name.contains(ask.filters.person) | (User.username == ask.filters.person))
    return by


def _query(ask: Ask) -> Any:
    return (
        Copy.select(
            Copy.id, Copy.made_at.alias("moment"), Copy.serial, Copy.kept, Copy.extent, Copy.pages,
            Copy.state, Copy.made_by, Copy.made_at, Copy.remark, Copy.ended_by, Copy.ended_at,
            Folder.id.alias("folder_id"),
            Folder.file_number, Folder.title, Folder.secrecy,
        )
        .join(Folder)
        .where(_wanted(ask))
        .namedtuples()
    )  # fmt: skip


def _values(ask: Ask, rows: list[Any]) -> list[Values]:
    withheld, names, loans = ask.sight.withheld(rows, ask.at), people.names(), _loans(rows)
    approved = lending.approvers(loan.approval for of in loans.values() for loan in of if loan.approval)
    levels = rulebook.current(ask.at, ask.unit).book.levels
    return [
        _of_copy(ask, row, loans.get(row.id, []), approved, levels.get(row.secrecy), names)
        | lending.titled(row, row.folder_id in withheld)
        for row in rows
    ]


def _loans(rows: list[Any]) -> dict[int, list[Any]]:
    """The loans of each copy, newest first."""
    found: dict[int, list[Any]] = {}
    wanted: Any = (
        Loan.select(
            Loan.id, Loan.copy, Loan.state, Loan.approval, Loan.purpose, Loan.requested_at, Loan.handed_at,
            Loan.due_at, Loan.returned_at, Loan.received_by, Loan.pages_back,
            Loan.borrower.alias("borrower_id"),
            User.name.alias("borrower"), Department.name.alias("department"),
        )
        .join(User, on=Loan.borrower)
        .join(Department, pw.JOIN.LEFT_OUTER, on=User.department)
        .where(Loan.copy.in_([row.id for row in rows]))
        .order_by(Loan.id.desc())
    )  # fmt: skip
    for loan in wanted.namedtuples():
        found.setdefault(loan.copy, []).append(loan)
    return found


def _of_copy(
    ask: Ask, row: Any, loans: list[Any], approved: dict[int, str], level: Any, names: dict[str, str]
) -> Values:
    last = loans[0] if loans else None
    late = bool(last and last.state in ACTIVE and last.due_at and last.due_at < ask.at)
    handed = [loan for loan in loans if loan.handed_at]
    return {
        "id": row.id, "copy_id": row.id, "folder_id": row.folder_id, "file_number": row.file_number,
        "secrecy": level.name if level else row.secrecy, "classified": bool(level and level.rank),
        "rank": level.rank if level else 0, "level": row.secrecy, "name": _("影印件 %(n)s", n=row.serial),
        "kind": str(KINDS["kept" if row.kept else "once"]), "extent_made": row.extent, "pages": row.pages,
        "pages_words": _("%(n)s 页", n=row.pages), "made_at": row.made_at,
        "made_by": names.get(row.made_by, row.made_by), "number": number_of(last) if last else "",
        "borrower": last.borrower if last else "", "department": (last.department or "") if last else "",
        "approved_by": approved.get(last.approval, "") if last else "",
        "handed_at": last.handed_at if last else None, "due_at": last.due_at if last else None,
        "returned_at": last.returned_at if last else None, "received_by": last.received_by if last else "",
        "pages_back": last.pages_back if last else None, "times": len(handed),
        "state": str(STATES[row.state]), "where": _where(row, last), "late": late,
        "ended_at": row.ended_at, "ended_by": names.get(row.ended_by, row.ended_by), "remark": row.remark,
    }  # fmt: skip


def _where(row: Any, last: Any) -> str:
    if row.state == "lent" and last:
        return _("在%(who)s处", who=last.borrower)
    return _("在档案室") if row.state == "kept" else str(STATES[row.state])


def _figures(ask: Ask) -> list[Figure]:
    states = ("kept", "lent", "destroyed", "lost")
    sums = [pw.fn.SUM(pw.Case(None, [(Copy.state == state, 1)], 0)) for state in states]
    rows = Copy.select(pw.fn.COUNT(Copy.id), pw.fn.SUM(Copy.pages), *sums).join(Folder).where(_wanted(ask))
    names = (_("份影印件"), _("页"), _("在档案室"), _("借出"), _("已销毁"), _("丢失"))
    return [Figure(name, int(n or 0)) for name, n in zip(names, rows.tuples().get(), strict=True)]


COPIES = Register(
    "copies", L("影印登记"), L("每一份影印件：谁要的，谁批的，现在在哪里，还了还是销毁了"), "copy",
    (
        Field("file_number", L("档号"), width=16), Field("name", L("影印件"), width=11),
        Field("title", L("题名"), width=40), Field("secrecy", L("密级"), width=8),
        Field("kind", L("用途"), width=10), Field("extent_made", L("影印内容"), width=20),
        Field("pages", L("页数"), "number", 6), Field("made_at", L("影印时间"), "moment", 17),
        Field("made_by", L("影印经手"), width=10), Field("number", L("借阅单号"), width=15),
        Field("borrower", L("领取人"), width=12), Field("department", L("部门"), width=16),
        Field("approved_by", L("批准人"), width=20), Field("handed_at", L("领取时间"), "moment", 17),
        Field("due_at", L("应还时间"), "moment", 17),
        Field("returned_at", L("归还（注销）时间"), "moment", 17),
        Field("received_by", L("接收人"), width=10), Field("pages_back", L("核对页数"), "number", 9),
        Field("times", L("借出次数"), "number", 9), Field("where", L("现在何处"), width=16),
        Field("state", L("状态"), width=8), Field("ended_at", L("销毁或丢失时间"), "moment", 17),
        Field("ended_by", L("经手"), width=10), Field("remark", L("备注"), width=28),
        Field("pages_words", L("页"), "words"),
    ),
    (
        Column(L("影印件"), 52, ("file_number", "name", "title"), wide=True),
        Column(L("内容"), 30, ("extent_made", "pages_words", "kind"), phone=False),
        Column(L("影印"), 24, ("made_at", "made_by"), phone=False),
        Column(L("领取人"), 27, ("borrower", "department", "number")),
        Column(L("批准"), 22, ("approved_by",), phone=False),
        Column(L("领取、应还"), 24, ("handed_at", "due_at")),
        Column(L("归还（注销）"), 24, ("returned_at", "received_by"), phone=False),
        Column(L("现在何处"), 20, ("where",)),
        Column(L("销毁"), 24, ("ended_at", "ended_by"), phone=False),
    ),
    Listed(_query, Copy.made_at, Copy.id, _values), _figures, KINDS, STATES,
)  # fmt: skip
