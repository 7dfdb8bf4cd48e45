"""Screens of the register of prints: the list, one print with its progress and truth, the PDF."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.i18n import _
from archive_app.core.storage import storage
from archive_app.people.access import current_actor, needs, now, wants_json
from archive_app.printing import barcode
from archive_app.prints import queries, service, words
from archive_app.prints.models import Print
from archive_app.prints.register import HASH_SHOWN, SHEETS, sheet_of

blueprint = Blueprint("prints", __name__)
# Who may see prints at all; which ones, the sheets say (queries.may_see).
READERS = ("print.view", "slip.print", "volume.view", "dual.view", "report.view")
FILTERS = ("form", "state", "kind", "key")
DIFFERENCES = 200


def as_pdf(data: bytes, name: str) -> Response:
    """A PDF that opens in the browser; ``name`` without its ending."""
    response = Response(data, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


@blueprint.get("/prints")
@needs(*READERS)
def index() -> ResponseReturnValue:
    """What was printed, newest first, narrowed by form, state or thing."""
    actor, at = current_actor(), now()
    wanted = {name: request.args.get(name, "")[:64] for name in FILTERS}
    older = request.args.get("older", type=int)
    page = queries.list_prints(actor, at, queries.Filters(**wanted), older)
    return render_template(
        "pages/prints/index.html", page=page, wanted=wanted, forms=queries.forms_for(actor),
        states=words.STATES, names=queries.names_of(page.rows), paged=older is not None,
    )  # fmt: skip


@blueprint.get("/prints/<int:print_id>")
@needs(*READERS)
def print_page(print_id: int) -> ResponseReturnValue:
    """One print: how far it is, whether it is still true, what else was printed of the same thing."""
    actor, at = current_actor(), now()
    row = queries.print_for(actor, print_id, at)
    if wants_json():
        return _progress(row)
    sheet = sheet_of(row.form)
    digits = barcode.payload(barcode.BarcodeType.PRINT, row.id)
    hash12 = row.digest[:HASH_SHOWN]
    return render_template(
        "pages/prints/print.html", row=row, sheet=sheet, states=words.STATES, answers=words.ANSWERS,
        check=queries.check(row.id, "", actor, at) if row.state == "done" else None, most=DIFFERENCES,
        others=queries.prints_of(actor, row.form, row.kind, row.key, at), names=queries.names_of([row]),
        payload=barcode.spaced(digits), hash12=hash12, qr=barcode.qr_svg(barcode.qr_text(hash12, digits), 2),
        link=_link(row), may_print=actor.can(sheet.permission),
        may_take=queries.may_take(actor, row.form, row.key, at),
    )  # fmt: skip


def _link(row: Print) -> str:
    """The page of what was printed, if its room has one."""
    link = SHEETS[row.form].link
    if link is None:
        return ""
    endpoint, values = link(row.key)
    return url_for(endpoint, **values)


def _progress(row: Print) -> ResponseReturnValue:
    """How far the drawing is: figures for scripts, and the bar for js/progress.js."""
    busy = row.state in ("queued", "drawing")
    announce = "" if busy else _("%(title)s：%(state)s", title=row.title, state=words.STATES[row.state][2])
    return jsonify(
        id=row.id, state=row.state, parts_done=row.done, parts=row.total, pages=row.pages, error=row.error,
        html=render_template("pages/prints/_progress.html", row=row), done=not busy, announce=announce,
    )  # fmt: skip


@blueprint.get("/prints/<int:print_id>/pdf")
@needs(*READERS)
def pdf(print_id: int) -> ResponseReturnValue:
    """The PDF; every time it is handed out is audited."""
    row = service.hand_out(print_id, actor=current_actor(), at=now())
    response = send_file(
        storage().open(row.file), "application/pdf", as_attachment="download" in request.args,
        download_name=f"{row.title.replace('/', '-')[:80]} {row.number}.pdf",
    )  # fmt: skip
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.post("/prints/<int:print_id>/cancel")
@needs(*READERS)
def cancel(print_id: int) -> ResponseReturnValue:
    """Stop a print that is not finished."""
    row = service.cancel(print_id, actor=current_actor(), at=now())
    flash(_("已取消 %(title)s，没有印出。", title=row.title))
    return _back(print_id)


@blueprint.post("/prints/<int:print_id>/retry")
@needs(*READERS)
def retry(print_id: int) -> ResponseReturnValue:
    """Draw a print again that failed or was cancelled."""
    row = service.retry(print_id, actor=current_actor(), at=now())
    flash(_("%(title)s 已重新排队。", title=row.title), "ok")
    return _back(print_id)


def _back(print_id: int) -> Any:
    return redirect(url_for("prints.print_page", print_id=print_id), HTTPStatus.SEE_OTHER)
