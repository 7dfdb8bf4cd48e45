"""The start page and the health check."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from archive_app import __version__
from archive_app.core.db import db
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now, public
from archive_app.web import dashboard as day

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@needs("account.own")
def start() -> ResponseReturnValue:
    """Where one starts: the day's work for staff, accounts for administrators, else one's own loans."""
    actor = current_actor()
    if actor.can("dashboard.view"):
        return dashboard()
    return redirect(url_for("people.index" if actor.can("people.manage") else "loans.mine"), 303)


@blueprint.get("/today")
@needs("dashboard.view")
def dashboard() -> ResponseReturnValue:
    """The day's work: what is out, what waits, what is wrong."""
    actor, at = current_actor(), now()
    book = rulebook.current(at, actor.unit_id).book
    values = dict(book=book, at=at, closing=book.closing(at), opens_next=book.opens_next(at))
    return render_template("pages/home/dashboard.html", **values, **day.page(actor, at))


@blueprint.get("/healthz")
@public
def health() -> ResponseReturnValue:
    """Whether the process answers and reaches its database."""
    db.execute_sql("SELECT 1")
    return {"status": "ok", "version": __version__}
