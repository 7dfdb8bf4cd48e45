"""Writes what stands in a volume: positions, page numbers, thickness, title; joined to the verb's work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _
from archive_app.people.actor import Actor
from archive_app.people.models import ArchiveUnit, User
from archive_app.policy import Rule, RuleBook
from archive_app.records.models import Folder
from archive_app.records.rules import check_reason, clean_line
from archive_app.volumes import thickness
from archive_app.volumes.models import Volume, VolumeItem
from archive_app.volumes.papers import paper_pages, paper_sheets
from archive_app.volumes.rules import Placed
from archive_app.volumes.sight import volume_for

BATCH = 100


def lock_year(unit_id: int) -> None:
    """Let two people who arrange at once come one after the other; an UPDATE that changes nothing locks."""
    ArchiveUnit.update(id=ArchiveUnit.id).where(ArchiveUnit.id == unit_id).execute()


def taken(
    actor: Actor, volume_id: int, revision: int | None, at: datetime, states: Sequence[str] = ("open",)
) -> Volume:
    """The volume for a change by hand, its revision counted up; nobody changed it since it was seen.

    Raises NotFound; Refused: permission, volumes.not_open, arrange.stale.
    """
    actor.must("volume.arrange")
    volume = volume_for(actor, volume_id, at)
    if volume.state not in states:
        raise Refused(
            "volumes.not_open",
            _("这一卷%(state)s，没有改动任何记录。", state=_state(volume)),
            next_step=_("先退回调整，再改。"),
        )
    same = (Volume.id == volume.id) & (Volume.state == volume.state)
    same &= Volume.revision == (volume.revision if revision is None else revision)
    if not Volume.update(revision=Volume.revision + 1).where(same).execute():
        raise _stale()
    volume.revision += 1
    return volume


def require_seen(volume: Volume, revision: int) -> None:
    """What is signed is what was seen: nobody moved anything in between. Raises Refused: arrange.stale."""
    if not Volume.select().where((Volume.id == volume.id) & (Volume.revision == revision)).exists():
        raise _stale()


def _stale() -> Refused:
    return Refused(
        "arrange.stale",
        _("这一卷刚被别人调整过，没有改动任何记录。"),
        next_step=_("请看新的排列，再移一次。"),
    )


def _state(volume: Volume) -> str:
    from archive_app.volumes.facts import STATES

    return str(STATES[volume.state])


def checked_reason(reason: str) -> str:
    """The reason on one line. Raises Invalid."""
    reason = clean_line(reason)
    if errors := check_reason(reason):
        raise Invalid(errors)
    return reason


def refusal(code: str, message: str, rule: Rule, next_step: str, may_decide: str = "") -> Refused:
    """A refusal that quotes a rule of arrangement."""
    return Refused(code, message, rule.text, rule.clause, may_decide, next_step)


def lay(volume: Volume, items: Sequence[VolumeItem], book: RuleBook, **values: Any) -> None:
    """Write the order given: positions, page numbers (ARR-10), and what the volume as a whole is.

    ``items`` carry documents and folders, and ``touched`` when more than their place is new; ``values`` are
    further columns of the volume. One UPDATE for a hundred rows that changed.
    """
    pages = [paper_pages(item.document) for item in items]
    changed = []
    for position, (item, count, first) in enumerate(
        zip(items, pages, thickness.number_pages(pages), strict=True), start=1
    ):
        now = (item.volume_id, item.position, item.pages, item.first_page)
        if now != (volume.id, position, count, first) or item.touched:
            item.volume, item.position, item.pages, item.first_page = volume, position, count, first
            changed.append(item)
    if changed:
        fields = [getattr(VolumeItem, name) for name in WRITTEN]
        VolumeItem.bulk_update(changed, fields=fields, batch_size=BATCH)
    write(volume, measured(volume, items, book) | values)


WRITTEN = (
    "volume", "position", "first_page", "pages", "rule", "reason", "year_rule", "moved_by", "moved_at",
    "moved_reason",
)  # fmt: skip


def write(volume: Volume, values: dict[str, Any]) -> None:
    """Write columns of a volume and keep the row in memory the same."""
    Volume.update(**values).where(Volume.id == volume.id).execute()
    for name, value in values.items():
        setattr(volume, name, value)


def measured(volume: Volume, items: Sequence[VolumeItem], book: RuleBook) -> dict[str, Any]:
    """Counts, thickness, box, level, retention and title of a volume with these documents."""
    folders = list({item.folder_id: item.folder for item in items}.values())
    found = facts(
        book, folders, [paper_pages(i.document) for i in items], [paper_sheets(i.document) for i in items]
    )
    if not volume.named:
        found["title"] = title(book, volume.category, volume.year, folders, volume.manager_id)
    return found


def facts(book: RuleBook, folders: Sequence[Folder], pages: list[int], sheets: list[int]) -> dict[str, Any]:
    """What a volume as a whole is, from its folders and the pages and sheets of its documents."""
    order = book.arrangement
    mm = thickness.millimetres(sum(sheets), order.sheet_mm)
    return {
        "items": len(pages),
        "pages": sum(pages),
        "sheets": sum(sheets),
        "thickness_mm": mm,
        "box_mm": thickness.box_for(mm, order.boxes_mm, order.box_fill),
        "secrecy": max((row.secrecy for row in folders), key=lambda code: _rank(book, code), default=""),
        "retention": max((row.retention for row in folders), key=lambda code: _years(book, code), default=""),
    }


def _rank(book: RuleBook, code: str) -> int:
    return book.levels[code].rank if code in book.levels else 0


def _years(book: RuleBook, code: str) -> float:
    if code not in book.retentions:
        return -1
    years = book.retentions[code].years
    return float("inf") if years is None else years


def title(book: RuleBook, category: str, year: int, folders: Sequence[Folder], manager_id: int | None) -> str:
    """The title proposed: 2025年度合同类档案（HT-2025-0014至HT-2025-0029）; Chinese, for it is printed."""
    name = book.categories[category].name if category in book.categories else category
    manager = User.get_or_none(User.id == manager_id) if manager_id else None
    ordered = sorted(folders, key=lambda row: (row.year, row.serial))
    numbers = [row.file_number for row in (ordered[:1] + ordered[-1:])]
    span = "至".join(dict.fromkeys(numbers))
    head = f"{year}年度{name}档案"
    if manager is not None:
        head += f" {manager.name}"
    return f"{head}（{span}）" if span else head


def placed_items(placed: Iterable[Placed], known: dict[int, VolumeItem]) -> list[VolumeItem]:
    """The rows of a volume in this order, each with the rule that put it there."""
    items = []
    for each in placed:
        item = known[each.paper.id]
        if (item.rule, item.reason) != (each.rule, each.reason) or item.moved_by:
            item.rule, item.reason = each.rule, each.reason
            item.moved_by, item.moved_at, item.moved_reason = "", None, ""
            item.touched = True
        items.append(item)
    return items


def release(condition: Any, at: datetime) -> int:
    """Let documents stand in no volume again; the rows stay as history."""
    return int(
        VolumeItem.update(released_at=at).where(condition & VolumeItem.released_at.is_null()).execute()
    )


def order_places(unit_id: int, category: str, year: int) -> None:
    """Number the volumes of a year: those that stand apart last, by manager, by file number.

    Apart ones come last so that the numbers of the others show no gap to who may not know of them.
    """
    volumes = list(
        Volume.select().where(
            (Volume.unit == unit_id) & (Volume.category == category) & (Volume.year == year)
            & (Volume.state != "dissolved")
        )
    )  # fmt: skip
    first = _first_serials([volume.id for volume in volumes])
    last = (10**9, 0, 0)
    volumes.sort(
        key=lambda v: (v.manager_id is None, v.manager_id or 0, v.apart, first.get(v.id, last), v.id)
    )
    for place, volume in enumerate(volumes, start=1):
        if volume.place_in_year != place:
            Volume.update(place_in_year=place).where(Volume.id == volume.id).execute()


def _first_serials(volume_ids: list[int]) -> dict[int, tuple[int, int, int]]:
    rows: Any = (
        VolumeItem.select(VolumeItem.volume, Folder.year, Folder.serial, VolumeItem.position)
        .join(Folder)
        .where(VolumeItem.volume.in_(volume_ids) & VolumeItem.released_at.is_null())
        .order_by(VolumeItem.volume, VolumeItem.position.desc())
    )
    return {volume: (year, serial, position) for volume, year, serial, position in rows.tuples()}
