"""The borrowing rules of the default rule book, each case under the clause that it copies."""

from __future__ import annotations

import pytest

from archive_app.policy import ChainStep
from archive_app.policy.words import deciders, in_one_line
from tests.unit.policy.cases import BOOK, THURSDAY, at, folder, person

DIRECT = ("总经理", "副总经理", "总监", "总经理办公室主任")
OTHERS = ("客户经理", "业务员", "兼职档案员", "档案管理员", "监销人", "审计", "没有登记的职务")


def roles(steps: tuple[ChainStep, ...]) -> list[tuple[str, ...]]:
    return [step.roles for step in steps]


def asked(title: str, level: str, action: str, when: object = THURSDAY, department: str = "销售部"):
    return BOOK.ask(person(title), folder(level, department), action, when)


@pytest.mark.requirement("SEC-02")
@pytest.mark.parametrize("title", DIRECT, ids=lambda title: f"销售客户档案管理制度 七.1 {title}")
def test_the_named_titles_borrow_open_folders_directly_at_the_archivist(title: str) -> None:
    answer = asked(title, "open", "loan")
    assert (answer.verdict, answer.chain, answer.where) == ("allowed", (), "company")
    assert answer.rule.clause == "销售客户档案管理制度 七.1"


@pytest.mark.requirement("SEC-03")
@pytest.mark.parametrize("title", OTHERS, ids=lambda title: f"销售客户档案管理制度 七.2 {title}")
def test_everybody_else_borrows_open_folders_through_the_manager_and_the_office_director(title: str) -> None:
    answer = asked(title, "open", "loan")
    assert answer.verdict == "needs_approval"
    assert roles(answer.chain) == [("department_manager",), ("office_director",)]
    assert answer.chain[0].own_department
    assert not answer.chain[1].own_department
    assert answer.may_decide == "本部门经理申请，总经理办公室主任核批"
    assert answer.rule.clause == "销售客户档案管理制度 七.2"


@pytest.mark.requirement("SEC-03")
def test_a_department_manager_has_done_the_first_step_by_applying() -> None:
    answer = asked("销售部经理", "open", "loan")
    assert roles(answer.chain) == [("office_director",)]
    assert roles(answer.done_by_application) == [("department_manager",)]


@pytest.mark.requirement("SEC-04")
@pytest.mark.parametrize(
    "title", [*DIRECT, "销售部经理", *OTHERS], ids=lambda t: f"销售客户档案管理制度 七.3 {t}"
)
def test_a_secret_loan_needs_the_general_manager_or_the_deputy_whoever_asks(title: str) -> None:
    answer = asked(title, "secret", "loan")
    assert answer.verdict == "needs_approval"
    assert roles(answer.chain) == [("general_manager", "deputy_general_manager")]
    assert answer.chain[0].mode == "any"
    assert answer.rule.text == "秘密级档案的借阅必须由总经理或分管副总经理批准。"


@pytest.mark.requirement("LOAN-01")
def test_a_secret_loan_is_due_after_four_hours() -> None:
    due = BOOK.due_at(person("客户经理"), "secret", "loan", at("2026-11-19 09:00"))
    assert due.at == at("2026-11-19 13:00")
    assert (due.reason, due.words) == ("limit", "最长 4 小时，今日 13:00 前归还。")
    assert due.rule.clause == "销售客户档案管理制度 七.3"
    assert "不得超过4小时" in due.rule.text


@pytest.mark.requirement("LOAN-01")
def test_a_secret_loan_in_the_afternoon_is_due_at_closing_and_not_the_next_morning() -> None:
    due = BOOK.due_at(person("客户经理"), "secret", "loan", THURSDAY)
    assert due.at == at("2026-11-19 17:30")
    assert due.words == "最长 4 小时；闭馆更早，今日 17:30 前归还。"


@pytest.mark.requirement("LOAN-01")
def test_a_loan_ends_with_the_borrowers_own_authority() -> None:
    borrower = person("客户经理", ends=at("2026-11-19 16:00"))
    due = BOOK.due_at(borrower, "secret", "loan", THURSDAY)
    assert (due.at, due.reason) == (at("2026-11-19 16:00"), "authority")
    assert due.words == "借阅人权限到期更早，今日 16:00 前归还。"


@pytest.mark.requirement("LOAN-02")
@pytest.mark.requirement("SEC-01")
@pytest.mark.parametrize("title", [*DIRECT, "档案管理员", "客户经理"])
def test_a_confidential_folder_is_never_lent_but_may_be_read_in_the_room(title: str) -> None:
    answer = asked(title, "confidential", "loan")
    assert answer.refused
    assert answer.alternatives == ("consult",)
    assert in_one_line(answer.refusal()) == (
        "不能外借：HT-2026-0012 是机密级档案。「机密级档案只能在档案室阅览，不准外借。」"
        "（销售客户档案管理制度 七.3）可以改为：预约阅览室。需要例外时由：无人可批准。"
    )


@pytest.mark.requirement("LOAN-02")
def test_a_confidential_folder_is_read_in_the_reading_room_after_approval_until_closing() -> None:
    answer = asked("客户经理", "confidential", "consult")
    assert (answer.verdict, answer.where) == ("needs_approval", "reading_room")
    assert roles(answer.chain) == [("general_manager", "deputy_general_manager")]
    assert answer.due_at == at("2026-11-19 17:30")


