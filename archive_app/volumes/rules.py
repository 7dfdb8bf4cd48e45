"""Pure rules of arrangement: which documents are never separated, in which order they stand, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from archive_app.core.i18n import Lazy as L

BEHIND = {"attachment": 1, "final_draft": 2, "duplicate": 3, "translation": 4}
"""Parts that follow a document, in this order; without a group mark they belong to the one filed before."""
AHEAD = {"reply": 0, "request": 1, "forwarded": 2}
"""Parts that lead a group, in this order; every other part comes after them."""

REASONS = {
    "reply": L("批复在前"),
    "request": L("请示在后，不分开"),
    "main": L("正件在前"),
    "attachment": L("附件在后"),
    "print": L("印件在前"),
    "final_draft": L("定稿在后"),
    "duplicate": L("副本随正本，不分开"),
    "translation": L("各种文字不分开"),
    "forwarded": L("转发件与原件不分开"),
    "together": L("同组文件不分开"),
    "signing_date": L("按签订时间先后"),
    "dated_ascending": L("按日期先后"),
    "dated_descending": L("最新的在前"),
    "undated": L("没有日期，排在最后"),
    "group_order": L("按归档先后，成组排列"),
    "as_filed": L("按归档先后"),
    "by_hand": L("手工排列"),
}
SORT_RULES = {
    "signing_date": "signing_date",
    "dated_ascending": "dated",
    "dated_descending": "newest_first",
    "group_order": "others",
    "as_filed": "as_filed",
    "by_hand": "by_hand",
}
"""The rule (key in the rule book) that a category's sort follows."""


@dataclass(frozen=True)
class Paper:
    """A document as arrangement sees one.

    ``shelf`` is (category, year, serial) of its folder and ``position`` its place in the folder as filed.
    ``apart`` is the level that must stand alone, else empty. ``pages`` have writing, ``sheets`` are leaves.
    """

    id: int
    folder: int
    shelf: tuple[str, int, int]
    position: int
    part: str = "main"
    group: str = ""
    dated: date | None = None
    nature: str = ""
    covers_from: int | None = None
    covers_to: int | None = None
    pages: int = 0
    sheets: int = 0
    apart: str = ""


@dataclass(frozen=True)
class Placed:
    """A document in its place: ``rule`` is the key in the rule book, ``reason`` says it in a few words."""

    paper: Paper
    rule: str
    reason: str


@dataclass(frozen=True)
class Torn:
    """What a move by hand would separate: documents of one group, or (``number_order``) of one folder."""

    rule: str
    papers: tuple[int, ...]


def groups(papers: Iterable[Paper]) -> list[list[Paper]]:
    """The documents that are never separated, each list in filing order, lists in filing order (ARR-02).

    The same group mark inside one folder makes a group; an attachment, final draft, duplicate or translation
    without a mark belongs to the nearest document before it that leads one.
    """
    found: dict[tuple[int, object], list[Paper]] = {}
    lead: dict[int, object] = {}
    for paper in sorted(papers, key=_filed):
        if paper.group:
            key: object = paper.group
        elif paper.part in BEHIND and paper.folder in lead:
            key = lead[paper.folder]
        else:
            key = paper.id
        if paper.part not in BEHIND or paper.folder not in lead:
            lead[paper.folder] = key
        found.setdefault((paper.folder, key), []).append(paper)
    return list(found.values())


def order(papers: Iterable[Paper], sort: str) -> list[list[Placed]]:
    """All groups in the order of the volume: by file number, inside a folder by the category's sort.

    The same papers give the same order, however they are handed in (ARR-09, ARR-18, ARR-19, CAT-25).
    """
    ordered = [_inside(group) for group in groups(papers)]
    ordered.sort(key=lambda group: (group[0].shelf, group[0].folder))
    placed: list[list[Placed]] = []
    for _folder, same in groupby(ordered, key=lambda group: group[0].folder):
        placed += [_explained(group, sort) for group in _sorted(list(same), sort)]
    return placed


