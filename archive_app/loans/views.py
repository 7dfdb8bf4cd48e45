"""Routes of loans: the register, one's own, one loan, taking a request back; asking stands apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import archive_app.loans.marks  # noqa: F401 - the number of the loan on the pages that are read
from archive_app.approvals import queries as approvals
from archive_app.approvals.words import cards, deciders
from archive_app.core.clock import local_date
from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.loans import (
    copy_rows,
    extending,
    folder_panels,
    forms,
    originals,
    places,
    queries,
    rules,
    service,
    sheets,
    words,
)
from archive_app.loans.flow import LOAN
from archive_app.loans.judge import judge_loan
from archive_app.loans.models import Loan
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now
from archive_app.people.forms import whole
from archive_app.policy import RuleBook, hours
from archive_app.printing import barcode
from archive_app.records.service import note_view

blueprint = Blueprint("loans", __name__)
folder_panels.install()


def show(template: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    """A page of loans with what all of them need: the rule book, words, how chains are drawn."""
    page = render_template(
        f"pages/loans/{template}.html", book=book(), words=words, cards=cards, deciders=deciders,
        number_of=sheets.number_of, name_of=copy_rows.name_of, **values,
    )  # fmt: skip
    return page, status


def book() -> RuleBook:
    """The rule book in force."""
    return rulebook.current(now(), current_actor().unit_id).book


def ids(name: str) -> list[int]:
    """The whole numbers given under a name, each once; more than a basket holds is left out."""
    found = [key for text in request.values.getlist(name) if (key := whole(text)) is not None]
    return list(dict.fromkeys(found))[: rules.BASKET_MAX]


def _one(name: str) -> int | None:
    return next(iter(ids(name)), None)


# Lists


@blueprint.get("/loans/mine")
@needs("loan.request")
def mine() -> ResponseReturnValue:
    """One's own loans with countdown, requests with their place in the row, and past ones page by page."""
    actor, at = current_actor(), now()
    running = queries.running_of(actor, at)
    asked = [loan for loan in running if loan.state in rules.WAITING]
    filters = _filters(queries.CLOSED)
    past = queries.past_of(actor, at, filters, _one("older"), _one("newer"))
    return show(
        "mine", running=running, past=past, filters=filters, at=at,
        waits=approvals.waits_for([loan.approval_id for loan in asked if loan.state == "requested"], at),
        places=places.places_of(asked, at), prolonged=extending.open_of_many(running),
        may_extend={loan.id for loan in running if _extendable(loan)}, **axis(),
    )  # fmt: skip


def _extendable(loan: Loan) -> bool:
    """Whether the rule book knows an extension of it that is not used up; the verb asks everything else."""
    use = book().use(loan.folder.secrecy, loan.kind)
    rule = use.extension if use else None
    return rule is not None and loan.shown in rules.RUNNING and loan.extensions < rule.times


@blueprint.get("/loans")
@needs("loan.view_all")
def index() -> ResponseReturnValue:
    """The loan register, newest first, narrowed by state, kind, name or number."""
    actor, at = current_actor(), now()
    filters = _filters(tuple(words.STATES))
    page = queries.list_loans(actor, at, filters, _one("older"), _one("newer"))
    args = {"state": filters.states, "kind": filters.kinds, "q": filters.text}
    return show("index", page=page, args=args, counts=queries.counts(at), at=at, **axis())


def _filters(states: tuple[str, ...]) -> queries.Filters:
    return queries.Filters(
        tuple(state for state in request.args.getlist("state") if state in states),
        tuple(kind for kind in request.args.getlist("kind") if kind in words.KINDS),
        request.args.get("q", "")[:64],
    )


def axis() -> dict[str, Any]:
    """Today's opening hours, the axis of every countdown; None when the room stays closed."""
    spans = hours.instants(book().week, local_date(now()))
    return {"opening": (spans[0][0], spans[-1][1]) if spans else None}


# One loan


@blueprint.get("/loans/<int:loan_id>")
@needs("loan.request")
def loan_page(loan_id: int) -> ResponseReturnValue:
    """One loan: facts, chain with decisions, where the paper went, and the steps open to this person."""
    return shown_loan(loan_id)


