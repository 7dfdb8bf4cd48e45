"""Routes of the pick list: the list along the shelves with its progress, its scan box, its print."""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from archive_app.desk import queries
from archive_app.desk.screen import desk_name, page
from archive_app.desk.views import blueprint, scanned
from archive_app.loans import picking
from archive_app.people.access import current_actor, needs, now
from archive_app.prints.views import as_pdf

PAGE = "desk.picks"


@blueprint.get("/desk/picks")
@needs("loan.desk")
def picks() -> ResponseReturnValue:
    """What is approved and not fetched, as a walk along the shelves (取档单)."""
    newest = queries.last_scan(desk_name())
    recent = newest if newest and now() - timedelta(minutes=2) < newest.row.at <= now() else None
    return render_template("pages/desk/picks.html", **page(recent, PAGE))


@blueprint.post("/desk/picks/scan")
@needs("loan.desk")
def scan_pick() -> ResponseReturnValue:
    """A folder taken from its shelf."""
    return scanned(PAGE)


@blueprint.post("/desk/picks/<int:loan_id>/put-back")
@needs("loan.desk")
def put_back_pick(loan_id: int) -> ResponseReturnValue:
    """It was taken by mistake and stands on its shelf again."""
    picking.unpick(loan_id, actor=current_actor(), at=now())
    return redirect(url_for(PAGE), 303)


@blueprint.get("/desk/picks.pdf")
@needs("loan.desk")
def picks_pdf() -> ResponseReturnValue:
    """The pick list as PDF; each print is registered and audited."""
    _row, data = picking.print_list(actor=current_actor(), at=now())
    return as_pdf(data, "pick-list")
