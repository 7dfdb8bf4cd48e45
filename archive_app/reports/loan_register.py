"""借阅登记簿, 查阅登记 and 逾期: what was lent and read by the loan's own row (LOAN-06, LOAN-07, LOAN-14)."""

from __future__ import annotations

from typing import Any

import peewee as pw

from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans import words
from archive_app.loans.flow import ACTIVE
from archive_app.loans.models import Loan, RoomSession
from archive_app.notices.models import Notice
from archive_app.reports import lending
from archive_app.reports.shape import Ask, Column, Field, Figure, Listed, Register, Values

FOLDER = (
    Field("file_number", L("档号"), width=16), Field("title", L("题名"), width=40),
    Field("secrecy", L("密级"), width=8),
)  # fmt: skip
PERSON = (
    Field("borrower", L("借阅人"), width=12), Field("department", L("部门"), width=16),
    Field("phone", L("电话"), width=15),
)  # fmt: skip
WHY = (
    Field("purpose_class", L("目的类别"), width=12), Field("purpose", L("目的"), width=28),
    Field("object", L("对象"), width=16), Field("reason", L("理由"), width=28),
    Field("extent", L("范围"), width=16),
)  # fmt: skip
APPROVED = (
    Field("approved_by", L("批准人"), width=20), Field("approved_at", L("批准时间"), "moment", 17),
    Field("clause", L("依据条款"), width=26),
)  # fmt: skip
OUT = (
    Field("handed_at", L("借出时间"), "moment", 17), Field("handed_by", L("经手人"), width=10),
    Field("due_at", L("应还时间"), "moment", 17), Field("extensions", L("续借次数"), "number", 9),
)  # fmt: skip
BACK = (
    Field("returned_at", L("归还（注销）时间"), "moment", 17), Field("received_by", L("接收人"), width=10),
    Field("pages_back", L("清点页数"), "number", 9), Field("condition", L("完好"), width=8),
    Field("state", L("状态"), width=9), Field("overdue", L("逾期小时"), "span", 10),
)  # fmt: skip
EFFECT = (Field("effect", L("利用效果"), width=14), Field("effect_note", L("效果说明"), width=28))
HIDDEN = (
    Field("overdue_words", L("逾期"), "words"), Field("extended_words", L("续借"), "words"),
    Field("size", L("件页"), "words"), Field("standing", L("状态"), "words"),
)  # fmt: skip
"""Fields that only stand on screen and paper, made of others."""
REMINDED = ("loan.due", "loan.overdue")
STATES = {
    "away": L("未还"), "returned": L("已归还"), "late": L("逾期过"), "lost": L("丢失"),
}  # fmt: skip


def _state(ask: Ask) -> Any:
    said: dict[str, Any] = {
        "away": Loan.state.in_(ACTIVE),
        "returned": Loan.state == "returned",
        "late": lending.late_at(ask.at),
        "lost": Loan.state == "lost",
    }
    return said.get(ask.filters.state, Loan.state.in_(lending.HANDED))


def _handed(ask: Ask) -> Any:
    return (
        Loan.handed_at.is_null(False) & Loan.state.in_(lending.HANDED) & _state(ask) & lending.narrowed(ask)
    )


def _figures(condition: Any, ask: Ask) -> list[Figure]:
    def times(wanted: Any) -> Any:
        return pw.fn.SUM(pw.Case(None, [(wanted, 1)], 0))

    late = Loan.state.in_(ACTIVE) & (Loan.due_at < ask.at)
    rows = Loan.select(
        pw.fn.COUNT(Loan.id), pw.fn.COUNT(pw.fn.DISTINCT(Loan.borrower)),
        pw.fn.COUNT(pw.fn.DISTINCT(Loan.folder)), times(Loan.state.in_(ACTIVE)), times(late),
        times(lending.late_at(ask.at)),
    )  # fmt: skip
    found = [int(n or 0) for n in lending.joined(rows).where(condition).tuples().get()]
    names = (_("份次"), _("人"), _("份档案"), _("未还"), _("现在逾期"), _("逾期过"))
    return [
        Figure(name, n, stop=at == 4 and n > 0) for at, (name, n) in enumerate(zip(names, found, strict=True))
    ]


