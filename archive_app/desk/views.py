"""Routes of the desk: the page with the box, the scan, the undo; and the search page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from archive_app.desk import queries, service
from archive_app.desk.screen import answer, desk_name, page, place, request_id
from archive_app.desk.search import search
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now
from archive_app.records.views import facet_choices, filters_of

blueprint = Blueprint("desk", __name__)


@blueprint.get("/desk")
@needs("desk.use")
def index() -> ResponseReturnValue:
    """The scan desk."""
    newest = queries.last_scan(desk_name())
    recent = newest if newest and now() - timedelta(minutes=2) < newest.row.at <= now() else None
    return render_template("pages/desk/index.html", **page(recent))


@blueprint.post("/desk/scan")
@needs("desk.use")
def scan() -> ResponseReturnValue:
    """One scan, by the page's script as JSON or by a plain form."""
    return scanned("desk.index")


def scanned(back: str) -> ResponseReturnValue:
    """Take one scan at the desk, the pick list or the door of the reading room; ``back`` is its page."""
    sent: Any = request.get_json(silent=True) if request.is_json else request.form
    code = str((sent or {}).get("code") or "")
    if not code.strip():
        return answer(None, back=back)
    row = service.scan(
        code, desk=desk_name(), request_id=request_id(), mode=MODES.get(back, ""),
        actor=current_actor(), at=now(),
    )  # fmt: skip
    return answer(row, back=back)


MODES = {"room.index": "room", "desk.picks": "pick"}


@blueprint.post("/desk/undo/<int:scan_id>")
@needs("desk.use")
def undo(scan_id: int) -> ResponseReturnValue:
    """Take a scan back within its seconds."""
    row = service.undo(scan_id, desk=desk_name(), actor=current_actor(), at=now())
    return answer(row, back=place())


@blueprint.post("/desk/person")
@needs("desk.use")
def put_down() -> ResponseReturnValue:
    """Change person (F2)."""
    service.put_down(desk=desk_name(), actor=current_actor(), at=now())
    return answer(None)


@blueprint.get("/search")
@needs("search.use")
def search_page() -> ResponseReturnValue:
    """The search page: results, facets, the next page by key."""
    query = request.args.get("q", "")
    filters = filters_of(request.args)
    where = request.args.get("where", "")
    actor, at = current_actor(), now()
    found = search(query, filters=filters, where=where, after=request.args.get("after"), actor=actor, at=at) \
        if query.strip() else None  # fmt: skip
    args = {name: request.args.getlist(name) for name in ("category", "year", "secrecy", "custody", "where")}
    book = rulebook.current(at, actor.unit_id).book
    return render_template(
        "pages/desk/search.html", query=query, found=found, filters=filters, where=where, args=args,
        book=book,
        choices=facet_choices(),
    )  # fmt: skip
