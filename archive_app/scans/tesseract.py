"""The first OCR engine: Tesseract with the recipe, and a second look at doubtful lines."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive_app.scans import recipe
from archive_app.scans.ocr import Box, Line, OcrResult, Word, line_of, union

if TYPE_CHECKING:
    from PIL.Image import Image

BOTH, CHINESE = "chi_sim+eng", "chi_sim"
PAGE, BLOCK = 3, 6
"""Tesseract's page segmentation modes: a whole page, one block of lines."""

DOUBTFUL = 75
"""Confidence under which a line, or a Latin word in it, is read again with Chinese alone."""
LYING = 55
"""Confidence under which a page may lie on its side or upside down."""
SURE = 60
"""Confidence from which words found in red ink are kept."""
TALLEST = 240
"""Pixels (20 mm) up to which something is a line that can be read again; more is a picture."""
MARK_HEIGHT = 55
"""Pixels; Tesseract reads small writing better than the large letters of a stamp."""
HAN = re.compile("[\u3400-\u9fff]")
LATIN = re.compile("[A-Za-z]")
NOISE = re.compile(r"[^\w]+|_+")

Found = tuple[str, Box, int]
"""Text, box on the prepared page, confidence."""


class TesseractEngine:
    """Tesseract with Simplified Chinese and English; runs one thread, in files of a temporary folder."""

    name = "tesseract"

    @property
    def version(self) -> str:
        """Tesseract's version and the languages, e.g. ``5.3.0 chi_sim+eng``."""
        return f"{_version()} {BOTH}"

    def read(self, image: Image, dpi: int | None) -> OcrResult:
        """Read an upright 8-bit page image; if hardly anything is legible, try it turned."""
        dpi = recipe.sound_dpi(image.size, dpi)
        page = recipe.prepare(image, dpi)
        lines = _first_look(page)
        if lines and _sureness(lines) < LYING and (turn := _turn_wanted(page)):
            lying = recipe.prepare(recipe.rolled(image, turn), dpi)
            again = _first_look(lying)
            if _sureness(again) > _sureness(lines):
                lines, page = again, recipe.unrolled(lying, turn, image.size)
        _second_look(page.grey, lines)
        if page.red is not None:
            lines += _read_red(page.red)
        placed = tuple(_placed(words, page, image.size) for words in map(_tidy, lines) if words)
        return OcrResult(placed, self.name, self.version, image.size, dpi, page.angle)


@cache
def _version() -> str:
    import pytesseract

    return str(pytesseract.get_tesseract_version())


def _first_look(page: recipe.Prepared) -> list[list[Found]]:
    """The lines of a prepared page as Tesseract finds them; none if it is blank."""
    return [] if recipe.is_blank(page.grey) else _run(page.grey, BOTH, PAGE)


def _run(grey: recipe.Array, languages: str, mode: int) -> list[list[Found]]:
    """One call of Tesseract on a 300 dpi page; its words by line."""
    import pytesseract

    os.environ["OMP_THREAD_LIMIT"] = "1"  # its default threads cost several times more CPU
    with _written(grey) as path:
        table = pytesseract.image_to_data(str(path), lang=languages, config=f"--dpi 300 --psm {mode}")
    lines: dict[tuple[str, ...], list[Found]] = {}
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] == "5" and _is_word(row):
            box = (int(row["left"]), int(row["top"]), int(row["width"]), int(row["height"]))
            key = (row["block_num"], row["par_num"], row["line_num"])
            lines.setdefault(key, []).append((row["text"].strip(), box, round(float(row["conf"]))))
    return list(lines.values())


def _is_word(row: dict[str, Any]) -> bool:
    text = (row["text"] or "").strip()
    return bool(text) and not (float(row["conf"]) < 30 and NOISE.fullmatch(text))


@contextmanager
def _written(grey: recipe.Array) -> Iterator[Path]:
    """The page as an uncompressed file in a temporary folder; pytesseract would compress it (0.5 s)."""
    from PIL import Image

    with tempfile.TemporaryDirectory(prefix="ocr_") as folder:
        path = Path(folder) / "page.pgm"
        Image.fromarray(grey).save(path)
        yield path