def torn(papers: Sequence[Paper]) -> Torn | None:
    """The first group, or folder, that does not stand together in this order; None when all do (ARR-02)."""
    place = {paper.id: n for n, paper in enumerate(papers)}
    for group in groups(papers):
        if _apart([place[paper.id] for paper in group]):
            return Torn("groups", tuple(paper.id for paper in group))
    folders: dict[int, list[int]] = {}
    for paper in papers:
        folders.setdefault(paper.folder, []).append(paper.id)
    for same in folders.values():
        if _apart([place[each] for each in same]):
            return Torn("number_order", tuple(same))
    return None


def gathered(papers: Sequence[Paper]) -> list[Paper]:
    """An order made by hand with nothing torn: groups and folders stand where their first document does."""
    place = {paper.id: n for n, paper in enumerate(papers)}
    first = {p.id: min(place[each.id] for each in group) for group in groups(papers) for p in group}
    folder: dict[int, int] = {}
    for paper in papers:
        folder.setdefault(paper.folder, place[paper.id])
    return sorted(papers, key=lambda paper: (folder[paper.folder], first[paper.id], place[paper.id]))


def _filed(paper: Paper) -> tuple[object, ...]:
    return (paper.shelf, paper.folder, paper.position, paper.id)


def _apart(places: list[int]) -> bool:
    return max(places) - min(places) >= len(places)


def _inside(group: list[Paper]) -> list[Paper]:
    """批复前请示后, 正件前附件后, 印件前定稿后: each leading document with what follows it."""
    led: list[list[Paper]] = []
    early: list[Paper] = []  # filed in front of what they follow
    for paper in group:
        if paper.part not in BEHIND:
            led.append([paper])
        else:
            (led[-1] if led else early).append(paper)
    if not led:
        return early
    led[0] += early
    led.sort(key=lambda block: AHEAD.get(block[0].part, len(AHEAD)))
    for block in led:
        block[1:] = sorted(block[1:], key=lambda paper: BEHIND[paper.part])
    return [paper for block in led for paper in block]


def _sorted(of_folder: list[list[Paper]], sort: str) -> list[list[Paper]]:
    filed = sorted(of_folder, key=lambda group: min((paper.position, paper.id) for paper in group))
    if sort not in ("signing_date", "dated_ascending", "dated_descending"):
        return filed
    dated = [group for group in filed if _date(group)]
    dated.sort(key=lambda group: _date(group) or date.max, reverse=sort == "dated_descending")
    return dated + [group for group in filed if not _date(group)]


def _date(group: list[Paper]) -> date | None:
    """The date a group is sorted by: that of its first document that has one."""
    return next((paper.dated for paper in group if paper.dated), None)


def _explained(group: list[Paper], sort: str) -> list[Placed]:
    parts = {paper.part for paper in group}
    alone = len(group) == 1
    return [_placed(paper, n, parts, sort, alone or _date(group) is None) for n, paper in enumerate(group)]


def _placed(paper: Paper, place: int, parts: set[str], sort: str, alone: bool) -> Placed:
    rule, word = SORT_RULES[sort], sort
    if paper.part in ("reply", "request") and {"reply", "request"} <= parts:
        rule, word = "reply_first", paper.part
    elif paper.part == "print" and "final_draft" in parts:
        rule, word = "print_first", "print"
    elif paper.part == "final_draft" and place:
        rule, word = "print_first", "final_draft"
    elif paper.part == "attachment" and place:
        rule, word = "main_first", "attachment"
    elif "attachment" in parts and not place and paper.part not in BEHIND:
        rule, word = "main_first", "main"
    elif paper.part in ("duplicate", "translation", "forwarded") and len(parts) > 1:
        rule, word = "groups", paper.part
    elif place:
        rule, word = "groups", "together"
    elif alone and paper.dated is None and sort in ("signing_date", "dated_ascending", "dated_descending"):
        word = "undated"
    return Placed(paper, rule, REASONS[word].text)
