"""Routes of loans: asking, deciding, the register, one loan with its slip; the desk's steps by button too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from archive_app.approvals import queries as approvals
from archive_app.approvals.words import cards, deciders
from archive_app.core.clock import local_date
from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _
from archive_app.loans import forms, queries, rules, service, sheets, slips, words
from archive_app.loans.deciding import DecisionPage, decision_page
from archive_app.loans.flow import LOAN
from archive_app.loans.models import Loan
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, note_refusal, now
from archive_app.people.actor import Actor
from archive_app.people.forms import put_errors, submit, whole
from archive_app.people.models import User
from archive_app.policy import hours
from archive_app.printing import barcode
from archive_app.records.models import Folder
from archive_app.records.queries import folder_for
from archive_app.records.service import note_view
from archive_app.records.views import folder_panels

blueprint = Blueprint("loans", __name__)
BASKET_MAX = 20


def _show(template: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    book = rulebook.current(now(), current_actor().unit_id).book
    page = render_template(
        f"pages/loans/{template}.html", book=book, words=words, cards=cards, deciders=deciders,
        number_of=sheets.number_of, **values,
    )  # fmt: skip
    return page, status


def _ids(name: str) -> list[int]:
    found = [key for text in request.values.getlist(name) if (key := whole(text)) is not None]
    return list(dict.fromkeys(found))[:BASKET_MAX]


# Asking


@blueprint.route("/loans/new", methods=["GET", "POST"])
@needs("loan.request")
def request_form() -> ResponseReturnValue:
    """The request, with what would happen to each folder; the buttons of 方式 only look, nothing is sent."""
    actor, at = current_actor(), now()
    form = forms.RequestForm(data={"kind": _kind()})
    folders = [folder_for(actor, folder_id, at) for folder_id in _ids("folder")]
    form.kind.data = _kind()
    borrower: User | None = None
    refusal: Refused | None = None
    try:
        borrower = _borrower()
        if "look" not in request.form and form.validate_on_submit():
            return _send(form, folders, borrower)
    except Invalid as error:
        put_errors(form, error.fields)
    except Refused as error:
        note_refusal(refusal := error)
    outcomes = [queries.outcome(actor, folder, form.kind.data, at, borrower) for folder in folders]
    wrong = bool(form.errors or form.form_errors) and form.is_submitted()
    status = 409 if refusal else 422 if wrong else 200
    return _show(
        "request", status, form=form, outcomes=outcomes, borrower=borrower, refusal=refusal,
        open_to=[each for each in outcomes if not each.refused and not each.duplicate],
    )  # fmt: skip


def _kind() -> str:
    wanted = request.values.get("look") or request.values.get("kind") or "loan"
    return wanted if wanted in words.KINDS else "loan"


def _borrower() -> User | None:
    """Whom the archivist keys the request for at the counter; None: for oneself.

    Raises Invalid: the typed name is nobody's — never fall back to oneself.
    """
    if not current_actor().can("loan.desk"):
        return None
    if ids := _ids("borrower"):
        return people.user(ids[0])
    text = request.values.get("borrower_text", "").strip()
    if text and (found := people.user_by_name_or_username(text)) is None:
        raise Invalid({"borrower": _("没有找到“%(name)s”，请从列表中选。", name=text[:40])})
    return found if text else None


def _send(form: forms.RequestForm, folders: list[Folder], borrower: User | None) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    shown = [queries.outcome(actor, folder, form.kind.data, at, borrower) for folder in folders]
    wanted = [each.folder.id for each in shown if not each.refused and not each.duplicate]
    if not wanted:
        refusal = next((each.refusal for each in shown if each.refusal), None)
        raise refusal or Refused(
            "loan.nothing", _("没有可以提交的档案。"), next_step=_("请换一种方式或档案。")
        )
    loans = service.request_loans(
        wanted, form.kind.data, borrower_id=borrower.id if borrower else None,
        undertaking=form.undertaking.data, actor=actor, at=at,
        **{name: form[name].data or "" for name in rules.LIMITS},
    )  # fmt: skip
    flash(_said(loans), "ok")
    if len(loans) == 1:
        return redirect(url_for("loans.loan_page", loan_id=loans[0].id), 303)
    return redirect(url_for("loans.mine" if borrower is None else "loans.index"), 303)


def _said(loans: list[Loan]) -> str:
    approved = sum(loan.state == "approved" for loan in loans)
    if approved == len(loans):
        return _("%(n)s 份可以直接到档案室领取。", n=approved)
    return _("已提交 %(n)s 份，批准后到档案室领取。", n=len(loans))


# Lists


@blueprint.get("/loans/mine")
@needs("loan.request")
def mine() -> ResponseReturnValue:
    """One's own loans with countdown, requests on their way, and the newest past ones."""
    actor, at = current_actor(), now()
    running, past = queries.mine(actor, at)
    waits = approvals.waits_for([loan.approval_id for loan in running if loan.state == "requested"], at)
    return _show("mine", running=running, past=past, waits=waits, at=at, **_axis())


