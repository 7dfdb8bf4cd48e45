"""What a person's card or a loan slip means at the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.desk import answers, copies_scan, giving, hands, room_scan
from archive_app.desk.answers import Answer
from archive_app.desk.models import Hand
from archive_app.loans import queries as loans
from archive_app.loans import room
from archive_app.loans.judge import check_person
from archive_app.people import queries as people
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.records import queries as records
from archive_app.records.models import Folder


def person_code(
    user_id: int, raw: str, desk: str, in_room: bool, actor: Actor, at: datetime
) -> Answer:  # fmt: skip
    """A person's card: at the door of the reading room it signs in or out, else the person is in hand."""
    try:
        person = people.user(user_id)
    except NotFound:
        return answers.not_here(raw)
    return room_scan.card(person, desk, actor, at) if in_room else _person(person, desk, actor, at)


def _person(person: User, desk: str, actor: Actor, at: datetime) -> Answer:
    check_person(person, at)
    folder = _pending(desk, actor, at)
    hands.take(desk, at, person=person)
    if folder is not None:
        return giving.give_out(folder, person, actor, at)
    if (answer := copies_scan.person_scanned(person, desk, actor, at)) is not None:
        return answer
    waiting = loans.waiting_ids(person.id)
    said = _("有 %(n)s 份待领", n=len(waiting)) if waiting else _("没有待领的档案")
    return Answer(
        "ok", _("借阅人"), person.name, said, answers.DONE, title=person.title, **_room_step(person),
        icon="person-check", chip=("acc", "person-check", _("借阅人")),
    )  # fmt: skip


def _pending(desk: str, actor: Actor, at: datetime) -> Folder | None:
    """The folder that waits for a person, if it still may go."""
    hand = Hand.get_or_none(Hand.desk == desk)
    if hand is None or not hand.folder or loans.away(hand.folder) is not None:
        return None
    try:
        folder = records.folder_for(actor, hand.folder, at)
    except NotFound:  # its level was raised in this very moment
        return None
    return folder if folder.state == "active" else None


def _room_step(person: User) -> dict[str, Any]:
    """The reading room's part of the answer: sign in, or out when he sits there."""
    session = room.session_of(person.id)
    if session is None:
        step = answers.press("desk.sign_in", _("登记入室"), "door-open", user_id=person.id)
        return {"step": step | {"quiet": True}}
    step = answers.press("desk.sign_out", _("签退"), "box-arrow-right", session_id=session.id)
    return {"step": step | {"quiet": True}, "why": _("在阅览室 %(seat)s。", seat=session.seat)}


def slip(loan_id: int, raw: str, desk: str, actor: Actor, at: datetime) -> Answer:
    """A loan slip: its borrower is in hand, and the folder waits for the next scan."""
    try:
        loan = loans.loan_for(actor, loan_id, at)
    except NotFound:
        return answers.not_here(raw)
    folder = loan.folder
    hand = Hand.get_or_none(Hand.desk == desk)
    if loan.state == "approved":
        pending = hand.folder if hand else None
        hands.take(desk, at, person=loan.borrower)
        if pending == folder.id:
            return giving.give_out(folder, loan.borrower, actor, at)
        place = folder.place or folder.file_number
        said = _("%(who)s 来领：取 %(place)s", who=loan.borrower.name, place=place)
    elif loan.state in ("out", "reading", "overdue"):
        said = _("%(who)s 在用。扫档案就办归还。", who=loan.borrower.name)
    else:
        words = {"requested": _("还没有批准"), "refused": _("没有批准"), "withdrawn": _("已撤回"),
                 "returned": _("早已归还"), "expired": _("已过期"), "lost": _("登记为丢失")}  # fmt: skip
        said = _("这张借阅单%(state)s。", state=words.get(loan.state, loan.state))
    return Answer(
        "ask", _("借阅单"), folder.file_number, said, answers.LOOK, title=folder.title, level=folder.secrecy,
        folder=folder.id, unchanged=True, icon="receipt", chip=("wait", "receipt", _("借阅单")),
    )  # fmt: skip
