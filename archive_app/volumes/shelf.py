"""The shelf of a year as it is drawn: spines to scale, titles in columns, words only where they fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from archive_app.core.i18n import _
from archive_app.volumes.facts import VolumeFacts
from archive_app.volumes.models import Volume

PX_A_MM = 3.6
NARROWEST = 36  # px: a spine that can still be hit and carries its number
COLUMN = 18  # px for one column of the title
LINES = 8  # characters that stand in a column
FLAG_LINES = 6  # with the words of what holds the volume back below them
COLUMNS = 3


@dataclass(frozen=True)
class Spine:
    """How one volume stands on the shelf; lengths in px, ``columns`` are (x, words) from right to left.

    ``slot`` is what can be clicked, ``width`` what is drawn, to scale. ``tail`` is written below in one
    line, in two, or not at all.
    """

    slot: int
    width: float
    left: float
    columns: tuple[tuple[float, str], ...]
    tail: tuple[str, ...]
    wide: bool

    @property
    def middle(self) -> float:
        """The x of everything that stands centred."""
        return round(self.slot / 2, 1)


@dataclass(frozen=True)
class Book:
    """A volume with its spine and the few words on and under it."""

    facts: VolumeFacts
    spine: Spine
    label: str
    mm: str
    tone: str
    spoken: str

    @property
    def volume(self) -> Volume:
        return self.facts.volume

    @property
    def bound(self) -> bool:
        return self.volume.state in ("bound", "boxed")

    @property
    def held(self) -> bool:
        return self.facts.holding > 0 and not self.bound

    @property
    def alone(self) -> str:
        """绝密 单独立卷, for a volume of a level that stands apart."""
        name = self.facts.secrecy_name
        return _("%(level)s 单独立卷", level=name) if self.volume.apart else ""

    @property
    def name(self) -> str:
        """案卷号 once it has one, else 第 2 卷."""
        return called(self.volume)


def called(volume: Volume) -> str:
    """What a volume is called: its 案卷号, or 第 2 卷 as long as it has none."""
    return str(volume.number) if volume.number else _("第 %(n)s 卷", n=volume.place_in_year)


def books(volumes: Sequence[VolumeFacts]) -> list[Book]:
    """The volumes of a year as they stand on the shelf, in their order."""
    return [_book(facts) for facts in volumes]


def _book(facts: VolumeFacts) -> Book:
    volume, held = facts.volume, facts.holding > 0
    bound = volume.state in ("bound", "boxed")
    drawn = spine(volume.thickness_mm, facts.name, facts.tail, flagged=held and not bound)
    label = f"{volume.serial:04d}" if volume.serial else _("第%(n)s卷", n=volume.place_in_year)
    tone = "ok" if bound else "wait" if held else "q"
    return Book(facts, drawn, label, f"{volume.thickness_mm:.3g}", tone, _spoken(facts, held and not bound))


def _spoken(facts: VolumeFacts, held: bool) -> str:
    said = _(
        "%(name)s，%(title)s，%(mm)s 毫米，%(state)s", name=called(facts.volume), title=facts.name,
        mm=f"{facts.volume.thickness_mm:.3g}", state=facts.state_name,
    )  # fmt: skip
    return _("%(said)s，有 %(n)s 处要解决", said=said, n=facts.holding) if held else said


def spine(mm: float, title: str, tail: str, *, flagged: bool) -> Spine:
    """Lay out the spine of a volume ``mm`` thick; ``tail`` names its first and last folder, 0014–0029."""
    width = round(max(mm * PX_A_MM, 4.0), 1)
    slot = max(round(width), NARROWEST)
    fitting = min(max(int((width - 8) // COLUMN), 1), COLUMNS)
    texts = columns(title, fitting, FLAG_LINES if flagged else LINES)
    right = slot / 2 + (len(texts) - 1) * COLUMN / 2
    return Spine(
        slot, width, round((slot - width) / 2, 1),
        tuple((round(right - n * COLUMN, 1), text) for n, text in enumerate(texts)),
        _tail(tail, width), width >= NARROWEST,
    )  # fmt: skip


def columns(title: str, number: int, lines: int) -> list[str]:
    """Break a title into ``number`` columns of so many characters; Latin takes half, a cut title ends in …"""
    found: list[str] = []
    rest = " ".join(title.split())
    while rest and len(found) < number:
        taken = _fitting(rest, lines)
        found.append(rest[:taken].strip())
        rest = rest[taken:].lstrip()
    if rest:
        found[-1] = f"{found[-1][:-1]}…"
    return found


def _fitting(text: str, lines: int) -> int:
    room = float(lines)
    for at, sign in enumerate(text):
        room -= 1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.55
        if room < 0:
            return max(at, 1)
    return len(text)


def _tail(tail: str, width: float) -> tuple[str, ...]:
    first, _dash, last = tail.partition("–")
    if width >= 8 + 6.6 * len(tail):
        return (tail,)
    if width < 8 + 6.6 * max(len(first), len(last) + 1):
        return ()
    return (first, f"–{last}") if last else (first,)
