"""The sheets of volumes in the register of prints: the pack, its parts one by one, lists of a whole year."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from archive_app.core.errors import NotFound, Refused
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _, source_language
from archive_app.people.actor import Actor
from archive_app.printing import barcode
from archive_app.prints.register import Content, Part, Sheet, Stamp, register
from archive_app.scans.cross_reference import paper_notes
from archive_app.stacks import queries as stacks
from archive_app.stacks.models import Place
from archive_app.stacks.rules import shelf_order
from archive_app.volumes import binding, lists
from archive_app.volumes.content import BOUND, content_of
from archive_app.volumes.models import Volume
from archive_app.volumes.names import NAMES
from archive_app.volumes.queries import numbers_of
from archive_app.volumes.sight import visible, volume_for

PARTS = {
    "volume_pack": ("volume", "lines", "preset", "folders", "remark", "boxes", "instructions"),
    "volume_cover": ("volume",),
    "volume_catalog": ("volume", "lines", "preset"),
    "remark_sheet": ("volume", "remark"),
    "binding_instructions": ("volume", "instructions"),
    "change_record": ("volume", "record"),
    "spine": ("volumes",),
    "box_label": ("boxes",),
}
"""The values each form takes."""
PACK_TIMEOUT = 600.0

Values = Callable[[Volume], Content]


def _volume(key: str) -> Volume:
    volume = Volume.get_or_none(Volume.id == int(key)) if key.isdigit() else None
    if volume is None or volume.state == "dissolved":
        raise NotFound(_("没有这一卷。"))
    return volume


def _seen(key: str, actor: Actor, at: datetime) -> bool:
    try:
        volume_for(actor, int(key), at)
    except (NotFound, Refused, ValueError):
        return False
    return True


def _chosen(names: Iterable[str], more: Values | None = None) -> Callable[[str, Content, datetime], Content]:
    """The part of a volume's content that a form prints, and what the audit wants to know."""

    def content(key: str, args: Content, at: datetime) -> Content:
        volume = _volume(key)
        whole = content_of(volume)
        with source_language():
            whole |= more(volume) if more else {}
        return {name: whole[name] for name in (*names, "classified")}

    return content


def _record(volume: Volume) -> Content:
    """The change record as a sheet of its own."""
    remark = content_of(volume)["remark"]
    return {"record": {"version": remark["version"], "note": "", "changes": remark["changes"]}}


def _spine(volume: Volume) -> Content:
    """A strip; the box is the one it stands in now."""
    place = Place.get_or_none(Place.id == volume.box) if volume.box else None
    return {"volumes": [content_of(volume)["volume"] | {"box": place.code if place else ""}]}


def _box(volume: Volume) -> Content:
    """The label of the box in which the volume stands, with all volumes in it; before that, of its own."""
    label = content_of(volume)["boxes"][0]
    if not volume.box:
        return {"boxes": [label]}
    place = Place.get_by_id(volume.box)
    inside = list(
        Volume.select()
        .where((Volume.box == volume.box) & Volume.state.in_(BOUND))
        .order_by(Volume.category, Volume.year, Volume.serial)
    )
    contents = [content_of(each)["volume"] for each in inside]
    highest = max(contents, key=lambda each: each["secrecy_rank"])
    numbers = [each["serial"] for each in contents]
    return {
        "boxes": [
            label | {
                "id": place.id, "number": place.code, "place": place.path,
                "payload": barcode.payload(barcode.BarcodeType.BOX, place.id),
                "width_mm": place.width_mm or label["width_mm"],
                "volumes_from": numbers[0], "volumes_to": numbers[-1],
                "items": sum(each["items"] for each in contents),
                "pages": sum(each["pages"] for each in contents),
                "secrecy": highest["secrecy"], "secrecy_rank": highest["secrecy_rank"],
                "title": label["title"] if len(inside) == 1 else "",
            }
        ]
    }  # fmt: skip


def _form(form: str) -> Callable[[Content, Stamp], Iterable[Part]]:
    def draw(content: Content, stamp: Stamp) -> Iterable[Part]:
        data = {name: content[name] for name in PARTS[form]} | {"stamp": stamp.as_dict()}
        return [Part("form", {"form": form, "data": data}, PACK_TIMEOUT)]

    return draw


def _packs(content: Content, stamp: Stamp) -> Iterable[Part]:
    """One part a volume: cost and memory stay linear however many there are."""
    for volume in content["volumes"]:
        yield from _form("volume_pack")(volume, stamp)


def _classified(content: Content) -> list[str]:
    return list(content["classified"])


def _link(key: str) -> tuple[str, dict[str, Any]]:
    return "volumes.volume_page", {"volume_id": int(key)}


def _of_volume(form: str, name: L, more: Values | None = None, permission: str = "volume.arrange") -> None:
    register(
        Sheet(
            form, name, permission, _chosen(PARTS[form], more), _form(form), _seen, _classified, NAMES,
            done=binding.finish if form == binding.PACK else None, link=_link,
        )
    )  # fmt: skip


def _of_year(
    form: str, name: L, content: Callable[[str, Content, datetime], Content],
    draw: Callable[[Content, Stamp], Iterable[Part]], permission: str = "volume.view",
) -> None:  # fmt: skip
    register(Sheet(form, name, permission, content, draw, lists.seen, _classified, NAMES, link=lists.link))


_of_volume("volume_pack", L("装订包"), permission="volume.bind")
_of_volume("volume_cover", L("案卷封面"))
_of_volume("volume_catalog", L("卷内文件目录"))
_of_volume("remark_sheet", L("卷内备考表"))
_of_volume("spine", L("案卷脊背"), _spine)
_of_volume("box_label", L("卷盒标签"), _box)
_of_volume("binding_instructions", L("装订说明"))
_of_volume("change_record", L("案卷变动登记表"), _record)
_of_year("item_list", L("归档文件目录"), lists.item_list, lists.draw_item_list)
_of_year("volume_list", L("案卷目录"), lists.volume_list, lists.draw_volume_list)
_of_year("full_list", L("全引目录"), lists.full_list, lists.draw_full_list)
_of_year("year_pack", L("年度装订包"), lists.year_pack, _packs, "volume.bind")


def name_volumes(ids: list[int], actor: Actor, at: datetime) -> dict[int, stacks.Named]:
    """The volumes with these ids that the actor may know of, as the stacks call them."""
    if not actor.can("volume.view"):
        return {}
    return {
        row.id: stacks.Named(
            row.number or row.title, row.title, "volumes.volume_page", {"volume_id": row.id}, row.secrecy,
            order=shelf_order(row.category, row.year, row.serial or 0),
        )
        for row in Volume.select().where(Volume.id.in_(ids) & visible(actor, at))
    }  # fmt: skip


stacks.names["volume"] = name_volumes
paper_notes.append(numbers_of)

__all__ = ["PARTS", "name_volumes"]
