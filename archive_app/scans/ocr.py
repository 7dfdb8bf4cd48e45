"""What every OCR engine gives back: text with positions on the page image; pure, without any engine."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from PIL.Image import Image

FORMAT = 1
Box = tuple[int, int, int, int]
"""x, y, width, height in pixels of the page image."""

# Han characters, their punctuation and full-width forms: no space stands beside them.
_TIGHT = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff“”‘’…—·]")


@dataclass(frozen=True)
class Word:
    """A run of 1 or more characters as the engine found it; ``start`` counts inside its line's text."""

    text: str
    box: Box
    confidence: int
    start: int = 0


@dataclass(frozen=True)
class Line:
    """One line as read; confidence 0 to 100."""

    text: str
    words: tuple[Word, ...]

    @property
    def box(self) -> Box:
        """The smallest box around all words."""
        return union([word.box for word in self.words])

    @property
    def confidence(self) -> int:
        """The mean of the words' confidence, by characters."""
        return round(_mean(self.words))


@dataclass(frozen=True)
class OcrResult:
    """What was read on one page image, in reading order.

    size   width, height of the page image that was given; every box is in its pixels
    dpi    resolution that was used (given or guessed)
    angle  degrees the page was turned counter-clockwise to be read; near 90, 180 or 270 if it lay wrong
    """

    lines: tuple[Line, ...]
    engine: str
    engine_version: str
    size: tuple[int, int]
    dpi: int
    angle: float = 0.0

    @property
    def text(self) -> str:
        """The lines joined by newlines; offsets into it are what `boxes_for` takes."""
        return "\n".join(line.text for line in self.lines)

    @property
    def confidence(self) -> int:
        """The mean confidence of all words by characters, 0 to 100; 0 when nothing was read."""
        return round(_mean([word for line in self.lines for word in line.words]))

    def to_json(self) -> str:
        """The result as compact JSON, about 25 bytes a character."""
        lines = [
            [line.text, [[word.start, len(word.text), *word.box, word.confidence] for word in line.words]]
            for line in self.lines
        ]
        known = {
            "v": FORMAT, "engine": self.engine, "version": self.engine_version, "size": self.size,
            "dpi": self.dpi, "angle": round(self.angle, 2), "lines": lines,
        }  # fmt: skip
        return json.dumps(known, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> OcrResult:
        """The result that `to_json` wrote. Raises ValueError for another format."""
        known = json.loads(text)
        if known.get("v") != FORMAT:
            raise ValueError(f"OCR result of format {known.get('v')}, expected {FORMAT}")
        lines = tuple(_line_from(entry) for entry in known["lines"])
        width, height = known["size"]
        return cls(lines, known["engine"], known["version"], (width, height), known["dpi"], known["angle"])


class OcrEngine(Protocol):
    """Reads one upright 8-bit page image; ``name`` and ``version`` are kept with every result."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def read(self, image: Image, dpi: int | None) -> OcrResult:
        """Read a page; ``dpi`` None means unknown. A blank page gives no lines."""
        ...


def engine(name: str = "tesseract") -> OcrEngine:
    """The engine of that name. Raises KeyError for an unknown one."""
    from archive_app.scans.tesseract import TesseractEngine

    return {"tesseract": TesseractEngine}[name]()


def line_of(words: list[tuple[str, Box, int]], gap: float = 2.0) -> Line:
    """A line of words in reading order, spaces only where a reader needs them.

    Between Chinese characters there is none, however the engine cut them, unless the gap is wider
    than ``gap`` times the height of the words (two columns on one line).
    """
    text, placed = "", []
    for index, (word, box, confidence) in enumerate(words):
        if index:
            before = words[index - 1]
            wide = box[0] - before[1][0] - before[1][2] > gap * max(box[3], before[1][3])
            text += " " if wide or not _joined(before[0], word) else ""
        placed.append(Word(word, box, confidence, len(text)))
        text += word
    return Line(text, tuple(placed))


def _joined(before: str, after: str) -> bool:
    return bool(_TIGHT.match(before[-1]) or _TIGHT.match(after[0]))


def boxes_for(result: OcrResult, start: int, end: int) -> list[Box]:
    """The boxes around ``result.text[start:end]``: one for each line, more where a line slants.

    A word's box is divided evenly among its characters, across when the page was read upright,
    down when it lay on its side.
    """
    found: list[Box] = []
    offset = 0
    for line in result.lines:
        if offset < end and start < offset + len(line.text):
            parts = [
                part_of(word, start - offset, end - offset, result.angle)
                for word in line.words
                if word.start < end - offset and start - offset < word.start + len(word.text)
            ]
            found += _runs(parts)
        offset += len(line.text) + 1
    return found


def part_of(word: Word, start: int, end: int, angle: float = 0.0) -> Box:
    """The box of the characters ``start`` to ``end`` (counted in the line) that belong to the word."""
    first = max(start - word.start, 0)
    last = min(end - word.start, len(word.text))
    x, y, width, height = word.box
    turn = round(angle / 90) % 4
    across = width if turn % 2 == 0 else height
    if turn in (2, 3):  # its text runs towards smaller coordinates
        first, last = len(word.text) - last, len(word.text) - first
    low, high = (round(across * n / len(word.text)) for n in (first, last))
    return (x + low, y, high - low, height) if turn % 2 == 0 else (x, y + low, width, high - low)


def _runs(parts: list[Box]) -> list[Box]:
    """Neighbouring boxes joined; a new run begins where the line has risen or fallen by a third."""
    runs: list[list[Box]] = []
    for part in parts:
        top = runs[-1][0] if runs else None
        if top and (abs(part[1] - top[1]) < top[3] / 3 or abs(part[0] - top[0]) < top[2] / 3):
            runs[-1].append(part)
        else:
            runs.append([part])
    return [union(run) for run in runs]


def union(boxes: list[Box]) -> Box:
    """The smallest box around the boxes; empty at the origin if there are none."""
    if not boxes:
        return (0, 0, 0, 0)
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return (left, top, right - left, bottom - top)


def _mean(words: list[Word] | tuple[Word, ...]) -> float:
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / letters if letters else 0.0


def _line_from(entry: list[Any]) -> Line:
    text, words = entry
    return Line(
        text,
        tuple(Word(text[s : s + n], (x, y, w, h), sure, s) for s, n, x, y, w, h, sure in words),
    )
