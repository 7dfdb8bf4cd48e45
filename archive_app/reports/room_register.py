"""阅览室登记: who sat where, from when to when, and what he had on the table (LOAN-14, SEC-19)."""

from __future__ import annotations

from typing import Any

import peewee as pw

from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans.models import Loan, RoomSession
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.models import Department, User
from archive_app.records.models import Folder
from archive_app.reports.lending import HANDED
from archive_app.reports.shape import Ask, Column, Field, Figure, Listed, Register, Values

STATES = {"present": L("还在室内"), "left": L("已离室")}


def _wanted(ask: Ask) -> Any:
    wanted, found = ask.filters, RoomSession.id > 0
    begins, ends = wanted.span(ask.at)
    if begins:
        found &= RoomSession.signed_in_at >= begins
    if ends:
        found &= RoomSession.signed_in_at < ends
    if wanted.department:
        found &= User.department == wanted.department
    if wanted.person:
        found &= User.name.contains(wanted.person) | (User.username == wanted.person)
    if wanted.state:
        found &= RoomSession.signed_out_at.is_null(wanted.state == "present")
    return found


def _query(ask: Ask) -> Any:
    rows = RoomSession.select(
        RoomSession.id, RoomSession.signed_in_at.alias("moment"), RoomSession.seat, RoomSession.signed_in_at,
        RoomSession.signed_in_by, RoomSession.ends_at, RoomSession.signed_out_at, RoomSession.signed_out_by,
        RoomSession.remark, User.id.alias("reader_id"), User.name.alias("borrower"), User.phone,
        Department.name.alias("department"),
    )  # fmt: skip
    return _joined(rows).where(_wanted(ask)).namedtuples()


def _joined(rows: Any) -> Any:
    return rows.join(User).join(Department, pw.JOIN.LEFT_OUTER)


def _values(ask: Ask, rows: list[Any]) -> list[Values]:
    names, read = people.names(), _on_the_table(ask, rows)
    return [
        {
            "id": row.id, "seat": row.seat, "borrower": row.borrower, "department": row.department or "",
            "phone": row.phone, "came_at": row.signed_in_at, "left_at": row.signed_out_at,
            "signed_in_by": names.get(row.signed_in_by, row.signed_in_by),
            "signed_out_by": names.get(row.signed_out_by, row.signed_out_by), "ends_at": row.ends_at,
            "count": len(read.get(row.id, ())), "remark": row.remark,
            "read": _("、").join(number for number, _secret in read.get(row.id, ())),
            "classified_numbers": [number for number, secret in read.get(row.id, ()) if secret],
            "late": row.signed_out_at is None and row.ends_at < ask.at,
            "state": str(STATES["left" if row.signed_out_at else "present"]),
        }
        for row in rows
    ]  # fmt: skip


def _on_the_table(ask: Ask, rows: list[Any]) -> dict[int, list[tuple[str, bool]]]:
    """The file numbers that each reader had during each session, with whether they are classified."""
    if not rows:
        return {}
    levels = rulebook.current(ask.at, ask.unit).book.levels
    loans: Any = (
        Loan.select(Loan.session, Folder.file_number, Folder.secrecy)
        .join(Folder)
        .where(
            Loan.session.in_([row.id for row in rows]) & Loan.state.in_(HANDED) & (Folder.unit == ask.unit)
        )
        .order_by(Loan.handed_at, Loan.id)
    )
    had: dict[int, list[tuple[str, bool]]] = {}
    for session, number, level in loans.tuples():
        had.setdefault(session, []).append((number, bool(levels[level].rank if level in levels else 0)))
    return had


def _figures(ask: Ask) -> list[Figure]:
    here = pw.fn.SUM(pw.Case(None, [(RoomSession.signed_out_at.is_null(), 1)], 0))
    rows = RoomSession.select(
        pw.fn.COUNT(RoomSession.id), pw.fn.COUNT(pw.fn.DISTINCT(RoomSession.reader)), here
    )
    counts = _joined(rows).where(_wanted(ask)).tuples().get()
    return [
        Figure(name, int(n or 0)) for name, n in zip((_("人次"), _("人"), _("还在室内")), counts, strict=True)
    ]


SESSIONS = Register(
    "sessions", L("阅览室登记"), L("谁坐在哪里，从几时到几时，桌上有什么"), "door-open",
    (
        Field("seat", L("座位"), width=8), Field("borrower", L("读者"), width=12),
        Field("department", L("部门"), width=16), Field("phone", L("电话"), width=15),
        Field("came_at", L("入室时间"), "moment", 17), Field("signed_in_by", L("登记人"), width=10),
        Field("left_at", L("离室时间"), "moment", 17), Field("signed_out_by", L("离室经手"), width=10),
        Field("count", L("份数"), "number", 6), Field("read", L("看了什么（档号）"), width=50),
        Field("state", L("状态"), width=9), Field("remark", L("备注"), width=24),
    ),
    (
        Column(L("读者"), 34, ("borrower", "department")),
        Column(L("座位"), 18, ("seat",)),
        Column(L("入室"), 28, ("came_at", "signed_in_by")),
        Column(L("离室"), 28, ("left_at", "signed_out_by")),
        Column(L("看了什么"), 89, ("read",), wide=True),
        Column(L("份数"), 12, ("count",), phone=False, right=True),
        Column(L("备注"), 38, ("state", "remark"), phone=False),
    ),
    Listed(_query, RoomSession.signed_in_at, RoomSession.id, _values), _figures, states=STATES,
    by_level=False,
)  # fmt: skip
