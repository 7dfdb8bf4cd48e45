"""Who stands where in a chain, when a step is complete, and what an approval still covers."""

import pytest

from archive_app.approvals.rules import Asked, covers, in_department, is_complete, role_in

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
    assert role_in(BOTH, held, taken=["department_manager"]) == "office_director"
    assert role_in(BOTH, held, taken=held) == ""


def test_the_managers_step_belongs_to_the_askers_own_department():
    assert in_department(OWN, 3, 3)
    assert not in_department(OWN, 4, 3)
    assert not in_department(OWN, None, None)
    assert in_department(EITHER, 4, 3)


def test_an_approval_under_milder_rules_does_not_cover_a_stricter_chain():
    agreed = {"department_manager", "office_director"}
    assert covers(agreed, [OWN, Asked(("office_director",), "any")])
    assert not covers(agreed, [EITHER])
    assert covers(agreed, [])
