"""What is done to a page image before it is read: scale, light, stamps, skew, lines; and the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

READING_DPI = 300
MM = READING_DPI / 25.4
"""Pixels of one millimetre on a prepared page."""

Array = Any
"""A numpy array; numpy is imported only inside functions, in the child process."""


@dataclass
class Prepared:
    """A page made ready for reading.

    grey     8-bit array at 300 dpi, upright, paper white
    back     2×3 affine matrix: pixel of ``grey`` → pixel of the page image
    angle    degrees the page was turned counter-clockwise to make its lines level
    red      red ink alone, black on white, at the place where it was removed; None without a stamp
    """

    grey: Array
    back: Array
    angle: float = 0.0
    red: Array | None = None
    notes: list[str] = field(default_factory=list)


def prepare(image: Image, dpi: int | None) -> Prepared:
    """Make a page image ready for Tesseract by the measured recipe; ``dpi`` None means guess from A4."""
    import cv2
    import numpy as np

    scale = READING_DPI / (dpi or guess_dpi(image.size))
    bilevel = is_bilevel(image)
    colour = None if bilevel else coloured(image)
    grey = scaled(np.asarray(image.convert("L")), scale)
    red = None
    if colour is not None:
        red = stamp_ink(scaled(colour, scale))
    if red is not None and colour is not None:
        grey = without_stamp(grey, scaled(colour, scale)[:, :, 0], red)
    grey = without_specks(grey) if bilevel else even_light(grey)
    grey = without_dark_edges(grey)
    angle = skew(grey)
    back = np.array([[1 / scale, 0, 0], [0, 1 / scale, 0]], dtype=float)
    if abs(angle) > 0.15:
        turn = cv2.getRotationMatrix2D((grey.shape[1] / 2, grey.shape[0] / 2), angle, 1.0)
        grey = turned(grey, turn)
        red = turned(red, turn) if red is not None else None
        undo = cv2.invertAffineTransform(turn)
        back = undo / scale
    else:
        angle = 0.0
    grey = without_rulings(grey)
    return Prepared(grey, back, angle, red)


def guess_dpi(size: tuple[int, int]) -> int:
    """The resolution if the long side is that of A4 (297 mm), within 75 to 600."""
    return round(min(600, max(75, max(size) / 297 * 25.4)))


def is_bilevel(image: Image) -> bool:
    """Whether nearly every pixel is pure black or pure white, as on a photocopy."""
    if image.mode == "1":
        return True
    counts = image.convert("L").histogram()
    return counts[0] + counts[255] > 0.99 * sum(counts) and counts[0] > 0


def coloured(image: Image) -> Array | None:
    """The RGB array if the page has any colour, else None."""
    import numpy as np

    if image.mode in ("L", "1", "I;16", "LA"):
        return None
    return np.asarray(image.convert("RGB"))


def scaled(page: Array, scale: float) -> Array:
    """The page scaled; a Gaussian before shrinking keeps thin strokes."""
    import cv2

    if abs(scale - 1) < 0.03:
        return page
    if scale < 1:
        page = cv2.GaussianBlur(page, (0, 0), 0.4 / scale)
        return cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)


def stamp_ink(rgb: Array) -> Array | None:
    """Mask of red ink inside blobs of 14 to 75 mm (round seals, secrecy marks); None if there is none."""
    import cv2
    import numpy as np

    red, green, blue = (rgb[:, :, i].astype(np.int16) for i in range(3))
    ink = ((red - np.maximum(green, blue)) > 25).astype(np.uint8) * 255
    small = cv2.resize(ink, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    joined = cv2.dilate((small > 60).astype(np.uint8), np.ones((13, 13), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    margin = 12 / 4 / MM * 4
    keep = np.zeros(count, bool)
    for label in range(1, count):
        sides = [stats[label][i] * 4 / MM - margin for i in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)]
        keep[label] = all(5 <= side <= 75 for side in sides) and max(sides) >= 14
    if not keep.any():
        return None
    blobs = cv2.resize(keep[labels].astype(np.uint8), ink.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return cv2.dilate(ink, np.ones((3, 3), np.uint8)) * blobs


def without_stamp(grey: Array, red_channel: Array, ink: Array) -> Array:
    """The grey page, under the stamp by its red channel only, where red ink is as white as paper."""
    import numpy as np

    return np.where(ink > 0, np.maximum(grey, red_channel), grey)


def even_light(grey: Array) -> Array:
    """The page divided by its background, so that the paper is white everywhere."""
    import cv2

    small = cv2.resize(grey, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    ground = cv2.medianBlur(cv2.dilate(small, cv2.getStructuringElement(cv2.MORPH_RECT, (9, 9))), 21)
    ground = cv2.resize(ground, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.divide(grey, ground, scale=255)


def without_dark_edges(grey: Array) -> Array:
    """The page without the black strips that a copier leaves along its edges."""
    import cv2
    import numpy as np

    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((small < 100).astype(np.uint8))
    height, width = small.shape
    strip = np.zeros(count, bool)
    for label in range(1, count):
        x, y, w, h, area = stats[label]
        at_edge = x == 0 or y == 0 or x + w == width or y + h == height
        strip[label] = at_edge and (w > width / 4 or h > height / 4) and area > 0.5 * w * h
    if not strip.any():
        return grey
    mask = cv2.resize(strip[labels].astype(np.uint8), grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.where(cv2.dilate(mask, np.ones((9, 9), np.uint8)) > 0, np.uint8(255), grey)


def without_specks(grey: Array) -> Array:
    """A copier's page without its lone specks (up to 0.6 mm, apart from any writing), edges softened."""
    import cv2
    import numpy as np

    dark = (grey < 128).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    side = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    speck = side <= SPECK
    writing = (~speck)[labels] & (dark > 0)
    near = cv2.dilate(writing.astype(np.uint8), np.ones((NEAR, NEAR), np.uint8))
    lone = speck.copy()
    lone[np.unique(labels[near > 0])] = False
    page = np.where(lone[labels] & (dark > 0), np.uint8(255), grey)
    return cv2.GaussianBlur(page, (0, 0), SIGMA) if SIGMA else page


