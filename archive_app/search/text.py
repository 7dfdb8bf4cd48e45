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
LONGEST = 40  # characters of an ASCII token; PostgreSQL refuses lexemes over 2 kB
MAX_CHARS = 200_000  # of one entry; a page has about a thousand

_HAN = "\u2e80-\u2fdf\u3001-\u303f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_SPACE = rf"[^\S{BREAK}]++"
# Invisible characters, variation selectors of names, halves of broken pairs: never part of a word.
_IGNORED = re.compile(
    "[\x00-\x08\x0e-\x1e\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
    "\ud800-\udfff\U000e0100-\U000e01ef]"
)
_SHAPE = re.compile(
    rf"(?P<gone>(?<=[{_HAN}]){_SPACE}|{_SPACE}(?=[{_HAN}]))|(?P<space>{_SPACE})|(?P<word>[a-z]+|[0-9]+)"
)
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


def without_gaps(text: str) -> str:
    """The text for display: spaces beside Han characters (OCR puts them there) dropped, others single."""
    return _SHAPE.sub(lambda match: match["word"] or _shaped(match), text)


def tokens(norm: str) -> set[str]:
    """Index tokens of a normalised text: ASCII words; Han runs as single characters and pairs."""
    found: set[str] = set()
    for run in _TOKEN.findall(norm):
        if run[0] < "\x80":
            found.add(run[:LONGEST])
        else:
            found.update(run)
            found.update(map(add, run, run[1:]))
    return found


# Rows written by an older tokeniser can only be taken out of a contentless index by that tokeniser.
TOKENISERS: dict[int, Callable[[str], set[str]]] = {TOK_VERSION: tokens}


def words(norm: str) -> list[str]:
    """The fewest tokens, in order, that every text holding ``norm`` must have."""
    found: list[str] = []
    for run in _TOKEN.findall(norm):
        if run[0] < "\x80":
            found.append(run[:LONGEST])
        else:
            found.extend(map(add, run, run[1:]) if len(run) > 1 else run)
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Mapped:
    """A normalised text that knows where it came from: ``origin[i]`` is (start, end) in the original."""

    norm: str
    origin: list[tuple[int, int]]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The (start, end) in the original of a piece of the normalised text."""
        places = [place for place in self.origin[start:end] if place[1] > place[0]]
        return (places[0][0], max(place[1] for place in places)) if places else (0, 0)


def mapped(text: str) -> Mapped:
    """`normalise` with the place of every character (NFKC changes lengths: ㎡ → m2, ① → 1)."""
    folded, places = _folded(text)
    norm: list[str] = []
    origin: list[tuple[int, int]] = []

    def keep(piece: str, where: list[tuple[int, int]]) -> None:
        norm.append(piece)
        origin.extend(where)

    done = 0
    for match in _SHAPE.finditer(folded):
        start, end = match.span()
        keep(folded[done:start], places[done:start])
        if match["word"]:
            if not (norm and norm[-1] == EDGE and start == done):
                keep(EDGE, [(0, 0)])
            keep(match["word"], places[start:end])
            keep(EDGE, [(0, 0)])
        elif match["space"]:
            keep(" ", [(places[start][0], places[end - 1][1])])
        done = end
    keep(folded[done:], places[done:])
    return Mapped("".join(norm), origin)


def _folded(text: str) -> tuple[str, list[tuple[int, int]]]:
    """NFKC and case folding, cluster by cluster, with the cluster of every resulting character."""
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and _continues(text[end]):
            continue
        piece = unicodedata.normalize("NFKC", _IGNORED.sub("", text[start:end])).casefold()
        pieces.append(piece)
        places.extend([(start, end)] * len(piece))
        start = end
    return "".join(pieces), places


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
