"""The reading room: in and out by card, one seat a reader, nothing leaves unseen, the record is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.core import audit
from archive_app.core.errors import Invalid, Refused
from archive_app.loans import room, room_rows, service
from archive_app.loans.models import Loan, RoomSession
from archive_app.notices.models import Notice
from archive_app.people import rulebook
from archive_app.people.models import User
from tests.lending import actions, custody, wall

pytest_plugins = ["tests.lending"]


@pytest.fixture
def door(people):
    class Door:
        def enter(self, who, at, seat=None):
            return room.sign_in(who.user_id, seat, actor=people.archivist, at=at)

        def leave(self, who, at, **more):
            session = room.session_of(who.user_id)
            return room.sign_out(session.id, actor=people.archivist, at=at, **more)

    return Door()


def adopt(people, at, old, new):
    text = rulebook.profile_text("default")
    assert old in text
    rulebook.adopt(text.replace(old, new), "default", actor=people.director, at=at)


def test_readers_sit_one_a_seat_and_signing_in_twice_is_once(people, door):
    first = door.enter(people.borrower, wall(9))
    again = door.enter(people.borrower, wall(9, 5))
    other = door.enter(people.colleague, wall(9, 6))
    assert (first.id, first.seat, other.seat) == (again.id, "1 号", "2 号")
    assert [row.seat for row in room.present()] == ["1 号", "2 号"]
    with pytest.raises(Refused) as no:
        door.enter(people.borrower, wall(9, 7), "3 号")
    assert no.value.code == "loan.seat_taken"


def test_a_taken_or_unknown_seat_and_a_full_room_are_refused(people, door):
    readers = (people.borrower, people.colleague, people.manager, people.back_office)
    for reader in readers:
        door.enter(reader, wall(9))
    for seat in ("3 号", "99 号"):
        with pytest.raises(Refused) as no:
            door.enter(people.supervisor, wall(9), seat)
        assert no.value.code == "loan.seat_taken"
    with pytest.raises(Refused) as no:
        door.enter(people.supervisor, wall(9))
    assert no.value.code == "loan.no_seat"
    door.leave(people.manager, wall(10))
    assert door.enter(people.supervisor, wall(10)).seat == "3 号"


def test_nobody_enters_when_the_room_is_closed_or_the_authority_is_over(people, door):
    for moment in (wall(8), wall(17, 30), wall(10, day=21)):
        with pytest.raises(Refused) as no:
            door.enter(people.borrower, moment)
        assert no.value.code == "room.closed"
    User.update(authority_ends=wall(10)).where(User.id == people.borrower.user_id).execute()
    assert door.enter(people.borrower, wall(9)).ends_at == wall(10)
    User.update(authority_ends=wall(10)).where(User.id == people.colleague.user_id).execute()
    with pytest.raises(Refused) as no:
        door.enter(people.colleague, wall(10))
    assert no.value.code == "room.authority_ended"


def test_only_the_desk_signs_in_and_out(people, door, at):
    session = door.enter(people.borrower, wall(9))
    for actor in (people.borrower, people.gm, people.auditor):
        with pytest.raises(Refused):
            room.sign_in(people.gm.user_id, actor=actor, at=at)
        with pytest.raises(Refused):
            room.sign_out(session.id, actor=actor, at=at)


@pytest.mark.requirement("LOAN-01")
def test_what_is_read_is_due_with_the_session_at_the_latest(people, at, approved, desk, door):
    adopt(people, at, 'seats = ["1 号"', 'session_hours = 2\nseats = ["1 号"')
    door.enter(people.borrower, wall(10))
    loan = desk.seat(approved("secret", "consult"), wall(10, 30))
    assert loan.due_at == wall(12)
    assert loan.seat == "1 号"
    assert loan.session == room.session_of(people.borrower.user_id).id


def test_a_reader_whose_session_is_over_gets_nothing_more_before_signing_out(
    people, at, approved, desk, door
):
    adopt(people, at, 'seats = ["1 号"', 'session_hours = 2\nseats = ["1 号"')
    first, second = approved("secret", "consult"), approved("secret", "consult")
    desk.seat(first, wall(10))
    with pytest.raises(Refused) as no:
        desk.seat(second, wall(12, 1))
    assert no.value.code == "room.still_on_table"
    desk.back(first, wall(12, 2))
    assert desk.seat(second, wall(12, 3)).due_at == wall(14, 3)  # a new session has begun


@pytest.mark.requirement("LOAN-02")
def test_nobody_is_signed_out_while_a_folder_lies_on_the_table(people, approved, desk, door):
    loans = [desk.seat(approved("confidential", "consult", people.gm), wall(10)) for _ in range(2)]
    assert {loan.seat for loan in loans} == {"1 号"}
    with pytest.raises(Refused) as no:
        door.leave(people.gm, wall(11))
    assert no.value.code == "room.still_on_table"
    assert loans[0].folder.file_number in str(no.value)
    for loan in loans:
        desk.back(loan, wall(11, 5))
    assert door.leave(people.gm, wall(11, 6)).signed_out_at == wall(11, 6)
    with pytest.raises(Refused):
        room.sign_out(RoomSession.get().id, actor=people.archivist, at=wall(11, 7))


@pytest.mark.requirement("LOAN-02")
def test_a_reader_who_walks_off_makes_the_loan_overdue_at_once_and_is_told_of(people, approved, desk, door):
    loan = desk.seat(approved("confidential", "consult", people.gm), wall(10))
    with pytest.raises(Invalid):
        door.leave(people.gm, wall(10, 30), left=True)
    session = door.leave(people.gm, wall(10, 30), left=True, reason="去开会带走了")
    loan = Loan.get_by_id(loan.id)
    assert (loan.state, loan.due_at, loan.overdue_at) == ("overdue", wall(10, 30), wall(10, 30))
    assert (loan.seat, custody(loan)) == ("", ("lent", "周建国"))
    assert session.signed_out_at == wall(10, 30)
    assert {"loan.left_room", "loan.overdue", "room.sign_out"} <= set(actions())
    readers = {row.user.username for row in Notice.select().where(Notice.code == "loan.left_room")}
    assert "archivist" in readers
    assert "director" in readers  # who looks into alarms
    assert room_rows.seats(wall(10, 31))[0].taken is False
    assert desk.back(loan, wall(11)).state == "returned"
    assert custody(loan) == ("on_shelf", "")
    assert audit.verify() == []


def test_a_session_that_is_over_is_closed_by_the_clock_or_told_once(people, approved, desk, door):
    door.enter(people.borrower, wall(10))
    loan = desk.seat(approved("secret", "consult", people.colleague), wall(10))
    late = wall(17, 31)
    assert room.end_sessions(wall(17, 30)) == 0
    assert room.end_sessions(late) == 2
    assert room.end_sessions(late + timedelta(minutes=1)) == 0
    (left,) = room.present()
    assert left.reader.username == "colleague"
    assert Notice.select().where(Notice.code == "room.over").count() >= 1
    assert actions().count("room.over") == 1
    desk.back(loan, wall(17, 40))
    assert room.end_sessions(wall(17, 41)) == 1


def test_a_forgotten_sign_out_does_not_block_the_seat_on_the_next_day(people, door):
    for reader in (people.borrower, people.colleague, people.manager, people.back_office):
        door.enter(reader, wall(9))
    assert door.enter(people.supervisor, wall(9, day=20)).seat == "1 号"
    assert len(room.present()) == 1


def test_undoing_the_seating_of_a_reader_who_was_not_signed_in_leaves_no_session(people, approved, desk):
    loan = desk.seat(approved("secret", "consult"), wall(10))
    service.undo_hand_over(loan.id, actor=people.archivist, at=wall(10) + timedelta(seconds=3))
    assert RoomSession.select().count() == 0
    assert Loan.get_by_id(loan.id).session is None


def test_undoing_a_seating_leaves_the_session_that_was_there_before(people, approved, desk, door):
    door.enter(people.borrower, wall(9))
    loan = desk.seat(approved("secret", "consult"), wall(10))
    service.undo_hand_over(loan.id, actor=people.archivist, at=wall(10) + timedelta(seconds=3))
    assert room.session_of(people.borrower.user_id).signed_in_at == wall(9)


@pytest.mark.requirement("LOAN-14")
def test_the_register_of_the_room_says_who_sat_where_when_and_what_was_read(people, approved, desk, door):
    loan = desk.seat(approved("secret", "consult"), wall(10))
    desk.back(loan, wall(11))
    door.leave(people.borrower, wall(11, 30))
    door.enter(people.colleague, wall(14, day=20))
    page = room_rows.sessions(people.archivist)
    assert [row.reader.username for row in page.rows] == ["colleague", "borrower"]
    old = page.rows[1]
    assert (old.seat, old.signed_in_at, old.signed_out_at) == ("1 号", wall(10), wall(11, 30))
    assert [each.folder.file_number for each in page.read[old.id]] == [loan.folder.file_number]
    day = room_rows.sessions(people.archivist, day=wall(9).date())
    assert [row.id for row in day.rows] == [old.id]
    named = room_rows.sessions(people.archivist, text="王静")
    assert [row.id for row in named.rows] == [old.id]
    first = room_rows.sessions(people.archivist, limit=1)
    assert [row.id for row in room_rows.sessions(people.archivist, older=first.older).rows] == [old.id]
    with pytest.raises(Refused):
        room_rows.sessions(people.borrower)


def test_a_clock_set_back_ends_no_session_before_it_began(people, door):
    door.enter(people.borrower, wall(10))
    assert door.leave(people.borrower, wall(9)).signed_out_at == wall(10)
