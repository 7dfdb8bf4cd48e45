"""Routes of revisions: versions and drafts, writing a draft, comparing, proposing, taking back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from archive_app.approvals import inbox
from archive_app.approvals import queries as approvals
from archive_app.approvals.words import cards
from archive_app.core.clock import local
from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now
from archive_app.people.forms import day_begins, submit, whole
from archive_app.policy import RuleBookError, difference, load, profile_text, profiles
from archive_app.revisions import forms, queries, replaying, rules, service, words
from archive_app.revisions.models import Revision

blueprint = Blueprint("revisions", __name__)
WORKERS = ("policy.propose", "policy.decide", "policy.adopt")


def _show(template: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    known = dict(states=words.STATES, names=people.names(), at=now())
    return render_template(f"pages/revisions/{template}.html", **known, **values), status


@blueprint.get("/revisions")
@needs(*WORKERS)
def index() -> ResponseReturnValue:
    """The versions with who approved each and from when, and what is on its way."""
    actor, at = current_actor(), now()
    samples = {name: rulebook.kept(profile_text(name), name).meta.title for name in profiles()}
    return _show(
        "index", versions=queries.versions(at, actor.unit_id), open=queries.open_revisions(actor.unit_id),
        closed=queries.closed_revisions(actor.unit_id), profiles=samples,
    )  # fmt: skip


@blueprint.route("/revisions/new", methods=["GET", "POST"])
@needs("policy.propose")
def new() -> ResponseReturnValue:
    """Write a new text, starting from the one in force, an older one, a profile or a file."""
    actor, at, form = current_actor(), now(), forms.TextForm()
    start = queries.source(request.args.get("from", "now"), actor, at)
    if request.method == "GET":
        form.text.data, form.profile.data = start.text, start.profile

    def save() -> ResponseReturnValue:
        row = service.draft(_text(form), form.reason.data or "", form.profile.data or "", actor=actor, at=at)
        flash(_("草案 %(n)s 已存。试过之后再提交批准。", n=row.id), "ok")
        return redirect(url_for("revisions.page", revision_id=row.id), 303)

    return submit(form, save, lambda code, no: _edit_page(form, code, no, start=start))


@blueprint.route("/revisions/<int:revision_id>/edit", methods=["GET", "POST"])
@needs("policy.propose")
def edit(revision_id: int) -> ResponseReturnValue:
    """Change the text of a draft; what was typed stays whatever happens."""
    row, form = queries.get_revision(revision_id), forms.TextForm()
    if request.method == "GET":
        form.text.data, form.reason.data, form.edition.data = row.text, row.reason, str(row.edition)

    def save() -> ResponseReturnValue:
        edition = whole(form.edition.data) or 0
        service.edit(
            revision_id, _text(form), form.reason.data or "", edition, actor=current_actor(), at=now()
        )
        flash(_("草案 %(n)s 已存。", n=revision_id), "ok")
        return redirect(url_for("revisions.page", revision_id=revision_id), 303)

    return submit(form, save, lambda code, no: _edit_page(form, code, no, row=row))


def _edit_page(
    form: forms.TextForm, status: int, refusal: Refused | None, *, start: queries.Source | None = None,
    row: Revision | None = None,
) -> ResponseReturnValue:  # fmt: skip
    faults = _faults(form.text.data or "") if form.text.errors else []
    return _show("edit", status, form=form, refusal=refusal, start=start, row=row, faults=faults)


def _faults(text: str) -> list[tuple[str, str]]:
    """Every fault with the line that it is about, as it stands in the text."""
    try:
        load(text, "")
    except RuleBookError as error:
        lines = ["", *text.split("\n")]
        return [
            (str(each), "".join(lines[each.line : each.line + 1]).strip()[:200]) for each in error.shown
        ] + [(more, "") for more in error.more]
    return []


def _text(form: forms.TextForm) -> str:
    """The typed text, or that of the file, which from now on stands in the form. Raises Invalid."""
    upload = form.file.data
    if isinstance(upload, FileStorage) and upload.filename:
        try:
            form.text.data = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Invalid({"file": _("这个文件不是 UTF-8 文本。请另存为 UTF-8 再上传。")}) from error
    form.text.data = rules.tidy(form.text.data or "")
    return str(form.text.data)


@blueprint.get("/revisions/<int:revision_id>")
@needs(*WORKERS)
def page(revision_id: int) -> ResponseReturnValue:
    """One revision: what changes in words, its chain, trials, and the next step."""
    return _page(queries.get_revision(revision_id), forms.DateForm(), 200, None)


def _page(row: Revision, form: forms.DateForm, status: int, refusal: Refused | None) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    base, in_force = rulebook.by_id(row.base_id), rulebook.current(at, row.unit_id)
    book = rulebook.kept(row.text, row.profile)
    approval = approvals.approval_for(row.approval_id) if row.approval_id else None
    waits = approval is not None and approval.id in {each.id for each in approvals.waiting_for(actor, at)}
    coming = [each for each in rulebook.coming(at, row.unit_id) if each.id != row.version_id]
    return _show(
        "page", status, row=row, base=base, in_force=in_force, book=book, form=form, refusal=refusal,
        changes=words.said(difference(base.book, book), base.book, book), waits=waits, coming=coming,
        chain=cards(approvals.chain_view(approval, at), approval.requester.name) if approval else [],
        approval=approval, replays=queries.replays_of(row.id, 3), result_of=replaying.result_of,
        stale=row.state in ("draft", "proposed") and in_force.id != row.base_id,
        direct=in_force.book.lending.adoption is None,
    )  # fmt: skip


@blueprint.get("/revisions/<int:revision_id>/text")
@needs(*WORKERS)
def text(revision_id: int) -> ResponseReturnValue:
    """The text as a file."""
    row = queries.get_revision(revision_id)
    name = f"{row.profile}-draft-{row.id}.toml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(row.text, mimetype="text/plain; charset=utf-8", headers=headers)


@blueprint.post("/revisions/<int:revision_id>/propose")
@needs("policy.propose", "policy.adopt")
def propose(revision_id: int) -> ResponseReturnValue:
    """Put it before those who approve; where nobody is named, adopt it."""
    row, form = queries.get_revision(revision_id), forms.DateForm()
    wished: datetime | None = day_begins(form.effective_from.data) if form.effective_from.data else None

    def send() -> ResponseReturnValue:
        direct = rulebook.current(now(), row.unit_id).book.lending.adoption is None
        verb = service.adopt if direct else service.propose
        done = verb(revision_id, wished, actor=current_actor(), at=now())
        flash(_("已启用。") if done.state == "adopted" else _("已提交批准。"), "ok")
        return redirect(url_for("revisions.page", revision_id=revision_id), 303)

    return submit(form, send, lambda code, no: _page(row, form, code, no))


@blueprint.post("/revisions/<int:revision_id>/refresh")
@needs("policy.propose")
def refresh(revision_id: int) -> ResponseReturnValue:
    """Compare with the rule book in force now; a proposal becomes a draft again."""
    try:
        service.refresh(revision_id, actor=current_actor(), at=now())
        flash(_("已对照现行制度。请看改动，再提交。"))
    except Invalid as error:
        flash(str(error), "stop")
    return redirect(url_for("revisions.page", revision_id=revision_id), 303)


@blueprint.post("/revisions/<int:revision_id>/withdraw")
@needs("policy.propose")
def withdraw(revision_id: int) -> ResponseReturnValue:
    """Take a draft or proposal back."""
    service.withdraw(revision_id, request.form.get("reason", ""), actor=current_actor(), at=now())
    flash(_("草案 %(n)s 已撤回。", n=revision_id))
    return redirect(url_for("revisions.index"), 303)


@blueprint.post("/revisions/versions/<int:version_id>/call-off")
@needs("policy.adopt")
def call_off(version_id: int) -> ResponseReturnValue:
    """Take a version back before its date."""
    row = service.call_off(version_id, request.form.get("reason", ""), actor=current_actor(), at=now())
    flash(_("第 %(n)s 版已撤回，不会施行。", n=row.version))
    return redirect(url_for("revisions.index"), 303)


def describe(rows: Any, actor: Any, at: datetime) -> dict[int, inbox.Item]:
    """What the inbox says of a proposal: how much changes, from when, and where to read it."""
    found = {}
    for row in rows:
        revision = queries.get_revision(row.key)
        base = rulebook.by_id(revision.base_id).book
        book = rulebook.kept(revision.text, revision.profile)
        changed = words.said(difference(base, book), base, book)
        count = sum(len(lines) for lines in changed.values())
        found[row.id] = inbox.Item(
            number=_("草案 %(n)s", n=revision.id),
            text=_("%(n)s 处改动：%(where)s", n=count, where=_("、").join(changed)),
            facts=((_("为什么改"), revision.reason), (_("施行"), _begins(revision))),
            url=url_for("revisions.page", revision_id=revision.id),
        )
    return found


def _begins(row: Revision) -> str:
    return f"{local(row.effective_from):%Y-%m-%d}" if row.effective_from else _("批准时")


inbox.DESCRIBE["revision"] = describe
