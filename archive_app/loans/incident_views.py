"""Routes of losses and damage: reporting, the register, one report, its decision and its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from markupsafe import Markup

from archive_app.approvals import queries as approvals
from archive_app.approvals.models import Approval
from archive_app.approvals.words import cards
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.loans import copy_rows, incident_form, incident_rows, incidents, penalties, rows, sheets
from archive_app.loans.copy_forms import AgainForm, DecisionForm, FoundForm, ReportForm, SettleForm
from archive_app.loans.flow import INCIDENT
from archive_app.loans.models import Copy, Incident, Loan
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, note_refusal, now
from archive_app.people.actor import Actor
from archive_app.people.forms import put_errors, submit, whole
from archive_app.people.models import Deputation
from archive_app.prints.views import as_pdf
from archive_app.records.models import Folder
from archive_app.records.queries import folder_for
from archive_app.records.service import note_view
from archive_app.records.views import folder_panels

blueprint = Blueprint("incidents", __name__)


def _show(template: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    page = render_template(
        f"pages/incidents/{template}.html", book=rulebook.current(now(), current_actor().unit_id).book,
        number_of=incident_rows.number_of, words=incident_rows, **values,
    )  # fmt: skip
    return page, status


@blueprint.get("/incidents")
@needs("incident.report")
def index() -> ResponseReturnValue:
    """The register of losses and damage; who does not keep the folders sees his own."""
    actor, at = current_actor(), now()
    states = tuple(s for s in request.args.getlist("state") if s in incident_rows.STATES)
    kinds = tuple(k for k in request.args.getlist("kind") if k in incident_rows.KINDS)
    text = request.args.get("q", "")[:64]
    page = incident_rows.list_incidents(
        actor, at, states=states, kinds=kinds, text=text, older=whole(request.args.get("older"))
    )  # fmt: skip
    return _show("index", page=page, args={"state": states, "kind": kinds, "q": text}, at=at)


@blueprint.route("/incidents/new", methods=["GET", "POST"])
@needs("incident.report")
def new() -> ResponseReturnValue:
    """The report: of one's own loan, or by the keeper of a folder or a copy of it."""
    actor, at = current_actor(), now()
    ids = {name: whole(request.args.get(name)) for name in ("folder", "loan", "copy")}
    folder, loan, copy = _about(actor, at, **ids)
    kind = request.args.get("kind", "")
    form = ReportForm(data={"kind": kind if kind in incident_rows.KINDS else "loss" if copy else "damage"})
    book = rulebook.current(at, actor.unit_id).book

    def save() -> ResponseReturnValue:
        row = incidents.report(
            form.kind.data, folder_id=folder.id, loan_id=loan.id if loan else None,
            copy_id=copy.id if copy else None, pages=form.pages.data or 0, facts=form.facts.data or "",
            actor=actor, at=at,
        )  # fmt: skip
        flash(_("已报告 %(number)s，等审批人决定。", number=incident_rows.number_of(row)), "ok")
        return redirect(url_for("incidents.page", incident_id=row.id), 303)

    def shown(status: int, refusal: Refused | None) -> ResponseReturnValue:
        table = [
            (kind, penalties.words(found), found.rule)
            for kind in incident_rows.KINDS
            if (found := penalties.penalty_of(book, kind))
        ]
        return _show(
            "new", status, form=form, folder=folder, loan=loan, copy=copy, refusal=refusal, table=table,
            copy_name=copy_rows.name_of(copy) if copy else "",
        )  # fmt: skip

    return submit(form, save, shown)


def _about(
    actor: Actor, at: datetime, folder: int | None, loan: int | None, copy: int | None
) -> tuple[Folder, Loan | None, Copy | None]:
    """What the report is about; a borrower needs only his loan. Raises NotFound."""
    found = rows.get_loan(loan) if loan else None
    if found is not None and actor.user_id != found.borrower_id and not actor.can("loan.desk"):
        raise NotFound(_("没有这份借阅。"))
    thing = copy_rows.copy_for(actor, copy, at) if copy else None
    if found is not None and found.copy_id and thing is None:
        thing = copy_rows.get_copy(found.copy_id)
    if found is not None and found.borrower_id == actor.user_id:
        return found.folder, found, thing
    about = folder_for(actor, folder or (thing.folder_id if thing else found.folder_id if found else 0), at)
    if found is None and not copy:
        found = rows.active_of_folder(about.id)
    return about, found, thing


@blueprint.get("/incidents/<int:incident_id>")
@needs("incident.report", "incident.decide")
def page(incident_id: int) -> ResponseReturnValue:
    """One report: what happened, its chain, what the table says, what was done."""
    return _page(incident_id)


def _page(
    incident_id: int, status: int = 200, refusal: Refused | None = None, **forms: FlaskForm
) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    row = incident_rows.incident_for(actor, incident_id, at)
    note_view(row.folder, actor=actor, at=at, via="incident")
    book = rulebook.by_id(row.rule_book).book
    approval = approvals.approval_for(row.approval_id)
    chain = approvals.chain_view(approval, at)
    mine = _waiting(actor, row, at)
    return _show(
        "page", status, row=row, folder=row.folder, refusal=refusal, chain=chain, approval=approval,
        cards=cards, current=next((step for step in chain if step.state == "current"), None),
        decides=mine is not None, paper=_paper(actor, mine, at),
        penalty=penalties.penalty_of(book, row.kind), loss=book.lending.loss,
        copy_name=copy_rows.name_of(copy_rows.get_copy(row.copy_id)) if row.copy_id else "",
        steps={step.verb for step in INCIDENT.open_to(row.state) if actor.can(step.permission)},
        loan_number=sheets.number_of(rows.get_loan(row.loan_id)) if row.loan_id else "",
        forms={"again": AgainForm(data={"facts": row.facts, "pages": row.pages}), "settle": SettleForm(),
               "found": FoundForm(), "decide": DecisionForm()} | forms,
        names=people.names(),
    )  # fmt: skip


