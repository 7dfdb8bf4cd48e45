"""Commands of the stacks: places and what stands in them, their labels, and the label printers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from archive_app.cli.frame import Run, archive, command, folder_of
from archive_app.core.errors import Invalid, NotFound
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.printing import barcode, labels
from archive_app.stacks import printers, queries, service, sheets
from archive_app.stacks.models import Place, Printer
from archive_app.stacks.queries import Node

FILE = click.Path(dir_okay=False, path_type=Path)
KIND = click.Choice(["room", "cabinet", "shelf", "box"])


@archive.group("place")
def place() -> None:
    """Rooms, cabinets, shelves and boxes, and what stands in them."""


@command(place, "add")
@click.argument("kind", type=KIND)
@click.argument("code")
@click.option("--in", "within", metavar="PLACE", help="the place it stands in, by code or barcode")
@click.option("--count", default=1, show_default=True, help="so many in a row, counted on from CODE")
@click.option("--name", default="", help="a room's full name, or what a box is for")
@click.option("--width", type=int, help="width in mm")
def add(
    run: Run, kind: str, code: str, within: str | None, count: int, name: str, width: int | None
) -> None:  # fmt: skip
    """Set up a place (or --count of them) under --in; a room stands in nothing."""
    parent = place_of(run, within).id if within else None
    made = service.add_places(
        kind, code, parent, count, name=name, width_mm=width, actor=run.actor, at=run.at
    )  # fmt: skip
    for row in made:
        _line(run, row)


@command(place, "tree", who="reads", needs="place.view")
def tree(run: Run) -> None:
    """All places in use with how many folders and volumes stand in each."""
    run.actor.must("place.view")
    for node, depth in _walk(queries.tree(run.actor, run.at)):
        row = node.place
        run.line(
            f"{'  ' * depth}{row.path}  {sheets.payload_of(row)}  {node.total}",
            id=row.id, kind=row.kind, code=queries.short_of(row), path=row.path, things=node.total,
            away=node.total_away, barcode=sheets.payload_of(row),
        )  # fmt: skip


def _walk(nodes: list[Node], depth: int = 0) -> Iterable[tuple[Node, int]]:
    for node in nodes:
        yield node, depth
        yield from _walk(node.children, depth + 1)


@command(place, "show", who="reads", needs="place.view")
@click.argument("where", metavar="PLACE")
def show(run: Run, where: str) -> None:
    """What should stand in PLACE, in shelf order, and what was seen there but belongs elsewhere."""
    run.actor.must("place.view")
    shown = queries.contents(run.actor, place_of(run, where).id, run.at)
    for thing in [*shown.things, *shown.strangers]:
        state = "away" if thing.away else "here" if thing.at_home else "stranger"
        run.line(
            f"{thing.named.text}  {state}  {thing.named.title}",
            kind=thing.kind, id=thing.key, number=thing.named.text, title=thing.named.title, state=state,
            custody=thing.named.custody, home=thing.home.path if thing.home else "", seen_at=thing.seen_at,
            seen_in=thing.seen_in.path if thing.seen_in else "",
        )  # fmt: skip


@command(place, "move")
@click.argument("where", metavar="PLACE")
@click.argument("target", metavar="TO")
def move(run: Run, where: str, target: str) -> None:
    """Move a box, shelf or cabinet with all that is in it to the place TO."""
    row, to = place_of(run, where), place_of(run, target)
    _line(run, service.move_place(row.id, to.id, actor=run.actor, at=run.at))


@command(place, "close")
@click.argument("where", metavar="PLACE")
def close(run: Run, where: str) -> None:
    """Take an empty PLACE out of use."""
    row = place_of(run, where)
    service.close_place(row.id, actor=run.actor, at=run.at)
    run.line(_("%(path)s 已停用。", path=row.path), id=row.id, path=row.path, closed=True)


@command(place, "shelve")
@click.argument("where", metavar="PLACE")
@click.argument("number", nargs=-1, required=True)
@click.option("--seen", is_flag=True, help="only date that they were seen there; their home stays")
def shelve(run: Run, where: str, number: tuple[str, ...], seen: bool) -> None:
    """Put folders NUMBER… into PLACE, all or none; it becomes their home."""
    row, folders = place_of(run, where), [folder_of(run, text) for text in number]
    things = [("folder", folder.id) for folder in folders]
    service.shelve(row.id, things, home=not seen, via="command", actor=run.actor, at=run.at)
    for folder in folders:
        run.line(f"{folder.file_number}  {row.path}", id=folder.id, file_number=folder.file_number,
                 place=row.path, home=not seen)  # fmt: skip


@command(place, "label")
@click.argument("where", metavar="PLACE", nargs=-1, required=True)
@click.option("--below", is_flag=True, help="with all that is in it: a cabinet and its shelves and boxes")
@click.option("--printer", "name", help="a printer kept by `printer add`: its stock, offset and next label")
@click.option("--stock", default="L7160", show_default=True, help="a file of labels/stock")
@click.option("--start", type=int, help="first free label on the sheet")
@click.option("--zpl", is_flag=True, help="ZPL for a thermal printer instead of PDF")
@click.option("--out", type=FILE, help="file to write")
def label(
    run: Run, *, where: tuple[str, ...], below: bool, name: str | None, stock: str, start: int | None,
    zpl: bool, out: Path | None,
) -> None:  # fmt: skip
    """Print labels of PLACE… into a file."""
    run.actor.must("label.print")
    rows = [place_of(run, text) for text in where]
    if below:
        rows = [each for row in rows for each in queries.with_all_below(run.actor, row.id)]
    values = [sheets.label_of(row) for row in rows]
    data, paper = drawn(run, values, printer_name=name, stock=stock, start=start, zpl=zpl)
    kind = "zpl" if zpl else "pdf"
    out = out or Path(f"labels-{values[0].payload}.{kind}")
    out.write_bytes(data)
    with work(run.actor, run.at) as w:
        for row in rows:
            w.note("label.print", row, path=row.path, stock=paper.name, format=kind)
    run.line(_("%(n)s 枚标签：%(file)s", n=len(rows), file=out), file=str(out), labels=len(rows))


def drawn(
    run: Run,
    values: list[labels.Label],
    *,
    printer_name: str | None,
    stock: str,
    start: int | None,
    zpl: bool,
) -> tuple[bytes, labels.Stock]:
    """Labels as PDF or ZPL on a kept printer or on a stock; the printer's next free label moves on."""
    kept = printer_of(run, printer_name) if printer_name else None
    setting = printers.setting_of(kept) if kept else labels.Setting(labels.load_stock(stock))
    if zpl:
        return labels.labels_zpl(values, setting.stock), setting.stock
    first = start or setting.start
    data = labels.labels_pdf(values, setting.stock, first, setting.offset_mm, setting.scale)
    if kept:
        following = (first - 1 + len(values)) % setting.stock.per_page + 1
        printers.note_printed(kept.id, following, actor=run.actor, at=run.at)
    return data, setting.stock


