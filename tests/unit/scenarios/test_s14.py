"""S14 经营部客户档案管理制度 第三章二.3: a manager or the keeper agrees; lending needs the slip as well."""

from __future__ import annotations

import pytest

from tests.unit.policy.cases import THURSDAY, at
from tests.unit.scenarios.walk import Case, Company, case, check, verbs

OFFICE = Company("S14", "secret")
AGREE = {"部门经理", "财务部经理", "综合部经理", "经营部经理", "档案管理人员"}
SLIP = {"经营部经理"}

WALK = [
    # 查阅(借出)客户档案必须经部门经理或档案管理人员批准
    case("第三章二.3", "SEC-13", "客服专员", "consult", [AGREE]),
    case("第三章二.3", "SEC-13", "临时工", "consult", [AGREE], other=True),
    case("第三章二.3", "SEC-13", "销售经理", "consult", [AGREE], own=True),
    case("第三章二.3", "SEC-13", "部门经理", "consult", [AGREE]),
    case("第三章二.3", "SEC-13", "档案管理人员", "consult", [AGREE]),
    case("第三章二.3", "SEC-13", "经营部经理", "consult", [AGREE]),
    # 借出者还需办理档案借出审批单经经营部经理审批
    case("第三章二.3", "SEC-13", "客服专员", "loan", [AGREE, SLIP]),
    case("第三章二.3", "SEC-13", "财务部经理", "loan", [AGREE, SLIP], other=True),
    case("第三章二.3", "SEC-13", "档案管理人员", "loan", [AGREE, SLIP]),
    case("第三章二.3", "SEC-13", "经营部经理", "loan", [AGREE]),
    # 严禁擅自抄录、复制
    case("本室设定", "AUD-04", "客服专员", "photocopy", [AGREE, SLIP]),
    case("本室设定", "AUD-04", "客服专员", "excerpt", [AGREE, SLIP]),
    case("本室设定", "SEC-13", "客服专员", "read_content", [AGREE]),
    case("本室设定", "SEC-13", "经营部经理", "read_content", "allowed"),
    case("本室设定", "SEC-13", "档案管理人员", "read_content", "allowed"),
]


@pytest.mark.parametrize("row", WALK)
def test_walk_through_the_document(row: Case) -> None:
    check(OFFICE, row)


@pytest.mark.requirement("SEC-13")
def test_the_slip_comes_after_the_consent_and_is_the_manager_of_the_departments() -> None:
    answer = OFFICE.ask("客服专员", "loan")
    assert verbs(answer.chain) == ["批准", "审批"]
    assert answer.may_decide == "部门经理或档案管理人员批准，经营部经理审批"
    assert "档案借出审批单" in answer.chain[1].rule.text
    assert "借出审批单" not in OFFICE.ask("客服专员", "consult").may_decide
    assert OFFICE.nobody_stands_in()


@pytest.mark.requirement("SEC-13")
def test_applying_is_the_slip_but_never_the_consent() -> None:
    answer = OFFICE.ask("经营部经理", "loan")
    assert verbs(answer.done_by_application) == ["审批"]
    assert verbs(answer.chain) == ["批准"]


@pytest.mark.requirement("LOAN-15")
def test_what_is_lent_may_leave_the_house_and_comes_back_in_time() -> None:
    answer = OFFICE.ask("客服专员", "loan")
    assert answer.where == "outside"
    assert answer.due is not None
    assert answer.due.at == at("2026-11-20 17:30"), "three days end on a Sunday: the last closing before it"
    assert answer.due.rule.text == "借出档案应及时归还。"
    assert OFFICE.ask("客服专员", "consult").where == "reading_room"


def test_reading_in_the_room_ends_when_it_closes() -> None:
    due = OFFICE.book.due_at(OFFICE.person("客服专员"), "secret", "consult", THURSDAY)
    assert due.at == at("2026-11-19 17:30")


@pytest.mark.requirement("AUD-02")
@pytest.mark.requirement("AUD-03")
@pytest.mark.requirement("AUD-04")
@pytest.mark.requirement("AUD-05")
@pytest.mark.requirement("LOAN-15")
def test_the_fines_without_dismissal() -> None:
    assert OFFICE.penalties() == {
        "unapproved_reading": (50, 50, False),
        "unapproved_copy": (500, 500, False),
        "unapproved_deletion": (500, 500, False),
        "loss": (500, 500, False),
    }
    assert "追究到底" in OFFICE.book.lending.penalties["loss"].rule.text
