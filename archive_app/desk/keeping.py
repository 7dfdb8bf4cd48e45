"""Every scan is kept with its answer: sent twice it is done once, and refusals are kept and audited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import peewee as pw

from archive_app.core.errors import NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.desk import answers, hands
from archive_app.desk.answers import Answer
from archive_app.desk.models import DeskScan, Hand
from archive_app.loans import copy_rows
from archive_app.loans import queries as loans
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.printing.barcode import BadCode, BarcodeType, parse
from archive_app.records import queries as records
from archive_app.records.models import Folder

# Refusals that no request by the person could mend.
CLOSED = "loan.borrower_locked"
NO_REQUEST = ("loan.already_out", "wrong_state", "loan.not_first", "loan.volume_level", CLOSED)


def keep(
    raw: str, act: Callable[[], Answer], *, desk: str, request_id: str, actor: Actor, at: datetime
) -> DeskScan:
    """Do what a scan means and keep its answer, in one work; the same ``request_id`` is done once."""
    if done := DeskScan.get_or_none(DeskScan.request_id == request_id):
        return done
    try:
        with work(actor, at):
            return _kept(raw, act(), desk, request_id, actor, at)
    except pw.IntegrityError:  # the same send twice at once: the other one has done it
        return DeskScan.get(DeskScan.request_id == request_id)
    except Refused as refused:
        return _refused(refused, raw, desk, request_id, actor, at)


def _kept(raw: str, answer: Answer, desk: str, request_id: str, actor: Actor, at: datetime) -> DeskScan:
    seconds = rulebook.current(at, actor.unit_id).book.desk.undo
    return DeskScan.create(
        request_id=request_id, desk=desk, at=at, actor=actor.username, code=raw, kind=answer.kind,
        key=answer.folder, verdict=answer.kind, verb=answer.verb, answer=answer.to_json(), loan=answer.loan,
        undo=answer.undo, undo_until=at + seconds if answer.undo else None,
    )  # fmt: skip


def _refused(error: Refused, raw: str, desk: str, request_id: str, actor: Actor, at: datetime) -> DeskScan:
    """The verb was rolled back; the refusal is kept and audited in a work of its own."""
    folder, person = _folder_of(raw, desk, actor, at), _person_of(raw) or hands.person_in(desk)
    answer = answers.refusal(
        error, folder.file_number if folder else raw or _name(person), title=folder.title if folder else "",
        level=folder.secrecy if folder else "", folder=folder.id if folder else None,
        step=_instead(error, folder, person, actor, at),
    )  # fmt: skip
    try:
        with work(actor, at) as w:
            if person is not None and error.code != CLOSED:  # he stays in hand though the folder was refused
                hands.take(desk, at, person=person)
            w.note(
                "refusal", folder or ("desk", desk), code=error.code, clause=error.clause, via="desk",
                borrower=person.username if person else "",
            )  # fmt: skip
            return _kept(raw, answer, desk, request_id, actor, at)
    except pw.IntegrityError:
        return DeskScan.get(DeskScan.request_id == request_id)


def _name(person: User | None) -> str:
    return person.name if person else ""


def _folder_of(raw: str, desk: str, actor: Actor, at: datetime) -> Folder | None:
    """The folder a refused scan was about: the one scanned, or the one that waited in hand."""
    try:
        code = parse(raw)
        if code.kind == BarcodeType.FOLDER:
            return records.folder_for(actor, code.id, at)
        if code.kind == BarcodeType.COPY:
            return copy_rows.copy_for(actor, code.id, at).folder
    except (BadCode, NotFound):
        found = records.by_number(actor, raw, at)
        return found[0] if len(found) == 1 else None
    hand = Hand.get_or_none(Hand.desk == desk)
    return Folder.get_or_none(Folder.id == hand.folder) if hand and hand.folder else None


def _person_of(raw: str) -> User | None:
    try:
        code = parse(raw)
    except BadCode:
        return None
    return User.get_or_none(User.id == code.id) if code.kind == BarcodeType.PERSON else None


def _instead(
    error: Refused, folder: Folder | None, person: User | None, actor: Actor, at: datetime
) -> dict[str, object] | None:
    """The one next thing: a request on behalf of the person, of a kind that the rule book allows."""
    if folder is None or person is None or error.code in NO_REQUEST:
        return None
    result = loans.outcome(actor, folder, "loan", at, borrower=person)
    kinds = ("loan",) if not result.refused else result.alternatives
    if not kinds:
        return None
    text = _("代为申请查阅") if kinds[0] == "consult" else _("代为申请")
    return answers.step(
        "loans.request_form", text, "person-workspace", folder=folder.id, borrower=person.id, kind=kinds[0]
    )
