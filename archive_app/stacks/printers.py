"""Label printers: the stock in each, what it shifts and shrinks, and the next free label."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.core.errors import Invalid, NotFound
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people.actor import Actor
from archive_app.printing import labels
from archive_app.records.rules import clean_line
from archive_app.stacks.models import Printer

NAME_MAX = 60


def printers(actor: Actor) -> list[Printer]:
    """The printers in use, by name."""
    rows = Printer.select().where((Printer.unit == actor.unit_id) & Printer.closed_at.is_null())
    return list(rows.order_by(Printer.name))


def printer_for(actor: Actor, printer_id: int) -> Printer:
    """A printer in use. Raises NotFound."""
    wanted = (Printer.id == printer_id) & (Printer.unit == actor.unit_id) & Printer.closed_at.is_null()
    row = Printer.get_or_none(wanted)
    if row is None:
        raise NotFound(_("没有这台打印机。"))
    return row


def setting_of(printer: Printer) -> labels.Setting:
    """How labels are put on paper with this printer. Raises NotFound: its stock is gone."""
    return labels.Setting(
        labels.load_stock(printer.stock), printer.next_start, (printer.offset_x_mm, printer.offset_y_mm),
        printer.scale, printer.id, printer.name,
    )  # fmt: skip


def settings(actor: Actor) -> list[labels.Setting]:
    """The printers as the label form offers them; one whose stock is gone is left out."""
    known = {stock.name for stock in labels.stocks()}
    return [setting_of(row) for row in printers(actor) if row.stock in known]


def add_printer(name: str, stock: str, *, actor: Actor, at: datetime) -> Printer:
    """Keep a printer with the label stock that is in it. Raises Invalid: name, stock; Refused: permission."""
    actor.must("label.print")
    values = _checked(name, stock, 1)
    try:
        with work(actor, at) as w:
            row = Printer.create(unit=actor.unit_id, created_by=actor.username, created_at=at, **values)
            w.note("printer.add", row, name=row.name, stock=stock)
    except pw.IntegrityError:
        raise Invalid({"name": _("已有同名的打印机。")}) from None
    return row


def set_printer(
    printer_id: int, *, name: str, stock: str, next_start: int, offset_mm: tuple[float, float], scale: float,
    actor: Actor, at: datetime,
) -> Printer:  # fmt: skip
    """Change what is kept of a printer. Raises Invalid; NotFound; Refused: permission."""
    actor.must("label.print")
    row = printer_for(actor, printer_id)
    labels.check_correction(offset_mm, scale)
    values: dict[str, Any] = _checked(name, stock, next_start)
    values |= {"offset_x_mm": offset_mm[0], "offset_y_mm": offset_mm[1], "scale": scale}
    try:
        with work(actor, at) as w:
            Printer.update(values).where(Printer.id == row.id).execute()
            w.note("printer.set", row, **values)
    except pw.IntegrityError:
        raise Invalid({"name": _("已有同名的打印机。")}) from None
    return printer_for(actor, printer_id)


def calibrate(
    printer_id: int, found: labels.Measured, *, actor: Actor, at: datetime
) -> tuple[Printer, labels.Correction]:
    """Work out offset and scale from the crosses measured on an uncorrected sheet, and keep them.

    Raises Invalid: first, last, offset_mm, scale — measured too far off to be true; NotFound;
    Refused: permission.
    """
    actor.must("label.print")
    row = printer_for(actor, printer_id)
    stock = labels.load_stock(row.stock)
    _check_measured(stock, found)
    mended = labels.correction(stock, found)
    labels.check_correction(mended.offset_mm, mended.scale)
    x, y = mended.offset_mm
    with work(actor, at) as w:
        changed: dict[str, Any] = {"offset_x_mm": x, "offset_y_mm": y, "scale": mended.scale}
        Printer.update(calibrated_at=at, **changed).where(Printer.id == row.id).execute()
        w.note("printer.calibrate", row, first=found.first, last=found.last, **changed)
    return printer_for(actor, printer_id), mended


def note_printed(printer_id: int, next_start: int, *, actor: Actor, at: datetime) -> None:
    """Keep where on the sheet the next label goes."""
    with work(actor, at):
        Printer.update(next_start=next_start).where(Printer.id == printer_id).execute()


def close_printer(printer_id: int, *, actor: Actor, at: datetime) -> None:
    """Offer a printer no longer. Raises NotFound; Refused: permission."""
    actor.must("label.print")
    row = printer_for(actor, printer_id)
    with work(actor, at) as w:
        Printer.update(closed_at=at).where(Printer.id == row.id).execute()
        w.note("printer.close", row, name=row.name)


def calibration_sheet(printer: Printer, corrected: bool = False) -> bytes:
    """The sheet to measure; ``corrected`` with the printer's own offset and scale, to check them."""
    stock = labels.load_stock(printer.stock)
    first, last = labels.crosses(stock)
    words: tuple[str, ...] = (
        _("检查页：%(name)s", name=printer.name) if corrected else _("校准页：%(name)s", name=printer.name),
        _("打印时选“实际大小”，不要缩放。"),
        _("应为：左上 %(a)s、%(b)s；右下 %(c)s、%(d)s mm", a=first[0], b=first[1], c=last[0], d=last[1]),
        _("量左上、右下两个十字中心到纸左边、上边的距离。"),
    )
    if min(stock.page) < 100:
        words = words[:1] + words[2:3]
    if not corrected:
        return labels.calibration_pdf(stock, words)
    return labels.calibration_pdf(stock, words, (printer.offset_x_mm, printer.offset_y_mm), printer.scale)


def _checked(name: str, stock: str, next_start: int) -> dict[str, Any]:
    name, errors = clean_line(name), {}
    if not name or len(name) > NAME_MAX:
        errors["name"] = _("请填 1 到 %(n)s 个字的名称。", n=NAME_MAX)
    found = next((each for each in labels.stocks() if each.name == stock), None)
    if found is None:
        errors["stock"] = _("请从列表中选。")
    elif not 1 <= next_start <= found.per_page:
        errors["next_start"] = _("下一枚填 1 到 %(n)s。", n=found.per_page)
    if errors:
        raise Invalid(errors)
    return {"name": name, "stock": stock, "next_start": next_start}


def _check_measured(stock: labels.Stock, found: labels.Measured) -> None:
    """What was measured lies near where it belongs: a number in a wrong field is no deviation."""
    errors = {}
    pairs = zip(("first", "last"), (found.first, found.last), labels.crosses(stock), strict=True)
    for field, typed, true in pairs:
        if not all(abs(typed[n] - true[n]) <= 12 for n in (0, 1)):
            errors[field] = _("离应有的 %(x)s、%(y)s mm 太远，请再量一次。", x=true[0], y=true[1])
    if errors:
        raise Invalid(errors)
