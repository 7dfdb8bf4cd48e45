"""The electronic catalog (电子文件归档目录) as a printed sheet: of one folder, or of a category and year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import peewee as pw

from archive_app.core.errors import NotFound
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.policy import RuleBook
from archive_app.printing import volume_pages
from archive_app.prints import register, service
from archive_app.prints.models import Print
from archive_app.prints.register import Part, Sheet, Stamp
from archive_app.records import queries as records
from archive_app.records.models import Document, Folder
from archive_app.records.rules import dated_words
from archive_app.scans import rules
from archive_app.scans.cross_reference import address_of, remarks
from archive_app.scans.models import ElectronicFile

FORM = "electronic_catalog"
CHUNK = 25
"""Pages drawn by one job, so that the memory of a catalog of thousands stays flat."""
AT_ONCE = 400
"""Up to so many lines a catalog is drawn while one waits; a longer one is drawn in the background."""


# What stands behind a key: "12" is a folder; "HT/2026/2" a category and year up to the rank of secrecy 2


def year_key(actor: Actor, category: str, year: int, at: datetime) -> str:
    """The key of the catalog of a category and year, up to the highest level that the actor may know whole.

    Raises NotFound: the actor may not know even the lowest level whole.
    """
    rank = _highest(actor, at)
    if rank is None:
        raise NotFound(_("没有可打印的内容，或不在可查范围内。"))
    return f"{category}/{year}/{rank}"


def _highest(actor: Actor, at: datetime) -> int | None:
    book = rulebook.current(at, actor.unit_id).book
    known = book.scope(records.person_of(actor), "know").everywhere
    highest = None
    for level in sorted(book.levels.values(), key=lambda level: level.rank):
        if level.code not in known:
            break
        highest = level.rank
    return highest


def _visible(key: str, actor: Actor, at: datetime) -> bool:
    category, _year, rank = _parts(key)
    if category:
        highest = _highest(actor, at)
        return highest is not None and highest >= rank
    return Folder.select().where((Folder.id == rank) & records.visible(actor, at)).exists()


def _parts(key: str) -> tuple[str, int, int]:
    """Category, year and rank; or ("", 0, id of a folder). Raises NotFound: no key of this sheet."""
    try:
        if "/" not in key:
            return "", 0, int(key)
        category, year, rank = key.rsplit("/", 2)
        return category, int(year), int(rank)
    except ValueError:
        raise NotFound(_("没有这份目录。")) from None


# The content: only what is true of the files and of the paper


def content(key: str, _args: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The catalog as it is now, with file number and place of the paper in 备注 (DUAL-04).

    Raises NotFound: there is no electronic file.
    """
    category, year, rank = _parts(key)
    book = rulebook.current(at).book
    files = _files(_of_year(book, category, year, rank) if category else Folder.id == rank)
    if not files:
        raise NotFound(_("还没有电子文件，没有可打印的目录。"))
    notes = remarks(files)
    lines = [_line(place, file, notes[file.id]) for place, file in enumerate(files, start=1)]
    classified = dict.fromkeys(f.folder.file_number for f in files if _is_classified(book, f.folder))
    return {"head": _head(book, files, category), "lines": lines, "classified": list(classified)}


def _of_year(book: RuleBook, category: str, year: int, rank: int) -> Any:
    levels = [level.code for level in book.levels.values() if level.rank <= rank]
    return (Folder.category == category) & (Folder.year == year) & Folder.secrecy.in_(levels)


def _files(condition: Any) -> list[ElectronicFile]:
    """The files of the folders that are meant, in the order of the file numbers."""
    return list(
        ElectronicFile.select(ElectronicFile, Folder, Document)
        .join(Folder)
        .switch(ElectronicFile)
        .join(Document, pw.JOIN.LEFT_OUTER)
        .where(condition & (Folder.state == "active") & ElectronicFile.removed_at.is_null())
        .order_by(Folder.category, Folder.year, Folder.serial, ElectronicFile.serial)
    )


def _is_classified(book: RuleBook, folder: Folder) -> bool:
    level = book.levels.get(folder.secrecy)
    return level is not None and level.classified


