"""S45 公司客户档案建档及管理规范 三.3–三.6: originals stay in the house, photocopies go out with consent."""

from __future__ import annotations

import pytest

from archive_app.core.errors import Refused
from tests.unit.policy.cases import THURSDAY, at
from tests.unit.scenarios.walk import ALLOWED, Case, Company, case, check

COMPANY = Company("S45", "open")
BACK_OFFICE, BOSS = {"内勤部经理"}, {"总经理"}

WALK = [
    # 客户档案原件不允许拿出公司阅读，在公司内可以登记后借阅 (三.3)，口述申请，经同意后登记签名 (三.4)
    case("三.4", "LOAN-10", "技术人员", "consult", ALLOWED),
    case("三.4", "LOAN-10", "技术人员", "loan", ALLOWED, other=True),
    case("三.4", "LOAN-10", "总经理", "loan", ALLOWED),
    case("三.4", "LOAN-10", "临时工", "loan", ALLOWED, other=True),
    case("三.4", "LOAN-10", "项目负责人", "excerpt", ALLOWED),
    # 需要文档资料外出使用时，经内勤部经理同意可以影印使用
    case("三.3", "LOAN-09", "技术人员", "photocopy", [BACK_OFFICE]),
    case("三.3", "LOAN-09", "总经理", "photocopy", [BACK_OFFICE]),
    case("三.3", "LOAN-09", "部门经理", "photocopy", [BACK_OFFICE], other=True),
    case("三.3", "LOAN-09", "客户档案管理员", "photocopy", [BACK_OFFICE]),
    case("本室设定", "LOAN-09", "内勤部经理", "photocopy", [BOSS]),
    # 对经常使用的文档，内勤部可备份复印件，借技术人员借阅
    case("三.3", "LOAN-09", "技术人员", "photocopy", ALLOWED, kept_copy=True),
    case("三.3", "LOAN-09", "技术支持人员", "photocopy", ALLOWED, kept_copy=True, other=True),
    case("三.3", "LOAN-09", "部门经理", "photocopy", [BACK_OFFICE], kept_copy=True),
    case("三.3", "LOAN-09", "总经理", "photocopy", [BACK_OFFICE], kept_copy=True),
    case("本室设定", "LOAN-10", "内勤部经理", "read_content", ALLOWED),
]  # fmt: skip


@pytest.mark.parametrize("row", WALK)
def test_walk_through_the_document(row: Case) -> None:
    check(COMPANY, row)


@pytest.mark.requirement("LOAN-08")
@pytest.mark.parametrize("action", ["consult", "loan", "excerpt"], ids=lambda action: f"三.3 {action}")
def test_an_original_stays_in_the_company_and_comes_back_the_same_day(action: str) -> None:
    answer = COMPANY.ask("技术人员", action)
    assert answer.where == "company"
    assert answer.due_at == at("2026-11-19 17:30")


@pytest.mark.requirement("LOAN-08")
def test_in_principle_the_same_day_leaves_one_more_day_by_consent() -> None:
    asker = COMPANY.person("技术人员")
    use = COMPANY.book.level("open").uses["loan"]
    assert use.extension is not None
    assert use.extension.times == 1
    assert [COMPANY.deciders(step) for step in use.extension.steps] == [BACK_OFFICE]
    later = COMPANY.book.prolonged(asker, "open", "loan", at("2026-11-20 17:30"))
    assert later.at == at("2026-11-23 17:30"), "from Friday to the next opening day"
    with pytest.raises(Refused, match="不能续借"):
        COMPANY.book.prolonged(asker, "open", "excerpt", at("2026-11-20 17:30"))


@pytest.mark.requirement("LOAN-09")
@pytest.mark.requirement("LOAN-11")
def test_a_photocopy_may_leave_the_house_and_must_come_back() -> None:
    answer = COMPANY.ask("技术人员", "photocopy")
    assert answer.where is None
    assert answer.due_at == at("2026-11-25 17:30"), "the last closing within seven days"
    assert answer.due is not None
    assert "登记及归还" in answer.due.rule.text
    copies = COMPANY.book.lending.copies
    assert copies is not None
    assert copies.kept
    assert "核对影印件完整性注销登记" in copies.rule.text


@pytest.mark.requirement("LOAN-12")
def test_by_the_fifth_the_list_of_what_is_out_goes_to_the_general_manager() -> None:
    reports = COMPANY.book.lending.reports
    assert reports is not None
    assert (reports.outstanding_day, reports.outstanding_to) == (5, ("general_manager",))
    assert reports.rule.clause.endswith("三.6")


def test_nobody_stands_in_and_the_document_names_no_fine() -> None:
    assert COMPANY.nobody_stands_in()
    assert COMPANY.penalties() == {}
    assert COMPANY.book.reading_room.seats == ()
    due = COMPANY.book.due_at(
        COMPANY.person("技术人员", ends=at("2026-11-19 16:00")), "open", "loan", THURSDAY
    )
    assert due.reason == "authority"
