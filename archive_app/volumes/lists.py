"""Finding aids of a category and year: 归档文件目录, 案卷目录, 全引目录, and all packs of the year in one.

A key is ``HT-2025``, or ``HT-2025-open.secret`` for a list that names only these levels: nobody reads from a
list, or from its counts, that there is something above his own level.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _, source_language
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import ArchiveUnit
from archive_app.policy import RuleBook
from archive_app.prints.register import Content, Part, Stamp
from archive_app.records import queries as records
from archive_app.records.models import Document, Folder
from archive_app.records.rules import dated_words
from archive_app.scans.cross_reference import cross_references
from archive_app.stacks.models import Place
from archive_app.volumes.content import BOUND, remark_of, with_changes
from archive_app.volumes.models import Binding, Volume, VolumeItem

LIST_TIMEOUT = 1800.0
_KEY = re.compile(r"(?:(\d+):)?(.+)-(\d{4})(?:-([a-z_.]+))?")


class Scope(NamedTuple):
    """What a list is about: archive unit, category, year, and the levels it may name (empty: all)."""

    unit: int
    category: str
    year: int
    levels: tuple[str, ...]


def list_key(actor: Actor, category: str, year: int, at: datetime) -> str:
    """The key of the list that this person may print: all levels, or those the person may know."""
    book = rulebook.current(at, actor.unit_id).book
    known = book.scope(records.person_of(actor), "know").everywhere
    unit = "" if actor.unit_id == 1 else f"{actor.unit_id}:"
    levels = (
        "" if known >= set(book.levels) else "-" + ".".join(code for code in book.levels if code in known)
    )
    return f"{unit}{category}-{year}{levels}"


def scope_of(key: str) -> Scope:
    """The scope of a key. Raises NotFound."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise NotFound(_("没有这份目录。"))
    unit, category, year, levels = found.groups()
    return Scope(int(unit or 1), category, int(year), tuple(levels.split(".")) if levels else ())


def seen(key: str, actor: Actor, at: datetime) -> bool:
    """Whether the person may know all levels that a list of this key names."""
    if not actor.can("volume.view"):
        return False
    try:
        scope = scope_of(key)
    except NotFound:
        return False
    book = rulebook.current(at, actor.unit_id).book
    known = book.scope(records.person_of(actor), "know").everywhere
    return scope.unit == actor.unit_id and known >= set(scope.levels or book.levels)


def link(key: str) -> tuple[str, dict[str, Any]]:
    """The page of the year."""
    scope = scope_of(key)
    return "volumes.year_page", {"category": scope.category, "year": scope.year}


def _bound(scope: Scope) -> list[tuple[Volume, Content]]:
    """The bound volumes of the scope by 案卷号, each with its frozen content; two queries."""
    wanted = (Volume.unit == scope.unit) & (Volume.category == scope.category) & (Volume.year == scope.year)
    rows = (
        Binding.select(Binding, Volume)
        .join(Volume)
        .where(wanted & Volume.state.in_(BOUND) & Binding.ended_at.is_null())
        .order_by(Volume.serial)
    )
    hidden = _hidden(wanted, scope.levels)
    return [(row.volume, json.loads(row.content)) for row in rows if row.volume_id not in hidden]


def _hidden(wanted: Any, levels: tuple[str, ...]) -> set[int]:
    """Volumes with a folder above the levels."""
    if not levels:
        return set()
    rows: Any = (
        VolumeItem.select(VolumeItem.volume)
        .join(Folder)
        .switch(VolumeItem)
        .join(Volume)
        .where(wanted & VolumeItem.released_at.is_null() & Folder.secrecy.not_in(levels))
    )
    return {volume for (volume,) in rows.distinct().tuples()}


def _head(scope: Scope, at: datetime) -> tuple[RuleBook, ArchiveUnit, str]:
    book = rulebook.current(at, scope.unit).book
    unit = people.company(scope.unit)
    if unit is None or scope.category not in book.categories:
        raise NotFound(_("没有这份目录。"))
    words = f"{book.categories[scope.category].name}（{scope.category}）{scope.year} 年度"
    return book, unit, words


def _month(words: str) -> str:
    """2025年01月 as 202501."""
    return words.replace("年", "").replace("月", "")


def _span(volume: Content) -> str:
    return "-".join(
        dict.fromkeys(_month(volume[name]) for name in ("dated_from", "dated_to") if volume[name])
    )


def _entry(row: Volume, volume: Content) -> Content:
    return {
        "id": row.id, "serial": volume["serial"], "number": volume["number"], "title": volume["title"],
        "dated": _span(volume), "items": volume["items"], "pages": volume["pages"],
        "retention": volume["retention"],
    }  # fmt: skip


def _classified(contents: Iterable[Content]) -> list[str]:
    return [number for content in contents for number in content["classified"]]


def volume_list(key: str, args: Content, at: datetime) -> Content:
    """案卷目录: one line a bound volume (GB/T 9705). Raises NotFound."""
    scope = scope_of(key)
    _book, unit, words = _head(scope, at)
    bound = _bound(scope)
    lines = [
        _entry(row, content["volume"]) | {
            "secrecy": content["volume"]["secrecy"], "remark": content["volume"]["cross_reference"],
            "destroyed": False,
        }
        for row, content in bound
    ]  # fmt: skip
    return {
        "fonds_name": unit.fonds_name, "fonds_code": unit.fonds_code, "scope": words, "lines": lines,
        "remark": {
            "volumes": len(lines), "destroyed": 0, "items": sum(line["items"] for line in lines),
            "pages": sum(line["pages"] for line in lines), "text": "", "changes": [],
        },
        "classified": _classified(content for _row, content in bound),
    }  # fmt: skip


