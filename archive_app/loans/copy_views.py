"""Routes of photocopies: register, one copy with its label, its end; the original drawn for one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _
from archive_app.loans import copies, copy_label, copy_rows, incident_rows, originals, words
from archive_app.loans.copy_forms import CopyForm, EndForm, OriginalForm
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now
from archive_app.people.actor import Actor
from archive_app.people.forms import put_errors, submit, whole
from archive_app.printing import barcode
from archive_app.prints.views import as_pdf
from archive_app.records.models import Folder
from archive_app.records.queries import documents_of, folder_for
from archive_app.records.service import note_view
from archive_app.records.views import folder_panels

blueprint = Blueprint("copies", __name__)


def _show(template: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    page = render_template(
        f"pages/copies/{template}.html", book=_book(), name_of=copy_rows.name_of, words=words, **values
    )
    return page, status


def _book() -> Any:
    return rulebook.current(now(), current_actor().unit_id).book


@blueprint.get("/copies")
@needs("loan.request")
def index() -> ResponseReturnValue:
    """The register of copies for keepers; for others, the copies kept for lending."""
    actor, at = current_actor(), now()
    keeper = actor.can("copy.manage") or actor.can("loan.view_all")
    states = tuple(s for s in request.args.getlist("state") if s in copy_rows.STATES)
    text, kept = request.args.get("q", "")[:64], "kept" in request.args
    page = copy_rows.list_copies(
        actor, at, states=states if keeper else (), kept=True if kept else None, to_borrow=not keeper,
        text=text, older=whole(request.args.get("older")),
    )  # fmt: skip
    manages = actor.can("copy.manage")
    return _show(
        "index", page=page, keeper=keeper, holders=copy_rows.holders(page.rows) if keeper else {},
        args={"state": states, "q": text} | ({"kept": 1} if kept else {}), at=at,
        proposals=copy_rows.proposals(actor, at) if manages else [],
        to_settle=copy_rows.to_settle(actor, at) if manages else [],
        recall=copy_rows.to_recall(at, actor=actor) if manages else [], states=copy_rows.STATES,
    )  # fmt: skip


@blueprint.route("/copies/new", methods=["GET", "POST"])
@needs("copy.manage")
def new() -> ResponseReturnValue:
    """The form that registers a copy kept for lending (LOAN-09)."""
    actor, at = current_actor(), now()
    folder = folder_for(actor, whole(request.args.get("folder")) or 0, at)
    total = sum(line.pages for line in documents_of(folder.id))
    form = CopyForm(data={"pages": total or None, "extent": _("全份")})

    def save() -> ResponseReturnValue:
        copy = copies.make(
            folder.id, pages=form.pages.data or 0, extent=form.extent.data or "",
            remark=form.remark.data or "", actor=actor, at=at,
        )  # fmt: skip
        flash(_("已登记 %(name)s。下一步：打印标签。", name=copy_rows.name_of(copy)), "ok")
        return redirect(url_for("copies.page", copy_id=copy.id), 303)

    return submit(
        form, save, lambda status, refusal: _show("new", status, form=form, folder=folder, refusal=refusal)
    )


@blueprint.get("/copies/<int:copy_id>")
@needs("loan.request")
def page(copy_id: int) -> ResponseReturnValue:
    """One copy: what it is, who has it, who had it, and what can be done with it."""
    return _copy_page(copy_id)


def _copy_page(
    copy_id: int, status: int = 200, form: EndForm | None = None, refusal: Refused | None = None
) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    copy = copy_rows.copy_for(actor, copy_id, at)
    note_view(copy.folder, actor=actor, at=at, via="copy")
    keeper = actor.can("copy.manage") or actor.can("loan.view_all")
    recall = copy.id in {each.id for each in copy_rows.to_recall(at, folder_id=copy.folder_id, actor=actor)}
    return _show(
        "page", status, copy=copy, folder=copy.folder, form=form or EndForm(), refusal=refusal, at=at,
        loan=copy_rows.loan_of(copy.id) if keeper else None, keeper=keeper, recall=recall,
        history=copy_rows.history_of(copy.id) if keeper else [], names=people.names() if keeper else {},
        loss=incident_rows.latest_loss(copy.folder_id, copy.id) if keeper else None,
        bars=barcode.modules(copy_rows.payload_of(copy)), number_of=incident_rows.number_of,
    )  # fmt: skip


@blueprint.post("/copies/<int:copy_id>/keep")
@needs("copy.manage")
def keep(copy_id: int) -> ResponseReturnValue:
    """Keep a returned copy for lending."""
    copy = copies.keep(copy_id, actor=current_actor(), at=now())
    flash(_("已留存 %(name)s，可以借给需要的人。", name=copy_rows.name_of(copy)), "ok")
    return redirect(url_for("copies.page", copy_id=copy_id), 303)


@blueprint.post("/copies/<int:copy_id>/destroy")
@needs("copy.manage")
def destroy(copy_id: int) -> ResponseReturnValue:
    """Destroy a copy, with a reason."""
    form = EndForm()
    try:
        copy = copies.destroy(copy_id, form.reason.data or "", actor=current_actor(), at=now())
    except Invalid as error:
        put_errors(form, error.fields)
        return _copy_page(copy_id, 422, form)
    flash(_("已销毁 %(name)s，登记和原因都留着。", name=copy_rows.name_of(copy)), "ok")
    return redirect(url_for("copies.page", copy_id=copy_id), 303)


@blueprint.get("/copies/<int:copy_id>/label.pdf")
@needs("label.print")
def label(copy_id: int) -> ResponseReturnValue:
    """The copy's label as PDF; each print is counted and audited."""
    copy, data = copy_label.print_label(copy_id, actor=current_actor(), at=now())
    return as_pdf(data, f"copy-{copy_rows.payload_of(copy)}")


