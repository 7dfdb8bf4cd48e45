"""The desk as its page and its answers show it: band, list of scans, person in hand, seats, pick list."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask import jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.desk import hands, queries
from archive_app.desk.models import DeskScan
from archive_app.loans import picking, room_rows
from archive_app.people import rulebook
from archive_app.people.access import current_actor, now, wants_json
from archive_app.policy import RuleBook

# What the band says before the first scan, where that is not the desk itself.
IDLE = {"desk.picks": L("取一份，扫一份"), "room.index": L("扫读者的卡入室，再扫签退")}


def desk_name() -> str:
    """This browser's desk: two desks of one account have each their own person in hand."""
    if "desk" not in session:
        session["desk"] = uuid.uuid4().hex[:16]
    return str(session["desk"])


def request_id() -> str:
    """The id under which this send is done once; a plain form without one is new each time."""
    sent: Any = request.get_json(silent=True) if request.is_json else request.form
    return str((sent or {}).get("scan_id") or uuid.uuid4().hex)[:64]


def place() -> str:
    """The page on which the pressed button stands: the desk, the pick list, or the reading room."""
    back = request.args.get("back", "")
    return back if back in IDLE else "desk.index"


def answer(row: DeskScan | None, *, back: str = "desk.index") -> ResponseReturnValue:
    """The answer to a scan or button: parts of the page as JSON, or the page itself without a script."""
    if not wants_json():
        return redirect(url_for(back), 303)
    shown = queries.shown(row) if row else None
    said = shown.answer if shown else None
    values = page(shown, back)
    data: dict[str, Any] = {
        "band_html": render_template("pages/desk/_band.html", **values),
        "log_html": render_template("pages/desk/_log.html", **values),
        "side_html": render_template(f"pages/desk/{_side(back)}.html", **values),
        "sound": said.sound if shown and said and not shown.row.undone_at else "",
        "announce": "  ".join((said.verb, said.number, said.sentence)) if said else "",
        "undo": values["band"] and values["band"].get("undo"),
        "now": round(now().timestamp() * 1000),
    }
    return jsonify(data)


def page(shown: queries.Shown | None, back: str = "desk.index") -> dict[str, Any]:
    """What the templates of the desk need; each place where one scans asks only for what it shows."""
    actor, at, desk = current_actor(), now(), desk_name()
    book = rulebook.current(at, actor.unit_id).book
    log, count = queries.scans_of_today(desk, at)
    values = {
        "band": band(shown, book, back) if shown else None,
        "log": [_line(each, book) for each in log],
        "count": count,
        "idle": str(IDLE.get(back, "")),
        "book": book,
        "at": at,
    }
    if back == "desk.picks":
        return values | {"list": picking.pick_list(actor, at)}
    held = hands.of(desk)
    hand, seats = queries.person_held(held, at), room_rows.seats(at, actor.unit_id)
    if back == "room.index":
        return values | {"hand": hand, "seats": seats, "names": actor.can("loan.desk")}
    placing = queries.place_held(held, at)
    return values | {"hand": hand, "placing": placing, "seats": seats, "slip": _slip(hand)}


def _side(back: str) -> str:
    return {"desk.picks": "_picks", "room.index": "_plan"}.get(back, "_side")


def _slip(hand: queries.InHand | None) -> dict[str, str] | None:
    """The papers of what the person in hand got last (F4)."""
    if hand is None or not hand.held:
        return None
    loan = max(hand.held, key=lambda each: each.handed_at)
    return {"url": url_for("desk.papers_pdf", loan_id=loan.id), "number": loan.folder.file_number}


def _secrecy(level: str, book: RuleBook) -> dict[str, Any] | None:
    found = book.levels.get(level)
    return {"level": level, "name": found.name, "rank": found.rank} if found else None


def band(shown: queries.Shown, book: RuleBook, back: str = "desk.index") -> dict[str, Any]:
    """The answer as the band macro wants it (templates/pages/_desk.html); buttons come back to ``back``."""
    said, row = shown.answer, shown.row
    here: dict[str, Any] = {"back": back} if back in IDLE else {}
    names = ("kind", "verb", "number", "sentence", "title", "why", "clause", "unchanged", "icon")
    values = {name: getattr(said, name) for name in names}
    values["secrecy"] = _secrecy(said.level, book)
    values["url"] = url_for("records.folder_page", folder_id=said.folder) if said.folder else ""
    if row.undone_at:
        values |= {"kind": "ask", "verb": _("已撤销"), "icon": "arrow-counterclockwise", "why": ""}
        return values | {"clause": "", "sentence": _("回到扫码以前，可以重新扫。")}
    if left := _seconds_left(row, now()):
        values["undo"] = {"url": url_for("desk.undo", scan_id=row.id, **here), "seconds_left": round(left, 1),
                          "until_ms": round(row.undo_until.timestamp() * 1000)}  # fmt: skip
    steps = [each for each in (said.step, *said.more) if each]
    return values | {"steps": [_step(each, here) for each in steps]}


def _seconds_left(row: DeskScan, at: datetime) -> float:
    """How long an undo is open; none before the scan was made: the clock was set back."""
    if not row.undo or row.undo_until is None or not row.at <= at < row.undo_until:
        return 0.0
    return float((row.undo_until - at).total_seconds())


def _step(step: dict[str, Any], here: dict[str, Any]) -> dict[str, Any]:
    names, method = ("text", "icon", "opens", "quiet"), step.get("method", "get")
    url = url_for(step["endpoint"], **step["values"], **(here if method == "post" else {}))
    return {name: step.get(name) for name in names} | {"url": url, "method": method}


def _line(shown: queries.Shown, book: RuleBook) -> dict[str, Any]:
    said, row = shown.answer, shown.row
    kind, icon, word = said.chip
    if row.undone_at:
        kind, icon, word = "", "arrow-counterclockwise", _("已撤销")
    return {
        "at": row.at, "kind": kind, "icon": icon, "word": word, "number": said.number,
        "url": url_for("records.folder_page", folder_id=said.folder) if said.folder else "",
        "secrecy": _secrecy(said.level, book), "text": said.sentence,
    }  # fmt: skip
