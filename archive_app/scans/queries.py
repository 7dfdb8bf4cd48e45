"""Read-only selects on the electronic set; OCR text is never selected in lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.policy import Answer
from archive_app.records import queries as records
from archive_app.records.models import Document, Folder
from archive_app.records.service import is_classified
from archive_app.scans import rules
from archive_app.scans.cross_reference import address_of
from archive_app.scans.models import ElectronicFile, ScanPage

BUSY = rules.DRAWING
UNREAD = ("waiting", "reading")
LIST = 50


@dataclass(frozen=True)
class Progress:
    """How far the background work is, for one folder or for the whole house (counts of pages)."""

    files: int = 0
    rendering: int = 0
    files_failed: int = 0
    pages: int = 0
    read: int = 0
    blank: int = 0
    failed: int = 0

    @property
    def done(self) -> int:
        return self.read + self.blank + self.failed

    @property
    def waiting(self) -> int:
        return self.pages - self.done

    @property
    def busy(self) -> bool:
        return self.rendering > 0 or self.waiting > 0

    @property
    def written(self) -> int:
        """Pages with something on them; blank backs have no page number on paper either."""
        return self.pages - self.blank

    def as_dict(self) -> dict[str, int | bool]:
        """The figures for scripts."""
        names = ("files", "rendering", "files_failed", "pages", "read", "blank", "failed", "waiting", "busy")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class ElectronicSide:
    """The electronic half of the dual-track panel (DUAL-03, DUAL-04).

    ``loose`` pages were scanned onto the whole folder; ``check`` is the short SHA-256 of the first
    original, ``checked_at`` the oldest check of them all (None when one was never checked), ``intact``
    whether every check so far agreed.
    """

    code: str
    address: str
    documents: int
    progress: Progress
    check: str
    checked_at: datetime | None
    intact: bool
    lines: tuple[rules.Line, ...]
    loose: int
    difference: rules.Difference

    @property
    def exists(self) -> bool:
        return self.progress.files > 0


@dataclass(frozen=True)
class FileRow:
    """One line of the electronic catalog (电子文件归档目录): the file, its pages, and its first page."""

    file: ElectronicFile
    progress: Progress
    first_page: int | None
    by: str


@dataclass(frozen=True)
class Sheet:
    """One row of the viewer's strip of thumbnails; ``number`` counts through the folder."""

    id: int
    number: int
    state: str
    document_id: int | None


@dataclass(frozen=True)
class WorkList:
    """Files that are drawn or failed and pages that wait or failed, newest first, with the next key."""

    files: list[ElectronicFile]
    pages: list[ScanPage]
    older: int | None


def electronic_side(folder: Folder) -> ElectronicSide:
    """What stands on the electronic side of a folder: code, address, counts, check, and what differs."""
    files = files_of(folder.id)
    counts = page_counts(ScanPage.folder == folder.id, ElectronicFile.document)
    lines = tuple(_lines(folder.id, counts))
    known = {line.document_id for line in lines}
    loose = sum(sum(_written(c)) for document, c in counts.items() if document not in known)
    checks = [file.checked_at for file in files]
    done = _progress(files, counts)
    book = rulebook.by_id(folder.rule_book).book
    category, retention = book.categories.get(folder.category), book.retentions.get(folder.retention)
    required = rules.is_important(
        category is None or category.dual_track_required, retention.years if retention else 0
    )
    return ElectronicSide(
        code=rules.folder_code(folder.file_number),
        address=address_of(files),
        documents=sum(1 for line in lines if line.scanned),
        progress=done,
        check=short(files[0].sha256) if files else "",
        checked_at=min(checks) if checks and all(checks) else None,
        intact=all(file.intact for file in files),
        lines=lines,
        loose=loose,
        difference=rules.compare(lines, loose, pending=done.rendering > 0, required=required),
    )


