"""The rule book in plain words; what it would say in one case, and what it would have said last year."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from archive_app.core import clock
from archive_app.core.errors import NotFound
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook, service
from archive_app.people.access import current_actor, needs, now, wants_json
from archive_app.people.deputation_views import ACTION_NAMES
from archive_app.people.forms import put_errors, submit
from archive_app.policy import ACTIONS, Answer, FolderFacts, RuleBook
from archive_app.policy import words as policy_words
from archive_app.policy.replay import WORDS
from archive_app.records import queries as records
from archive_app.records import service as records_service
from archive_app.records.models import Folder
from archive_app.revisions import queries as revisions
from archive_app.revisions import replaying
from archive_app.revisions.forms import ReplayForm
from archive_app.revisions.models import Replay

blueprint = Blueprint("policy", __name__)
OWN = {"": L("别人的"), "department": L("本部门形成的"), "customer": L("本人客户的")}


@blueprint.get("/policy")
@needs("policy.view")
def index() -> ResponseReturnValue:
    """A rule book in plain words, each rule with its clause: the one in force, another version or a draft."""
    actor = current_actor()
    adopted = rulebook.current(now(), actor.unit_id)
    source = revisions.source(request.args.get("book", "now"), actor, now())
    return render_template(
        "pages/policy/index.html",
        adopted=adopted,
        source=source,
        book=source.book,
        company=people.company(actor.unit_id),
        say=policy_words,
        open_now=source.book.is_open(now()),
        people=_count_titles(),
        drafts=revisions.may_see_drafts(actor),
        decisions=ACTION_NAMES,
    )


def _count_titles() -> dict[str, int]:
    found: dict[str, int] = {}
    for user in people.users():
        found[user.title] = found.get(user.title, 0) + 1
    return found


class AskForm(FlaskForm):
    """Who, with which folder (or one that is thought up), wants what, when, and by which rule book."""

    class Meta:
        csrf = False  # asking changes nothing; the question can be kept as an address

    book = SelectField(L("哪个制度"), validate_choice=False)
    person = SelectField(L("谁"), [InputRequired()], coerce=int)
    folder = StringField(L("哪份档案"), [Optional()])
    secrecy = SelectField(L("假想密级"), [Optional()])
    category = SelectField(L("假想门类"), [Optional()])
    tier = SelectField(L("假想层级"), [Optional()])
    own = SelectField(L("假想来源"), [Optional()], choices=list(OWN.items()))
    action = SelectField(L("要做什么"), default="loan")
    moment = DateTimeLocalField(L("什么时候"), [Optional()], format="%Y-%m-%dT%H:%M")


@blueprint.get("/policy/ask")
@needs("policy.ask")
def ask() -> ResponseReturnValue:
    """Say what would happen for person, folder and action by any version or draft, without doing it."""
    actor, asked = current_actor(), "person" in request.args
    form = AskForm(request.args)
    source = revisions.source(form.book.data or "now", actor, now())
    _offer(form, source.book)
    facts = _facts(form, source.book) if asked and form.validate() else None
    answer = _answer(form, facts, source.book) if facts else None
    values = dict(form=form, case=facts, answer=answer, book=source.book, source=source, say=policy_words)
    return render_template("pages/policy/ask.html", **values), 422 if asked and form.errors else 200


def _offer(form: AskForm, book: RuleBook) -> None:
    """The choices: people of the house, texts this person may see, and the book's own levels and tiers."""
    form.book.choices = revisions.sources(current_actor(), now())
    form.person.choices = [(row.id, f"{row.name} · {row.title}") for row in people.users()]
    form.action.choices = [(code, policy_words.action_name(code)) for code in ACTIONS]
    nothing = ("", "—")
    form.secrecy.choices = [nothing, *((code, level.name) for code, level in book.levels.items())]
    form.category.choices = [nothing, *((code, f"{code} {c.name}") for code, c in book.categories.items())]
    form.tier.choices = [nothing, *((tier, tier) for tier in book.tiers)]


