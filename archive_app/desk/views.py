"""Routes of the desk: the page with the box, the scan, the undo; and the search page."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.i18n import _
from archive_app.desk import queries, service
from archive_app.desk.models import DeskScan
from archive_app.desk.search import search
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now, wants_json
from archive_app.records.views import facet_choices, filters_of

blueprint = Blueprint("desk", __name__)


def _desk() -> str:
    """This browser's desk: two desks of one account have each their own person in hand."""
    if "desk" not in session:
        session["desk"] = uuid.uuid4().hex[:16]
    return str(session["desk"])


@blueprint.get("/desk")
@needs("desk.use")
def index() -> ResponseReturnValue:
    """The scan desk."""
    newest = queries.last_scan(_desk())
    recent = newest if newest and newest.row.at > now() - timedelta(minutes=2) else None
    return render_template("pages/desk/index.html", **_page(recent))


@blueprint.post("/desk/scan")
@needs("desk.use")
def scan() -> ResponseReturnValue:
    """One scan, by the page's script as JSON or by a plain form."""
    sent: Any = request.get_json(silent=True) if request.is_json else request.form
    sent = sent or {}
    code = str(sent.get("code") or "")
    if not code.strip():
        return _answer(None)
    request_id = str(sent.get("scan_id") or uuid.uuid4().hex)[:64]
    row = service.scan(code, desk=_desk(), request_id=request_id, actor=current_actor(), at=now())
    return _answer(row)


@blueprint.post("/desk/undo/<int:scan_id>")
@needs("desk.use")
def undo(scan_id: int) -> ResponseReturnValue:
    """Take a scan back within its seconds."""
    row = service.undo(scan_id, desk=_desk(), actor=current_actor(), at=now())
    return _answer(row)


@blueprint.post("/desk/person")
@needs("desk.use")
def put_down() -> ResponseReturnValue:
    """Change person (F2)."""
    service.put_down(desk=_desk(), actor=current_actor(), at=now())
    return _answer(None)


def _answer(row: DeskScan | None) -> ResponseReturnValue:
    if not wants_json():
        return redirect(url_for("desk.index"), 303)
    shown = queries.shown(row) if row else None
    said = shown.answer if shown else None
    page = _page(shown)
    data: dict[str, Any] = {
        "band_html": render_template("pages/desk/_band.html", **page),
        "log_html": render_template("pages/desk/_log.html", **page),
        "side_html": render_template("pages/desk/_side.html", **page),
        "sound": said.sound if shown and said and not shown.row.undone_at else "",
        "announce": "  ".join((said.verb, said.number, said.sentence)) if said else "",
        "undo": page["band"] and page["band"].get("undo"),
        "now": round(now().timestamp() * 1000),
    }
    return jsonify(data)


def _page(shown: queries.Shown | None) -> dict[str, Any]:
    actor, at, desk = current_actor(), now(), _desk()
    book = rulebook.current(at, actor.unit_id).book
    log, count = queries.scans_of_today(desk, at)
    hand = queries.in_hand(desk, at)
    return {
        "band": _band(shown, book) if shown else None,
        "log": [_line(each, book) for each in log],
        "count": count,
        "hand": hand,
        "placing": queries.place_in_hand(desk, at),
        "seats": queries.seats(at, actor.unit_id),
        "slip": _slip(hand),
        "book": book,
        "at": at,
    }


def _slip(hand: queries.InHand | None) -> dict[str, str] | None:
    """The slip of what the person in hand got last (F4)."""
    if hand is None or not hand.held:
        return None
    loan = max(hand.held, key=lambda each: each.handed_at)
    return {"url": url_for("loans.slip", loan_id=loan.id), "number": loan.folder.file_number}


def _secrecy(level: str, book: Any) -> dict[str, Any] | None:
    found = book.levels.get(level)
    return {"level": level, "name": found.name, "rank": found.rank} if found else None


def _band(shown: queries.Shown, book: Any) -> dict[str, Any]:
    """The answer as the band macro wants it (templates/pages/_desk.html)."""
    answer, row = shown.answer, shown.row
    band = {name: getattr(answer, name) for name in ("kind", "verb", "number", "sentence", "title", "why",
                                                     "clause", "unchanged", "icon")}  # fmt: skip
    band["secrecy"] = _secrecy(answer.level, book)
    band["url"] = url_for("records.folder_page", folder_id=answer.folder) if answer.folder else ""
    if row.undone_at:
        band |= {"kind": "ask", "verb": _("已撤销"), "icon": "arrow-counterclockwise", "why": ""}
        band |= {"clause": "", "sentence": _("回到扫码以前，可以重新扫。")}
    elif row.undo and row.undo_until and row.undo_until > now():
        left = (row.undo_until - now()).total_seconds()
        band["undo"] = {"url": url_for("desk.undo", scan_id=row.id), "seconds_left": round(left, 1),
                        "until_ms": round(row.undo_until.timestamp() * 1000)}  # fmt: skip
    if answer.step and not row.undone_at:
        step = answer.step
        band["step"] = {"url": url_for(step["endpoint"], **step["values"]), "text": step["text"],
                        "icon": step["icon"], "method": "get"}  # fmt: skip
    return band


def _line(shown: queries.Shown, book: Any) -> dict[str, Any]:
    answer, row = shown.answer, shown.row
    kind, icon, word = answer.chip
    if row.undone_at:
        kind, icon, word = "", "arrow-counterclockwise", _("已撤销")
    return {
        "at": row.at, "kind": kind, "icon": icon, "word": word, "number": answer.number,
        "url": url_for("records.folder_page", folder_id=answer.folder) if answer.folder else "",
        "secrecy": _secrecy(answer.level, book), "text": answer.sentence,
    }  # fmt: skip


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
