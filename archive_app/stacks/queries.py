"""Read-only selects on the stacks: the tree, what stands where and beside what, when it was last seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.people.actor import Actor
from archive_app.records import queries as records
from archive_app.records.models import CustodyEvent, Folder
from archive_app.stacks import rules
from archive_app.stacks.models import Place, Placement, Standing

MANY = 500  # keys in one IN (…)


@dataclass(frozen=True)
class Named:
    """What a thing on a shelf is called and where its page is; ``order`` sorts it among its kind.

    ``level`` is its secrecy code, ``custody`` where it is by the books (empty: it cannot leave).
    """

    text: str
    title: str
    url_endpoint: str
    values: dict[str, Any]
    level: str = ""
    custody: str = ""
    order: tuple[Any, ...] = ()


Namer = Callable[[list[int], Actor, datetime], dict[int, Named]]

# How things are named, by kind: each gives only what the actor may know of. Volumes add theirs.
names: dict[str, Namer] = {}


@dataclass(frozen=True)
class Thing:
    """One thing that belongs to a place or was last seen in it."""

    kind: str
    key: int
    named: Named
    at_home: bool
    home: Place | None
    seen_in: Place | None
    seen_at: datetime | None
    seen_by: str

    @property
    def away(self) -> bool:
        """It belongs here and is lent, or was last seen in another place."""
        elsewhere = self.seen_in is not None and self.home is not None and self.seen_in.id != self.home.id
        return self.at_home and (self.named.custody not in ("", "on_shelf") or elsewhere)


@dataclass
class Node:
    """A place with what is in it, for drawing the shelves."""

    place: Place
    children: list[Node] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    away: int = 0

    @property
    def own(self) -> int:
        """Things that stand in this place itself."""
        return sum(self.counts.values())

    @property
    def total(self) -> int:
        """Things in it and in all below."""
        return self.own + sum(child.total for child in self.children)

    @property
    def total_away(self) -> int:
        """Of these, the ones that are lent or being read."""
        return self.away + sum(child.total_away for child in self.children)

    @property
    def used_mm(self) -> int:
        """Width of the boxes that stand in it."""
        return sum(child.place.width_mm or 0 for child in self.children)


@dataclass(frozen=True)
class Contents:
    """What a place holds: places in it, its own things in shelf order, and strangers seen here."""

    place: Place
    way: list[Place]
    node: Node
    things: list[Thing]
    strangers: list[Thing]


def name_folders(ids: list[int], actor: Actor, at: datetime) -> dict[int, Named]:
    """The folders with these ids that the actor may know of, by id."""
    found: dict[int, Named] = {}
    for part in _parts(ids):
        for row in Folder.select().where(records.among(part, actor, at)):
            found[row.id] = Named(
                row.file_number, row.title, "records.folder_page", {"folder_id": row.id}, row.secrecy,
                row.custody, rules.shelf_order(row.category, row.year, row.serial),
            )  # fmt: skip
    return found


names["folder"] = name_folders


def place_for(actor: Actor, place_id: int) -> Place:
    """The place of the actor's unit, closed ones too. Raises NotFound."""
    place = Place.get_or_none((Place.id == place_id) & (Place.unit == actor.unit_id))
    if place is None:
        raise NotFound(_("没有这个位置。"))
    return place


def way(place: Place) -> list[Place]:
    """The places from the room down to this one."""
    found = [place]
    while found[0].parent_id is not None:
        found.insert(0, found[0].parent)
    return found


def short_of(place: Place) -> str:
    """The short code on its label, e.g. A03-2."""
    return rules.short_code([(each.kind, each.code) for each in way(place)])


def find(actor: Actor, text: str) -> list[Place]:
    """Open places whose short code or whole way is ``text``, typed in any form: A03-2, A03 柜 2 格."""
    wanted = rules.folded(text)
    if not wanted:
        return []
    every = _open_places(actor)
    return [place for place in every.values() if wanted in _called(place, every)]


def _called(place: Place, every: dict[int, Place]) -> set[str]:
    up: Place | None = place
    codes: list[tuple[str, str]] = []
    while up is not None:
        codes.insert(0, (up.kind, up.code))
        up = every.get(up.parent_id or 0)
    with_room = "-".join(code for _kind, code in codes)
    return {rules.folded(text) for text in (rules.short_code(codes), with_room, place.path)}


