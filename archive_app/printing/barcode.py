"""The 12 digits behind every barcode of the house: type, id and a check that catches a wrong read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache, lru_cache
from typing import Any

from markupsafe import Markup

from archive_app.core.errors import ArchiveError
from archive_app.core.i18n import _

MODULES = 101
"""Modules of Code 128 for 12 digits: start, six pairs and the check of code set C, stop."""
QUIET = 10
"""Blank modules that Code 128 needs on each side (ISO/IEC 15417)."""
QR_QUIET = 4
"""Blank modules that a QR code needs on each side (ISO/IEC 18004)."""
QR_MASK = 4
QR_MARK = "DA1"
"""First field of our QR text: the format and its version."""
LARGEST_ID = 999_999_999


class BarcodeType(IntEnum):
    """What a barcode stands for; the first of its 12 digits."""

    COPY = 0
    FOLDER = 1
    VOLUME = 2
    BOX = 3
    PLACE = 4
    LOAN = 5
    PERSON = 6
    PRINT = 7
    DESTRUCTION_LIST = 8
    COMMAND = 9


@dataclass(frozen=True)
class Barcode:
    """A barcode that was read; ``file_number`` is known when it came from a QR code."""

    kind: BarcodeType
    id: int
    file_number: str = field(default="", compare=False)


class BadCode(ArchiveError):
    """A scan that is no barcode of ours; ``reason`` is ``"check"`` (damaged) or ``"shape"`` (foreign)."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(_MESSAGES[reason]())


_MESSAGES = {
    "check": lambda: _("条码校验不符。再扫一次，或手工输入档号。没有改动任何记录。"),
    "shape": lambda: _("这不是档案室的条码。请扫标签、借阅单或人员卡。没有改动任何记录。"),
}


def payload(kind: BarcodeType, id: int) -> str:
    """The 12 digits for a row: type, 9-digit id, two check digits (ISO 7064 MOD 97-10).

    Raises ValueError for an id outside 1 … 999,999,999.
    """
    if not 1 <= id <= LARGEST_ID:
        raise ValueError(f"barcode id {id} is outside 1 to {LARGEST_ID}")
    body = int(kind) * 10**9 + id
    return f"{body:010d}{98 - body * 100 % 97:02d}"


def parse(text: str) -> Barcode:
    """Read what a scanner or a hand typed: 12 digits, or our QR text around them.

    Full-width characters, spaces and case are folded. Raises BadCode: "shape", "check".
    """
    mark, number, digits = _fields(text)
    if mark != QR_MARK or not re.fullmatch(r"[0-9]{12}", digits):
        raise BadCode("shape")
    kind, id = int(digits[0]), int(digits[1:10])
    if int(digits) % 97 != 1 or not 2 <= int(digits[10:]) <= 98:
        raise BadCode("check")
    if id == 0:
        raise BadCode("shape")
    return Barcode(BarcodeType(kind), id, number)


def _fields(text: str) -> tuple[str, str, str]:
    folded = "".join(unicodedata.normalize("NFKC", text[:300]).split()).upper()
    if ";" not in folded:
        return QR_MARK, "", folded
    parts = folded.split(";")
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else ("", "", "")


def spaced(digits: str) -> str:
    """The payload as people read it aloud: ``1 000 000 012 34``."""
    return f"{digits[0]} {digits[1:4]} {digits[4:7]} {digits[7:10]} {digits[10:]}"


def qr_text(file_number: str, digits: str) -> str:
    """What our QR carries, so that a box can be read without the database."""
    return f"{QR_MARK};{file_number};{digits}"


@lru_cache(maxsize=4096)
def modules(digits: str) -> str:
    """The bars as 101 characters, ``1`` black and ``0`` white: Code 128, code set C, no quiet zone."""
    bars = str(_code_128()(digits).build()[0])
    if len(bars) != MODULES:
        raise ValueError(f"{digits!r} is not a payload of 12 digits")
    return bars


