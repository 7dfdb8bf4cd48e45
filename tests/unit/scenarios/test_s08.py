"""S08 客户档案管理制度（酒店销售部）: the sales manager signs the form, the general manager approves."""

from __future__ import annotations

import pytest

from tests.unit.policy.cases import THURSDAY, at
from tests.unit.scenarios.walk import REFUSED, Case, Company, case, check, verbs

HOTEL = Company("S08", "secret")
SIGNS, APPROVES = {"销售部经理", "销售部部门经理"}, {"总经理"}

WALK = [
    case("3（1）", "SEC-09", "销售人员", "consult", [SIGNS, APPROVES]),
    case("3（1）", "SEC-09", "部门经理", "consult", [SIGNS, APPROVES], other=True),
    case("3（1）", "SEC-09", "档案管理员", "consult", [SIGNS, APPROVES]),
    case("3（1）", "SEC-09", "销售部经理", "consult", [APPROVES]),
    case("3（1）", "SEC-09", "总经理", "consult", [SIGNS]),
    case("3（1）", "SEC-09", "临时工", "consult", [SIGNS, APPROVES], other=True),
    case("本室设定", "SEC-09", "销售人员", "read_content", [SIGNS, APPROVES], own=True),
    case("本室设定", "SEC-09", "销售人员", "know", "allowed"),
    case("本室设定", "SEC-09", "总经理", "loan", REFUSED),
    case("本室设定", "SEC-09", "销售人员", "loan", REFUSED),
    case("本室设定", "AUD-04", "销售人员", "photocopy", [SIGNS, APPROVES]),
    case("本室设定", "AUD-04", "销售人员", "excerpt", [SIGNS, APPROVES]),
]


@pytest.mark.parametrize("row", WALK)
def test_walk_through_the_document(row: Case) -> None:
    check(HOTEL, row)


@pytest.mark.requirement("SEC-09")
def test_the_form_is_signed_first_and_approved_then() -> None:
    answer = HOTEL.ask("销售人员", "consult")
    assert verbs(answer.chain) == ["签字", "批准"]
    assert answer.may_decide == "销售部经理签字，总经理批准"


@pytest.mark.requirement("SEC-09")
def test_who_is_asked_anyway_has_done_his_step_by_applying_and_only_that() -> None:
    by_manager = HOTEL.ask("销售部经理", "consult")
    assert verbs(by_manager.done_by_application) == ["签字"]
    by_boss = HOTEL.ask("总经理", "consult")
    assert verbs(by_boss.done_by_application) == ["批准"]


def test_reading_ends_when_the_room_closes_and_nobody_stands_in() -> None:
    due = HOTEL.book.due_at(HOTEL.person("销售人员"), "secret", "consult", THURSDAY)
    assert due.at == at("2026-11-19 17:30")
    assert HOTEL.ask("销售人员", "consult").where == "reading_room"
    assert HOTEL.nobody_stands_in()


@pytest.mark.requirement("AUD-02")
@pytest.mark.requirement("AUD-03")
@pytest.mark.requirement("AUD-04")
@pytest.mark.requirement("LOAN-22")
def test_the_fines_of_the_hotel_come_with_dismissal() -> None:
    assert HOTEL.penalties() == {
        "unapproved_reading": (50, 50, False),
        "account_lent": (50, 50, False),
        "unapproved_copy": (500, 500, True),
        "unapproved_deletion": (500, 500, True),
    }
