"""Hits shown to the reader: spans in the original text, and a short piece of it."""

from __future__ import annotations

import re
from bisect import bisect_right

from archive_app.search.terms import parse
from archive_app.search.text import BREAK, EDGE, HAN, mapped

Span = tuple[int, int]
# OCR puts spaces between Han characters; EDGE is the seam between two pieces of a snippet.
_GAP = re.compile(rf"(?<={HAN})({EDGE}?)[^\S{BREAK}]+({EDGE}?)(?={HAN})")


def highlight(original_text: str, query: str) -> list[Span]:
    """The (start, end) of every hit in the original text, in order, merged where they touch."""
    terms = parse(query)
    if not terms:
        return []
    source = mapped(original_text)
    spans: list[Span] = []
    for term in terms:
        at = source.norm.find(term.norm)
        while at >= 0:
            spans.append(source.span(at, at + len(term.norm)))
            at = source.norm.find(term.norm, at + len(term.norm.strip(EDGE)))
    return _merged(spans)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def snippet(original_text: str, query: str, width: int | None = 60) -> list[tuple[str, bool]]:
    """Pieces (text, is_hit) of the ``width`` characters that hold most hits; None: the whole text.

    For reading, not for counting: spaces between Han characters and line ends are smoothed away.
    """
    return cut(original_text, highlight(original_text, query), width)


def cut(original_text: str, spans: list[Span], width: int | None = 60) -> list[tuple[str, bool]]:
    """`snippet` for spans that are known already."""
    text = original_text.replace(EDGE, " ")
    start, end = (0, len(text)) if width is None else _window(spans, len(text), width)
    pieces, done = [], start
    for left, right in [(max(left, start), min(right, end)) for left, right in spans]:
        if left < right:
            pieces += [text[done:left], text[left:right]]
            done = right
    shown = _smooth(EDGE.join([*pieces, text[done:end]])).split(EDGE)
    parts = [(piece, number % 2 == 1) for number, piece in enumerate(shown)]
    parts = [("…" if start else "", False), *parts, ("…" if end < len(text) else "", False)]
    return [part for part in parts if part[0]]


def _window(spans: list[Span], length: int, width: int) -> Span:
    """The stretch of ``width`` characters with most hits, the first of equals, a third of it before them."""
    if not spans or length <= width:
        return 0, min(length, width)
    ends = [end for _start, end in spans]

    def held(number: int) -> int:
        return bisect_right(ends, spans[number][0] + width) - number

    best = max(range(len(spans)), key=lambda number: (held(number), -number))
    first, last = spans[best][0], ends[best + max(held(best), 1) - 1]
    lead = max(0, min(width // 3, width - (last - first)))
    start = max(0, min(first - lead, length - width))
    return start, min(length, start + width)


def _smooth(text: str) -> str:
    lines = re.sub(rf"[^\S{BREAK}]+", " ", _GAP.sub(r"\1\2", text))
    return re.sub(rf" ?{BREAK} ?", " · ", lines)
