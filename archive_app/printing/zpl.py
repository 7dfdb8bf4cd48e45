"""Labels for thermal printers: ZPL II with native bars and the rest as one 1-bit picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from archive_app.printing.fonts import Face, face_for
from archive_app.printing.layout import Code, Label, Line, lay_out
from archive_app.printing.stock import Stock

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont


def draw(labels: Sequence[Label], stock: Stock) -> bytes:
    """One ``^XA … ^XZ`` block a label, in whole dots of the stock's printer."""
    return "".join(_block(label, stock) for label in labels).encode("ascii")


def _block(label: Label, stock: Stock) -> str:
    picture, bars = _picture(label, stock), lay_out(label, stock).codes[0]
    x, y, height = (round(mm / stock.dot) for mm in (bars.x, bars.y, bars.h))
    return (
        f"^XA^PW{picture.width}^LL{picture.height}^LH0,0\n"
        f"^FO0,0{graphic(picture)}^FS\n"
        f"^FO{x},{y}^BY{stock.bar_dots},3,{height}^BCN,{height},N,N,N,N^FD>;{label.payload}^FS\n"
        "^PQ1^XZ\n"
    )


def _picture(label: Label, stock: Stock) -> Image:
    """Everything but the bars, one pixel a dot, True for black."""
    from PIL import Image, ImageDraw

    strokes, dot = lay_out(label, stock), stock.dot
    picture = Image.new("1", (round(stock.label[0] / dot), round(stock.label[1] / dot)))
    pen = ImageDraw.Draw(picture)
    pen.fontmode = "1"
    for frame in strokes.frames:
        corners = [round(v / dot) for v in (frame.x, frame.y, frame.x + frame.w, frame.y + frame.h)]
        box = (corners[0], corners[1], corners[2] - 1, max(corners[1], corners[3] - 1))
        if frame.edge and frame.h > 2 * frame.edge:
            pen.rectangle(box, outline=1, width=max(1, round(frame.edge / dot)))
        else:
            pen.rectangle(box, fill=1)
    for code in strokes.codes[1:]:
        _modules(picture, code, dot)
    for line in strokes.lines:
        _text(pen, line, dot)
    return picture


def _modules(picture: Image, code: Code, dot: float) -> None:
    side = round(code.w / code.columns / dot)
    left, top = round(code.x / dot), round(code.y / dot)
    for run in code.path.split("M")[1:]:
        x, rest = run.split(" ")
        y, wide = rest.split("h")[0], rest.split("h")[1].split("v")[0]
        at = (left + int(x) * side, top + int(y) * side)
        picture.paste(1, (*at, at[0] + int(wide) * side, at[1] + side))


def _text(pen: ImageDraw, line: Line, dot: float) -> None:
    """Write a line with its fallback fonts, aligned in its box; white text stands on a filled mark."""
    size = round(line.size / dot)
    parts = [(_font(face, size), text) for face, text in _by_face(line.text, line.bold)]
    wide = sum(font.getlength(text) for font, text in parts)
    spare = line.w / dot - wide
    x = line.x / dot + spare * {"left": 0.0, "center": 0.5, "right": 1.0}[line.align]
    for font, text in parts:
        pen.text((round(x), round(line.baseline / dot)), text, 0 if line.white else 1, font, anchor="ls")
        x += font.getlength(text)


def _by_face(text: str, bold: bool) -> Iterator[tuple[Face, str]]:
    """Runs of one face; a space stays with what stands before it, or Arabic words would change places."""
    run, last = "", face_for("口", bold)
    for char in text:
        face = last if char.isspace() else face_for(char, bold) or last
        if run and last and face != last:
            yield last, run
            run = ""
        run, last = run + char, face
    if run and last:
        yield last, run


@cache
def _font(face: Face, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(face.path, size, index=face.number)


def graphic(picture: Image) -> str:
    """A ``^GFA`` field with ZPL's run lengths: ``,`` ends a row with white, ``:`` repeats the row above."""
    rows, above = [], ""
    wide = (picture.width + 7) // 8
    data = picture.tobytes()
    for at in range(0, len(data), wide):
        row = data[at : at + wide].hex().upper()
        rows.append(":" if row == above else _packed(row))
        above = row
    return f"^GFA,{len(data)},{len(data)},{wide},{''.join(rows)}"


def _packed(row: str) -> str:
    kept = row.rstrip("0")
    if len(kept) % 2 == 1:
        kept += "0"
    packed = "".join(_run(len(list(group)), digit) for digit, group in groupby(kept))
    return packed if len(kept) == len(row) else packed + ","


def _run(length: int, digit: str) -> str:
    """G … Y repeat 1 … 19 times, g … z 20 … 400 times in twenties."""
    if length < 3:
        return digit * length
    twenties, ones = divmod(length, 20)
    return (chr(ord("f") + twenties) if twenties else "") + (chr(ord("F") + ones) if ones else "") + digit
