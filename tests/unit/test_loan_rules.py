"""Pure judgements about loans: the state that the clock sees, undo, seats, what a form must say."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_app.loans import rules
from archive_app.loans.flow import ACTIVE, LOAN, OPEN

DUE = datetime(2026, 11, 19, 9, 30, tzinfo=UTC)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


@pytest.mark.requirement("LOAN-01")
@given(state=st.sampled_from(rules.RUNNING), due=moments, at=moments)
def test_a_running_loan_is_overdue_exactly_when_its_due_time_has_passed(state, due, at):
    assert rules.state_at(state, due, at) == ("overdue" if at > due else state)


@given(state=st.sampled_from(LOAN.states), due=moments, at=moments)
def test_only_running_loans_become_overdue_by_the_clock(state, due, at):
    if state not in rules.RUNNING:
        assert rules.state_at(state, due, at) == state


def test_at_the_due_minute_itself_a_loan_is_not_yet_overdue():
    assert rules.state_at("out", DUE, DUE) == "out"


@pytest.mark.parametrize(("seconds", "may"), [(-1, False), (0, True), (10, True), (10.001, False)])
def test_undo_is_open_for_its_seconds_only(seconds, may):
    assert rules.can_undo(DUE, timedelta(seconds=10), DUE + timedelta(seconds=seconds)) is may


def test_nothing_that_was_not_done_can_be_undone():
    assert not rules.can_undo(None, timedelta(seconds=10), DUE)


@pytest.mark.requirement("LOAN-02")
def test_what_the_rule_keeps_in_the_room_is_seated_and_all_else_handed_over():
    assert rules.verb_for("reading_room") == "seat"
    assert rules.verb_for("company") == "hand_over"
    assert rules.verb_for(None) == "hand_over"


def test_the_first_free_seat_is_given():
    assert rules.free_seat(("1", "2"), {"1"}) == "2"
    assert rules.free_seat(("1", "2"), {"1", "2"}) == ""


@pytest.mark.requirement("LOAN-14")
def test_a_request_without_a_purpose_is_sent_back_to_the_field():
    empty = {"purpose": "", "object": "", "reason": "", "extent": ""}
    assert set(rules.check_request("loan", empty)) == {"purpose"}
    assert set(rules.check_request("steal", empty)) == {"purpose", "kind"}
    assert rules.check_request("loan", empty | {"purpose": "对账"}) == {}
    assert set(rules.check_request("loan", empty | {"purpose": "长" * 201})) == {"purpose"}


@pytest.mark.requirement("LOAN-10")
@pytest.mark.parametrize(
    ("counted", "expected", "said"),
    [(None, 32, ""), (32, 32, "清点 32 页，相符"), (30, 32, "清点 30 页，少 2 页"),
     (33, 32, "清点 33 页，多 1 页"), (5, 0, "清点 5 页")],
)  # fmt: skip
def test_the_count_at_return_says_what_is_missing(counted, expected, said):
    assert rules.page_remark(counted, expected) == said


@given(st.text(max_size=50))
def test_typed_lines_are_kept_on_one_printable_line(text):
    cleaned = rules.clean(text)
    assert cleaned == rules.clean(cleaned)
    assert all(c.isprintable() for c in cleaned)


def test_every_state_is_open_or_closed_and_only_the_desk_ends_an_active_loan():
    assert set(OPEN) | {"refused", "withdrawn", "returned", "lost", "expired"} == set(LOAN.states)
    for state in ACTIVE:
        leaving = {s.permission for s in LOAN.open_to(state) if s.target not in ACTIVE}
        assert leaving == {"loan.desk"}


def test_nobody_but_the_clock_marks_a_loan_overdue_or_expired():
    from archive_app.policy import PERMISSIONS

    clock = {"mark_overdue", "expire"}
    assert all(LOAN.steps[verb].permission not in PERMISSIONS for verb in clock)
    others = {s.permission for s in LOAN.steps.values() if s.verb not in clock}
    assert others <= set(PERMISSIONS)


def test_no_step_leaves_a_refused_or_withdrawn_request():
    assert LOAN.open_to("refused") == LOAN.open_to("withdrawn") == []
