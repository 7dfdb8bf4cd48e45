"""处罚上报: reported offences with the amounts of the table; never collected here (AUD-02 … AUD-05)."""

from __future__ import annotations

from typing import Any

import peewee as pw

from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans import penalties
from archive_app.loans.incident_rows import KINDS, STATES, number_of
from archive_app.loans.models import Copy, Incident
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.models import Department, User
from archive_app.policy import Rule, RuleBook
from archive_app.policy.words import OFFENCE
from archive_app.records.models import Folder
from archive_app.reports import lending
from archive_app.reports.shape import Ask, Column, Field, Figure, Listed, Register, Values


def _wanted(ask: Ask) -> Any:
    wanted = ask.filters
    found = lending.people_wanted(ask)
    begins, ends = wanted.span(ask.at)
    if begins:
        found &= Incident.reported_at >= begins
    if ends:
        found &= Incident.reported_at < ends
    if wanted.kind:
        found &= Incident.kind == wanted.kind
    if wanted.state:
        found &= Incident.state == wanted.state
    return found


def _joined(rows: Any) -> Any:
    return (
        rows.join(Folder)
        .switch(Incident)
        .join(User, pw.JOIN.LEFT_OUTER, on=(Incident.person == User.id))
        .join(Department, pw.JOIN.LEFT_OUTER, on=(User.department == Department.id))
        .switch(Incident)
        .join(Copy, pw.JOIN.LEFT_OUTER, on=(Incident.copy == Copy.id))
    )


def _query(ask: Ask) -> Any:
    rows = Incident.select(
        Incident.id, Incident.reported_at.alias("moment"), Incident.kind, Incident.pages, Incident.facts,
        Incident.state, Incident.approval, Incident.rule_book, Incident.clause, Incident.penalty,
        Incident.reported_by, Incident.reported_at, Incident.settlement, Incident.settled_by,
        Incident.settled_at, Folder.id.alias("folder_id"), Folder.file_number, Folder.title, Folder.secrecy,
        User.name.alias("borrower"), Department.name.alias("department"), Copy.serial.alias("copy_serial"),
    )  # fmt: skip
    return _joined(rows).where(_wanted(ask)).namedtuples()


def _values(ask: Ask, rows: list[Any]) -> list[Values]:
    withheld, names = ask.sight.withheld(rows, ask.at), people.names()
    approved = lending.approvers(row.approval for row in rows if row.approval)
    levels = rulebook.current(ask.at, ask.unit).book.levels
    found = []
    for row in rows:
        level, hidden = levels.get(row.secrecy), row.folder_id in withheld
        table = penalties.penalty_of(rulebook.by_id(row.rule_book).book, row.kind)
        found.append({
            "id": row.id, "incident_id": row.id, "folder_id": row.folder_id, "number": number_of(row),
            "file_number": row.file_number, "secrecy": level.name if level else row.secrecy,
            "classified": bool(level and level.rank), "rank": level.rank if level else 0,
            "level": row.secrecy, "kind": str(KINDS[row.kind]),
            "copy": _("影印件 %(n)s", n=row.copy_serial) if row.copy_serial else "",
            "borrower": row.borrower or "", "department": row.department or "",
            "facts": "" if hidden else row.facts, "penalty": row.penalty,
            "least": table.least if table else None, "most": table.most if table else None,
            "dismissal": _("是") if table and table.dismissal else "", "clause": row.clause,
            "reported_at": row.reported_at, "reported_by": names.get(row.reported_by, row.reported_by),
            "approved_by": approved.get(row.approval, ""), "state": str(STATES[row.state]),
            "settlement": row.settlement, "settled_at": row.settled_at,
            "settled_by": names.get(row.settled_by, row.settled_by), "late": False,
            "title": _("—（无权查看）") if hidden else row.title, "withheld": hidden,
        })  # fmt: skip
    return found


def _figures(ask: Ask) -> list[Figure]:
    def times(wanted: Any) -> Any:
        return pw.fn.SUM(pw.Case(None, [(wanted, 1)], 0))

    rows = Incident.select(
        pw.fn.COUNT(Incident.id), *(times(Incident.kind == kind) for kind in KINDS),
        times(Incident.state == "settled"), times(Incident.state == "found"),
    )  # fmt: skip
    counts = _joined(rows).where(_wanted(ask)).tuples().get()
    names = (_("件报告"), *map(str, KINDS.values()), _("已处理"), _("已找到"))
    return [Figure(name, int(n or 0)) for name, n in zip(names, counts, strict=True)]


PENALTIES = Register(
    "penalties", L("处罚上报"), L("丢失和损坏，按制度应处多少：只上报，不在这里收取"), "cash-coin",
    (
        Field("number", L("报告号"), width=14), Field("kind", L("事项"), width=8),
        Field("file_number", L("档号"), width=16), Field("copy", L("影印件"), width=11),
        Field("title", L("题名"), width=40), Field("secrecy", L("密级"), width=8),
        Field("borrower", L("责任人"), width=12), Field("department", L("部门"), width=16),
        Field("facts", L("经过"), width=40), Field("penalty", L("制度规定的处罚"), width=24),
        Field("least", L("最低（元）"), "yuan", 10), Field("most", L("最高（元）"), "yuan", 10),
        Field("dismissal", L("开除"), width=6), Field("clause", L("依据条款"), width=26),
        Field("reported_at", L("报告时间"), "moment", 17), Field("reported_by", L("报告人"), width=10),
        Field("approved_by", L("审批人"), width=20), Field("state", L("状态"), width=14),
        Field("settlement", L("处理结果"), width=30), Field("settled_at", L("处理时间"), "moment", 17),
        Field("settled_by", L("处理人"), width=10),
    ),
    (
        Column(L("报告"), 25, ("number", "kind")),
        Column(L("档案"), 54, ("file_number", "copy", "title"), wide=True),
        Column(L("责任人"), 24, ("borrower", "department")),
        Column(L("经过"), 46, ("facts",), phone=False),
        Column(L("制度规定的处罚"), 40, ("penalty", "clause")),
        Column(L("报告、审批"), 26, ("reported_at", "reported_by", "approved_by"), phone=False),
        Column(L("处理"), 32, ("state", "settlement", "settled_at")),
    ),
    Listed(_query, Incident.reported_at, Incident.id, _values), _figures, KINDS, STATES,
)  # fmt: skip


def table(book: RuleBook) -> list[tuple[str, str, Rule]]:
    """The penalty table of the rule book: offence, what it costs in words, its rule."""
    return [
        (str(OFFENCE[code]), penalties.words(row), row.rule) for code, row in book.lending.penalties.items()
    ]
