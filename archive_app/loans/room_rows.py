"""Read-only selects about the reading room: who is there, on which seat, and the register of sessions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import peewee as pw

from archive_app.core.clock import LOCAL
from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.loans import rows
from archive_app.loans.flow import ACTIVE
from archive_app.loans.models import Loan, RoomSession
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import Department, User

PAGE = 50


@dataclass(frozen=True)
class Seat:
    """A seat of the plan; ``session`` and ``loans`` are empty for a free one."""

    name: str
    session: RoomSession | None
    loans: list[Loan]

    @property
    def taken(self) -> bool:
        """Somebody sits there, or something lies there."""
        return self.session is not None or bool(self.loans)

    @property
    def reader(self) -> User | None:
        """Who sits there."""
        if self.session is not None:
            return self.session.reader
        return self.loans[0].borrower if self.loans else None


@dataclass(frozen=True)
class Page:
    """One page of the register of sessions, newest first; ``older`` is the key of the next, or None."""

    rows: list[RoomSession]
    read: dict[int, list[Loan]]
    older: int | None


def select() -> Any:
    """Sessions with reader and department in one query."""
    return (
        RoomSession.select(RoomSession, User, Department)
        .join(User)
        .join(Department, pw.JOIN.LEFT_OUTER, on=(User.department == Department.id))
    )


def get_session(session_id: int) -> RoomSession:
    """The session with its reader. Raises NotFound."""
    row = select().where(RoomSession.id == session_id).first()
    if row is None:
        raise NotFound(_("没有这次阅览登记。"))
    return row


def session_of(user_id: int) -> RoomSession | None:
    """The open session of a reader, or None."""
    return select().where((RoomSession.reader == user_id) & RoomSession.signed_out_at.is_null()).first()


def present() -> list[RoomSession]:
    """The readers who are in the room, by seat."""
    return list(select().where(RoomSession.signed_out_at.is_null()).order_by(RoomSession.seat))


def seats(at: datetime, unit_id: int = 1) -> list[Seat]:
    """All seats of the room as the plan shows them, taken or free, in the rule book's order."""
    readers = {row.seat: row for row in present()}
    lying: dict[str, list[Loan]] = {}
    here = Loan.session.in_([row.id for row in readers.values()]) & Loan.state.in_(ACTIVE)
    for loan in rows.select().where(here).order_by(Loan.handed_at, Loan.id) if readers else ():
        lying.setdefault(loan.seat, []).append(loan)
    names = rulebook.current(at, unit_id).book.reading_room.seats
    return [
        Seat(name, readers.get(name), lying.get(name, []))
        for name in dict.fromkeys((*names, *readers, *lying))
    ]


def sessions(
    actor: Actor, *, day: date | None = None, text: str = "", older: int | None = None, limit: int = PAGE
) -> Page:
    """One page of the register of sessions (阅览登记), newest first, of a day or of readers by name.

    Raises Refused: permission.
    """
    actor.must("loan.view_all")
    found = select()
    if day is not None:
        start = datetime.combine(day, time(), tzinfo=LOCAL)
        within = (RoomSession.signed_in_at >= start) & (RoomSession.signed_in_at < start + timedelta(days=1))
        found = found.where(within)
    if text := text.strip():
        found = found.where(User.name.contains(text) | (User.username == text))
    if older is not None:
        found = found.where(RoomSession.id < older)
    shown = list(found.order_by(RoomSession.id.desc()).limit(limit + 1))
    page = shown[:limit]
    return Page(page, read_in(row.id for row in page), page[-1].id if len(shown) > limit else None)


def read_in(session_ids: Iterable[int]) -> dict[int, list[Loan]]:
    """What was read in each session, in the order it was handed over, in one query."""
    read: dict[int, list[Loan]] = {}
    found = rows.select().where(Loan.session.in_(list(session_ids))).order_by(Loan.handed_at, Loan.id)
    for loan in found:
        read.setdefault(loan.session, []).append(loan)
    return read
