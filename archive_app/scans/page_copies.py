"""Copies of a page image for the screen: view, thumbnail, and the reader's name as a watermark."""

from __future__ import annotations

import subprocess
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from archive_app.core.errors import Misconfigured
from archive_app.core.i18n import _

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

MIME = "image/webp"
VIEW_SIDE = 2000
THUMB_SIDE = 200
"""Pixels of the longer side; body text on a thumbnail is 2 pixels high, too small to be read."""
INK, SHARE = 96, 0.21
"""Grey of the watermark, and how much of it: legible on white and on black, never hides what is under it."""
SLANT = 30
FONT = "Noto Sans CJK SC"
FONT_FILES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
)


class Copies(NamedTuple):
    """The WebP bytes of the view and of the thumbnail, and the view's width and height."""

    view: bytes
    thumb: bytes
    size: tuple[int, int]


def derive(image: Image) -> Copies:
    """The view (longer side at most 2000 pixels) and the thumbnail (200) of a page image, as WebP."""
    view = _shrunk(image, VIEW_SIDE)
    return Copies(_webp(view), _webp(_shrunk(view, THUMB_SIDE)), view.size)


def watermark(data: bytes, text: str) -> bytes:
    """The picture with ``text`` (reader, time, loan number) baked in, slanted all over, as WebP."""
    from PIL import Image

    with Image.open(BytesIO(data)) as opened:
        image = opened.convert("L" if opened.mode in ("1", "L") else "RGB")
    veil = _pattern(image.size, text).point([round(SHARE * white) for white in range(256)])
    image.paste(INK if image.mode == "L" else (INK, INK, INK), mask=veil)
    return _webp(image)


def _shrunk(image: Image, side: int) -> Image:
    """The picture within ``side`` pixels; bilevel becomes grey, so that thin strokes stay."""
    from PIL.Image import Resampling

    small = image.convert("L") if image.mode == "1" else image.copy()
    small.thumbnail((side, side), Resampling.LANCZOS, reducing_gap=3.0)
    return small


def _webp(image: Image) -> bytes:
    """The picture as WebP: half the bytes of a JPEG that looks the same, 0.1 s a page."""
    out = BytesIO()
    image.save(out, "WEBP", quality=70, method=2)
    return out.getvalue()


def _pattern(size: tuple[int, int], text: str) -> Image:
    """White letters on black: the text in slanted rows, each shifted by half of the one above.

    On a small picture each word has a line of its own, so that the whole mark stands on it.
    """
    from PIL import Image, ImageDraw

    face = font(max(12, max(size) // 62))
    words = text if face.getlength(text) <= size[0] else text.replace(" ", "\n")
    probe = ImageDraw.Draw(Image.new("L", (1, 1)))
    width, height = (round(n) for n in probe.multiline_textbbox((0, 0), words, font=face)[2:])
    step_x, step_y = width + round(4 * face.size), height + round(5 * face.size)
    reach = round((size[0] ** 2 + size[1] ** 2) ** 0.5) + step_x
    sheet = Image.new("L", (reach, reach))
    draw = ImageDraw.Draw(sheet)
    for row, y in enumerate(range(0, reach, step_y)):
        for x in range(-(row % 2) * step_x // 2, reach, step_x):
            draw.multiline_text((x, y), words, fill=255, font=face)
    turned = sheet.rotate(SLANT)
    left, top = (reach - size[0]) // 2, (reach - size[1]) // 2
    return turned.crop((left, top, left + size[0], top + size[1]))


def font(size: int) -> FreeTypeFont:
    """The Chinese sans font in pixels. Raises Misconfigured if none is installed."""
    from PIL import ImageFont

    path, index = font_file()
    return ImageFont.truetype(path, size, index=index)


@cache
def font_file(family: str = FONT) -> tuple[str, int]:
    """The file of a font family and its index in it. Raises Misconfigured if it is not installed."""
    try:
        asked = ["fc-match", "-f", "%{file}|%{index}|%{family}", family]
        told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=20).stdout
        path, index, found = told.split("|")
        if "CJK" in found:
            return path, int(index)
    except (OSError, subprocess.SubprocessError, ValueError):
        pass  # no fontconfig: look where the packages put it
    for path in FONT_FILES:
        if Path(path).exists():
            return path, 2
    raise Misconfigured(_("缺中文字体。请运行 apt-get install fonts-noto-cjk。"))
