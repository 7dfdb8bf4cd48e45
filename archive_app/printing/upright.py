"""Vertical setting for spines: where each character stands, in columns from right to left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from archive_app.printing import fit, rows

PITCH = 1.06
"""Distance of two characters in a column, in units of the type size."""
GAP = 1.2
"""Distance of two columns, in units of the type size."""
ENOUGH = 0.6
OPENING = "（《「『【〔〈“‘"
READABLE = 2.0
"""Figures that would stand across a column in smaller type than this (mm) lie down instead."""
LYING = 0.25
"""Air behind a run of Latin letters that lies on its side, in units of the type size."""
# A year or a number of up to four figures stands upright across the column; longer Latin runs lie down.
_TOKENS = re.compile(r"(?<![!-~])\d{1,4}(?![!-~])|[!-~À-ɏ\u0370-\u08ff]+(?: [!-~À-ɏ\u0370-\u08ff]+)*|\S")


@dataclass(frozen=True)
class Sign:
    """One piece of vertical text: its corner and type size in mm; ``lying``: turned 90° to the right."""

    text: str
    x: float
    y: float
    size: float
    lying: bool = False


@dataclass(frozen=True)
class _Token:
    text: str
    length: float  # along the column, in em
    lying: bool


def columns(text: str, width: float, height: float, size: float) -> list[Sign]:
    """Set a text in type of at most ``size`` mm that fits ``width`` × ``height`` mm; nothing is cut.

    Few columns read better than large type: one more column is taken only when the type would become
    smaller than three fifths of ``size``.
    """
    tokens = list(_tokens(fit.clean(text)))
    fitting = _best(tokens, width, height, size)
    if any(token.text.isdigit() and _small(token) * fitting < READABLE for token in tokens):
        tokens = list(_tokens(fit.clean(text), across=2))
        fitting = _best(tokens, width, height, size)
    return list(_placed(_broken(tokens, height / fitting), width, height, fitting))


def _best(tokens: list[_Token], width: float, height: float, size: float) -> float:
    """The type that keeps the columns few, as `columns` says."""
    most = max(1, round(width / (size * GAP * ENOUGH)))
    for count in range(1, most + 1):
        fitting = _largest(tokens, width, height, size, count)
        if fitting >= ENOUGH * size:
            return fitting
    return _largest(tokens, width, height, size, len(tokens))


def _largest(tokens: list[_Token], width: float, height: float, size: float, most: int) -> float:
    """The largest type in which the text takes at most ``most`` columns and these have room."""
    while size > 0.05:
        count = len(_broken(tokens, height / size))
        if count <= most and (count - 1) * GAP + 1 <= width / size + 1e-6:
            return size
        size *= 0.97
    return size


def _tokens(text: str, across: int = 4) -> Iterator[_Token]:
    """The pieces of a text; numbers of up to ``across`` figures stand upright."""
    for word in _TOKENS.findall(text):
        if len(word) == 1 or (word.isdigit() and len(word) <= across):
            yield _Token(word, PITCH, False)
        else:
            yield _Token(word, rows.serif(word, True) + LYING, True)


def _broken(tokens: list[_Token], em: float) -> list[list[_Token]]:
    """The tokens of each column of at most ``em`` em."""
    found: list[list[_Token]] = []
    used = em
    for piece in chain.from_iterable(_pieces(token, em) for token in tokens):
        if not found or used + piece.length > em:
            found.append(_carried(found, piece, em))
            used = sum(token.length for token in found[-1])
        found[-1].append(piece)
        used += piece.length
    return found


def _carried(found: list[list[_Token]], piece: _Token, em: float) -> list[_Token]:
    """The opening bracket that would end a column, taken along to stand before what it opens."""
    last = found[-1] if found else []
    if len(last) > 1 and last[-1].text in OPENING and last[-1].length + piece.length <= em:
        return [last.pop()]
    return []


def _pieces(token: _Token, em: float) -> Iterator[_Token]:
    """A lying run longer than a column, cut into columns."""
    if not token.lying or token.length <= em:
        yield token
        return
    for part in rows.wrap(token.text, max(1.2, em - LYING), True):
        yield _Token(part, rows.serif(part, True) + LYING, True)


def _placed(broken: list[list[_Token]], width: float, height: float, size: float) -> Iterator[Sign]:
    wide = ((len(broken) - 1) * GAP + 1) * size
    longest = max((sum(token.length for token in column) for column in broken), default=0) * size
    top = max(0.0, (height - longest) / 2) if len(broken) == 1 else 0.0
    for n, column in enumerate(broken):
        x, y = (width + wide) / 2 - size - n * GAP * size, top
        for token in column:
            yield _sign(token, x, y, size)
            y += token.length * size


def _sign(token: _Token, x: float, y: float, size: float) -> Sign:
    if token.lying:
        return Sign(token.text, x + size, y, size, True)
    small = _small(token)
    return Sign(token.text, x + size / 2, y + (1 - small) * size / 2, size * small)


def _small(token: _Token) -> float:
    """How much smaller figures are set that stand side by side across a column."""
    across = rows.serif(token.text, True)
    return min(1.0, 1.12 / across) if token.text.isdigit() and not token.lying else 1.0
