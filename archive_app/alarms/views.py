"""Routes of alarms: the list, one with its trail, and what came of it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.alarms import queries, rules, service, words
from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now
from archive_app.people.forms import whole

blueprint = Blueprint("alarms", __name__)


@blueprint.get("/alarms")
@needs("alarm.view")
def index() -> ResponseReturnValue:
    """What is unusual, newest first: what nobody has looked into, or all."""
    everything = request.args.get("show") == "all"
    rows, older = queries.page(only_open=not everything, older=whole(request.args.get("older")))
    paged = bool(request.args.get("older"))
    values = dict(rows=rows, older=older, paged=paged, everything=everything, words=words)
    part = rulebook.current(now()).book.lending.alarms
    return render_template("pages/alarms/index.html", **values, part=part, count=queries.count_open())


@blueprint.get("/alarms/<int:alarm_id>")
@needs("alarm.view")
def alarm_page(alarm_id: int) -> ResponseReturnValue:
    """One alarm with its trail."""
    return _page(alarm_id, {}, "", 200)


@blueprint.post("/alarms/<int:alarm_id>/handle")
@needs("alarm.handle")
def handle(alarm_id: int) -> ResponseReturnValue:
    """Write down what was found and done."""
    typed = request.form.get("remark", "")
    try:
        service.handle(alarm_id, typed, actor=current_actor(), at=now())
    except Invalid as error:
        return _page(alarm_id, error.fields, typed, 422)
    flash(_("已记下处理结果。"), "ok")
    return redirect(url_for("alarms.alarm_page", alarm_id=alarm_id), 303)


def _page(alarm_id: int, errors: dict[str, str], typed: str, status: int) -> ResponseReturnValue:
    row = queries.alarm(alarm_id)
    offence = words.OFFENCES.get(row.kind, "")
    values = dict(
        alarm=row,
        trail=queries.trail(row),
        most=queries.TRAIL,
        uses=queries.uses(row),
        penalty=rulebook.by_id(row.rule_book).book.lending.penalties.get(offence),
        words=words,
        errors=errors,
        typed=typed,
        remark_max=rules.REMARK_MAX,
        own=row.user_id == current_actor().user_id,
    )
    return render_template("pages/alarms/alarm.html", **values), status