LOANS = Register(
    "loans", L("借阅登记簿"), L("借出的每一份：名称、份数、时间、理由、经手，归还时注销"), "journal-text",
    (
        Field("number", L("借阅单号"), width=15), *FOLDER, Field("thing", L("借出物"), width=10),
        Field("copies", L("份数"), "number", 6), Field("items", L("件数"), "number", 6),
        Field("pages", L("页数"), "number", 6), Field("kind", L("方式"), width=7), *PERSON, *WHY, *APPROVED,
        *OUT, *BACK, *EFFECT, *HIDDEN,
    ),
    (
        Column(L("单号"), 25, ("number", "kind")),
        Column(L("档案"), 50, ("file_number", "secrecy", "title"), wide=True),
        Column(L("份数"), 16, ("copies", "size"), phone=False, right=True),
        Column(L("借阅人"), 22, ("borrower", "department")),
        Column(L("目的、理由"), 34, ("purpose", "reason"), phone=False),
        Column(L("批准、依据"), 32, ("approved_by", "clause"), phone=False),
        Column(L("借出"), 22, ("handed_at", "handed_by"), phone=False),
        Column(L("应还"), 22, ("due_at", "extended_words")),
        Column(L("归还（注销）"), 24, ("returned_at", "received_by", "standing")),
    ),
    Listed(lambda ask: lending.select(Loan.handed_at.alias("moment")).where(_handed(ask)), Loan.handed_at,
           Loan.id, lending.values),
    lambda ask: _figures(_handed(ask), ask), words.KINDS, STATES,
)  # fmt: skip


# 查阅登记

READ = ("consult", "excerpt")


def _read(ask: Ask) -> Any:
    return _handed(ask) & (Loan.kind.in_(READ) | (Loan.seat != ""))


def _read_values(ask: Ask, rows: list[Any]) -> list[Values]:
    stays = _stays(rows)
    found = lending.values(ask, rows)
    for row, values in zip(rows, found, strict=True):
        stay = next((each for each in stays.get(row.borrower_id, ()) if _during(each, row)), None)
        values["seat"] = row.seat or (stay.seat if stay else "")
        values["came_at"] = stay.signed_in_at if stay else None
        values["left_at"] = stay.signed_out_at if stay else None
        values["use"] = _("·").join(part for part in (values["effect"], values["effect_note"]) if part)
    return found


def _stays(rows: list[Any]) -> dict[int, list[Any]]:
    """The sessions of these readers in the room that may have begun before they had these folders."""
    if not rows:
        return {}
    last = max(row.handed_at for row in rows)
    first = min(row.handed_at for row in rows)
    open_or_after = RoomSession.signed_out_at.is_null() | (RoomSession.signed_out_at >= first)
    wanted = RoomSession.reader.in_({row.borrower_id for row in rows}) & open_or_after
    wanted &= RoomSession.signed_in_at <= last
    found: dict[int, list[Any]] = {}
    for stay in RoomSession.select().where(wanted).order_by(RoomSession.id.desc()):
        found.setdefault(stay.reader_id, []).append(stay)
    return found


def _during(stay: Any, row: Any) -> bool:
    return stay.signed_in_at <= row.handed_at and (
        stay.signed_out_at is None or row.handed_at <= stay.signed_out_at
    )


