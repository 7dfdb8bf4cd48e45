"""Shelving at the desk: a place then folders, or folders then their place; any number, with undo."""

from __future__ import annotations

from datetime import datetime, timedelta

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.desk import answers, hands
from archive_app.desk.answers import Answer
from archive_app.desk.models import DeskScan, Hand
from archive_app.people.actor import Actor
from archive_app.printing.barcode import Barcode, BarcodeType
from archive_app.records import queries as records
from archive_app.records.models import Folder
from archive_app.stacks import queries as stacks
from archive_app.stacks import service as shelving
from archive_app.stacks.models import Place
from archive_app.stacks.rules import HOLDS

# A place that nobody shelved into for so long is put down by itself: else a folder scanned the next day
# would silently be said to stand there.
PATIENCE = timedelta(minutes=10)
# Folders scanned without a person are shelved by a place that is scanned within this time.
RECENT = timedelta(minutes=2)
MOST = 100
PLACE_CHIP = "geo-alt"


def is_place(code: Barcode) -> bool:
    """Whether a barcode is the label of a box or another place."""
    return code.kind in (BarcodeType.BOX, BarcodeType.PLACE)


def in_hand(desk: str, at: datetime) -> Place | None:
    """The place in hand at the desk, unless it was forgotten there."""
    row = Hand.get_or_none(Hand.desk == desk)
    return held(row, at) if row else None


def held(hand: Hand, at: datetime) -> Place | None:
    """The place among what is in hand, unless it was forgotten there."""
    if not hand.place or hand.since <= at - PATIENCE:
        return None
    return Place.get_or_none(Place.id == hand.place)


def place_code(code: Barcode, raw: str, desk: str, actor: Actor, at: datetime) -> Answer:
    """What the scan of a place's or box's label does."""
    try:
        place = stacks.place_for(actor, code.id)
    except NotFound:
        place = None
    if place is None or (place.kind == "box") != (code.kind == BarcodeType.BOX):
        return answers.unknown(raw, _("条码没有坏，但本室没有登记它。"))
    return place_scanned(place, desk, actor, at)


def place_scanned(place: Place, desk: str, actor: Actor, at: datetime) -> Answer:
    """Shelve the folders that wait; else take the place in hand, or put it down when it is there already."""
    if place.closed_at is not None:
        return _closed(place)
    waiting, current = _waiting(desk, actor, at), in_hand(desk, at)
    if waiting:
        return _shelve_all(waiting, place, desk, actor, at)
    if current is not None and current.id == place.id:
        return _done(place, desk, at)
    actor.must("place.shelve")
    if place.kind not in HOLDS:
        return _room(place)
    hands.take(desk, at, place=place.id)
    return Answer(
        "ok", _("上架到"), stacks.short_of(place), _("扫档案，就放到这里"), answers.DONE,
        title=place.path, why=_box_hint(place, current), step=_move_step(place, current),
        icon="box-arrow-in-down", chip=("acc", PLACE_CHIP, _("位置")),
    )  # fmt: skip


def folder_scanned(folder: Folder, place: Place, desk: str, actor: Actor, at: datetime) -> Answer:
    """Put a folder that is on the shelf into the place in hands."""
    home = stacks.standing_of("folder", folder.id)
    was_home = home is not None and home.home_id == place.id
    made = shelving.shelve(place.id, [("folder", folder.id)], via="desk", actor=actor, at=at)
    hands.take(desk, at, place=place.id)
    said = _("本来就在 %(place)s", place=stacks.short_of(place)) if was_home else place.path
    return Answer(
        "ok", _("已上架"), folder.file_number, said, answers.DONE, title=folder.title, level=folder.secrecy,
        folder=folder.id, undo="shelve", placed=tuple(row.id for row in made), why=_beside(folder, actor, at),
        icon="box-arrow-in-down", chip=("ok", "box-arrow-in-down", _("已上架")),
    )  # fmt: skip


def undo(row: DeskScan, *, actor: Actor, at: datetime) -> None:
    """Let the things of one scan stand where they stood before it."""
    shelving.undo_shelve(Answer.from_json(row.answer).placed, actor=actor, at=at)


