"""What a company may write differently: tiers, chains of all, refusals by chain, other hours."""

from __future__ import annotations

import pytest

from archive_app.policy import RuleBook, load
from tests.unit.policy.cases import BOOK, THURSDAY, at, folder, person

BEFORE_OTHERS = '[[chains]]\nname = "非密，其他人员"'


def with_chain(row: str, before: str = "") -> RuleBook:
    """The default book with one more row before the chain of everybody else."""
    return load(BOOK.text.replace(BEFORE_OTHERS, f"{before}[[chains]]\n{row}\n\n{BEFORE_OTHERS}"))


@pytest.mark.requirement("SEC-07")
def test_a_tier_has_a_chain_of_its_own() -> None:
    book = with_chain(
        'name = "公司级"\nactions = ["consult"]\nlevels = ["open"]\ntiers = ["公司级"]\n'
        'rule = "open_direct"\nsteps = [{ any = ["general_manager"], verb = "批准" }]',
        before='[tiers]\n"公司级" = "公司级档案"\n\n',
    )
    asker = person("客户经理")
    company = book.ask(asker, folder("open", tier="公司级"), "consult", THURSDAY)
    ordinary = book.ask(asker, folder("open"), "consult", THURSDAY)
    assert company.may_decide == "总经理批准"
    assert ordinary.may_decide == "本部门经理申请，总经理办公室主任核批"


@pytest.mark.requirement("SEC-12")
def test_a_chain_may_say_never_to_some_borrowers() -> None:
    book = with_chain(
        'name = "部长级以下"\nactions = ["loan"]\nlevels = ["open"]\nborrowers = ["customer_manager"]\n'
        'never = true\nrule = "need_to_know"'
    )
    answer = book.ask(person("客户经理"), folder("open"), "loan", THURSDAY)
    assert (answer.verdict, answer.code, answer.alternatives) == ("refused", "loan.never", ("consult",))
    assert answer.refusal().next_step == "可以改为：预约阅览室。"
    assert book.ask(person("业务部文员"), folder("open"), "loan", THURSDAY).verdict == "needs_approval"


def test_a_step_of_all_is_done_by_applying_only_for_one_who_holds_all_its_roles() -> None:
    book = with_chain(
        'name = "两人"\nactions = ["loan"]\nlevels = ["open"]\nrule = "open_direct"\n'
        'steps = [{ all = ["department_manager", "back_office_manager"], verb = "同意", '
        "by_application = true }]"
    )
    assert book.chain_for(person("销售部经理"), "open", "loan").steps[0].mode == "all"
    both = book.chain_for(person("内勤部经理"), "open", "loan")
    assert (both.steps, len(both.done_by_application)) == ((), 1)
    assert (
        book.ask(person("客户经理"), folder("open"), "loan", THURSDAY).may_decide
        == "部门经理和内勤部经理同意"
    )


def test_the_first_chain_that_fits_decides() -> None:
    rows = [row.name for row in BOOK.chains if "loan" in row.actions and row.levels == ("open",)]
    assert rows == ["非密，领导直接借阅", "非密，其他人员"]
    assert BOOK.chain_for(person("总经理"), "open", "loan").steps == ()


def test_a_make_up_workday_may_have_hours_of_its_own() -> None:
    text = BOOK.text.replace('hours = ["08:30-17:30"]', 'hours = ["09:00-12:00"]')
    book = load(text)
    assert book.closing(at("2026-10-10 10:00")) == at("2026-10-10 12:00")
    assert book.closing(at("2026-10-09 10:00")) == at("2026-10-09 17:30")


def test_a_limit_in_working_days_skips_the_holidays() -> None:
    text = BOOK.text.replace(
        'days = 7\nrule = "photocopy"', 'days = 2\nclock = "working"\nrule = "photocopy"'
    )
    due = load(text).due_at(person("客户经理"), "open", "photocopy", at("2026-09-30 10:00"))
    assert due.at == at("2026-10-09 17:30")
    assert due.words == "10-09 周五 17:30 前归还。"