CONSULTS = Register(
    "consults", L("查阅登记"), L("谁为什么看了什么，坐在哪里，用在何处"), "book",
    (
        Field("number", L("借阅单号"), width=15), *FOLDER, *PERSON, Field("kind", L("方式"), width=7), *WHY,
        *APPROVED, Field("seat", L("座位"), width=7), Field("came_at", L("入室时间"), "moment", 17),
        Field("left_at", L("离室时间"), "moment", 17), Field("handed_at", L("取阅时间"), "moment", 17),
        Field("handed_by", L("经手人"), width=10), *BACK, *EFFECT, *HIDDEN,
        Field("use", L("用途、效果"), "words"),
    ),
    (
        Column(L("单号"), 25, ("number", "kind")),
        Column(L("档案"), 54, ("file_number", "secrecy", "title"), wide=True),
        Column(L("查阅人"), 24, ("borrower", "department")),
        Column(L("查阅目的"), 38, ("purpose_class", "purpose", "object"), phone=False),
        Column(L("用途、效果"), 30, ("use",), phone=False),
        Column(L("座位"), 14, ("seat",)),
        Column(L("取阅"), 24, ("handed_at", "handed_by")),
        Column(L("归还"), 38, ("returned_at", "received_by", "condition", "standing")),
    ),
    Listed(lambda ask: lending.select(Loan.handed_at.alias("moment")).where(_read(ask)), Loan.handed_at,
           Loan.id, _read_values),
    lambda ask: _figures(_read(ask), ask), {kind: words.KINDS[kind] for kind in READ}, STATES,
)  # fmt: skip


# 逾期


def _overdue(ask: Ask) -> Any:
    state = (
        (Loan.state == "returned") & ((Loan.returned_at > Loan.due_at) | Loan.overdue_at.is_null(False))
        if ask.filters.state == "returned"
        else Loan.state.in_(ACTIVE) & (Loan.due_at < ask.at)
    )
    return state & lending.narrowed(ask, Loan.due_at)


def _overdue_values(ask: Ask, rows: list[Any]) -> list[Values]:
    told = _reminders(rows)
    found = lending.values(ask, rows)
    for values in found:
        values["reminded"] = told.get(values["id"], 0)
        values["reminded_words"] = _("已催 %(n)s 次", n=values["reminded"])
    return found


def _reminders(rows: list[Any]) -> dict[int, int]:
    """How often each borrower was told, at and after the due time; the key of a notice names its loan."""
    loans, who = {str(row.id) for row in rows}, {row.borrower_id for row in rows}
    told: Any = Notice.select(Notice.key).where(Notice.user.in_(who) & Notice.code.in_(REMINDED))
    times: dict[int, int] = {}
    for (key,) in told.tuples():
        if (loan := key.split(":")[1]) in loans:
            times[int(loan)] = times.get(int(loan), 0) + 1
    return times


def _overdue_figures(ask: Ask) -> list[Figure]:
    found = _figures(_overdue(ask), ask)
    return [Figure(each.text, each.n, each.n > 0) for each in found[:3]]


OVERDUE = Register(
    "overdue", L("逾期"), L("过了应还时间：多久了，催了几次，打哪个电话"), "exclamation-triangle",
    (
        Field("number", L("借阅单号"), width=15), *FOLDER, Field("thing", L("借出物"), width=10),
        Field("kind", L("方式"), width=7), *PERSON, *OUT, *BACK,
        Field("reminded", L("催还次数"), "number", 9),
        *HIDDEN, Field("reminded_words", L("催还"), "words"),
    ),
    (
        Column(L("单号"), 26, ("number", "kind")),
        Column(L("档案"), 62, ("file_number", "secrecy", "title"), wide=True),
        Column(L("借阅人"), 30, ("borrower", "department")),
        Column(L("电话"), 27, ("phone",)),
        Column(L("借出"), 26, ("handed_at", "handed_by"), phone=False),
        Column(L("应还"), 26, ("due_at", "extended_words")),
        Column(L("逾期"), 28, ("overdue_words", "reminded_words")),
        Column(L("归还"), 22, ("returned_at", "received_by"), phone=False),
    ),
    Listed(lambda ask: lending.select(Loan.due_at.alias("moment")).where(_overdue(ask)), Loan.due_at, Loan.id,
           _overdue_values, newest_first=False),
    _overdue_figures, words.KINDS, {"returned": L("已归还的")}, any_state=L("还没有还"),
)  # fmt: skip
