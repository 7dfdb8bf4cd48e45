"""The notes by which each set points to the other: code and address here, file number and place there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

import peewee as pw

from archive_app.core.i18n import _
from archive_app.core.storage import storage
from archive_app.records.models import Document, Folder
from archive_app.scans import rules
from archive_app.scans.models import ElectronicFile, ScanPage

# Higher rooms (volumes) say here where a document is bound: each gets ids of documents and gives, for
# those it knows, the volume's number and the pages in it, e.g. "Z01-HT·2025-0003 第 3–5 页".
paper_notes: list[Callable[[list[int]], dict[int, str]]] = []
NAMED = 3  # so many bound places are named for a file that belongs to the whole folder
NOT_WRITTEN = ("blank", "withdrawn")


@dataclass(frozen=True)
class CrossRef:
    """The electronic twin as the paper side notes it (DUAL-03).

    ``pages`` with writing (pages of the original while it is not drawn yet), ``digest8`` the first eight
    hex digits of the first original's SHA-256.
    """

    code: str
    address: str
    pages: int
    digest8: str
    files: int = 1

    @property
    def text(self) -> str:
        """The note for 备注 of a catalog."""
        return _("电子 %(code)s，%(address)s", code=self.code, address=self.address)


def cross_references(
    folder_ids: Collection[int] = (), *, document_ids: Collection[int] = ()
) -> dict[int, CrossRef]:
    """The electronic twins of folders, or of documents, by id; those without one are left out.

    A document without a file of its own has its twin in the files scanned onto its whole folder. Two or
    three queries, however many ids.
    """
    if document_ids:
        return _of_documents(document_ids)
    files = _files(ElectronicFile.folder.in_(list(folder_ids))) if folder_ids else []
    return _named(_grouped((file.folder_id, file) for file in files), whole=True)


def _of_documents(ids: Collection[int]) -> dict[int, CrossRef]:
    rows: Any = Document.select(Document.id, Document.folder).where(Document.id.in_(list(ids)))
    folder_of = dict(rows.tuples())
    files = _files(ElectronicFile.folder.in_(sorted(set(folder_of.values()))))
    own = _grouped((file.document_id, file) for file in files if file.document_id in folder_of)
    loose = _grouped((file.folder_id, file) for file in files if file.document_id is None)
    whole = _named(loose, whole=True)
    found = {key: whole[folder] for key, folder in folder_of.items() if folder in whole}
    return found | _named(own, whole=False)


def _files(condition: Any) -> list[Any]:
    """Files with their folder's number and ``written``: their pages with writing, None before drawing."""
    written = (
        ScanPage.select(ScanPage.file.alias("file"), pw.fn.COUNT(ScanPage.id).alias("written"))
        .where(ScanPage.state.not_in(NOT_WRITTEN) & ScanPage.file.in_(_ids(condition)))
        .group_by(ScanPage.file)
        .alias("sums")
    )
    own = (ElectronicFile.id, ElectronicFile.folder, ElectronicFile.document, ElectronicFile.code,
           ElectronicFile.sha256, ElectronicFile.state, ElectronicFile.page_count)  # fmt: skip
    return list(
        ElectronicFile.select(*own, Folder.file_number.alias("number"), written.c.written.alias("written"))
        .join(Folder)
        .switch(ElectronicFile)
        .join(written, pw.JOIN.LEFT_OUTER, on=(written.c.file == ElectronicFile.id))
        .where(condition & ElectronicFile.removed_at.is_null())
        .order_by(ElectronicFile.folder, ElectronicFile.serial)
        .objects()
    )


def _ids(condition: Any) -> Any:
    return ElectronicFile.select(ElectronicFile.id).where(condition & ElectronicFile.removed_at.is_null())


def _grouped(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = {}
    for key, file in pairs:
        groups.setdefault(key, []).append(file)
    return groups


def _named(groups: dict[int, list[Any]], *, whole: bool) -> dict[int, CrossRef]:
    return {key: _reference(files, whole) for key, files in groups.items()}


def _reference(files: list[Any], whole: bool) -> CrossRef:
    first = files[0]
    code = rules.folder_code(first.number) if whole else rules.codes([file.code for file in files])
    pages = sum(file.page_count if file.state in rules.DRAWING else file.written or 0 for file in files)
    return CrossRef(code, address_of(files), pages, first.sha256[:8], len(files))


def address_of(files: list[Any]) -> str:
    """Where the originals lie in the electronic store, short enough to print, long enough to find."""
    if not files:
        return ""
    first = _("电子库 %(path)s", path=storage().address(files[0].sha256)[:14])
    return first if len(files) == 1 else _("%(first)s 等 %(n)s 个文件", first=first, n=len(files))


def remarks(files: Collection[ElectronicFile]) -> dict[int, str]:
    """备注 of the electronic catalog by file id: file number, place, volume and pages (DUAL-04).

    Always what is true now: nothing of it is stored with the file.
    """
    folders: Any = Folder.select(Folder.id, Folder.file_number, Folder.place).where(
        Folder.id.in_({file.folder_id for file in files})
    )
    paper = {key: (number, place) for key, number, place in folders.tuples()}
    bound = _bound(files)
    return {
        file.id: rules.paper_note(*paper[file.folder_id], bound.get(file.id, ()))
        for file in files
        if file.folder_id in paper
    }


def _bound(files: Collection[ElectronicFile]) -> dict[int, tuple[str, ...]]:
    """Where the paper of each file is bound; a file of the whole folder has those of all documents."""
    if not paper_notes:
        return {}
    rows: Any = (
        Document.select(Document.folder, Document.id)
        .where(Document.folder.in_({file.folder_id for file in files}) & Document.removed_at.is_null())
        .order_by(Document.folder, Document.position)
    )
    of_folder = _grouped(rows.tuples())
    wanted = sorted({document for documents in of_folder.values() for document in documents})
    notes: dict[int, str] = {}
    for tell in paper_notes:
        notes |= tell(wanted)
    found = {}
    for file in files:
        documents = [file.document_id] if file.document_id else of_folder.get(file.folder_id, [])
        told = dict.fromkeys(notes[document] for document in documents if document in notes)
        found[file.id] = tuple(told)[:NAMED]
    return found
