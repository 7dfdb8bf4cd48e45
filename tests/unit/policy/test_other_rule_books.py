"""What a company may write differently: tiers, chains of all, refusals by chain, other hours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive_app.core.errors import Refused
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


def test_a_step_may_be_narrowed_to_one_circle_and_says_so() -> None:
    told = {
        "own_department": "本部门经理同意",
        "folder_department": "形成部门经理同意",
        "in_charge": "分管部门经理同意",
        "customer_manager": "负责该客户的部门经理同意",
    }
    for circle, words in told.items():
        book = with_chain(
            'name = "一步"\nactions = ["loan"]\nlevels = ["open"]\nrule = "open_direct"\n'
            f'steps = [{{ any = ["department_manager"], verb = "同意", {circle} = true }}]'
        )
        answer = book.ask(person("客户经理"), folder("open"), "loan", THURSDAY)
        assert answer.may_decide == words
        assert getattr(answer.chain[0], circle)


@pytest.mark.parametrize(
    ("circle", "facts", "done"),
    [
        ("own_department", {}, True),
        ("folder_department", {"own_department": True}, True),
        ("folder_department", {"own_department": False}, False),
        ("customer_manager", {"own_customer": True}, True),
        ("customer_manager", {"own_customer": False}, False),
        ("in_charge", {"own_department": True}, False),
    ],
)
def test_applying_is_a_step_only_for_who_stands_in_its_circle(
    circle: str, facts: dict[str, bool], done
) -> None:
    book = with_chain(
        'name = "一步"\nactions = ["loan"]\nlevels = ["open"]\nrule = "open_direct"\n'
        f'steps = [{{ any = ["department_manager"], verb = "同意", by_application = true, {circle} = true }}]'
    )
    chain = book.chain_for(person("销售部经理"), "open", "loan", **facts)
    assert (chain.steps == ()) is done
    assert bool(chain.done_by_application) is done


@pytest.mark.requirement("SEC-10")
@pytest.mark.requirement("LOAN-09")
@pytest.mark.parametrize("column", ["own_customer", "own_department", "kept_copy"])
def test_a_row_may_speak_only_of_what_is_the_askers_own(column: str) -> None:
    book = with_chain(
        f'name = "自己的"\nactions = ["photocopy"]\nlevels = ["open"]\n{column} = true\nsteps = []\n'
        'borrowers = ["customer_manager"]\n'
        'rule = "own_files"'
    )
    asker = person("客户经理")
    assert book.chain_for(asker, "open", "photocopy", **{column: True}).rule.key == "own_files"
    plain = book.chain_for(asker, "open", "photocopy")
    assert plain.rule.key == "photocopy"
    assert plain.steps


def test_a_folder_of_nobody_and_a_person_without_an_account_are_no_match() -> None:
    nobody = replace(person("客户经理"), user_id=0)
    assert not replace(folder("open"), manager=None).of_customer_of(nobody)
    assert not folder("open", department="").made_in_department_of(replace(nobody, department=""))


def test_who_may_fetch_it_without_asking_is_told_to_fetch_it_before_reading() -> None:
    text = BOOK.text.replace(
        'roles = ["archivist", "director", "office_director"', 'roles = ["archivist", "office_director"'
    )
    answer = load(text).ask(person("总监"), folder("open", "财务部"), "read_content", THURSDAY)
    assert (answer.verdict, answer.chain, answer.may_decide) == ("needs_approval", (), "档案管理员")
    assert answer.message == "还不能看内容：HT-2026-0012 要先登记查阅。"


def test_a_reading_room_may_give_a_reader_two_hours() -> None:
    book = load(BOOK.text.replace("[reading_room]\n", "[reading_room]\nsession_hours = 2\n"))
    assert book.session_end(at("2026-11-19 09:00")) == at("2026-11-19 11:00")
    assert book.session_end(at("2026-11-19 17:00")) == at("2026-11-19 17:30")
    assert book.session_end(at("2026-11-19 18:00")) is None
    assert BOOK.session_end(at("2026-11-19 09:00")) == at("2026-11-19 17:30")


def test_nothing_is_handed_to_a_seat_whose_time_is_over() -> None:
    with pytest.raises(Refused, match="这次阅览已经到时") as no:
        BOOK.due_at(person("客户经理"), "secret", "consult", THURSDAY, THURSDAY)
    assert (no.value.code, no.value.next_step) == ("consult.session_ended", "请先签退，再重新签到。")


def test_an_extension_by_default_leads_to_the_next_opening_day_or_seven_days_on() -> None:
    asker = person("客户经理")
    paper = BOOK.prolonged(asker, "open", "loan", at("2026-11-20 17:30"))
    assert (paper.at, paper.rule.key) == (at("2026-11-23 17:30"), "extension_open")
    copy = BOOK.prolonged(asker, "open", "photocopy", at("2026-11-25 17:30"))
    assert copy.at == at("2026-12-02 17:30")
    for level, action in (("secret", "loan"), ("open", "consult"), ("confidential", "consult")):
        with pytest.raises(Refused, match="不能续借") as no:
            BOOK.prolonged(asker, level, action, at("2026-11-19 17:30"))
        assert no.value.code == f"{action}.no_extension"
    with pytest.raises(Refused, match="绝密"):
        BOOK.prolonged(asker, "top_secret", "loan", at("2026-11-19 17:30"))


def test_an_extension_ends_with_the_authority_and_is_refused_when_that_is_over() -> None:
    until = person("客户经理", ends=at("2026-11-23 12:00"))
    assert BOOK.prolonged(until, "open", "loan", at("2026-11-20 17:30")).reason == "authority"
    with pytest.raises(Refused) as no:
        BOOK.prolonged(
            person("客户经理", ends=at("2026-11-20 17:30")), "open", "loan", at("2026-11-20 17:30")
        )
    assert no.value.rule == BOOK.authority_rule.text
