"""Commands of file numbers and labels: register, void, reserve, numbers, label."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from archive_app.cli.frame import Run, archive, command, folder_of, person_of
from archive_app.cli.people import department_of
from archive_app.cli.stacks import drawn
from archive_app.core import clock
from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.people import rulebook
from archive_app.records import queries, service, sheets
from archive_app.records.models import Folder

DAY = click.DateTime(["%Y-%m-%d"])


@command(archive, "register")
@click.argument("category")
@click.argument("title")
@click.option("--year", type=int, help="filing year; default: this year")
@click.option("--secrecy", default="", help="level of secrecy; default: the category's")
@click.option("--retention", default="", help="retention class; default: the category's")
@click.option("--party", default="", help="customer or other party")
@click.option("--department", default="", help="code or name of the department that made it")
@click.option("--manager", default="", help="account of the customer manager")
@click.option("--tier", default="", help="tier of a customer file (分级), by its name in the rule book")
@click.option("--from", "dated_from", type=DAY, help="date of the first document")
@click.option("--to", "dated_to", type=DAY, help="date of the last document")
@click.option("--place", default="", help="home place in words")
@click.option("--note", default="")
@click.option("--number", help="fill this reserved number instead of taking the next one")
def register(run: Run, category: str, title: str, year: int | None, number: str | None, **told: Any) -> None:
    """Give a folder the next number of CATEGORY and register it under TITLE."""
    details = _details(told)
    if number:
        reserved = folder_of(run, number)
        folder = service.fill_reserved(reserved.id, title=title, **_fill(details), actor=run.actor, at=run.at)
    else:
        year = year or clock.local_date(run.at).year
        folder = service.register_folder(category, year, title, **details, actor=run.actor, at=run.at)
    code = sheets.payload_of(folder)
    run.line(f"{folder.file_number}  {code}", id=folder.id, file_number=folder.file_number, barcode=code)


def _details(told: dict[str, Any]) -> dict[str, Any]:
    department, manager = told.pop("department"), told.pop("manager")
    return told | {
        "dated_from": _day(told["dated_from"]),
        "dated_to": _day(told["dated_to"]),
        "department_id": department_of(department),
        "manager_id": int(person_of(manager).id) if manager else None,
    }


def _fill(details: dict[str, Any]) -> dict[str, Any]:
    """`fill_reserved` names its values as the columns are named."""
    renamed = {"department_id": "department", "manager_id": "manager"}
    return {renamed.get(key, key): value for key, value in details.items()}


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None


@command(archive, "void")
@click.argument("number")
@click.option("--reason", required=True, help="why; kept for ever")
def void(run: Run, number: str, reason: str) -> None:
    """Void a file number for ever; it is never reissued."""
    folder = service.void_number(folder_of(run, number).id, reason, actor=run.actor, at=run.at)
    text = _("%(number)s 已作废。", number=folder.file_number)
    run.line(text, id=folder.id, file_number=folder.file_number, state=folder.state)


@command(archive, "reserve")
@click.argument("category")
@click.argument("count", type=int)
@click.option("--year", type=int, help="filing year; default: this year")
@click.option("--purpose", required=True, help="what for; the gap report quotes it")
def reserve(run: Run, category: str, count: int, year: int | None, purpose: str) -> None:
    """Reserve COUNT consecutive numbers of CATEGORY, to be labelled before the details exist."""
    year = year or clock.local_date(run.at).year
    block = service.reserve_block(category, year, count, purpose, actor=run.actor, at=run.at)
    folders = queries.block_folders(block.id)
    first, last = folders[0].file_number, folders[-1].file_number
    run.line(f"{first} – {last}", block=block.id, first=first, last=last, count=len(folders))


@command(archive, "numbers", who="reads", needs="number.report")
@click.option("--category", default="", help="only this category")
@click.option("--year", type=int, help="only this filing year")
def numbers(run: Run, category: str, year: int | None) -> None:
    """Explain every number given out: registered, reserved, void, or missing (there must be none)."""
    for series in queries.gap_report(run.actor, run.at, category, year):
        for part in series.runs:
            run.line(
                f"{part.first_number} – {part.last_number}  {part.state}  {part.explanation}",
                category=series.category, year=series.year, state=part.state, count=part.count,
                first=part.first_number, last=part.last_number, explanation=part.explanation,
            )  # fmt: skip


@command(archive, "label")
@click.argument("number", nargs=-1)
@click.option("--block", type=int, help="all numbers of this reserved block")
@click.option("--printer", "name", help="a printer kept by `printer add`: its stock, offset and next label")
@click.option("--stock", default="L7160", show_default=True, help="a file of labels/stock")
@click.option("--start", type=int, help="first free label on the sheet; default: 1, or the printer's next")
@click.option("--zpl", is_flag=True, help="ZPL for a thermal printer instead of PDF")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="file to write")
def label(
    run: Run,
    *,
    number: tuple[str, ...],
    block: int | None,
    name: str | None,
    stock: str,
    start: int | None,
    zpl: bool,
    out: Path | None,
) -> None:
    """Print labels of folders NUMBER…, or of a reserved block, into a file."""
    run.actor.must("label.print")
    chosen = [folder_of(run, text) for text in number] + (_of_block(block) if block else [])
    if not chosen:
        raise Invalid({"number": _("没有要打印的标签。请写档号或 --block。")})
    book = rulebook.current(run.at, run.actor.unit_id)
    values = [sheets.label_of(folder, book) for folder in chosen]
    data, paper = drawn(run, values, printer_name=name, stock=stock, start=start, zpl=zpl)
    kind = "zpl" if zpl else "pdf"
    out = out or Path(f"labels-{chosen[0].file_number}.{kind}")
    out.write_bytes(data)
    service.note_print(chosen, "label", actor=run.actor, at=run.at, stock=paper.name, format=kind)
    run.line(_("%(n)s 枚标签：%(file)s", n=len(chosen), file=out), file=str(out), labels=len(chosen))


def _of_block(block: int) -> list[Folder]:
    return [folder for folder in queries.block_folders(block) if folder.state != "void"]
