"""Where one folder was and who had it, from its registration on (AUD-08: 能证明谁接触过)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans.models import Loan
from archive_app.loans.sheets import number_of
from archive_app.people import queries as people
from archive_app.records.models import CustodyEvent, Folder
from archive_app.records.words import CUSTODY
from archive_app.reports.shape import Ask, Column, Field, Figure, Register, Values, shown

HOME = "on_shelf"
PLACED = (HOME, "reading_room")
"""Where the place of an event says where the paper is; else it is the home place."""


@dataclass(frozen=True)
class Piece:
    """A stretch of the drawn bar: where it begins and how wide it is, in percent of the whole."""

    custody: str
    x: float
    width: float
    text: str


def rows(ask: Ask) -> list[Values]:
    """The stretches of the filters' folder, newest first; nothing for a folder that may not be named."""
    folder = Folder.get_or_none((Folder.id == ask.filters.folder) & (Folder.unit == ask.unit))
    if folder is None or ask.sight.withheld(
        [SimpleNamespace(folder_id=folder.id, secrecy=folder.secrecy)], ask.at
    ):
        return []
    begins, ends = ask.filters.span(ask.at)
    found = _stretches(folder, min(ends or ask.at, ask.at), ask)
    return [row for row in reversed(found) if begins is None or row["until_end"] > begins]


def _stretches(folder: Folder, end: datetime, ask: Ask) -> list[Values]:
    events = list(_events(folder, end))
    loans, names = _loans(events), people.names()
    start = folder.registered_at or folder.created_at
    found = []
    if not events or events[0].at > start:
        found.append(_row(0, None, start, events[0].at if events else end, None, names))
    for n, event in enumerate(events):
        until = events[n + 1].at if n + 1 < len(events) else end
        found.append(_row(event.id, event, event.at, until, loans.get(event.loan), names))
    for row in found:
        row["until"] = None if row is found[-1] and end == ask.at else row["until_end"]
    return found


def _events(folder: Folder, end: datetime) -> Any:
    wanted = (CustodyEvent.folder == folder.id) & (CustodyEvent.at <= end)
    return CustodyEvent.select().where(wanted).order_by(CustodyEvent.at, CustodyEvent.id)


def _loans(events: list[CustodyEvent]) -> dict[int, Loan]:
    wanted = {event.loan for event in events if event.loan}
    return {loan.id: loan for loan in Loan.select().where(Loan.id.in_(wanted))}


def _row(
    row_id: int, event: CustodyEvent | None, begins: datetime, until: datetime, loan: Loan | None,
    names: dict[str, str],
) -> Values:  # fmt: skip
    custody = event.custody if event else HOME
    return {
        "id": row_id, "custody": custody, "where": str(CUSTODY.get(custody, custody)),
        "holder": event.holder if event else "",
        "place": event.place if event and custody in PLACED else "",
        "begins": begins, "until_end": until, "span": until - begins,
        "span_words": shown("span", until - begins), "loan_id": loan.id if loan else None,
        "number": number_of(loan) if loan else "", "remark": event.remark if event else "",
        "handled_by": names.get(event.handled_by, event.handled_by) if event else "",
        "late": False, "away": custody != HOME,
    }  # fmt: skip


def pieces(found: list[Values], begins: datetime, ends: datetime) -> list[Piece]:
    """The bar of these stretches between two moments, left to right; none is too narrow to be seen."""
    whole = max(ends - begins, timedelta(minutes=1))
    drawn = []
    for row in sorted(found, key=lambda each: each["begins"]):
        left, right = max(row["begins"], begins), min(row["until_end"], ends)
        if right < left:
            continue
        width = (right - left) / whole * 100
        x = min((left - begins) / whole * 100, 99.7)
        text = _("·").join(part for part in (row["where"], row["holder"], row["place"]) if part)
        drawn.append(Piece(row["custody"], round(x, 3), round(max(width, 0.3), 3), text))
    return drawn


def _figures(ask: Ask) -> list[Figure]:
    found = rows(ask)
    out = [row for row in found if row["away"]]
    away = sum((row["span"] for row in out), timedelta())
    return [
        Figure(_("次离架"), len(out)),
        Figure(_("人拿过"), len({row["holder"] for row in out if row["holder"]})),
        Figure(_("小时在外"), int(away.total_seconds() // 3600)),
    ]


TIMELINE = Register(
    "timeline", L("去向时间线"), L("这一份先后在哪里、在谁手里"), "clock-history",
    (
        Field("begins", L("自"), "moment", 17), Field("until", L("至"), "moment", 17),
        Field("where", L("在何处"), width=12), Field("holder", L("谁"), width=14),
        Field("place", L("位置"), width=22), Field("span", L("小时"), "span", 9),
        Field("number", L("借阅单号"), width=15), Field("handled_by", L("经手人"), width=10),
        Field("remark", L("备注"), width=40), Field("span_words", L("多久"), "words"),
    ),
    (
        Column(L("自"), 34, ("begins",)),
        Column(L("至"), 34, ("until",), phone=False),
        Column(L("多久"), 25, ("span_words",)),
        Column(L("在何处"), 32, ("where", "place")),
        Column(L("谁"), 28, ("holder",)),
        Column(L("借阅单"), 30, ("number",), phone=False),
        Column(L("经手人"), 24, ("handled_by",), phone=False),
        Column(L("备注"), 40, ("remark",), wide=True),
    ),
    rows, _figures, by_person=False, by_level=False,
)  # fmt: skip
