"""What the demo room holds: folders, documents, scans, edits, a void number and a reserved block."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from archive_app.core import clock
from archive_app.demo import shelving
from archive_app.demo.room import Room
from archive_app.records import numbers, queries, service
from archive_app.records.models import Document, Folder
from archive_app.scans import service as scans

if TYPE_CHECKING:
    from archive_app.demo.pages import DemoPage

PERIOD = timedelta(days=600)
RESERVED_BEFORE = 9
# Mostly clean: a crooked page takes 2 s to draw.
WEAR = ("stamp", *("clean",) * 2, "skew", "stamp", *("clean",) * 3, "copy", *("clean",) * 3)
CABINETS = {"HT": "A0", "YW": "A1", "KH": "B0", "QT": "B1"}
Line = dict[str, Any]


def plan(here: Room) -> None:
    """Write registrations, scans, edits, the block and the void number into the diary."""
    rows, end = here.words["folders"]["rows"], here.diary.now - timedelta(days=2)
    first = here.diary.now - PERIOD
    plain = [row for row in rows if not row.get("reserved")]
    for index, row in enumerate(plain):
        moment = first + (end - first) * index / len(plain) + timedelta(minutes=here.dice.randrange(300))
        here.diary.note(here.diary.in_hours(moment), partial(_register, here, row))
    _plan_last_year(here, first)
    block = here.diary.day(RESERVED_BEFORE, 16, 10)
    here.diary.note(block, partial(_reserve, here, [row for row in rows if row.get("reserved")]))
    for edit in here.words["edits"]:
        moment = here.diary.in_hours(here.diary.now - timedelta(days=edit["days"]))
        here.diary.note(moment, partial(_edit, here, edit))


def _plan_last_year(here: Room, first: datetime) -> None:
    """Spread last year's business over the months from the start of the story to that December."""
    rows, year = here.words["last_year"]["rows"], clock.local(here.diary.now).year - 1
    starts = max(first, clock.local(first).replace(year=year, month=1, day=5))
    ends = clock.local(first).replace(year=year, month=12, day=24)
    for index, row in enumerate(rows):
        moment = starts + (ends - starts) * index / len(rows) + timedelta(minutes=index * 7 % 240)
        here.diary.note(here.diary.in_hours(moment), partial(_register, here, row))


def _register(here: Room, row: Line, at: datetime) -> None:
    kind, actor = here.words["kinds"][row["kind"]], here.archivist(at)
    year = clock.local(at).year
    folder = service.register_folder(
        kind["category"], year, actor=actor, at=at, **_details(here, row, kind, at)
    )
    _fill(here, row, folder, at)
    if "void" in row:
        here.diary.note(
            here.diary.in_hours(at + timedelta(minutes=40)),
            lambda later: service.void_number(folder.id, row["void"], actor=here.archivist(later), at=later),
        )
        here.folders.remove(folder)


def _details(here: Room, row: Line, kind: Line, at: datetime) -> Line:
    """Everything that is registered of a folder, its documents' dates included."""
    dates = [clock.local_date(at) - timedelta(days=each["days"]) for each in kind["documents"]]
    manager = here.people[row["by"]] if "by" in row else None
    return {
        "title": row["title"].format(**_words(here, row, at)),
        "secrecy": row.get("secrecy", ""),
        "retention": row.get("retention", ""),
        "party": here.words["parties"].get(row.get("party"), ""),
        "department_id": here.departments[kind["department"]].id,
        "manager_id": manager.id if manager else None,
        "dated_from": min(dates),
        "dated_to": max(dates),
    }


def _words(here: Room, row: Line, at: datetime) -> Line:
    """What may be filled into titles and references."""
    number, short = len(here.folders), row.get("party", "")
    party = here.words["parties"].get(short, "")
    year = clock.local(at).year
    numbers = {"n": number * 3 + 5, "m": number * 3 + 7}
    return numbers | {"y": year, "last": year - 1, "next": year + 1, "party": party, "short": short}


def _place(category: str, number: int) -> str:
    cabinet, box = number // 24 + 1, number // 3 + 1
    return f"一号库房 {CABINETS[category]}{cabinet} 柜 {number // 6 % 4 + 1} 格 盒 {box:02d}"


def _fill(here: Room, row: Line, folder: Folder, at: datetime) -> None:
    """Put the documents in, and have what can be scanned scanned on the next working day."""
    documents = [
        (_document(here, row, line, folder, at), line)
        for line in here.words["kinds"][row["kind"]]["documents"]
    ]
    way = row.get("place") or _place(folder.category, len(here.folders))
    shelving.stand(here, folder, way, at)
    here.folders.append(folder)
    if "key" in row:
        here.keyed[row["key"]] = folder
    if any("scan" in line for _document_, line in documents):
        moment = here.diary.in_hours(at + timedelta(hours=26))
        here.diary.note(moment, partial(_scan, here, row, folder, documents))


