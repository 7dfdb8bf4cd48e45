"""Routes of a request to open a bound volume again: the page on which it is decided, also on a phone."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.approvals import queries as approvals
from archive_app.approvals.models import Approval
from archive_app.approvals.words import cards
from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people.access import current_actor, needs, now
from archive_app.people.actor import Actor
from archive_app.people.forms import submit, whole
from archive_app.people.models import Deputation
from archive_app.volumes import forms, queries, service
from archive_app.volumes.models import Unbinding
from archive_app.volumes.shelf import called
from archive_app.volumes.views import blueprint, show


@blueprint.route("/unbindings/<int:unbinding_id>", methods=["GET", "POST"])
@needs("volume.view", "volume.decide")
def unbinding(unbinding_id: int) -> ResponseReturnValue:
    """Approve or refuse that a bound volume is opened again; a refusal needs a reason."""
    row = queries.unbinding_for(current_actor(), unbinding_id, now())
    form = forms.DecisionForm()
    return submit(form, lambda: _decide(row, form), lambda status, refusal: _page(row, form, status, refusal))


def _page(
    row: Unbinding, form: forms.DecisionForm, status: int, refusal: Refused | None
) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    approval = approvals.approval_for(row.approval)
    chain = approvals.chain_view(approval, at)
    waiting = approvals.waiting_for(actor, at) if actor.can("volume.decide") else []
    ids = [each.id for each in waiting]
    mine = next((each for each in waiting if each.id == approval.id), None)
    return show(
        "unbinding", status, row=row, volume=row.volume, approval=approval, chain=chain, form=form,
        refusal=refusal, cards=cards, place=ids.index(approval.id) + 1 if approval.id in ids else 0,
        total=len(ids), current=next((step for step in chain if step.state == "current"), None),
        paper=_paper(actor, mine, at), names=people.names(),
    )  # fmt: skip


def _paper(actor: Actor, mine: Approval | None, at: datetime) -> Deputation | None:
    """The 委托书 by which a deputy decides."""
    wanted = mine.standing.deputation if mine else None
    papers = people.deputations_at(actor.user_id, at) if wanted else []
    return next((paper for paper in papers if paper.id == wanted), None)


def _decide(row: Unbinding, form: forms.DecisionForm) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    verdict = request.form.get("verdict", "")
    mine = next((each for each in approvals.waiting_for(actor, at) if each.id == row.approval), None)
    paper = _paper(actor, mine, at)
    service.decide_unbinding(
        row.id, verdict, form.reason.data or "", actor=actor, at=at,
        on_behalf_of=paper.principal_id if paper else None,
        position=whole(form.position.data),
    )  # fmt: skip
    name = called(row.volume)
    if verdict == "granted":
        flash(_("已批准拆开 %(name)s。", name=name), "ok")
    else:
        flash(_("没有批准拆开 %(name)s，申请人会看到理由。", name=name))
    return redirect(url_for("approvals.index"), 303)


@blueprint.post("/unbindings/<int:unbinding_id>/withdraw")
@needs("volume.bind")
def withdraw_unbinding(unbinding_id: int) -> ResponseReturnValue:
    """Take the request back."""
    row = service.withdraw_unbinding(unbinding_id, actor=current_actor(), at=now())
    flash(_("已撤回拆卷申请。"))
    return redirect(url_for("volumes.volume_page", volume_id=row.volume_id), 303)
