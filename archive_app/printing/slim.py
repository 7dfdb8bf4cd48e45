"""Makes the embedded Chinese fonts of a PDF small: a subset keeps 63,000 empty glyphs, which hardly compress.

WeasyPrint has HarfBuzz keep all glyph numbers, so each empty glyph is one byte and one growing offset:
120 to 160 kB a font, though a form uses a few hundred glyphs. Here the empty ones get no byte at all and
share one offset; nothing else moves, the rest of the table is zeros, and all of it compresses away.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

CHAR_STRINGS = 17
"""Operator of the Top DICT that says where the glyphs are (Adobe Technical Note 5176)."""


def slim_fonts(objects: list[Any]) -> None:
    """Make the OpenType font streams among the objects of a PDF (pydyf) small, in place."""
    for each in objects:
        if getattr(each, "extra", {}).get("Subtype") == "/OpenType":
            each.stream = [slim_font(b"".join(each.stream))]


def slim_font(font: bytes) -> bytes:
    """The same OpenType/CFF font with empty glyphs taking no room; as it was if it is none we know."""
    if font[:4] != b"OTTO":
        return font
    slim = bytearray(font)
    for place, tag, start, length in _tables(font):
        if tag == b"CFF ":
            slim[start : start + length] = _slim_table(font[start : start + length])
            struct.pack_into(">I", slim, place + 4, _checksum(slim[start : start + length]))
    return bytes(slim)


def _tables(font: bytes) -> Iterator[tuple[int, bytes, int, int]]:
    """Place of the record, tag, start and length of each table."""
    (count,) = struct.unpack_from(">H", font, 4)
    for place in range(12, 12 + 16 * count, 16):
        tag, _checksum, start, length = struct.unpack_from(">4sIII", font, place)
        yield place, tag, start, length


def _checksum(table: bytes | bytearray) -> int:
    words = array("I", bytes(table) + bytes(-len(table) % 4))
    if sys.byteorder == "little":
        words.byteswap()
    return sum(words) & 0xFFFFFFFF


def _slim_table(cff: bytes) -> bytes:
    """The CFF table at the same length, its glyph index closed up and followed by zeros."""
    begin = _char_strings(cff)
    count, size, offsets, data = _index(cff, begin)
    # A glyph of one byte can only say that it ends; .notdef is always kept.
    kept = [at for at, (a, b) in enumerate(pairwise(offsets)) if b - a != 1 or at == 0]
    index, glyphs, place, next_one = [struct.pack(">HB", count, size)], [], 1, 0
    for at in kept:
        index.append(place.to_bytes(size, "big") * (at + 1 - next_one))
        glyphs.append(cff[data + offsets[at] : data + offsets[at + 1]])
        place, next_one = place + len(glyphs[-1]), at + 1
    index.append(place.to_bytes(size, "big") * (count + 1 - next_one))
    end = data + offsets[-1]
    return cff[:begin] + b"".join(index + glyphs).ljust(end - begin, b"\0") + cff[end:]


def _char_strings(cff: bytes) -> int:
    """Where the glyph index of the first font begins."""
    names = _end(cff, cff[2])
    _count, _size, offsets, data = _index(cff, names)
    stack: list[int] = []
    for kind, value in _dict(cff[data + offsets[0] : data + offsets[1]]):
        if kind == "operator":
            if value == CHAR_STRINGS:
                return stack[-1]
            stack = []
        else:
            stack.append(value)
    raise ValueError("a CFF font without glyphs")


def _index(cff: bytes, begin: int) -> tuple[int, int, Sequence[int], int]:
    """Count, size of an offset, the offsets, and where offset 0 would lie, of an INDEX."""
    (count,) = struct.unpack_from(">H", cff, begin)
    if not count:
        return 0, 1, [1], begin + 1
    size = cff[begin + 2]
    raw = cff[begin + 3 : begin + 3 + (count + 1) * size]
    wide = bytearray(4 * (count + 1))
    for byte in range(size):  # all numbers at once: there are 65,000 of them
        wide[4 - size + byte :: 4] = raw[byte::size]
    offsets = array("I", bytes(wide))
    if sys.byteorder == "little":
        offsets.byteswap()
    return count, size, offsets, begin + 2 + len(raw)


def _end(cff: bytes, begin: int) -> int:
    _count, _size, offsets, data = _index(cff, begin)
    return data + offsets[-1]


def _dict(data: bytes) -> Iterator[tuple[str, int]]:
    """Operators and operands of a DICT; real numbers come as 0."""
    at = 0
    while at < len(data):
        first = data[at]
        if first <= 21:
            wide = first == 12
            yield "operator", 1200 + data[at + 1] if wide else first
            at += 2 if wide else 1
        elif first == 30:
            at += 1
            while data[at] & 0xF != 0xF and data[at] >> 4 != 0xF:
                at += 1
            yield "operand", 0
            at += 1
        else:
            value, length = _number(data, at)
            yield "operand", value
            at += length


def _number(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    if first == 28:
        return int.from_bytes(data[at + 1 : at + 3], "big", signed=True), 3
    if first == 29:
        return int.from_bytes(data[at + 1 : at + 5], "big", signed=True), 5
    if first <= 246:
        return first - 139, 1
    if first <= 250:
        return (first - 247) * 256 + data[at + 1] + 108, 2
    return -(first - 251) * 256 - data[at + 1] - 108, 2