def _waiting(actor: Actor, row: Incident, at: datetime) -> Approval | None:
    if not actor.can("incident.decide") or row.state != "reported":
        return None
    return next((each for each in approvals.waiting_for(actor, at) if each.id == row.approval_id), None)


def _paper(actor: Actor, mine: Approval | None, at: datetime) -> Deputation | None:
    """The 委托书 by which a deputy decides."""
    wanted = mine.standing.deputation if mine else None
    papers = people.deputations_at(actor.user_id, at) if wanted else []
    return next((paper for paper in papers if paper.id == wanted), None)


def _try(
    incident_id: int, name: str, form: FlaskForm, act: Callable[[], Incident], said: str
) -> ResponseReturnValue:
    """Do one step of a report, or show the page again with what was typed."""
    try:
        row = act()
    except Invalid as error:
        put_errors(form, error.fields)
        return _page(incident_id, 422, **{name: form})
    except Refused as error:
        note_refusal(error)
        return _page(incident_id, 409, error, **{name: form})
    flash(_("%(number)s %(said)s", number=incident_rows.number_of(row), said=said), "ok")
    return redirect(url_for("incidents.page", incident_id=incident_id), 303)


@blueprint.post("/incidents/<int:incident_id>/decide")
@needs("incident.decide")
def decide(incident_id: int) -> ResponseReturnValue:
    """Approve the report, or send it back with a reason."""
    actor, at, form = current_actor(), now(), DecisionForm()
    row = incident_rows.incident_for(actor, incident_id, at)
    paper = _paper(actor, _waiting(actor, row, at), at)
    verdict = request.form.get("verdict", "")
    return _try(
        incident_id, "decide", form,
        lambda: incidents.decide(
            incident_id, verdict, form.reason.data or "", actor=actor, at=at,
            on_behalf_of=paper.principal_id if paper else None, position=whole(form.position.data),
        ),
        _("已审批。") if verdict == "granted" else _("已退回，报告人会看到理由。"),
    )  # fmt: skip


@blueprint.post("/incidents/<int:incident_id>/again")
@needs("incident.report")
def again(incident_id: int) -> ResponseReturnValue:
    """Report once more what was sent back."""
    form = AgainForm()
    return _try(
        incident_id, "again", form,
        lambda: incidents.report_again(
            incident_id, form.facts.data or "", form.pages.data, actor=current_actor(), at=now()
        ),
        _("已再次报告。"),
    )  # fmt: skip


@blueprint.post("/incidents/<int:incident_id>/settle")
@needs("incident.settle")
def settle(incident_id: int) -> ResponseReturnValue:
    """Close the report with what was done."""
    form = SettleForm()
    return _try(
        incident_id, "settle", form,
        lambda: incidents.settle(
            incident_id, form.settlement.data or "", measure=form.measure.data or "",
            actor=current_actor(), at=now(),
        ),
        _("已处理。"),
    )  # fmt: skip


@blueprint.post("/incidents/<int:incident_id>/found")
@needs("incident.settle")
def found(incident_id: int) -> ResponseReturnValue:
    """Found again, or not so after all: close the report."""
    form = FoundForm()
    return _try(
        incident_id, "found", form,
        lambda: incidents.close_found(incident_id, form.remark.data or "", actor=current_actor(), at=now()),
        _("已了结，回到原来的样子。"),
    )  # fmt: skip


@blueprint.get("/incidents/<int:incident_id>/report.pdf")
@needs("incident.settle")
def report_pdf(incident_id: int) -> ResponseReturnValue:
    """The signed form 档案丢失（损坏）报告 as PDF; each print is counted and audited."""
    row, data = incident_form.print_report(incident_id, actor=current_actor(), at=now())
    return as_pdf(data, incident_rows.number_of(row))


# The folder's page


def panels(folder: Folder, actor: Actor, at: datetime) -> dict[str, Markup]:
    """What the folder page says of losses and damage: a chip while one is open, all for keepers, a button."""
    if folder.state != "active" or not actor.can("incident.report"):
        return {}
    keeper = actor.can("incident.settle") or actor.can("loan.view_all") or actor.can("incident.decide")
    found = incident_rows.of_folder(folder.id)
    open_ = [row for row in found if row.state in incident_rows.OPEN and row.copy_id is None]
    known = {
        "folder": folder, "found": found if keeper else [], "open": open_, "words": incident_rows,
        "number_of": incident_rows.number_of, "reports": actor.can("loan.desk"),
    }  # fmt: skip
    made = {
        place: Markup(render_template(f"pages/incidents/_{template}.html", **known))  # noqa: S704
        for place, template in (("chips", "chips"), ("side", "folder"))
    }
    return {place: html for place, html in made.items() if html.strip()}


folder_panels.append(panels)
