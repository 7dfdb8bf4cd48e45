"""Arrangement in the rule book: the rule behind each step, sizes, what stands apart, who opens a volume."""

from __future__ import annotations

import re

import pytest

from archive_app.core.errors import Refused
from archive_app.policy import RuleBook, RuleBookError, difference, load
from archive_app.policy import words as say
from archive_app.policy.load import CATALOG_FORMS, CORNERS
from archive_app.policy.load_arrangement import BINDINGS, PROBLEMS, RULE_KEYS, VOLUME_KEY
from archive_app.policy.parts import SORT_RULES, SORTS
from tests.unit.policy.cases import BOOK

CLAUSES = [
    ("groups", "ARR-02", "第12条", ("正本与副本", "转发文件与原件", "请示与批复", "多种文字", "不得分开")),
    ("apart", "ARR-03", "第13条", ("绝密文件应单独立卷", "密切联系")),
    ("one_year", "ARR-04", "第14条", ("不同年度",)),
    ("reply_year", "ARR-05", "第14条第1项", ("请示与批复", "复文年")),
    ("request_year", "ARR-05", "第14条第2项", ("没有复文", "请示年")),
    ("plan_year", "ARR-06", "第14条第2项", ("规划", "第一年")),
    ("summary_year", "ARR-07", "第14条第3项", ("总结", "最后一年")),
    ("meeting_year", "ARR-08", "第14条第4项", ("会议文件", "开幕年")),
    ("reply_first", "ARR-09", "第15条第1项", ("批复在前",)),
    ("main_first", "ARR-09", "第15条第2项", ("正件在前",)),
    ("print_first", "ARR-09", "第15条第3项", ("印件在前",)),
    ("others", "ARR-09", "第15条", ("形成规律",)),
    ("page_numbers", "ARR-10", "第16条", ("正面右上角", "背面左上角", "有文字")),
    ("catalog", "ARR-11", "第17条", ("逐件填写", "卷首")),
    ("remark", "ARR-12", "第18条", ("卷尾", "负责人", "立档日期")),
    ("assembly", "ARR-13", "第19条", ("软卷封面", "封底", "卷盒")),
    ("threading", "ARR-14", "第20条", ("裱糊", "三孔一线", "活结")),
    ("yearly", "ARR-16", "二", ("每年", "按类装订成固定卷")),
    ("manager", "ARR-17", "二", ("客户经理", "独立的卷章")),
    ("signing_date", "ARR-18", "二", ("签订的时间先后",)),
    ("newest_first", "ARR-19", "4", ("最新的文件摆在最前面",)),
    ("dated", "ARR-20", "五.1", ("时间顺序",)),
    ("number_order", "CAT-25", "第八条（三）", ("类别和编号",)),
    ("dual_paper", "DUAL-03", "七", ("电子文件的编码及存址",)),
    ("dual_electronic", "DUAL-04", "七", ("纸质文件的档号及存址",)),
    ("paper_kept", "DUAL-05", "七", ("纸介质",)),
    ("electronic_printed", "DUAL-06", "七", ("硬拷贝",)),
]


@pytest.mark.parametrize(
    ("key", "requirement", "clause", "words"), CLAUSES, ids=[f"{row[1]} {row[0]}" for row in CLAUSES]
)
def test_every_step_of_arrangement_quotes_its_clause(key, requirement, clause, words) -> None:
    rule = BOOK.arrangement.rules[key]
    assert rule.requirement == requirement
    assert rule.clause.split(" ", 1)[1] == clause
    assert all(word in rule.text for word in words)


def test_what_no_document_says_is_named_a_setting_of_the_room() -> None:
    settings = {key for key, rule in BOOK.arrangement.rules.items() if rule.clause == "本室设定"}
    assert settings == {"as_filed", "by_hand", "checker", "unbinding"}


def test_contracts_are_ordered_by_signing_and_every_order_has_its_rule() -> None:
    orders = {code: category.sort for code, category in BOOK.categories.items()}
    assert orders["HT"] == "signing_date"
    for sort in SORTS:
        assert BOOK.arrangement.sort_rule(sort).text
    assert "签订" in BOOK.arrangement.sort_rule("signing_date").text
    with pytest.raises(KeyError):
        BOOK.arrangement.sort_rule("by_moon")


