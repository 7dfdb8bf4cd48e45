"""What happened to a bound volume afterwards (变动登记): edits, papers that came or went, repairs, notes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.records.models import Change, ConditionEvent, Document, Folder
from archive_app.records.words import CONDITIONS, FIELDS
from archive_app.scans.models import ElectronicFile
from archive_app.volumes.facts import ChangeLine
from archive_app.volumes.models import Addendum, Binding, Volume, VolumeItem

KINDS = {
    "supplement": L("补充"),
    "moved_out": L("移出"),
    "changed": L("修改"),
    "repaired": L("修复"),
    "destroyed": L("销毁"),
    "appraised": L("鉴定"),
    "noted": L("情况"),
}
UNTOLD = ("place",)
"""Fields whose changes say nothing about the paper in the volume: shelving keeps its own history."""

Found = tuple[datetime, str, str, str, str]
"""When, id, kind, text, account."""


def changes_of(volume: Volume) -> list[ChangeLine]:
    """All changes since the volume was bound, oldest first; the n-th makes remark sheet version n + 1."""
    if volume.bound_at is None or volume.state not in ("bound", "boxed"):
        return []
    folders, documents = _inside(volume)
    since = volume.bound_at
    found = [
        *_edits(folders, documents, since),
        *_added(folders, since),
        *_conditions(folders, documents, since),
        *_files(folders, documents, since),
        *_voided(folders, since),
        *_notes(volume),
    ]
    names = people.names() if found else {}
    return [
        ChangeLine(key, at, kind, text, names.get(who, who), version)
        for version, (at, key, kind, text, who) in enumerate(sorted(found), start=2)
    ]


def _inside(volume: Volume) -> tuple[dict[int, str], set[int]]:
    """Folders (with their numbers) and documents of the volume."""
    rows: Any = (
        VolumeItem.select(VolumeItem.document, VolumeItem.folder, Folder.file_number)
        .join(Folder)
        .where((VolumeItem.volume == volume.id) & VolumeItem.released_at.is_null())
    )
    folders, documents = {}, set()
    for document, folder, number in rows.tuples():
        folders[folder] = number
        documents.add(document)
    return folders, documents


def _edits(folders: dict[int, str], documents: set[int], since: datetime) -> Iterator[Found]:
    """Edits with reason, from the change record of the records room; a removed document is moved out."""
    rows: Any = (
        Change.select(Change, Document)
        .join(Document, pw.JOIN.LEFT_OUTER)
        .where(Change.folder.in_(list(folders)) & (Change.changed_at > since))
    )
    for row in rows:
        elsewhere = row.document_id and row.document_id not in documents and row.document.created_at <= since
        if row.field in UNTOLD or elsewhere:
            continue
        removed = row.document_id and row.field == "title" and not row.new and row.document.removed_at
        kind, words = ("moved_out", _removed) if removed else ("changed", _edited)
        yield row.changed_at, f"c{row.id:09d}", kind, words(folders[row.folder_id], row), row.changed_by


def _removed(number: str, row: Change) -> str:
    return _("%(number)s《%(title)s》移出：%(why)s", number=number, title=row.old, why=row.reason)


def _edited(number: str, row: Change) -> str:
    title = _("《%(title)s》", title=row.document.title) if row.document else ""
    return _(
        "%(number)s%(title)s%(field)s由“%(old)s”改为“%(new)s”：%(why)s", number=number, title=title,
        field=str(FIELDS.get(row.field, row.field)), old=row.old or _("空"), new=row.new or _("空"),
        why=row.reason,
    )  # fmt: skip


def _added(folders: dict[int, str], since: datetime) -> Iterator[Found]:
    rows = Document.select().where(Document.folder.in_(list(folders)) & (Document.created_at > since))
    for row in rows:
        text = _(
            "%(number)s 补充《%(title)s》%(pages)s 页",
            number=folders[row.folder_id],
            title=row.title,
            pages=row.pages,
        )
        yield row.created_at, f"d{row.id:09d}", "supplement", text, row.created_by


def _conditions(folders: dict[int, str], documents: set[int], since: datetime) -> Iterator[Found]:
    rows = ConditionEvent.select().where(
        ConditionEvent.folder.in_(list(folders)) & (ConditionEvent.noted_at > since)
    )
    for row in rows:
        if row.document_id and row.document_id not in documents:
            continue
        kind = "repaired" if row.kind == "repaired" else "noted"
        text = _("%(number)s %(kind)s：%(remark)s", number=folders[row.folder_id],
                 kind=str(CONDITIONS.get(row.kind, row.kind)), remark=row.remark)  # fmt: skip
        yield row.noted_at, f"e{row.id:09d}", kind, text, row.noted_by


def _files(folders: dict[int, str], documents: set[int], since: datetime) -> Iterator[Found]:
    """Electronic files that came or went: the frozen catalog cannot name them, this sheet does (DUAL-03)."""
    came = ElectronicFile.uploaded_at > since
    went = ElectronicFile.removed_at > since
    rows = ElectronicFile.select().where(ElectronicFile.folder.in_(list(folders)) & (came | went))
    for row in rows:
        if row.document_id and row.document_id not in documents:
            continue
        number = folders[row.folder_id]
        if row.uploaded_at > since:
            text = _("%(number)s 补充电子文件 %(code)s", number=number, code=row.code)
            yield row.uploaded_at, f"f{row.id:09d}", "supplement", text, row.uploaded_by
        if row.removed_at is not None:
            text = _(
                "%(number)s 撤下电子文件 %(code)s：%(why)s",
                number=number,
                code=row.code,
                why=row.removed_reason,
            )
            yield row.removed_at, f"g{row.id:09d}", "moved_out", text, ""


def _voided(folders: dict[int, str], since: datetime) -> Iterator[Found]:
    """Numbers voided afterwards: the paper is still bound in, under a number that no longer holds."""
    rows = Folder.select().where(Folder.id.in_(list(folders)) & (Folder.voided_at > since))
    for row in rows:
        text = _("%(number)s 作废：%(why)s", number=row.file_number, why=row.void_reason)
        yield row.voided_at, f"v{row.id:09d}", "noted", text, row.voided_by


def _notes(volume: Volume) -> Iterator[Found]:
    """What was written by hand since the binding before this one ended."""
    ended = Binding.select(pw.fn.MAX(Binding.ended_at)).where(Binding.volume == volume.id).scalar()
    wanted = Addendum.volume == volume.id
    for row in Addendum.select().where(wanted & (Addendum.noted_at > ended) if ended else wanted):
        yield row.noted_at, f"n{row.id:09d}", row.kind, row.text, row.noted_by
