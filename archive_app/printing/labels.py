"""Labels of folders and places on sheets and rolls: PDF for laser printers, ZPL for thermal printers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.printing.calibration import Correction, Measured, correction, crosses
from archive_app.printing.layout import Label
from archive_app.printing.press import PRESS
from archive_app.printing.stock import Stock, load_stock, stocks

__all__ = [
    "Correction", "Label", "Measured", "Setting", "Stock", "calibration_pdf", "correction", "crosses",
    "labels_pdf", "labels_zpl", "load_stock", "missing_glyphs", "stocks",
]  # fmt: skip

OFFSET_MM = 10.0
SCALES = (0.9, 1.1)


@dataclass(frozen=True)
class Setting:
    """How labels are put on paper: the stock, where to start, and what the printer shifts and shrinks.

    ``printer`` is the id of a printer that the house keeps, None for a stock as it is.
    """

    stock: Stock
    start: int = 1
    offset_mm: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    printer: int | None = None
    name: str = ""

    def next_start(self, count: int) -> int:
        """The first free label after ``count`` more."""
        return (self.start - 1 + count) % self.stock.per_page + 1


def labels_pdf(
    labels: Iterable[Label],
    stock: Stock,
    start: int = 1,
    offset_mm: tuple[float, float] = (0.0, 0.0),
    scale: float = 1.0,
) -> bytes:
    """A PDF of the labels, the first in cell ``start`` (1 is the upper left one, row by row).

    ``offset_mm`` and ``scale`` make good what a printer shifts and shrinks.
    Raises Invalid: labels, start, offset_mm, scale; ArchiveError when drawing fails.
    """
    found = _some(labels)
    if not 1 <= start <= stock.per_page:
        raise Invalid({"start": _("从第几张起：填 1 到 %(n)s。", n=stock.per_page)})
    check_correction(offset_mm, scale)
    job = {"labels": found, "stock": stock.name, "start": start, "offset_mm": offset_mm, "scale": scale}
    return PRESS.run("labels", job)


def check_correction(offset_mm: tuple[float, float], scale: float) -> None:
    """What a printer is off lies within reason. Raises Invalid: offset_mm, scale."""
    if not all(abs(mm) <= OFFSET_MM for mm in offset_mm):
        raise Invalid({"offset_mm": _("偏移不超过 %(mm)s mm。", mm=OFFSET_MM)})
    if not SCALES[0] <= scale <= SCALES[1]:
        raise Invalid({"scale": _("缩放填 %(low)s 到 %(high)s。", low=SCALES[0], high=SCALES[1])})


def calibration_pdf(
    stock: Stock, words: tuple[str, ...], offset_mm: tuple[float, float] = (0.0, 0.0), scale: float = 1.0
) -> bytes:
    """The calibration sheet of a stock: as it is, to be measured; with a correction, to check that.

    Raises Invalid: offset_mm, scale; ArchiveError when drawing fails.
    """
    check_correction(offset_mm, scale)
    job = {"stock": stock.name, "words": words, "offset_mm": offset_mm, "scale": scale}
    return PRESS.run("calibration", job)


def labels_zpl(labels: Iterable[Label], stock: Stock) -> bytes:
    """ZPL II for a thermal printer, one block a label. Raises Invalid: labels, stock."""
    found = _some(labels)
    if not stock.zpl:
        raise Invalid({"stock": _("%(name)s 不是热敏标签纸。请选热敏卷，或改用 PDF。", name=stock.title)})
    return PRESS.run("zpl", {"labels": found, "stock": stock.name})


def missing_glyphs(text: str) -> set[str]:
    """Characters that no installed font can print; looked up in the press, for coverage fills memory."""
    return set(json.loads(PRESS.run("missing", {"text": text})))


def _some(labels: Iterable[Label]) -> list[dict[str, object]]:
    found = [dict(vars(label)) for label in labels]
    if not found:
        raise Invalid({"labels": _("没有要打印的标签。请先选档案。")})
    return found
