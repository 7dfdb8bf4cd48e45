"""The page on which one request is decided."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.loans import forms, service
from archive_app.loans.deciding import DecisionPage, decision_page
from archive_app.loans.views import blueprint, show
from archive_app.people.access import current_actor, needs, now
from archive_app.people.forms import submit, whole
from archive_app.records.service import note_view


@blueprint.route("/loans/<int:loan_id>/decision", methods=["GET", "POST"])
@needs("loan.decide")
def decision(loan_id: int) -> ResponseReturnValue:
    """Approve or refuse the step that waits for this person; a refusal needs a reason."""
    actor, at = current_actor(), now()
    page = decision_page(actor, loan_id, at)
    form = forms.DecisionForm()

    def shown(status: int, refusal: Refused | None) -> ResponseReturnValue:
        note_view(page.loan.folder, actor=actor, at=at, via="decision")
        return show("decision", status, page=page, loan=page.loan, form=form, refusal=refusal, at=at)

    return submit(form, lambda: _decide(page, form), shown)


def _decide(page: DecisionPage, form: forms.DecisionForm) -> ResponseReturnValue:
    verdict = request.form.get("verdict", "")
    loan = service.decide_loan(
        page.loan.id, verdict, form.reason.data or "", actor=current_actor(), at=now(),
        on_behalf_of=page.paper.principal_id if page.paper else None,
        position=whole(form.position.data),
    )  # fmt: skip
    number = loan.folder.file_number
    if verdict == "granted":
        flash(_("已批准 %(number)s。", number=number), "ok")
    else:
        flash(_("没有批准 %(number)s，申请人会看到理由。", number=number))
    if page.others:
        return redirect(url_for("approvals.page", approval_id=page.others[0]), 303)
    return redirect(url_for("approvals.index"), 303)
