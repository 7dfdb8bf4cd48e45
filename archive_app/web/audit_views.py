"""Routes of the audit chain: what happened, filtered and paged by key, and the check of the chain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from archive_app.core import audit
from archive_app.core.audit import AuditEvent
from archive_app.core.work import work
from archive_app.people.access import current_actor, needs, now
from archive_app.people.models import User
from archive_app.web.audit_words import action_name

blueprint = Blueprint("audit", __name__)
PAGE = 50
FILTERS = ("actor", "action", "kind", "key")


@dataclass(frozen=True)
class Row:
    """One event as the screen shows it."""

    event: AuditEvent
    name: str
    data: dict[str, Any]
    person: str


@blueprint.get("/audit")
@needs("audit.view")
def index() -> ResponseReturnValue:
    """What happened, newest first, by person, action and record."""
    return _page()


@blueprint.post("/audit/verify")
@needs("audit.verify")
def verify() -> ResponseReturnValue:
    """Walk the whole chain, optionally against a head printed on paper, and say what was found."""
    typed = request.form.get("anchor", "").strip()
    anchor = parse_anchor(typed)
    if typed and anchor is None:
        return _page(bad_anchor=typed), 422
    faults = audit.verify(anchor)
    with work(current_actor(), now()) as w:
        w.note("audit.verify", ("audit_event", str(audit.head()[0])), faults=len(faults), anchor=typed)
    return _page(checked=True, faults=faults, anchor=typed)


def parse_anchor(text: str) -> tuple[int, str] | None:
    """Read ``SEQ:DIGEST`` as printed on slips; the digest may be its beginning. None: not of that form."""
    seq, colon, digest = text.replace("：", ":").replace(" ", "").partition(":")
    sound = colon and seq.isascii() and seq.isdigit() and len(digest) >= 8
    return (int(seq), digest.lower()) if sound and set(digest.lower()) <= set("0123456789abcdef") else None


def _page(**more: Any) -> str:
    wanted = {name: request.args.get(name, "").strip() for name in FILTERS}
    events = _events(wanted, request.args.get("older", ""))
    shown = events[:PAGE]
    values = {
        "rows": _rows(shown),
        "wanted": wanted,
        "older": shown[-1].seq if len(events) > PAGE else None,
        "paged": bool(request.args.get("older")),
        "head": audit.head(),
    }
    return render_template("pages/audit/index.html", **values, **more)


def _events(wanted: dict[str, str], older: str) -> list[AuditEvent]:
    """One event more than a page shows; ``action`` may be the beginning of a code, such as ``loan.``."""
    rows = AuditEvent.select().order_by(AuditEvent.seq.desc()).limit(PAGE + 1)
    for name in ("actor", "kind", "key"):
        if wanted[name]:
            rows = rows.where(getattr(AuditEvent, name) == wanted[name])
    if wanted["action"]:
        rows = rows.where(AuditEvent.action.startswith(wanted["action"]))
    if older.isascii() and older.isdigit():
        rows = rows.where(AuditEvent.seq < int(older))
    return list(rows)


def _rows(events: list[AuditEvent]) -> list[Row]:
    accounts = {event.actor for event in events} | {event.on_behalf_of for event in events}
    names = {user.username: user.name for user in User.select().where(User.username.in_(accounts))}
    return [
        Row(event, action_name(event.action), json.loads(event.data), names.get(event.actor, event.actor))
        for event in events
    ]