# The original while it is copied


@blueprint.post("/loans/<int:loan_id>/draw-original")
@needs("loan.desk")
def draw_original(loan_id: int) -> ResponseReturnValue:
    """Enter the photocopy and give the original out to be copied (LOAN-11)."""
    loan = originals.draw_original(
        loan_id, whole(request.form.get("pages")), actor=current_actor(), at=now()
    )  # fmt: skip
    flash(_("已登记影印，原件交 %(who)s 影印。", who=loan.borrower.name), "ok")
    return redirect(url_for("loans.loan_page", loan_id=loan_id), 303)


@blueprint.route("/loans/<int:loan_id>/put-back", methods=["GET", "POST"])
@needs("loan.desk")
def put_back(loan_id: int) -> ResponseReturnValue:
    """Count the original after copying and put it back (检查完整性，还原存档)."""
    from archive_app.loans.queries import loan_for

    actor, at = current_actor(), now()
    loan = loan_for(actor, loan_id, at)
    form = OriginalForm()

    def save() -> ResponseReturnValue:
        done = originals.put_back_original(
            loan_id, pages=form.pages.data, condition=form.condition.data, facts=form.facts.data or "",
            actor=actor, at=at,
        )  # fmt: skip
        flash(_("原件已归还，放回 %(place)s。", place=done.folder.place or "—"), "ok")
        return redirect(url_for("loans.loan_page", loan_id=loan_id), 303)

    pages = sum(line.pages for line in documents_of(loan.folder_id))
    return submit(
        form, save,
        lambda status, refusal: _show(
            "put_back", status, loan=loan, folder=loan.folder, form=form, refusal=refusal, pages=pages
        ),
    )  # fmt: skip


# The folder's page


def panels(folder: Folder, actor: Actor, at: datetime) -> dict[str, Markup]:
    """What the folder page says about photocopies: kept ones to borrow, all for keepers, those to recall."""
    if folder.state != "active" or not actor.can("loan.request"):
        return {}
    keeper = actor.can("copy.manage")
    rows = copy_rows.copies_of(folder.id)
    shown = [c for c in rows if c.state in copy_rows.THERE and (keeper or c.kept)]
    recall = copy_rows.to_recall(at, folder_id=folder.id, actor=actor) if keeper and shown else []
    lending = rulebook.current(at, actor.unit_id).book.lending.copies
    refused = folder.secrecy in copy_rows.refused_levels(rulebook.current(at, actor.unit_id).book)
    known = {
        "folder": folder, "copies": shown, "keeper": keeper, "recall": recall, "total": len(rows),
        "may_keep": keeper and lending is not None and lending.kept and not refused,
        "name_of": copy_rows.name_of,
        "lendable": not refused and folder.custody in ("on_shelf", "lent", "reading_room"),
        "holders": copy_rows.holders(shown) if keeper else {},
    }  # fmt: skip
    made: dict[str, Markup] = {}
    if recall:
        made["notes"] = Markup(render_template("pages/copies/_recall.html", **known))  # noqa: S704
    if shown or known["may_keep"]:
        made["side"] = Markup(render_template("pages/copies/_folder.html", **known))  # noqa: S704
    return made


folder_panels.append(panels)
