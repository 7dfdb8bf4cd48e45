"""Routes behind the buttons of an answer: checks, pages of a copy, papers, in and out of the room."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.errors import ArchiveError, Refused
from archive_app.core.i18n import _
from archive_app.desk import forms, service
from archive_app.desk.screen import answer, desk_name, place, request_id
from archive_app.desk.views import blueprint
from archive_app.loans import incident_rows, papers, queries, returning, sheets
from archive_app.loans.models import Loan
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now
from archive_app.people.forms import submit
from archive_app.prints.views import as_pdf


@blueprint.post("/desk/sign-in/<int:user_id>")
@needs("desk.use")
def sign_in(user_id: int) -> ResponseReturnValue:
    """Sign the person of the answer into the reading room."""
    row = service.sign_in(user_id, desk=desk_name(), request_id=request_id(), actor=current_actor(), at=now())
    return answer(row, back=place())


@blueprint.post("/desk/sign-out/<int:session_id>")
@needs("desk.use")
def sign_out(session_id: int) -> ResponseReturnValue:
    """Sign the reader of the answer out."""
    row = service.sign_out(
        session_id, desk=desk_name(), request_id=request_id(), actor=current_actor(), at=now()
    )
    return answer(row, back=place())


@blueprint.route("/desk/check/<int:loan_id>", methods=["GET", "POST"])
@needs("loan.desk")
def check(loan_id: int) -> ResponseReturnValue:
    """Look through what came back: pages, condition, what the use was good for (LOAN-10)."""
    actor, at = current_actor(), now()
    loan = queries.loan_for(actor, loan_id, at)
    book = rulebook.current(at, actor.unit_id).book
    form = forms.CheckForm()
    form.effect.choices = [("", "—"), *((each, each) for each in book.lending.effects)]

    def shown(status: int, refusal: Refused | None) -> ResponseReturnValue:
        page = render_template(
            "pages/desk/check.html", loan=loan, form=form, refusal=refusal, book=book, at=at,
            expected=loan.pages_out or returning.pages_expected(loan),
        )  # fmt: skip
        return page, status

    return submit(form, lambda: _check(loan, form), shown)


def _check(loan: Loan, form: forms.CheckForm) -> ResponseReturnValue:
    values: dict[str, Any] = {
        "pages": form.pages.data, "condition": form.condition.data, "remark": form.remark.data or "",
        "effect": form.effect.data or "", "effect_note": form.effect_note.data or "",
    }  # fmt: skip
    verb = returning.check_return if loan.state == "returned" else returning.give_back
    loan = verb(loan.id, actor=current_actor(), at=now(), **values)
    if loan.condition == returning.GOOD:
        flash(_("%(number)s 已检查，完好。", number=loan.folder.file_number), "ok")
        return redirect(url_for("desk.index"), 303)
    report = incident_rows.of_folder(loan.folder_id, 1)[0]
    flash(_("%(number)s 已开缺损报告，等候审批。", number=loan.folder.file_number))
    return redirect(url_for("incidents.page", incident_id=report.id), 303)


@blueprint.route("/desk/copy/<int:loan_id>", methods=["GET", "POST"])
@needs("loan.desk")
def copy_form(loan_id: int) -> ResponseReturnValue:
    """Register a photocopy with its pages and hand it over (LOAN-11)."""
    actor, at = current_actor(), now()
    loan = queries.loan_for(actor, loan_id, at)
    expected = returning.pages_expected(loan)
    form = forms.CopyForm(data={"pages": expected or None})

    def given() -> ResponseReturnValue:
        service.hand_copy(
            loan.id, form.pages.data, desk=desk_name(), request_id=request_id(), actor=actor, at=at
        )
        return redirect(url_for("desk.index"), 303)

    def shown(status: int, refusal: Refused | None) -> ResponseReturnValue:
        page = render_template(
            "pages/desk/copy.html", loan=loan, form=form, refusal=refusal, expected=expected
        )
        return page, status

    return submit(form, given, shown)


@blueprint.get("/desk/papers/<int:loan_id>")
@needs("slip.print")
def papers_pdf(loan_id: int) -> ResponseReturnValue:
    """Slip and out-card in one PDF; when they cannot be drawn the loan stands, and it is said what to do."""
    actor, at = current_actor(), now()
    try:
        _row, data = papers.print_papers(loan_id, actor=actor, at=at)
    except Refused:
        raise
    except ArchiveError as error:
        flash(_("借阅已经办好，单子没有印出来：%(why)s 稍后在这里或打印登记里再印。", why=str(error)))
        return redirect(url_for("loans.loan_page", loan_id=loan_id), 303)
    return as_pdf(data, f"{sheets.number_of(queries.get_loan(loan_id))}-papers")