def test_the_default_room_numbers_its_pages_in_the_upper_corners() -> None:
    assert {category.page_corner for category in BOOK.categories.values()} == {"upper"}


def test_the_sizes_are_millimetres_of_real_boxes() -> None:
    rules = BOOK.arrangement
    assert rules.boxes_mm == (20, 30, 40, 50)
    assert rules.volume_mm * rules.box_fill == pytest.approx(36)
    assert rules.sheet_mm == pytest.approx(0.1)
    assert BOOK.category("HT").catalog_form == "gbt9705"
    assert "page_count" in BOOK.category("QT").catalog_columns
    assert BOOK.category("QT").catalog_form == "gbt11822"


def test_only_the_top_secret_level_has_volumes_of_its_own() -> None:
    assert BOOK.arrangement.apart == ("top_secret",)


def test_a_volume_holds_one_class_and_one_year_and_on_demand_one_manager() -> None:
    assert BOOK.arrangement.volume_key == ("category", "year")
    book = book_with('volume_key = ["category", "year"]', 'volume_key = ["category", "year", "manager"]')
    assert book.arrangement.volume_key == ("category", "year", "manager")


def test_a_bound_volume_is_opened_by_the_office_director_or_the_general_manager() -> None:
    (step,) = BOOK.arrangement.unbinding
    assert say.deciders(BOOK, BOOK.arrangement.unbinding) == "总经理办公室主任或总经理批准"
    assert step.rule is BOOK.rules["unbinding"]
    for role in step.roles:
        assert "volume.decide" in BOOK.permissions_of({role})
    assert "volume.decide" not in BOOK.permissions_of({"archivist"})


def book_with(old: str, new: str) -> RuleBook:
    assert old in BOOK.text
    return load(BOOK.text.replace(old, new, 1), "mine.toml")


FAULTS = [
    ("sheet_mm = 0.10", "sheet_mm = 10", "arrangement.sheet_mm", "0.03 到 1.0"),
    ("sheet_mm = 0.10", 'sheet_mm = "thin"', "arrangement.sheet_mm", "0.03 到 1.0"),
    ("sheet_mm = 0.10", "sheet_mm = nan", "arrangement.sheet_mm", "0.03 到 1.0"),
    ("sheet_mm = 0.10", "sheet_mm = true", "arrangement.sheet_mm", "0.03 到 1.0"),
    ("box_fill = 0.9", "box_fill = 1.5", "arrangement.box_fill", "0.1 到 1.0"),
    ("boxes_mm = [20, 30, 40, 50]", "boxes_mm = []", "arrangement.boxes_mm", "从小到大"),
    ("boxes_mm = [20, 30, 40, 50]", "boxes_mm = [40, 20, 50]", "arrangement.boxes_mm", "从小到大"),
    ("boxes_mm = [20, 30, 40, 50]", "boxes_mm = [20, 20, 50]", "arrangement.boxes_mm", "从小到大"),
    ("boxes_mm = [20, 30, 40, 50]", "boxes_mm = [20, true, 50]", "arrangement.boxes_mm", "整数"),
    ("boxes_mm = [20, 30, 40, 50]", "boxes_mm = [20, 40.5]", "arrangement.boxes_mm", "整数"),
    ("boxes_mm = [20, 30, 40, 50]", "boxes_mm = [20, 400]", "arrangement.boxes_mm", "5 到 100"),
    ("volume_mm = 40", "volume_mm = 60", "arrangement.volume_mm", "5 到 50"),
    ('volume_key = ["category", "year"]', 'volume_key = ["category"]', "arrangement.volume_key", "year"),
    ('volume_key = ["category", "year"]', 'volume_key = ["moon"]', "arrangement.volume_key", "manager"),
    ("·{year}-{serial:04d}\"\nsheet", "·{year}\"\nsheet", "arrangement.number", "{serial}"),
    ('binding = "three_hole"', 'binding = "glue"', "arrangement.binding", "three_hole"),
    ('apart = ["top_secret"]', 'apart = ["cosmic"]', "arrangement.apart", "top_secret"),
    ('holds = ["lent"', 'holds = ["moon"', "arrangement.holds", "scan_failed"),
    ('groups = "groups_whole"', 'groups = "grups"', "arrangement.rules.groups", "groups_whole"),
    ('groups = "groups_whole"\n', "", "arrangement.rules.groups", "groups_whole"),
    ('groups = "groups_whole"', 'dance = "by_hand"', "arrangement.rules.dance", "groups"),
    ('any = ["office_director", "general_manager"]', "any = []", "arrangement.unbinding[1].any", "archivist"),
    ('unbinding = [{ any = ["office_director", "general_manager"], verb = "批准" }]', "unbinding = []",
     "arrangement.unbinding", "一步"),
    ('any = ["office_director", "general_manager"]', 'any = ["archivist"]', "arrangement.unbinding", ""),
    ('binding = "three_hole"', 'binding = "three_hole"\nthread = "red"', "arrangement.thread", "binding"),
    ('sort = "signing_date"', 'sort = "by_moon"', "categories.HT.sort", "by_hand"),
    ('catalog_form = "gbt9705"', 'catalog_form = "iso"', "categories.HT.catalog_form", "practice"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "key", "allowed"), FAULTS, ids=[f"{row[2]} {row[1]}"[:60] for row in FAULTS]
)
def test_nonsense_is_named_with_its_key_its_line_and_what_is_allowed(old, new, key, allowed) -> None:
    with pytest.raises(RuleBookError) as caught:
        book_with(old, new)
    found = {problem.key: problem for problem in caught.value.problems}
    assert key in found, caught.value
    assert allowed in found[key].allowed
    text = BOOK.text.replace(old, new, 1).splitlines()
    section = re.compile(r"\[(arrangement|categories)")
    heads = [line for line in text[: found[key].line] if line.startswith("[")]
    assert section.match(heads[-1]), f"line {found[key].line}"


