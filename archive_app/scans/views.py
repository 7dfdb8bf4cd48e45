"""Screens of the electronic set: upload, work list, viewer, bytes after a permission check, progress."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _
from archive_app.core.storage import storage
from archive_app.people.access import current_actor, needs, now, wants_json
from archive_app.people.actor import Actor
from archive_app.records import queries as records
from archive_app.records import words
from archive_app.records.models import Folder
from archive_app.records.service import is_classified
from archive_app.records.views import folder_panels
from archive_app.scans import page_copies, queries, reading, service, viewer
from archive_app.scans.cross_reference import remarks
from archive_app.scans.forms import ACCEPT, UploadForm, on_disk
from archive_app.scans.models import ScanPage

bp = Blueprint("scans", __name__)


@bp.get("/folders/<int:folder_id>/scans")
@needs("scan.view")
def folder_scans(folder_id: int) -> ResponseReturnValue:
    """The electronic files of a folder, and the place to send more."""
    form = UploadForm(formdata=None, document=request.args.get("document", 0, type=int))
    return _folder_page(folder_id, form)


@bp.post("/folders/<int:folder_id>/scans")
@needs("scan.add")
def upload(folder_id: int) -> ResponseReturnValue:
    """Take in what was sent; files that are refused are named, the others are kept."""
    actor, at = current_actor(), now()
    records.folder_for(actor, folder_id, at)
    form = UploadForm()
    form.offer(records.documents_of(folder_id))
    if not form.validate_on_submit() or not form.sent:
        return _folder_page(folder_id, form, nothing=True), HTTPStatus.UNPROCESSABLE_ENTITY
    with on_disk(form.sent) as sent:
        outcomes = service.add_scans(folder_id, form.document.data or None, sent, actor=actor, at=at)
    if wants_json():
        return _told(outcomes)
    good = [outcome for outcome in outcomes if outcome.error is None]
    if good:
        flash(_("已收下 %(n)s 个文件，正在识别。", n=len(good)), "ok")
    if len(good) == len(outcomes):
        return redirect(url_for("scans.folder_scans", folder_id=folder_id), HTTPStatus.SEE_OTHER)
    bad = [outcome for outcome in outcomes if outcome.error is not None]
    return _folder_page(folder_id, form, bad=bad), HTTPStatus.UNPROCESSABLE_ENTITY


def _folder_page(folder_id: int, form: UploadForm, **more: Any) -> str:
    actor, at = current_actor(), now()
    folder = records.folder_for(actor, folder_id, at)
    form.offer(records.documents_of(folder_id))
    rows = queries.file_rows(folder_id)
    return render_template(
        "pages/scans/folder.html",
        folder=folder,
        level=_level(folder),
        rows=rows,
        remarks=remarks([row.file for row in rows]),
        failed_pages=queries.failed_pages(folder_id),
        side=queries.electronic_side(folder),
        readable=records.may_read(actor, folder, at),
        takeable=reading.may_download(folder, at),
        actor=actor,
        form=form,
        accept=ACCEPT,
        **more,
    )


def _told(outcomes: list[service.Outcome]) -> ResponseReturnValue:
    """The outcomes for scripts: one entry a file, 409 with the first refusal's words if any was refused."""
    files = [_as_json(outcome) for outcome in outcomes]
    bad = [outcome.error for outcome in outcomes if outcome.error is not None]
    if bad:
        return jsonify(files=files, **bad[0].as_dict() | {"message": sentence(bad[0])}), HTTPStatus.CONFLICT
    codes = _("、").join(file["code"] for file in files)
    return jsonify(files=files, message=_("已收下 %(codes)s", codes=codes))


def sentence(refusal: Refused) -> str:
    """What was refused and what to do next, in one line."""
    return refusal.message + refusal.next_step


