"""Which folders stand in which volume, changed by hand: moved, split off, put together."""

from __future__ import annotations

from datetime import datetime

from archive_app.core.errors import NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.policy import RuleBook
from archive_app.records.models import Folder
from archive_app.volumes import layout, rules, thickness
from archive_app.volumes.flow import VOLUME
from archive_app.volumes.models import Volume, VolumeItem
from archive_app.volumes.papers import items_of, paper_sheets, papers_of
from archive_app.volumes.proposing import in_rule_order

ALONG = "与绝密文件有密切联系，随同立卷"
MOVED_IN = "手工移入本卷"


def move_folder(
    volume_id: int,
    folder_id: int,
    to_volume_id: int | None,
    reason: str,
    revision: int,
    *,
    actor: Actor,
    at: datetime,
) -> Volume:
    """Move a folder's documents to another open volume of the year, or out of all (None).

    Returns the row of ``volume_id``. Raises Invalid: reason; NotFound; Refused: permission, arrange.stale,
    volumes.not_open, volumes.apart — a level that stands alone would come among others (ARR-03),
    volumes.other_key.
    """
    book = rulebook.current(at, actor.unit_id).book
    with work(actor, at) as w:
        volume = layout.taken(actor, volume_id, revision, at)
        reason = layout.checked_reason(reason)
        items = items_of(volume.id)
        moving = [item for item in items if item.folder_id == folder_id]
        if not moving:
            raise NotFound(_("这份档案不在这一卷里了。"))
        if to_volume_id is None:
            layout.release(VolumeItem.id.in_([item.id for item in moving]), at)
        else:
            _move_into(book, moving, to_volume_id, volume, reason, actor, at)
        layout.lay(volume, [item for item in items if item not in moving], book, adjusted=True)
        layout.order_places(volume.unit_id, volume.category, volume.year)
        w.note(
            "volume.adjust", volume, what="move_folder", folder=moving[0].folder.file_number, to=to_volume_id,
            reason=reason, documents=[item.document_id for item in moving],
        )  # fmt: skip
    return Volume.get_by_id(volume_id)


