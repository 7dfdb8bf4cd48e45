"""What is done to a page image before it is read: scale, light, stamps, skew, lines; and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

READING_DPI = 300
MM = READING_DPI / 25.4
"""Pixels of one millimetre on a prepared page."""
MOST_PIXELS = 40_000_000
"""A larger page (above A2 at 300 dpi) is read at a lower resolution."""
STAMP_MM = (14, 75)
"""Round seals and secrecy marks are within; smaller red is writing, larger red is a letterhead or a photo."""

Array = Any
"""A numpy array. numpy and OpenCV are imported inside functions only, in the guarded child."""
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Prepared:
    """A page made ready for reading.

    grey   8-bit array at 300 dpi, lines level, paper white
    back   2×3 affine matrix: place on ``grey`` → place on the page image that was given
    angle  degrees the page was turned counter-clockwise
    red    the ink of red stamps alone, dark on white, placed as ``grey``; None without a stamp
    """

    grey: Array
    back: Array
    angle: float = 0.0
    red: Array | None = None


def prepare(image: Image, dpi: int) -> Prepared:
    """Make a page image of ``dpi`` ready for Tesseract, by the recipe that measured best."""
    import numpy as np

    width, height = image.size
    scale = min(READING_DPI / dpi, (MOST_PIXELS / (width * height)) ** 0.5)
    scale = 1.0 if abs(scale - 1) < 0.03 else scale
    grey, red = without_stamps(scaled(pixels(image), scale))
    grey = without_specks(grey) if is_bilevel(image) else even_light(grey)
    grey = without_dark_edges(grey)
    page = levelled(Prepared(grey, np.array([[1, 0, 0], [0, 1, 0]]) / scale, 0.0, red))
    return replace(page, grey=without_rulings(page.grey))


def sound_dpi(size: tuple[int, int], dpi: int | None) -> int:
    """The stated resolution if the page then has a believable size, else the one that makes it A4.

    Cameras and many programs write 72 or 96 whatever the page is.
    """
    longest = max(size)
    if dpi and 100 <= longest / dpi * 25.4 <= 600:
        return dpi
    return round(min(600, max(75, longest / 297 * 25.4)))


def pixels(image: Image) -> Array:
    """The page as an array: two dimensions if it has no colour, else three (RGB)."""
    import numpy as np

    return np.asarray(image.convert("L" if image.mode in ("1", "L", "LA") else "RGB"))


def is_bilevel(image: Image) -> bool:
    """Whether nearly every pixel is pure black or pure white, as on a photocopy."""
    if image.mode == "1":
        return True
    counts = image.convert("L").histogram()
    return counts[0] > 0 and counts[0] + counts[255] > 0.99 * sum(counts)


def scaled(page: Array, scale: float) -> Array:
    """The page scaled; a Gaussian before shrinking keeps thin strokes."""
    import cv2

    if scale == 1:
        return page
    if scale > 1:
        return cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    page = cv2.GaussianBlur(page, (0, 0), 0.4 / scale)
    return cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def without_stamps(page: Array) -> tuple[Array, Array | None]:
    """The grey page with red stamps taken away, and the ink alone of those that are not round seals.

    Under a stamp only the red channel counts: there red ink is as white as paper, black is black.
    What is not a seal may be a secrecy mark (a single large 密), so its ink is read apart.
    """
    import cv2
    import numpy as np

    if page.ndim == 2:
        return page, None
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    stamps, marks = stamp_ink(page)
    if not stamps.any():
        return grey, None
    clean = np.where(stamps, np.maximum(grey, page[:, :, 0]), grey)
    ink = np.minimum(page[:, :, 1], page[:, :, 2])
    return clean, np.where(marks, ink, np.uint8(255)) if marks.any() else None


def stamp_ink(rgb: Array) -> tuple[Array, Array]:
    """Where red ink lies in blobs of the size of a stamp, and where in those that are no round seals."""
    import cv2
    import numpy as np

    red, green, blue = cv2.split(rgb)
    ink = (cv2.subtract(red, cv2.max(green, blue)) > 25).astype(np.uint8)
    small = cv2.resize(ink * 255, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA) > 60
    joined = cv2.dilate(small.astype(np.uint8), np.ones((13, 13), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    sides = (stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]] - 12) * 4 / MM
    stamp = (sides.max(axis=1) >= STAMP_MM[0]) & (sides.max(axis=1) <= STAMP_MM[1]) & (sides.min(axis=1) >= 5)
    stamp[0] = False
    seal = np.array([stamp[n] and is_round(small & (labels == n)) for n in range(count)])
    place = cv2.resize(labels.astype(np.uint16), ink.shape[::-1], interpolation=cv2.INTER_NEAREST)
    wide = cv2.dilate(ink, np.ones((3, 3), np.uint8)) > 0
    return wide & stamp[place], wide & (stamp & ~seal)[place]


def is_round(ink: Array) -> bool:
    """Whether ink lies all around on the ellipse that fits its bounding box, as the rim of a seal does."""
    import numpy as np

    y, x = np.nonzero(ink)
    across, down = (2 * (v - v.min()) / max(1, v.max() - v.min()) - 1 for v in (x, y))
    radius = np.hypot(across, down)
    rim = (radius > 0.88) & (radius < 1.05)
    return len(np.unique(np.degrees(np.arctan2(down, across))[rim] // 5)) > 0.8 * 72


def even_light(grey: Array) -> Array:
    """The page divided by its background, so that the paper is white everywhere."""
    import cv2
    import numpy as np

    small = cv2.resize(grey, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    ground = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 21)
    ground = cv2.resize(ground, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.divide(grey, ground, scale=255)


def without_specks(grey: Array, speck: int = 6, hole: int = 3) -> Array:
    """A copier's page without lone specks and pinholes, its edges softened.

    speck  longest side in pixels; one that touches writing stays, for it may be a full stop
    hole   largest area in pixels of a white dot inside a stroke
    No median filter here: it eats the thin strokes.
    """
    import cv2
    import numpy as np

    dark = (grey < 128).astype(np.uint8)
    _count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    lone = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1) <= speck
    writing = (~lone[labels] & (dark > 0)).astype(np.uint8)
    near = cv2.dilate(writing, np.ones((3, 3), np.uint8)) > 0
    lone[labels[near]] = False
    dark[lone[labels]] = 0
    _count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - dark, connectivity=4)
    dark[(stats[:, cv2.CC_STAT_AREA] <= hole)[labels]] = 1
    return cv2.GaussianBlur((1 - dark) * np.uint8(255), (0, 0), 1.2)


def without_dark_edges(grey: Array) -> Array:
    """The page without the black strips that a copier leaves along its edges."""
    import cv2
    import numpy as np

    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    _count, labels, stats, _ = cv2.connectedComponentsWithStats((small < 100).astype(np.uint8))
    height, width = small.shape
    x, y, w, h, area = stats.T
    at_edge = (x == 0) | (y == 0) | (x + w == width) | (y + h == height)
    strip = at_edge & ((w > width / 4) | (h > height / 4)) & (area > 0.5 * w * h)
    strip[0] = False
    if not strip.any():
        return grey
    mask = cv2.resize(strip[labels].astype(np.uint8), grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.where(cv2.dilate(mask, np.ones((9, 9), np.uint8)) > 0, np.uint8(255), grey)


def levelled(page: Prepared, least: float = 0.15) -> Prepared:
    """The page turned so that its lines are level, if they are off by more than ``least`` degrees."""
    import cv2
    import numpy as np

    angle = skew(page.grey)
    if abs(angle) <= least:
        return page
    height, width = page.grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    grey, red = (
        None
        if array is None
        else cv2.warpAffine(array, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)
        for array in (page.grey, page.red)
    )
    back = page.back @ np.vstack([cv2.invertAffineTransform(turn), [0, 0, 1]])
    return Prepared(grey, back, angle, red)


def skew(grey: Array, limit: float = 6.0) -> float:
    """Degrees counter-clockwise that level the lines: where the sums of rows differ most; 0 if unclear."""
    import cv2
    import numpy as np

    small = cv2.resize(255 - grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    small = (small > 80).astype(np.float32)
    height, width = small.shape

    def sharpness(degrees: float) -> float:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(degrees), 1.0)
        rows = cv2.warpAffine(small, turn, (width, height)).sum(axis=1)
        return float(((rows[1:] - rows[:-1]) ** 2).sum())

    best = max(np.arange(-limit, limit + 0.1, 0.5), key=sharpness)
    for step in (0.1, 0.02):
        best = max(best + step * np.arange(-5, 6), key=sharpness)
    clear = abs(best) < limit and sharpness(best) > 1.05 * sharpness(0)
    return float(best) if clear else 0.0


def without_rulings(grey: Array) -> Array:
    """The page without the straight lines of tables and forms, from 12 mm."""
    import cv2
    import numpy as np

    dark = (grey < 160).astype(np.uint8)
    across = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, round(12 * MM)), np.uint8))
    down = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((round(12 * MM), 1), np.uint8))
    wide, tall = np.ones((7, 3), np.uint8), np.ones((3, 7), np.uint8)
    lines = cv2.max(cv2.dilate(across, wide), cv2.dilate(down, tall))
    return np.where(lines > 0, np.uint8(255), grey)


def is_blank(grey: Array) -> bool:
    """Whether nothing on a prepared page is as large as a small character (1.2 mm)."""
    import cv2
    import numpy as np

    edge = round(5 * MM)
    dark = (grey[edge:-edge, edge:-edge] < 140).astype(np.uint8)
    if not dark.any():
        return True
    _count, _labels, stats, _ = cv2.connectedComponentsWithStats(dark)
    return bool(stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max() < 1.2 * MM)


def rolled(image: Image, clockwise: int) -> Image:
    """The page image turned clockwise by 90, 180 or 270 degrees."""
    from PIL.Image import Transpose

    turns = {90: Transpose.ROTATE_270, 180: Transpose.ROTATE_180, 270: Transpose.ROTATE_90}
    return image.transpose(turns[clockwise])


def unrolled(page: Prepared, clockwise: int, size: tuple[int, int]) -> Prepared:
    """A page prepared from a `rolled` image, its way back leading to the image of ``size`` before that."""
    import numpy as np

    width, height = size
    undo = {
        90: [[0, 1, 0], [-1, 0, height], [0, 0, 1]],
        180: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
        270: [[0, -1, width], [1, 0, 0], [0, 0, 1]],
    }[clockwise]
    back = (np.array(undo) @ np.vstack([page.back, [0, 0, 1]]))[:2]
    return replace(page, back=back, angle=360 - clockwise + page.angle)


def ink_box(page: Array) -> Box:
    """The smallest box around everything that is not white."""
    import cv2
    import numpy as np

    x, y, w, h = cv2.boundingRect((page < 250).astype(np.uint8))
    return (x, y, w, h)


def grown(box: Box, scale: float) -> Box:
    """The box on a page that is ``scale`` times as large."""
    x, y, w, h = (round(side * scale) for side in box)
    return (x, y, w, h)


def box_back(back: Array, box: Box, size: tuple[int, int]) -> Box:
    """The box on the page image that a box on the prepared page came from, clipped to the image."""
    import numpy as np

    x, y, w, h = box
    corners = np.array([[x, x + w, x, x + w], [y, y, y + h, y + h], [1, 1, 1, 1]])
    places = back @ corners
    left, top = (max(0, round(float(low))) for low in places.min(axis=1))
    right, bottom = (
        min(limit, round(float(high))) for high, limit in zip(places.max(axis=1), size, strict=True)
    )
    return (left, top, max(0, right - left), max(0, bottom - top))


@dataclass(frozen=True)
class Band:
    """Where a piece of a page lies on a strip: its top and bottom there, and the shift back to the page."""

    top: int
    bottom: int
    shift: tuple[int, int]

    def holds(self, box: Box) -> bool:
        """Whether the middle of a box of the strip lies in this band."""
        return self.top <= box[1] + box[3] / 2 <= self.bottom

    def back(self, box: Box) -> Box:
        """A box of the strip as a box of the page."""
        return (box[0] + self.shift[0], box[1] + self.shift[1], box[2], box[3])


def stack(
    grey: Array, pieces: list[Box], gap: int = 24, side: int = 40, grow: int = 6
) -> tuple[Array, list[Band]]:
    """The pieces of a page one below the other on a white strip, each a band."""
    import numpy as np

    cuts, bands, top = [], [], gap
    for x, y, w, h in pieces:
        x0, y0 = max(0, x - grow), max(0, y - grow)
        cut = grey[y0 : y + h + grow, x0 : x + w + grow]
        cuts.append(cut)
        bands.append(Band(top, top + cut.shape[0], (x0 - side, y0 - top)))
        top += cut.shape[0] + gap
    strip = np.full((top, max(cut.shape[1] for cut in cuts) + 2 * side), 255, np.uint8)
    for cut, band in zip(cuts, bands, strict=True):
        strip[band.top : band.bottom, side : side + cut.shape[1]] = cut
    return strip, bands
