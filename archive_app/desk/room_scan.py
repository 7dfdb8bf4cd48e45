"""The reading room at the desk: a card signs a reader in or out, and what lies on the table is said."""

from __future__ import annotations

from datetime import datetime, timedelta

from archive_app.core.i18n import _
from archive_app.desk import answers, hands
from archive_app.desk.answers import Answer
from archive_app.desk.giving import until_words
from archive_app.loans import queries as loans
from archive_app.loans import room
from archive_app.loans.models import RoomSession
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User

DOOR = "door-open"


def card(person: User, desk: str, actor: Actor, at: datetime) -> Answer:
    """A card at the door: in when he is not there, else out; a card read twice in a row is read once."""
    session = room.session_of(person.id)
    if session is None or session.ends_at <= at:
        return sign_in(person.id, desk, actor, at)
    just = rulebook.current(at, actor.unit_id).book.desk.undo
    if timedelta(0) <= at - session.signed_in_at <= just:
        return _is_in(session, at)
    return sign_out(session.id, desk, actor, at)


def sign_in(user_id: int, desk: str, actor: Actor, at: datetime) -> Answer:
    """The reader is signed in and in hand: the next folder goes to his seat."""
    session = room.sign_in(user_id, actor=actor, at=at)
    hands.take(desk, at, person=session.reader)
    return _is_in(session, at)


def sign_out(session_id: int, desk: str, actor: Actor, at: datetime) -> Answer:
    """Sign the reader out, unless something lies on the table: then it is said what, and he is in hand."""
    session = room.get_session(session_id)
    if session.signed_out_at is None and (rest := room.on_table(session.reader_id)):
        hands.take(desk, at, person=session.reader)
        numbers = _("、").join(loan.folder.file_number for loan in rest[:6])
        text = _("人已离开，登记带离")
        gone = answers.step("room.left", text, "exclamation-triangle", session_id=session.id)
        return Answer(
            "ask", _("还不能走"), session.reader.name, _("桌上还有 %(n)s 份，逐份扫码归还", n=len(rest)),
            answers.LOOK, title=session.seat, why=numbers, unchanged=True, step=gone | {"quiet": True},
            icon="journal-x", chip=("wait", "journal-x", _("还不能走")),
        )  # fmt: skip
    session = room.sign_out(session_id, actor=actor, at=at)
    hands.put_down(desk)
    return Answer(
        "ok", _("已签退"), session.reader.name, _("%(seat)s 空出，桌上没有档案", seat=session.seat),
        answers.LAST, icon="box-arrow-right", chip=("ok", "box-arrow-right", _("已签退")),
        step=answers.step("room.session_page", _("看登记"), "journal-text", session_id=session.id)
        | {"quiet": True},
    )  # fmt: skip


def _is_in(session: RoomSession, at: datetime) -> Answer:
    waiting = loans.waiting_ids(session.reader_id)
    said = _("坐 %(seat)s，到 %(until)s", seat=session.seat, until=until_words(session.ends_at, at))
    return Answer(
        "ok", _("已入室"), session.reader.name, said, answers.DONE, title=session.reader.title,
        why=_("有 %(n)s 份待领，扫档案就送到座位。", n=len(waiting)) if waiting else "", icon=DOOR,
        chip=("acc", DOOR, _("已入室")),
    )  # fmt: skip
