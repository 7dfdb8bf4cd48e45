"""Reconciliation of the two sets: what stands on paper and in the store, folder by folder and by year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from weakref import WeakKeyDictionary

import peewee as pw

from archive_app.core import audit
from archive_app.core.db import db
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.policy import RuleBook
from archive_app.records import queries as records
from archive_app.records.models import Document, Folder
from archive_app.scans import rules
from archive_app.scans.both_sides import count, joined, page_sums
from archive_app.scans.models import ElectronicFile, ScanPage
from archive_app.stacks import queries as stacks

PAGE = 50
WINDOWS = (2_000, 20_000)
"""So many folders are looked through at first for one word: a common one is found at once."""
KEPT = 8
TO_MEND, OK = "any", "ok"
CHOICES = (TO_MEND, *rules.WORDS, OK)


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to.

    ``wrong`` is a word of `rules.WORDS`, "any" for all that is to be mended, "ok" for both sets whole, or "".
    """

    category: str = ""
    year: int | None = None
    wrong: str = ""

    def as_args(self) -> dict[str, Any]:
        """The filters as they stand in an address."""
        given = {"category": self.category, "year": self.year, "wrong": self.wrong}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Target:
    """Where a folder is mended: the document that differs, the one without hard copy, the page read worst."""

    differs: int | None = None
    electronic: int | None = None
    page: int | None = None
    page_number: int | None = None


@dataclass(frozen=True)
class Row:
    """One folder: both sides in numbers, what is wrong, where to mend it, when the paper was last seen."""

    folder: Folder
    facts: rules.Facts
    words: tuple[str, ...]
    target: Target
    seen: tuple[datetime, str, str] | None
    readable: bool


@dataclass(frozen=True)
class Page:
    """One page of the list, newest folders first; ``older`` is the key of the next page, or None."""

    rows: list[Row]
    older: int | None


@dataclass(frozen=True)
class Tally:
    """One category in one year: ``due`` must stand in both sets or have begun to, ``whole`` do and agree.

    ``begun`` have scans but something is to be mended; the rest of ``due`` has none. ``words`` counts
    folders by what is wrong; one folder may count under several.
    """

    category: str
    year: int
    folders: int
    due: int
    whole: int
    begun: int
    words: dict[str, int]

    @property
    def percent(self) -> int:
        return rules.percent(self.whole, self.due)


# Folders


def folders(actor: Actor, at: datetime, filters: Filters, older: int | None = None) -> Page:
    """One page of the reconciliation of the folders that the actor may know of."""
    book = rulebook.current(at, actor.unit_id).book
    known = narrowed(actor, at, filters)
    if filters.wrong in rules.WORDS:  # a year without such a folder need not be looked through
        known &= Folder.year.in_([t.year for t in progress(actor, at) if t.words[filters.wrong]])
    ids = _ids(book, known, filters.wrong, older)
    shown = ids[:PAGE]
    chosen: Any = Folder.select().where(Folder.id.in_(shown))
    found = {row.id: row for row in chosen}
    rows = _rows(book, [found[key] for key in shown], actor, at)
    return Page(rows, shown[-1] if len(ids) > PAGE else None)


def narrowed(actor: Actor, at: datetime, filters: Filters) -> Any:
    """The condition on Folder for category and year, within what the actor may know of."""
    condition = (Folder.state == "active") & records.visible(actor, at)
    if filters.category:
        condition &= Folder.category == filters.category
    if filters.year:
        condition &= Folder.year == filters.year
    return condition


def _ids(book: RuleBook, known: Any, word: str, older: int | None) -> list[int]:
    """Up to one id more than a page holds, newest first; looks through few folders first when it can."""
    if older is not None:
        known &= Folder.id < older
    newest: Any = Folder.select(Folder.id).where(known).order_by(Folder.id.desc())
    if not word:
        return [key for (key,) in newest.limit(PAGE + 1).tuples()]
    if word in RARE:
        return _matching(book, known & RARE[word](), word)
    for window in WINDOWS:
        first = newest.offset(window).limit(1).scalar()
        if first is None:
            break
        ids = _matching(book, known & (Folder.id > first), word)
        if len(ids) > PAGE:
            return ids
    return _matching(book, known, word)


def _in_state(*states: str) -> Any:
    """Folders with files or pages in these states, by the indexes on state."""
    files = ElectronicFile.select(ElectronicFile.folder).where(ElectronicFile.state.in_(states))
    return Folder.id.in_(files | ScanPage.select(ScanPage.folder).where(ScanPage.state.in_(states)))


def _with_line(condition: Any) -> Any:
    return Folder.id.in_(Document.select(Document.folder).where(condition))


RARE = {
    "scan_failed": lambda: _in_state("failed"),
    "unread": lambda: _in_state("received", "rendering", "waiting", "reading"),
    "missing_paper": lambda: _with_line(Document.medium == "electronic"),
    "uncounted": lambda: _with_line(Document.pages == 0) | ~_with_line(Document.removed_at.is_null()),
}
"""Words of few folders are looked for from the other end: a superset found by an index, then judged."""


def _matching(book: RuleBook, known: Any, word: str) -> list[int]:
    columns, query = joined(book, Folder.select(Folder.id).where(known))
    rows = query(Folder.id).where(known & _holds(columns, word)).order_by(Folder.id.desc())
    return [key for (key,) in rows.limit(PAGE + 1).tuples()]


