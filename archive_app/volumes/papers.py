"""Reads documents as arrangement sees them: groups, the year of each, and where they already stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from archive_app.policy import RuleBook
from archive_app.records.models import Document, Folder
from archive_app.volumes import rules, years
from archive_app.volumes.models import Volume, VolumeItem, YearRuling
from archive_app.volumes.rules import Paper
from archive_app.volumes.years import YearOf

GONE = ("quarantine", "destroyed")
"""Custody in which the paper is no longer part of the holdings that are bound."""


class Stand(NamedTuple):
    """Where a document stands: a row of a volume's contents, without its texts."""

    item: int
    document: int
    folder: int
    volume: int
    state: str
    year: int
    position: int
    pages: int


@dataclass(frozen=True)
class Holdings:
    """The documents that a category and year is made of, and those of its folders that belong elsewhere.

    ``groups`` by folder id; ``years`` and ``stands`` by document id.
    """

    folders: dict[int, Folder]
    documents: dict[int, Document]
    groups: dict[int, list[list[Paper]]]
    years: dict[int, YearOf]
    stands: dict[int, Stand]

    def of_year(self, year: int) -> Iterable[list[Paper]]:
        """The groups that are bound in this year, by file number."""
        for folder in self.folders.values():
            for group in self.groups.get(folder.id, ()):
                if self.years[group[0].id].year == year:
                    yield group


def holdings(
    book: RuleBook, condition: Any, category: str, year: int, manager_id: int | None = None
) -> Holdings:
    """The active folders of a category filed in ``year``, or with documents that may belong to it.

    ``condition`` is what the person may know. Destroyed and set-aside folders are left out.
    """
    wanted = (Folder.category == category) & (Folder.state == "active") & condition
    wanted &= Folder.custody.not_in(GONE) & ((Folder.year == year) | Folder.id.in_(_crossing(category, year)))
    if manager_id is not None:
        wanted &= Folder.manager == manager_id
    rows = Folder.select().where(wanted).order_by(Folder.year, Folder.serial)
    folders = {row.id: row for row in rows}
    ids = Folder.select(Folder.id).where(wanted)
    documents = _documents(Document.folder.in_(ids), folders)
    rulings = rulings_of(Document.folder.in_(ids))
    groups = group_by_folder(book, documents.values(), folders)
    found = {
        paper.id: answer
        for of_folder in groups.values()
        for group in of_folder
        for answer in [years.year_of(group, rulings)]
        for paper in group
    }
    stands = {stand.document: stand for stand in standing(VolumeItem.folder.in_(ids))}
    return Holdings(folders, documents, groups, found, stands)


def _crossing(category: str, year: int) -> Any:
    """Folders filed in another year with documents that a rule or a ruling may bring into this one."""
    ruled = Document.id.in_(YearRuling.select(YearRuling.document).where(YearRuling.year == year))
    natured = (Document.nature != "") & (Document.covers_from.is_null() | (Document.covers_from <= year))
    may = ruled | natured | Document.part.in_(("request", "reply"))
    return (
        Document.select(Document.folder)
        .join(Folder)
        .where((Folder.category == category) & (Folder.year != year) & Document.removed_at.is_null() & may)
    )


def _documents(condition: Any, folders: dict[int, Folder]) -> dict[int, Document]:
    rows = (
        Document.select()
        .where(condition & Document.removed_at.is_null())
        .order_by(Document.folder, Document.position, Document.id)
    )
    found = {}
    for row in rows:
        row.folder = folders[row.folder_id]
        found[row.id] = row
    return found


def rulings_of(condition: Any) -> dict[int, int]:
    """The archivist's words on years, by document id; ``condition`` on Document."""
    rows: Any = YearRuling.select(YearRuling.document, YearRuling.year).join(Document).where(condition)
    return dict(rows.tuples())


def group_by_folder(
    book: RuleBook, documents: Iterable[Document], folders: dict[int, Folder]
) -> dict[int, list[list[Paper]]]:
    """The groups of each folder in filing order."""
    apart = frozenset(book.arrangement.apart)
    found: dict[int, list[list[Paper]]] = {}
    for group in rules.groups(paper_of(row, folders[row.folder_id], apart) for row in documents):
        found.setdefault(group[0].folder, []).append(group)
    return found


def paper_of(document: Document, folder: Folder, apart: frozenset[str] = frozenset()) -> Paper:
    """A document as arrangement sees it; one that is only electronic has no paper."""
    pages = paper_pages(document)
    return Paper(
        id=document.id, folder=folder.id, shelf=(folder.category, folder.year, folder.serial),
        position=document.position, part=document.part, group=document.group, dated=document.dated,
        nature=document.nature, covers_from=document.covers_from, covers_to=document.covers_to,
        pages=pages, sheets=paper_sheets(document),
        apart=folder.secrecy if folder.secrecy in apart else "",
    )  # fmt: skip


def paper_pages(document: Document) -> int:
    """Pages with writing on paper; none when there is only an electronic file."""
    return 0 if document.medium == "electronic" else int(document.pages)


def paper_sheets(document: Document) -> int:
    """Leaves of paper: as counted, else as many as pages."""
    if document.medium == "electronic":
        return 0
    return int(document.pages if document.sheets is None else document.sheets)


def standing(condition: Any) -> list[Stand]:
    """Where documents stand now, volume by volume in order."""
    rows: Any = (
        VolumeItem.select(
            VolumeItem.id, VolumeItem.document, VolumeItem.folder, VolumeItem.volume,
            Volume.state, Volume.year, VolumeItem.position, VolumeItem.pages,
        )
        .join(Volume)
        .where(condition & VolumeItem.released_at.is_null())
        .order_by(VolumeItem.volume, VolumeItem.position, VolumeItem.id)
    )  # fmt: skip
    return [Stand(*row) for row in rows.tuples()]


def items_of(*volumes: int) -> list[VolumeItem]:
    """What stands in these volumes, in order, each with document and folder; one query."""
    rows = (
        VolumeItem.select(VolumeItem, Document, Folder)
        .join(Document)
        .switch(VolumeItem)
        .join(Folder)
        .where(VolumeItem.volume.in_(volumes) & VolumeItem.released_at.is_null())
        .order_by(VolumeItem.volume, VolumeItem.position, VolumeItem.id)
    )
    return [_linked(row) for row in rows]


def _linked(item: VolumeItem) -> VolumeItem:
    item.document.folder = item.folder
    return item


def papers_of(items: Iterable[VolumeItem], book: RuleBook) -> list[Paper]:
    """The documents of a volume as arrangement sees them, in the order in which they stand."""
    apart = frozenset(book.arrangement.apart)
    return [paper_of(item.document, item.folder, apart) for item in items]