def _as_json(outcome: service.Outcome) -> dict[str, Any]:
    if outcome.file is not None:
        file = outcome.file
        return {"ok": True, "filename": outcome.filename, "id": file.id, "code": file.code}
    told = outcome.error.as_dict() if outcome.error else {}
    return {"ok": False, "filename": outcome.filename, **told}


@bp.get("/folders/<int:folder_id>/scans/progress")
@needs("scan.view")
def folder_progress(folder_id: int) -> ResponseReturnValue:
    """How far drawing and reading are: figures for scripts, and the bar for js/progress.js."""
    folder = records.folder_for(current_actor(), folder_id, now())
    done = queries.progress(folder.id)
    told = done.as_dict() | {
        "html": render_template("pages/scans/_progress.html", p=done),
        "done": not done.busy,
        "announce": "" if done.busy else _("识别完了，共 %(n)s 页", n=done.pages),
    }
    return jsonify(told)


@bp.get("/scans")
@needs("scan.add")
def index() -> ResponseReturnValue:
    """What waits for drawing and reading, and what failed."""
    failed = request.args.get("show") == "failed"
    older = request.args.get("older", type=int)
    category, year = request.args.get("category", ""), request.args.get("year", type=int)
    only = {name: value for name, value in (("category", category), ("year", year)) if value}
    work = queries.work_list(current_actor(), now(), failed=failed, older=older, category=category, year=year)
    return render_template(
        "pages/scans/index.html", work=work, failed=failed, only=only, actor=current_actor()
    )


@bp.get("/pages/<int:page_id>")
@needs("scan.view")
def page(page_id: int) -> ResponseReturnValue:
    """One page with its neighbours, its text and the hits of ``q`` in the whole folder."""
    row = _opened(page_id)
    view = viewer.look(row, request.args.get("q", "").strip(), request.args.get("hit", type=int))
    level, mark = _level(row.folder), reading.mark_for(current_actor(), row.folder, now())
    return render_template(
        "pages/scans/viewer.html", view=view, level=level, mark=mark, actor=current_actor()
    )


def _opened(page_id: int) -> ScanPage:
    """A page that this person may read, and the audit note that it was seen."""
    actor, at = current_actor(), now()
    row = service.get_page(page_id, actor, at)
    queries.require_read(actor, row.folder, at)
    service.note_view(row, actor=actor, at=at)
    return row


@bp.get("/pages/<int:page_id>/image")
@needs("scan.view")
def page_image(page_id: int) -> ResponseReturnValue:
    """The picture of a page, marked with its reader where the level says so."""
    row = _opened(page_id)
    return _bytes(row.view, row.folder, current_actor())


@bp.get("/pages/<int:page_id>/thumb")
@needs("scan.view")
def page_thumb(page_id: int) -> ResponseReturnValue:
    """The small picture of a page, too small to be read."""
    actor, at = current_actor(), now()
    row = service.get_page(page_id, actor, at)
    queries.require_read(actor, row.folder, at)
    return _bytes(row.thumb, row.folder, actor)


def _bytes(digest: str, folder: Folder, actor: Actor) -> Response:
    """A stored picture; what carries a mark, or is classified, is kept by no browser and no proxy."""
    data, mark = storage().read(digest), reading.mark_for(actor, folder, now())
    if mark:
        data = page_copies.watermark(data, mark)
    response = send_file(BytesIO(data), mimetype=page_copies.MIME)
    response.cache_control.private = True
    if mark or is_classified(folder, now()):
        response.cache_control.no_store = True
    else:
        response.set_etag(digest)
        response.cache_control.max_age = 3600
        response.make_conditional(request)
    return response


@bp.get("/files/<int:file_id>/original")
@needs("scan.view")
def original(file_id: int) -> ResponseReturnValue:
    """The original as it was received, byte for byte."""
    actor, at = current_actor(), now()
    file = service.get_file(file_id, actor, at)
    queries.require_copy(actor, file.folder, at)
    reading.require_download(file.folder, at)
    service.note_download(file, actor=actor, at=at)
    stream = storage().open(file.sha256)
    response = send_file(stream, file.mime, as_attachment=True, download_name=f"{file.code} {file.filename}")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/files/<int:file_id>/retry")
