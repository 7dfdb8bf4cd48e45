"""The route of the slip that lists all that was asked for together."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from archive_app.loans import sheets, slips
from archive_app.loans.rows import get_loan
from archive_app.people.access import current_actor, needs, now
from archive_app.prints.views import as_pdf

blueprint = Blueprint("slips", __name__)


@blueprint.get("/loans/<int:loan_id>/basket-slip.pdf")
@needs("slip.print")
def basket(loan_id: int) -> ResponseReturnValue:
    """One slip (借阅单) for a whole basket as PDF; each print is counted and audited."""
    _row, data = slips.print_basket(loan_id, actor=current_actor(), at=now())
    return as_pdf(data, f"{sheets.number_of(get_loan(loan_id))}-all")
