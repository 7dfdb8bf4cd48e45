"""Routes of approvals: what waits for one's decision."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from archive_app.approvals import queries
from archive_app.people import queries as people
from archive_app.people.access import current_actor, needs, now

blueprint = Blueprint("approvals", __name__)

# The decision belongs to the record it is about: which page shows it, by kind, and the name of its key.
# Names only, no imports.
PAGES = {"loan": ("loans.decision", "loan_id"), "unbinding": ("volumes.unbinding", "unbinding_id")}


@blueprint.get("/approvals")
@needs("loan.decide", "volume.decide")
def index() -> ResponseReturnValue:
    """The inbox: what this person can decide now, oldest first, and what was decided lately."""
    actor, at = current_actor(), now()
    return render_template(
        "pages/approvals/index.html",
        waiting=queries.waiting_for(actor, at),
        names={
            paper.principal_id: paper.principal.name for paper in people.deputations_at(actor.user_id, at)
        },
        decided=queries.decided_by(actor.user_id),
        at=at,
    )


@blueprint.get("/approvals/<int:approval_id>")
@needs("loan.decide", "volume.decide")
def page(approval_id: int) -> ResponseReturnValue:
    """The page on which the question is decided."""
    approval = queries.approval_for(approval_id)
    endpoint, key = PAGES[approval.kind]
    values: dict[str, Any] = {key: approval.key}
    return redirect(url_for(endpoint, **values), 303)
