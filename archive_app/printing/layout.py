"""One label as strokes: every line of text, frame and code with its place in mm, for any painter."""

from __future__ import annotations

from dataclasses import dataclass

from archive_app.printing import barcode, fit
from archive_app.printing.stock import Design, Stock, TextSpot

PT = 25.4 / 72
ASCENT = 0.88
"""Baseline under the top of the type body, in units of the size (Noto Sans CJK)."""


@dataclass(frozen=True)
class Label:
    """Everything a label shows; only the number and the payload are always known.

    ``kind`` is "folder" or "place" (room, cabinet, shelf, box) and chooses the design; a place has its
    short code as ``file_number`` and no secrecy.
    ``secrecy_rank`` is 0 for open … 3 for the highest level and gives the weight of the mark.
    """

    file_number: str
    payload: str
    title: str = ""
    secrecy: str = ""
    secrecy_rank: int = 0
    retention: str = ""
    place: str = ""
    year: str = ""
    category: str = ""
    unit: str = ""
    kind: str = "folder"

    @property
    def digits(self) -> str:
        """The payload as people read it."""
        return barcode.spaced(self.payload)


@dataclass(frozen=True)
class Line:
    """One line of text: its box in mm, the baseline within the page of the label, the size in mm.

    ``clip`` guards the box against scripts whose width is only estimated.
    """

    text: str
    x: float
    baseline: float
    w: float
    size: float
    bold: bool
    align: str
    white: bool = False
    clip: bool = False


@dataclass(frozen=True)
class Frame:
    """A rectangle in mm: filled black, or an edge of ``edge`` mm."""

    x: float
    y: float
    w: float
    h: float
    edge: float = 0.0


@dataclass(frozen=True)
class Code:
    """Bars or a QR: path data in modules, the modules it is wide and high, and its place and size in mm."""

    path: str
    columns: int
    rows: int
    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True)
class Strokes:
    """What is drawn on one label."""

    lines: tuple[Line, ...]
    frames: tuple[Frame, ...]
    codes: tuple[Code, ...]


def lay_out(label: Label, stock: Stock, corner: tuple[float, float] = (0, 0)) -> Strokes:
    """Place the parts of a label that lies at ``corner`` (mm) on its page; codes start on a printer dot."""
    lines: list[Line] = []
    frames: list[Frame] = []
    design = stock.design_of(label.kind)
    for spot in design.texts:
        lines += _text(label, spot)
        if spot.write_in and not _words(label, spot):
            frames += _writing_lines(spot)
    mark_lines, mark_frames = _mark(label, design)
    codes = (_bars(label, stock, design, corner), _qr(label, stock, design, corner))
    return Strokes((*lines, *mark_lines), (*frames, *mark_frames), codes)


def _words(label: Label, spot: TextSpot) -> str:
    parts = (fit.clean(str(getattr(label, name))) for name in spot.show)
    return "\u2002".join(part for part in parts if part)  # an en space


def _text(label: Label, spot: TextSpot) -> list[Line]:
    words = _words(label, spot)
    if not words:
        return []
    sizes = tuple(pt * PT for pt in spot.sizes)
    size, broken = fit.fit(words, (spot.w, spot.h), sizes, spot.lines, bold=spot.bold, cut=spot.cut)
    return [
        Line(
            text=text,
            x=spot.x,
            baseline=spot.y + size * (ASCENT + n * fit.LEADING),
            w=spot.w,
            size=size,
            bold=spot.bold,
            align=spot.align,
            clip=not fit.is_exact(text),
        )
        for n, text in enumerate(broken)
    ]


def _writing_lines(spot: TextSpot) -> list[Frame]:
    """Hairlines for a title written by hand: the number was reserved before its details existed."""
    gap = max(spot.h / spot.lines, 4.5)
    count = max(1, int(spot.h / gap + 0.01))
    return [Frame(spot.x, spot.y + spot.h - n * gap - 0.2, spot.w, 0.1) for n in range(count)]


def _mark(label: Label, design: Design) -> tuple[list[Line], list[Frame]]:
    """The secrecy mark in black: filled, double edge, thin edge, plain; as wide as its words."""
    words = fit.clean(label.secrecy)
    if not words or design.mark is None:
        return [], []
    x, y, w, h = design.mark
    rank = label.secrecy_rank
    size, broken = fit.fit(words, (w - 1.2, h), (design.mark_size * PT,), 1, bold=True, cut=False)
    baseline = y + h / 2 + size * 0.36
    line = Line(broken[0], x, baseline, w, size, rank > 0, "center", white=rank >= 3)
    if rank >= 3:
        return [line], [Frame(x, y, w, h)]
    edges = [Frame(x, y, w, h, 0.18)] if rank > 0 else []
    if rank == 2:
        outer = h * 0.065
        inner = outer + max(0.2, h * 0.06)
        edges = [Frame(x, y, w, h, outer), Frame(x + inner, y + inner, w - 2 * inner, h - 2 * inner, 0.12)]
    return [line], edges


def _bars(label: Label, stock: Stock, design: Design, corner: tuple[float, float]) -> Code:
    x, y, h = design.bars
    x, y = _on_dot(x, corner[0], stock.dot), _on_dot(y, corner[1], stock.dot)
    wide = barcode.MODULES * stock.x_dimension
    return Code(barcode.bars_path(label.payload), barcode.MODULES, 1, x, y, wide, h)


def _qr(label: Label, stock: Stock, design: Design, corner: tuple[float, float]) -> Code:
    path, side = barcode.qr_path(barcode.qr_text(fit.clean(label.file_number), label.payload))
    x, y, largest = design.qr
    x, y = _on_dot(x, corner[0], stock.dot), _on_dot(y, corner[1], stock.dot)
    module = max(1, int(largest / side / stock.dot + 0.001)) * stock.dot
    return Code(path, side, side, x, y, side * module, side * module)


def _on_dot(place: float, corner: float, dot: float) -> float:
    return round((corner + place) / dot) * dot - corner