def _second_look(grey: recipe.Array, lines: list[list[Found]]) -> None:
    """Read doubtful lines with Chinese alone, all in one call, and keep what is surer.

    With two languages Tesseract takes a smudged 立卷人 for ``MAA``; alone, Chinese gets it right but
    loses numbers, so only the doubtful lines are given to it, stacked on one strip.
    """
    places = {
        number: place
        for number, words in enumerate(lines)
        if _is_doubtful(words) and (place := union([word[1] for word in words]))[3] <= TALLEST
    }
    if not places:
        return
    strip, bands = recipe.stack(grey, list(places.values()))
    again = [word for words in _run(strip, CHINESE, BLOCK) for word in words]
    for number, band in zip(places, bands, strict=True):
        words = [(text, band.back(box), sure) for text, box, sure in again if band.holds(box)]
        if words and _is_better(words, lines[number]):
            lines[number] = words


def _is_doubtful(words: list[Found]) -> bool:
    return _mean(words) < DOUBTFUL or any(
        sure < DOUBTFUL and LATIN.search(text) for text, _box, sure in words
    )


def _is_better(new: list[Found], old: list[Found]) -> bool:
    bonus = 10 if _han(new) > _han(old) else 0
    return _mean(new) + bonus > _mean(old)


def _han(words: list[Found]) -> int:
    return len(HAN.findall("".join(word[0] for word in words)))


def _mean(words: Iterable[Found]) -> float:
    sums = [(sure * len(text), len(text)) for text, _box, sure in words]
    return sum(total for total, _ in sums) / max(1, sum(count for _, count in sums))


def _read_red(red: recipe.Array) -> list[list[Found]]:
    """What stands in red ink where a stamp was taken away: a secrecy mark must not be lost with it."""
    place = recipe.ink_box(red)
    scale = min(1.0, max(0.25, MARK_HEIGHT / max(1, place[3])))
    strip, (band,) = recipe.stack(red, [place], side=160, gap=160)
    lines = _run(recipe.scaled(recipe.without_rulings(strip), scale), CHINESE, BLOCK)
    return [
        [(text, band.back(recipe.grown(box, 1 / scale)), sure) for text, box, sure in words]
        for words in lines
        if _mean(words) >= SURE and _han(words)
    ]


def _sureness(lines: list[list[Found]]) -> float:
    return _mean(word for words in lines for word in words)


def _turn_wanted(page: recipe.Prepared) -> int:
    """Degrees clockwise that Tesseract's orientation detection asks for; 0 if it cannot say."""
    import pytesseract

    with _written(page.grey) as path:
        try:
            told = pytesseract.image_to_osd(str(path), config="--dpi 300 --psm 0")
        except pytesseract.TesseractError:  # too few characters
            return 0
    match = re.search(r"Rotate: (\d+)", told)
    return int(match[1]) if match else 0


def _tidy(words: list[Found]) -> list[Found]:
    """The words without curly quotes that have no partner on the line: Tesseract's guess at a wide gap."""
    text = "".join(word[0] for word in words)
    stray = [place for place, char in enumerate(text) if char in "“”"]
    for pair in re.finditer("“[^“”]*”", text):
        stray = [place for place in stray if place not in (pair.start(), pair.end() - 1)]
    kept, offset = [], 0
    for word, box, sure in words:
        rest = "".join(char for place, char in enumerate(word, offset) if place not in stray)
        kept += [(rest, box, sure)] if rest else []
        offset += len(word)
    return kept


def _apart(words: list[Found]) -> list[Found]:
    """The words, each ending where the next begins: now and then Tesseract gives one the whole line's box."""
    kept = []
    for (text, (x, y, w, h), sure), following in zip(words, [*words[1:], None], strict=True):
        room = following[1][0] - x if following else w
        kept.append((text, (x, y, min(w, room) if room > 0 else w, h), sure))
    return kept


def _placed(words: list[Found], page: recipe.Prepared, size: tuple[int, int]) -> Line:
    """A line of words with the boxes of the page image that was given."""
    line = line_of([(text, box, max(0, min(100, sure))) for text, box, sure in _apart(words)])
    return Line(line.text, tuple(_moved(word, page, size) for word in line.words))


def _moved(word: Word, page: recipe.Prepared, size: tuple[int, int]) -> Word:
    return replace(word, box=recipe.box_back(page.back, word.box, size))
