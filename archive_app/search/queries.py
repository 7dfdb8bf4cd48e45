"""Finding folders by one box: every word must occur in the folder, in whichever of its entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import peewee as pw

from archive_app.core.db import db
from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.search.marks import Span, cut, highlight
from archive_app.search.models import OWNER_SHIFT, SearchEntry
from archive_app.search.service import index
from archive_app.search.terms import Term, parse

CAP = 1000  # folders counted and ranked; beyond it the answer is "1000+", newest folders first
_WEIGHT = {"folder": 8, "document": 4, "page": 1}


@dataclass(frozen=True)
class Scope:
    """Which entries a person may know of, as conditions on a table joined by ``on``.

    ``metadata`` guards the kinds folder and document, ``content`` (stricter) the kind page. Both are
    part of the SQL that counts. Facet filters are further conditions in both.
    Example: ``Scope(Folder, SearchEntry.owner == Folder.id, Folder.secrecy != "top_secret", cleared)``.
    """

    model: type[pw.Model]
    on: Any
    metadata: Any
    content: Any

    def apply(self, select: pw.ModelSelect[Any]) -> pw.ModelSelect[Any]:
        """The select, restricted to what may be known."""
        page = SearchEntry.kind == "page"
        allowed = (~page & self.metadata) | (page & self.content)
        return select.join(self.model, on=self.on, src=SearchEntry).where(allowed)


@dataclass(frozen=True)
class Hit:
    """A folder that was found.

    kind, ref      its best entry
    pages          refs of its pages that match as well as its best page
    snippet_parts  (text, is_hit) pieces of the best entry
    spans          (start, end) of all hits in the best entry's original text
    """

    owner: int
    kind: str
    ref: int
    score: int
    pages: tuple[int, ...]
    snippet_parts: list[tuple[str, bool]]
    spans: list[Span]


@dataclass(frozen=True)
class Found:
    """``total`` folders, "1000+" if ``capped``; ``next`` is the cursor of the next page, if there is one."""

    total: int = 0
    capped: bool = False
    hits: list[Hit] = field(default_factory=list)
    next: str | None = None


@dataclass
class _Evidence:
    """The entries of one folder in which terms occur: (kind, ref, id) -> number of terms."""

    owner: int
    terms: dict[tuple[str, int, int], int] = field(default_factory=dict)
    best_kinds: list[int] = field(default_factory=list)  # weight of the best entry of each term

    @cached_property
    def score(self) -> int:
        together = max(self.terms.values()) == len(self.best_kinds)
        return 1000 * sum(self.best_kinds) + 500 * together + min(len(self.pages), 499)

    @cached_property
    def best(self) -> tuple[str, int, int]:
        return min(self.terms, key=lambda entry: (-self.terms[entry], -_WEIGHT[entry[0]], entry[1]))

    @cached_property
    def pages(self) -> tuple[int, ...]:
        counts = {entry[1]: n for entry, n in self.terms.items() if entry[0] == "page"}
        most = max(counts.values(), default=0)
        return tuple(sorted(ref for ref, n in counts.items() if n == most))


def find(
    query: str,
    *,
    scope: Scope,
    limit: int = 20,
    after: str | None = None,
    kinds: Sequence[str] | None = None,
) -> Found:
    """Folders that hold every word of the query, best first; beyond CAP newest first, unranked.

    ``after`` is the ``next`` of the page before; pages neither repeat nor skip a folder.
    """
    search = _Search(parse(query), scope, kinds)
    owners = search.owners(CAP + 1)
    if len(owners) > CAP:
        page = search.owners(limit + 1, -_position(after)[1]) if after else owners[: limit + 1]
        ranked = search.evidence(page)
    else:
        ranked = sorted(search.evidence(owners), key=_rank)
        ranked = [one for one in ranked if after is None or _rank(one) > _position(after)]
    shown = ranked[:limit]
    cursor = f"{shown[-1].score}.{shown[-1].owner}" if len(ranked) > limit else None
    return Found(min(len(owners), CAP), len(owners) > CAP, _hits(shown, query), cursor)


def facets(
    query: str, scope: Scope, columns: Sequence[pw.Field], kinds: Sequence[str] | None = None
) -> dict[str, dict[Any, int]]:
    """How many of the first CAP folders found have each value of the columns of the scope's table."""
    owners = _Search(parse(query), scope, kinds).owners(CAP)
    return {column.name: _counted(owners, scope, column) for column in columns}


def _counted(owners: list[int], scope: Scope, column: pw.Field) -> dict[Any, int]:
    number = pw.fn.COUNT(SearchEntry.owner.distinct())
    rows = (
        SearchEntry.select(column, number)
        .join(scope.model, on=scope.on)
        .where(SearchEntry.owner.in_(owners))
        .group_by(column)
    )
    return dict(sorted(_rows(rows), key=lambda row: (-row[1], str(row[0]))))


def _rank(one: _Evidence) -> tuple[int, int]:
    return -one.score, -one.owner


