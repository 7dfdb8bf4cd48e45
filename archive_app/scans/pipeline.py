"""From an original to findable pages: draw the page images, read them, put the text into the index.

The row is the truth. A piece is claimed by counting ``tries`` up in one compare-and-swap; whoever
finishes must still hold the same try. So a killed worker loses nothing (its lease runs out and
another takes over) and a slow one that was overtaken doubles nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

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


def _guard(stage: Stage, row: Any, at: datetime, do: Callable[[Any, datetime], None]) -> None:
    """Do one claimed piece; what goes wrong ends in the row, never in the worker."""
    try:
        do(row, at)
    except ArchiveError as error:  # the page itself cannot be used: trying again would not help
        _fail(stage, row, at, str(error))
    except Exception as error:
        log.warning("%s %s, try %s: %r", stage.flow.name, row.id, row.tries, error)
        if rules.gives_up(row.tries):
            _fail(stage, row, at, _("试了 %(n)s 次没有办成：%(why)s", n=row.tries, why=_words(error)))
        else:
            _put_back(stage, row)


@contextmanager
def _house(row: Any, at: datetime) -> Iterator[Work]:
    """A work on the account of the house itself, for the unit that keeps the folder."""
    unit = Folder.select(Folder.unit).where(Folder.id == row.folder_id).scalar()
    with work(system(unit), at) as w:
        yield w


def _words(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]


def _held(stage: Stage, row: Any) -> Any:
    """The condition that nobody took the row over since it was claimed."""
    model = stage.model
    return (model.id == row.id) & (model.tries == row.tries) & (model.state == stage.works)


def _put_back(stage: Stage, row: Any) -> None:
    stage.model.update(state=stage.waits, lease_until=None).where(_held(stage, row)).execute()


def _fail(stage: Stage, row: Any, at: datetime, why: str) -> None:
    """End a piece that did not work, with the reason for people."""
    model = stage.model
    with _house(row, at) as w:
        ended = (
            model.update(state="failed", error=why[:500], lease_until=None)
            .where((model.id == row.id) & (model.tries == row.tries) & model.state.in_((stage.works, stage.waits)))
            .execute()
        )
        if ended:
            w.note("scan.fail", row, why=why[:500])


def _draw(file: ElectronicFile, at: datetime) -> None:
    """Draw the page images of an original and record them all at once."""
    with storage().local_path(file.sha256) as original, TemporaryDirectory(prefix="pages-") as folder:
        drawn = page_images(original, Path(folder))
        rows = [_page_row(file, number, page) for number, page in enumerate(drawn, start=1)]
    with _house(file, at) as w:
        done = ElectronicFile.update(state="ready", page_count=len(rows), lease_until=None, error="")
        if not done.where(_held(DRAW, file)).execute():
            return  # overtaken: another worker has drawn them
        for some in pw.chunked(rows, 40):
            ScanPage.insert_many(some).execute()
        w.note("scan.draw", file, code=file.code, pages=len(rows))


def _read(page: ScanPage, at: datetime) -> None:
    """Read a page and put its text into the index in one work, so it is findable at once."""
    with storage().local_path(page.image) as image:
        result = read_page(image, page.dpi)
    text = result.text
    state = "read" if text else "blank"
    values = {
        "state": state,
        "text": text,
        "positions": result.to_json() if text else "",
        "confidence": float(result.confidence),
        "engine": f"{result.engine} {result.engine_version}"[:64],
        "read_at": at,
        "lease_until": None,
        "error": "",
    }
    with _house(page, at) as w:
        if not ScanPage.update(**values).where(_held(READ, page)).execute():
            return
        if text:
            search.put("page", page.id, page.folder_id, text)
        else:
            search.remove("page", page.id)
        w.note("scan.read", page, state=state, engine=values["engine"], confidence=result.confidence)
