"""A register as an Excel file: real dates, texts that stay texts, rows streamed in flat memory.

openpyxl makes the workbook, its styles and a sample of every kind of cell. The rows themselves are written
in the sample's place as SpreadsheetML: an object a cell costs ten times the time (100,000 rows, 30 s).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from archive_app.core.clock import local
from archive_app.core.i18n import _
from archive_app.reports.shape import Field, Values

SHEET = "xl/worksheets/sheet1.xml"
HEAD_ROWS = 3
FORMATS = {
    "moment": "yyyy-mm-dd hh:mm",
    "day": "yyyy-mm-dd",
    "span": "0.0",
    "number": "0",
    "yuan": "#,##0.00",
}
"""How the kinds of values are shown; the text kind has no format."""
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's own day zero, on no clock
FORMULA = ("=", "+", "-", "@", "\t", "\r")
CELL_MAX = 32_767
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_PLAIN = re.compile("[^_\x00-\x1f\ud800-\udfff\ufffe\uffff]*")
_SAMPLE = re.compile(rf'<row r="{HEAD_ROWS + 1}".*?</row>', re.S)
_STYLE = re.compile(r'<c r="[A-Z]+\d+"(?: s="(\d+)")?')
_FILTER = re.compile(r'<autoFilter ref="[^"]*"')


def write(target: Path, fields: list[Field], rows: Iterable[Values], title: str, note: str) -> int:
    """Write the file and return how many rows it has; the head is the third row, in the reader's words."""
    with TemporaryDirectory(prefix="excel-") as folder:
        frame = Path(folder) / "frame.xlsx"
        _frame(frame, fields, title, note)
        with ZipFile(frame) as parts, ZipFile(target, "w", ZIP_DEFLATED, compresslevel=4) as whole:
            for name in parts.namelist():
                if name != SHEET:
                    whole.writestr(name, parts.read(name))
            with whole.open(SHEET, "w", force_zip64=True) as sheet:
                return _fill(sheet, parts.read(SHEET).decode(), fields, rows)


def _frame(path: Path, fields: list[Field], title: str, note: str) -> None:
    """The workbook without rows: title, what it is narrowed to, head, widths, and a sample of each style."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
    sheet.freeze_panes = f"A{HEAD_ROWS + 1}"
    sheet.auto_filter.ref = "A1"
    for n, field in enumerate(fields, 1):
        sheet.column_dimensions[get_column_letter(n)].width = field.width

    def cell(value: Any, kind: str = "text", bold: bool = False, quoted: bool = False) -> Any:
        made = WriteOnlyCell(sheet, value)
        made.data_type = "s" if isinstance(value, str) else made.data_type
        made.number_format = FORMATS.get(kind, "General")
        made.font = Font(bold=bold)
        made.alignment = Alignment(vertical="top", wrap_text=kind == "text")
        made.quotePrefix = quoted
        return made

    sheet.append([cell(_clean(title), bold=True)])
    sheet.append([cell(_clean(note))])
    sheet.append([cell(_clean(str(field.heading)), bold=True) for field in fields])
    sheet.append(
        [cell(0 if field.kind in FORMATS else "", field.kind) for field in fields] + [cell("", quoted=True)]
    )
    book.save(path)


def _fill(sheet: IO[bytes], frame: str, fields: list[Field], rows: Iterable[Values]) -> int:
    sample = _SAMPLE.search(frame)
    assert sample is not None
    *styles, quoted = _STYLE.findall(sample[0])
    cells = [_writer(field, style, quoted) for field, style in zip(fields, styles, strict=True)]
    sheet.write(frame[: sample.start()].encode())
    count = 0
    for line in _lines(fields, cells, rows):
        sheet.write(line.encode())
        count += 1
    last = f"{_column(len(fields))}{HEAD_ROWS + count}"
    tail = _FILTER.sub(f'<autoFilter ref="A{HEAD_ROWS}:{last}"', frame[sample.end() :])
    sheet.write(tail.encode())
    return count


def _lines(fields: list[Field], cells: list[Callable[[Any], str]], rows: Iterable[Values]) -> Iterator[str]:
    columns = [(field.name, write, f'<c r="{_column(n)}') for n, (field, write) in enumerate(
        zip(fields, cells, strict=True), 1)]  # fmt: skip
    for number, values in enumerate(rows, HEAD_ROWS + 1):
        filled = [
            f'{begin}{number}"{write(value)}'
            for name, write, begin in columns
            if (value := values.get(name)) is not None and value != ""
        ]
        yield f'<row r="{number}">{"".join(filled)}</row>'


def _column(n: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(n))


def _writer(field: Field, style: str, quoted: str) -> Callable[[Any], str]:
    """A function from a value to the rest of its cell, after the address."""
    if field.kind not in FORMATS:
        return lambda value: _text(str(value), style, quoted)
    number = _NUMBERS.get(field.kind, float)
    return lambda value: f' s="{style}"><v>{number(value)!r}</v></c>'


@lru_cache(maxsize=20_000)
def _text(text: str, style: str, quoted: str) -> str:
    """A text, never a formula: written as a string, and marked as one when it begins like a formula."""
    style = quoted if text.startswith(FORMULA) else style
    return f' s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(_clean(text))}</t></is></c>'


def _clean(text: str) -> str:
    """Without what XML forbids; ``_x0041_`` is kept from being read as a code."""
    if _PLAIN.fullmatch(text) and len(text) <= CELL_MAX:
        return text
    return _CODED.sub("_x005F_", _FORBIDDEN.sub("", text[:CELL_MAX]))


@lru_cache(maxsize=20_000)
def _serial(value: date | datetime) -> float:
    """Days since Excel's day zero, on the office wall clock."""
    if isinstance(value, datetime):
        wall = local(value if value.tzinfo else value.replace(tzinfo=UTC)).replace(tzinfo=None)
        return round((wall.replace(microsecond=0) - EPOCH) / timedelta(days=1), 9)
    return float((datetime(value.year, value.month, value.day) - EPOCH).days)  # noqa: DTZ001 - a date


_NUMBERS: dict[str, Callable[[Any], float]] = {
    "moment": _serial,
    "day": _serial,
    "span": lambda span: round(span / timedelta(hours=1), 2),
    "yuan": lambda cents: cents / 100,
    "number": int,
}


def note(words: str, printed_at: datetime, name: str) -> str:
    """The second line: what it is narrowed to, when and for whom it was made."""
    made = _("%(at)s %(who)s导出", at=f"{local(printed_at):%Y-%m-%d %H:%M}", who=name)
    return _("　").join(part for part in (words, made) if part)