@blueprint.get("/loans")
@needs("loan.view_all")
def index() -> ResponseReturnValue:
    """The loan register, newest first, narrowed by state, kind, name or number."""
    actor, at = current_actor(), now()
    states = tuple(s for s in request.args.getlist("state") if s in words.STATES)
    kinds = tuple(k for k in request.args.getlist("kind") if k in words.KINDS)
    text = request.args.get("q", "")[:64]
    key = {name: next(iter(_ids(name)), None) for name in ("older", "newer")}
    page = queries.list_loans(actor, at, queries.Filters(states, kinds, text), key["older"], key["newer"])
    args = {"state": states, "kind": kinds, "q": text}
    return _show("index", page=page, args=args, counts=queries.counts(at), at=at, **_axis())


def _axis() -> dict[str, Any]:
    """Today's opening hours, the axis of every countdown; None when the room stays closed."""
    week = rulebook.current(now(), current_actor().unit_id).book.week
    spans = hours.instants(week, local_date(now()))
    return {"opening": (spans[0][0], spans[-1][1]) if spans else None}


# One loan


@blueprint.get("/loans/<int:loan_id>")
@needs("loan.request")
def loan_page(loan_id: int) -> ResponseReturnValue:
    """One loan: facts, chain with decisions, where the paper went, and the steps open to this person."""
    return _loan_page(loan_id)


def _loan_page(
    loan_id: int, status: int = 200, refusal: Refused | None = None, form: forms.ReturnForm | None = None
) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    loan = queries.loan_for(actor, loan_id, at)
    note_view(loan.folder, actor=actor, at=at, via="loan")
    return _show(
        "loan", status, loan=loan, chain=approvals.chain_view(approvals.approval_for(loan.approval_id), at),
        timeline=queries.timeline_of(loan), steps=_open_steps(loan),
        bars=barcode.modules(sheets.payload_of(loan)),
        seats=_free_seats(), form=form or forms.ReturnForm(), refusal=refusal, at=at,
        decides=_decides(loan), undoable=_can_undo(loan), me=actor.user_id, keyed_by=_keyed_by(loan),
        **_axis(),
    )  # fmt: skip


def _open_steps(loan: Loan) -> set[str]:
    """The buttons: steps that the flow leaves open here, and that the person may take by the rule book."""
    actor = current_actor()
    steps = {step.verb for step in LOAN.open_to(loan.state) if actor.can(step.permission)}
    if loan.borrower_id != actor.user_id and not actor.can("loan.desk"):
        steps.discard("withdraw")
    if loan.state == "approved":
        where = queries.outcome(actor, loan.folder, loan.kind, now(), loan.borrower).answer.where
        steps -= {"hand_over", "seat"} - {rules.verb_for(where)}
    return steps


def _free_seats() -> list[str]:
    if not current_actor().can("loan.desk"):
        return []
    taken = {loan.seat for loan in queries.in_room()}
    seats = rulebook.current(now(), current_actor().unit_id).book.reading_room.seats
    return [seat for seat in seats if seat not in taken]


