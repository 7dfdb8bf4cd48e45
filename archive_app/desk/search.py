"""The one search box: numbers, titles, parties and OCR text, only what the person may know exists."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app import search as index
from archive_app.people.actor import Actor
from archive_app.records import queries as records
from archive_app.records.models import Folder
from archive_app.scans.models import ElectronicFile, ScanPage
from archive_app.search.models import SearchEntry

QUERY_MAX = 200
WHERE = {"title": ("folder", "document"), "text": ("page",)}
FACETS = (Folder.category, Folder.year, Folder.secrecy, Folder.custody)


@dataclass(frozen=True)
class Result:
    """A folder that was found: ``parts`` is the best piece of text as (text, is hit).

    ``page_id`` and ``page_number`` (counted through the folder) are set when a page holds the hit;
    ``pages`` is how many pages match.
    """

    folder: Folder
    kind: str
    parts: list[tuple[str, bool]]
    title: list[tuple[str, bool]]
    page_id: int | None
    page_number: int | None
    pages: int

    @property
    def snippet(self) -> str:
        return "".join(text for text, _hit in self.parts)


@dataclass(frozen=True)
class Results:
    """One page of results; ``total`` folders in all ("1000+" when ``capped``)."""

    query: str
    total: int
    capped: bool
    hits: list[Result]
    next: str | None
    facets: dict[str, dict[Any, int]]
    seconds: float


def search(
    query: str,
    *,
    filters: records.Filters | None = None,
    where: str = "",
    after: str | None = None,
    limit: int = 20,
    with_facets: bool = True,
    actor: Actor,
    at: datetime,
) -> Results:
    """Find folders; a number typed in any form comes first. ``where`` is "title", "text" or "" for both.

    Raises Refused: permission.
    """
    actor.must("search.use")
    started = time.perf_counter()
    query, filters = query.strip()[:QUERY_MAX], filters or records.Filters()
    kinds = WHERE.get(where)
    scope = _scope(actor, at, filters)
    found = index.find(query, scope=scope, limit=limit, after=after, kinds=kinds)
    hits = _results(found.hits, query)
    if after is None and where != "text":
        hits = _numbers_first(query, hits, filters, actor, at)
    facets = index.facets(query, scope, FACETS, kinds) if with_facets and found.total else {}
    total = max(found.total, len(hits))
    return Results(query, total, found.capped, hits, found.next, facets, time.perf_counter() - started)


def _scope(actor: Actor, at: datetime, filters: records.Filters) -> index.Scope:
    narrow = records.narrowed(filters)
    return index.Scope(
        Folder,
        SearchEntry.owner == Folder.id,
        narrow & records.visible(actor, at),
        # Text of a page is content: only who may read it may find it (SEC-16).
        narrow & records.visible(actor, at) & records.readable(actor, at),
    )


def _results(found: list[index.Hit], query: str) -> list[Result]:
    folders = {row.id: row for row in records.with_names().where(Folder.id.in_([hit.owner for hit in found]))}
    numbers = _page_numbers([hit.ref for hit in found if hit.kind == "page"])
    return [
        Result(
            folder=folders[hit.owner],
            kind=hit.kind,
            parts=hit.snippet_parts,
            title=index.snippet(folders[hit.owner].title, query, None),
            page_id=hit.ref if hit.kind == "page" else (hit.pages[0] if hit.pages else None),
            page_number=numbers.get(hit.ref) if hit.kind == "page" else None,
            pages=len(hit.pages),
        )
        for hit in found
        if hit.owner in folders
    ]


def _page_numbers(pages: list[int]) -> dict[int, int]:
    """The place of each page within its folder, in one query."""
    if not pages:
        return {}
    owners = ScanPage.select(ScanPage.folder).where(ScanPage.id.in_(pages))
    place = pw.fn.ROW_NUMBER().over(
        partition_by=[ScanPage.folder], order_by=[ElectronicFile.serial, ScanPage.number]
    )
    rows: Any = (
        ScanPage.select(ScanPage.id, place)
        .join(ElectronicFile)
        .where(ScanPage.folder.in_(owners) & ElectronicFile.removed_at.is_null())
    )
    wanted = set(pages)
    return {page: number for page, number in rows.tuples() if page in wanted}


def _numbers_first(
    query: str, hits: list[Result], filters: records.Filters, actor: Actor, at: datetime
) -> list[Result]:
    """Folders whose number was typed, before everything else; numbers live in a B-tree, not in the index."""
    typed = [folder for folder in records.by_number(actor, query, at) if _fits(folder, filters)]
    known = {hit.folder.id: hit for hit in hits}
    first = [
        known.get(folder.id)
        or Result(folder, "folder", [(folder.title, False)], [(folder.title, False)], None, None, 0)
        for folder in typed
    ]
    chosen = {result.folder.id for result in first}
    return first + [hit for hit in hits if hit.folder.id not in chosen]


def _fits(folder: Folder, filters: records.Filters) -> bool:
    pairs = (
        (folder.category, filters.categories),
        (folder.year, filters.years),
        (folder.secrecy, filters.secrecy),
        (folder.custody, filters.custody),
    )
    return folder.state == "active" and all(not wanted or value in wanted for value, wanted in pairs)