def short(digest: str) -> str:
    """The first eight hex digits of a SHA-256 in two groups."""
    return f"{digest[:4]} {digest[4:8]}"


def files_of(folder_id: int) -> list[ElectronicFile]:
    """The electronic files of a folder in order of their codes, each with its document."""
    return list(
        ElectronicFile.select(ElectronicFile, Document)
        .join(Document, pw.JOIN.LEFT_OUTER)
        .where((ElectronicFile.folder == folder_id) & ElectronicFile.removed_at.is_null())
        .order_by(ElectronicFile.serial)
    )


def file_rows(folder_id: int) -> list[FileRow]:
    """The electronic catalog of a folder in order of codes."""
    counts = page_counts(ScanPage.folder == folder_id, ElectronicFile.id)
    starts: Any = ScanPage.select(ScanPage.file, ScanPage.id).where(
        (ScanPage.folder == folder_id) & (ScanPage.number == 1)
    )
    first = dict(starts.tuples())
    files = files_of(folder_id)
    people: Any = User.select(User.username, User.name).where(
        User.username.in_({file.uploaded_by for file in files})
    )
    names = dict(people.tuples())
    return [
        FileRow(
            file,
            _progress([file], {0: counts.get(file.id, {})}),
            first.get(file.id),
            names.get(file.uploaded_by, file.uploaded_by),
        )
        for file in files
    ]


def failed_pages(folder_id: int) -> list[ScanPage]:
    """The pages of a folder that could not be read, with their files."""
    return list(
        ScanPage.select(ScanPage.id, ScanPage.number, ScanPage.error, ElectronicFile)
        .join(ElectronicFile)
        .where(
            (ScanPage.folder == folder_id)
            & (ScanPage.state == "failed")
            & ElectronicFile.removed_at.is_null()
        )
        .order_by(ElectronicFile.serial, ScanPage.number)
        .limit(LIST)
    )


def page_counts(condition: Any, by: Any) -> dict[Any, dict[str, int]]:
    """How many pages stand in each state, per value of ``by``."""
    rows: Any = (
        ScanPage.select(by, ScanPage.state, pw.fn.COUNT(ScanPage.id))
        .join(ElectronicFile)
        .where(condition & ElectronicFile.removed_at.is_null())
        .group_by(by, ScanPage.state)
    )
    counts: dict[Any, dict[str, int]] = {}
    for key, state, count in rows.tuples():
        counts.setdefault(key, {})[state] = count
    return counts


def _written(states: dict[str, int]) -> list[int]:
    return [count for state, count in states.items() if state != "blank"]


def _lines(folder_id: int, counts: dict[Any, dict[str, int]]) -> list[rules.Line]:
    return [
        rules.Line(place, line.title, line.pages, sum(_written(counts.get(line.id, {}))), line.id)
        for place, line in enumerate(records.documents_of(folder_id), start=1)
    ]


def _progress(files: list[ElectronicFile], counts: dict[Any, dict[str, int]]) -> Progress:
    total: dict[str, int] = {}
    for states in counts.values():
        for state, count in states.items():
            total[state] = total.get(state, 0) + count
    return Progress(
        files=len(files),
        rendering=sum(file.state in BUSY for file in files),
        files_failed=sum(file.state == "failed" for file in files),
        pages=sum(total.values()),
        read=total.get("read", 0),
        blank=total.get("blank", 0),
        failed=total.get("failed", 0),
    )


def progress(folder_id: int) -> Progress:
    """How far drawing and reading are in one folder."""
    return _progress(files_of(folder_id), page_counts(ScanPage.folder == folder_id, ElectronicFile.id))


def waiting_total() -> int:
    """How many files and pages wait in the whole house (the figure beside 数字化)."""
    files = ElectronicFile.select().where(ElectronicFile.state.in_(BUSY)).count()
    return files + ScanPage.select().where(ScanPage.state.in_(UNREAD)).count()