import os
SPECK, NEAR, SIGMA = eval(os.environ.get("S", "(7,7,0.7)"))
def skew(grey: Array) -> float:
    """Degrees the lines fall to the right (counter-clockwise turn that levels them), within ±6."""
    import cv2
    import numpy as np

    small = cv2.resize(255 - grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    small = (small > 80).astype(np.float32)
    height, width = small.shape

    def sharpness(degrees: float) -> float:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        rows = cv2.warpAffine(small, turn, (width, height)).sum(axis=1)
        return float(((rows[1:] - rows[:-1]) ** 2).sum())

    best = max(np.arange(-6, 6.1, 0.5), key=sharpness)
    for step in (0.1, 0.02):
        best = max(np.arange(best - 5 * step, best + 5.5 * step, step), key=sharpness)
    return float(best)


def turned(page: Array, turn: Array) -> Array:
    """The page turned by an affine matrix, white where nothing was."""
    import cv2

    size = (page.shape[1], page.shape[0])
    return cv2.warpAffine(page, turn, size, flags=cv2.INTER_CUBIC, borderValue=255)


def without_rulings(grey: Array) -> Array:
    """The page without the long straight lines of tables and forms."""
    import cv2
    import numpy as np

    dark = (grey < 160).astype(np.uint8)
    across = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, round(12 * MM)), np.uint8))
    down = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((round(12 * MM), 1), np.uint8))
    lines = cv2.dilate(across, np.ones((7, 3), np.uint8)) | cv2.dilate(down, np.ones((3, 7), np.uint8))
    return np.where(lines > 0, np.uint8(255), grey)
