"""The verbs of the stacks: set up places, put things in them, say that something was seen, take that back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.work import Work, work
from archive_app.people.actor import Actor
from archive_app.records import queries as records
from archive_app.records import rules as typed
from archive_app.records import service as keeping
from archive_app.stacks import queries, rules
from archive_app.stacks.models import Place, Placement, Standing


def add_place(
    kind: str, code: str, parent_id: int | None = None, *, name: str = "", width_mm: int | None = None,
    actor: Actor, at: datetime,
) -> Place:  # fmt: skip
    """Set up a room, cabinet, shelf or box under its parent.

    Raises Invalid: code, name, parent, width_mm; NotFound; Refused: permission, stacks.closed.
    """
    return add_places(kind, code, parent_id, 1, name=name, width_mm=width_mm, actor=actor, at=at)[0]


def add_places(
    kind: str, first: str, parent_id: int | None, count: int, *, name: str = "", width_mm: int | None = None,
    actor: Actor, at: datetime,
) -> list[Place]:  # fmt: skip
    """Set up ``count`` places in a row, their codes counted on from ``first`` (1, 2, 3 or A01, A02).

    Raises as `add_place`, and Invalid: count.
    """
    actor.must("place.manage")
    parent = open_place(actor, parent_id) if parent_id else None
    errors = rules.check_kind(kind, parent.kind if parent else None)
    codes = rules.codes(typed.clean_line(first), count) if 1 <= count <= rules.MOST_AT_ONCE else []
    if not 1 <= count <= rules.MOST_AT_ONCE:
        errors["count"] = _("一次建 1 到 %(n)s 个。", n=rules.MOST_AT_ONCE)
    elif not codes:
        errors["code"] = _("要连着建几个，代号须以数字结尾，例如 1 或 A01。")
    if width_mm is not None and not 1 <= width_mm <= 20_000:
        errors["width_mm"] = _("宽度填 1 到 20000 mm。")
    if errors:
        raise Invalid(errors)
    made = []
    with _once(), work(actor, at) as w:
        for code in codes:
            values = _checked(actor, kind, code, name, parent, None)
            place = Place.create(
                unit=actor.unit_id, parent=parent, kind=kind, width_mm=width_mm, created_by=actor.username,
                created_at=at, **values,
            )  # fmt: skip
            w.note("place.add", place, path=place.path, kind=kind)
            made.append(place)
    return made


def rename(
    place_id: int, code: str, name: str, *, width_mm: int | None = None, actor: Actor, at: datetime
) -> Place:
    """Change a place's code, name or width; the ways of all below and of all things in them follow.

    Raises Invalid: code, name; NotFound; Refused: permission, stacks.closed.
    """
    actor.must("place.manage")
    place = open_place(actor, place_id)
    parent = place.parent if place.parent_id else None
    with _once(), work(actor, at) as w:
        values = _checked(actor, place.kind, code, name, parent, place.id)
        w.note("place.rename", place, old=place.path, new=values["path"])
        Place.update(width_mm=width_mm, **values).where(Place.id == place.id).execute()
        _retell(Place.get_by_id(place.id), w)
    return Place.get_by_id(place.id)


def move_place(place_id: int, parent_id: int | None, *, actor: Actor, at: datetime) -> Place:
    """Move a cabinet, shelf or box with all that is in it; whoever shelves may move boxes.

    Raises Invalid: parent, code (taken there); NotFound; Refused: permission, stacks.closed.
    """
    place = open_place(actor, place_id)
    actor.must("place.shelve" if place.kind == "box" else "place.manage")
    parent = open_place(actor, parent_id) if parent_id else None
    if errors := rules.check_kind(place.kind, parent.kind if parent else None):
        raise Invalid(errors)
    with _once(), work(actor, at) as w:
        values = _checked(actor, place.kind, place.code, place.name, parent, place.id)
        w.note("place.move", place, old=place.path, new=values["path"])
        Place.update(parent=parent, **values).where(Place.id == place.id).execute()
        _retell(Place.get_by_id(place.id), w)
    return Place.get_by_id(place.id)


def close_place(place_id: int, *, actor: Actor, at: datetime) -> None:
    """Take an empty place out of use; its label says so from then on and its id is never used again.

    Raises NotFound; Refused: permission, stacks.closed, stacks.not_empty.
    """
    actor.must("place.manage")
    place = open_place(actor, place_id)
    with work(actor, at) as w:
        below = Place.select().where((Place.parent == place) & Place.closed_at.is_null()).exists()
        if below or Standing.select().where(Standing.home == place).exists():
            raise Refused(
                "stacks.not_empty", _("%(path)s 还没有清空，没有改动任何记录。", path=place.path),
                next_step=_("先把里面的位置和档案移走，再停用。"),
            )  # fmt: skip
        Place.update(closed_at=at).where(Place.id == place.id).execute()
        w.note("place.close", place, path=place.path)


def shelve(
    place_id: int,
    things: Iterable[tuple[str, int]],
    *,
    home: bool = True,
    via: str,
    actor: Actor,
    at: datetime,
) -> list[Placement]:
    """Put things, (kind, id) each, into a place: it becomes their home, and they were seen there now.

    All or none. ``via``: desk, screen, command, boxing. Raises NotFound; Refused: permission,
    stacks.closed, stacks.not_here (a room), stacks.away (a folder that is lent).
    """
    actor.must("place.shelve")
    place = open_place(actor, place_id)
    if place.kind not in rules.HOLDS:
        raise Refused(
            "stacks.not_here",
            _("档案不直接放进库房，没有改动任何记录。"),
            next_step=_("请扫柜、格或盒的标签。"),
        )
    wanted = list(dict.fromkeys(things))
    with work(actor, at) as w:
        placed = [_put(place, kind, key, home, via, actor, at) for kind, key in wanted]
        listed = [f"{kind}:{key}" for kind, key in wanted]
        w.note("place.shelve" if home else "place.see", place, path=place.path, things=listed, via=via)
    return placed


def seen(
    place_id: int, things: Iterable[tuple[str, int]], *, via: str, actor: Actor, at: datetime
) -> list[Placement]:
    """Date that things were seen in a place; their home stays. Raises as `shelve`."""
    return shelve(place_id, things, home=False, via=via, actor=actor, at=at)


def undo_shelve(placement_ids: Iterable[int], *, actor: Actor, at: datetime) -> None:
    """Take placements back: home, last sight and the folder's place in words are as before.

    Raises Refused: permission, wrong_state — a thing was moved again since.
    """
    actor.must("place.shelve")
    with work(actor, at) as w:
        for row in Placement.select().where(Placement.id.in_(list(placement_ids))):
            newest = next(iter(queries.history_of(row.kind, row.key, 1)), None)
            if newest is None or newest.id != row.id:
                raise Refused(
                    "wrong_state", _("这份档案后来又移动过，没有改动任何记录。"),
                    next_step=_("到它的页面看现在的位置。"),
                )  # fmt: skip
            Placement.update(undone_at=at).where(Placement.id == row.id).execute()
            _stand_as_before(row)
            if row.kind == "folder" and row.home:
                keeping.set_place(row.key, row.words_before, actor=actor, at=at)
            w.note("place.undo_shelve", row.place, things=[f"{row.kind}:{row.key}"])


def open_place(actor: Actor, place_id: int) -> Place:
    """A place that is in use. Raises NotFound; Refused: stacks.closed."""
    place = queries.place_for(actor, place_id)
    if place.closed_at is not None:
        raise Refused(
            "stacks.closed", _("%(path)s 已停用，没有改动任何记录。", path=place.path),
            next_step=_("换一个在用的位置。"),
        )  # fmt: skip
    return place


class _once:
    """Two at once giving one code to two siblings: the database keeps the first, the other hears of it."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, pw.IntegrityError):
            raise Invalid({"code": _("这里已有这个代号。")}) from error


