"""Draws a form by WeasyPrint inside the press; nothing is fetched from anywhere."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from archive_app.printing import barcode, fit, volume_pages
from archive_app.printing.slim import slim_fonts

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "print"
X_MM = 0.254
"""Narrowest bar: 3 dots of 300 dpi, 6 of 600 dpi."""
PT = 25.4 / 72
DOT_MM = 25.4 / 300
"""A QR module is a whole number of these: printer dots of 300 dpi."""
SERIF = 1.06
"""The serif of the forms is a little wider than the sans that measures it."""


def draw(form: str, data: dict[str, Any]) -> bytes:
    """The PDF of a form, declared PDF/A-2u. Raises what Jinja or WeasyPrint raise."""
    from weasyprint import CSS, HTML

    page = _environment().get_template(f"{form}/sheet.html").render(data)
    names = ("common.css", "_stamp.css", f"{form}/sheet.css")
    sheets = [CSS(string=(FOLDER / name).read_text("utf-8"), url_fetcher=_fetcher()) for name in names]
    with _seldom_collecting():
        pdf = HTML(string=page, url_fetcher=_fetcher()).write_pdf(
            stylesheets=sheets, pdf_variant="pdf/a-2u", finisher=_finish
        )
    return bytes(pdf)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Look for garbage seldom: the boxes of a form live until it is written; walking them costs a sixth."""
    usual = gc.get_threshold()
    gc.set_threshold(5000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@cache
def _fetcher() -> Any:
    """A fetcher that knows only ``data:`` — a hostile title must not reach a file or a network."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols={"data"}, allow_redirects=False)


def _finish(_document: Any, pdf: Any) -> None:
    """Ask the viewer not to scale: bars are whole printer dots only at 100 %; and make the fonts small."""
    import pydyf

    slim_fonts(pdf.objects)
    pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"PrintScaling": "/None"})


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"bars": bars, "spaced": barcode.spaced, "upright": upright, "line": fit.clean}
    environment.filters |= {"fitted": fitted, "qr": qr} | volume_pages.FILTERS
    return environment


def bars(digits: str, height: float) -> Markup:
    """Code 128 as one vector path, ``height`` mm high, without its quiet zones."""
    return _svg(barcode.bars_path(digits), barcode.MODULES, 1, barcode.MODULES * X_MM, height)


def qr(text: str, mm: float) -> Markup:
    """A QR as one vector path with its quiet zone, the largest in whole printer dots within ``mm``.

    Our text of a print has 29 modules: 15.7 mm gives 5 dots a module, 12.6 mm gives 4.
    """
    path, side = barcode.qr_path(text)
    quiet = barcode.QR_QUIET
    whole = side + 2 * quiet
    width = max(1, int(mm / whole / DOT_MM)) * DOT_MM * whole
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{w:.3f}mm" height="{w:.3f}mm" '
        'viewBox="-{q} -{q} {n} {n}"><path d="{path}"/></svg>'
    ).format(w=width, q=quiet, n=whole, path=path)


def _svg(path: str, columns: int, rows: int, width: float, height: float) -> Markup:
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{w:.3f}mm" height="{h:.3f}mm" '
        'viewBox="0 0 {columns} {rows}" preserveAspectRatio="none"><path d="{path}"/></svg>'
    ).format(w=width, h=height, columns=columns, rows=rows, path=path)


def fitted(text: str, width: float, height: float, pt: float, bold: bool = False) -> Markup:
    """Text in the largest type up to ``pt`` that fits ``width`` × ``height`` mm: shrunk, never cut."""
    words = fit.clean(text)
    size, _lines = fit.fit(words, (width / SERIF, height), (pt * PT,), 99, bold=bold, cut=False)
    weight = " bold" if bold else ""
    return Markup('<div class="fit{}" style="font-size:{:.2f}pt">{}</div>').format(weight, size / PT, words)


def upright(text: str) -> Markup:
    """Text from top to bottom, a block a character: WeasyPrint has no vertical writing."""
    return Markup("").join(Markup("<span>{}</span>").format(char) for char in fit.clean(text))
