"""Commands of volumes: propose, order, move, check, bind, unbind, box, and their sheets and lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archive_app.approvals.rules import VERDICTS
from archive_app.cli.frame import Run, archive, command, folder_of, person_of
from archive_app.cli.stacks import place_of
from archive_app.core.clock import local
from archive_app.core.errors import Invalid, NotFound
from archive_app.core.i18n import _
from archive_app.printing import barcode
from archive_app.prints import service as prints
from archive_app.prints.register import sheet_of
from archive_app.records.queries import documents_of
from archive_app.volumes import lists, queries, service
from archive_app.volumes.changes import KINDS
from archive_app.volumes.facts import PROBLEMS, STATES, Line, Problem
from archive_app.volumes.folder_sheets import FORMS
from archive_app.volumes.models import Volume
from archive_app.volumes.shelf import called
from archive_app.volumes.words import SHEETS

FILE = click.Path(dir_okay=False, path_type=Path)


@archive.group("volume")
def volume_() -> None:
    """The yearly binding: volumes, their order, their sheets, and what came after."""


@command(volume_, "propose")
@click.argument("category")
@click.argument("year", type=int)
@click.option("--manager", default="", help="only this customer manager, when the rule book binds by manager")
def propose(run: Run, category: str, year: int, manager: str) -> None:
    """Make the volumes of CATEGORY and YEAR from all papers that stand in none."""
    person = int(person_of(manager).id) if manager else None
    for row in service.propose(category, year, manager_id=person, actor=run.actor, at=run.at):
        _line(run, row)


@command(volume_, "list", who="reads", needs="volume.view")
@click.option("--category", default="", help="only this category")
@click.option("--year", type=int, help="only this year")
@click.option("--state", default="", type=click.Choice(["", *STATES]), help="only volumes in this state")
def list_(run: Run, category: str, year: int | None, state: str) -> None:
    """All volumes that are not dissolved."""
    states = (state,) if state else ()
    for row in queries.listed(run.actor, run.at, category=category, year=year, state=states):
        _line(run, row)


@command(volume_, "year", who="reads", needs="volume.view")
@click.argument("category")
@click.argument("year", type=int)
def year_(run: Run, category: str, year: int) -> None:
    """How far a year is: its volumes, what stands in none and why, and what holds back."""
    plan = queries.year_plan(run.actor, category, year, run.at)
    for facts in plan.volumes:
        _line(run, facts.volume, folders=facts.folders, holding=facts.holding)
    for each in plan.loose:
        run.line(
            f"—  {each.folder.file_number}  {each.text}", file_number=each.folder.file_number, loose=each.why,
            why=each.text, documents=len(each.documents), year=each.year, clause=each.clause,
        )  # fmt: skip
    for problem in plan.problems:
        _problem(run, problem)


@command(volume_, "show", who="reads", needs="volume.view")
@click.argument("volume")
def show(run: Run, volume: str) -> None:
    """One VOLUME (案卷号, id or barcode): its documents in order and why, what holds it back, its changes."""
    page = queries.volume_page(run.actor, volume_of(run, volume).id, run.at)
    _line(run, page.volume, holding=page.facts.holding, steps=list(page.steps), place=page.place)
    for line in page.lines:
        _item(run, line)
    for problem in page.problems:
        _problem(run, problem)
    for change in page.changes:
        said = f"{local(change.at):%Y-%m-%d}  {KINDS[change.kind]}  {change.text}"
        run.line(said, change=change.kind, what=change.text, at=change.at, version=change.version)


@command(volume_, "order")
@click.argument("volume", nargs=-1, required=True)
@click.option("--restore", is_flag=True, help="undo the order made by hand instead")
def order(run: Run, volume: tuple[str, ...], restore: bool) -> None:
    """Put the documents of VOLUME… in the rule book's order and number the pages."""
    for text in volume:
        row = volume_of(run, text)
        if restore:
            row = service.restore_order(row.id, row.revision, actor=run.actor, at=run.at)
        else:
            row = service.arrange(row.id, actor=run.actor, at=run.at)
        _line(run, row)