def _waiting(desk: str, actor: Actor, at: datetime) -> list[Folder]:
    """The folders scanned one after the other just now that still wait for a person or a place."""
    rows = DeskScan.select().where((DeskScan.desk == desk) & (DeskScan.at > at - RECENT))
    ids: list[int] = []
    for row in rows.order_by(DeskScan.id.desc()).limit(MOST):
        if row.key is None or not Answer.from_json(row.answer).waits:
            break
        ids.append(row.key)
    found = records.of_ids(actor, ids[::-1], at)
    return [folder for folder in found if folder.state == "active" and folder.custody == "on_shelf"]


def _shelve_all(waiting: list[Folder], place: Place, desk: str, actor: Actor, at: datetime) -> Answer:
    things = [("folder", folder.id) for folder in waiting]
    made = shelving.shelve(place.id, things, via="desk", actor=actor, at=at)
    hands.put_down(desk)
    one = waiting[0] if len(waiting) == 1 else None
    listed = _("、").join(folder.file_number for folder in waiting[:6])
    return Answer(
        "ok", _("已上架"), one.file_number if one else _("%(n)s 份", n=len(waiting)), place.path,
        answers.DONE, title=one.title if one else listed + ("…" if len(waiting) > 6 else ""),
        level=one.secrecy if one else "", folder=one.id if one else None, undo="shelve",
        placed=tuple(row.id for row in made), why=_beside(one, actor, at) if one else "",
        icon="box-arrow-in-down", chip=("ok", "box-arrow-in-down", _("已上架")),
    )  # fmt: skip


def _done(place: Place, desk: str, at: datetime) -> Answer:
    hands.put_down(desk)
    return Answer(
        "ok", _("放下了"), stacks.short_of(place), _("这个位置上架完毕"), answers.LAST, title=place.path,
        icon="check2-all", chip=("", PLACE_CHIP, _("位置")),
    )  # fmt: skip


def _closed(place: Place) -> Answer:
    return Answer(
        "no", _("已停用"), stacks.short_of(place), _("这个位置不用了，请换一个"), answers.REFUSED,
        title=place.path, unchanged=True, chip=("stop", "x-lg", _("未办理")),
    )  # fmt: skip


def _room(place: Place) -> Answer:
    return Answer(
        "ask", _("看一看"), place.name or place.code, _("请扫柜、格或盒的标签"), answers.LOOK,
        title=place.path, unchanged=True, icon="geo-alt", chip=("wait", "geo-alt", _("位置")),
        step={"endpoint": "stacks.place", "values": {"place_id": place.id}, "text": _("看这个库房"),
              "icon": "geo-alt"},
    )  # fmt: skip


def _box_hint(place: Place, current: Place | None) -> str:
    if not _movable(place, current):
        return _("再扫一次这个标签，或按 F2，就结束。")
    assert current is not None
    return _("要把整盒移到 %(place)s，按右边的按钮。", place=stacks.short_of(current))


def _move_step(place: Place, current: Place | None) -> dict[str, object] | None:
    """A box scanned while a shelf is in hand: perhaps the whole box is meant to go there."""
    if not _movable(place, current):
        return None
    assert current is not None
    values = {"place_id": place.id, "to": current.id}
    text = _("整盒移到 %(place)s", place=stacks.short_of(current))
    return {"endpoint": "stacks.move", "values": values, "text": text, "icon": "arrows-move"}


def _movable(place: Place, current: Place | None) -> bool:
    holds = current is not None and current.kind in ("shelf", "cabinet")
    return place.kind == "box" and holds and current is not None and place.parent_id != current.id


def _beside(folder: Folder, actor: Actor, at: datetime) -> str:
    """Between which folders it goes, so that the shelf keeps its order."""
    left, right = stacks.neighbours(folder, actor, at)
    if left and right:
        return _("放在 %(a)s 与 %(b)s 之间。", a=left.file_number, b=right.file_number)
    if left:
        return _("放在 %(a)s 右边，是最后一份。", a=left.file_number)
    if right:
        return _("放在 %(b)s 左边，是第一份。", b=right.file_number)
    return _("这里还只有这一份。")