def shown_loan(
    loan_id: int, status: int = 200, refusal: Refused | None = None, **typed: Any
) -> ResponseReturnValue:
    """The page of one loan; ``typed`` are forms that were sent and are wrong, by name."""
    actor, at = current_actor(), now()
    loan = queries.loan_for(actor, loan_id, at)
    note_view(loan.folder, actor=actor, at=at, via="loan")
    asked, forbidden = loan.state in rules.WAITING, _forbidden(loan, at)
    values = {
        "form": forms.ReturnForm(), "effect_form": effect_form(loan),
        "extension_form": forms.ExtensionForm(),
    } | typed  # fmt: skip
    return show(
        "loan", status, loan=loan, chain=approvals.chain_view(approvals.approval_for(loan.approval_id), at),
        timeline=queries.timeline_of(loan), steps=_open_steps(loan, forbidden),
        bars=barcode.modules(sheets.payload_of(loan)), seats=_free_seats(), refusal=refusal, at=at,
        decides=_decides(loan), undoable=_can_undo(loan), me=actor.user_id, keyed_by=_keyed_by(loan),
        place=places.places_of([loan], at).get(loan.id) if asked else None, forbidden=forbidden,
        extensions=extending.of_loan(loan.id), extendable=_extendable(loan) and _speaks_for(loan),
        together=queries.count_basket(loan), photocopy=originals.photocopy_of(loan, actor),
        **values, **axis(),
    )  # fmt: skip


def effect_form(loan: Loan) -> forms.EffectForm | None:
    """The form for the effect of a use that is over, for its borrower or the desk; else None."""
    effects = book().lending.effects
    if loan.state != "returned" or not effects or not _speaks_for(loan):
        return None
    form = forms.EffectForm(data={"effect": loan.effect or effects[0], "note": loan.effect_note})
    form.effect.choices = [(word, word) for word in effects]
    return form


def _speaks_for(loan: Loan) -> bool:
    actor = current_actor()
    return loan.borrower_id == actor.user_id or actor.can("loan.desk")


def _forbidden(loan: Loan, at: datetime) -> Refused | None:
    """What has come between: by now the rule book refuses what was asked for, or what is out."""
    if loan.state not in (*rules.WAITING, *rules.RUNNING, "overdue"):
        return None
    answer = judge_loan(loan, at, current_actor().unit_id).answer
    return answer.refusal() if answer.refused else None


def _open_steps(loan: Loan, forbidden: Refused | None) -> set[str]:
    """The buttons: steps that the flow leaves open here, and that the person may take by the rule book."""
    actor = current_actor()
    steps = {step.verb for step in LOAN.open_to(loan.state) if actor.can(step.permission)}
    if not _speaks_for(loan):
        steps.discard("withdraw")
    if loan.state == "approved":
        where = judge_loan(loan, now(), actor.unit_id).answer.where
        steps -= {"hand_over", "seat"} - ({rules.verb_for(where)} if forbidden is None else set())
    return steps


def _free_seats() -> list[str]:
    if not current_actor().can("loan.desk"):
        return []
    taken = {loan.seat for loan in queries.in_room()}
    return [seat for seat in book().reading_room.seats if seat not in taken]


def _can_undo(loan: Loan) -> bool:
    done_at = loan.returned_at if loan.state == "returned" else loan.handed_at
    return current_actor().can("loan.desk") and rules.can_undo(done_at, book().desk.undo, now())


def _keyed_by(loan: Loan) -> str:
    """Who keyed the request at the counter, when it was not the borrower."""
    if loan.requested_by == loan.borrower.username:
        return ""
    keeper = people.user_by_name_or_username(loan.requested_by)
    return keeper.name if keeper else loan.requested_by


def _decides(loan: Loan) -> bool:
    actor = current_actor()
    return actor.can("loan.decide") and loan.approval_id in {
        each.id for each in approvals.waiting_for(actor, now())
    }


@blueprint.post("/loans/<int:loan_id>/withdraw")
@needs("loan.request")
def withdraw(loan_id: int) -> ResponseReturnValue:
    """Take the request back."""
    loan = service.withdraw(loan_id, request.form.get("reason", ""), actor=current_actor(), at=now())
    flash(_("已撤回 %(number)s 的申请。", number=loan.folder.file_number))
    return redirect(url_for("loans.loan_page", loan_id=loan_id), 303)
