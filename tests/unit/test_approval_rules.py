"""Who stands where in a chain, when a step is complete, and what an approval still covers."""

from datetime import datetime, timedelta

import pytest

from archive_app.approvals.rules import (
    About,
    Asked,
    covers,
    in_circle,
    is_complete,
    leaving,
    rest_of,
    role_in,
    stage,
    unfilled,
)
from archive_app.core import clock
from archive_app.people.rulebook import profile_text
from archive_app.policy import load

EITHER = Asked(("general_manager", "deputy_general_manager"), "any")
BOTH = Asked(("department_manager", "office_director"), "all")
OWN = Asked(("department_manager",), "any", own_department=True)


@pytest.mark.requirement("SEC-04")
@pytest.mark.parametrize("role", EITHER.roles)
def test_either_of_two_completes_an_any_of_step(role):
    assert is_complete(EITHER, [role])


def test_nobody_completes_no_step():
    assert not is_complete(EITHER, [])
    assert not is_complete(BOTH, [])


def test_an_all_of_step_needs_every_role():
    assert not is_complete(BOTH, ["department_manager"])
    assert is_complete(BOTH, ["office_director", "department_manager"])


def test_a_person_with_two_roles_of_an_all_of_step_speaks_for_the_one_still_open():
    held = {"department_manager", "office_director"}
    assert role_in(BOTH, held) == "department_manager"
    assert role_in(rest_of(BOTH, ["department_manager"]), held) == "office_director"
    assert role_in(rest_of(BOTH, held), held) == ""
    assert rest_of(EITHER, ["general_manager"]) == EITHER


@pytest.mark.parametrize(
    ("others", "role"),
    [
        ({"a": [2], "b": []}, "b"),
        ({"a": [], "b": [2]}, "a"),
        ({"a": [2], "b": [3]}, "a"),
        ({"a": [2], "b": [3], "c": [2]}, "a"),  # the other could not do both a and c
        ({}, "a"),
    ],
)
def test_a_person_with_several_roles_leaves_to_others_what_they_can_fill(others, role):
    roles = ("b", "a", "c") if "c" in others else ("a", "b")
    assert role_in(leaving(Asked(roles, "all"), others), {"a", "b"}) == role


def test_the_managers_step_belongs_to_the_askers_own_department():
    asked = About(department=3)
    assert in_circle(OWN, asked, 1, 3)
    assert not in_circle(OWN, asked, 1, 4)
    assert not in_circle(OWN, About(None), 1, None)
    assert in_circle(EITHER, asked, 1, 4)


def test_the_department_that_made_the_folder_decides_where_the_rule_says_so():
    made = Asked(("department_manager",), "any", folder_department=True)
    assert in_circle(made, About(3, made_in=5), 1, 5)
    assert not in_circle(made, About(3, made_in=5), 1, 3)
    assert in_circle(made, About(3, made_in=None), 1, 4), "a folder of no department is any manager's"


def test_who_is_in_charge_of_the_department_decides_and_anyone_where_nobody_is():
    charge = Asked(("deputy_general_manager",), "any", in_charge=True)
    assert in_circle(charge, About(3, overseer=8), 8, 1)
    assert not in_circle(charge, About(3, overseer=8), 9, 3)
    assert in_circle(charge, About(3, overseer=None), 9, 1)


def test_the_customers_own_manager_decides_and_nobody_where_there_is_none():
    own = Asked(("customer_manager",), "any", customer_manager=True)
    assert in_circle(own, About(3, manager=8), 8, 1)
    assert not in_circle(own, About(3, manager=8), 9, 3)
    assert not in_circle(own, About(3, manager=None), 9, 3)


def test_an_all_of_step_needs_a_person_of_its_own_for_every_role():
    assert unfilled(BOTH, {"department_manager": [1], "office_director": [2]}) == ()
    assert unfilled(BOTH, {"department_manager": [1, 2], "office_director": [1]}) == ()
    assert unfilled(BOTH, {"department_manager": [1], "office_director": [1]}) == ("office_director",)
    assert unfilled(EITHER, {"general_manager": [1]}) == ()
    assert unfilled(EITHER, {}) == EITHER.roles


def test_an_approval_under_milder_rules_does_not_cover_a_stricter_chain():
    agreed = {"department_manager", "office_director"}
    assert covers(agreed, [OWN, Asked(("office_director",), "any")])
    assert not covers(agreed, [EITHER])
    assert covers(agreed, [])


WAITING = load(profile_text("default"), "default")


@pytest.mark.parametrize(
    ("day", "hour", "reached"),
    [
        (19, 13, 0),
        (19, 14, 1),  # four hours of opening time after 10:00
        (20, 8, 1),  # the night does not count
        (20, 9, 2),
        (28, 23, 2),  # without an expiry in the rule book it waits for ever
    ],
)
def test_waiting_is_counted_in_opening_hours(day, hour, reached):
    since = datetime(2026, 11, 19, 10, tzinfo=clock.LOCAL)
    now = datetime(2026, 11, day, hour, tzinfo=clock.LOCAL)
    assert stage(WAITING.lending.waiting, WAITING.week, since, now) == reached


def test_the_weekend_and_a_holiday_week_do_not_count_to_the_minute():
    friday = datetime(2026, 11, 20, 16, 30, tzinfo=clock.LOCAL)  # one hour until closing
    eve = datetime(2026, 9, 30, 16, 30, tzinfo=clock.LOCAL)  # of the week from October 1 to 7
    for since, monday in ((friday, datetime(2026, 11, 23)), (eve, datetime(2026, 10, 8))):
        reached = monday.replace(hour=11, minute=30, tzinfo=clock.LOCAL)
        for late, number in ((timedelta(seconds=-1), 0), (timedelta(0), 1)):
            assert stage(WAITING.lending.waiting, WAITING.week, since, reached + late) == number


def test_a_clock_set_back_reaches_nothing():
    since = datetime(2026, 11, 19, 10, tzinfo=clock.LOCAL)
    assert stage(WAITING.lending.waiting, WAITING.week, since, since - timedelta(days=1)) == 0
