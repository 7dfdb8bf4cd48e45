"""Read-only selects on volumes; who may not know one of its folders knows nothing of a volume."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.policy import RuleBook
from archive_app.records import queries as records
from archive_app.records.models import Document, Folder
from archive_app.stacks.models import Place
from archive_app.volumes import rules, thickness
from archive_app.volumes import years as year_rules
from archive_app.volumes.changes import changes_of
from archive_app.volumes.checking import points
from archive_app.volumes.facts import (
    ChangeLine,
    Line,
    Loose,
    Mend,
    Point,
    Problem,
    Stage,
    VolumeFacts,
    VolumePage,
    YearPlan,
    YearRow,
)
from archive_app.volumes.models import Binding, Unbinding, Volume, VolumeItem
from archive_app.volumes.papers import items_of, papers_of
from archive_app.volumes.plan import facts_of, problems_in, year_plan
from archive_app.volumes.sight import visible, volume_for

LIST = 2000


def years(actor: Actor, at: datetime) -> list[YearRow]:
    """Every category and year with registered folders, newest year first, categories in the book's order."""
    actor.must("volume.view")
    known = (Folder.unit == actor.unit_id) & (Folder.state == "active") & records.visible(actor, at)
    book = rulebook.current(at, actor.unit_id).book
    key = (Folder.category, Folder.year)
    folders = _sums(Folder.select(*key, pw.fn.COUNT(Folder.id)).where(known), key)
    lines = _sums(
        Document.select(*key, pw.fn.COUNT(Document.id), pw.fn.SUM(Document.pages))
        .join(Folder)
        .where(known & Document.removed_at.is_null()),
        key,
    )
    standing = _stand_sums(known)
    states = _states(actor, at)
    order = list(book.categories)
    keys = sorted(
        folders.keys() | states.keys(),
        key=lambda k: (-k[1], order.index(k[0]) if k[0] in order else 99, k[0]),
    )
    rows = []
    for each in keys:
        documents, pages = lines.get(each, (0, 0))
        placed, bound = standing.get(each, (0, 0))
        name = book.categories[each[0]].name if each[0] in book.categories else each[0]
        count = folders.get(each, (0,))[0]
        rows.append(
            YearRow(
                each[0],
                name,
                each[1],
                count,
                documents,
                pages or 0,
                documents - placed,
                bound,
                states.get(each, {}),
            )
        )
    return rows


def _sums(query: Any, key: tuple[Any, ...]) -> dict[tuple[str, int], tuple[int, ...]]:
    return {(row[0], row[1]): row[2:] for row in query.group_by(*key).tuples()}


def _stand_sums(known: Any) -> dict[tuple[str, int], tuple[int, int]]:
    """Documents in volumes, and in bound ones, by category and filing year of their folders."""
    key = (Folder.category, Folder.year, Volume.state)
    rows: Any = (
        VolumeItem.select(*key, pw.fn.COUNT(VolumeItem.id))
        .join(Folder)
        .switch(VolumeItem)
        .join(Volume)
        .switch(VolumeItem)
        .join(Document)
        .where(known & VolumeItem.released_at.is_null() & Document.removed_at.is_null())
        .group_by(*key)
    )
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for category, year, state, count in rows.tuples():
        placed, bound = found.get((category, year), (0, 0))
        found[category, year] = (placed + count, bound + count * (state in ("bound", "boxed")))
    return found


def _states(actor: Actor, at: datetime) -> dict[tuple[str, int], dict[str, int]]:
    key = (Volume.category, Volume.year, Volume.state)
    rows: Any = Volume.select(*key, pw.fn.COUNT(Volume.id)).where(visible(actor, at)).group_by(*key)
    found: dict[tuple[str, int], dict[str, int]] = {}
    for category, year, state, count in rows.tuples():
        if state != "dissolved":
            found.setdefault((category, year), {})[state] = count
    return found


def volume_page(actor: Actor, volume_id: int, at: datetime) -> VolumePage:
    """All of the page of one volume. Raises NotFound; Refused: permission."""
    volume = volume_for(actor, volume_id, at)
    book = rulebook.current(at, actor.unit_id).book
    items = items_of(volume.id)
    problems = problems_in(actor, volume, items, book)
    facts = facts_of(actor, book, volume, items, problems)
    bindings = Binding.select().where(Binding.volume == volume.id).order_by(Binding.version.desc())
    return VolumePage(
        facts=facts,
        lines=tuple(_lines(items, book)),
        problems=tuple(problems),
        points=tuple(points(book, volume, items, problems)),
        changes=tuple(changes_of(volume)),
        bindings=tuple(bindings),
        unbinding=Unbinding.get_or_none((Unbinding.volume == volume.id) & (Unbinding.state == "requested")),
        names=people.names(),
        place=place_of(volume),
        steps=facts.steps,
    )


