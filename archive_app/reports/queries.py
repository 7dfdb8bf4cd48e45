"""The registers by name, one page of one, and all of its rows in flat memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import peewee as pw

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.reports.copy_register import COPIES
from archive_app.reports.filters import Filters
from archive_app.reports.filters import words as filter_words
from archive_app.reports.loan_register import CONSULTS, LOANS, OVERDUE
from archive_app.reports.models import ReportRun
from archive_app.reports.outstanding import OUTSTANDING
from archive_app.reports.penalty_register import PENALTIES
from archive_app.reports.room_register import SESSIONS
from archive_app.reports.shape import Ask, Listed, Register, Values
from archive_app.reports.sight import sight_of
from archive_app.reports.timeline import TIMELINE
from archive_app.reports.use import USE

PAGE, CHUNK = 50, 1000
REGISTERS = {
    each.name: each
    for each in (LOANS, CONSULTS, SESSIONS, COPIES, OUTSTANDING, OVERDUE, USE, PENALTIES, TIMELINE)
}
LISTED = [each for each in REGISTERS.values() if each is not TIMELINE]
"""The registers that stand on their own; the timeline is a folder's."""


@dataclass(frozen=True)
class Page:
    """One page of a register; ``older`` and ``newer`` are keys for the pages after and before, or None."""

    rows: list[Values]
    older: str | None
    newer: str | None


def register_of(name: str) -> Register:
    """The register of this name. Raises NotFound."""
    if name not in REGISTERS:
        raise NotFound(_("没有这份登记簿。"))
    return REGISTERS[name]


def ask_of(actor: Actor, filters: Filters, at: datetime) -> Ask:
    """The question of a person, who sees it with his own eyes. Raises Refused: permission."""
    actor.must("report.view")
    return Ask(filters, sight_of(actor, at), actor.unit_id, at)


def page(register: Register, ask: Ask, older: str = "", newer: str = "", limit: int = PAGE) -> Page:
    """One page. Raises NotFound: a key that no page gave."""
    if not isinstance(register.source, Listed):
        return Page(register.source(ask), None, None)
    source = register.source
    back = bool(newer)
    key = _key(older or newer)
    found = _some(source, ask, key, limit + 1, back)
    more, rows = len(found) > limit, found[:limit]
    if back:
        rows.reverse()
    first, last = (_word(rows[0]), _word(rows[-1])) if rows else (None, None)
    return Page(
        source.values(ask, rows) if rows else [],
        last if more or back else None,
        first if (more if back else key is not None) else None,
    )


def every(register: Register, ask: Ask) -> Iterator[Values]:
    """All rows in the order of the screen, read in chunks by key: memory does not grow with the register."""
    if not isinstance(register.source, Listed):
        yield from register.source(ask)
        return
    key: tuple[datetime, int] | None = None
    while rows := _some(register.source, ask, key, CHUNK, False):
        yield from register.source.values(ask, rows)
        if len(rows) < CHUNK:
            return
        key = (_moment(rows[-1]), rows[-1].id)


def _some(source: Listed, ask: Ask, key: tuple[datetime, int] | None, limit: int, back: bool) -> list[Any]:
    """Rows after a key, or with ``back`` those before it, the nearest first."""
    rows, down = source.query(ask), source.newest_first is not back
    if key is not None:
        here = pw.Tuple(source.moment, source.row_id)
        # Moments are kept as UTC without a zone; a tuple is compared as it stands.
        there = pw.Tuple(key[0].astimezone(UTC).replace(tzinfo=None), key[1])
        rows = rows.where(here < there if down else here > there)
    order = (
        (source.moment.desc(), source.row_id.desc()) if down else (source.moment.asc(), source.row_id.asc())
    )
    return list(rows.order_by(*order).limit(limit))


def _moment(row: Any) -> datetime:
    moment: Any = row.moment
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _word(row: Any) -> str:
    return f"{_moment(row).astimezone(UTC):%Y%m%dT%H%M%S.%f}-{row.id}"


def _key(word: str) -> tuple[datetime, int] | None:
    if not word:
        return None
    moment, _dash, number = word.rpartition("-")
    try:
        return datetime.strptime(moment, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), int(number[:18])
    except ValueError:
        raise NotFound(_("没有这一页。")) from None


def narrowed_words(register: Register, ask: Ask) -> str:
    """What the register is narrowed to, in words."""
    wanted = ask.filters
    levels = rulebook.current(ask.at, ask.unit).book.levels
    names = {
        "department": next((each.name for each in people.departments() if each.id == wanted.department), ""),
        "level": levels[wanted.level].name if wanted.level in levels else "",
        "kind": str(register.kinds.get(wanted.kind, "")),
        "state": str(register.states.get(wanted.state, "")),
    }
    return filter_words(wanted, ask.at, names)


def runs(actor: Actor, limit: int = 24) -> list[ReportRun]:
    """The monthly lists made by the house, newest first. Raises Refused: permission."""
    actor.must("report.view")
    rows = ReportRun.select().where(ReportRun.unit == actor.unit_id)
    return list(rows.order_by(ReportRun.month.desc()).limit(limit))