def _facts(form: AskForm, book: RuleBook) -> FolderFacts | None:
    """The folder that was named, else one that is thought up; None with an error beside the field."""
    if form.folder.data and form.folder.data.strip():
        folder = _folder(form)
        return records.facts_of(folder) if folder and _known(form, folder, book) else None
    if not form.secrecy.data:
        put_errors(form, {"folder": _("请写档号，或选一个假想密级。")})
        return None
    asker = people.user(form.person.data)
    own = form.own.data or ""
    return FolderFacts(
        file_number=_("假想的档案"),
        category=form.category.data or next(iter(book.categories), ""),
        secrecy=form.secrecy.data,
        tier=form.tier.data or "",
        department=asker.department.name if own == "department" and asker.department else "",
        manager=asker.id if own == "customer" else None,
    )


def _known(form: AskForm, folder: Folder, book: RuleBook) -> bool:
    """Whether the book that is asked knows the folder's level at all."""
    if folder.secrecy in book.levels:
        return True
    put_errors(form, {"folder": _("这个制度里没有这份档案的密级。请用假想密级。")})
    return False


def _folder(form: AskForm) -> Folder | None:
    """The one folder with this number that the asker may know of; else an error beside the field."""
    found = records.by_number(current_actor(), form.folder.data, now())
    if len(found) == 1:
        records_service.note_view(found[0], actor=current_actor(), at=now(), via="policy.ask")
        return found[0]
    if found:
        numbers = _("、").join(row.file_number for row in found[:5])
        put_errors(form, {"folder": _("有几份：%(numbers)s。请写全档号。", numbers=numbers)})
    else:
        put_errors(form, {"folder": _("没有找到这个档号。请核对。")})
    return None


def _answer(form: AskForm, facts: FolderFacts, book: RuleBook) -> Answer:
    """Asked of the book itself: the person has the roles that this book gives to the title."""
    at = _moment(form)
    asker = records.person_of(service.actor_of(people.user(form.person.data), now()))
    return book.ask(replace(asker, roles=book.roles_of(asker.title)), facts, form.action.data, at)


def _moment(form: AskForm) -> datetime:
    typed = form.moment.data
    return typed.replace(tzinfo=clock.LOCAL) if typed else now()


# Last year under another rule book


@blueprint.route("/policy/replay", methods=["GET", "POST"])
@needs("policy.ask")
def replays() -> ResponseReturnValue:
    """Choose a text and have last year's loans judged by it; the runs so far."""
    actor, form = current_actor(), ReplayForm()
    form.book.choices = revisions.sources(actor, now())

    def send() -> ResponseReturnValue:
        row = replaying.ask_replay(form.book.data or "now", actor=actor, at=now())
        return redirect(url_for("policy.replay_page", replay_id=row.id), 303)

    def shown(status: int, _refusal: object) -> ResponseReturnValue:
        rows = [row for row in revisions.replays_of() if _may_see(row)]
        values = dict(form=form, rows=rows, result_of=replaying.result_of, names=people.names())
        return render_template("pages/policy/replays.html", **values), status

    return submit(form, send, shown)


@blueprint.get("/policy/replay/<int:replay_id>")
@needs("policy.ask")
def replay_page(replay_id: int) -> ResponseReturnValue:
    """How far a replay is, and what it found: how many loans would have gone differently, and why."""
    row = revisions.get_replay(replay_id)
    if not _may_see(row):
        raise NotFound(_("没有这次试算。"))
    busy = row.state in ("waiting", "running")
    if wants_json():
        html = render_template("pages/policy/_progress.html", row=row)
        return jsonify(html=html, done=not busy)
    levels = rulebook.current(now(), current_actor().unit_id).book.levels
    names = {code: level.name for code, level in levels.items()}
    names |= {code: str(word) for code, word in policy_words.ACTION.items()}
    values = dict(row=row, busy=busy, found=replaying.result_of(row), words=WORDS, names=names)
    return render_template("pages/policy/replay.html", **values)


def _may_see(row: Replay) -> bool:
    return row.revision_id is None or revisions.may_see_drafts(current_actor())
