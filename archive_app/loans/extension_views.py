"""Routes of what a borrower says about a loan he has or had: prolong it, what it was good for."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.approvals.queries import Question, StepView, proposed_chain
from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.loans import extending, forms, queries, service
from archive_app.loans.models import Loan
from archive_app.loans.views import blueprint, effect_form, show, shown_loan
from archive_app.people.access import current_actor, needs, note_refusal, now
from archive_app.people.forms import submit
from archive_app.policy.words import moment
from archive_app.records.service import note_view


@blueprint.route("/loans/<int:loan_id>/extend", methods=["GET", "POST"])
@needs("loan.request")
def extend(loan_id: int) -> ResponseReturnValue:
    """Ask to keep a folder longer: until when it would be and who decides, or why not, is said first."""
    actor, at = current_actor(), now()
    loan, form = queries.loan_for(actor, loan_id, at), forms.ExtensionForm()
    offer: extending.Offer | None = None
    cannot: Refused | None = None
    try:
        offer = extending.offer(loan, at, actor.unit_id)
    except Refused as error:
        cannot = error
        if request.method == "POST":  # looking whether it can be done is no attempt
            note_refusal(error)

    def shown(status: int, refusal: Refused | None) -> ResponseReturnValue:
        chain = _chain(loan, offer) if offer else ()
        note_view(loan.folder, actor=actor, at=at, via="extension")
        return show("extend", status, loan=loan, form=form, offer=offer, refusal=refusal, chain=chain, at=at)

    return shown(409, cannot) if cannot else submit(form, lambda: _ask(loan, form), shown)


def _ask(loan: Loan, form: forms.ExtensionForm) -> ResponseReturnValue:
    extension = extending.ask_extension(loan.id, form.reason.data or "", actor=current_actor(), at=now())
    if extension.state == "granted":
        flash(_("已续借到 %(due)s。", due=moment(extension.due_after, now())), "ok")
    else:
        flash(_("已提交续借申请。批准前仍按 %(due)s 归还。", due=moment(extension.due_before, now())), "ok")
    return redirect(url_for("loans.loan_page", loan_id=loan.id), 303)


def _chain(loan: Loan, offer: extending.Offer) -> tuple[StepView, ...]:
    judged = offer.judged
    asked = Question(
        judged.adopted.book, extending.ACTION, loan.borrower_id, judged.borrower.department_id, now(),
        judged.manager_id, judged.department_id,
    )  # fmt: skip
    return proposed_chain(asked, offer.rule.steps)


@blueprint.post("/extensions/<int:extension_id>/withdraw")
@needs("loan.request")
def withdraw_extension(extension_id: int) -> ResponseReturnValue:
    """Take the question back."""
    extension = extending.withdraw_extension(extension_id, actor=current_actor(), at=now())
    flash(_("已撤回续借申请，应还时间不变。"))
    return redirect(url_for("loans.loan_page", loan_id=extension.loan_id), 303)


@blueprint.get("/extensions/<int:extension_id>")
@needs("loan.request")
def extension_page(extension_id: int) -> ResponseReturnValue:
    """The loan that an extension is about; notices link here."""
    loan_id = extending.extension_for(extension_id).loan_id
    queries.loan_for(current_actor(), loan_id, now())
    return redirect(url_for("loans.loan_page", loan_id=loan_id), 303)


@blueprint.post("/loans/<int:loan_id>/effect")
@needs("loan.request")
def effect(loan_id: int) -> ResponseReturnValue:
    """Say what the use was good for (利用效果)."""
    loan = queries.loan_for(current_actor(), loan_id, now())
    form = effect_form(loan) or forms.EffectForm()

    def save() -> ResponseReturnValue:
        note = form.note.data or ""
        service.note_effect(loan_id, form.effect.data or "", note, actor=current_actor(), at=now())
        flash(_("已登记利用效果。"), "ok")
        return redirect(url_for("loans.loan_page", loan_id=loan_id), 303)

    def shown(status: int, refusal: Refused | None) -> ResponseReturnValue:
        return shown_loan(loan_id, status, refusal, effect_form=form if loan.state == "returned" else None)

    return submit(form, save, shown)
