"""From written text to searchable text and tokens: NFKC, case folded, no spaces beside Han characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from operator import add

TOK_VERSION = 1
BREAK = "\x1f"  # between the fields of one entry; no word or phrase reaches across it
EDGE = "\x02"  # stands at both ends of every ASCII word, so that substring search respects words
HEAD = "…"  # ends the token of an ASCII word's first two characters; NFKC leaves no … in a text
LONGEST = 40  # characters of an ASCII token; PostgreSQL refuses lexemes over 2 kB
MAX_CHARS = 200_000  # of one entry; a page has about a thousand

HAN = "[\u2e80-\u2fdf\u3001-\u303f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]"
_SPACE = rf"[^\S{BREAK}]++"
# Invisible characters, variation selectors of names, halves of broken pairs: never part of a word.
_IGNORED = re.compile(
    "[\x00-\x08\x0e-\x1e\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
    "\ud800-\udfff\U000e0100-\U000e01ef]"
)
_SHAPE = re.compile(
    rf"(?P<gone>(?<={HAN}){_SPACE}|{_SPACE}(?={HAN}))|(?P<space>{_SPACE})|(?P<word>[a-z]+|[0-9]+)"
)
# Runs in which NFKC turns every character into exactly one, for speed.
_PLAIN = re.compile("[\t\n\r -~—‘’“”、。《》\u4e00-\u9fff\uff01-\uff5e]{2,}")
# Private-use and very new Han characters are unknown to Python's \w, and names are written with them.
_TOKEN = re.compile(
    r"[a-z]+|[0-9]+|(?:[^\W_\x00-\x7f]|[\ue000-\uf8ff\U00020000-\U0003fffd\U000f0000-\U0010fffd])+"
)


def storable(text: str) -> str:
    """The text without characters that a database refuses, cut to MAX_CHARS."""
    return re.sub("[\x00\ud800-\udfff]", "", text)[:MAX_CHARS]


def normalise(text: str) -> str:
    """The searchable form: NFKC, case folded, spaces beside Han dropped, ASCII words between EDGE marks."""
    folded = unicodedata.normalize("NFKC", _IGNORED.sub("", text)).casefold()
    return _SHAPE.sub(_shaped, folded).replace(EDGE + EDGE, EDGE)


def _shaped(match: re.Match[str]) -> str:
    if match["word"]:
        return EDGE + match["word"] + EDGE
    return " " if match["space"] else ""


def tokens(norm: str) -> set[str]:
    """Index tokens of a normalised text: ASCII words and their heads; single Han characters and pairs."""
    found: set[str] = set()
    for run in _TOKEN.findall(norm):
        if run[0] < "\x80":
            found.add(run[:LONGEST])
            found.add(run[:2] + HEAD)
        else:
            found.update(run)
            found.update(map(add, run, run[1:]))
    return found


# Rows written by an older tokeniser can only be taken out of a contentless index by that tokeniser.
TOKENISERS: dict[int, Callable[[str], set[str]]] = {TOK_VERSION: tokens}


def words(norm: str) -> list[str]:
    """In order, the fewest tokens that every text holding ``norm`` must have; repeated ones repeatedly."""
    found: list[str] = []
    for run in _TOKEN.findall(norm):
        if run[0] < "\x80":
            found.append(run[:LONGEST])
        else:
            found.extend(map(add, run, run[1:]) if len(run) > 1 else run)
    return found


@dataclass(frozen=True)
class Mapped:
    """A normalised text that knows where it came from: ``norm[i]`` is original ``[starts[i]:ends[i]]``."""

    norm: str
    starts: list[int]
    ends: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The (start, end) in the original of a piece of the normalised text, edges left aside."""
        while start < end and self.norm[start] == EDGE:
            start += 1
        while end > start and self.norm[end - 1] == EDGE:
            end -= 1
        return self.starts[start], self.ends[end - 1]


def mapped(text: str) -> Mapped:
    """`normalise` with the place of every character (NFKC changes lengths: ㎡ → m2, ① → 1)."""
    folded = _folded(text)
    norm: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def keep(start: int, end: int) -> None:
        if start < end:
            norm.append(folded.norm[start:end])
            starts.extend(folded.starts[start:end])
            ends.extend(folded.ends[start:end])

    def edge(at: int) -> None:
        if not norm or norm[-1] != EDGE:
            norm.append(EDGE)
            starts.append(at)
            ends.append(at)

    done = 0
    for match in _SHAPE.finditer(folded.norm):
        start, end = match.span()
        keep(done, start)
        if match["word"]:
            edge(folded.starts[start])
            keep(start, end)
            edge(folded.ends[end - 1])
        elif match["space"]:
            norm.append(" ")
            starts.append(folded.starts[start])
            ends.append(folded.ends[end - 1])
        done = end
    keep(done, len(folded.norm))
    return Mapped("".join(norm), starts, ends)


def _folded(text: str) -> Mapped:
    """NFKC and case folding, cluster by cluster, with the cluster of every resulting character."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    start, length = 0, len(text)
    while start < length:
        if (plain := _PLAIN.match(text, start)) is not None:
            end = plain.end() if plain.end() == length else plain.end() - 1  # a mark may join the last one
            pieces.append(unicodedata.normalize("NFKC", text[start:end]).casefold())
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
            start = end
            continue
        end = start + 1
        while end < length and _continues(text[end]):
            end += 1
        piece = unicodedata.normalize("NFKC", _IGNORED.sub("", text[start:end])).casefold()
        pieces.append(piece)
        starts.extend([start] * len(piece))
        ends.extend([end] * len(piece))
        start = end
    return Mapped("".join(pieces), starts, ends)


def _continues(char: str) -> bool:
    """True if NFKC may join ``char`` with the one before: marks, Korean vowels, half-width voicing."""
    if char < "\x7f" or "\u4e00" <= char <= "\u9fff":
        return bool(char < "\x1f" and _IGNORED.match(char))
    return (
        unicodedata.category(char)[0] == "M"
        or "\u1160" <= char <= "\u11ff"
        or "\u3131" <= char <= "\u318e"
        or "\uff9e" <= char <= "\uffdc"
        or _IGNORED.match(char) is not None
    )
