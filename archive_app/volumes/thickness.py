"""Pure arithmetic of paper: how thick, which box, how many volumes, which page numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

EPSILON = 1e-9


@dataclass(frozen=True)
class Load:
    """What comes into volumes as one folder: the sheets of each of its groups, in order."""

    folder: int
    groups: tuple[int, ...]

    @property
    def sheets(self) -> int:
        return sum(self.groups)


@dataclass
class Pile:
    """The paper of one volume: runs of groups (folder, first group, behind the last).

    ``cut`` are folders that are too thick for one volume and go on in the next; ``over`` are folders of
    which one group alone is thicker than a volume: it stays whole.
    """

    runs: list[tuple[int, int, int]] = field(default_factory=list)
    sheets: int = 0
    cut: list[int] = field(default_factory=list)
    over: list[int] = field(default_factory=list)

    def add(self, folder: int, first: int, behind: int, sheets: int) -> None:
        """Put a run of groups on top; a run that continues the one below becomes one with it."""
        if self.runs and self.runs[-1][0] == folder and self.runs[-1][2] == first:
            self.runs[-1] = (folder, self.runs[-1][1], behind)
        else:
            self.runs.append((folder, first, behind))
        self.sheets += sheets


def sheets_in(volume_mm: float, fill: float, sheet_mm: float) -> int:
    """How many sheets the largest volume takes: 40 mm filled to 0.9 with paper of 0.10 mm take 360."""
    return max(1, math.floor(volume_mm * fill / sheet_mm + EPSILON))


def pack(loads: Sequence[Load], limit: int) -> list[Pile]:
    """Volumes in the order given, none over ``limit`` sheets, no folder split that fits into one volume.

    A folder that alone is too thick is split between groups; a group that alone is too thick stays whole.
    """
    piles: list[Pile] = []
    for load in loads:
        if not piles or piles[-1].sheets + load.sheets > limit:
            piles.append(Pile())
        if load.sheets <= limit:
            piles[-1].add(load.folder, 0, len(load.groups), load.sheets)
        else:
            _split(piles, load, limit)
    return [pile for pile in piles if pile.runs]


def _split(piles: list[Pile], load: Load, limit: int) -> None:
    for n, sheets in enumerate(load.groups):
        if piles[-1].runs and piles[-1].sheets + sheets > limit:
            if piles[-1].runs[-1][0] == load.folder:
                piles[-1].cut.append(load.folder)
            piles.append(Pile())
        piles[-1].add(load.folder, n, n + 1, sheets)
        if sheets > limit:
            piles[-1].over.append(load.folder)


def millimetres(sheets: int, sheet_mm: float) -> float:
    """The thickness of so many sheets, to a tenth of a millimetre."""
    return round(sheets * sheet_mm, 1)


def box_for(thickness_mm: float, boxes_mm: Sequence[int], fill: float) -> int:
    """The thinnest box that takes it; the thickest when none does."""
    fits = [box for box in sorted(boxes_mm) if box * fill + EPSILON >= thickness_mm]
    return fits[0] if fits else max(boxes_mm)


def number_pages(pages: Sequence[int]) -> list[int | None]:
    """The first page number of each document, counted through the volume; None without a page with writing.

    Page numbers run in the order of arrangement over every page with writing (ARR-10).
    """
    numbers: list[int | None] = []
    following = 1
    for count in pages:
        numbers.append(following if count else None)
        following += count
    return numbers


def page_words(first: int | None, pages: int, dash: str = "–") -> str:
    """The page numbers of a document: "1–2", "7", or empty."""
    if first is None or pages < 1:
        return ""
    return str(first) if pages == 1 else f"{first}{dash}{first + pages - 1}"
