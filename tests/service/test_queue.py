"""Several people wait for one folder: first asked, first served; told, kept for a while, never overtaken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive_app.core.db import db
from archive_app.core.errors import Refused
from archive_app.loans import queue, service
from archive_app.loans.models import Loan
from archive_app.notices.models import Notice
from archive_app.people import rulebook
from archive_app.people import service as people_service
from tests.lending import actions, wall

pytest_plugins = ["tests.lending"]
HOLD = timedelta(hours=4)  # [queue] of the default rule book, opening time


@pytest.fixture
def row(people, at, approved, folder):
    """Two who wait for one folder that a third has: (folder, out, first, second)."""
    kept = folder("open")
    out = service.hand_over(approved("open", who=people.gm, kept=kept).id, actor=people.archivist, at=at)
    first = approved("open", who=people.borrower, kept=kept, at=wall(10, 5))
    second = approved("open", who=people.director, kept=kept, at=wall(10, 10))
    return kept, out, first, second


def told(loan):
    return Notice.select().where((Notice.code == "loan.ready") & (Notice.user == loan.borrower_id)).count()


def again(loan):
    return Loan.get_by_id(loan.id)


def test_a_return_tells_the_first_who_waits_and_nobody_else(row, desk):
    _kept, out, first, second = row
    back = desk.back(out, wall(11))
    assert back.next.id == first.id
    assert (told(first), told(second)) == (1, 0)
    assert again(first).ready_at == wall(11)
    assert "loan.ready" in actions()


def test_while_the_folder_is_kept_for_the_first_the_second_does_not_get_it(row, desk):
    _kept, out, first, second = row
    desk.back(out, wall(11))
    with pytest.raises(Refused) as no:
        desk.hand(second, wall(14, 59))
    assert no.value.code == "loan.not_first"
    assert "王静娟" in str(no.value)
    assert no.value.rule.startswith("几个人等同一份档案")
    assert desk.hand(first, wall(14, 59)).state == "out"


def test_when_the_first_lets_the_time_pass_it_is_the_next_ones_turn(row, desk):
    kept, out, first, second = row
    desk.back(out, wall(11))
    assert queue.next_in_row(kept.id, wall(14, 59)).id == first.id
    assert queue.next_in_row(kept.id, wall(15)).id == second.id
    assert queue.tell_whose_turn(wall(15)) == 1
    assert queue.tell_whose_turn(wall(15, 1)) == 0
    assert told(second) == 1
    with pytest.raises(Refused, match="先留给"):
        desk.hand(first, wall(15, 5))
    assert desk.hand(second, wall(15, 5)).state == "out"


def test_the_hold_counts_opening_time_only(row, desk):
    kept, out, first, second = row
    desk.back(out, wall(16, 30))
    assert queue.next_in_row(kept.id, wall(11, day=20)).id == first.id
    assert queue.next_in_row(kept.id, wall(11, 30, day=20)).id == second.id


def test_when_the_first_withdraws_the_next_is_told(row, desk, people):
    _kept, out, first, second = row
    desk.back(out, wall(11))
    service.withdraw(first.id, "不用了", actor=people.borrower, at=wall(11, 30))
    assert queue.tell_whose_turn(wall(11, 31)) == 1
    assert told(second) == 1
    assert desk.hand(second, wall(11, 40)).state == "out"


def test_when_all_have_let_their_time_pass_who_comes_first_gets_it(row, desk):
    kept, out, first, _second = row
    desk.back(out, wall(8, 30, day=20))
    queue.tell_whose_turn(wall(12, 30, day=20))
    assert queue.next_in_row(kept.id, wall(16, 30, day=20)) is None
    assert desk.hand(first, wall(16, 45, day=20)).state == "out"


def test_an_undone_return_calls_nobody_and_the_next_return_calls_anew(row, desk, people):
    _kept, out, first, _second = row
    desk.back(out, wall(11))
    service.undo_give_back(out.id, actor=people.archivist, at=wall(11) + timedelta(seconds=5))
    assert again(first).ready_at is None
    desk.back(out, wall(12))
    assert (again(first).ready_at, told(first)) == (wall(12), 2)


def test_a_fresh_approval_is_notice_enough_when_the_folder_is_here(people, approved, folder):
    kept = folder("open")
    loan = approved("open", kept=kept, at=wall(10))
    queue.tell_whose_turn(wall(10, 1))
    assert (told(loan), again(loan).ready_at) == (0, wall(10, 1))


def test_a_photocopy_does_not_stand_in_the_row(row, approved, desk, people):
    kept, out, _first, _second = row
    desk.back(out, wall(11))
    copy = approved("open", "photocopy", who=people.manager, kept=kept, at=wall(10, 2))
    assert desk.hand(copy, wall(11, 5)).state == "out"


def test_a_rule_book_without_a_queue_tells_the_first_but_keeps_nothing(row, desk, people, at):
    _kept, out, first, second = row
    text = rulebook.profile_text("default")
    without = text.replace('[queue]\nhold_hours = 4\nrule = "queue"\n', "")
    assert without != text
    rulebook.adopt(without, "default", actor=people.director, at=at)
    assert desk.back(out, wall(11)).next.id == first.id
    assert desk.hand(second, wall(11, 5)).state == "out"


MOVES = st.lists(
    st.tuples(st.sampled_from(("ask", "come", "back", "withdraw", "sweep")), st.integers(0, 4),
              st.integers(1, 300)),
    max_size=14,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_nobody_is_overtaken_who_was_not_told_and_given_his_time(people, folder, moves):
    """Whatever happens: who gets the folder has nobody before him whose turn is not over."""
    readers = [people.gm, people.deputy_gm, people.director, people.back_office, people.manager]
    with db.atomic() as undo:
        kept, now = folder("open"), wall(8, 30)
        book = rulebook.current(now).book
        for verb, who, minutes in moves:
            now += timedelta(minutes=minutes)
            open_now = now if book.is_open(now) else book.opens_next(now)
            now = open_now
            step(verb, kept, readers[who], people, now)
        undo.rollback()


def step(verb, kept, reader, people, now):
    mine = (Loan.folder == kept.id) & (Loan.borrower == reader.user_id)
    reader = people_service.actor_of(people_service.User.get_by_id(reader.user_id), now)
    try:
        if verb == "ask":
            loan = service.request_loan(
                kept.id, "loan", purpose="对账", undertaking=True, actor=reader, at=now
            )
            if loan.state == "requested":
                service.decide_loan(loan.id, "granted", actor=people.director, at=now)
        elif verb == "come" and (loan := Loan.get_or_none(mine & (Loan.state == "approved"))):
            come(loan, people, now)
        elif verb == "back" and (loan := Loan.get_or_none(mine & Loan.state.in_(("out", "overdue")))):
            service.give_back(loan.id, actor=people.archivist, at=now)
        elif verb == "withdraw" and (loan := Loan.get_or_none(mine & (Loan.state == "approved"))):
            service.withdraw(loan.id, "不用了", actor=reader, at=now)
        elif verb == "sweep":
            queue.tell_whose_turn(now)
    except Refused:
        pass


def come(loan, people, now):
    before = list(
        Loan.select().where(
            (Loan.folder == loan.folder_id) & (Loan.state == "approved") & (Loan.id < loan.id)
        )
    )
    service.hand_over(loan.id, actor=people.archivist, at=now)
    week = rulebook.current(now).book.week
    for other in before:
        assert other.ready_at is not None, "overtaken without having been told"
        assert queue.hours.after_open_time(week, other.ready_at, HOLD) <= now, "overtaken within his time"