def _checked(
    actor: Actor, kind: str, code: str, name: str, parent: Place | None, own_id: int | None
) -> dict[str, str]:
    """Code, name and path, cleaned. Raises Invalid: code, name."""
    code, name = typed.clean_line(code), typed.clean_line(name)
    above = [*queries.way(parent)] if parent else []
    path = rules.path_words([*((p.kind, p.code, p.name) for p in above), (kind, code, name)])
    errors = rules.check_names(code, name, path)
    same = (Place.unit == actor.unit_id) & (Place.kind == kind) & (Place.code == code)
    same &= Place.parent == parent if parent else Place.parent.is_null()
    if not errors and Place.select().where(
        same & Place.closed_at.is_null() & (Place.id != (own_id or 0))
    ).exists():  # fmt: skip
        errors["code"] = _("这里已有 %(code)s。请换一个代号。", code=code)
    if errors:
        raise Invalid(errors)
    return {"code": code, "name": name, "path": path}


def _retell(place: Place, w: Work) -> None:
    """Write the way anew for all places below, and for every folder that belongs to one of them."""
    actor: Any = w.actor
    at_home: Any = Standing.select(Standing.key).where((Standing.kind == "folder") & (Standing.home == place))
    for (key,) in list(at_home.tuples()):
        keeping.set_place(key, place.path, actor=actor, at=w.at)
    for child in list(Place.select().where(Place.parent == place)):
        above = [(p.kind, p.code, p.name) for p in queries.way(child)]
        path = rules.path_words(above)
        if len(path) > Place.path.max_length:
            raise Invalid(rules.check_names(child.code, child.name, path))
        Place.update(path=path).where(Place.id == child.id).execute()
        _retell(Place.get_by_id(child.id), w)


