"""Routes of approvals: what waits for one's decision, one question, and a whole basket."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.approvals import inbox, queries, rules, service
from archive_app.approvals.forms import BasketForm, VerdictForm
from archive_app.approvals.models import Approval
from archive_app.approvals.service import Choice, Decided
from archive_app.approvals.words import ENDED, cards
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people.access import current_actor, needs, note_refusal, now
from archive_app.people.forms import put_errors, submit, whole

blueprint = Blueprint("approvals", __name__)


@blueprint.get("/approvals")
@needs(*rules.DECIDING)
def index() -> ResponseReturnValue:
    """The inbox: what this person can decide now, oldest first, and what was decided lately."""
    actor, at = current_actor(), now()
    decided = queries.decided_by(actor.user_id)
    return render_template(
        "pages/approvals/index.html", groups=inbox.groups(actor, at), decided=decided, at=at
    )


@blueprint.route("/approvals/<int:approval_id>", methods=["GET", "POST"])
@needs("account.own")
def page(approval_id: int) -> ResponseReturnValue:
    """One question: decided here, or on the page of its kind; its asker sees how far it is.

    Raises NotFound: the question is none of this person's business.
    """
    approval = queries.approval_for(approval_id)
    form, decides = VerdictForm(), _decides(approval)
    if target := (inbox.PAGES if decides else inbox.RESULTS).get(approval.kind):
        values: dict[str, Any] = {target[1]: approval.key}  # that page knows who may see it
        return redirect(url_for(target[0], **values), 303)
    if not decides and approval.requester_id != current_actor().user_id:
        if request.method == "POST":  # the page was open and the right to it is gone: said kindly
            _decide(approval, form)
        raise NotFound(_("没有这份申请。"))
    return submit(form, lambda: _decide(approval, form), lambda code, no: _page(approval, form, code, no))


def _decides(approval: Approval) -> bool:
    """Whether the question waits for this person, or this person has decided a step of it."""
    own = approval.requester_id == current_actor().user_id
    return not own and (_mine(approval) is not None or queries.took_part(current_actor(), approval))


def _mine(approval: Approval) -> Approval | None:
    """The row with the standing of the person, when it waits for this person."""
    waiting = queries.waiting_for(current_actor(), now())
    return next((row for row in waiting if row.id == approval.id), None)


def _page(approval: Approval, form: VerdictForm, status: int, refusal: Refused | None) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    mine, chain = _mine(approval), queries.chain_view(approval, at)
    wanted = mine.standing.deputation if mine else None
    papers = people.deputations_at(actor.user_id, at) if wanted else []
    values = dict(
        approval=approval, item=inbox.items_of([approval], actor, at)[approval.id], chain=chain, form=form,
        refusal=refusal, mine=mine, cards=cards, ended=ENDED, at=at,
        paper=next((paper for paper in papers if paper.id == wanted), None),
        current=next((step for step in chain if step.state == "current"), None),
    )  # fmt: skip
    inbox.note_seen([approval], actor, at)
    return render_template("pages/approvals/one.html", **values), status


def _decide(approval: Approval, form: VerdictForm) -> ResponseReturnValue:
    verdict = request.form.get("verdict", "")
    service.decide(
        approval.id, verdict, form.reason.data or "", actor=current_actor(), at=now(),
        position=whole(form.position.data),
    )  # fmt: skip
    flash(_said([approval], verdict), "ok" if verdict == "granted" else "")
    return redirect(url_for("approvals.index"), 303)


@blueprint.route("/approvals/basket/<int:basket_id>", methods=["GET", "POST"])
@needs(*rules.DECIDING)
def basket(basket_id: int) -> ResponseReturnValue:
    """All of a basket that waits for this person: approve some, refuse the rest or leave it."""
    form = BasketForm()
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            return _decide_some(basket_id, form)
        except Invalid as error:
            put_errors(form, error.fields)
        except Refused as error:
            note_refusal(refusal := error)
    status = 409 if refusal else 422 if form.is_submitted() else 200
    return _basket_page(basket_id, form, status, refusal)


def _basket_page(
    basket_id: int, form: BasketForm, status: int, refusal: Refused | None
) -> ResponseReturnValue:
    try:
        page = inbox.basket_page(current_actor(), basket_id, now())
    except NotFound:
        if refusal is not None:  # nothing is left to show, but why is still said
            raise refusal from None
        rows = (row for row in queries.of_basket(basket_id) if queries.took_part(current_actor(), row))
        if (mine := next(rows, None)) is None:
            raise
        return redirect(url_for("approvals.page", approval_id=mine.id), 303)
    inbox.note_seen([row for row, _item in page.group.rows], current_actor(), now())
    picked = form.pick.data if form.is_submitted() else None
    values = dict(page=page, form=form, refusal=refusal, picked=picked, cards=cards, at=now())
    return render_template("pages/approvals/basket.html", **values), status


def _decide_some(basket_id: int, form: BasketForm) -> ResponseReturnValue:
    """Decide what was ticked; the rest of what this person saw is refused or left."""
    verdict, reason = request.form.get("verdict", ""), form.reason.data or ""
    picked = [_choice(text, verdict, reason) for text in form.pick.data or []]
    choices = [each for each in picked if each is not None]
    if verdict == "granted" and form.rest.data == "refuse":
        seen = [_choice(text, "refused", reason) for text in request.form.getlist("seen")]
        ticked = {each.approval_id for each in choices}
        choices += [each for each in seen if each and each.approval_id not in ticked]
    asked = {row.id for row in queries.of_basket(basket_id)}
    decided = service.decide_many(
        [each for each in choices if each.approval_id in asked], actor=current_actor(), at=now()
    )
    _flash(decided, {each.approval_id: each.verdict for each in choices})
    return redirect(url_for("approvals.index"), 303)


def _choice(text: str, verdict: str, reason: str) -> Choice | None:
    approval, _dot, position = text.partition(".")
    key, step = whole(approval), whole(position)
    if key is None or step is None:
        return None
    return Choice(key, step, verdict, reason if verdict == "refused" else "")


def _flash(decided: Decided, verdicts: dict[int, str]) -> None:
    for verdict in rules.VERDICTS:
        rows = [row for row in decided.done if verdicts[row.id] == verdict]
        if rows:
            flash(_said(rows, verdict), "ok" if verdict == "granted" else "")
    if decided.same and not decided.done:
        flash(_("之前已经记下，没有再记一次。"))
    for refusal in decided.refused.values():
        flash(str(refusal), "stop")


def _said(rows: list[Approval], verdict: str) -> str:
    if verdict == "granted":
        return _("已批准 %(n)s 份。", n=len(rows))
    return _("没有批准 %(n)s 份，申请人会看到理由。", n=len(rows))
