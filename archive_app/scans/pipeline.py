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
from archive_app.core.errors import ArchiveError, Refused
from archive_app.core.flow import Flow
from archive_app.core.i18n import _
from archive_app.core.storage import storage
from archive_app.core.work import Work, work
from archive_app.people.actor import system
from archive_app.records.models import Folder
from archive_app.scans import rules
from archive_app.scans.flow import FILE, PAGE
from archive_app.scans.guard import UNREADABLE, WorkFailed, draw_pages, read_page
from archive_app.scans.models import ElectronicFile, ScanPage

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stage:
    """One kind of work: its table, its states, how long a worker may be silent, what is most urgent."""

    model: Any
    flow: Flow
    waits: str
    works: str
    lease: Callable[[Any], timedelta]
    order: tuple[Any, ...]


# A file is drawn before any page is read, because people wait for the picture. Then first pages
# come before second pages, so a thick folder never holds up a thin one.
DRAW = Stage(
    ElectronicFile,
    FILE,
    "received",
    "rendering",
    lambda file: rules.draw_lease(file.page_count),
    (ElectronicFile.id,),
)
READ = Stage(
    ScanPage, PAGE, "waiting", "reading", lambda page: rules.READ_LEASE, (ScanPage.number, ScanPage.id)
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
            model.update(state=stage.works, tries=row.tries + 1, lease_until=at + stage.lease(row))
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
    except Exception as error:
        detail = getattr(error, "detail", "")
        log.warning("%s %s, try %s: %r %s", stage.flow.name, row.id, row.tries, error, detail)
        if rules.gives_up(row.tries) or _is_final(error):
            _fail(stage, row, at, _why(row, error))
        else:
            _put_back(stage, row)


def _is_final(error: Exception) -> bool:
    """Whether trying again at once cannot help: the file is at fault, or the machine's set-up."""
    if isinstance(error, WorkFailed):
        return error.reason == UNREADABLE
    return isinstance(error, ArchiveError)


@contextmanager
def _house(row: Any, at: datetime) -> Iterator[Work]:
    """A work on the account of the house itself, for the unit that keeps the folder."""
    unit = Folder.select(Folder.unit).where(Folder.id == row.folder_id).scalar()
    with work(system(unit), at) as w:
        yield w


def _why(row: Any, error: Exception) -> str:
    """What to tell people: a file that was sound when it came in can only have changed since."""
    file = row.file if isinstance(row, ScanPage) else row
    if isinstance(error, Refused) and not storage().intact(file.sha256):
        return _("库里的原件与收下时不同。请从备份恢复，再试。")
    if isinstance(error, ArchiveError):
        return str(error)
    return _("程序出错，原件没有变。请重试。（%(kind)s）", kind=type(error).__name__)


def _held(stage: Stage, row: Any) -> Any:
    """The condition that the row is still being worked on, and by us."""
    return _ours(stage, row) & (stage.model.state == stage.works)


def _ours(stage: Stage, row: Any) -> Any:
    """The condition that nobody took the row over since it was claimed."""
    return (stage.model.id == row.id) & (stage.model.tries == row.tries)


def _put_back(stage: Stage, row: Any) -> None:
    stage.model.update(state=stage.waits, lease_until=None).where(_held(stage, row)).execute()


def _fail(stage: Stage, row: Any, at: datetime, why: str) -> None:
    """End a piece that did not work, with the reason for people."""
    model = stage.model
    with _house(row, at) as w:
        ended = (
            model.update(state="failed", error=why[:500], lease_until=None)
            .where(_ours(stage, row) & model.state.in_((stage.works, stage.waits)))
            .execute()
        )
        if ended:
            w.note("scan.fail", row, why=why[:500])


def _draw(file: ElectronicFile, at: datetime) -> None:
    """Draw the pages of an original for the screen and record them all at once."""
    with storage().local_path(file.sha256) as original:
        starts = range(1, file.page_count + 1, rules.CHUNK)
        rows = [row for first in starts for row in _draw_some(file, original, first)]
    with _house(file, at) as w:
        done = ElectronicFile.update(state="ready", lease_until=None, error="")
        if not done.where(_held(DRAW, file)).execute():
            return  # overtaken: another worker has drawn them
        for some in pw.chunked(rows, 40):
            ScanPage.insert_many(some).execute()
        w.note("scan.draw", file, code=file.code, pages=len(rows))


def _draw_some(file: ElectronicFile, original: Path, first: int) -> list[dict[str, Any]]:
    """Draw up to ``rules.CHUNK`` pages in one child and store their copies."""
    last = min(first + rules.CHUNK - 1, file.page_count)
    with TemporaryDirectory(prefix="pages-") as folder:
        return [
            {
                "file": file.id,
                "folder": file.folder_id,
                "number": page.number,
                "width": page.width,
                "height": page.height,
                "dpi": page.dpi,
                "view": storage().put_file(page.view),
                "thumb": storage().put_file(page.thumb),
                "state": PAGE.initial,
            }
            for page in draw_pages(original, Path(folder), first, last)
        ]


def _read(page: ScanPage, at: datetime) -> None:
    """Read a page and put its text into the index in one work, so it is findable at once."""
    with storage().local_path(page.file.sha256) as original, TemporaryDirectory(prefix="read-") as folder:
        (drawn,) = draw_pages(original, Path(folder), page.number, page.number)
        result = read_page(drawn.image, drawn.dpi)
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