@command(volume_, "move")
@click.argument("volume")
@click.argument("position", type=int)
@click.option("--before", type=int, help="position in front of which it goes; default: end of its folder")
@click.option("--whole", is_flag=True, help="with its whole group")
@click.option("--reason", required=True, help="why; printed on the remark sheet")
def move(run: Run, volume: str, position: int, before: int | None, whole: bool, reason: str) -> None:
    """Move the document at POSITION of VOLUME by hand."""
    row = volume_of(run, volume)
    lines = queries.contents(row)
    item = _at(lines, position).item_id
    target = None if before is None else _at(lines, before).item_id
    moved = service.move_item(
        item, target, reason, row.revision, whole=whole, actor=run.actor, at=run.at
    )  # fmt: skip
    _line(run, moved)


@command(volume_, "folder")
@click.argument("volume")
@click.argument("number")
@click.option("--to", "target", default="", help="the volume it goes into; default: out of all")
@click.option("--reason", required=True)
def folder(run: Run, volume: str, number: str, target: str, reason: str) -> None:
    """Move the folder NUMBER out of VOLUME, into another with --to."""
    row, there = volume_of(run, volume), volume_of(run, target).id if target else None
    home = folder_of(run, number)
    moved = service.move_folder(row.id, home.id, there, reason, row.revision, actor=run.actor, at=run.at)
    _line(run, moved)


@command(volume_, "split")
@click.argument("volume")
@click.argument("position", type=int)
def split(run: Run, volume: str, position: int) -> None:
    """Begin a new volume with the document at POSITION of VOLUME."""
    row = volume_of(run, volume)
    first = _at(queries.contents(row), position).item_id
    _line(run, service.split(row.id, first, row.revision, actor=run.actor, at=run.at))


@command(volume_, "merge")
@click.argument("volume")
@click.argument("other")
def merge(run: Run, volume: str, other: str) -> None:
    """Put all of the volume OTHER into VOLUME."""
    row, more = volume_of(run, volume), volume_of(run, other)
    _line(run, service.merge(row.id, more.id, row.revision, actor=run.actor, at=run.at))


@command(volume_, "rename")
@click.argument("volume")
@click.argument("title")
@click.option("--remark", help="free words of the remark sheet")
def rename(run: Run, volume: str, title: str, remark: str | None) -> None:
    """Give VOLUME the TITLE on its cover."""
    row = volume_of(run, volume)
    said = row.remark if remark is None else remark
    _line(run, service.rename(row.id, title, said, row.revision, actor=run.actor, at=run.at))


@command(volume_, "dissolve")
@click.argument("volume")
def dissolve(run: Run, volume: str) -> None:
    """Dissolve an open VOLUME; its documents stand in none again."""
    _line(run, service.dissolve(volume_of(run, volume).id, actor=run.actor, at=run.at))


@command(volume_, "rule-year")
@click.argument("number")
@click.argument("position", type=int)
@click.argument("year", type=int)
@click.option("--reason", required=True)
def rule_year(run: Run, number: str, position: int, year: int, reason: str) -> None:
    """Bind the document at POSITION of the catalog of folder NUMBER (and its group) in YEAR."""
    lines = documents_of(folder_of(run, number).id)
    if not 1 <= position <= len(lines):
        raise NotFound(_("没有第 %(n)s 件。", n=position))
    ruled = service.rule_year(lines[position - 1].id, year, reason, actor=run.actor, at=run.at)
    run.line(_("第 %(n)s 件归 %(year)s 年", n=position, year=year), document=ruled.document_id, year=year)


@command(volume_, "accept")
@click.argument("number")
@click.argument("problem", type=click.Choice(list(PROBLEMS)))
@click.option("--reason", required=True)
def accept(run: Run, number: str, problem: str, reason: str) -> None:
    """Accept a PROBLEM of folder NUMBER that was looked into."""
    row = service.accept(folder_of(run, number).id, problem, reason, actor=run.actor, at=run.at)
    run.line(f"{PROBLEMS[problem]}：{reason}", id=row.id, problem=problem, facts=row.facts)


@command(volume_, "accept-all")
@click.argument("category")
@click.argument("year", type=int)
@click.argument("problem", type=click.Choice(list(PROBLEMS)))
@click.option("--reason", required=True)
def accept_all(run: Run, category: str, year: int, problem: str, reason: str) -> None:
    """Accept a PROBLEM of all folders of CATEGORY and YEAR with one reason."""
    done = service.accept_all(category, year, problem, reason, actor=run.actor, at=run.at)
    run.line(f"{PROBLEMS[problem]}：{len(done)}", problem=problem, folders=len(done))


