"""What an uploaded file really is, told by its content, and its pages as upright 8-bit images."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive_app.core.errors import ArchiveError, Refused
from archive_app.core.i18n import _

if TYPE_CHECKING:
    from PIL.Image import Image

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/tiff": "tif", "application/pdf": "pdf"}
FORMATS = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "TIFF": "image/tiff"}
PDF = "application/pdf"
PDF_DPI = 300
PDF_PIXELS = 36_000_000
"""Pixels a PDF page is drawn with at most: A2 at 300 dpi; larger sheets get a lower resolution."""
PDF_PASSWORD = 4
"""PDFium's error code for a missing password (FPDF_ERR_PASSWORD)."""


@dataclass(frozen=True)
class Limits:
    """What is taken in at most and at least: file size in bytes, pages a file, pixels a page."""

    size: int = 300_000_000
    pages: int = 1000
    pixels: int = 100_000_000
    side: int = 20_000
    least_side: int = 32
    aspect: float = 12.0


@dataclass(frozen=True)
class FileFacts:
    """What a file is: media type, the ending that fits it, number of pages, size in bytes."""

    mime: str
    extension: str
    pages: int
    size: int

    def as_dict(self) -> dict[str, Any]:
        """The facts as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class PageImage:
    """One page of a file, counted from 1: bilevel, grey or RGB, upright; dpi None if unknown."""

    number: int
    image: Image
    dpi: int | None


def inspect(path: Path, limits: Limits | None = None) -> FileFacts:
    """Look into a file, decode every picture in it, and say what it is; its name does not count.

    Raises Refused: scan.empty, scan.too_large, scan.not_a_scan, scan.damaged, scan.encrypted,
    scan.too_many_pages, scan.too_many_pixels, scan.too_small, scan.too_long. Run it through `guard`.
    """
    facts = facts_of(path, limits or Limits())
    if facts.mime != PDF:
        with _opened(path) as image:
            for number in range(facts.pages):
                image.seek(number)
                image.load()
    return facts


def facts_of(path: Path, limits: Limits) -> FileFacts:
    """The facts of a file without decoding its pictures. Raises Refused as `inspect`."""
    size = path.stat().st_size
    _require_size(size, limits)
    mime = kind_of(path)
    pages = _count_pdf(path, limits) if mime == PDF else _count_frames(path, limits)
    return FileFacts(mime, EXTENSIONS[mime], pages, size)


def page_images(
    path: Path, facts: FileFacts, first: int = 1, last: int | None = None, limits: Limits | None = None
) -> Iterator[PageImage]:
    """The pages ``first`` to ``last`` one after the other, in memory one at a time.

    PDF pages are drawn at 300 dpi, larger sheets at less. Raises Refused as `inspect`.
    """
    numbers = range(first, min(last or facts.pages, facts.pages) + 1)
    draw = _pdf_pages if facts.mime == PDF else _frames
    yield from draw(path, numbers, limits or Limits())


def kind_of(path: Path) -> str:
    """The media type by content. Raises Refused: scan.not_a_scan, naming what it is if that is known."""
    import filetype

    with path.open("rb") as file:
        head = file.read(8192)
    if b"%PDF-" in head[:1024]:  # readers allow a little before it
        return PDF
    found = filetype.guess(head)
    if found is not None and found.mime in EXTENSIONS:
        return str(found.mime)
    what = _("（内容是 %(kind)s）", kind=found.extension) if found else ""
    raise Refused(
        "scan.not_a_scan",
        _("这不是扫描件%(what)s。没有改动任何记录。", what=what),
        next_step=_("请上传 PDF、JPEG、PNG 或 TIFF；其他文件先导出为 PDF。"),
    )


def _require_size(size: int, limits: Limits) -> None:
    if size == 0:
        raise Refused(
            "scan.empty",
            _("文件是空的，0 字节。没有改动任何记录。"),
            next_step=_("打开原文件看一眼，再重新上传或补扫。"),
        )
    if size > limits.size:
        raise Refused(
            "scan.too_large",
            _("文件有 %(size)s MB，上限 %(most)s MB。", size=size // 10**6, most=limits.size // 10**6),
            next_step=_("拆成几个文件上传，或用 300 dpi 重扫。"),
        )


def _damaged() -> Refused:
    return Refused(
        "scan.damaged",
        _("文件损坏或不完整，打不开。没有改动任何记录。"),
        next_step=_("从扫描仪重新取这个文件，仍打不开就补扫。"),
    )


def _require_pages(pages: int, limits: Limits) -> None:
    if pages < 1:
        raise _damaged()
    if pages > limits.pages:
        raise Refused(
            "scan.too_many_pages",
            _("文件有 %(pages)s 页，一次最多 %(most)s 页。", pages=pages, most=limits.pages),
            next_step=_("按文件拆开，分几次上传。"),
        )


def _require_shape(width: int, height: int, limits: Limits) -> None:
    """Refuse decompression bombs before they are decoded, and what no scanner gives."""
    shape = {"width": width, "height": height}
    if width * height > limits.pixels or max(width, height) > limits.side:
        raise Refused(
            "scan.too_many_pixels",
            _("图像 %(width)s×%(height)s 像素，太大。", **shape),
            next_step=_("用 300 dpi 重扫；大图纸分幅扫描。"),
        )
    if min(width, height) < limits.least_side:
        raise Refused(
            "scan.too_small",
            _("图像只有 %(width)s×%(height)s 像素，看不出内容。", **shape),
            next_step=_("用 300 dpi 重扫。"),
        )
    if max(width, height) > limits.aspect * min(width, height):
        raise Refused(
            "scan.too_long",
            _("图像 %(width)s×%(height)s 像素，过于细长。", **shape),
            next_step=_("分成几页扫描。"),
        )


@contextmanager
def _opened(path: Path) -> Iterator[Image]:
    """A picture opened by Pillow; whatever its decoders raise becomes Refused scan.damaged.

    Pillow's own limit is lifted: ours is stricter and is checked on the header of each frame.
    """
    from PIL import Image, ImageFile

    Image.MAX_IMAGE_PIXELS = None
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # other libraries switch it on for the whole process
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd metadata of scanners is no reason to refuse
        try:
            with Image.open(path, formats=("JPEG", "PNG", "TIFF")) as image:
                yield image
        except (ArchiveError, MemoryError):
            raise
        except Exception as error:  # decoders raise nearly anything on bytes made to break them
            raise _damaged() from error


def _frame_count(image: Image) -> int:
    """Frames that are pages: all of a TIFF; of others the first (phones add previews, APNG moves)."""
    return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1


def _count_frames(path: Path, limits: Limits) -> int:
    with _opened(path) as image:
        count = _frame_count(image)
        _require_pages(count, limits)
        for number in range(count):
            image.seek(number)
            _require_shape(*image.size, limits)
    return count


def _frames(path: Path, numbers: range, limits: Limits) -> Iterator[PageImage]:
    with _opened(path) as image:
        for number in numbers:
            image.seek(number - 1)
            _require_shape(*image.size, limits)
            yield PageImage(number, upright(image), _stated_dpi(image))


def _stated_dpi(image: Image) -> int | None:
    """The resolution the file states, None if it is missing or makes no sense."""
    try:
        dpi = round(float(image.info["dpi"][0]))
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError, OverflowError):
        return None
    return dpi if 50 <= dpi <= 2400 else None


def upright(image: Image) -> Image:
    """The picture turned as its EXIF says, on white, as bilevel, grey or RGB with 8 bits."""
    from PIL import ImageOps

    return eight_bit(ImageOps.exif_transpose(image))


def eight_bit(image: Image) -> Image:
    """The picture in mode 1, L or RGB; 16 bits are scaled, transparency becomes white, CMYK is converted."""
    from PIL import Image

    if image.mode in ("1", "L", "RGB"):
        return image.copy()
    if image.mode.startswith("I") or image.mode == "F":
        return _scaled_to_bytes(image)
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(paper, image).convert("RGB")
    return image.convert("RGB")


def _scaled_to_bytes(image: Image) -> Image:
    """Deep grey as 8 bits, from the least of 8, 12, 14, 16 bits or any that holds the brightest value."""
    import numpy as np
    from PIL import Image

    values = np.nan_to_num(np.asarray(image, dtype=np.float32))
    brightest = float(values.max())
    most = next((depth for depth in (255, 4095, 16383, 65535) if brightest <= depth), brightest)
    return Image.fromarray((values.clip(0, most) * (255 / most)).round().astype(np.uint8))


@contextmanager
def _document(path: Path) -> Iterator[Any]:
    """A PDF opened by PDFium. Raises Refused: scan.encrypted, scan.damaged."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise _encrypted() if getattr(error, "err_code", None) == PDF_PASSWORD else _damaged() from error
    try:
        yield document
    except pypdfium2.PdfiumError as error:
        raise _damaged() from error
    finally:
        document.close()


