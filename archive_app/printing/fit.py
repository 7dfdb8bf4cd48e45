"""Fit a text into a box: break it as Chinese typesetting does, shrink it, at last cut it with an ellipsis."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from archive_app.printing.fonts import advance

LEADING = 1.25
"""Distance of baselines in units of the type size."""

_OPEN = "（《「『【〔〈“‘(["
_CLOSE = "，。、；：！？）》」』】〕〉”’…)]"
# A word (with its hyphens, a number with its 号) or one Han character, with the punctuation that must stay.
_PIECES = re.compile(
    rf"\s+|[{re.escape(_OPEN)}]*[!-'*-,./-Z\\^-~À-ɏ\u0590-\u08ff]+-*(?:(?<=\d)号)?[{re.escape(_CLOSE)}]*"
    rf"|[{re.escape(_OPEN)}]*.[{re.escape(_CLOSE)}]*"
)
# A file number stays on one line where it fits on one.
_NUMBER = re.compile(
    rf"[{re.escape(_OPEN)}]*[A-Z]{{1,4}}(?:-[A-Z]{{1,4}})?-(?:19|20)\d\d-\d+[{re.escape(_CLOSE)}]*"
)
_JOINERS = "\u200c\u200d"


def clean(text: str) -> str:
    """The text on one line, without controls, bidirectional overrides and half characters."""
    kept = text if text.isprintable() else "".join(_kept(char) for char in text)
    return " ".join(kept.split())


def _kept(char: str) -> str:
    category = unicodedata.category(char)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if category == "Cs" or (category == "Cf" and char not in _JOINERS) else char


@lru_cache(maxsize=50_000)
def width(text: str, bold: bool) -> float:
    """Width of a text in em."""
    return sum([advance(char, bold) for char in text])


def is_exact(text: str) -> bool:
    """Whether the width of a text is known exactly: Han and Latin, nothing that is joined or shaped."""
    return all(char < "\u0250" or unicodedata.east_asian_width(char) in "WF" for char in text)


def wrap(text: str, em: float, bold: bool, measure: Callable[[str, bool], float] = width) -> list[str]:
    """Break a text into lines of at most ``em`` em; a word longer than a line is broken anywhere."""
    lines, line, used = [], "", 0.0
    for piece in _pieces(text, em, lambda part: measure(part, bold)):
        wide = measure(piece, bold)
        if line and not piece.isspace() and used + wide > em:
            lines.append(line.rstrip())
            line, used = "", 0.0
        if line or not piece.isspace():
            line, used = line + piece, used + wide
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str, em: float, measure: Callable[[str], float]) -> Iterator[str]:
    done = 0
    for number in _NUMBER.finditer(text):
        if measure(number[0]) <= em:
            yield from _small_pieces(text[done : number.start()], em, measure)
            yield number[0]
            done = number.end()
    yield from _small_pieces(text[done:], em, measure)


def _small_pieces(text: str, em: float, measure: Callable[[str], float]) -> Iterator[str]:
    for piece in _PIECES.findall(text):
        if measure(piece) <= em:
            yield piece
        else:
            yield from piece


@lru_cache(maxsize=2_000)  # a thousand labels share their year, level and period
def fit(
    text: str, box: tuple[float, float], sizes: tuple[float, ...], lines: int, *, bold: bool, cut: bool
) -> tuple[float, tuple[str, ...]]:
    """The type size (in the box's unit) and the lines that fill a box of ``(width, height)`` at most.

    The sizes are tried in turn. What is still too long is cut with an ellipsis when ``cut``,
    else shrunk further: a number is never cut.
    """
    size = sizes[0]
    for size in sizes:
        broken = wrap(text, box[0] / size, bold)
        if len(broken) <= _room(box[1], size, lines):
            return size, tuple(broken)
    if cut:
        return size, _cut(broken, _room(box[1], size, lines), box[0] / size, lambda t: width(t, bold))
    return fit(text, box, (size * 0.94,), lines, bold=bold, cut=cut)


def _room(height: float, size: float, lines: int) -> int:
    return max(1, min(lines, int((height / size - 1) / LEADING + 1.001)))


def _cut(broken: list[str], room: int, em: float, measure: Callable[[str], float]) -> tuple[str, ...]:
    last = broken[room - 1]
    while last and measure(last) + 1 > em:
        last = last[:-1]
    return (*broken[: room - 1], last.rstrip() + "…")
