"""Label sheets by typst: the strokes go in as JSON, so no text can become markup."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from archive_app.printing.fonts import STACK
from archive_app.printing.layout import Code, Label, Strokes, lay_out
from archive_app.printing.stock import FOLDER, Stock

TEMPLATE = FOLDER / "design" / "sheet.typ"


def draw(
    labels: Sequence[Label], stock: Stock, start: int, offset_mm: tuple[float, float], scale: float
) -> bytes:
    """A PDF of the labels in the cells from ``start`` (1 is the first) on; never scaled by the viewer."""
    pages: list[list[dict[str, Any]]] = []
    for n, label in enumerate(labels, start - 1):
        if not pages or n % stock.per_page == 0:
            pages.append([])
        corner = corner_of(n % stock.per_page, stock, offset_mm)
        pages[-1].append(_cell(lay_out(label, stock, corner), corner))
    data = {"page": stock.page, "size": stock.label, "fonts": STACK, "scale": scale, "pages": pages}
    return unscaled(_compile(json.dumps(data, ensure_ascii=False)))


def draw_page(strokes: Strokes, stock: Stock, offset_mm: tuple[float, float], scale: float) -> bytes:
    """A PDF of one page of strokes that lie on the page itself (the calibration sheet)."""
    pages = [[_cell(strokes, offset_mm)]]
    data = {"page": stock.page, "size": stock.page, "fonts": STACK, "scale": scale, "pages": pages}
    return unscaled(_compile(json.dumps(data, ensure_ascii=False)))


def corner_of(cell: int, stock: Stock, offset_mm: tuple[float, float] = (0, 0)) -> tuple[float, float]:
    """Upper left corner of a cell on the page, in mm; cells run row by row from 0."""
    row, column = divmod(cell, stock.columns)
    return (
        stock.origin[0] + column * stock.pitch[0] + offset_mm[0],
        stock.origin[1] + row * stock.pitch[1] + offset_mm[1],
    )


def _cell(strokes: Strokes, corner: tuple[float, float]) -> dict[str, Any]:
    return {
        "at": corner,
        "lines": [vars(line) for line in strokes.lines],
        "frames": [vars(frame) for frame in strokes.frames],
        "codes": [{"svg": _svg(c), "x": c.x, "y": c.y, "w": c.w, "h": c.h} for c in strokes.codes],
    }


def _svg(code: Code) -> str:
    """Path data as a stretched picture: typst draws it as one vector path, four times faster than its own."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{code.columns}" height="{code.rows}" '
        f'viewBox="0 0 {code.columns} {code.rows}" preserveAspectRatio="none"><path d="{code.path}"/></svg>'
    )


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts()


def _compile(data: str) -> bytes:
    import typst

    compiler = typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=_fonts())
    pdf = compiler.compile(format="pdf", sys_inputs={"data": data}, pdf_tags=False)
    assert isinstance(pdf, bytes)
    return pdf


def unscaled(pdf: bytes) -> bytes:
    """The PDF with the viewer preference "no scaling", appended as an update (ISO 32000-1, 7.5.6, 12.2).

    typst cannot say it itself, and a sheet printed at 96 % misses its labels.
    """
    root = re.search(rb"/Root (\d+) 0 R", pdf[-2048:])
    previous = re.search(rb"startxref\s+(\d+)", pdf[-64:])
    assert root and previous
    number = root[1]
    catalog = re.search(rb"\n" + number + rb" 0 obj\n<<(.*?)>>\nendobj", pdf, re.DOTALL)
    trailer = re.search(rb"trailer\s*<<(.*)>>\s*startxref", pdf[-2048:], re.DOTALL)
    assert catalog and trailer
    entries = re.sub(rb"/ViewerPreferences<<.*?>>", b"", catalog[1])
    update = number + b" 0 obj\n<<" + entries + b"/ViewerPreferences<</PrintScaling/None>>>>\nendobj\n"
    at = len(pdf) + 1
    xref = b"xref\n%s 1\n%010d 00000 n\r\n" % (number, at)
    end = b"trailer\n<<%s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n" % (trailer[1], previous[1], at + len(update))
    return pdf + b"\n" + update + xref + end
