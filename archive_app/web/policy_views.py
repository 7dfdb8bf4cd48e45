"""The rule book in plain words, and the page that says what would happen and by which clause."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from archive_app.core import clock
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook, service
from archive_app.people.access import current_actor, needs, now
from archive_app.people.forms import REQUIRED, put_errors
from archive_app.policy import ACTIONS, Answer
from archive_app.policy import words as policy_words
from archive_app.records import queries as records
from archive_app.records import service as records_service
from archive_app.records.models import Folder

blueprint = Blueprint("policy", __name__)


@blueprint.get("/policy")
@needs("policy.view")
def index() -> ResponseReturnValue:
    """The rule book in force, in plain words, each rule with its clause."""
    actor = current_actor()
    adopted = rulebook.current(now(), actor.unit_id)
    return render_template(
        "pages/policy/index.html",
        adopted=adopted,
        book=adopted.book,
        versions=rulebook.versions(actor.unit_id),
        company=people.company(actor.unit_id),
        say=policy_words,
        open_now=adopted.book.is_open(now()),
        people=_count_titles(),
    )


def _count_titles() -> dict[str, int]:
    found: dict[str, int] = {}
    for user in people.users():
        found[user.title] = found.get(user.title, 0) + 1
    return found


class AskForm(FlaskForm):
    """Who, with which folder, wants what, and when."""

    class Meta:
        csrf = False  # asking changes nothing; the question can be kept as an address

    person = SelectField(L("谁"), [InputRequired()], coerce=int)
    folder = StringField(L("哪份档案"), [REQUIRED])
    action = SelectField(L("要做什么"), default="loan")
    moment = DateTimeLocalField(L("什么时候"), [Optional()], format="%Y-%m-%dT%H:%M")


@blueprint.get("/policy/ask")
@needs("policy.ask")
def ask() -> ResponseReturnValue:
    """Say what would happen for person + folder + action, without doing it."""
    asked = bool(request.args)
    form = AskForm(request.args if asked else None)
    form.person.choices = [(row.id, f"{row.name} · {row.title}") for row in people.users()]
    form.action.choices = [(code, policy_words.action_name(code)) for code in ACTIONS]
    folder = _folder(form) if asked and form.validate() else None
    answer = _answer(form, folder) if folder else None
    book = rulebook.current(now(), current_actor().unit_id).book
    values = dict(form=form, folder=folder, answer=answer, book=book, say=policy_words, at=_moment(form))
    return render_template("pages/policy/ask.html", **values), 422 if form.errors else 200


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


def _answer(form: AskForm, folder: Folder) -> Answer:
    at = _moment(form)
    asker = service.actor_of(people.user(form.person.data), at)
    book = rulebook.current(now(), current_actor().unit_id).book
    return book.ask(records.person_of(asker), records.facts_of(folder), form.action.data, at)


def _moment(form: AskForm) -> datetime:
    typed = form.moment.data
    return typed.replace(tzinfo=clock.LOCAL) if typed else now()
