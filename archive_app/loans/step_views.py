"""Routes of the desk's steps by button: hand over, seat, give back, undo; slip and out-card."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.loans import forms, queries, service, sheets, slips
from archive_app.loans.views import blueprint, shown_loan
from archive_app.people.access import current_actor, needs, now
from archive_app.people.forms import put_errors
from archive_app.prints.views import as_pdf


@blueprint.post("/loans/<int:loan_id>/hand-over")
@needs("loan.desk")
def hand_over(loan_id: int) -> ResponseReturnValue:
    """Hand the folder out, by button instead of scan."""
    loan = service.hand_over(loan_id, actor=current_actor(), at=now())
    flash(_("已借出 %(number)s。%(due)s", number=loan.folder.file_number, due=loan.due_reason), "ok")
    return redirect(url_for("loans.loan_page", loan_id=loan_id), 303)


@blueprint.post("/loans/<int:loan_id>/seat")
@needs("loan.desk")
def seat(loan_id: int) -> ResponseReturnValue:
    """Seat the reader, by button instead of scan."""
    wanted = request.form.get("seat") or None
    loan = service.seat_reader(loan_id, wanted, actor=current_actor(), at=now())
    flash(_("已入座 %(seat)s。%(due)s", seat=loan.seat, due=loan.due_reason), "ok")
    return redirect(url_for("loans.loan_page", loan_id=loan_id), 303)


@blueprint.post("/loans/<int:loan_id>/return")
@needs("loan.desk")
def give_back(loan_id: int) -> ResponseReturnValue:
    """Take the folder back with the count of its pages and what was seen."""
    form = forms.ReturnForm()
    if not form.validate_on_submit():
        return shown_loan(loan_id, 422, form=form)
    found = {
        "pages": form.pages.data,
        "remark": form.remark.data or "",
        "condition": form.condition.data or "",
    }
    try:
        loan = service.give_back(loan_id, actor=current_actor(), at=now(), **found)
    except Invalid as error:
        put_errors(form, error.fields)
        return shown_loan(loan_id, 422, form=form)
    place = loan.folder.place or "—"
    flash(_("已归还 %(number)s，放回 %(place)s。", number=loan.folder.file_number, place=place), "ok")
    return redirect(url_for("loans.loan_page", loan_id=loan_id), 303)


@blueprint.post("/loans/<int:loan_id>/undo")
@needs("loan.desk")
def undo(loan_id: int) -> ResponseReturnValue:
    """Take the last desk step back while its seconds run."""
    loan = queries.get_loan(loan_id)
    verb = service.undo_give_back if loan.state == "returned" else service.undo_hand_over
    verb(loan_id, actor=current_actor(), at=now())
    flash(_("已撤销，记录回到之前的样子。"))
    return redirect(url_for("loans.loan_page", loan_id=loan_id), 303)


@blueprint.get("/loans/<int:loan_id>/slip.pdf")
@needs("slip.print")
def slip(loan_id: int) -> ResponseReturnValue:
    """The slip (借阅单) as PDF; each print is counted and audited."""
    _row, data = slips.print_slip(loan_id, "loan_slip", actor=current_actor(), at=now())
    return as_pdf(data, sheets.number_of(queries.get_loan(loan_id)))


@blueprint.get("/loans/<int:loan_id>/out-card.pdf")
@needs("slip.print")
def out_card(loan_id: int) -> ResponseReturnValue:
    """The out-card (代卷卡) as PDF; audited like the slip."""
    _row, data = slips.print_slip(loan_id, "out_card", actor=current_actor(), at=now())
    return as_pdf(data, f"{sheets.number_of(queries.get_loan(loan_id))}-card")