def place_of(volume: Volume) -> str:
    """Where the volume stands, in words; empty before it is boxed."""
    place = Place.get_or_none(Place.id == volume.box) if volume.box else None
    return place.path if place else ""


def contents(volume: Volume) -> list[Line]:
    """The documents of a volume in order, each with its pages and the clause that put it there (ARR-09)."""
    return _lines(items_of(volume.id), rulebook.by_id(volume.rule_book).book)


def _lines(items: list[VolumeItem], book: RuleBook) -> list[Line]:
    together = {
        paper.id: f"g{group[0].id}"
        for group in rules.groups(papers_of(items, book))
        if len(group) > 1
        for paper in group
    }
    names = people.names() if any(item.moved_by for item in items) else {}
    return [
        _line(n, item, book, together.get(item.document_id, ""), names)
        for n, item in enumerate(items, start=1)
    ]


def _line(position: int, item: VolumeItem, book: RuleBook, group: str, names: dict[str, str]) -> Line:
    by = book.arrangement.rules
    other = item.year_rule not in ("", "one_year")
    return Line(
        item_id=item.id, position=position, document=item.document, folder=item.folder,
        pages=thickness.page_words(item.first_page, item.pages),
        reason=_(item.reason) if item.reason else "", rule=item.rule,
        clause=by[item.rule].clause if item.rule in by else "",
        group=group,
        year_reason=str(year_rules.REASONS[item.year_rule]) if other else "",
        year_clause=by[item.year_rule].clause if other and item.year_rule in by else "",
        moved=item.moved_reason, moved_by=names.get(item.moved_by, item.moved_by),
    )  # fmt: skip


def check_list(actor: Actor, volume: Volume, at: datetime) -> list[Point]:
    """What the checker looks at, and whether the system found it right."""
    book = rulebook.current(at, actor.unit_id).book
    items = items_of(volume.id)
    return points(book, volume, items, problems_in(actor, volume, items, book))


def changes(volume: Volume) -> list[ChangeLine]:
    """What happened to a bound volume after it was bound, oldest first (变动登记)."""
    return changes_of(volume)


def unbinding_for(actor: Actor, unbinding_id: int, at: datetime) -> Unbinding:
    """The request to open a bound volume, with its volume. Raises NotFound; Refused: permission."""
    row = Unbinding.get_or_none(Unbinding.id == unbinding_id)
    if row is None:
        raise NotFound(_("没有这份拆卷申请。"))
    row.volume = volume_for(actor, row.volume_id, at)
    return row


def listed(
    actor: Actor, at: datetime, *, category: str = "", year: int | None = None, state: tuple[str, ...] = ()
) -> list[Volume]:
    """Volumes by year, category and place in the year; dissolved ones only if asked for."""
    actor.must("volume.view")
    wanted = visible(actor, at) & (Volume.state.in_(state) if state else Volume.state != "dissolved")
    if category:
        wanted &= Volume.category == category
    if year:
        wanted &= Volume.year == year
    order = (Volume.year.desc(), Volume.category, Volume.place_in_year, Volume.id)
    return list(Volume.select().where(wanted).order_by(*order).limit(LIST))


def by_number(actor: Actor, text: str, at: datetime) -> list[Volume]:
    """Volumes whose 案卷号 is ``text``, or whose id it is."""
    actor.must("volume.view")
    wanted = Volume.number == text.strip()
    if text.isascii() and text.isdigit():
        wanted |= Volume.id == int(text)
    return list(Volume.select().where(visible(actor, at) & wanted).order_by(Volume.id))


def numbers_of(document_ids: Iterable[int]) -> dict[int, str]:
    """Where documents are bound, e.g. "Z01-HT·2025-0003 第 3–5 页", for the electronic catalog (DUAL-04)."""
    rows: Any = (
        VolumeItem.select(VolumeItem.document, VolumeItem.first_page, VolumeItem.pages, Volume.number)
        .join(Volume)
        .where(
            VolumeItem.document.in_(list(document_ids))
            & VolumeItem.released_at.is_null()
            & Volume.state.in_(("bound", "boxed"))
        )
    )
    return {document: _bound_words(number, first, pages) for document, first, pages, number in rows.tuples()}


def _bound_words(number: str, first: int | None, pages: int) -> str:
    where = thickness.page_words(first, pages)
    return _("%(number)s 第 %(pages)s 页", number=number, pages=where) if where else number


__all__ = [
    "ChangeLine", "Line", "Loose", "Mend", "Point", "Problem", "Stage", "VolumeFacts", "VolumePage",
    "YearPlan", "YearRow", "by_number", "changes", "check_list", "contents", "listed", "numbers_of",
    "place_of", "unbinding_for", "visible", "volume_for", "volume_page", "year_plan", "years",
]  # fmt: skip
