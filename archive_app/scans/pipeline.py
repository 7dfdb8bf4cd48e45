"""From an original to findable pages: draw the page images, read them, put the text into the index.

The row is the truth. A piece is claimed by counting ``tries`` up in one compare-and-swap; whoever
finishes must still hold the same try. So a killed worker loses nothing (its lease runs out and
another takes over) and a slow one that was overtaken doubles nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import peewee as pw

from archive_app import search
from archive_app.core.errors import ArchiveError
from archive_app.core.flow import Flow
from archive_app.core.i18n import _
from archive_app.core.storage import storage
from archive_app.core.work import Work, work
from archive_app.people.actor import system
from archive_app.records.models import Folder
from archive_app.scans import rules
from archive_app.scans.flow import FILE, PAGE
from archive_app.scans.models import ElectronicFile, ScanPage

log = logging.getLogger(__name__)
Row = TypeVar("Row", ElectronicFile, ScanPage)


@dataclass(frozen=True)
class Stage:
    """One kind of work: its table, its states, how long a worker may be silent, what is most urgent."""

    model: Any
    flow: Flow
    begin: str
    waits: str
    works: str
    lease: timedelta
    order: tuple[Any, ...]


# A file is drawn before any page is read, because people wait for the picture. Then first pages
# come before second pages, so a thick folder never holds up a thin one.
DRAW = Stage(
    ElectronicFile, FILE, "render", "received", "rendering", rules.RENDER_LEASE, (ElectronicFile.id,)
)
READ = Stage(
    ScanPage, PAGE, "read", "waiting", "reading", rules.READ_LEASE, (ScanPage.number, ScanPage.id)
)


def work_queue(limit: int, at: datetime) -> int:
    """Do what waits, in this process, until nothing waits or ``limit`` pieces are done; return how many."""
    done = 0
    while done < limit and advance(at):
        done += 1
    return done


def advance(at: datetime) -> bool:
    """Do the most urgent piece that waits; False if nothing waits."""
    if (file := _claim(DRAW, at)) is not None:
        _guard(DRAW, file, at, _draw)
        return True
    if (page := _claim(READ, at)) is not None:
        _guard(READ, page, at, _read)
        return True
    return False


def waiting(at: datetime, limit: int) -> int:
    """How many pieces could be begun now, counted up to ``limit``."""
    count = 0
    for stage in (DRAW, READ):
        count += stage.model.select(stage.model.id).where(_open(stage, at)).limit(limit).count()
    return min(count, limit)


def _open(stage: Stage, at: datetime) -> Any:
    model = stage.model
    died = (model.state == stage.works) & (model.lease_until < at)
    return (model.state == stage.waits) | died


def _claim(stage: Stage, at: datetime) -> Any:
    """The most urgent open row, now ours until the lease ends; None if nothing is open."""
    model = stage.model
    while True:
        row = model.select().where(_open(stage, at)).order_by(*stage.order).first()
        if row is None:
            return None
        if rules.gives_up(row.tries):
            _fail(stage, row, at, _("读到这里程序中断了 %(n)s 次。原件还在。", n=row.tries))
            continue
        claimed = (
            model.update(state=stage.works, tries=row.tries + 1, lease_until=at + stage.lease)
            .where((model.id == row.id) & (model.tries == row.tries) & _open(stage, at))
            .execute()
        )
        if claimed:
            row.tries += 1
            return row


def _held(row: Row) -> Any:
    """The condition that nobody took the row over since it was claimed."""
    model = type(row)
    return (model.id == row.id) & (model.tries == row.tries) & model.state.in_(("rendering", "reading"))