def _put(place: Place, kind: str, key: int, home: bool, via: str, actor: Actor, at: datetime) -> Placement:
    words = _check_thing(kind, key, actor, at)
    seen_now = {Standing.seen_in: place, Standing.seen_at: at, Standing.seen_by: actor.name}
    values = seen_now | ({Standing.home: place} if home else {})
    row = Standing.insert({Standing.kind: kind, Standing.key: key} | values)
    row.on_conflict(conflict_target=[Standing.kind, Standing.key], update=values).execute()
    if home and kind == "folder":
        keeping.set_place(key, place.path, actor=actor, at=at)
    return Placement.create(
        kind=kind, key=key, place=place, home=home, via=via, placed_by=actor.name, at=at, words_before=words
    )


def _check_thing(kind: str, key: int, actor: Actor, at: datetime) -> str:
    """The thing is there for the actor and on the shelf; gives a folder's place in words."""
    if kind != "folder":
        if key not in queries.names[kind]([key], actor, at):
            raise NotFound(_("没有要上架的东西。"))
        return ""
    folder = records.folder_for(actor, key, at)
    if folder.state != "active":
        raise Refused(
            "wrong_state", _("%(number)s 还没有登记或已作废，没有改动任何记录。", number=folder.file_number),
            next_step=_("先登记这个号的内容。"),
        )  # fmt: skip
    if folder.custody != "on_shelf":
        raise Refused(
            "stacks.away", _("不能上架：%(number)s 还没有归还。", number=folder.file_number),
            next_step=_("先办归还，再上架。"),
        )  # fmt: skip
    return str(folder.place)


def _stand_as_before(undone: Placement) -> None:
    """Set home and last sight to what the placements that still count say."""
    rest = queries.history_of(undone.kind, undone.key, 1000)
    mine = (Standing.kind == undone.kind) & (Standing.key == undone.key)
    if not rest:
        Standing.delete().where(mine).execute()
        return
    home = next((row.place for row in rest if row.home), None)
    last = rest[0]
    Standing.update(home=home, seen_in=last.place, seen_at=last.at, seen_by=last.placed_by).where(
        mine
    ).execute()