def _open_places(actor: Actor) -> dict[int, Place]:
    rows = Place.select().where((Place.unit == actor.unit_id) & Place.closed_at.is_null())
    return {place.id: place for place in rows}


def of_ids(actor: Actor, ids: list[int]) -> list[Place]:
    """The open places with these ids, in the order given."""
    every = _open_places(actor)
    return [every[key] for key in dict.fromkeys(ids) if key in every]


def with_all_below(actor: Actor, place_id: int) -> list[Place]:
    """An open place and all that is below it, each followed by what is in it."""
    every = _open_places(actor)
    return _all_below(every[place_id], every.values()) if place_id in every else []


def _all_below(place: Place, every: Iterable[Place]) -> list[Place]:
    children: dict[int | None, list[Place]] = defaultdict(list)
    for row in sorted(every, key=lambda row: rules.natural(row.code)):
        children[row.parent_id].append(row)

    def down(row: Place) -> Iterable[Place]:
        yield row
        for child in children[row.id]:
            yield from down(child)

    return list(down(place))


def tree(actor: Actor, at: datetime) -> list[Node]:
    """The rooms with all that is open below them, siblings by code, counted as the actor may know."""
    return _grown(_open_places(actor).values(), actor, at)


def choices(actor: Actor, kinds: Iterable[str]) -> list[tuple[int, str]]:
    """Open places of some kinds as (id, way in words), for a select."""
    wanted = set(kinds)
    found = [place for place in _open_places(actor).values() if place.kind in wanted]
    return [(place.id, place.path) for place in sorted(found, key=lambda place: rules.natural(place.path))]


def contents(actor: Actor, place_id: int, at: datetime) -> Contents:
    """What stands in a place and what is away, as far as the actor may know. Raises NotFound."""
    place = place_for(actor, place_id)
    (node,) = _grown(_all_below(place, _open_places(actor).values()), actor, at)
    things = _things((Standing.home == place) | (Standing.seen_in == place), place, actor, at)
    own = [thing for thing in things if thing.at_home]
    strangers = [thing for thing in things if not thing.at_home]
    return Contents(place, way(place), node, own, strangers)


def _grown(places: Iterable[Place], actor: Actor, at: datetime) -> list[Node]:
    nodes = {place.id: Node(place) for place in places}
    for home, kind, count, away in _counted(list(nodes), actor, at):
        nodes[home].counts[kind] = nodes[home].counts.get(kind, 0) + count
        nodes[home].away += away
    roots: list[Node] = []
    for node in sorted(nodes.values(), key=lambda node: rules.natural(node.place.code)):
        parent = nodes.get(node.place.parent_id or 0)
        (parent.children if parent else roots).append(node)
    return roots


def _counted(ids: list[int], actor: Actor, at: datetime) -> Iterable[tuple[int, str, int, int]]:
    """(home, kind, how many, how many of them away): folders in SQL, other kinds by their names."""
    out = pw.fn.SUM(pw.Case(None, [(Folder.custody != "on_shelf", 1)], 0))
    for part in _parts(ids):
        rows: Any = (
            Standing.select(Standing.home, pw.fn.COUNT(Standing.id), out)
            .join(Folder, on=(Folder.id == Standing.key))
            .where((Standing.kind == "folder") & Standing.home.in_(part) & records.visible(actor, at))
            .group_by(Standing.home)
        )
        yield from ((home, "folder", count, int(away)) for home, count, away in rows.tuples())
        others = Standing.select().where((Standing.kind != "folder") & Standing.home.in_(part))
        yield from ((row.home_id or 0, row.kind, 1, 0) for row, _named in _known(list(others), actor, at))


