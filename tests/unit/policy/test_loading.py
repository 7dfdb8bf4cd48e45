"""Loading a rule book: every nonsense value is named with key, line and what is allowed."""

from __future__ import annotations

import re

import pytest

from archive_app.policy import RuleBookError, difference, load, load_profile, profiles
from tests.unit.policy.cases import BOOK

# The chain of the back office manager's own copies: extensions have such a step as well.
CONSENT = 'steps = [{ any = ["office_director"], verb = "同意" }]\nrule = "own_copy"'

# (what stands in the default book, what is written instead, key of the fault, part of what is allowed)
FAULTS = [
    ('hours = 4\nclock = "wall"', "hours = -4", "secrecy.secret.use.loan.hours", "1 到 72"),
    ('hours = 4\nclock = "wall"', "hours = true", "secrecy.secret.use.loan.hours", "1 到 72"),
    ('hours = 4\nclock = "wall"', 'hours = 4\nclock = "moon"', "secrecy.secret.use.loan.clock", "working"),
    ("hours = 4\nclock", "hours = 4\ndays = 2\nclock", "secrecy.secret.use.loan.days", "hours"),
    ("undo_seconds = 10", "undo_secs = 10", "desk.undo_secs", "undo_seconds"),
    ("undo_seconds = 10", "", "desk.undo_seconds", "0 到 120"),
    ('"folder.view", "inc', '"folder.vew", "inc', "roles.employee.permissions", "folder.view"),
    ('rule = "void"', 'rule = "vod"', "unavailable[1].rule", "void"),
    ('retention = "long"', 'retention = "eternal"', "categories.HT.retention", "permanent"),
    ('secrecy = "secret"', 'secrecy = "cosmic"', "categories.KH.secrecy", "confidential"),
    ("[categories.HT]", '[categories."合同"]', "categories.合同", "拉丁字母"),
    ('page_corner = "upper"', 'page_corner = "middle"', "categories.HT.page_corner", "lower"),
    ("dual_track_required = true", 'dual_track_required = "y"', "categories.HT.dual_track_required", "true"),
    ("{category}-{year}-{serial:04d}", "{category}-{year}", "numbering.template", "{serial}"),
    ("{category}-{year}-{serial:04d}", "{category}{year}-{serial:04d}", "numbering.template", "{year}"),
    ("{category}-{year}-{serial:04d}", "{klass}-{year}-{serial:04d}", "numbering.template", "{category}"),
    ("{category}-{year}-{serial:04d}", "{category}-{year}-{serial:04d", "numbering.template", "{category}"),
    ('scope = ["fonds", "category", "year"]', 'scope = ["fonds", "moon"]', "numbering.scope", "category"),
    ("rank = 1", "rank = 0", "secrecy.secret.rank", "不同"),
    ('loan = "confidential"\n', "", "secrecy.confidential", "refused"),
    ('where = "company"', 'where = "home"', "secrecy.open.use.loan.where", "reading_room"),
    ("[secrecy.open.use.excerpt]", "[secrecy.open.use.dance]", "secrecy.open.use.dance", "excerpt"),
    ("sunday = []", 'sunday = ["17:30-08:30"]', "due.hours.sunday", "08:30-17:30"),
    ("sunday = []", 'sunday = ["8-17"]', "due.hours.sunday", "08:30-17:30"),
    ("sunday = []", "", "due.hours.sunday", "列表"),
    ("to = 2026-01-03", "to = 2025-01-03", "due.closed[1].to", "from"),
    ("from = 2026-01-01", 'from = "new year"', "due.closed[1].from", "日期"),
    ("days = [2026-01-04", 'days = ["monday"', "due.workdays.days", "日期"),
    ('borrowers = ["back_office_manager"]', 'borrowers = ["boss"]', "chains[5].borrowers", "office_director"),
    (CONSENT, 'steps = [{ verb = "同意" }]\nrule = "own_copy"', "chains[5].steps[1].any", "office_director"),
    (CONSENT, 'steps = [{ any = [], verb = "同意" }]\nrule = "own_copy"', "chains[5].steps[1].any",
     "archivist"),
    ('verb = "核批" }', 'verb = "核批", color = 1 }', "chains[2].steps[2].color", "verb"),
    ('steps = []\nrule = "open_direct"', 'steps = [1]\nrule = "open_direct"', "chains[1].steps", "表"),
    ('name = "影印"', 'name = "影印"\nborrowers = ["director"]', "chains", "不限"),
    ('[[chains]]\nname = "影印"',
     '[tiers]\n"公司级" = "公司"\n\n[[chains]]\nname = "影印"\ntiers = ["公司级"]',
     "chains", "不限"),
    ('name = "秘密"\nactions', 'name = "秘密"\nnever = true\nactions', "chains[3].never", ""),
    ('"审计" = ["auditor"]', '"审计" = ["auditor", "archivist"]', "titles.roles.审计", ""),
    ('permissions = ["loan.decide"]', "permissions = []", "chains[7].steps", ""),
    ('principal = "general_manager"', 'principal = "pope"', "deputation[1].principal", "general_manager"),
    ("failures = 5", "failures = 0", "sign_in.failures", "1 到 100"),
    ('title = "档案室默认制度"', 'title = ""', "meta.title", "文字"),
    ("[undertaking]\n", "[undertakings]\n", "undertakings", "meta"),
    ("[meta]", "surprise = 1\n[meta]", "surprise", "meta"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "allowed"), FAULTS, ids=lambda value: str(value)[:40])