@command(volume_, "check")
@click.argument("volume", nargs=-1, required=True)
def check(run: Run, volume: tuple[str, ...]) -> None:
    """Sign that VOLUME… was checked against the paper; not by who arranged it."""
    for text in volume:
        _line(run, service.check_volume(volume_of(run, text).id, actor=run.actor, at=run.at))


@command(volume_, "reopen")
@click.argument("volume")
@click.option("--reason", default="")
def reopen(run: Run, volume: str, reason: str) -> None:
    """Open an arranged or checked VOLUME again."""
    _line(run, service.reopen(volume_of(run, volume).id, reason, actor=run.actor, at=run.at))


@command(volume_, "bind")
@click.argument("volume", nargs=-1, required=True)
def bind(run: Run, volume: tuple[str, ...]) -> None:
    """Number VOLUME…, draw their packs in this process, and bind them."""
    for text in volume:
        _line(run, service.bind_now(volume_of(run, text).id, actor=run.actor, at=run.at))


@command(volume_, "note")
@click.argument("volume")
@click.argument("kind", type=click.Choice([kind for kind in KINDS if kind != "noted"]))
@click.argument("text")
def note(run: Run, volume: str, kind: str, text: str) -> None:
    """Write TEXT into the change record of a bound VOLUME."""
    row = service.note_addendum(volume_of(run, volume).id, kind, text, actor=run.actor, at=run.at)
    run.line(f"{KINDS[kind]}：{row.text}", id=row.id, kind=kind, version=row.version)


@command(volume_, "unbind")
@click.argument("volume")
@click.option("--reason", required=True)
def unbind(run: Run, volume: str, reason: str) -> None:
    """Ask to open a bound VOLUME again; prints the number of the request."""
    row = service.ask_unbinding(volume_of(run, volume).id, reason, actor=run.actor, at=run.at)
    run.line(_("拆卷申请 %(n)s", n=row.id), id=row.id, state=row.state, approval=row.approval)


@command(volume_, "decide")
@click.argument("request", type=int)
@click.argument("verdict", type=click.Choice(VERDICTS))
@click.option("--reason", default="", help="a refusal needs one")
def decide(run: Run, request: int, verdict: str, reason: str) -> None:
    """Decide the REQUEST to open a bound volume."""
    row = service.decide_unbinding(request, verdict, reason, actor=run.actor, at=run.at)
    _line(run, Volume.get_by_id(row.volume_id), unbinding=row.id, decided=row.state)


@command(volume_, "withdraw")
@click.argument("request", type=int)
def withdraw(run: Run, request: int) -> None:
    """Take the REQUEST to open a bound volume back."""
    row = service.withdraw_unbinding(request, actor=run.actor, at=run.at)
    _line(run, Volume.get_by_id(row.volume_id), unbinding=row.id, decided=row.state)


@command(volume_, "box")
@click.argument("volume")
@click.argument("place")
def box(run: Run, volume: str, place: str) -> None:
    """Put a bound VOLUME and its folders into the box PLACE."""
    row = service.box(volume_of(run, volume).id, place_of(run, place).id, actor=run.actor, at=run.at)
    _line(run, row, place=queries.place_of(row))


@command(volume_, "sheet")
@click.argument("form", type=click.Choice(SHEETS))
@click.argument("volume")
@click.option("--out", type=FILE, help="file to write")
def sheet(run: Run, form: str, volume: str, out: Path | None) -> None:
    """Print one sheet (FORM) of VOLUME into a PDF."""
    row = volume_of(run, volume)
    _print(run, form, "volume", str(row.id), called(row), out)


@command(volume_, "pack")
@click.argument("volume")
@click.option("--out", type=FILE, help="file to write")
def pack(run: Run, volume: str, out: Path | None) -> None:
    """Print the whole pack of a bound VOLUME again into a PDF (第 n 次打印)."""
    row = volume_of(run, volume)
    _print(run, "volume_pack", "volume", str(row.id), called(row), out)


@command(volume_, "folder-sheet")
@click.argument("number")
@click.option("--sheet", "form", type=click.Choice(tuple(FORMS)), default="folder_catalog", show_default=True)
@click.option("--out", type=FILE, help="file to write")
def folder_sheet(run: Run, number: str, form: str, out: Path | None) -> None:
    """Print the catalog or the remark sheet of the single folder NUMBER into a PDF."""
    folder = folder_of(run, number)
    _print(run, form, "folder", str(folder.id), folder.file_number, out)


