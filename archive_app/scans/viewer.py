"""What the viewer shows of one page: its place in the folder, its text in pieces, hits and their boxes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from archive_app import search
from archive_app.core.i18n import _
from archive_app.records import queries as records
from archive_app.records.models import Folder
from archive_app.scans import queries, rules
from archive_app.scans.models import ScanPage
from archive_app.scans.ocr import OcrResult, boxes_for

STRIP = 60
"""Thumbnails before and after the page that is shown."""
PAD = 0.15
Span = tuple[int, int]


@dataclass(frozen=True)
class Piece:
    """A run of text that looks the same; ``hit`` is its number in the folder, ``low`` means read unsurely."""

    text: str
    hit: int | None
    low: bool


@dataclass(frozen=True)
class Box:
    """A hit on the page image, in pixels of the image; ``k`` is the number of the hit."""

    x: int
    y: int
    w: int
    h: int
    k: int


@dataclass(frozen=True)
class Thumb:
    """One page in the strip: its id, its number in the folder, its hits."""

    id: int
    number: int
    hits: int


@dataclass(frozen=True)
class View:
    """Everything the viewer's template needs; hits are numbered from 1 through the whole folder.

    ``hit`` is the current one and ``first`` the first on this page (0 without any); ``previous_hit`` and
    ``next_hit`` are (page id, number) of the nearest hits on other pages.
    """

    page: ScanPage
    folder: Folder
    q: str
    number: int
    count: int
    strip: list[Thumb]
    previous: int | None
    next: int | None
    lines: list[list[Piece]]
    boxes: list[Box]
    hit: int
    first: int
    total: int
    previous_hit: Span | None
    next_hit: Span | None
    place_words: str
    confidence: int
    low: int


def look(page: ScanPage, q: str, hit: int | None = None) -> View:
    """Put together the view of a page for the words ``q``; the current hit is ``hit``, else its first."""
    sheets = queries.sheets(page.folder.id)
    here = next(n for n, sheet in enumerate(sheets) if sheet.id == page.id)
    spans = _spans(page.folder.id, q)
    owners = [sheet.id for sheet in sheets for _span in spans.get(sheet.id, ())]
    first = owners.index(page.id) + 1 if page.id in owners else 0
    current = hit if hit is not None and 0 < hit <= len(owners) and owners[hit - 1] == page.id else first
    earlier = sum(len(spans.get(sheet.id, ())) for sheet in sheets[:here])
    later = earlier + len(spans.get(page.id, ())) + 1
    result = OcrResult.from_json(page.positions) if page.positions else None
    low = list(_low(result)) if result else []
    marks = spans.get(page.id, [])
    return View(
        page=page,
        folder=page.folder,
        q=q,
        number=here + 1,
        count=len(sheets),
        strip=[
            Thumb(sheet.id, sheet.number, len(spans.get(sheet.id, ())))
            for sheet in sheets[max(0, here - STRIP) : here + STRIP + 1]
        ],
        previous=sheets[here - 1].id if here else None,
        next=sheets[here + 1].id if here + 1 < len(sheets) else None,
        lines=_lines(page.text, marks, first, low),
        boxes=_boxes(result, marks, first) if result else [],
        hit=current,
        first=first,
        total=len(owners),
        previous_hit=(owners[earlier - 1], earlier) if earlier else None,
        next_hit=(owners[later - 1], later) if later <= len(owners) else None,
        place_words=_place(page),
        confidence=round(page.confidence or 0),
        low=len(low),
    )


def _spans(folder_id: int, q: str) -> dict[int, list[Span]]:
    if not q:
        return {}
    found = {page: search.highlight(text, q) for page, text in queries.texts(folder_id).items()}
    return {page: spans for page, spans in found.items() if spans}


def _low(result: OcrResult) -> Iterator[Span]:
    """The spans of the text that were read unsurely."""
    offset = 0
    for line in result.lines:
        for word in line.words:
            if word.confidence < rules.LOW_CONFIDENCE:
                yield offset + word.start, offset + word.start + len(word.text)
        offset += len(line.text) + 1


def _lines(text: str, marks: list[Span], first: int, low: list[Span]) -> list[list[Piece]]:
    lines, offset = [], 0
    for line in text.split("\n") if text else []:
        lines.append(list(_pieces(line, offset, marks, first, low)))
        offset += len(line) + 1
    return lines


def _pieces(line: str, offset: int, marks: list[Span], first: int, low: list[Span]) -> Iterator[Piece]:
    """Cut a line wherever a hit or an unsure word begins or ends."""
    end = offset + len(line)
    edges = {offset, end} | {edge for span in (*marks, *low) for edge in span if offset < edge < end}
    cuts = sorted(edges)
    for start, stop in pairwise(cuts):
        hit = next((first + n for n, (a, b) in enumerate(marks) if a <= start < b), None)
        unsure = any(a <= start < b for a, b in low)
        yield Piece(line[start - offset : stop - offset], hit, unsure)


def _boxes(result: OcrResult, marks: list[Span], first: int) -> list[Box]:
    return [
        _padded(box, first + n) for n, span in enumerate(marks) for box in boxes_for(result, span[0], span[1])
    ]


def _padded(box: tuple[int, int, int, int], number: int) -> Box:
    """A little room around the words, so that the edge of the mark does not lie on their ink."""
    x, y, width, height = box
    pad = max(2, round(min(width, height) * PAD))
    return Box(x - pad, y - pad, width + 2 * pad, height + 2 * pad, number)


def _place(page: ScanPage) -> str:
    """Which document of the folder the page belongs to, in words."""
    if page.file.document_id is None:
        return page.file.code
    documents = records.documents_of(page.folder.id)
    place = next((n for n, d in enumerate(documents, start=1) if d.id == page.file.document_id), None)
    if place is None:
        return page.file.code
    return _("第 %(n)s 件 %(title)s", n=place, title=documents[place - 1].title)