@pytest.mark.requirement("SEC-01")
@pytest.mark.requirement("LOAN-02")
@pytest.mark.parametrize("action", ["consult", "loan", "photocopy", "excerpt", "read_content"])
@pytest.mark.parametrize("title", ["总经理", "档案管理员", "客户经理", "系统管理员"])
def test_a_top_secret_folder_is_never_retrieved_by_anybody(title: str, action: str) -> None:
    answer = asked(title, "top_secret", action)
    assert (answer.verdict, answer.alternatives, answer.may_decide) == ("refused", (), "")
    assert answer.rule.text == "绝密级档案禁止调阅。"


@pytest.mark.requirement("SEC-05")
@pytest.mark.parametrize(
    ("principal", "deputy", "may"),
    [
        ("总经理", "副总经理", True),
        ("总经理", "总经理办公室主任", True),
        ("总经理", "总监", False),
        ("总经理", "档案管理员", False),
        ("副总经理", "总经理办公室主任", False),
        ("部门经理", "副总经理", False),
    ],
    ids=lambda value: f"七.3 {value}",
)
def test_only_the_general_manager_is_stood_in_for_as_the_letter_says(principal, deputy, may) -> None:
    held = BOOK.roles_of(principal), BOOK.roles_of(deputy)
    assert BOOK.may_stand_in(*held, "loan") is may
    rule = BOOK.stand_in_rule(*held, "loan")
    assert (rule is not None and "委托书" in rule.text) is may


@pytest.mark.requirement("LOAN-08")
def test_an_original_stays_in_the_company_and_comes_back_the_same_day() -> None:
    answer = asked("总经理", "open", "loan")
    assert answer.where == "company"
    assert answer.due_at == at("2026-11-19 17:30")
    assert answer.due is not None
    assert answer.due.rule.clause == "公司客户档案建档及管理规范 三.3"
    assert "当天借阅须当天归还" in answer.due.rule.text


@pytest.mark.requirement("LOAN-09")
@pytest.mark.parametrize("title", ["总经理", "客户经理", "销售部经理"])
def test_a_photocopy_needs_the_consent_of_the_back_office_manager(title: str) -> None:
    answer = asked(title, "open", "photocopy")
    assert roles(answer.chain) == [("back_office_manager",)]
    assert answer.may_decide == "内勤部经理同意"
    assert answer.where is None, "a photocopy may leave the company, the original may not"


def test_nobody_consents_to_his_own_photocopy() -> None:
    assert roles(asked("内勤部经理", "open", "photocopy").chain) == [("office_director",)]


def test_a_photocopy_is_due_at_a_closing_time_within_its_days_even_over_a_holiday() -> None:
    due = BOOK.due_at(person("客户经理"), "open", "photocopy", at("2026-09-29 10:00"))
    assert due.at == at("2026-09-30 17:30"), "the seven days end inside the National Day holidays"


def test_a_secret_photocopy_needs_both_consents_in_order() -> None:
    steps = asked("客户经理", "secret", "photocopy").chain
    assert roles(steps) == [("back_office_manager",), ("general_manager", "deputy_general_manager")]
    assert deciders(BOOK, steps) == "内勤部经理同意，总经理或分管副总经理批准"


@pytest.mark.requirement("LOAN-03")
def test_the_undertaking_is_quoted_with_its_clause() -> None:
    assert BOOK.undertaking.clause == "销售客户档案管理制度 七.4"
    for duty in ("严禁涂改", "翻印", "抄录", "转借", "遗失"):
        assert duty in BOOK.undertaking.text


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"state": "void"}, "已经作废"),
        ({"state": "reserved"}, "预留"),
        ({"custody": "quarantine"}, "单独存放"),
        ({"custody": "destroyed"}, "已经销毁"),
    ],
)
def test_a_folder_that_is_gone_is_lent_to_nobody(facts: dict[str, str], words: str) -> None:
    answer = BOOK.ask(person("总经理"), folder("open", **facts), "loan", THURSDAY)
    assert answer.refused
    assert words in answer.message
    assert answer.alternatives == ()


def test_a_person_whose_authority_is_over_borrows_nothing() -> None:
    gone = person("总经理", ends=at("2026-11-19 14:00"))
    answer = BOOK.ask(gone, folder("open"), "loan", THURSDAY)
    assert (answer.refused, answer.code) == (True, "loan.authority_ended")
    assert "权限已到期" in answer.message


def test_asking_at_night_tells_the_due_time_of_the_next_opening() -> None:
    answer = asked("总经理", "open", "loan", at("2026-11-20 20:00"))
    assert answer.allowed
    assert answer.due_at == at("2026-11-23 17:30")


def test_a_running_consultation_opens_the_content_on_the_screen() -> None:
    reader, secret = person("客户经理"), folder("secret")
    before = BOOK.ask(reader, secret, "read_content", THURSDAY)
    assert (before.verdict, before.alternatives) == ("needs_approval", ("consult",))
    assert BOOK.ask(reader, secret, "read_content", THURSDAY, holding="consult").allowed


@pytest.mark.requirement("LOAN-02")
def test_a_confidential_folder_is_read_on_the_screen_only_from_a_seat() -> None:
    reader, kept = person("总经理"), folder("confidential")
    assert not BOOK.ask(reader, kept, "read_content", THURSDAY).allowed
    assert not BOOK.ask(reader, kept, "read_content", THURSDAY, holding="loan").allowed
    assert BOOK.ask(reader, kept, "read_content", THURSDAY, holding="consult").allowed


def test_an_unknown_action_or_level_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        asked("总经理", "open", "burn")
    with pytest.raises(KeyError):
        asked("总经理", "cosmic", "loan")


def test_an_allowed_answer_has_no_refusal() -> None:
    with pytest.raises(ValueError, match="not refused"):
        asked("总经理", "open", "loan").refusal()