def _holds(columns: Any, word: str) -> Any:
    found = rules.wrong(columns)
    if word in found:
        return found[word]
    to_mend = reduce(or_, (found[each] for each in rules.MENDING))
    return to_mend if word == TO_MEND else rules.due(columns) & ~to_mend


def _rows(book: RuleBook, rows: list[Folder], actor: Actor, at: datetime) -> list[Row]:
    ids = [row.id for row in rows]
    facts, targets = facts_of(book, rows), _targets(ids)
    seen = stacks.last_seen(ids)
    may_read: Any = Folder.select(Folder.id).where(Folder.id.in_(ids) & records.readable(actor, at))
    readable = {key for (key,) in may_read.tuples()}
    return [
        Row(row, facts[row.id], facts[row.id].words, targets[row.id], seen.get(row.id), row.id in readable)
        for row in rows
    ]


def facts_of(book: RuleBook, rows: Iterable[Folder]) -> dict[int, rules.Facts]:
    """Both sides of these folders in numbers, by id, in one query."""
    ids = [row.id for row in rows]
    columns, query = joined(book, ids)
    names = list(vars(columns))
    selected = [getattr(columns, name).alias(name) for name in names if name != "important"]
    important = pw.Case(None, [(columns.important, 1)], 0).alias("important")
    found = query(Folder.id, important, *selected).where(Folder.id.in_(ids)).dicts()
    return {values.pop("id"): _as_facts(values) for values in found}


def _as_facts(values: dict[str, Any]) -> rules.Facts:
    read, total, lowest = values.pop("read"), values.pop("confidence"), values.pop("lowest")
    numbers = {name: int(value) for name, value in values.items() if name != "important"}
    sure = {"lowest": lowest, "mean": float(total) / float(read)} if read else {}
    return rules.Facts(bool(values["important"]), **numbers, **sure)


def _targets(ids: list[int]) -> dict[int, Target]:
    """Where each folder is mended, in two queries."""
    written = page_sums(ids).alias("sums")
    tied = (
        ElectronicFile.select(ElectronicFile.document, pw.fn.SUM(written.c.written).alias("written"))
        .join(written, on=(written.c.file == ElectronicFile.id))
        .where(ElectronicFile.removed_at.is_null())
        .group_by(ElectronicFile.document)
        .alias("tied")
    )
    differs = Document.pages != pw.fn.COALESCE(tied.c.written, 0)
    lines: Any = (
        Document.select(
            Document.folder,
            pw.fn.MIN(pw.Case(None, [(differs, Document.id)])),
            pw.fn.MIN(pw.Case(None, [(Document.medium == "electronic", Document.id)])),
        )
        .join(tied, pw.JOIN.LEFT_OUTER, on=(tied.c.document_id == Document.id))
        .where(Document.folder.in_(ids) & Document.removed_at.is_null())
        .group_by(Document.folder)
    )
    place = pw.fn.ROW_NUMBER().over(
        partition_by=[ScanPage.folder], order_by=[ScanPage.confidence, ScanPage.id]
    )
    ranked = (
        ScanPage.select(ScanPage.folder, ScanPage.id, ScanPage.number, place.alias("place"))
        .where(ScanPage.folder.in_(ids) & (ScanPage.state == "read"))
        .alias("ranked")
    )
    worst: Any = (
        pw.Select([ranked], [ranked.c.folder_id, ranked.c.id, ranked.c.number]).where(ranked.c.place == 1)
    ).bind(Folder._meta.database)
    documents = {folder: two for folder, *two in lines.tuples()}
    pages = {folder: two for folder, *two in worst.tuples()}
    return {key: Target(*documents.get(key, (None, None)), *pages.get(key, (None, None))) for key in ids}


# Progress


_kept: WeakKeyDictionary[Any, dict[Any, list[Tally]]] = WeakKeyDictionary()
"""The last progress by database and by what it was computed from. Everything that
changes it stands in the audit, so while the head of the audit stays, the figures stay."""


def progress(actor: Actor, at: datetime) -> list[Tally]:
    """The progress of every category and year in what the actor may know of, newest year first."""
    book = rulebook.current(at, actor.unit_id).book
    scope = book.scope(records.person_of(actor), "know")
    key = (audit.head(), book.sha256, scope, actor.department_id)
    kept = _kept.setdefault(db.obj, {})
    if key not in kept:
        tallies = _progress(book, narrowed(actor, at, Filters()))
        if len(kept) >= KEPT:
            kept.clear()
        kept[key] = tallies
    return kept[key]


def _progress(book: RuleBook, known: Any) -> list[Tally]:
    columns, query = joined(book, None)
    found, due, whole = rules.wrong(columns), rules.due(columns), _holds(columns, OK)
    counts = [count(due), count(whole), count(due & ~whole & (columns.files > 0))]
    words = [count(found[word]) for word in rules.WORDS]
    rows = (
        query(Folder.category, Folder.year, pw.fn.COUNT(Folder.id), *counts, *words)
        .where(known)
        .group_by(Folder.category, Folder.year)
        .order_by(Folder.year.desc(), Folder.category)
    )
    return [
        Tally(category, year, folders, due, whole, begun, dict(zip(rules.WORDS, rest, strict=True)))
        for category, year, folders, due, whole, begun, *rest in rows.tuples()
    ]