def draw_volume_list(content: Content, stamp: Stamp) -> Iterator[Part]:
    """The list by typst; when and by whom it was made up is the print's, not the list's."""
    made = {"dated": _day(stamp), "compiled_by": stamp.printed_by}
    data = {name: content[name] for name in ("fonds_name", "fonds_code", "scope", "lines")}
    yield _list("volume_list", data | {"remark": content["remark"] | made}, stamp)


def full_list(key: str, args: Content, at: datetime) -> Content:
    """全引目录: every bound volume with its documents . Raises NotFound."""
    scope = scope_of(key)
    _book, unit, words = _head(scope, at)
    bound = _bound(scope)
    places = _places([row.box for row, _content in bound if row.box])
    shown = ("id", "serial", "reference", "author", "title", "dated", "start_page")
    volumes = [
        _entry(row, content["volume"]) | {
            "place": places.get(row.box or 0, ""), "destroyed": False, "remark": "",
            "lines": [
                {name: line[name] for name in shown} | {"remark": _brief(line)} for line in content["lines"]
            ],
        }
        for row, content in bound
    ]  # fmt: skip
    return {
        "fonds_name": unit.fonds_name, "fonds_code": unit.fonds_code, "scope": words, "volumes": volumes,
        "classified": _classified(content for _row, content in bound),
    }  # fmt: skip


def _brief(line: Content) -> str:
    """备注 of 10 mm: the electronic code and what was noted; the address stands in the catalog."""
    return "；".join(word for word in (line["code"], line["note"]) if word)


def draw_full_list(content: Content, stamp: Stamp) -> Iterator[Part]:
    """The list by typst."""
    data = {name: content[name] for name in ("fonds_name", "fonds_code", "scope", "volumes")}
    yield _list("full_list", data, stamp)


def _list(form: str, data: Content, stamp: Stamp) -> Part:
    return Part("list", {"form": form, "data": data | {"stamp": stamp.as_dict()}}, LIST_TIMEOUT)


def _places(ids: list[int]) -> dict[int, str]:
    rows: Any = Place.select(Place.id, Place.path).where(Place.id.in_(ids))
    return dict(rows.tuples())


def item_list(key: str, args: Content, at: datetime) -> Content:
    """归档文件目录: every document filed in the year, by file number (DA/T 22). Raises NotFound."""
    scope = scope_of(key)
    book, unit, _words = _head(scope, at)
    wanted = (Folder.unit == scope.unit) & (Folder.category == scope.category) & (Folder.year == scope.year)
    wanted &= Folder.state == "active"
    if scope.levels:
        wanted &= Folder.secrecy.in_(scope.levels)
    rows = list(
        Document.select(Document, Folder)
        .join(Folder)
        .where(wanted & Document.removed_at.is_null())
        .order_by(Folder.serial, Document.position, Document.id)
    )
    with source_language():
        electronic = cross_references(document_ids=[row.id for row in rows])
    levels = {code: level.name if level.rank else "" for code, level in book.levels.items()}
    lines = [
        {
            "id": row.id, "serial": str(n), "file_number": row.folder.file_number, "reference": row.reference,
            "author": row.author, "title": row.title, "dated": dated_words(row.dated, row.dated_known),
            "secrecy": levels.get(row.folder.secrecy, ""), "page_count": row.pages,
            "remark": remark_of(row, electronic.get(row.id)),
        }
        for n, row in enumerate(rows, start=1)
    ]  # fmt: skip
    category = book.categories[scope.category]
    retentions = {row.folder.retention for row in rows}
    retention = book.retentions[retentions.pop()].label if len(retentions) == 1 else ""
    return {
        "head": {
            "fonds_name": unit.fonds_name, "fonds_code": unit.fonds_code, "unit": unit.name,
            "category_code": category.code, "category_name": category.name, "year": str(scope.year),
            "retention": retention, "department": "",
            "total": f"共 {len(rows)} 件 {sum(row.pages for row in rows)} 页",
        },
        "lines": lines,
        "classified": list(
            dict.fromkeys(row.folder.file_number for row in rows if levels.get(row.folder.secrecy))
        ),
    }  # fmt: skip


def draw_item_list(content: Content, stamp: Stamp) -> Iterator[Part]:
    """The list by WeasyPrint, with its cover sheet."""
    head = content["head"] | {"compiled_at": _day(stamp)}
    data = {"head": head, "lines": content["lines"], "stamp": stamp.as_dict()}
    yield Part("form", {"form": "item_list", "data": data}, LIST_TIMEOUT)


def _day(stamp: Stamp) -> str:
    """2026年11月19日"""
    year, month, day = stamp.printed_at[:10].split("-")
    return f"{year}年{month}月{day}日"


def year_pack(key: str, args: Content, at: datetime) -> Content:
    """The packs of all bound volumes of a year, in order of 案卷号. Raises NotFound: nothing is bound."""
    bound = _bound(scope_of(key))
    if not bound:
        raise NotFound(_("这一年还没有装订的案卷。"))
    with source_language():
        contents = [with_changes(row, content) for row, content in bound]
    return {"volumes": contents, "classified": _classified(contents)}