def test_a_nonsense_value_is_named_with_its_key_its_line_and_what_is_allowed(old, new, key, allowed) -> None:
    assert old in BOOK.text
    text = BOOK.text.replace(old, new, 1)
    with pytest.raises(RuleBookError) as caught:
        load(text, "mine.toml")
    found = {problem.key: problem for problem in caught.value.problems}
    assert key in found
    assert allowed in found[key].allowed
    last = re.sub(r"\[\d+\]", "", key).split(".")[-1]
    near = text.splitlines()[found[key].line - 1 : found[key].line + 1]
    assert found[key].line > 1 or key == "surprise"
    assert new == "" or any(last in line or new.splitlines()[0] in line for line in near)
    assert "mine.toml" in str(caught.value)
    assert f"第 {found[key].line} 行" in str(caught.value)


def test_all_faults_are_told_at_once_in_the_order_of_lines() -> None:
    text = BOOK.text.replace("undo_seconds = 10", "undo_seconds = -1")
    text = text.replace('hours = 4\nclock = "wall"', 'hours = 4\nclock = "x"')
    with pytest.raises(RuleBookError) as caught:
        load(text)
    assert [p.key for p in caught.value.problems] == ["secrecy.secret.use.loan.clock", "desk.undo_seconds"]


def test_text_that_is_not_toml_is_refused_with_its_line() -> None:
    with pytest.raises(RuleBookError) as caught:
        load("[meta]\nname = \n")
    assert caught.value.problems[0].line == 2


@pytest.mark.parametrize(
    "text", ["", "rules = 3", "[rules]\na = 1", "secrecy = []\nchains = 5", "titles = 1"]
)
def test_no_text_however_wrong_breaks_the_loader(text: str) -> None:
    with pytest.raises(RuleBookError):
        load(text)


def test_the_default_profile_comes_with_the_program() -> None:
    assert "default" in profiles()
    assert load_profile("default") is BOOK
    with pytest.raises(KeyError):
        load_profile("../secrets")


def test_the_same_text_is_the_same_rule_book() -> None:
    again = load(BOOK.text, "copy")
    assert again == BOOK
    assert hash(again) == hash(BOOK)
    assert load(BOOK.text + "\n# 改\n") != BOOK


def test_nobody_changes_the_rules_in_passing() -> None:
    with pytest.raises(TypeError):
        BOOK.levels["open"] = BOOK.levels["secret"]  # type: ignore[index]


def test_a_change_of_rules_is_shown_in_plain_words() -> None:
    text = BOOK.text.replace('hours = 4\nclock = "wall"', 'hours = 2\nclock = "wall"')
    text = text.replace("undo_seconds = 10", "undo_seconds = 20").replace('"旧档" = ', '"老档" = ')
    assert [str(change) for change in difference(BOOK, load(text))] == [
        "新增 numbering.presets.老档：{category}〔{year}〕{serial:03d}",
        "secrecy.secret.use.loan.hours：4 → 2",
        "desk.undo_seconds：10 → 20",
        "删去 numbering.presets.旧档：{category}〔{year}〕{serial:03d}",
    ]
    assert difference(BOOK, BOOK) == []


def test_rows_without_a_name_are_called_by_what_they_are_about() -> None:
    text = BOOK.text.replace('kind = "refusals"\ncount = 5', 'kind = "refusals"\ncount = 9')
    text = text.replace('offence = "damage"\nleast = 5000', 'offence = "damage"\nleast = 6000')
    assert [str(change) for change in difference(BOOK, load(text))] == [
        "penalties[damage].least：5000 → 6000",
        "alarms.rows[refusals].count：5 → 9",
    ]


def test_a_chain_moved_before_another_is_one_change_because_the_first_that_fits_decides() -> None:
    start, end = (BOOK.text.index(f'[[chains]]\nname = "{name}"') for name in ("影印", "摘抄"))
    row = BOOK.text[start : BOOK.text.index("\n\n", start)]
    text = BOOK.text[:start] + BOOK.text[end:].replace("[[deputation]]", f"{row}\n\n[[deputation]]", 1)
    changes = difference(BOOK, load(text))
    assert [change.key for change in changes] == ["chains（顺序）"]
