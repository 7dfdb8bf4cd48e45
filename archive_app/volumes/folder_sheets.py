"""Catalog and remark sheet of one folder, in the order in which its documents will be bound (ARR-22)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from archive_app.core.errors import NotFound
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.policy import RuleBook
from archive_app.prints.register import Content, Part, Sheet, Stamp, register
from archive_app.records import queries as records
from archive_app.records.models import Folder
from archive_app.records.sheets import payload_of
from archive_app.scans.cross_reference import cross_references
from archive_app.volumes import content, layout, rules, thickness
from archive_app.volumes.models import Volume, VolumeItem
from archive_app.volumes.names import NAMES
from archive_app.volumes.papers import paper_of, paper_pages, paper_sheets
from archive_app.volumes.remarks import facts

FORMS = {"folder_catalog": "volume_catalog", "folder_remark": "remark_sheet"}
"""The sheets of a folder and the form each is printed on."""
PARTS = {"folder_catalog": ("volume", "lines", "preset"), "folder_remark": ("volume", "remark")}


def content_of(key: str, at: datetime) -> Content:
    """What the sheets of a folder say; a folder reads like a volume of its own. Raises NotFound."""
    folder = Folder.get_or_none(Folder.id == int(key)) if key.isdigit() else None
    if folder is None or folder.state != "active":
        raise NotFound(_("没有这份档案，或不在可查范围内。"))
    book = rulebook.current(at, folder.unit_id).book
    items = in_order(folder, book)
    volume = _as_volume(folder, items, book)
    of_folder = cross_references([folder.id])
    by_document = cross_references(document_ids=[item.document_id for item in items])
    whole = content.head(volume, book, items, of_folder)
    return {
        "volume": whole | {"number": folder.file_number, "serial": "", "payload": payload_of(folder)},
        "lines": content.lines(items, by_document),
        "preset": book.categories[folder.category].catalog_form,
        "remark": {
            "facts": facts(volume, book, items), "text": folder.note, "version": 1, "arranged_by": "",
            "checked_by": "", "changes": [], "electronic": content.electronic_codes(items, of_folder),
        },
        "classified": content.classified(book, items),
    }  # fmt: skip


def in_order(folder: Folder, book: RuleBook) -> list[VolumeItem]:
    """The documents of a folder by the category's rule, with reasons and page numbers; nothing is stored."""
    documents = {row.id: row for row in records.documents_of(folder.id)}
    papers = [paper_of(row, folder) for row in documents.values()]
    placed = [each for group in rules.order(papers, book.categories[folder.category].sort) for each in group]
    pages = [paper_pages(documents[each.paper.id]) for each in placed]
    numbers = thickness.number_pages(pages)
    return [
        VolumeItem(
            document=documents[each.paper.id], folder=folder, position=place, first_page=first, pages=count,
            rule=each.rule, reason=each.reason,
        )
        for place, (each, count, first) in enumerate(zip(placed, pages, numbers, strict=True), start=1)
    ]  # fmt: skip


def _as_volume(folder: Folder, items: Iterable[VolumeItem], book: RuleBook) -> Volume:
    lines = [item.document for item in items]
    pages, sheets = [paper_pages(row) for row in lines], [paper_sheets(row) for row in lines]
    values = layout.facts(book, [folder], pages, sheets) | {"title": folder.title}
    return Volume(
        id=folder.id, unit=folder.unit_id, category=folder.category, year=folder.year,
        manager=folder.manager_id, **values,
    )  # fmt: skip


def _chosen(form: str) -> Callable[[str, Content, datetime], Content]:
    def chosen(key: str, _args: Content, at: datetime) -> Content:
        whole = content_of(key, at)
        return {name: whole[name] for name in (*PARTS[form], "classified")}

    return chosen


def _draw(form: str) -> Callable[[Content, Stamp], Iterable[Part]]:
    def draw(found: Content, stamp: Stamp) -> Iterable[Part]:
        data = {name: found[name] for name in PARTS[form]} | {"stamp": stamp.as_dict()}
        return [Part("form", {"form": FORMS[form], "data": data})]

    return draw


def _seen(key: str, actor: Actor, at: datetime) -> bool:
    return Folder.select().where((Folder.id == int(key or 0)) & records.visible(actor, at)).exists()


def _link(key: str) -> tuple[str, dict[str, Any]]:
    return "records.folder_page", {"folder_id": int(key)}


for _form, _name in (
    ("folder_catalog", L("卷内文件目录（单份）")),
    ("folder_remark", L("卷内备考表（单份）")),
):
    register(
        Sheet(_form, _name, "document.edit", _chosen(_form), _draw(_form), _seen,
              lambda found: list(found["classified"]), NAMES, link=_link)
    )  # fmt: skip