def _move_into(
    book: RuleBook,
    moving: list[VolumeItem],
    to_id: int,
    volume: Volume,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    target = layout.taken(actor, to_id, None, at)
    _same_key(volume, target)
    _check_apart(book, moving[0].folder, target)
    there = items_of(target.id)
    by_hand = any(item.moved_by and item.rule == "by_hand" for item in there)
    ordered = _joined(book, volume, there, moving, by_hand)
    along = target.apart and not _stands_apart(book, moving[0].folder)
    for item in moving:
        if along:
            item.rule, item.reason = "apart", ALONG
        item.moved_by, item.moved_at, item.moved_reason, item.touched = actor.username, at, reason, True
    layout.lay(target, ordered, book, adjusted=True)


def _joined(
    book: RuleBook, volume: Volume, there: list[VolumeItem], more: list[VolumeItem], by_hand: bool
) -> list[VolumeItem]:
    """The documents of both in the rule's order; behind, where the order was made by hand."""
    if by_hand:
        row = {item.document_id: item for item in [*there, *more]}
        return [row[paper.id] for paper in rules.gathered(papers_of(list(row.values()), book))]
    moved = {
        item.id: (item.rule, item.reason, item.moved_by, item.moved_at, item.moved_reason) for item in there
    }
    ordered = in_rule_order([*there, *more], book, volume.category)
    for item in there:
        if moved[item.id][2]:
            item.rule, item.reason, item.moved_by, item.moved_at, item.moved_reason = moved[item.id]
    return ordered


def _same_key(volume: Volume, target: Volume) -> None:
    key = ("unit_id", "category", "year", "manager_id")
    if volume.id == target.id or any(getattr(volume, name) != getattr(target, name) for name in key):
        raise Refused(
            "volumes.other_key",
            _("两卷不是同一类别、年度（和客户经理），没有改动任何记录。"),
            next_step=_("请选同一年度同一类别的案卷。"),
        )


def _stands_apart(book: RuleBook, folder: Folder) -> bool:
    return folder.secrecy in book.arrangement.apart


def _check_apart(book: RuleBook, folder: Folder, target: Volume) -> None:
    """绝密 never comes into an ordinary volume; the few that belong to it may go with it (ARR-03)."""
    if _stands_apart(book, folder) and not (target.apart and target.secrecy == folder.secrecy):
        raise _apart(book, folder.file_number)


def _apart(book: RuleBook, what: str) -> Refused:
    return layout.refusal(
        "volumes.apart",
        _("不能移到这一卷：%(what)s 要单独立卷。没有改动任何记录。", what=what),
        book.arrangement.rules["apart"],
        _("有密切联系的普通文件，可以移到绝密卷。"),
    )


def split(volume_id: int, before_item_id: int, revision: int, *, actor: Actor, at: datetime) -> Volume:
    """Begin a new volume with this document, the first of its folder; return the new one.

    Only a folder thicker than a volume is split inside, between groups. Raises NotFound; Refused: permission,
    arrange.stale, arrange.separates, volumes.not_open.
    """
    book = rulebook.current(at, actor.unit_id).book
    with work(actor, at) as w:
        volume = layout.taken(actor, volume_id, revision, at)
        items = items_of(volume.id)
        place = next((n for n, item in enumerate(items) if item.id == before_item_id), 0)
        if not place:
            raise NotFound(_("这一件不在这一卷里，或已是第一件。"))
        head, tail = items[:place], items[place:]
        _check_cut(book, head, tail, items)
        new = Volume.create(
            unit=volume.unit_id, category=volume.category, year=volume.year, manager=volume.manager_id,
            place_in_year=0, title="", apart=volume.apart, secrecy=volume.secrecy, retention=volume.retention,
            state=VOLUME.initial, rule_book=volume.rule_book, created_by=actor.username, created_at=at,
        )  # fmt: skip
        layout.lay(volume, head, book, adjusted=True)
        layout.lay(new, tail, book, adjusted=True)
        layout.order_places(volume.unit_id, volume.category, volume.year)
        w.note(
            "volume.adjust", volume, what="split", new=new.id, documents=[item.document_id for item in tail]
        )
    return Volume.get_by_id(new.id)


def _check_cut(
    book: RuleBook, head: list[VolumeItem], tail: list[VolumeItem], items: list[VolumeItem]
) -> None:
    folder = tail[0].folder
    if head[-1].folder_id != folder.id:
        return
    order = book.arrangement
    sheets = sum(paper_sheets(item.document) for item in items if item.folder_id == folder.id)
    fits = sheets <= thickness.sheets_in(order.volume_mm, order.box_fill, order.sheet_mm)
    before = {item.document_id for item in head}
    groups = rules.groups(papers_of(items, book))
    cuts = any(0 < len(before & {p.id for p in group}) < len(group) for group in groups)
    if fits or cuts:
        rule = order.rules["groups" if cuts else "number_order"]
        message = _(
            "不能从这里分卷：%(number)s 的文件要放在一起。没有改动任何记录。", number=folder.file_number
        )
        raise layout.refusal("arrange.separates", message, rule, _("请从一份档案的第一件分卷。"))


def merge(volume_id: int, next_id: int, revision: int, *, actor: Actor, at: datetime) -> Volume:
    """Put all of another volume of the year into this one; the other is dissolved.

    Raises NotFound; Refused: permission, arrange.stale, volumes.not_open, volumes.apart, volumes.other_key.
    """
    book = rulebook.current(at, actor.unit_id).book
    with work(actor, at) as w:
        volume = layout.taken(actor, volume_id, revision, at)
        other = layout.taken(actor, next_id, None, at)
        _same_key(volume, other)
        if volume.apart != other.apart or (volume.apart and volume.secrecy != other.secrecy):
            raise _apart(book, other.title if other.apart else volume.title)
        there, more = items_of(volume.id), items_of(other.id)
        by_hand = any(item.moved_by for item in [*there, *more])
        layout.lay(volume, _joined(book, volume, there, more, by_hand), book, adjusted=True)
        layout.write(other, {"adjusted": True})
        VOLUME.fire(other, "dissolve")
        layout.order_places(volume.unit_id, volume.category, volume.year)
        w.note(
            "volume.adjust",
            volume,
            what="merge",
            other=other.id,
            documents=[item.document_id for item in more],
        )
    return Volume.get_by_id(volume_id)
