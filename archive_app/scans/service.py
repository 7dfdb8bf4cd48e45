"""The verbs on scans: take in an original, try again, prove it untouched, note who saw and took it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import peewee as pw

from archive_app import search
from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.storage import storage
from archive_app.core.work import Work, work
from archive_app.people.actor import Actor
from archive_app.records import queries as records
from archive_app.records.models import Folder
from archive_app.records.rules import check_reason, clean_line
from archive_app.records.service import get_document, is_classified
from archive_app.scans import rules, tasks
from archive_app.scans.flow import FILE, PAGE
from archive_app.scans.guard import WorkFailed, inspect_file
from archive_app.scans.intake_file import FileFacts
from archive_app.scans.models import ElectronicFile, ScanPage

log = logging.getLogger(__name__)
ONE_VIEW = timedelta(minutes=1)


@dataclass(frozen=True)
class Outcome:
    """What became of one of several files sent together: ``file``, or why it was not taken in."""

    filename: str
    file: ElectronicFile | None = None
    error: Refused | None = None


def add_scan(
    folder_id: int, document_id: int | None, path: Path, filename: str, *, actor: Actor, at: datetime
) -> ElectronicFile:
    """Take in an original: looked into, stored untouched, then recorded under its own code (DUAL-03).

    ``path`` is a local copy of the bytes as received; it may be deleted afterwards. The pages are
    drawn and read in the background. Raises NotFound; Refused: permission, scan.void,
    scan.duplicate, and the codes of `intake_file.inspect`.
    """
    actor.must("scan.add")
    folder = records.folder_for(actor, folder_id, at)
    _require_number(folder)
    _require_document(folder, document_id)
    found = _inspect(path)
    digest = storage().put_file(path)  # the file first, then the row: a crash leaves no row without a file
    with work(actor, at) as w:
        file = _record(w, folder, found, document=document_id, sha256=digest, filename=filename)
        w.note("scan.add", file, code=file.code, folder=folder.file_number, sha256=digest, size=file.size)
        w.enqueue(tasks.advance)
    return file


def _inspect(path: Path) -> FileFacts:
    """Look into a file in a guarded child; what breaks the child is refused like a damaged file."""
    try:
        return inspect_file(path)
    except WorkFailed as failure:
        log.warning("inspection: %s %s", failure.reason, failure.detail)
        raise Refused(
            "scan.damaged",
            _("这个文件读不出来。没有改动任何记录。"),
            next_step=str(failure),
        ) from failure


def add_scans(
    folder_id: int,
    document_id: int | None,
    sent: Iterable[tuple[Path, str]],
    *,
    actor: Actor,
    at: datetime,
) -> list[Outcome]:
    """Take in several originals; one that is refused does not stop the others.

    Raises NotFound; Refused: permission.
    """
    actor.must("scan.add")
    folder = records.folder_for(actor, folder_id, at)
    _require_document(folder, document_id)
    outcomes = []
    for path, filename in sent:
        name = rules.clean_filename(filename)
        try:
            file = add_scan(folder_id, document_id, path, filename, actor=actor, at=at)
            outcomes.append(Outcome(name, file))
        except Refused as error:
            outcomes.append(Outcome(name, error=error))
            with work(actor, at) as w:
                w.note("refusal", folder, code=error.code, filename=name)
    return outcomes


def _record(
    w: Work, folder: Folder, found: FileFacts, *, document: int | None, sha256: str, filename: str
) -> ElectronicFile:
    # Touching the folder makes two uploads at once take turns, so neither serial nor bytes are doubled.
    Folder.update(revision=Folder.revision).where(Folder.id == folder.id).execute()
    _require_number(Folder.get_by_id(folder.id))
    _refuse_duplicate(folder, sha256)
    newest = pw.fn.MAX(ElectronicFile.serial)
    serial = (ElectronicFile.select(newest).where(ElectronicFile.folder == folder).scalar() or 0) + 1
    return ElectronicFile.create(
        folder=folder,
        document=document,
        serial=serial,
        code=rules.file_code(folder.file_number, serial),
        filename=rules.clean_filename(filename),
        mime=found.mime,
        size=found.size,
        sha256=sha256,
        page_count=found.pages,
        state=FILE.initial,
        uploaded_by=w.actor.username,
        uploaded_at=w.at,
    )


def _refuse_duplicate(folder: Folder, digest: str) -> None:
    same = ElectronicFile.get_or_none(
        (ElectronicFile.folder == folder)
        & (ElectronicFile.sha256 == digest)
        & ElectronicFile.removed_at.is_null()
    )
    if same is not None:
        raise Refused(
            "scan.duplicate",
            _("这个文件已经在 %(number)s 里，编码 %(code)s。没有重复存。",
              number=folder.file_number, code=same.code),
            next_step=_("直接看已有的扫描件；若要换一份，请选另一个文件。"),
        )  # fmt: skip


def _require_number(folder: Folder) -> None:
    if folder.state == "void":
        raise Refused(
            "scan.void",
            _("%(number)s 是作废的档号，不能挂扫描件。没有改动任何记录。", number=folder.file_number),
            next_step=_("核对袋上的档号，再选对的档案上传。"),
        )


def _require_document(folder: Folder, document_id: int | None) -> None:
    if document_id is not None and get_document(document_id).folder_id != folder.id:
        raise NotFound(_("没有这一件，或已移出目录。"))


def retry_file(file_id: int, *, actor: Actor, at: datetime) -> ElectronicFile:
    """Draw the pages of a failed file again. Raises NotFound; Refused: permission, wrong_state."""
    actor.must("scan.retry")
    file = get_file(file_id, actor, at)
    with work(actor, at) as w:
        FILE.fire(file, "retry", tries=0, error="", lease_until=None)
        w.note("scan.retry", file, code=file.code)
        w.enqueue(tasks.advance)
    return file


def retry_page(page_id: int, *, actor: Actor, at: datetime) -> ScanPage:
    """Read a page again; its old text stays until the new one is there.

    Raises NotFound; Refused: permission, wrong_state.
    """
    actor.must("scan.retry")
    page = get_page(page_id, actor, at)
    with work(actor, at) as w:
        PAGE.fire(page, "retry", tries=0, error="", lease_until=None)
        w.note("scan.retry", page, code=page.file.code, page=page.number)
        w.enqueue(tasks.advance)
    return page


def retry_folder(folder_id: int, *, actor: Actor, at: datetime) -> int:
    """Draw and read again all that failed in a folder; return how many pieces.

    Raises NotFound; Refused: permission, scan.nothing_failed.
    """
    actor.must("scan.retry")
    folder = records.folder_for(actor, folder_id, at)
    with work(actor, at) as w:
        files = list(_failed(ElectronicFile, ElectronicFile.removed_at.is_null(), folder))
        pages = list(_failed(ScanPage, ScanPage.state == "failed", folder))
        if not files and not pages:
            raise Refused(
                "scan.nothing_failed",
                _("%(number)s 没有要再试的扫描件。没有改动任何记录。", number=folder.file_number),
                next_step=_("可能已有人再试过，刷新后再看。"),
            )
        for flow, row in [*((FILE, file) for file in files), *((PAGE, page) for page in pages)]:
            flow.fire(row, "retry", tries=0, error="", lease_until=None)
        w.note("scan.retry", folder, folder=folder.file_number, files=len(files), pages=len(pages))
        w.enqueue(tasks.advance)
    return len(files) + len(pages)


def _failed(model: Any, condition: Any, folder: Folder) -> Any:
    wanted = (model.folder == folder.id) & (model.state == "failed") & condition
    return model.select(model.id, model.state).where(wanted).order_by(model.id)


def withdraw_file(file_id: int, reason: str, *, actor: Actor, at: datetime) -> ElectronicFile:
    """Take a wrong upload off its folder, with a reason; it is found and shown no more.

    Nothing is destroyed: the original stays in the store, row, code and reason stay for ever, and a page
    that is being read at this moment is dropped. Raises Invalid; NotFound; Refused: permission, wrong_state.
    """
    actor.must("scan.add")
    file = get_file(file_id, actor, at)
    reason = clean_line(reason)
    if errors := check_reason(reason):
        raise Invalid(errors)
    with work(actor, at) as w:
        FILE.fire(file, "withdraw", removed_at=at, removed_reason=reason[:300], lease_until=None)
        for page in ScanPage.select(ScanPage.id, ScanPage.state).where(ScanPage.file == file.id):
            PAGE.fire(page, "withdraw", lease_until=None)
            search.remove("page", page.id)
        w.note("scan.withdraw", file, folder=file.folder.file_number, code=file.code, reason=reason)
    return file


def verify_original(file_id: int, *, actor: Actor, at: datetime) -> bool:
    """Compute the SHA-256 of an original anew and note whether it is still the one received.

    Raises NotFound; Refused: permission.
    """
    actor.must("scan.add")
    file = get_file(file_id, actor, at)
    intact = storage().intact(file.sha256)
    with work(actor, at) as w:
        ElectronicFile.update(checked_at=at, intact=intact).where(ElectronicFile.id == file.id).execute()
        w.note("scan.verify", file, code=file.code, sha256=file.sha256, intact=intact)
    return intact


def note_view(page: ScanPage, *, actor: Actor, at: datetime) -> None:
    """Audit that a page of a classified folder was shown; text and picture within a minute are one view."""
    if is_classified(page.folder, at) and not _just_seen(page, actor, at):
        with work(actor, at) as w:
            w.note(
                "scan.view", page, folder=page.folder.file_number, secrecy=page.folder.secrecy,
                code=page.file.code, page=page.number,
            )  # fmt: skip


def _just_seen(page: ScanPage, actor: Actor, at: datetime) -> bool:
    return (
        AuditEvent.select(AuditEvent.seq)
        .where(
            (AuditEvent.kind == "scan_page")
            & (AuditEvent.key == str(page.id))
            & (AuditEvent.action == "scan.view")
            & (AuditEvent.actor == actor.username)
            & AuditEvent.at.between(at - ONE_VIEW, at)
        )
        .exists()
    )


def note_download(file: ElectronicFile, *, actor: Actor, at: datetime) -> None:
    """Audit that an original left the house as a file."""
    with work(actor, at) as w:
        w.note(
            "scan.download", file, folder=file.folder.file_number, secrecy=file.folder.secrecy,
            code=file.code, sha256=file.sha256,
        )  # fmt: skip


def get_file(file_id: int, actor: Actor, at: datetime) -> ElectronicFile:
    """An electronic file with its folder. Raises NotFound — also when the folder may not be known."""
    file = ElectronicFile.get_or_none((ElectronicFile.id == file_id) & ElectronicFile.removed_at.is_null())
    if file is None:
        raise NotFound(_("没有这个电子文件。"))
    file.folder = records.folder_for(actor, file.folder_id, at)
    return file


def get_page(page_id: int, actor: Actor, at: datetime) -> ScanPage:
    """A page with its file and folder. Raises NotFound — also when the folder may not be known."""
    page = ScanPage.get_or_none(ScanPage.id == page_id)
    if page is None:
        raise NotFound(_("没有这一页扫描件。"))
    page.file = get_file(page.file_id, actor, at)
    page.folder = page.file.folder
    return page