def _position(after: str) -> tuple[int, int]:
    try:
        score, owner = after.split(".")
        return -int(score), -int(owner)
    except ValueError:
        raise Invalid({"after": _("翻页位置无效，请从第一页重新查。")}) from None


def _hits(shown: list[_Evidence], query: str) -> list[Hit]:
    best = SearchEntry.id.in_([one.best[2] for one in shown])
    texts = dict(_rows(SearchEntry.select(SearchEntry.id, SearchEntry.text).where(best)))
    return [_hit(one, texts[one.best[2]], query) for one in shown if one.best[2] in texts]


def _hit(one: _Evidence, text: str, query: str) -> Hit:
    kind, ref, _key = one.best
    spans = highlight(text, query)
    return Hit(one.owner, kind, ref, one.score, one.pages, cut(text, spans), spans)


def _rows(select: pw.ModelSelect[Any]) -> list[Any]:
    """The rows as the driver gives them: a thousand peewee rows cost more than the search itself."""
    return list(db.execute(select).fetchall())


@dataclass
class _Search:
    """The terms of one query within what one person may know."""

    terms: list[Term]
    scope: Scope
    kinds: Sequence[str] | None

    def owners(self, want: int, below: int | None = None) -> list[int]:
        """Up to ``want`` folders with all terms, newest first, with ids under ``below``.

        Terms are read in steps from the newest entry down. The one whose first step reaches lowest is the
        rarest: it names the folders, the others are only asked about those.
        """
        found: list[int] = []
        if not self.terms:
            return found
        step = want + want // 4  # some folders have the term in several entries
        reaches = [self._step(term, below, step) for term in self.terms]
        rarest = min(range(len(reaches)), key=lambda number: reaches[number][1])
        owners, floor = reaches[rarest]
        while True:
            for term in self.terms[:rarest] + self.terms[rarest + 1 :]:
                owners = self._present(term, owners)
            found += owners
            if not floor or len(found) >= want:
                return found[:want]
            step = 2 * (want - len(found)) if 2 * len(owners) > step else 4 * step
            owners, floor = self._step(self.terms[rarest], floor, step)

    def evidence(self, owners: list[int]) -> list[_Evidence]:
        """In which entries of these folders the terms occur."""
        folders = {owner: _Evidence(owner) for owner in owners}
        for term in self.terms:
            best: dict[int, int] = {}
            for key, owner, kind, ref in self._among(term, owners):
                counts = folders[owner].terms
                counts[kind, ref, key] = counts.get((kind, ref, key), 0) + 1
                best[owner] = max(best.get(owner, 0), _WEIGHT[kind])
            for owner, weight in best.items():
                folders[owner].best_kinds.append(weight)
        # A folder changed by somebody else between the two questions is left out.
        return [one for one in folders.values() if len(one.best_kinds) == len(self.terms)]

    def _step(self, term: Term, below: int | None, size: int) -> tuple[list[int], int]:
        """The folders of the next ``size`` entries with the term, and down to where that is all (0: all)."""
        owners = [row[1] for row in _rows(self._entries(term, below=below).limit(size))]
        return list(dict.fromkeys(owners)), owners[-1] if len(owners) == size else 0

    def _present(self, term: Term, owners: list[int]) -> list[int]:
        present = {row[1] for row in self._among(term, owners)}
        return [owner for owner in owners if owner in present]

    def _among(self, term: Term, owners: list[int]) -> list[tuple[int, int, str, int]]:
        """(id, owner, kind, ref) of the entries of these folders that hold the term."""
        if not owners:
            return []
        return _rows(self._entries(term, below=max(owners) + 1, above=min(owners), among=owners))

    def _entries(
        self, term: Term, below: int | None = None, above: int | None = None, among: list[int] | None = None
    ) -> pw.ModelSelect[Any]:
        """(id, owner, kind, ref) of known-about entries that hold the term, newest folder first."""
        engine = index()
        match = engine.matching(term).alias("match")
        columns = (match.c.entry, SearchEntry.owner, SearchEntry.kind, SearchEntry.ref)
        select = SearchEntry.select(*columns).join(match, on=(SearchEntry.id == match.c.entry))
        select = self.scope.apply(select).order_by(match.c.entry.desc())
        if not term.settled:
            select = select.where(engine.holds(SearchEntry.norm, term.norm))
        if self.kinds is not None:
            select = select.where(SearchEntry.kind.in_(list(self.kinds)))
        if below is not None:
            select = select.where(match.c.entry < below << OWNER_SHIFT)
        if above is not None:
            select = select.where(match.c.entry >= above << OWNER_SHIFT)
        if among is not None:
            # Ids written out: a thousand bound parameters take peewee longer than the search.
            owner = pw.Expression(match.c.entry, ">>", OWNER_SHIFT)
            select = select.where(pw.Expression(owner, "IN", pw.SQL(f"({', '.join(map(str, among))})")))
        return select