@cache
def _code_128() -> Any:
    from barcode.codex import Code128

    class CodeSetC(Code128):  # type: ignore[misc]  # the library has no types
        """python-barcode 0.16 takes a first pair 99 for a switch of code sets and loses it."""

        def _try_to_optimize(self, encoded: list[int]) -> list[int]:
            return encoded

    return CodeSetC


def qr(text: str) -> tuple[str, ...]:
    """The QR modules row by row, ``1`` black and ``0`` white: level M, no quiet zone.

    A QR is linear: with version and mask fixed, each character flips the same modules wherever it stands
    in a text. Labels share most characters, so they are put together from drawings made once (8 times
    faster by the thousand). The mask is fixed; all eight read equally well when measured.
    """
    side, bits = _drawn("0" * len(text)) if text.isascii() else _drawn(text)
    if text.isascii():
        for at, char in enumerate(text):
            bits ^= _flipped(len(text), at, char)
    line = f"{bits:0{side * side}b}"
    return tuple(line[at : at + side] for at in range(0, side * side, side))


@lru_cache(maxsize=8192)
def _flipped(length: int, at: int, char: str) -> int:
    """The modules that change when one "0" of a text of zeros becomes ``char``."""
    zeros = "0" * length
    return _drawn(zeros)[1] ^ _drawn(zeros[:at] + char + zeros[at + 1 :])[1]


@lru_cache(maxsize=64)
def _drawn(text: str) -> tuple[int, int]:
    """Side of the QR and all its modules as one number, row after row."""
    import segno

    code = segno.make(text, error="m", mode="byte", micro=False, boost_error=False, mask=QR_MASK)
    modules = b"".join(bytes(row) for row in code.matrix)
    return len(code.matrix), int(modules.translate(_DIGITS), 2)


_DIGITS = bytes.maketrans(b"\0\1", b"01")


def runs(row: str) -> Iterator[tuple[int, int]]:
    """Start and length of each black run in a row of modules."""
    x = 0
    for black in row.split("0"):
        if black:
            yield x, len(black)
        x += len(black) + 1


def bars_path(digits: str) -> str:
    """The bars as SVG path data, one unit a module wide and one unit high."""
    return _boxes(modules(digits), 0)


def qr_path(text: str) -> tuple[str, int]:
    """The QR as SVG path data, one unit a module, and the number of modules a side."""
    rows = qr(text)
    return "".join([_boxes(row, y) for y, row in enumerate(rows)]), len(rows)


_BOX = [f"h{w}v1h-{w}z" for w in range(200)]


def _boxes(row: str, y: int) -> str:
    """Path data of a row's black runs; a plain loop, for a sheet has six thousand of them."""
    parts, x = [], 0
    for black in row.split("0"):
        if black:
            parts.append(f"M{x} {y}{_BOX[len(black)]}")
        x += len(black) + 1
    return "".join(parts)


def svg(digits: str, module: int = 2, height: int = 56) -> Markup:
    """Bars for the screen: ``module`` whole pixels a module, white ground, quiet zones; attributes only."""
    width = (MODULES + 2 * QUIET) * module
    black = "".join(
        f"M{(QUIET + x) * module} {2 * module}h{w * module}V{height - 2 * module}h-{w * module}z"
        for x, w in runs(modules(digits))
    )
    return _screen(width, height, black, digits)


def qr_svg(text: str, module: int = 3) -> Markup:
    """A QR for the screen: ``module`` whole pixels a module, white ground, quiet zone."""
    rows = qr(text)
    side = (len(rows) + 2 * QR_QUIET) * module
    black = "".join(
        f"M{(QR_QUIET + x) * module} {(QR_QUIET + y) * module}h{w * module}v{module}h-{w * module}z"
        for y, row in enumerate(rows)
        for x, w in runs(row)
    )
    return _screen(side, side, black, text)


def _screen(width: int, height: int, black: str, label: str) -> Markup:
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="barcode" role="img" aria-label="{label}" '
        'width="{w}" height="{h}" viewBox="0 0 {w} {h}" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{w}v{h}H0z"/><path fill="#000" d="{black}"/></svg>'
    ).format(label=label, w=width, h=height, black=black)
