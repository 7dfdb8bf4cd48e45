"""Routes of deputations (委托书): who decides for whom, in what, and for how long."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.core import clock
from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import Lazy, _
from archive_app.people import forms, queries, rulebook, service
from archive_app.people.access import current_actor, needs, note_refusal, now
from archive_app.people.models import Deputation

blueprint = Blueprint("deputations", __name__)

ACTION_NAMES = {
    "consult": Lazy("查阅"),
    "loan": Lazy("外借"),
    "photocopy": Lazy("影印"),
    "excerpt": Lazy("摘抄"),
    "extend": Lazy("续借"),
    "incident": Lazy("丢失和损坏"),
    "unbind": Lazy("拆卷"),
    "adopt": Lazy("启用制度"),
}


@blueprint.get("/deputations")
@needs("deputation.own", "deputation.manage")
def index() -> ResponseReturnValue:
    """All deputations for those who register them; the others see those that concern them."""
    actor = current_actor()
    rows = queries.deputations()
    if not actor.can("deputation.manage"):
        rows = [row for row in rows if actor.user_id in (row.principal_id, row.deputy_id)]
    values = dict(rows=[(row, state_of(row)) for row in rows], names=ACTION_NAMES, actor=actor)
    return render_template("pages/people/deputations.html", **values)


def state_of(row: Deputation) -> str:
    """Where a deputation stands now: revoked, over, running or to_come."""
    if row.revoked_at is not None:
        return "revoked"
    if row.ends <= now():
        return "over"
    return "running" if row.starts <= now() else "to_come"


@blueprint.route("/deputations/new", methods=["GET", "POST"])
@needs("deputation.own", "deputation.manage")
def new() -> ResponseReturnValue:
    """Register a 委托书."""
    form = forms.DeputationForm()
    _offer(form)
    if request.method == "GET":
        form.starts.data = form.ends.data = clock.local_date(now())
        return _page(form)
    if not form.validate():
        return _page(form)
    try:
        row = service.deputise(
            form.principal.data,
            form.deputy.data,
            form.actions.data,
            forms.day_begins(form.starts.data),
            forms.day_ends(form.ends.data),
            form.paper_reference.data,
            actor=current_actor(),
            at=now(),
        )
    except Invalid as error:
        forms.put_errors(form, {_FIELDS.get(key, key): text for key, text in error.fields.items()})
        return _page(form)
    except Refused as refusal:
        note_refusal(refusal)
        return _page(form, refusal)
    flash(_("委托书 %(n)s 已登记。", n=row.paper_reference))
    return redirect(url_for("deputations.index"), 303)


_FIELDS = {"principal_id": "principal", "deputy_id": "deputy"}


def _page(form: forms.DeputationForm, refusal: Refused | None = None) -> ResponseReturnValue:
    status = 409 if refusal else 422 if form.errors else 200
    stand_ins = rulebook.current(now()).book.stand_ins
    values = dict(form=form, refusal=refusal, stand_ins=stand_ins, book=rulebook.current(now()).book)
    return render_template("pages/people/deputation_new.html", **values), status


def _offer(form: forms.DeputationForm) -> None:
    """Offer whom the rule book knows as principal and deputy; the verb refuses what does not go together."""
    actor, book = current_actor(), rulebook.current(now()).book
    people = queries.users()

    def in_roles(roles: set[str]) -> list[tuple[int, str]]:
        chosen = [row for row in people if roles & book.roles_of(row.title)]
        return [(row.id, f"{row.name} · {row.title}") for row in chosen]

    principals = in_roles({rule.principal for rule in book.stand_ins})
    if not actor.can("deputation.manage"):
        principals = [row for row in principals if row[0] == actor.user_id]
    form.principal.choices = principals
    form.deputy.choices = in_roles(set().union(*(rule.deputies for rule in book.stand_ins)))
    allowed: set[str] = set().union(*(rule.actions for rule in book.stand_ins))
    form.actions.choices = [(code, str(name)) for code, name in ACTION_NAMES.items() if code in allowed]


@blueprint.post("/deputations/<int:deputation_id>/revoke")
@needs("deputation.own", "deputation.manage")
def revoke(deputation_id: int) -> ResponseReturnValue:
    """End a deputation now, with a reason."""
    try:
        service.revoke_deputation(
            deputation_id, request.form.get("reason", ""), actor=current_actor(), at=now()
        )
        flash(_("已撤销。此前的审批仍然有效。"))
    except Invalid:
        flash(_("请写原因。没有改动任何记录。"), "stop")
    return redirect(url_for("deputations.index"), 303)
