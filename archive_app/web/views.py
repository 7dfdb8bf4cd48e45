"""The start page and the health check."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from archive_app import __version__
from archive_app.core.db import db
from archive_app.people.access import current_actor, needs, now, public
from archive_app.web import shell

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@needs("account.own")
def start() -> ResponseReturnValue:
    """Where a person starts: the day's work for staff, one's own loans or the search for borrowers."""
    actor = current_actor()
    if actor.can("dashboard.view"):
        return dashboard()
    for endpoint in ("loans.mine", "desk.search", "people.me"):
        if endpoint in current_app.view_functions:
            return redirect(url_for(endpoint), 303)
    return redirect(url_for("people.me"), 303)


@blueprint.get("/today")
@needs("dashboard.view")
def dashboard() -> ResponseReturnValue:
    """The day's work: what is out, what waits, what is wrong."""
    return render_template("pages/home/dashboard.html", at=now(), staff=shell.is_staff(current_actor()))


@blueprint.get("/healthz")
@public
def health() -> ResponseReturnValue:
    """Whether the process answers and reaches its database."""
    db.execute_sql("SELECT 1")
    return {"status": "ok", "version": __version__}
