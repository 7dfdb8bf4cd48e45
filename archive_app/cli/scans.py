"""Commands of the electronic set: scan add, ocr, and search over both sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import peewee as pw

from archive_app.cli.frame import Run, archive, command, folder_of
from archive_app.core import clock
from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.desk import search as desk
from archive_app.records import queries as records
from archive_app.scans import pipeline, service
from archive_app.scans.models import ScanPage


@archive.group("scan")
def scan() -> None:
    """Scanned originals."""


@command(scan, "add")
@click.argument("number")
@click.argument("file", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--document", type=int, metavar="POSITION", help="onto this line of the folder's catalog")
def add(run: Run, number: str, file: tuple[Path, ...], document: int | None) -> None:
    """Take in originals FILE… onto folder NUMBER: kept untouched, read in the background."""
    folder = folder_of(run, number)
    line = _document(folder.id, document) if document else None
    for path in file:
        row = service.add_scan(folder.id, line, path, path.name, actor=run.actor, at=clock.now())
        run.line(
            f"{row.code}  {path.name}", id=row.id, code=row.code, file_number=folder.file_number,
            filename=path.name, pages=row.page_count, sha256=row.sha256, state=row.state,
        )  # fmt: skip


def _document(folder_id: int, position: int) -> int:
    for row in records.documents_of(folder_id):
        if row.position == position:
            return int(row.id)
    raise Invalid({"--document": _("目录里没有第 %(n)s 件。", n=position)})


@command(archive, "ocr", who="house")
@click.option("--limit", type=int, default=0, help="stop after this many pieces; default: until none waits")
def ocr(run: Run, limit: int) -> None:
    """Work through what waits: draw pages, read them, put them into the index."""
    done = 0
    while (not limit or done < limit) and pipeline.advance(clock.now()):
        done += 1
    rows: Any = ScanPage.select(ScanPage.state, pw.fn.COUNT(ScanPage.id)).group_by(ScanPage.state)
    states = dict(rows.tuples())
    waiting = pipeline.waiting(clock.now(), 1_000_000)
    run.line(_("办了 %(n)s 项，还等 %(w)s 项。", n=done, w=waiting), done=done, waiting=waiting, pages=states)


@command(archive, "search", who="reads", needs="search.use")
@click.argument("query")
@click.option("--limit", default=20, show_default=True)
def search(run: Run, query: str, limit: int) -> None:
    """Find folders by number, title, party or text of their pages; only what the account may know of."""
    found = desk.search(query, limit=limit, with_facets=False, actor=run.actor, at=run.at)
    hits = [
        {
            "file_number": hit.folder.file_number, "title": hit.folder.title, "snippet": hit.snippet,
            "page": hit.page_number,
        }
        for hit in found.hits
    ]  # fmt: skip
    lines = [_hit_line(hit) for hit in hits]
    total = f"{found.total}+" if found.capped else str(found.total)
    run.line(
        "\n".join([*lines, _("共 %(n)s 份", n=total)]), total=found.total, capped=found.capped, hits=hits
    )


def _hit_line(hit: dict[str, Any]) -> str:
    page = _("第 %(n)s 页", n=hit["page"]) if hit["page"] else ""
    return "  ".join(part for part in (hit["file_number"], hit["title"], page, hit["snippet"]) if part)
