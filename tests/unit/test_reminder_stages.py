"""When a loan is spoken of: pure functions of the rule, the due time and the moment."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_app.core import clock
from archive_app.loans.stages import BORROWER, next_at, owed, stages
from archive_app.policy.lending_parts import Reminders
from archive_app.policy.parts import Rule

DUE = datetime(2026, 11, 19, 13, 0, tzinfo=clock.LOCAL)
HANDED = DUE - timedelta(hours=4)


def minutes(*wanted):
    return tuple(timedelta(minutes=n) for n in wanted)


def rule(before=(30,), after=(0, 30, 120), escalate=((120, ("archivist",)),), cap=5):
    later = tuple((timedelta(minutes=n), roles) for n, roles in escalate)
    return Reminders(minutes(*before), minutes(*after), later, cap, time(9), Rule("八", "", ""))


def told(found):
    return [(stage.code, stage.to) for stage in found]


def test_a_borrower_is_warned_before_at_and_after_due_and_others_later():
    found = stages(rule(), HANDED, DUE)
    assert [(int((s.at - DUE).total_seconds() // 60), s.code, s.to) for s in found] == [
        (-30, "loan.due_soon", BORROWER),
        (0, "loan.due", BORROWER),
        (30, "loan.overdue", BORROWER),
        (120, "loan.overdue", BORROWER),
        (120, "loan.escalated", "archivist"),
    ]


def test_there_is_a_cap_on_how_often_a_borrower_is_told_after_due():
    found = stages(rule(cap=2), HANDED, DUE)
    assert [s.code for s in found if s.at >= DUE and s.to == BORROWER] == ["loan.due", "loan.overdue"]


def test_who_was_handed_a_folder_ten_minutes_ago_is_not_told_when_it_is_due_soon():
    assert (
        told(owed(stages(rule(), DUE - timedelta(minutes=10), DUE), None, DUE - timedelta(minutes=9))) == []
    )


def test_after_days_of_standing_still_only_the_newest_is_told_to_each():
    found = stages(rule(), HANDED, DUE)
    assert told(owed(found, None, DUE + timedelta(days=9))) == [
        ("loan.overdue", BORROWER),
        ("loan.escalated", "archivist"),
    ]


def test_each_role_is_told_even_when_its_time_passed_with_that_of_another():
    both = rule(escalate=((120, ("archivist",)), (1440, ("office_director",))))
    late = owed(stages(both, HANDED, DUE), DUE + timedelta(minutes=1), DUE + timedelta(days=3))
    assert {stage.to for stage in late} == {BORROWER, "archivist", "office_director"}


def test_an_extension_makes_new_occasions():
    one, later = stages(rule(), HANDED, DUE), stages(rule(), HANDED, DUE + timedelta(hours=2))
    keys = [
        {stage.key(7, due) for stage in found}
        for found, due in ((one, DUE), (later, DUE + timedelta(hours=2)))
    ]
    assert not keys[0] & keys[1]
    assert len(keys[0]) == len(one)


moments = st.integers(-600, 6000)


@pytest.mark.requirement("LOAN-01")
@given(
    before=st.lists(st.integers(0, 600), max_size=3, unique=True),
    after=st.lists(st.integers(0, 5000), max_size=5, unique=True),
    escalate=st.lists(
        st.tuples(st.integers(1, 3000), st.just(("a", "b"))), max_size=2, unique_by=lambda e: e[0]
    ),
    cap=st.integers(1, 6),
    looks=st.lists(moments, min_size=1, max_size=12),
)
def test_a_clock_that_looks_in_order_tells_each_occasion_once_and_none_before_its_time(
    before, after, escalate, cap, looks
):
    found = stages(rule(before, after, tuple(escalate), cap), DUE - timedelta(days=3), DUE)
    since, said = None, []
    for minute in sorted(looks):
        at = DUE + timedelta(minutes=minute)
        if since is None or since <= at:
            for stage in owed(found, since, at):
                assert stage.at <= at
                said.append(stage)
            since = next_at(found, at) or DUE + timedelta(days=999)
    assert len(said) == len(set(said))
    end = DUE + timedelta(minutes=max(looks))
    for to in {stage.to for stage in found if stage.at <= end}:
        newest = [stage for stage in found if stage.to == to and stage.at <= end][-1]
        assert newest in said