def _known(rows: list[Any], actor: Actor, at: datetime) -> list[tuple[Any, Named]]:
    """The standings or placements whose things the actor may know of, with their names."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row.key)
    known = {kind: names[kind](keys, actor, at) for kind, keys in by_kind.items() if kind in names}
    return [(row, known[row.kind][row.key]) for row in rows if row.key in known.get(row.kind, {})]


def _things(condition: Any, place: Place, actor: Actor, at: datetime) -> list[Thing]:
    home, seen = Place.alias(), Place.alias()
    rows = (
        Standing.select(Standing, home, seen)
        .join(home, pw.JOIN.LEFT_OUTER, on=Standing.home)
        .switch(Standing)
        .join(seen, pw.JOIN.LEFT_OUTER, on=Standing.seen_in)
        .where(condition)
    )
    things = [
        Thing(
            row.kind, row.key, named, row.home_id == place.id, row.home, row.seen_in, row.seen_at,
            row.seen_by,
        )
        for row, named in _known(list(rows), actor, at)
    ]  # fmt: skip
    return sorted(things, key=lambda thing: (thing.kind, _order(thing.named)))


def _order(named: Named) -> tuple[Any, ...]:
    return (0, *named.order) if named.order else (1, *rules.natural(named.text))


def standing_of(kind: str, key: int) -> Standing | None:
    """Where a thing belongs and was last seen, or None when it was never put anywhere."""
    return Standing.get_or_none((Standing.kind == kind) & (Standing.key == key))


def history_of(kind: str, key: int, limit: int = 20) -> list[Placement]:
    """When a thing was put or seen where, newest first, with the places; what was undone is left out."""
    rows = Placement.select(Placement, Place).join(Place)
    wanted = (Placement.kind == kind) & (Placement.key == key) & Placement.undone_at.is_null()
    return list(rows.where(wanted).order_by(Placement.at.desc(), Placement.id.desc()).limit(limit))


def placements_in(place: Place, actor: Actor, at: datetime, limit: int = 12) -> list[tuple[Placement, Named]]:
    """What was lately put into a place or seen there, newest first, as far as the actor may know."""
    wanted = (Placement.place == place) & Placement.undone_at.is_null()
    rows = (
        Placement.select().where(wanted).order_by(Placement.at.desc(), Placement.id.desc()).limit(limit * 4)
    )
    return _known(list(rows), actor, at)[:limit]


def next_code(actor: Actor, parent: Place | None, kind: str) -> str:
    """The code to offer for one more place of a kind under a parent."""
    places = _open_places(actor).values()
    same = [
        row.code for row in places if row.kind == kind and row.parent_id == (parent.id if parent else None)
    ]
    return rules.next_code(same)


def neighbours(folder: Folder, actor: Actor, at: datetime) -> tuple[Folder | None, Folder | None]:
    """The folders that should stand left and right of it at its home, by class and number (CAT-25)."""
    standing = standing_of("folder", folder.id)
    if standing is None or standing.home_id is None:
        return None, None
    here: Any = Standing.select(Standing.key).where(
        (Standing.kind == "folder") & (Standing.home == standing.home_id)
    )
    key = pw.Tuple(Folder.category, Folder.year, Folder.serial)
    mine = pw.Tuple(folder.category, folder.year, folder.serial)
    rows = Folder.select().where(records.among(here, actor, at))
    last, first = (
        (Folder.category.desc(), Folder.year.desc(), Folder.serial.desc()),
        (Folder.category, Folder.year, Folder.serial),
    )
    left = rows.where(key < mine).order_by(*last).first()
    return left, rows.where(key > mine).order_by(*first).first()


def last_seen(folder_ids: Iterable[int]) -> dict[int, tuple[datetime, str, str]]:
    """When, where and by whom each folder was last in somebody's hands: placed, seen, lent or given back.

    The newest of placements and custody events counts; folders nobody ever touched are left out.
    """
    found: dict[int, tuple[datetime, str, str]] = {}
    for part in _parts(list(folder_ids)):
        newest = _newest(CustodyEvent, CustodyEvent.folder, CustodyEvent.folder.in_(part))
        for event in CustodyEvent.select().where(CustodyEvent.id.in_(newest)):
            found[event.folder_id] = (event.at, event.place, event.handled_by)
        counted = (Placement.kind == "folder") & Placement.key.in_(part) & Placement.undone_at.is_null()
        rows: Any = Placement.select(Placement, Place).join(Place)
        for row in rows.where(Placement.id.in_(_newest(Placement, Placement.key, counted))):
            if row.key not in found or found[row.key][0] <= row.at:
                found[row.key] = (row.at, row.place.path, row.placed_by)
    return found


def _newest(model: Any, by: Any, condition: Any) -> Any:
    """The newest row of each thing; ids grow with time."""
    return model.select(pw.fn.MAX(model.id)).where(condition).group_by(by)


def _parts(ids: list[int]) -> Iterable[list[int]]:
    return (ids[n : n + MANY] for n in range(0, len(ids), MANY))