def _head(book: RuleBook, files: list[ElectronicFile], category: str) -> dict[str, str]:
    first = files[0].folder
    unit = people.company(first.unit_id)
    known = book.categories.get(first.category)
    retention = book.retentions.get(first.retention)
    pages = sum(file.page_count for file in files)
    return {
        "fonds_name": unit.fonds_name if unit else book.meta.fonds_name,
        "fonds_code": unit.fonds_code if unit else book.meta.fonds_code,
        "unit": unit.name if unit else book.meta.archive_unit,
        "category_code": first.category,
        "category_name": known.name if known else "",
        "year": str(first.year),
        "retention": "" if category or not retention else retention.name,
        "department": "" if category or not first.department else first.department.name,
        "total": _("共 %(n)s 件 %(p)s 页", n=len(files), p=pages),
    }


def _line(place: int, file: ElectronicFile, remark: str) -> dict[str, str]:
    document = file.document if file.document_id else None
    return {
        "id": str(file.id),
        "serial": str(place),
        "code": file.code,
        "title": document.title if document else file.folder.title,
        "dated": dated_words(document.dated, document.dated_known) if document else "",
        "format": rules.format_name(file.mime),
        "size": _("%(n)s 页 %(size)s", n=file.page_count, size=rules.size_words(file.size).replace(" ", "")),
        "digest16": file.sha256[:16],
        "address": address_of([file]),
        "remark": remark,
    }


def _draw(values: dict[str, Any], stamp: Stamp) -> Iterator[Part]:
    head = values["head"] | {"compiled_at": stamp.printed_at[:10]}
    lines = iter(values["lines"])
    rows = [len(page["page"].rows) for page in volume_pages.on_pages(FORM, values["lines"])]
    for before in range(0, len(rows), CHUNK):
        stretch = list(islice(lines, sum(rows[before : before + CHUNK])))
        pages = {"before": before, "of": len(rows)}
        data = {"head": head, "lines": stretch, "stamp": stamp.as_dict()} | pages
        yield Part("form", {"form": FORM, "data": data})


def _link(key: str) -> tuple[str, dict[str, Any]]:
    category, year, number = _parts(key)
    if category:
        return "scans.dual", {"category": category, "year": year}
    return "scans.folder_scans", {"folder_id": number}


register.register(
    Sheet(
        form=FORM,
        name=L("电子文件归档目录"),
        permission="dual.view",
        content=content,
        draw=_draw,
        visible=_visible,
        classified=lambda values: list(values["classified"]),
        names={
            "head": L("表头"), "lines": L("目录"), "code": L("编码"), "title": L("题名"), "dated": L("日期"),
            "size": L("大小"), "digest16": L("校验"), "address": L("存址"), "remark": L("备注"),
            "total": L("合计"), "serial": None, "classified": None,
        },
        link=_link,
    )
)  # fmt: skip


def print_folder(folder_id: int, *, actor: Actor, at: datetime) -> Print:
    """Print the electronic catalog of one folder. Raises NotFound; Refused: permission."""
    actor.must("dual.view")
    folder = records.folder_for(actor, folder_id, at)
    return _issue(str(folder.id), folder.file_number, _files(Folder.id == folder.id), actor, at)


def print_year(category: str, year: int, *, actor: Actor, at: datetime) -> Print:
    """Print the electronic catalog of a category and year. Raises NotFound; Refused: permission."""
    actor.must("dual.view")
    key = year_key(actor, category, year, at)
    count = ElectronicFile.select().join(Folder).where(
        _of_year(rulebook.current(at).book, category, year, _parts(key)[2])
        & (Folder.state == "active") & ElectronicFile.removed_at.is_null()
    ).count()  # fmt: skip
    return _issue(key, _("%(category)s %(year)s 年度", category=category, year=year), range(count), actor, at)


def _issue(key: str, what: str, lines: Any, actor: Actor, at: datetime) -> Print:
    """Short ones are drawn at once, long ones in the background."""
    title = _("电子文件归档目录 %(what)s", what=what)
    kind = "electronic_year" if "/" in key else "folder"
    if len(lines) > AT_ONCE:
        return service.issue(FORM, kind, key, title=title, actor=actor, at=at)
    row, _pdf = service.print_now(FORM, kind, key, title=title, actor=actor, at=at)
    return row