def test_a_decider_without_the_right_to_decide_is_told() -> None:
    with pytest.raises(RuleBookError, match=r"archivist 在审批链中，却没有 volume\.decide 权限"):
        book_with('any = ["office_director", "general_manager"]', 'any = ["archivist"]')


def test_a_step_of_the_chain_may_stand_under_a_rule_of_its_own() -> None:
    book = book_with(
        '"general_manager"], verb = "批准" }]\n\n# 组卷',
        '"general_manager"], verb = "批准", rule = "own_check" }]\n\n# 组卷',
    )
    assert book.arrangement.unbinding[0].rule.key == "own_check"


def test_a_book_from_before_there_were_volumes_still_judges_loans_but_binds_nothing() -> None:
    start, end = BOOK.text.index("[arrangement]"), BOOK.text.index("[secrecy.open]")
    old = load(BOOK.text[:start] + BOOK.text[end:].replace('catalog_form = "gbt9705"\n', ""))
    assert old.level("secret").lend
    assert old.category("HT").catalog_form == "gbt9705"
    with pytest.raises(Refused) as no:
        _ = old.arrangement
    assert no.value.code == "policy.no_arrangement"
    assert "启用" in no.value.next_step


def test_a_change_of_arrangement_is_shown_in_plain_words() -> None:
    book = book_with("volume_mm = 40", "volume_mm = 30")
    book = load(book.text.replace('groups = "groups_whole"', 'groups = "by_hand"'))
    assert [str(change) for change in difference(BOOK, book)] == [
        "arrangement.volume_mm：40 → 30",
        "arrangement.rules.groups：groups_whole → by_hand",
    ]


def test_every_code_of_arrangement_has_a_word_for_people() -> None:
    assert tuple(say.ARRANGED) != ()
    assert set(say.ARRANGED) == set(RULE_KEYS) == set(BOOK.arrangement.rules)
    assert set(say.PROBLEM) == set(PROBLEMS)
    assert set(say.SORT) == set(SORT_RULES)
    assert set(say.CORNER) == set(CORNERS)
    assert set(say.CATALOG_FORM) == set(CATALOG_FORMS)
    assert set(say.VOLUME_KEY) == set(VOLUME_KEY)
    assert set(say.BINDING) == set(BINDINGS)
