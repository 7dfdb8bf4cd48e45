"""Electronic volumes to read and hand on: stamped pages of the scans as one PDF; masters stay untouched."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

from archive_app.printing import barcode, fit, page_image
from archive_app.printing.lists import FOLDER, FONTS, typst_fonts

TEMPLATE = FOLDER / "rendition" / "stamp.typ"
PART_PAGES = 50
PART_BYTES = 24 << 20
"""So much of scanned images in one job; what is drawn is held in memory until the job is done."""
CELLS = ("fonds", "year", "item", "department", "retention", "pages")
"""The six cells of the 归档章 row by row (DA/T 22)."""

Values = dict[str, Any]


def draw(values: Values) -> bytes:
    """The PDF of stamped pages (job "pages"); takes at most a part of a long rendition, see `parts`.

    ``values``: {title, corner: "upper" | "lower", documents: [{seal, pages}]}. Corners are those of the
    category: GB/T 9705 and DA/T 22 upper, GB/T 11822 lower; fronts right, backs left.

    - seal: 归档章 {fonds, year, item, department, retention, pages}, plain strings, on the first page given
      of the document, where the head of the page is blank; None = no seal.
    - pages: [{file, index, mime, dpi, number, back}]: local path of the stored original, page in it from 0,
      its mime, dots an inch (None = fit to A4), volume page number (None = not stamped), whether it is the
      back of a sheet.

    ``mark``, if given, is {qr, words}: the QR of the print (text), and what stands beside it, in the foot of
    every page. The size of a page is that of the paper. Raises OSError, pikepdf.PdfError: an original
    cannot be read.
    """
    import pikepdf

    with ExitStack() as sources, pikepdf.new() as whole:
        opened: dict[str, Any] = {}
        overlays = []
        for page, seal in _pages(values["documents"]):
            sheet = _place(whole, page, sources, opened)
            overlays.append(_overlay(sheet, page, seal, values["corner"]))
        with pikepdf.open(BytesIO(_stamps(overlays, values.get("mark")))) as stamps:
            for target, stamp in zip(whole.pages, stamps.pages, strict=True):
                target.add_overlay(stamp, pikepdf.Rectangle(*target.mediabox))
            with whole.open_metadata(set_pikepdf_as_editor=False) as metadata:
                metadata["dc:title"] = fit.clean(values["title"])
            out = BytesIO()
            whole.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def parts(values: Values, size: int = PART_PAGES) -> list[Values]:
    """Cut a rendition into jobs of at most ``size`` pages, so that memory stays flat and progress is seen."""
    found: list[Values] = []
    owner, weight, count = -1, 0, 0
    for n, k, page, heavy in _weighed(values["documents"]):
        if not found or count == size or (count and weight + heavy > PART_BYTES):
            found.append(values | {"documents": []})
            owner, weight, count = -1, 0, 0
        if owner != n:
            seal = values["documents"][n]["seal"] if k == 0 else None
            found[-1]["documents"].append({"seal": seal, "pages": []})
            owner = n
        found[-1]["documents"][-1]["pages"].append(page)
        weight, count = weight + heavy, count + 1
    return found


def _weighed(documents: list[Values]) -> Iterator[tuple[int, int, Values, int]]:
    """Numbers of document and page, the page, and its bytes: those of a PDF are spread over its pages.

    A page that is not on this machine yet says its file's size itself, as ``bytes``.
    """
    pages = [page for document in documents for page in document["pages"]]
    uses = Counter(page["file"] for page in pages)
    known = {page["file"]: page.get("bytes") for page in pages}
    sizes = {file: size or Path(file).stat().st_size for file, size in known.items()}
    for n, document in enumerate(documents):
        for k, page in enumerate(document["pages"]):
            shared = uses[page["file"]] if page["mime"] == page_image.PDF else 1
            yield n, k, page, sizes[page["file"]] // shared


def backs(pages: int, sheets: int) -> list[bool]:
    """Which of a document's pages are backs: every second one when there are more pages than sheets."""
    return [pages > sheets > 0 and n % 2 == 1 for n in range(pages)]


def _pages(documents: list[Values]) -> Iterator[tuple[Values, Values | None]]:
    for document in documents:
        for n, page in enumerate(document["pages"]):
            yield page, document["seal"] if n == 0 else None


def _place(whole: Any, page: Values, sources: ExitStack, opened: dict[str, Any]) -> page_image.Sheet:
    """Append the page to ``whole``; a PDF stays open until all is saved, for it is copied only then."""
    if page["mime"] != page_image.PDF:
        return page_image.append_image(whole, page)
    if page["file"] not in opened:
        opened[page["file"]] = sources.enter_context(_opened(page["file"]))
    return page_image.append_page(whole, opened[page["file"]], page)


def _opened(path: str) -> Any:
    """A PDF read as a stream: mapped whole into memory it would count as used."""
    import pikepdf

    return pikepdf.open(path, access_mode=pikepdf.AccessMode.stream)


def _overlay(sheet: page_image.Sheet, page: Values, seal: Values | None, corner: str) -> Values:
    return {
        "width": sheet.width,
        "height": sheet.height,
        "number": page["number"],
        "back": page["back"],
        "upper": corner == "upper",
        "seal": [fit.clean(str(seal[cell])) for cell in CELLS] if seal else None,
        "at": page_image.blank_spot(sheet) if seal else None,
    }


def _stamps(pages: list[Values], mark: Values | None) -> bytes:
    """A page for every page, with nothing on it but the stamps."""
    import typst

    shown = mark and {"svg": _qr(mark["qr"]), "words": mark["words"]}
    data = json.dumps({"pages": pages, "fonts": FONTS, "mark": shown}, ensure_ascii=False)
    compiler = typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=typst_fonts())
    pdf = compiler.compile(format="pdf", sys_inputs={"data": data}, pdf_tags=False)
    assert isinstance(pdf, bytes)
    return pdf


def _qr(text: str) -> str:
    """The QR with its quiet zone as SVG, in modules."""
    path, side = barcode.qr_path(text)
    quiet = barcode.QR_QUIET
    whole = side + 2 * quiet
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-{quiet} -{quiet} {whole} {whole}">'
        f'<path fill="#fff" d="M-{quiet} -{quiet}h{whole}v{whole}h-{whole}z"/><path d="{path}"/></svg>'
    )
