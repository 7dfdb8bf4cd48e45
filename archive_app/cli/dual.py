"""Commands on the two sets side by side: dual report, dual catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archive_app.cli.frame import Run, archive, command, folder_of
from archive_app.core import clock
from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.prints import service as prints
from archive_app.scans import reconcile, sheets
from archive_app.scans.reconcile import CHOICES, Filters, Row, Tally


@archive.group("dual")
def dual() -> None:
    """Paper and electronic set, side by side."""


@command(dual, "report", who="reads", needs="dual.view")
@click.option("--category", default="", help="only this category, e.g. HT")
@click.option("--year", type=int, default=None, help="only this filing year")
@click.option("--wrong", type=click.Choice(CHOICES), default=None, help="list folders of which this is true")
@click.option("--limit", default=200, show_default=True, help="at most so many folders")
def report(run: Run, category: str, year: int | None, wrong: str | None, limit: int) -> None:
    """How far both sets are, by category and year; with --wrong the folders, one a line."""
    run.actor.must("dual.view")
    filters = Filters(category, year, wrong or "")
    if wrong:
        _list(run, filters, limit)
        return
    for tally in reconcile.progress(run.actor, run.at):
        if category in ("", tally.category) and year in (None, tally.year):
            run.line(_tally_line(tally), **_tally(tally))


def _list(run: Run, filters: Filters, limit: int) -> None:
    older, left = None, limit
    while left > 0:
        page = reconcile.folders(run.actor, run.at, filters, older)
        for row in page.rows[:left]:
            run.line(_row_line(row), **_row(row))
        left, older = left - len(page.rows), page.older
        if older is None:
            return


def _tally_line(tally: Tally) -> str:
    words = "  ".join(f"{word} {count}" for word, count in tally.words.items() if count)
    return f"{tally.category} {tally.year}  {tally.percent:3d}%  {tally.whole}/{tally.due}  {words}".rstrip()


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "category": tally.category, "year": tally.year, "folders": tally.folders, "due": tally.due,
        "whole": tally.whole, "begun": tally.begun, "percent": tally.percent, **tally.words,
    }  # fmt: skip


def _row_line(row: Row) -> str:
    facts = row.facts
    return f"{row.folder.file_number}  {facts.counted}/{facts.written}  {' '.join(row.words) or 'ok'}"


def _row(row: Row) -> dict[str, Any]:
    facts, seen = row.facts, row.seen
    return {
        "file_number": row.folder.file_number, "paper": facts.paper, "scanned": facts.scanned,
        "counted": facts.counted, "written": facts.written, "mean": facts.mean, "lowest": facts.lowest,
        "wrong": list(row.words), "seen_at": seen[0].isoformat() if seen else None,
        "seen_in": seen[1] if seen else "",
    }  # fmt: skip


@command(dual, "catalog")
@click.argument("what")
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="write the PDF here")
def catalog(run: Run, what: str, pdf: Path | None) -> None:
    """Print the electronic catalog of a folder (HT-2026-0001) or of a category and year (HT/2026)."""
    at = clock.now()
    if "/" in what:
        category, _slash, year = what.partition("/")
        if not year.isdigit():
            raise Invalid({"WHAT": _("请写类别和年度，例如 HT/2026。")})
        row = sheets.print_year(category.upper(), int(year), actor=run.actor, at=at)
    else:
        row = sheets.print_folder(folder_of(run, what).id, actor=run.actor, at=at)
    row = prints.draw(row.id, at)
    if pdf:
        pdf.write_bytes(prints.pdf(row.id, actor=run.actor, at=at))
    told = _("打印件 %(id)s：%(title)s，%(n)s 页，第 %(copy)s 次打印",
             id=row.id, title=row.title, n=row.pages, copy=row.number)  # fmt: skip
    run.line(told, id=row.id, title=row.title, state=row.state, pages=row.pages, copy=row.number)
