"""Every profile that comes with the program: complete in itself, true to its documents, nothing left over."""

from __future__ import annotations

import re

import pytest

from archive_app.policy import PERMISSIONS, RuleBook, load, load_profile, profile_text, profiles
from archive_app.policy.compose import COPIED
from tests.unit.policy import sources

NAMES = profiles()
SETTING = "本室设定"
TITLES = {
    "S08": "客户档案管理制度（酒店销售部）",
    "S09": "客户档案管理制度",
    "S11": "营销部门大客户资料管理制度",
    "S14": "经营部客户档案管理制度",
    "S45": "公司客户档案建档及管理规范",
    "S63": "物业中心客户档案管理制度",
    "S64": "《中老年健康调查表》《顾客档案表》管理",
    "default": "档案室默认制度",
}

every_profile = pytest.mark.parametrize("name", NAMES)


def quoted(book: RuleBook) -> list[tuple[str, str, str]]:
    """(document code, clause, text) of every rule that is no setting of the room."""
    found = []
    for rule in book.rules.values():
        if rule.clause == SETTING:
            continue
        title, where = rule.clause.split(" ", 1)
        codes = [key for key, document in book.documents.items() if document.title == title]
        # Two companies call their rules the same: this one is in chapters, the other in articles.
        own = [book.meta.name] if title == book.meta.title and "条" not in where else []
        assert own or codes, f"{rule.key}: {title} stands in no list of documents"
        found.append(((own or codes)[0][:3], rule.clause, rule.text))
    return found


def test_the_contradicting_rule_sets_are_all_there() -> None:
    assert {name: load_profile(name).meta.title for name in NAMES} == TITLES


@every_profile
def test_a_profile_is_called_as_its_file(name: str) -> None:
    assert load_profile(name).meta.name == name


@every_profile
def test_what_is_adopted_is_complete_in_itself(name: str) -> None:
    text = profile_text(name)
    assert "#: " not in text
    assert load(text) == load_profile(name)
    assert load_profile(name).text == text


@every_profile
def test_every_rule_cites_a_named_document_or_says_that_it_is_a_setting(name: str) -> None:
    book = load_profile(name)
    assert quoted(book)
    assert all(rule.text.endswith("。") for rule in book.rules.values())


@every_profile
def test_every_quotation_stands_word_for_word_in_the_passage_of_its_document(name: str) -> None:
    if not sources.SEEDS.is_dir():
        pytest.skip("the documents themselves are not part of the project")
    for code, clause, text in quoted(load_profile(name)):
        for piece in sources.clauses(text):
            assert piece in sources.passage(code), f"{clause}: {piece}"


@every_profile
def test_every_rule_of_a_book_is_used(name: str) -> None:
    book = load_profile(name)
    assert [key for key in book.rules if f'"{key}"' not in book.text] == []


@every_profile
def test_every_permission_is_held_by_some_role(name: str) -> None:
    held = frozenset[str]().union(*(role.permissions for role in load_profile(name).roles.values()))
    assert held == frozenset(PERMISSIONS)


@every_profile
def test_a_title_that_a_book_does_not_know_is_an_employee(name: str) -> None:
    book = load_profile(name)
    assert book.roles_of("临时翻译") == book.everyone == {"employee"}


@every_profile
def test_everybody_who_may_decide_is_held_by_some_title(name: str) -> None:
    book = load_profile(name)
    held = frozenset[str]().union(*book.titles.values(), book.everyone)
    deciders = {role for row in book.chains for step in row.steps for role in step.roles}
    assert deciders <= held


@pytest.mark.parametrize("name", [name for name in NAMES if name != "default"])
def test_a_profile_is_shorter_than_what_is_adopted_and_says_what_it_copies(name: str) -> None:
    text = profile_text(name)
    own, copied = text.split(COPIED.format(base="default"))
    assert re.search(r"^# 照 default 抄录的表：", own, re.MULTILINE)
    assert "[due.hours]" in copied
    assert "[secrecy." not in copied
    assert "[[chains]]" not in copied