def work_list(
    actor: Actor, at: datetime, *, failed: bool, older: int | None = None,
    category: str = "", year: int | None = None,
) -> WorkList:  # fmt: skip
    """What waits, or what failed, in folders the actor may know of; pages by key, newest first."""
    within = Folder.category == category if category else pw.SQL("1 = 1")
    within &= Folder.year == year if year else pw.SQL("1 = 1")
    files = (
        _known(ElectronicFile, actor, at)
        .where(within)
        .where(
            ElectronicFile.state.in_(("failed",) if failed else BUSY) & ElectronicFile.removed_at.is_null()
        )
    )
    pages = _known(ScanPage, actor, at).where(within & ScanPage.state.in_(("failed",) if failed else UNREAD))
    if older is not None:
        pages = pages.where(ScanPage.id < older)
    found = list(pages.order_by(ScanPage.id.desc()).limit(LIST + 1))
    shown = found[:LIST]
    return WorkList(
        list(files.order_by(ElectronicFile.id.desc()).limit(LIST)) if older is None else [],
        shown,
        shown[-1].id if len(found) > LIST else None,
    )


def _known(model: Any, actor: Actor, at: datetime) -> Any:
    if model is ElectronicFile:
        return ElectronicFile.select(ElectronicFile, Folder).join(Folder).where(records.visible(actor, at))
    page = (ScanPage.id, ScanPage.number, ScanPage.state, ScanPage.error, ScanPage.tries)
    return (
        ScanPage.select(*page, ElectronicFile, Folder)
        .join(ElectronicFile)
        .switch(ScanPage)
        .join(Folder, on=(ScanPage.folder == Folder.id))
        .where(records.visible(actor, at) & ElectronicFile.removed_at.is_null())
    )


def sheets(folder_id: int) -> list[Sheet]:
    """All pages of a folder in reading order: by document, then file, then page."""
    rows: Any = (
        ScanPage.select(ScanPage.id, ScanPage.state, ElectronicFile.document)
        .join(ElectronicFile)
        .join(Document, pw.JOIN.LEFT_OUTER)
        .where((ScanPage.folder == folder_id) & ElectronicFile.removed_at.is_null())
        .order_by(pw.fn.COALESCE(Document.position, 0), ElectronicFile.serial, ScanPage.number)
    )
    return [Sheet(id, n, state, document) for n, (id, state, document) in enumerate(rows.tuples(), start=1)]


def texts(folder_id: int) -> dict[int, str]:
    """The OCR text of every page of a folder that has any."""
    rows: Any = (
        ScanPage.select(ScanPage.id, ScanPage.text)
        .join(ElectronicFile)
        .where((ScanPage.folder == folder_id) & (ScanPage.text != "") & ElectronicFile.removed_at.is_null())
    )
    return dict(rows.tuples())


def require_read(actor: Actor, folder: Folder, at: datetime) -> None:
    """Let only those pass who may read the folder's content now.

    Raises Refused with the clause of the rule book and who may decide.
    """
    if not records.may_read(actor, folder, at):
        raise _ask(actor, folder, "read_content", at).refusal()


def require_copy(actor: Actor, folder: Folder, at: datetime) -> None:
    """Let only those pass who may take a copy out: an original carries no watermark (ELE-12).

    Who reads a classified folder only because of a running loan reads it on screen. Whether the level
    lets anything be taken as a file is asked by `reading.require_download`. Raises Refused.
    """
    require_read(actor, folder, at)
    if not is_classified(folder, at) or _ask(actor, folder, "read_content", at).allowed:
        return
    answer = _ask(actor, folder, "photocopy", at)
    if not answer.allowed:
        raise answer.refusal()


def _ask(actor: Actor, folder: Folder, action: str, at: datetime) -> Answer:
    book = rulebook.current(at, folder.unit_id).book
    return book.ask(records.person_of(actor), records.facts_of(folder), action, at)
