"""Rows of a printed table: type, line ends and height of every row, and which rows stand on which page."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from archive_app.printing import fit, fonts

PT = 25.4 / 72
LEADING = 1.25
"""Distance of baselines in units of the type size."""
SIZES = (10.5, 8.0, 6.6)
"""Type sizes (pt) that a text tries before its row grows; 五号, then smaller."""
WHOLE_LEAST = 8.0
"""A number is rather set smaller than broken, down to this size (pt)."""
HEADINGS = (12.0, 10.5, 9.0, 8.0, 7.0)
"""Type sizes (pt) that the heading of a column tries."""
PAD = 1.0
"""Blank left and right of a text in its cell, mm."""
SPARE = 0.8
"""Blank above and below the text of a row together, mm."""
FAMILY = "Noto Serif CJK SC"
UNSURE = 1.25
"""Characters that are joined, shaped or drawn by another font may be wider than they are alone."""


@dataclass(frozen=True)
class Column:
    """One column: the name of its value in a record, its heading, its width in mm.

    ``whole`` marks numbers and dates: they are set smaller, and broken only behind a hyphen.
    """

    name: str
    title: str
    width: float
    align: str = "left"
    whole: bool = False

    @property
    def title_pt(self) -> float:
        """Type size of the heading in pt: the largest in which its lines have room."""
        widest = max(serif(line, True) for line in self.title.split("\n"))
        return next((pt for pt in HEADINGS if widest * pt * PT <= self.width - 0.6), HEADINGS[-1])


@dataclass(frozen=True)
class Table:
    """The frame of a table in mm: where its corner is, its heading, its rows and the room for rows on a page.

    A row that cannot hold its text grows by ``step``. ``padded``: empty rows fill the last page.
    """

    columns: tuple[Column, ...]
    left: float
    top: float
    heading: float
    row: float
    step: float
    room: float
    padded: bool = True
    sizes: tuple[float, ...] = SIZES

    @property
    def width(self) -> float:
        """Width of the whole table, mm."""
        return sum(column.width for column in self.columns)


@dataclass(frozen=True)
class Cell:
    """A text as it is printed: its lines and the size of its type in pt."""

    text: str
    pt: float


@dataclass(frozen=True)
class Row:
    """One row: its cells in the order of the columns and its height in mm."""

    cells: tuple[Cell, ...]
    height: float


@dataclass(frozen=True)
class Page:
    """The rows of one page and the empty rows under them; ``last`` is the page where the table ends."""

    rows: tuple[Row, ...]
    blank: int
    last: bool


def lay_out(record: Mapping[str, Any], table: Table) -> Row:
    """Set a record: each text as large as the row allows, the row as high as its longest text needs.

    Nothing is cut: what would be higher than a whole page is set smaller still.
    """
    texts = [(fit.clean(str(record.get(column.name) or "")), column) for column in table.columns]
    height = min(table.room, max(needed(text, column, table) for text, column in texts))
    return Row(tuple(set_cell(text, column, height, table.sizes) for text, column in texts), height)


def needed(text: str, column: Column, table: Table) -> float:
    """Height in mm of the row in which a text has room: the common height, or so many steps more."""
    if not text:
        return table.row
    least = table.sizes[-1]
    more = SPARE + len(_broken(text, column, least)) * least * LEADING * PT - table.row
    return table.row + max(0, math.ceil(more / table.step - 1e-6)) * table.step


@lru_cache(maxsize=4096)
def set_cell(text: str, column: Column, height: float, sizes: tuple[float, ...] = SIZES) -> Cell:
    """Break a text in a cell: in the largest size that has room, on one line if it must stay whole."""
    if column.whole and (pt := _whole(text, column, sizes)):
        return Cell(text, pt)
    size = sizes[0]
    for size in sizes:
        lines = _broken(text, column, size)
        if _fits(lines, size, height):
            return Cell("\n".join(lines), size)
    while not _fits(lines, size, height):
        size *= 0.94
        lines = _broken(text, column, size)
    return Cell("\n".join(lines), round(size, 2))


def _whole(text: str, column: Column, sizes: tuple[float, ...]) -> float | None:
    """The size in which a number stands on one line; figures are centred, they need less air."""
    tried = sorted({pt for pt in (*sizes, 9.0) if WHOLE_LEAST <= pt <= sizes[0]}, reverse=True)
    return next((pt for pt in tried if serif(text, False) * pt * PT <= column.width - 0.8), None)


def _fits(lines: Sequence[str], pt: float, height: float) -> bool:
    return len(lines) * pt * LEADING * PT <= height - SPARE + 1e-6


def _broken(text: str, column: Column, pt: float) -> list[str]:
    em = (column.width - 2 * PAD) / (pt * PT)
    if not column.whole:
        return wrap(text, em)
    return [line.replace("- ", "-") for line in wrap(text.replace("-", "- "), em)]


def wrap(text: str, em: float, bold: bool = False) -> list[str]:
    """Break a text set in the serif of the forms into lines of at most ``em`` em."""
    return fit.wrap(text, em, bold, serif)


@lru_cache(maxsize=50_000)
def serif(text: str, bold: bool) -> float:
    """Width of a text in em, set in the serif of the forms; never too little."""
    return sum([_advance(char, bold) for char in text])


@lru_cache(maxsize=20_000)
def _advance(char: str, bold: bool) -> float:
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    if char.isdigit():
        return 0.6 if bold else 0.565  # tabular figures: all as wide as the widest
    face = fonts.installed().get((FAMILY, 700 if bold else 400))
    if face and ord(char) in fonts.coverage(face):
        wide = float(_ruler(face).getlength(char)) / 1000
    else:
        wide = fonts.advance(char, bold) * 1.1
    return wide if fit.is_exact(char) else wide * UNSURE


@cache
def _ruler(face: fonts.Face) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(face.path, 1000, index=face.number, layout_engine=ImageFont.Layout.BASIC)


def paginate(rows: Sequence[Row], table: Table) -> list[Page]:
    """Share the rows among pages; a row is never split, and there is always one page."""
    pages: list[list[Row]] = [[]]
    used = 0.0
    for row in rows:
        if used + row.height > table.room + 1e-6:
            pages.append([])
            used = 0.0
        pages[-1].append(row)
        used += row.height
    return [Page(tuple(page), _blank(page, table), page is pages[-1]) for page in pages]


def _blank(page: Sequence[Row], table: Table) -> int:
    if not table.padded:
        return 0
    return int((table.room - sum(row.height for row in page)) / table.row + 1e-6)


def edges(page: Page, table: Table) -> list[float]:
    """Distances in mm of the horizontal lines of a page from the top of its table."""
    found = [0.0, table.heading]
    for height in (*(row.height for row in page.rows), *[table.row] * page.blank):
        found.append(found[-1] + height)
    return found
