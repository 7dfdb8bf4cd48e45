"""The calibration sheet of a printer, and what its measured crosses say about offset and scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archive_app.printing import fit
from archive_app.printing.layout import Frame, Line, Strokes
from archive_app.printing.stock import Stock

HAIR = 0.1
CROSS = 0.15
UNEVEN = 0.004
"""Difference of the two directions from which on one scale for both no longer holds (1 mm on 250 mm)."""


@dataclass(frozen=True)
class Measured:
    """Where the two crosses were found, in mm from the left and the upper edge of the paper."""

    first: tuple[float, float]
    last: tuple[float, float]


@dataclass(frozen=True)
class Correction:
    """What makes the deviation good; ``uneven`` when the printer stretches its two directions apart."""

    offset_mm: tuple[float, float]
    scale: float
    uneven: bool


def crosses(stock: Stock) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where the upper left and the lower right cross belong, in mm on the stock's page."""
    inset = 20.0 if _is_roomy(stock) else 8.0
    return (inset, inset), (stock.page[0] - inset, stock.page[1] - inset)


def correction(stock: Stock, found: Measured) -> Correction:
    """Offset and scale for `labels_pdf`, from a sheet that was printed without any.

    A printer puts ``x`` at ``stretch · x + shift``. Labels are drawn at ``scale · (x + offset)``; one scale
    serves both directions, so each offset is chosen to be exact in the middle of the page.
    """
    first, last = crosses(stock)
    stretch = [(found.last[n] - found.first[n]) / (last[n] - first[n]) for n in (0, 1)]
    shift = [found.first[n] - stretch[n] * first[n] for n in (0, 1)]
    scale = 2 / (stretch[0] + stretch[1])
    middle = [(first[n] + last[n]) / 2 for n in (0, 1)]
    offset = [(middle[n] - shift[n]) / (stretch[n] * scale) - middle[n] for n in (0, 1)]
    uneven = abs(stretch[0] - stretch[1]) > UNEVEN
    return Correction((round(offset[0], 2) + 0.0, round(offset[1], 2) + 0.0), round(scale, 5), uneven)


def sheet(stock: Stock, words: tuple[str, ...]) -> Strokes:
    """Crosses with millimetre rulers in all four corners, the outline of every label, and some words."""
    (left, top), (right, bottom) = crosses(stock)
    box = _box(stock, len(words))
    frames = [frame for frame in _outlines(stock) if not _overlap(frame, box)]
    arm, length = min(8.0, left - 4), min(50.0, min(stock.page) / 4)
    for x, inward_x in ((left, 1), (right, -1)):
        for y, inward_y in ((top, 1), (bottom, -1)):
            frames += _cross(x, y, arm)
            frames += _rulers(x, y, inward_x, inward_y, length)
    return Strokes(tuple(_words(box, words)), tuple(frames), ())


def _outlines(stock: Stock) -> Iterator[Frame]:
    for row in range(stock.rows):
        for column in range(stock.columns):
            x = stock.origin[0] + column * stock.pitch[0]
            y = stock.origin[1] + row * stock.pitch[1]
            yield Frame(x, y, stock.label[0], stock.label[1], HAIR)


def _cross(x: float, y: float, arm: float) -> tuple[Frame, Frame]:
    thin = CROSS / 2
    return Frame(x - arm, y - thin, 2 * arm, CROSS), Frame(x - thin, y - arm, CROSS, 2 * arm)


def _rulers(x: float, y: float, inward_x: int, inward_y: int, length: float) -> Iterator[Frame]:
    """Ticks each millimetre from the cross inwards along both directions; the fifth and tenth are longer."""
    for mm in range(1, int(length) + 1):
        long = 3.5 if mm % 10 == 0 else 2.5 if mm % 5 == 0 else 1.5
        at = x + inward_x * mm - HAIR / 2
        yield Frame(at, y if inward_y > 0 else y - long, HAIR, long)
        at = y + inward_y * mm - HAIR / 2
        yield Frame(x if inward_x > 0 else x - long, at, long, HAIR)


def _box(stock: Stock, lines: int) -> Frame:
    """Room for the words in the middle of the page; outlines of labels stay out of it."""
    wide = 120.0 if _is_roomy(stock) else stock.page[0] - 24
    high = lines * (7.0 if _is_roomy(stock) else 2.8)
    return Frame((stock.page[0] - wide) / 2, (stock.page[1] - high) / 2, wide, high)


def _is_roomy(stock: Stock) -> bool:
    return min(stock.page) >= 100


def _overlap(one: Frame, other: Frame) -> bool:
    beside = one.x + one.w <= other.x or other.x + other.w <= one.x
    inside = one.x <= other.x and other.x + other.w <= one.x + one.w and one.y <= other.y
    holds = inside and other.y + other.h <= one.y + one.h  # the outline runs around the words
    return not (beside or holds or one.y + one.h <= other.y or other.y + other.h <= one.y)


def _words(box: Frame, words: tuple[str, ...]) -> Iterator[Line]:
    high = box.h / len(words)
    for n, text in enumerate(words):
        size, (line,) = fit.fit(fit.clean(text), (box.w, high), (high * 0.62,), 1, bold=n == 0, cut=False)
        baseline = box.y + (n + 0.5) * high + size * 0.36
        yield Line(line, box.x, baseline, box.w, size, n == 0, "center")
