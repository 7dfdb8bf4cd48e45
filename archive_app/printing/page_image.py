"""One page of an original of any kind as a page of a PDF in its true size, and where its head is blank."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image

PDF = "application/pdf"
MM = 25.4 / 72
A4 = (210.0, 297.0)
LEAST_DPI, LARGEST_MM = 100, 1500.0
"""A photograph says 72 dots an inch and means nothing by it."""
SEAL = (45.0, 16.0)
SEAL_TOP, SEAL_REACH, SEAL_SIDE = 6.0, 42.0, 24.0
"""Highest and lowest place of the seal, and what is left free at the sides for the page number; mm."""
STEP = 3.0
PEEK_DPI = 50
BLANK = 0.0005
"""Share of dark pixels that is no writing: dust."""
ORIENTATION = 0x0112
TURNED = {
    2: (-1, 0, 0, 1, 1, 0), 3: (-1, 0, 0, -1, 1, 1), 4: (1, 0, 0, -1, 0, 1), 5: (0, -1, -1, 0, 1, 1),
    6: (0, -1, 1, 0, 0, 1), 7: (0, 1, 1, 0, 0, 0), 8: (0, 1, -1, 0, 1, 0),
}  # fmt: skip
"""How the unit square of a picture is turned upright, by EXIF orientation."""


class Sheet(NamedTuple):
    """A page that was placed: its size in mm, and how to look at it, small and grey."""

    width: float
    height: float
    peek: Callable[[], Image]


def append_image(whole: Any, page: dict[str, Any]) -> Sheet:
    """Append a scanned image; a JPEG goes in byte for byte, the rest is packed anew. Raises OSError."""
    import pikepdf
    from PIL import Image

    path = Path(page["file"])
    with Image.open(path) as image:
        image.seek(page["index"])
        if image.format == "JPEG" and image.mode in ("L", "RGB"):
            drawn = _jpeg(whole, path.read_bytes(), image)
        else:
            drawn = _packed(whole, image)
        turn = image.getexif().get(ORIENTATION, 1)  # a TIFF has turned itself when it was packed
        size = image.size if turn < 5 else image.size[::-1]
    width, height, box = _fitted(size, page["dpi"])
    sheet = whole.add_blank_page(page_size=(width / MM, height / MM))
    name = sheet.add_resource(drawn, pikepdf.Name.XObject)
    frame = " ".join(f"{mm / MM:.3f}" for mm in (box[2], 0, 0, box[3], box[0], box[1]))
    upright = " ".join(map(str, TURNED.get(turn, (1, 0, 0, 1, 0, 0))))
    sheet.contents_add(f"q {frame} cm {upright} cm {name} Do Q".encode())
    return Sheet(width, height, lambda: _peek_image(path, page["index"], (width, height), box))


def append_page(whole: Any, source: Any, page: dict[str, Any]) -> Sheet:
    """Append a page of a PDF, upright, with what is written or stamped on it. Raises pikepdf.PdfError."""
    import pikepdf

    original = source.pages[page["index"]]
    if "/Annots" in original:
        source.flatten_annotations("screen")
    left, bottom, right, top = (float(n) for n in original.cropbox)
    unit = float(original.obj.get("/UserUnit", 1))
    width, height = abs(right - left) * unit, abs(top - bottom) * unit
    if int(original.obj.get("/Rotate", 0)) % 180:
        width, height = height, width
    sheet = whole.add_blank_page(page_size=(width, height))
    sheet.add_overlay(original, pikepdf.Rectangle(0, 0, width, height))
    return Sheet(width * MM, height * MM, lambda: _peek_page(Path(page["file"]), page["index"]))


def blank_spot(sheet: Sheet) -> tuple[float, float]:
    """Upper left corner in mm of the blank place at the head of the page that is nearest to its top centre.

    The seal must not hide writing (DA/T 22): when nothing is blank it goes where the least is.
    """
    import numpy as np

    wide, high = SEAL
    centre = max(0.0, (sheet.width - wide) / 2)
    grey = np.asarray(sheet.peek(), dtype=np.int16)
    dark = grey < np.median(grey) - 50
    sums = np.pad(dark.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    x_dots, y_dots = dark.shape[1] / sheet.width, dark.shape[0] / sheet.height

    def ink(x: float, y: float) -> float:
        left, right = (min(int(mm * x_dots), dark.shape[1]) for mm in (x - 1, x + wide + 1))
        above, below = (min(int(mm * y_dots), dark.shape[0]) for mm in (y - 1, y + high + 1))
        left, above = max(left, 0), max(above, 0)
        found = sums[below, right] - sums[above, right] - sums[below, left] + sums[above, left]
        return float(found) / max(1, (right - left) * (below - above))

    aside = [n * STEP for n in range(int(max(0.0, centre - SEAL_SIDE) / STEP) + 1)]
    down = [SEAL_TOP + n * STEP for n in range(int((SEAL_REACH - SEAL_TOP) / STEP) + 1)]
    places = [(centre + sign * dx, y) for dx in aside for sign in (1, -1) for y in down]
    places.sort(key=lambda at: abs(at[0] - centre) + 2 * at[1])
    inked = [(ink(*at), n) for n, at in enumerate(places)]
    best = next((n for found, n in inked if found <= BLANK), min(inked)[1])
    return places[best]


def _fitted(size: tuple[int, int], dpi: int | None) -> tuple[float, float, tuple[float, float, float, float]]:
    """Width and height of the page, and the picture's box (left, bottom, width, height) on it, in mm."""
    across, down = size
    if dpi and dpi >= LEAST_DPI and max(size) / dpi * 25.4 <= LARGEST_MM:
        width, height = across / dpi * 25.4, down / dpi * 25.4
        return width, height, (0.0, 0.0, width, height)
    width, height = A4 if down >= across else A4[::-1]
    scale = min(width / across, height / down)
    wide, high = across * scale, down * scale
    return width, height, ((width - wide) / 2, (height - high) / 2, wide, high)


