"""Level × action × title, complete: the whole table of verdicts, written by hand from the rules.

A allowed at once, W waits for approval, N never. One letter a title, in the order of TITLES; folders
and people are of one department, or (second table) of different ones.
"""

from __future__ import annotations

from itertools import product

import pytest

from archive_app.policy import ACTIONS
from tests.unit.policy.cases import BOOK, THURSDAY, folder, person

LETTER = {"allowed": "A", "needs_approval": "W", "refused": "N"}
TITLES = (
    "总经理", "分管副总经理", "总监", "总经理办公室主任", "销售部经理", "内勤部经理",
    "档案管理员", "兼职档案员", "客户经理", "审计", "监销人", "系统管理员",
    "保密员",
)  # fmt: skip
LEVELS = ("open", "secret", "confidential", "top_secret")

OWN = {
    ("open", "know"): "AAAAAAAAAAAAA",
    ("open", "read_content"): "AAAAAAAAAAAAA",
    ("open", "consult"): "AAAAWWWWWWWWW",
    ("open", "loan"): "AAAAWWWWWWWWW",
    ("open", "photocopy"): "WWWWWWWWWWWWW",
    ("open", "excerpt"): "WWWWWWWWWWWWW",
    ("secret", "know"): "AAAAAAAAAAAAA",
    ("secret", "read_content"): "AAWWWWAWWWWWW",
    ("secret", "consult"): "WWWWWWWWWWWWW",
    ("secret", "loan"): "WWWWWWWWWWWWW",
    ("secret", "photocopy"): "WWWWWWWWWWWWW",
    ("secret", "excerpt"): "WWWWWWWWWWWWW",
    ("confidential", "know"): "AAAAAAAAAAAAA",
    ("confidential", "read_content"): "WWWWWWAWWWWWW",
    ("confidential", "consult"): "WWWWWWWWWWWWW",
    ("confidential", "loan"): "NNNNNNNNNNNNN",
    ("confidential", "photocopy"): "NNNNNNNNNNNNN",
    ("confidential", "excerpt"): "NNNNNNNNNNNNN",
    ("top_secret", "know"): "AANANNANNANNN",
    ("top_secret", "read_content"): "NNNNNNNNNNNNN",
    ("top_secret", "consult"): "NNNNNNNNNNNNN",
    ("top_secret", "loan"): "NNNNNNNNNNNNN",
    ("top_secret", "photocopy"): "NNNNNNNNNNNNN",
    ("top_secret", "excerpt"): "NNNNNNNNNNNNN",
}
OTHER = {
    **OWN,
    ("open", "read_content"): "AAAAWWAWWWWWW",
    ("confidential", "know"): "AAAANNANNANNN",
    ("confidential", "read_content"): "WWWWNNANNWNNN",
    ("confidential", "consult"): "WWWWNNWNNWNNN",
}
CASES = [
    pytest.param(level, action, title, home, table[level, action][n], id=f"{level}-{action}-{title}-{home}")
    for home, table in (("销售部", OWN), ("财务部", OTHER))
    for level, action in product(LEVELS, ACTIONS)
    for n, title in enumerate(TITLES)
]


@pytest.mark.requirement("SEC-01")
@pytest.mark.requirement("SEC-16")
@pytest.mark.parametrize(("level", "action", "title", "home", "letter"), CASES)
def test_every_level_action_and_title_has_its_verdict(level, action, title, home, letter) -> None:
    answer = BOOK.ask(person(title), folder(level, home), action, THURSDAY)
    assert LETTER[answer.verdict] == letter


def test_the_table_is_complete() -> None:
    assert set(OWN) == set(OTHER) == set(product(BOOK.levels, ACTIONS))
    held = frozenset[str]().union(*map(BOOK.roles_of, TITLES))
    assert held == frozenset(BOOK.roles), "every role of the book is held by a title of the table"


@pytest.mark.parametrize(("level", "action", "title", "home", "letter"), CASES)
def test_every_answer_that_is_not_yes_has_the_four_parts_of_a_refusal(
    level, action, title, home, letter
) -> None:
    answer = BOOK.ask(person(title), folder(level, home), action, THURSDAY)
    if answer.allowed:
        return
    refused = answer.refusal()
    assert refused.message.endswith("。")
    assert "不能" in refused.message
    assert refused.rule.endswith("。")
    assert refused.clause
    assert refused.next_step
    assert bool(refused.may_decide) is (answer.verdict == "needs_approval")
    assert refused.code.startswith(f"{action}.")


@pytest.mark.requirement("SEC-16")
@pytest.mark.parametrize("action", ["know", "read_content"])
@pytest.mark.parametrize("title", TITLES)
def test_a_list_shows_exactly_what_the_question_allows(title: str, action: str) -> None:
    asker = person(title)
    scope = BOOK.scope(asker, action)
    assert not scope.levels & scope.own_department_levels
    for level, home in product(LEVELS, ("销售部", "财务部")):
        listed = level in scope.levels or (home == "销售部" and level in scope.own_department_levels)
        assert BOOK.ask(asker, folder(level, home), action, THURSDAY).allowed is listed


def test_a_folder_without_a_department_belongs_to_nobodys_department() -> None:
    stranger = person("客户经理", department="")
    assert BOOK.ask(stranger, folder("confidential", department=""), "know", THURSDAY).refused


def test_a_scope_is_only_asked_for_what_lists_show() -> None:
    with pytest.raises(KeyError):
        BOOK.scope(person("总经理"), "loan")