def _document(here: Room, row: Line, line: Line, folder: Folder, at: datetime) -> Document:
    words = _words(here, row, at) | {"title": folder.title}
    texts = {name: line.get(name, "").format(**words) for name in ("reference", "author", "title")}
    known = ("part", "group", "medium", "text_form", "sheets", "nature")
    rest = {name: line[name] for name in known if name in line}
    if "covers" in line:
        rest |= {
            f"covers_{end}": words["y"] + years
            for end, years in zip(("from", "to"), line["covers"], strict=True)
        }
    dated = clock.local_date(at) - timedelta(days=line["days"])
    return service.add_document(
        folder.id, dated=dated, pages=line["pages"], actor=here.archivist(at), at=at, **texts, **rest
    )


def _scan(
    here: Room, row: Line, folder: Folder, documents: list[tuple[Document, Line]], at: datetime
) -> None:
    """Scan the documents that pages can be drawn for; the last ``unscanned`` pages are left out."""
    left = sum(document.pages for document, _line in documents) - row.get("unscanned", 0)
    with TemporaryDirectory() as scratch:
        for document, line in documents:
            count = min(document.pages, max(left, 0))
            left -= document.pages
            if sheets := list(_sheets(here, row, line, document, count)):
                path, actor = _save(sheets, Path(scratch)), here.archivist(at)
                scans.add_scan(folder.id, document.id, path, path.name, actor=actor, at=at)


def _sheets(here: Room, row: Line, line: Line, document: Document, count: int) -> Iterator[DemoPage]:
    from archive_app.demo import pages

    for number in range(count):
        if line["scan"] == "policy":
            page = pages.policy_page(row["policy"])
        else:
            folder, ours, signed = document.folder, here.words["company"]["name"], str(document.dated)
            title = "产品购销合同" if line["scan"] == "contract" and not number else "供货清单"
            reference = document.reference or f"{folder.file_number} 附件"
            pick = len(here.folders) + number
            page = pages.contract_page(reference, folder.party, ours, signed, title=title, pick=pick)
        yield pages.worn(page, WEAR[here.scanned % len(WEAR)], here.scanned)
        here.scanned += 1


def _save(sheets: list[DemoPage], folder: Path) -> Path:
    """One page as a picture, several as a PDF, as a scanner does."""
    from archive_app.demo import pages

    if len(sheets) == 1:
        return pages.save(sheets[0], folder)
    path = folder / f"{sheets[0].name}.pdf"
    first, *rest = (sheet.image if sheet.image.mode != "1" else sheet.image.convert("L") for sheet in sheets)
    first.save(path, resolution=sheets[0].dpi, save_all=True, append_images=rest)
    return path


def _reserve(here: Room, rows: list[Line], at: datetime) -> None:
    """Reserve a block; some of its numbers are filled on the following days."""
    words, actor = here.words["reserve"], here.archivist(at)
    year = clock.local(at).year
    category, count, purpose = words["category"], words["count"], words["purpose"]
    block = numbers.reserve_block(category, year, count, purpose, actor=actor, at=at)
    service.note_print(queries.block_folders(block.id), "label", actor=actor, at=at, stock="reserved")
    for index, (row, folder) in enumerate(zip(rows, queries.block_folders(block.id), strict=False)):
        moment = here.diary.in_hours(here.diary.day(RESERVED_BEFORE - 2 - 2 * index, 10, 20))
        here.diary.note(moment, partial(_fill_reserved, here, row, folder.id))


def _fill_reserved(here: Room, row: Line, folder_id: int, at: datetime) -> None:
    details = _details(here, row, here.words["kinds"][row["kind"]], at)
    folder = service.fill_reserved(folder_id, actor=here.archivist(at), at=at, **_columns(details))
    _fill(here, row, folder, at)


def _columns(details: Line) -> Line:
    """`fill_reserved` names department and manager as columns do."""
    return {name.removesuffix("_id"): value for name, value in details.items()}


def _edit(here: Room, edit: Line, at: datetime) -> None:
    folder = service.get_folder(here.keyed[edit["folder"]].id)
    year = clock.local(folder.registered_at).year
    changes = {name: text.format(y=year) for name, text in edit["changes"].items()}
    if way := edit.get("moved"):
        shelving.stand(here, folder, way, at)
        folder = service.get_folder(folder.id)
    service.edit_folder(folder.id, changes, edit["reason"], folder.revision, actor=here.archivist(at), at=at)
