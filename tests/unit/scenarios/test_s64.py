"""S64 《中老年健康调查表》《顾客档案表》管理: one form is sealed, one is drawn for visits, back by night."""

from __future__ import annotations

import pytest

from archive_app.core.errors import Refused
from tests.unit.policy.cases import THURSDAY, at
from tests.unit.scenarios.walk import ALLOWED, REFUSED, Case, Company, case, check, verbs

FIRM = Company("S64", "secret")
BOSS = {"总经理"}
SEALED = {"level": "confidential"}

WALK = [
    # 封存的表格，公司任何人不得随意索取查阅，必须经过公司总经理批准同意
    *(
        case("11", "SEC-15", title, "consult", [BOSS], **SEALED)
        for title in (
            "客服部门经理",
            "顾服主管医生",
            "销售经理",
            "销售主管",
            "满意代表",
            "部门经理",
            "临时工",
        )
    ),
    case("11", "SEC-15", "满意代表", "consult", [BOSS], own=True, **SEALED),
    case("11", "SEC-15", "总经理", "consult", ALLOWED, **SEALED),
    *(
        case("本室设定", "SEC-15", title, "read_content", [BOSS], **SEALED)
        for title in ("客服部门经理", "顾服主管医生", "满意代表")
    ),
    *(
        case("本室设定", "SEC-15", title, "loan", REFUSED, **SEALED)
        for title in ("总经理", "客服部门经理", "满意代表")
    ),
    # 不经公司同意，严禁复印
    case("12", "LOAN-19", "满意代表", "photocopy", [BOSS], **SEALED),
    case("12", "LOAN-19", "客服部门经理", "excerpt", [BOSS], **SEALED),
    # 顾服主管医生: 开展三次回访
    case("7", "CUS-22", "顾服主管医生", "loan", ALLOWED, other=True),
    # 满意代表回访时，从顾服主管医生处调用《顾客档案表》，并于当日归还
    case("9", "LOAN-18", "满意代表", "loan", ALLOWED, own=True),
    case("9", "LOAN-18", "满意代表", "loan", ALLOWED, own=True, other=True),
    # 除用于回访之外，任何人需要查阅、调用，必须由总经理签字确认同意
    case("10", "SEC-15", "满意代表", "loan", [BOSS]),
    case("10", "SEC-15", "满意代表", "consult", [BOSS], own=True),
    case("10", "SEC-15", "销售主管", "loan", [BOSS], own=True),
    case("10", "SEC-15", "销售经理", "consult", [BOSS]),
    case("10", "SEC-15", "客服部门经理", "loan", [BOSS]),
    case("10", "SEC-15", "总经理", "loan", ALLOWED),
    case("13", "LOAN-19", "满意代表", "photocopy", [BOSS], own=True),
    case("13", "LOAN-19", "顾服主管医生", "photocopy", [BOSS]),
    case("本室设定", "SEC-15", "顾服主管医生", "read_content", ALLOWED),
    case("本室设定", "SEC-15", "满意代表", "read_content", [BOSS], own=True),
]


@pytest.mark.parametrize("row", WALK)
def test_walk_through_the_document(row: Case) -> None:
    check(FIRM, row)


@pytest.mark.requirement("SEC-15")
def test_only_the_general_manager_signs_and_nobody_in_his_place() -> None:
    assert verbs(FIRM.ask("销售经理", "consult").chain) == ["签字同意"]
    assert FIRM.ask("销售经理", "consult").may_decide == "总经理签字同意"
    assert FIRM.nobody_stands_in()


@pytest.mark.requirement("LOAN-18")
def test_a_sheet_drawn_for_a_visit_is_back_the_same_day_and_never_prolonged() -> None:
    answer = FIRM.ask("满意代表", "loan", own=True)
    assert answer.due is not None
    assert (answer.due.at, answer.where) == (at("2026-11-19 17:30"), "company")
    assert "当日归还" in answer.due.rule.text
    with pytest.raises(Refused, match="不能续借"):
        FIRM.book.prolonged(FIRM.person("满意代表"), "secret", "loan", at("2026-11-19 17:30"))


@pytest.mark.requirement("SEC-15")
def test_a_sealed_form_has_no_due_time_for_lending_at_all() -> None:
    with pytest.raises(Refused) as no:
        FIRM.book.due_at(FIRM.person("总经理"), "confidential", "loan", THURSDAY)
    assert no.value.code == "loan.confidential"


@pytest.mark.requirement("SEC-27")
def test_nothing_of_it_is_shown_outside() -> None:
    assert "外传" in FIRM.book.undertaking.text
    assert "禁止向顾客展示" in FIRM.ask("满意代表", "photocopy", own=True).rule.text
    assert not FIRM.book.level("secret").download


@pytest.mark.requirement("AUD-05")
def test_whoever_loses_damages_or_shortens_a_sheet_pays_fifty_to_five_hundred_and_makes_it_good() -> None:
    assert FIRM.penalties() == dict.fromkeys(("loss", "damage", "missing_pages"), (50, 500, False))
    assert all("立即进行补充" in row.rule.text for row in FIRM.book.lending.penalties.values())