def _of_year(form: str, words: str) -> None:
    @command(volume_, form.replace("_", "-"))
    @click.argument("category")
    @click.argument("year", type=int)
    @click.option("--out", type=FILE, help="file to write")
    def print_(run: Run, category: str, year: int, out: Path | None) -> None:
        key = lists.list_key(run.actor, category, year, run.at)
        _print(run, form, "volume_year", key, f"{category} {year}", out)

    volume_.commands[form.replace("_", "-")].help = words


_of_year("item_list", "Print the 归档文件目录 of CATEGORY and YEAR into a PDF.")
_of_year("volume_list", "Print the 案卷目录 of CATEGORY and YEAR into a PDF.")
_of_year("full_list", "Print the 全引目录 of CATEGORY and YEAR into a PDF.")
_of_year("year_pack", "Print the packs of all bound volumes of CATEGORY and YEAR as one PDF.")


def _print(run: Run, form: str, kind: str, key: str, about: str, out: Path | None) -> None:
    title = f"{sheet_of(form).name} {about}"
    row, data = prints.print_now(form, kind, key, title=title, actor=run.actor, at=run.at)
    out = out or Path(f"{form}-{key}.pdf")
    out.write_bytes(data)
    run.line(
        _("第 %(n)s 次打印，%(pages)s 页：%(file)s", n=row.number, pages=row.pages, file=out),
        print=row.id, number=row.number, pages=row.pages, digest=row.digest, file=str(out),
    )  # fmt: skip


def volume_of(run: Run, text: str) -> Volume:
    """The volume with this 案卷号, id or barcode. Raises NotFound; Invalid: several fit."""
    found = _by_barcode(run, text) or queries.by_number(run.actor, text, run.at)
    if not found:
        raise NotFound(_("没有案卷 %(number)s。", number=text))
    if len(found) > 1:
        raise Invalid({"volume": _("有几卷：请写全案卷号。")})
    return found[0]


def _by_barcode(run: Run, text: str) -> list[Volume]:
    try:
        code = barcode.parse(text)
    except barcode.BadCode:
        return []
    if code.kind is not barcode.BarcodeType.VOLUME:
        return []
    return [queries.volume_for(run.actor, code.id, run.at)]


def _at(lines: list[Line], position: int) -> Line:
    if not 1 <= position <= len(lines):
        raise NotFound(_("没有第 %(n)s 件。", n=position))
    return lines[position - 1]


def _line(run: Run, row: Volume, **more: Any) -> None:
    name = row.number or _("第 %(n)s 卷", n=row.place_in_year)
    much = _("%(items)s 件 %(pages)s 页", items=row.items, pages=row.pages)
    run.line(
        f"{row.id}  {name}  {STATES[row.state]}  {much} {row.thickness_mm:g} mm  {row.title}",
        id=row.id, number=row.number, category=row.category, year=row.year, place_in_year=row.place_in_year,
        state=row.state, items=row.items, pages=row.pages, sheets=row.sheets, thickness_mm=row.thickness_mm,
        box_mm=row.box_mm, title=row.title, apart=row.apart, revision=row.revision,
        barcode=barcode.payload(barcode.BarcodeType.VOLUME, row.id), **more,
    )  # fmt: skip


def _item(run: Run, line: Line) -> None:
    why = "，".join(word for word in (line.reason, line.year_reason) if word)
    run.line(
        f"{line.position:>4}  {line.folder.file_number}  {line.pages:>9}  {line.document.title}  {why}",
        position=line.position, item=line.item_id, document=line.document.id, title=line.document.title,
        file_number=line.folder.file_number, pages=line.pages, rule=line.rule, reason=line.reason,
        clause=line.clause, year_reason=line.year_reason, year_clause=line.year_clause, moved=line.moved,
    )  # fmt: skip


def _problem(run: Run, problem: Problem) -> None:
    sign = "!" if problem.open else "·"
    run.line(
        f"{sign}  {problem.name}  {problem.folder.file_number}  {problem.text}", problem=problem.code,
        file_number=problem.folder.file_number, what=problem.text, holds=problem.open,
        volume=problem.volume_id,
        accepted=problem.accepted.reason if problem.accepted else None,
    )  # fmt: skip
