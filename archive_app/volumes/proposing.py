"""Making the volumes of a year: who belongs to it, how thick they get, and the archivist's word on years."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _
from archive_app.core.work import Work, work
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.records import queries as records
from archive_app.records.models import Folder
from archive_app.records.rules import YEARS, check_year
from archive_app.records.service import get_document
from archive_app.volumes import layout, rules, thickness
from archive_app.volumes.flow import VOLUME
from archive_app.volumes.models import Volume, VolumeItem, YearRuling
from archive_app.volumes.papers import Holdings, group_by_folder, holdings, items_of, papers_of
from archive_app.volumes.rules import Paper, Placed
from archive_app.volumes.sight import visible, volume_for

ROWS = 500
LAST = 10**6
"""The place of a new document until the order is written."""
Chain = tuple[int | None, str]
"""What must be equal in one volume beside category and year: the manager, and the level that stands apart."""


def propose(
    category: str, year: int, *, manager_id: int | None = None, actor: Actor, at: datetime
) -> list[Volume]:
    """Make the volumes of a category and year from all papers that stand in none (ARR-03, ARR-04, ARR-16).

    Open volumes that nobody touched are dissolved and made anew; those adjusted by hand stay and take in
    what was added to their folders. The same proposal again changes nothing. Raises Invalid: category, year;
    Refused: permission, volumes.nothing.
    """
    actor.must("volume.arrange")
    adopted = rulebook.current(at, actor.unit_id)
    book = adopted.book
    _check_key(adopted, category, year, at)
    keyed = "manager" in book.arrangement.volume_key
    manager_id = manager_id if keyed else None
    with work(actor, at) as w:
        layout.lock_year(actor.unit_id)
        known = (Folder.unit == actor.unit_id) & records.visible(actor, at)
        held = holdings(book, known, category, year, manager_id)
        old = _untouched(actor, at, category, year, manager_id)
        _take_in(held, actor, at, category, year)
        free = _free(held, year, {volume.id for volume in old})
        piles = [
            (chain, pile)
            for chain, groups in _chains(held, free, keyed)
            for pile in _pack(book, category, groups)
        ]
        if not piles and not old and not _any(actor, at, category, year):
            raise _nothing(category, year)
        if _same(old, piles):
            return old
        _dissolve(old, at)
        made = [_make(adopted, actor, at, category, year, chain, pile, held) for chain, pile in piles]
        layout.order_places(actor.unit_id, category, year)
        w.note(
            "volume.propose", ("volume_year", f"{category}-{year}"), volumes=[v.id for v in made],
            dissolved=[v.id for v in old], documents=sum(v.items for v in made), manager=manager_id,
            clause=book.arrangement.rules["yearly"].clause,
        )  # fmt: skip
    ids = [volume.id for volume in made]
    return list(Volume.select().where(Volume.id.in_(ids)).order_by(Volume.place_in_year))


def _check_key(adopted: rulebook.Adopted, category: str, year: int, at: datetime) -> None:
    errors = {}
    if category not in adopted.book.categories:
        errors["category"] = _("制度里没有这个类别，请从列表中选。")
    # A rule may bring a paper into a year before the first in which folders are filed.
    errors |= check_year(year, range(YEARS[0], adopted.book.years(at).stop))
    if errors:
        raise Invalid(errors)


def _untouched(actor: Actor, at: datetime, category: str, year: int, manager_id: int | None) -> list[Volume]:
    wanted = visible(actor, at) & (Volume.category == category) & (Volume.year == year)
    wanted &= (Volume.state == "open") & ~Volume.adjusted & Volume.number.is_null()
    if manager_id is not None:
        wanted &= Volume.manager == manager_id
    return list(Volume.select().where(wanted).order_by(Volume.place_in_year, Volume.id))


def _any(actor: Actor, at: datetime, category: str, year: int) -> bool:
    wanted = (Volume.category == category) & (Volume.year == year) & (Volume.state != "dissolved")
    return bool(Volume.select().where(visible(actor, at) & wanted).exists())


def _nothing(category: str, year: int) -> Refused:
    return Refused(
        "volumes.nothing",
        _("%(category)s %(year)s 年没有可以组卷的文件，没有改动任何记录。", category=category, year=year),
        next_step=_("先登记档案和卷内文件。"),
    )


def _take_in(held: Holdings, actor: Actor, at: datetime, category: str, year: int) -> None:
    """Put what was added to a folder into the open volume, adjusted by hand, where the folder stands."""
    wanted = (Volume.state == "open") & (Volume.adjusted | Volume.number.is_null(False))
    rows = Volume.select().where(
        wanted & (Volume.category == category) & (Volume.year == year) & visible(actor, at)
    )
    for volume in rows:
        refresh(volume, actor, at, held)


def refresh(volume: Volume, actor: Actor, at: datetime, held: Holdings) -> list[VolumeItem]:
    """Release documents that do not belong here any more, add new ones of its folders; return what stands.

    They left the catalogs, or by year, level or manager they now go elsewhere. New documents stand where the
    rule puts them, or behind their group or folder when the order was made by hand.
    """
    book = rulebook.current(at, volume.unit_id).book
    items = items_of(volume.id)
    inside = {item.folder_id for item in items}
    here = [paper for group in held.of_year(volume.year) for paper in group
            if paper.folder in inside and _belongs(volume, paper, held)]  # fmt: skip
    staying = {paper.id for paper in here}
    gone = [item for item in items if item.document_id not in staying]
    new = [paper for paper in here if paper.id not in held.stands]
    if not gone and not new:
        return items
    layout.release(VolumeItem.id.in_([item.id for item in gone]), at)
    for item in gone:
        held.stands.pop(item.document_id, None)
    for paper in new:
        held.stands[paper.id] = _stand(volume, paper, held)
    ordered = in_order(items_of(volume.id), book, volume.category)
    layout.lay(volume, ordered, book)
    return ordered


def _belongs(volume: Volume, paper: Paper, held: Holdings) -> bool:
    """Whether level and manager still allow it here: what must stand alone leaves an ordinary volume."""
    alone = not paper.apart or (volume.apart and volume.secrecy == paper.apart)
    return alone and volume.manager_id in (None, held.folders[paper.folder].manager_id)


def _stand(volume: Volume, paper: Paper, held: Holdings) -> Any:
    from archive_app.volumes.papers import Stand

    answer = held.years[paper.id]
    row = VolumeItem.create(
        volume=volume.id, document=paper.id, folder=paper.folder, position=LAST,
        pages=paper.pages, year_rule=answer.rule,
    )  # fmt: skip
    return Stand(
        row.id, paper.id, paper.folder, volume.id, volume.state, volume.year, row.position, paper.pages
    )


def in_order(items: Sequence[VolumeItem], book: Any, category: str) -> list[VolumeItem]:
    """The rows in the order of the rule book, or as put by hand with nothing torn."""
    if not any(item.moved_by for item in items):
        return in_rule_order(items, book, category)
    row = {item.document_id: item for item in items}
    return [row[paper.id] for paper in rules.gathered(papers_of(items, book))]


def in_rule_order(items: Sequence[VolumeItem], book: Any, category: str) -> list[VolumeItem]:
    """The rows in the order of the rule book, each told which rule put it there."""
    known = {item.document_id: item for item in items}
    groups = rules.order(papers_of(items, book), book.categories[category].sort)
    return layout.placed_items((each for group in groups for each in group), known)


def _free(held: Holdings, year: int, dissolving: set[int]) -> list[list[Paper]]:
    """Groups of the year that stand in no volume, or only in one that is made anew.

    What came to a folder after its volume was arranged or bound waits: the screen says so.
    """
    elsewhere = {
        stand.folder
        for stand in held.stands.values()
        if stand.year == year and stand.volume not in dissolving
    }
    return [
        group
        for group in held.of_year(year)
        if group[0].folder not in elsewhere
        and all(p.id not in held.stands or held.stands[p.id].volume in dissolving for p in group)
    ]


def _chains(
    held: Holdings, groups: Iterable[list[Paper]], keyed: bool
) -> list[tuple[Chain, list[list[Paper]]]]:
    """Groups by what must be equal in one volume; those without a manager last, apart behind ordinary."""
    found: dict[Chain, list[list[Paper]]] = {}
    for group in groups:
        manager = held.folders[group[0].folder].manager_id if keyed else None
        found.setdefault((manager, group[0].apart), []).append(group)
    return sorted(found.items(), key=lambda each: (each[0][0] is None, each[0][0] or 0, each[0][1]))


def _pack(book: Any, category: str, groups: list[list[Paper]]) -> list[list[Placed]]:
    """The documents of each volume in order (thickness: ARR-16, order: ARR-09)."""
    order = book.arrangement
    ordered = rules.order((paper for group in groups for paper in group), book.categories[category].sort)
    folders = {key: list(same) for key, same in groupby(ordered, key=lambda group: group[0].paper.folder)}
    loads = [
        thickness.Load(key, tuple(sum(each.paper.sheets for each in group) for group in same))
        for key, same in folders.items()
    ]
    piles = thickness.pack(loads, thickness.sheets_in(order.volume_mm, order.box_fill, order.sheet_mm))
    return [
        [
            placed
            for key, first, behind in pile.runs
            for group in folders[key][first:behind]
            for placed in group
        ]
        for pile in piles
    ]


def _same(old: Sequence[Volume], piles: Sequence[tuple[Chain, list[Placed]]]) -> bool:
    """Whether the proposal is the one that stands already."""
    if len(old) != len(piles):
        return False
    stand: dict[int, list[tuple[int, int, str]]] = {}
    for item in items_of(*(volume.id for volume in old)):
        stand.setdefault(item.volume_id, []).append((item.document_id, item.pages, item.rule))
    now = [stand.get(volume.id, []) for volume in old]
    return now == [[(p.paper.id, p.paper.pages, p.rule) for p in pile] for _chain, pile in piles]


def _dissolve(volumes: Iterable[Volume], at: datetime) -> None:
    for volume in volumes:
        VOLUME.fire(volume, "dissolve")
        layout.release(VolumeItem.volume == volume.id, at)


def _make(
    adopted: rulebook.Adopted, actor: Actor, at: datetime, category: str, year: int, chain: Chain,
    placed: list[Placed], held: Holdings,
) -> Volume:  # fmt: skip
    book = adopted.book
    folders = [held.folders[key] for key in dict.fromkeys(each.paper.folder for each in placed)]
    pages = [each.paper.pages for each in placed]
    found = layout.facts(book, folders, pages, [each.paper.sheets for each in placed])
    volume = Volume.create(
        unit=actor.unit_id, category=category, year=year, manager=chain[0], place_in_year=0,
        title=layout.title(book, category, year, folders, chain[0]), apart=bool(chain[1]),
        state=VOLUME.initial, rule_book=adopted.id, created_by=actor.username, created_at=at, **found,
    )  # fmt: skip
    rows = [
        {
            "volume": volume.id, "document": each.paper.id, "folder": each.paper.folder, "position": n,
            "first_page": first, "pages": each.paper.pages, "rule": each.rule, "reason": each.reason,
            "year_rule": held.years[each.paper.id].rule,
        }
        for n, (each, first) in enumerate(zip(placed, thickness.number_pages(pages), strict=True), start=1)
    ]  # fmt: skip
    for start in range(0, len(rows), ROWS):
        VolumeItem.insert_many(rows[start : start + ROWS]).execute()
    return volume


def rule_year(document_id: int, year: int, reason: str, *, actor: Actor, at: datetime) -> YearRuling:
    """Overrule the year in which a document (and its group) is bound; it leaves an open volume for it.

    Raises Invalid: year, reason; NotFound; Refused: permission, volumes.not_open.
    """
    actor.must("volume.arrange")
    document = get_document(document_id)
    folder = records.folder_for(actor, document.folder_id, at)
    reason = layout.checked_reason(reason)
    adopted = rulebook.current(at, actor.unit_id)
    if errors := check_year(year, adopted.book.years(at)):
        raise Invalid(errors)
    lines = records.documents_of(folder.id)
    groups = group_by_folder(adopted.book, lines, {folder.id: folder})[folder.id]
    ids = next([paper.id for paper in group] for group in groups if document_id in [p.id for p in group])
    with work(actor, at) as w:
        layout.lock_year(actor.unit_id)
        _leave(w, ids, year, actor, at)
        for each in ids:
            _ruled(each, year, reason, actor, at)
        w.note(
            "volume.year", document, folder=folder.file_number, year=year, reason=reason, documents=ids,
            clause=adopted.book.arrangement.rules["one_year"].clause,
        )  # fmt: skip
    return YearRuling.get(YearRuling.document == document_id)


def _ruled(document_id: int, year: int, reason: str, actor: Actor, at: datetime) -> None:
    values = {"year": year, "reason": reason, "ruled_by": actor.username, "ruled_at": at}
    changed = YearRuling.update(**values).where(YearRuling.document == document_id).execute()
    if not changed:
        YearRuling.create(document=document_id, **values)


def _leave(w: Work, document_ids: list[int], year: int, actor: Actor, at: datetime) -> None:
    """Take documents out of the open volume of another year in which they stand."""
    stands = VolumeItem.select(VolumeItem.volume).where(
        VolumeItem.document.in_(document_ids) & VolumeItem.released_at.is_null()
    )
    rows = Volume.select().where(Volume.id.in_(stands) & (Volume.year != year)).order_by(Volume.id)
    for row in rows:
        volume = layout.taken(actor, row.id, None, at)
        mine = (VolumeItem.volume == volume.id) & VolumeItem.document.in_(document_ids)
        layout.release(mine, at)
        layout.lay(volume, items_of(volume.id), rulebook.current(at, volume.unit_id).book)
        w.note("volume.release", volume, documents=document_ids)


def dissolve(volume_id: int, *, actor: Actor, at: datetime) -> Volume:
    """Dissolve an open volume: its documents stand in none again; the row, and a number it has, stay.

    Raises NotFound; Refused: permission, wrong_state.
    """
    actor.must("volume.arrange")
    volume = volume_for(actor, volume_id, at)
    with work(actor, at) as w:
        _dissolve([volume], at)
        w.note("volume.dissolve", volume, number=volume.number or "")
        layout.order_places(volume.unit_id, volume.category, volume.year)
    return Volume.get_by_id(volume_id)