def _jpeg(whole: Any, data: bytes, image: Image) -> Any:
    import pikepdf

    space = pikepdf.Name.DeviceGray if image.mode == "L" else pikepdf.Name.DeviceRGB
    return _picture(whole, data, image.size, space, 8, pikepdf.Name.DCTDecode)


def _packed(whole: Any, image: Image) -> Any:
    """Black and white without loss, the rest as JPEG; what is transparent shows white paper."""
    import pikepdf

    if image.mode == "1":
        data = zlib.compress(image.tobytes())
        return _picture(whole, data, image.size, pikepdf.Name.DeviceGray, 1, pikepdf.Name.FlateDecode)
    out = BytesIO()
    plain = _plain(image)
    plain.save(out, "JPEG", quality=88)
    return _jpeg(whole, out.getvalue(), plain)


def _plain(image: Image) -> Image:
    """The picture in grey or colour with 8 bits."""
    from PIL import Image as pil

    if image.mode.startswith("I;16") or image.mode == "I":
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        upon = pil.new("RGBA", image.size, "white")
        return pil.alpha_composite(upon, image.convert("RGBA")).convert("RGB")
    return image.convert("L" if image.mode in ("1", "L", "LA", "F") else "RGB")


def _picture(whole: Any, data: bytes, size: tuple[int, int], space: Any, bits: int, packing: Any) -> Any:
    import pikepdf

    return pikepdf.Stream(
        whole,
        data,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=space,
        BitsPerComponent=bits,
        Filter=packing,
    )


def _peek_image(
    path: Path, index: int, page: tuple[float, float], box: tuple[float, float, float, float]
) -> Image:
    from PIL import Image, ImageOps

    width, height = (max(1, round(mm / 25.4 * PEEK_DPI)) for mm in page)
    with Image.open(path) as image:
        image.seek(index)
        image.draft("L", (2 * width, 2 * height))
        small = ImageOps.exif_transpose(_plain(image)).convert("L")
    size = (max(1, round(box[2] / 25.4 * PEEK_DPI)), max(1, round(box[3] / 25.4 * PEEK_DPI)))
    paper = Image.new("L", (width, height), 255)
    paper.paste(small.resize(size, Image.Resampling.BOX), ((width - size[0]) // 2, (height - size[1]) // 2))
    return paper


def _peek_page(path: Path, index: int) -> Image:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        found: Image = document[index].render(scale=PEEK_DPI / 72, grayscale=True).to_pil()
    return found.convert("L")
