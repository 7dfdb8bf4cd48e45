"""What the sheets of a volume say, as plain values: catalog, cover, remark sheet, labels, instructions.

Everything here is Chinese whatever the reader's language, and holds neither the time nor the number of the
print: the same state gives the same digest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from archive_app.core.clock import local
from archive_app.core.i18n import source_language
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.models import ArchiveUnit, Department, User
from archive_app.policy import RuleBook
from archive_app.printing import barcode
from archive_app.records.models import Document, Folder
from archive_app.records.rules import dated_words
from archive_app.scans.cross_reference import CrossRef, cross_references
from archive_app.volumes import thickness
from archive_app.volumes.changes import KINDS, changes_of
from archive_app.volumes.instructions import instructions
from archive_app.volumes.models import Binding, Volume, VolumeItem
from archive_app.volumes.papers import items_of
from archive_app.volumes.remarks import facts

Content = dict[str, Any]
BOUND = ("bound", "boxed")
STORE = "电子库 "


def content_of(volume: Volume) -> Content:
    """All that the pack says: as frozen when the volume was bound, with the changes since; else as it is."""
    with source_language():
        if volume.state in BOUND:
            return with_changes(volume, json.loads(binding_of(volume).content))
        return live(volume)


def binding_of(volume: Volume) -> Binding:
    """The binding that holds now."""
    return Binding.get((Binding.volume == volume.id) & Binding.ended_at.is_null())


def with_changes(volume: Volume, frozen: Content) -> Content:
    """The frozen content with the change record on its remark sheet; the catalog stays as it was bound."""
    found = changes_of(volume)
    if found:
        changes = [
            {"id": line.id, "dated": f"{local(line.at):%Y%m%d}", "kind": KINDS[line.kind].text,
             "text": line.text, "handled_by": line.handled_by, "version": line.version}
            for line in found
        ]  # fmt: skip
        frozen["remark"] |= {"changes": changes, "version": found[-1].version}
    return frozen


def live(volume: Volume) -> Content:
    """The content of a volume as its documents are now; a dozen queries, however many documents."""
    book = rulebook.by_id(volume.rule_book).book
    items = items_of(volume.id)
    by_document = cross_references(document_ids=[item.document_id for item in items])
    by_folder = cross_references(list(dict.fromkeys(item.folder_id for item in items)))
    whole = head(volume, book, items, by_folder)
    return {
        "volume": whole,
        "lines": lines(items, by_document),
        "folders": _folders(items),
        "preset": book.categories[volume.category].catalog_form,
        "remark": {
            "facts": facts(volume, book, items),
            "text": volume.remark,
            "version": 1,
            "arranged_by": _name(volume.arranged_by),
            "checked_by": _name(volume.checked_by),
            "changes": [],
            "electronic": electronic_codes(items, by_folder),
        },
        "boxes": [_box(whole)],
        "instructions": instructions(volume, book, items),
        "classified": classified(book, items),
    }


def _name(username: str) -> str:
    user = User.get_or_none(User.username == username) if username else None
    return user.name if user else username


def head(
    volume: Volume, book: RuleBook, items: Sequence[VolumeItem], electronic: dict[int, CrossRef]
) -> Content:
    """What the whole volume is, as cover, catalog and labels say it."""
    unit = people.company(volume.unit_id) or ArchiveUnit(name="", fonds_code="", fonds_name="")
    folders = _in_order(items)
    level, retention = book.levels.get(volume.secrecy), book.retentions.get(volume.retention)
    first, last = _span([item.document.dated for item in items])
    codes = [electronic[row.id].code for row in folders if row.id in electronic]
    return {
        "id": volume.id,
        "fonds_name": unit.fonds_name,
        "fonds_code": unit.fonds_code,
        "unit": unit.name,
        "category_code": volume.category,
        "category_name": book.categories[volume.category].name,
        "year": str(volume.year),
        "number": volume.number or "",
        "serial": f"{volume.serial:04d}" if volume.serial else "",
        "title": volume.title,
        "secrecy": level.name if level and level.rank else "",
        "secrecy_rank": level.rank if level else 0,
        "retention": retention.label if retention else "",
        "dated_from": first,
        "dated_to": last,
        "items": volume.items,
        "pages": volume.pages,
        "sheets": volume.sheets,
        "filing_reference": "",
        "department": _department(folders),
        "cross_reference": _codes(codes),
        "payload": barcode.payload(barcode.BarcodeType.VOLUME, volume.id),
        "thickness_mm": volume.thickness_mm,
        "box_mm": volume.box_mm,
        "box": "",
        "manager": volume.manager.name if volume.manager else "",
        "folders_from": folders[0].file_number if folders else "",
        "folders_to": folders[-1].file_number if folders else "",
    }


def _in_order(items: Iterable[VolumeItem]) -> list[Folder]:
    folders = {item.folder_id: item.folder for item in items}.values()
    return sorted(folders, key=lambda row: (row.year, row.serial))


def _span(dates: Iterable[date | None]) -> tuple[str, str]:
    """First and last month of the contents: 2025年01月."""
    known = sorted(each for each in dates if each)
    return (f"{known[0]:%Y}年{known[0]:%m}月", f"{known[-1]:%Y}年{known[-1]:%m}月") if known else ("", "")


def _department(folders: Sequence[Folder]) -> str:
    """The department that made it, when all folders come from one."""
    ids = {row.department_id for row in folders}
    if len(ids) != 1 or None in ids:
        return ""
    return str(Department.get_by_id(ids.pop()).name)


def _codes(codes: Sequence[str]) -> str:
    """互见号 on the cover: the electronic codes of the folders, first and last."""
    if not codes:
        return ""
    return codes[0] if len(codes) == 1 else f"{codes[0]} 至 {codes[-1]}"


def lines(items: Sequence[VolumeItem], electronic: dict[int, CrossRef]) -> list[Content]:
    """The catalog, one line a document (卷内文件目录)."""
    last = max((n for n, item in enumerate(items) if item.first_page is not None), default=-1)
    return [
        {
            "id": item.document_id,
            "serial": str(n + 1),
            "reference": item.document.reference,
            "author": item.document.author,
            "title": item.document.title,
            "dated": dated_words(item.document.dated, item.document.dated_known),
            "start_page": _start_page(item, ends=n == last),
            "page_count": item.pages,
            "remark": remark_of(item.document, electronic.get(item.document_id)),
            "note": item.document.note,
            "code": short_code(item.document, electronic.get(item.document_id)),
            "file_number": item.folder.file_number,
        }
        for n, item in enumerate(items)
    ]


def _start_page(item: VolumeItem, *, ends: bool) -> str:
    """页号: the first page; of the last line first and last (GB/T 9705)."""
    if item.first_page is None:
        return ""
    return thickness.page_words(item.first_page, item.pages, "-") if ends else str(item.first_page)


def remark_of(document: Document, electronic: CrossRef | None) -> str:
    """备注, 14 mm wide: the short electronic code, its address (DUAL-03), and what was noted.

    The remark sheet has codes and addresses in full.
    """
    words = []
    if electronic:
        words.append(f"{short_code(document, electronic)} {electronic.address.removeprefix(STORE)}")
    if document.note:
        words.append(document.note)
    return "；".join(words)


def short_code(document: Document, electronic: CrossRef | None) -> str:
    """The electronic code without what all of a category and year share: 电0001-01 for DZ-HT-2025-0001-01."""
    if electronic is None:
        return ""
    folder = document.folder
    return "电" + electronic.code.removeprefix(f"DZ-{folder.category}-{folder.year}-")


def _folders(items: Sequence[VolumeItem]) -> list[Content]:
    found: dict[int, list[VolumeItem]] = {}
    for item in items:
        found.setdefault(item.folder_id, []).append(item)
    return [
        {
            "id": key,
            "file_number": mine[0].folder.file_number,
            "title": mine[0].folder.title,
            "items": len(mine),
            "pages": _page_span(mine),
        }
        for key, mine in found.items()
    ]


def _page_span(items: Sequence[VolumeItem]) -> str:
    first = next((item.first_page for item in items if item.first_page is not None), None)
    return thickness.page_words(first, sum(item.pages for item in items), "-")


def electronic_codes(items: Sequence[VolumeItem], electronic: dict[int, CrossRef]) -> list[Content]:
    """Codes and addresses of the electronic twins for the remark sheet, folder by folder (DUAL-03)."""
    return [
        {"id": row.id, "code": found.code, "address": found.address, "pages": found.pages,
         "file_number": row.file_number, "digest8": found.digest8}
        for row in _in_order(items)
        if (found := electronic.get(row.id))
    ]  # fmt: skip


def _box(volume: Content) -> Content:
    """The label of a box that holds this volume alone; the box itself is not known yet."""
    same = ("fonds_name", "fonds_code", "unit", "category_code", "category_name", "year", "retention",
            "department", "secrecy", "secrecy_rank", "title", "items", "pages", "payload")  # fmt: skip
    return {name: volume[name] for name in same} | {
        "id": volume["id"], "number": "", "volumes_from": volume["serial"], "volumes_to": volume["serial"],
        "width_mm": volume["box_mm"], "place": "",
    }  # fmt: skip


def classified(book: RuleBook, items: Iterable[VolumeItem]) -> list[str]:
    """File numbers of the classified folders in it, for the audit of its prints."""
    return [
        row.file_number
        for row in _in_order(items)
        if row.secrecy in book.levels and book.levels[row.secrecy].classified
    ]
