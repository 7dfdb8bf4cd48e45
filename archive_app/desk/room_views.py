"""Routes of the reading room: the plan with the box at its door, the register of sessions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.desk import forms, queries
from archive_app.desk.screen import desk_name, page
from archive_app.desk.views import scanned
from archive_app.loans import room, room_rows, words
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now
from archive_app.people.forms import submit, whole
from archive_app.records import queries as records

blueprint = Blueprint("room", __name__)
PAGE = "room.index"


@blueprint.get("/room")
@needs("loan.request")
def index() -> ResponseReturnValue:
    """The plan of the seats; who sits there is shown to the desk only, with the box for cards and folders."""
    actor, at = current_actor(), now()
    if not actor.can("desk.use"):
        book = rulebook.current(at, actor.unit_id).book
        seats = room_rows.seats(at, actor.unit_id)
        return render_template("pages/room/index.html", seats=seats, names=False, book=book, at=at)
    newest = queries.last_scan(desk_name())
    recent = newest if newest and at - timedelta(minutes=2) < newest.row.at <= at else None
    return render_template("pages/room/index.html", **page(recent, PAGE))


@blueprint.post("/room/scan")
@needs("desk.use")
def scan() -> ResponseReturnValue:
    """A card at the door, or a folder that goes to a seat or comes back from it."""
    return scanned(PAGE)


@blueprint.get("/room/sessions")
@needs("loan.view_all")
def sessions() -> ResponseReturnValue:
    """The register of the reading room (阅览登记), newest first, by day and reader."""
    text, day = request.args.get("q", "")[:64], _day(request.args.get("day", ""))
    found = room_rows.sessions(current_actor(), day=day, text=text, older=whole(request.args.get("older")))
    return _show("sessions", found=found, args={"q": text, "day": day.isoformat() if day else ""})


@blueprint.get("/room/sessions/<int:session_id>")
@needs("loan.view_all", "alarm.handle")
def session_page(session_id: int) -> ResponseReturnValue:
    """One stay: who, where, from when to when, and what was read."""
    return _session(session_id, 200, None, forms.LeftForm())


@blueprint.route("/room/sessions/<int:session_id>/left", methods=["GET", "POST"])
@needs("loan.desk")
def left(session_id: int) -> ResponseReturnValue:
    """The reader is gone with what lay on the table: overdue at once, told and audited."""
    row, form = room.get_session(session_id), forms.LeftForm()

    def gone() -> ResponseReturnValue:
        room.sign_out(row.id, left=True, reason=form.reason.data or "", actor=current_actor(), at=now())
        flash(_("已登记 %(who)s 带离档案，已催还并通知。", who=row.reader.name))
        return redirect(url_for("room.session_page", session_id=row.id), 303)

    def shown(status: int, refusal: Refused | None) -> ResponseReturnValue:
        return _show("left", status, row=row, table=room.on_table(row.reader_id), form=form, refusal=refusal)

    return submit(form, gone, shown)


def _session(
    session_id: int, status: int, refusal: Refused | None, form: forms.LeftForm
) -> ResponseReturnValue:
    row = room.get_session(session_id)
    read = room_rows.read_in([row.id]).get(row.id, [])
    return _show("session", status, row=row, read=read, known=_known(read), form=form, refusal=refusal)


def _known(loans: list[Any]) -> set[int]:
    """The folders whose titles this person may know."""
    ids = [loan.folder_id for loan in loans]
    return {folder.id for folder in records.of_ids(current_actor(), ids, now())}


def _show(template: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    at = now()
    book = rulebook.current(at, current_actor().unit_id).book
    return render_template(f"pages/room/{template}.html", book=book, at=at, words=words, **values), status


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