def _encrypted() -> Refused:
    return Refused(
        "scan.encrypted",
        _("PDF 有打开密码，读不了。没有改动任何记录。"),
        next_step=_("用密码打开后另存为不加密的 PDF，再上传。"),
    )


def _count_pdf(path: Path, limits: Limits) -> int:
    with _document(path) as document:
        count = len(document)
        _require_pages(count, limits)
        for number in range(count):
            width, height = document.get_page_size(number)
            _require_shape(*_drawn_size(width, height), limits)
    return count


def _drawn_dpi(width: float, height: float) -> float:
    """The resolution a PDF page of ``width`` × ``height`` points is drawn with."""
    area = width * height / 72**2
    return min(PDF_DPI, (PDF_PIXELS / max(area, 1e-6)) ** 0.5)


def _drawn_size(width: float, height: float) -> tuple[int, int]:
    dpi = _drawn_dpi(width, height)
    return math.ceil(width / 72 * dpi), math.ceil(height / 72 * dpi)


def _pdf_pages(path: Path, numbers: range, limits: Limits) -> Iterator[PageImage]:
    with _document(path) as document:
        for number in numbers:
            page = document[number - 1]
            width, height = page.get_size()
            _require_shape(*_drawn_size(width, height), limits)
            dpi = _drawn_dpi(width, height)
            image = eight_bit(page.render(scale=dpi / 72).to_pil())
            page.close()
            yield PageImage(number, without_idle_colour(image), round(dpi))


def without_idle_colour(image: Image) -> Image:
    """The picture as grey if no pixel has any colour: a third of the memory, and no search for stamps."""
    import numpy as np

    if image.mode != "RGB":
        return image
    channels = np.asarray(image)
    same = (channels[:, :, :1] == channels[:, :, 1:]).all()
    return image.convert("L") if same else image
