"""S09 客户档案管理制度 第四章: everything is 机密, in three tiers with owners and chains of their own."""

from __future__ import annotations

import pytest

from tests.unit.policy.cases import THURSDAY, at
from tests.unit.scenarios.walk import ALLOWED, REFUSED, Case, Company, case, check, verbs

COMPANY = Company("S09", "confidential")
MANAGERS = {
    "部门经理", "业务部经理", "营业部经理", "市场部经理", "外省拓展部经理", "展厅经理", "人力资源部经理",
}  # fmt: skip
DIRECTOR, DEPUTY, BOSS = {"营销总监"}, {"营销副总经理", "营销副总"}, {"总经理"}
C, D, P = {"tier": "公司级"}, {"tier": "部门级"}, {"tier": "个人级"}

WALK = [
    # 公司级档案由营销总监负责管理，营销总监、营销副总经理、总经理可以查阅，其他人查阅需营销总监批准
    case("第四章一", "SEC-07", "营销总监", "consult", ALLOWED, **C),
    case("第四章一", "SEC-07", "营销副总经理", "consult", ALLOWED, **C),
    case("第四章一", "SEC-07", "总经理", "consult", ALLOWED, **C),
    case("第四章一", "SEC-07", "营销总监", "read_content", ALLOWED, **C),
    case("第四章一", "SEC-07", "销售人员", "consult", [MANAGERS, DIRECTOR, BOSS], **C),
    case("第四章一", "SEC-07", "销售人员", "consult", [MANAGERS, DIRECTOR, BOSS], own=True, **C),
    case("第四章一", "SEC-07", "展厅经理", "consult", [DIRECTOR, BOSS], **C),
    # 部门级客户档案由部门经理负责管理，其他人查阅需营销副总批准部门经理批准
    case("第四章一", "SEC-08", "业务部经理", "consult", ALLOWED, **D),
    case("第四章一", "SEC-08", "业务部经理", "read_content", ALLOWED, **D),
    case("第四章一", "SEC-08", "业务部经理", "consult", [DEPUTY, MANAGERS, BOSS], other=True, **D),
    case("第四章一", "SEC-08", "销售人员", "consult", [MANAGERS, DEPUTY, BOSS], **D),
    case("第四章一", "SEC-08", "销售人员", "consult", [MANAGERS, DEPUTY, MANAGERS, BOSS], other=True, **D),
    case("第四章一", "SEC-08", "营销总监", "consult", [DEPUTY, MANAGERS, BOSS], **D),
    case("第四章一", "SEC-08", "营销副总", "consult", [MANAGERS, BOSS], **D),
    case("第四章一", "SEC-08", "总经理", "consult", [DEPUTY, MANAGERS], **D),
    # 个人级客户档案由销售人员负责管理，他人查阅需部门经理批准
    case("第四章一", "SEC-06", "销售人员", "consult", ALLOWED, own=True, **P),
    case("第四章一", "SEC-06", "销售人员", "read_content", ALLOWED, own=True, **P),
    case("第四章一", "SEC-06", "销售人员", "consult", [MANAGERS, BOSS], **P),
    case("第四章一", "SEC-06", "销售人员", "consult", [MANAGERS, MANAGERS, BOSS], other=True, **P),
    case("第四章一", "SEC-06", "部门经理", "consult", [BOSS], **P),
    case("第四章一", "SEC-06", "营销总监", "consult", [MANAGERS, BOSS], **P),
    case("第四章一", "SEC-06", "总经理", "consult", [MANAGERS], other=True, **P),
    # 没有分级的照公司级
    case("第四章一", "SEC-06", "销售人员", "consult", [MANAGERS, DIRECTOR, BOSS]),
    # the page is lost where lending and copying would stand
    *(
        case("本室设定", "SEC-06", title, action, REFUSED, **C)
        for title in ("总经理", "营销总监", "销售人员")
        for action in ("loan", "photocopy", "excerpt")
    ),
]


@pytest.mark.parametrize("row", WALK)
def test_walk_through_the_document(row: Case) -> None:
    check(COMPANY, row)


@pytest.mark.requirement("SEC-09")
def test_every_stranger_fills_in_the_form_signed_by_his_own_manager_and_approved_at_the_top() -> None:
    for tier in ("公司级", "部门级", "个人级", ""):
        chain = COMPANY.ask("销售人员", "consult", other=True, tier=tier).chain
        assert (chain[0].own_department, chain[0].verb) == (True, "签字")
        assert verbs(chain[-1:]) == ["批准"]
        assert COMPANY.deciders(chain[-1]) == BOSS
        form = "客户档案管理制度 第四章三.1"
        assert (chain[0].rule.clause, chain[-1].rule.clause) == (form, form)


@pytest.mark.requirement("SEC-08")
@pytest.mark.parametrize("tier", ["部门级", "个人级"])
def test_the_manager_who_approves_is_the_one_whose_department_made_the_folder(tier: str) -> None:
    chain = COMPANY.ask("展厅经理", "consult", other=True, tier=tier).chain
    owner = next(step for step in chain if COMPANY.deciders(step) == MANAGERS)
    assert owner.folder_department
    assert not owner.own_department
    answer = COMPANY.ask("销售人员", "consult", other=True, tier=tier)
    assert "形成部门经理批准" in answer.may_decide
    assert answer.may_decide.startswith("本部门经理签字，")


@pytest.mark.requirement("SEC-06")
def test_a_manager_of_another_department_has_not_agreed_by_applying() -> None:
    answer = COMPANY.ask("展厅经理", "consult", other=True, tier="个人级")
    assert verbs(answer.done_by_application) == ["签字"]
    assert [COMPANY.deciders(step) for step in answer.chain] == [MANAGERS, BOSS]


@pytest.mark.requirement("SEC-16")
def test_lists_show_what_each_tier_lets_be_read() -> None:
    for title in COMPANY.book.titles:
        asker = COMPANY.person(title)
        scope = COMPANY.book.scope(asker, "read_content")
        for tier in ("公司级", "部门级", "个人级", ""):
            for other in (False, True):
                for own in (False, True):
                    about = COMPANY.folder(tier=tier, other=other, own=own)
                    answer = COMPANY.book.ask(asker, about, "read_content", THURSDAY)
                    assert scope.shows(about, asker) is answer.allowed


def test_reading_ends_when_the_room_closes_and_nobody_stands_in() -> None:
    due = COMPANY.book.due_at(COMPANY.person("总经理"), "confidential", "consult", THURSDAY)
    assert due.at == at("2026-11-19 17:30")
    assert COMPANY.nobody_stands_in()


@pytest.mark.requirement("SEC-33")
@pytest.mark.requirement("AUD-17")
def test_the_marketing_director_keeps_the_system_and_human_resources_supervise() -> None:
    may = COMPANY.book.permissions_of
    assert "people.manage" in may(COMPANY.book.titles["营销总监"])
    assert {"report.view", "alarm.view"} <= may(COMPANY.book.titles["人力资源部经理"])
    assert "people.manage" not in may(COMPANY.book.titles["营销副总经理"])


@pytest.mark.requirement("AUD-02")
@pytest.mark.requirement("AUD-03")
@pytest.mark.requirement("LOAN-22")
def test_the_fines() -> None:
    assert COMPANY.penalties() == {
        "unapproved_reading": (50, 50, False),
        "account_lent": (50, 50, False),
        "unapproved_deletion": (500, 500, True),
    }