@needs("scan.retry")
def retry_file(file_id: int) -> ResponseReturnValue:
    """Draw the pages of a failed file again."""
    file = service.retry_file(file_id, actor=current_actor(), at=now())
    flash(_("%(code)s 已重新排队。", code=file.code), "ok")
    return _back(file.folder_id)


@bp.post("/files/<int:file_id>/withdraw")
@needs("scan.add")
def withdraw(file_id: int) -> ResponseReturnValue:
    """Take a wrong upload off its folder, with a reason."""
    actor, at = current_actor(), now()
    file = service.get_file(file_id, actor, at)
    try:
        service.withdraw_file(file_id, request.form.get("reason", ""), actor=actor, at=at)
        flash(_("%(code)s 已撤下，原件和原因都留存。", code=file.code), "ok")
    except Invalid as error:
        flash(_("没有撤下。%(why)s", why=error), "stop")
    return _back(file.folder_id)


@bp.post("/pages/<int:page_id>/retry")
@needs("scan.retry")
def retry_page(page_id: int) -> ResponseReturnValue:
    """Read a page again."""
    row = service.retry_page(page_id, actor=current_actor(), at=now())
    flash(_("%(code)s 第 %(n)s 页已重新排队。", code=row.file.code, n=row.number), "ok")
    return _back(row.folder_id)


@bp.post("/files/<int:file_id>/verify")
@needs("scan.add")
def verify(file_id: int) -> ResponseReturnValue:
    """Prove that an original is still the one received."""
    actor, at = current_actor(), now()
    intact = service.verify_original(file_id, actor=actor, at=at)
    file = service.get_file(file_id, actor, at)
    if intact:
        flash(_("%(code)s 核对一致，原件没有变过。", code=file.code), "ok")
    else:
        flash(_("%(code)s 与收下时不同。请从备份恢复，再核对。", code=file.code), "stop")
    return _back(file.folder_id)


def _back(folder_id: int) -> ResponseReturnValue:
    return redirect(url_for("scans.folder_scans", folder_id=folder_id), HTTPStatus.SEE_OTHER)


def _level(folder: Folder) -> Any:
    return reading.level_of(folder, now())


def panels(folder: Folder, actor: Actor, at: datetime) -> dict[str, Markup]:
    """What the folder page shows of the electronic set, by place: both tracks, what differs, the pages."""
    if folder.state != "active":
        return {}
    side = queries.electronic_side(folder)
    readable = records.may_read(actor, folder, at)
    sheets = queries.sheets(folder.id) if readable and side.exists else []
    known = {
        "folder": folder,
        "side": side,
        "readable": readable,
        "sheets": sheets,
        "paper_pages": sum(line.paper for line in side.lines),
        "now_at": _whereabouts(folder, records.sees_holders(actor)),
        "may_add": actor.can("scan.add"),
    }
    parts = {
        "actions": "_action.html",
        "dual": "_dual.html",
        "main": "_folder_scans.html",
    }
    shown = {place: _part(name, known) for place, name in parts.items()}
    if side.exists and not side.loose:
        shown |= {f"document:{line.document_id}": _part("_line.html", {"line": line}) for line in side.lines}
    return shown


def _part(name: str, known: dict[str, Any]) -> Markup:
    return Markup(render_template(f"pages/scans/{name}", **known))  # noqa: S704 - our own escaping template


def _whereabouts(folder: Folder, with_name: bool) -> str:
    """Where the paper is; who has it only for keepers."""
    place = str(words.CUSTODY.get(folder.custody, folder.custody))
    return f"{place}·{folder.holder}" if folder.holder and with_name else place


folder_panels.append(panels)
