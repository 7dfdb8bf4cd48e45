"""去向列表: originals and photocopies that are out and where, as of a moment (LOAN-12, REP-01)."""

from __future__ import annotations

from typing import Any

import peewee as pw

from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans import words
from archive_app.loans.flow import ACTIVE
from archive_app.loans.models import Incident, Loan
from archive_app.records.models import CustodyEvent
from archive_app.reports import lending
from archive_app.reports.loan_register import FOLDER, HIDDEN, PERSON
from archive_app.reports.shape import Ask, Column, Field, Figure, Listed, Register, Values

# What was drawn to be copied has not been handed over: then it is the original that is away.
ORIGINAL = Loan.takes_folder | Loan.handed_at.is_null()
THINGS = {"original": L("原件"), "copy": L("影印件")}
SINCE = pw.fn.COALESCE(Loan.due_at, Loan.approved_at, Loan.requested_at)
"""The list begins with what is due first; an original that is being copied has no due time of its own."""


def _out(ask: Ask) -> Any:
    """Away at the moment: handed over before and not back, lost and not settled, or drawn to be copied."""
    settled = Incident.select(Incident.loan).where(
        (Incident.state == "settled") & Incident.loan.is_null(False)
    )
    ways = (
        Loan.state.in_(ACTIVE),
        Loan.returned_at > ask.at,
        (Loan.state == "lost") & Loan.id.not_in(settled),
        _drawn(ask),
    )
    # One select for each way of being away, so that each finds its index however many loans there were.
    first, *more = (Loan.select(Loan.id).where(way) for way in ways)
    away: Any = first
    for each in more:
        away = away.union_all(each)
    handed = Loan.handed_at.is_null() | (Loan.handed_at <= ask.at)
    found = Loan.id.in_(away) & handed & lending.people_wanted(ask)
    if ask.filters.kind:
        found &= Loan.kind == ask.filters.kind
    if ask.filters.state:
        found &= ORIGINAL if ask.filters.state == "original" else ~ORIGINAL
    return found


def _drawn(ask: Ask) -> Any:
    """The original is out to be copied for this loan: its newest custody says so (LOAN-11)."""
    later = CustodyEvent.alias()
    newer = later.select(later.id).where(
        (later.folder == CustodyEvent.folder) & (later.id > CustodyEvent.id) & (later.at <= ask.at)
    )
    drawn = CustodyEvent.select(CustodyEvent.id).where(
        (CustodyEvent.folder == Loan.folder) & (CustodyEvent.loan == Loan.id)
        & (CustodyEvent.custody == "lent") & (CustodyEvent.at <= ask.at) & ~pw.fn.EXISTS(newer)
    )  # fmt: skip
    waiting = Loan.state.in_(("approved", "withdrawn", "expired")) & Loan.handed_at.is_null()
    return waiting & (Loan.kind == "photocopy") & Loan.copy.is_null(False) & pw.fn.EXISTS(drawn)


def _values(ask: Ask, rows: list[Any]) -> list[Values]:
    found = lending.values(ask, rows)
    for row, values in zip(rows, found, strict=True):
        late = row.due_at is not None and row.due_at < ask.at
        drawn = row.handed_at is None
        values["late"] = late
        values["overdue"] = ask.at - row.due_at if late else None
        values["overdue_words"] = lending.late_words(values["overdue"])
        values["thing"] = _("原件") if drawn else values["thing"]
        values["where"] = _where(row, drawn)
    return found


def _where(row: Any, drawn: bool) -> str:
    if row.state == "lost":
        return _("丢失")
    if drawn:
        return _("取去影印")
    return _("阅览室 %(seat)s", seat=row.seat) if row.seat else _("在%(who)s处", who=row.borrower)


def _figures(ask: Ask) -> list[Figure]:
    def times(wanted: Any) -> Any:
        return pw.fn.SUM(pw.Case(None, [(wanted, 1)], 0))

    late = Loan.due_at < ask.at
    rows = Loan.select(
        pw.fn.COUNT(Loan.id), times(ORIGINAL), times(~ORIGINAL),
        pw.fn.COUNT(pw.fn.DISTINCT(Loan.borrower)), times(late),
    )  # fmt: skip
    found = [int(n or 0) for n in lending.joined(rows).where(_out(ask)).tuples().get()]
    names = (_("份在外"), _("原件"), _("影印件"), _("人"), _("逾期"))
    return [
        Figure(name, n, stop=at == 4 and n > 0) for at, (name, n) in enumerate(zip(names, found, strict=True))
    ]


OUTSTANDING = Register(
    "outstanding", L("去向列表"), L("借出未归还的原件和影印件，现在在谁手里"), "signpost-split",
    (
        Field("thing", L("原件或影印件"), width=13), *FOLDER, Field("kind", L("方式"), width=7),
        Field("where", L("去向"), width=16), *PERSON, Field("number", L("借阅单号"), width=15),
        Field("handed_at", L("借出时间"), "moment", 17), Field("handed_by", L("经手人"), width=10),
        Field("due_at", L("应还时间"), "moment", 17), Field("overdue", L("逾期小时"), "span", 10),
        Field("purpose", L("目的"), width=28), Field("approved_by", L("批准人"), width=20), *HIDDEN,
    ),
    (
        Column(L("档案"), 64, ("file_number", "secrecy", "title"), wide=True),
        Column(L("原件或影印件"), 24, ("thing", "kind")),
        Column(L("去向"), 32, ("where",)),
        Column(L("借阅人"), 34, ("borrower", "department", "phone"), phone=False),
        Column(L("单号、批准"), 37, ("number", "approved_by"), phone=False),
        Column(L("借出"), 28, ("handed_at", "handed_by"), phone=False),
        Column(L("应还"), 28, ("due_at", "overdue_words")),
    ),
    Listed(lambda ask: lending.select(SINCE.alias("moment")).where(_out(ask)), SINCE, Loan.id, _values,
           newest_first=False),
    _figures, words.KINDS, THINGS, by_period=False,
)  # fmt: skip