@archive.group("printer")
def printer() -> None:
    """Label printers: stock, offset and scale, next free label."""


@command(printer, "list", who="reads", needs="label.print")
def list_printers(run: Run) -> None:
    """The printers that are kept."""
    for row in printers.printers(run.actor):
        _printer_line(run, row)


@command(printer, "add")
@click.argument("name")
@click.option("--stock", default="L7160", show_default=True, help="a file of labels/stock")
@click.option("--sheet", type=FILE, help="write the calibration sheet here")
def add_printer(run: Run, name: str, stock: str, sheet: Path | None) -> None:
    """Keep a printer NAME with the label stock that is in it."""
    row = printers.add_printer(name, stock, actor=run.actor, at=run.at)
    if sheet:
        sheet.write_bytes(printers.calibration_sheet(row))
    _printer_line(run, row)


@command(printer, "calibrate")
@click.argument("name")
@click.argument("first", type=(float, float))
@click.argument("last", type=(float, float))
def calibrate(run: Run, name: str, first: tuple[float, float], last: tuple[float, float]) -> None:
    """Keep what makes good that the crosses were found at FIRST and LAST.

    FIRST is the upper left one, LAST the lower right one, each two numbers: mm from the left and upper edge.
    """
    found = labels.Measured(first, last)
    row, mended = printers.calibrate(printer_of(run, name).id, found, actor=run.actor, at=run.at)
    if mended.uneven and not run.as_json:
        click.echo(_("横竖缩得不一样，只能取中。请关掉打印机的“适合页面”。"), err=True)
    _printer_line(run, row)


@command(printer, "set")
@click.argument("name")
@click.option("--stock", help="a file of labels/stock")
@click.option("--next", "next_start", type=int, help="next free label on its sheet")
@click.option("--offset", type=(float, float), help="mm to the right and down")
@click.option("--scale", type=float)
@click.option("--sheet", type=FILE, help="write the corrected sheet here")
def set_printer(
    run: Run, *, name: str, stock: str | None, next_start: int | None, offset: tuple[float, float] | None,
    scale: float | None, sheet: Path | None,
) -> None:  # fmt: skip
    """Change what is kept of printer NAME."""
    row = printer_of(run, name)
    row = printers.set_printer(
        row.id, name=row.name, stock=stock or row.stock, next_start=next_start or row.next_start,
        offset_mm=offset or (row.offset_x_mm, row.offset_y_mm), scale=scale or row.scale,
        actor=run.actor, at=run.at,
    )  # fmt: skip
    if sheet:
        sheet.write_bytes(printers.calibration_sheet(row, corrected=True))
    _printer_line(run, row)


def place_of(run: Run, text: str) -> Place:
    """The place with this short code, way in words or barcode. Raises NotFound, Invalid: several fit."""
    try:
        code = barcode.parse(text)
    except barcode.BadCode:
        found = queries.find(run.actor, text)
    else:
        kinds = (barcode.BarcodeType.BOX, barcode.BarcodeType.PLACE)
        found = [queries.place_for(run.actor, code.id)] if code.kind in kinds else []
    if not found:
        raise NotFound(_("没有位置 %(where)s。", where=text))
    if len(found) > 1:
        raise Invalid({"PLACE": _("有几处：%(paths)s。请写全。", paths="、".join(row.path for row in found))})
    return found[0]


def printer_of(run: Run, name: str) -> Printer:
    """The printer with this name. Raises NotFound."""
    found = [row for row in printers.printers(run.actor) if row.name == name]
    if not found:
        raise NotFound(_("没有打印机 %(name)s。", name=name))
    return found[0]


def _line(run: Run, row: Place) -> None:
    code = sheets.payload_of(row)
    run.line(f"{row.path}  {code}", id=row.id, kind=row.kind, code=queries.short_of(row), path=row.path,
             barcode=code)  # fmt: skip


def _printer_line(run: Run, row: Printer) -> None:
    run.line(
        f"{row.name}  {row.stock}  {row.next_start}  "
        f"{row.offset_x_mm:+.2f} {row.offset_y_mm:+.2f} mm  × {row.scale}",
        id=row.id, name=row.name, stock=row.stock, next_start=row.next_start,
        offset_mm=[row.offset_x_mm, row.offset_y_mm], scale=row.scale, calibrated_at=row.calibrated_at,
    )  # fmt: skip