def _can_undo(loan: Loan) -> bool:
    done_at = loan.returned_at if loan.state == "returned" else loan.handed_at
    undo = rulebook.current(now(), current_actor().unit_id).book.desk.undo
    return current_actor().can("loan.desk") and rules.can_undo(done_at, undo, now())


def _keyed_by(loan: Loan) -> str:
    """Who keyed the request at the counter, when it was not the borrower."""
    if loan.requested_by == loan.borrower.username:
        return ""
    keeper = people.user_by_name_or_username(loan.requested_by)
    return keeper.name if keeper else loan.requested_by


def _decides(loan: Loan) -> bool:
    actor = current_actor()
    return actor.can("loan.decide") and loan.approval_id in {
        a.id for a in approvals.waiting_for(actor, now())
    }


@blueprint.post("/loans/<int:loan_id>/withdraw")
@needs("loan.request")
def withdraw(loan_id: int) -> ResponseReturnValue:
    """Take the request back."""
    loan = service.withdraw(loan_id, request.form.get("reason", ""), actor=current_actor(), at=now())
    flash(_("已撤回 %(number)s 的申请。", number=loan.folder.file_number))
    return redirect(url_for("loans.loan_page", loan_id=loan_id), 303)


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
    """Take the folder back with the count of its pages."""
    form = forms.ReturnForm()
    if not form.validate_on_submit():
        return _loan_page(loan_id, 422, form=form)
    counted = {"pages": form.pages.data, "remark": form.remark.data or ""}
    try:
        loan = service.give_back(loan_id, actor=current_actor(), at=now(), **counted)
    except Invalid as error:
        put_errors(form, error.fields)
        return _loan_page(loan_id, 422, form=form)
    said = _(
        "已归还 %(number)s，放回 %(place)s。", number=loan.folder.file_number, place=loan.folder.place or "—"
    )
    flash(said, "ok")
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
    return _pdf(data, sheets.number_of(queries.get_loan(loan_id)))


@blueprint.get("/loans/<int:loan_id>/out-card.pdf")
@needs("slip.print")
def out_card(loan_id: int) -> ResponseReturnValue:
    """The out-card (代卷卡) as PDF; audited like the slip."""
    _row, data = slips.print_slip(loan_id, "out_card", actor=current_actor(), at=now())
    return _pdf(data, f"{sheets.number_of(queries.get_loan(loan_id))}-card")


def _pdf(data: bytes, name: str) -> Response:
    response = Response(data, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


# Deciding


@blueprint.route("/loans/<int:loan_id>/decision", methods=["GET", "POST"])
@needs("loan.decide")
def decision(loan_id: int) -> ResponseReturnValue:
    """Approve or refuse the step that waits for this person; a refusal needs a reason."""
    actor, at = current_actor(), now()
    page = decision_page(actor, loan_id, at)
    form = forms.DecisionForm()

    def shown(status: int, refusal: Refused | None) -> ResponseReturnValue:
        note_view(page.loan.folder, actor=actor, at=at, via="decision")
        return _show("decision", status, page=page, loan=page.loan, form=form, refusal=refusal, at=at)

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


# The folder's page


def panels(folder: Folder, actor: Actor, at: datetime) -> dict[str, Markup]:
    """What the folder page says about borrowing it: limits of its level, the button, what would happen."""
    if folder.state != "active" or not actor.can("loan.request"):
        return {}
    known = {
        "folder": folder,
        "shown": queries.outcome(actor, folder, "loan", at),
        "level": rulebook.current(at, actor.unit_id).book.levels.get(folder.secrecy),
        "history": queries.history_of_folder(folder.id, at, 5) if actor.can("loan.view_all") else [],
        "words": words,
        "cards": cards,
    }
    places = ("chips", "action", "side")
    made = {place: render_template(f"pages/loans/_{place}.html", **known) for place in places}
    return {
        "chips": Markup(made["chips"]),  # noqa: S704 - our own escaping templates
        "actions": Markup(made["action"]),  # noqa: S704
        "side": Markup(made["side"]),  # noqa: S704
    }


folder_panels.insert(0, panels)
