"""S11 营销部门大客户资料管理制度 四: own customers always, two titles all, other managers by approval."""

from __future__ import annotations

import pytest

from tests.unit.policy.cases import THURSDAY, at
from tests.unit.scenarios.walk import ALLOWED, REFUSED, Case, Company, case, check

HOTEL = Company("S11", "secret")
EITHER = {"总经理", "销售部经理"}

WALK = [
    # 每位经理有权随时查阅自己所负责客户的档案记录
    case("四.1", "SEC-10", "客户经理", "consult", ALLOWED, own=True, other=True),
    case("四.1", "SEC-10", "客户经理", "excerpt", ALLOWED, own=True),
    case("四.1、四.2", "SEC-10", "客户经理", "read_content", ALLOWED, own=True),
    case("四.1", "SEC-10", "财务部经理", "consult", ALLOWED, own=True),
    # 总经理、销售部经理有权查阅酒店所有客户的档案记录
    case("四.2", "SEC-11", "总经理", "consult", ALLOWED, other=True),
    case("四.2", "SEC-11", "销售部经理", "consult", ALLOWED, other=True),
    case("四.1、四.2", "SEC-11", "总经理", "read_content", ALLOWED, other=True),
    # 其它部门经理需查阅客户档案时，需有销售部经理或总经理的审批方可查阅
    case("四.3", "SEC-11", "财务部经理", "consult", [EITHER], other=True),
    case("四.3", "SEC-11", "客房部经理", "consult", [EITHER]),
    case("四.3", "SEC-11", "餐饮部经理", "excerpt", [EITHER]),
    # 客户档案属酒店保密资料，严禁外泄
    case("四", "SEC-11", "客户经理", "know", REFUSED),
    case("四", "SEC-11", "客户经理", "consult", REFUSED),
    case("四", "SEC-11", "客户经理", "read_content", REFUSED),
    case("四", "SEC-11", "临时工", "consult", REFUSED),
    case("四", "SEC-11", "档案管理员", "consult", REFUSED),
    case("本室设定", "SEC-11", "总经理", "loan", REFUSED),
    case("本室设定", "SEC-10", "客户经理", "loan", REFUSED, own=True),
    case("本室设定", "SEC-11", "客户经理", "photocopy", [EITHER], own=True),
]


@pytest.mark.parametrize("row", WALK)
def test_walk_through_the_document(row: Case) -> None:
    check(HOTEL, row)


@pytest.mark.requirement("SEC-11")
def test_one_of_the_two_is_enough_and_nobody_else_decides() -> None:
    answer = HOTEL.ask("财务部经理", "consult", other=True)
    (step,) = answer.chain
    assert (step.mode, step.verb) == ("any", "审批")
    assert answer.may_decide == "销售部经理或总经理审批"
    assert HOTEL.nobody_stands_in()


@pytest.mark.requirement("SEC-10")
def test_at_any_time_means_on_the_screen_also_at_night() -> None:
    night = at("2026-11-19 23:50")
    asker = HOTEL.person("客户经理")
    assert HOTEL.book.ask(asker, HOTEL.folder(own=True), "read_content", night).allowed
    assert not HOTEL.book.ask(asker, HOTEL.folder(), "read_content", night).allowed


@pytest.mark.requirement("SEC-10")
def test_lists_show_a_customer_manager_only_his_own_customers() -> None:
    asker = HOTEL.person("客户经理")
    scope = HOTEL.book.scope(asker, "know")
    assert scope.shows(HOTEL.folder(own=True, other=True), asker)
    assert not scope.shows(HOTEL.folder(), asker)
    assert HOTEL.book.scope(HOTEL.person("销售部经理"), "know").shows(HOTEL.folder(other=True), asker)


@pytest.mark.requirement("ARR-17")
def test_every_customer_manager_has_volumes_of_his_own_in_six_classes() -> None:
    assert HOTEL.book.arrangement.volume_key == ("category", "year", "manager")
    assert len(HOTEL.book.categories) == 6


def test_reading_ends_when_the_room_closes_and_the_document_names_no_fine() -> None:
    due = HOTEL.book.due_at(HOTEL.person("客户经理"), "secret", "consult", THURSDAY)
    assert due.at == at("2026-11-19 17:30")
    assert HOTEL.penalties() == {}
