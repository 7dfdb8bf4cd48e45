"""The electronic volume: its scanned pages in binding order, each with page number and 归档章 (DUAL-01)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from archive_app.core.errors import NotFound, Refused
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.printing import rendition
from archive_app.prints.register import Content, Part, Sheet, Stamp, register
from archive_app.records.models import Department
from archive_app.scans.cross_reference import NOT_WRITTEN
from archive_app.scans.models import ElectronicFile, ScanPage
from archive_app.scans.queries import require_copy
from archive_app.scans.reading import require_download
from archive_app.volumes.models import Volume, VolumeItem
from archive_app.volumes.names import NAMES
from archive_app.volumes.papers import items_of
from archive_app.volumes.sight import volume_for

FORM = "rendition"
Page = dict[str, Any]


def content(key: str, _args: Content, _at: datetime) -> Content:
    """The stamped pages of a volume as plain values: each document with its seal and its scanned pages.

    Pages scanned onto a whole folder go to its documents without a scan of their own, as they were filed.
    Blank pages are shown without a number, as on paper. Raises NotFound: no volume, or nothing was scanned.
    """
    volume = Volume.get_or_none(Volume.id == int(key)) if key.isdigit() else None
    items = items_of(volume.id) if volume else []
    scanned = _by_document(items)
    if volume is None or not any(scanned.values()):
        raise NotFound(_("这一卷还没有扫描件，没有可盖章的页。"))
    book = rulebook.by_id(volume.rule_book).book
    return {
        "title": volume.title,
        "number": volume.number or "",
        "corner": book.categories[volume.category].page_corner,
        "documents": [
            {"id": item.document_id, "title": item.document.title, "seal": _seal(volume, item, n),
             "pages": list(_numbered(item, scanned[item.document_id]))}
            for n, item in enumerate(items, start=1)
        ],
        "classified": sorted(
            {item.folder.file_number for item in items if book.levels[item.folder.secrecy].classified}
        ),
    }  # fmt: skip


def _by_document(items: Iterable[VolumeItem]) -> dict[int, list[Page]]:
    """The scanned pages of each document; loose pages of a folder fill its documents that have none."""
    items = list(items)
    rows = (
        ScanPage.select(ScanPage, ElectronicFile)
        .join(ElectronicFile)
        .where(
            ElectronicFile.folder.in_({item.folder_id for item in items})
            & ElectronicFile.removed_at.is_null()
        )
        .order_by(ElectronicFile.folder, ElectronicFile.serial, ScanPage.number)
    )
    own: dict[int, list[Page]] = {item.document_id: [] for item in items}
    loose: dict[int, list[Page]] = {}
    for row in rows:
        if row.file.document_id is None:
            loose.setdefault(row.file.folder_id, []).append(_page(row))
        elif row.file.document_id in own:
            own[row.file.document_id].append(_page(row))
    for item in sorted(items, key=lambda each: (each.folder_id, each.document.position)):
        rest = loose.get(item.folder_id)
        if rest and not own[item.document_id]:
            own[item.document_id] = _take(rest, item.pages)
    return own


def _take(rest: list[Page], count: int) -> list[Page]:
    """The next pages up to ``count`` with writing; blank backs between them come along."""
    taken: list[Page] = []
    while rest and sum(page["written"] for page in taken) < count:
        taken.append(rest.pop(0))
    return taken


def _page(row: ScanPage) -> Page:
    return {
        "file": row.file.sha256, "index": row.number - 1, "mime": row.file.mime, "dpi": row.dpi,
        "bytes": row.file.size, "written": row.state not in NOT_WRITTEN,
    }  # fmt: skip


def _numbered(item: VolumeItem, pages: list[Page]) -> Iterator[Page]:
    """Each page with its number in the volume; what goes beyond the counted pages has none."""
    backs = rendition.backs(item.pages, item.document.sheets or item.pages)
    written = 0
    for page in pages:
        number, back = None, False
        if page["written"] and item.first_page is not None and written < item.pages:
            number, back = item.first_page + written, backs[written]
        written += page["written"]
        yield {name: page[name] for name in page if name != "written"} | {"number": number, "back": back}


def _seal(volume: Volume, item: VolumeItem, place: int) -> dict[str, str]:
    """归档章 (DA/T 22): fonds, year, item number; department, retention, pages."""
    unit = people.company(volume.unit_id)
    department = Department.get_or_none(Department.id == item.folder.department_id)
    retention = rulebook.by_id(volume.rule_book).book.retentions.get(item.folder.retention)
    return {
        "fonds": unit.fonds_code if unit else "",
        "year": str(volume.year),
        "item": f"{place:04d}",
        "department": department.name if department else "",
        "retention": retention.label if retention else "",
        "pages": str(item.pages),
    }


def _draw(content: Content, stamp: Stamp) -> Iterable[Part]:
    values = {"title": content["title"], "corner": content["corner"], "documents": content["documents"]}
    values["mark"] = {"qr": stamp.qr, "words": f"第 {stamp.number} 次打印\n{stamp.hash12}"}
    return [Part("pages", part, 300.0) for part in rendition.parts(values)]


def _seen(key: str, actor: Actor, at: datetime) -> bool:
    """Only who may take copies of every folder in it: a rendition carries no watermark (ELE-12)."""
    try:
        volume = volume_for(actor, int(key), at)
        for folder in {item.folder_id: item.folder for item in items_of(volume.id)}.values():
            require_copy(actor, folder, at)
    except (NotFound, Refused, ValueError):
        return False
    return True


def _taken(key: str, _actor: Actor, at: datetime) -> None:
    """Raises Refused: scan.no_download — one of its folders is read on the screen only."""
    for folder in {item.folder_id: item.folder for item in items_of(int(key))}.values():
        require_download(folder, at)


def _link(key: str) -> tuple[str, dict[str, Any]]:
    return "volumes.volume_page", {"volume_id": int(key)}


register(
    Sheet(FORM, L("电子卷（盖归档章）"), "scan.view", content, _draw, _seen,
          lambda content: list(content["classified"]), NAMES, link=_link, taken=_taken)
)  # fmt: skip
