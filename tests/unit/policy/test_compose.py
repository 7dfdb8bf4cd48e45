"""Composing a profile: it names the tables that it takes from another one, and writes only the rest."""

from __future__ import annotations

import tomllib

import pytest

from archive_app.policy import RuleBookError, load, load_profile, profile_text
from archive_app.policy.compose import compose
from tests.unit.policy.cases import BOOK

BASE = """# about the file

[rules.same_day]
clause = "A 1"
text = "Back on the same day."

[rules.void]
clause = "A 2"
text = "Void numbers are not lent."

[rules.alarm]
clause = "A 3"
text = "An alarm."

# ———— the desk

# how long a scan may be taken back
[desk]
undo_seconds = 10
rule = "void"

[arrangement]
size = 3

[arrangement.rules]
first = "same_day"

[[closed]]
name = "one"

[[closed]]
name = "two"
"""


def data(own: str) -> dict[str, object]:
    return tomllib.loads(compose(own, BASE, "mine"))


def test_a_table_is_copied_with_its_comments_and_the_rules_that_it_refers_to() -> None:
    text = compose("#: 其余照 default：desk\n[meta]\nname = 'mine'\n", BASE, "mine")
    assert tomllib.loads(text) == {
        "meta": {"name": "mine"},
        "desk": {"undo_seconds": 10, "rule": "void"},
        "rules": {"void": {"clause": "A 2", "text": "Void numbers are not lent."}},
    }
    assert "# how long a scan may be taken back\n[desk]" in text
    assert "# 照 default 抄录的表：desk\n" in text


def test_a_rule_that_is_written_anew_wins() -> None:
    found = data("#: 其余照 default：desk\n[rules.void]\nclause = 'B 9'\ntext = 'Never.'\n")
    assert found["rules"] == {"void": {"clause": "B 9", "text": "Never."}}


def test_a_rule_that_only_the_profile_itself_refers_to_is_copied_too() -> None:
    found = data("#: 其余照 default：closed\n[due]\nclosing_rule = 'same_day'\n[x.refused]\nloan = 'alarm'\n")
    assert set(found["rules"]) == {"same_day", "alarm"}


def test_a_word_that_happens_to_be_the_name_of_a_rule_copies_nothing() -> None:
    assert "rules" not in data("#: 其余照 default：closed\n[[unavailable]]\nvalue = 'void'\n")


def test_all_tables_of_a_list_and_all_tables_inside_are_copied() -> None:
    found = data("#: 其余照 default：closed\n#: 其余照 default：arrangement\n")
    assert [each["name"] for each in found["closed"]] == ["one", "two"]
    assert found["arrangement"] == {"size": 3, "rules": {"first": "same_day"}}


def test_one_table_inside_may_be_copied_alone() -> None:
    found = data("#: 其余照 default：arrangement.rules\n[arrangement]\nsize = 9\n")
    assert found["arrangement"] == {"size": 9, "rules": {"first": "same_day"}}


@pytest.mark.parametrize(
    ("own", "key"),
    [
        ("#: 其余照 default：desks\n", "desks"),
        ("#: 其余照 default：desk\n[desk]\nundo_seconds = 3\n", "desk"),
        ("#: 其余照 default：arrangement\n[arrangement.rules]\nfirst = 'void'\n", "arrangement"),
        ("#: 其余照 default：desk\n[desk\n", "TOML"),
    ],
)
def test_what_cannot_be_copied_is_named(own: str, key: str) -> None:
    with pytest.raises(RuleBookError) as caught:
        compose(own, BASE, "mine")
    assert caught.value.problems[0].key == key
    assert "mine" in str(caught.value)


def test_a_text_that_copies_nothing_stays_as_it_is() -> None:
    assert compose(BASE, BASE, "mine") == BASE
    assert profile_text("default") == BOOK.text


def test_composing_twice_changes_nothing() -> None:
    text = profile_text("S63")
    assert compose(text, BOOK.text, "again") == text


def test_a_fault_names_the_line_of_the_text_that_is_adopted() -> None:
    text = profile_text("S63").replace("undo_seconds = 10", "undo_seconds = 999")
    with pytest.raises(RuleBookError) as caught:
        load(text)
    (problem,) = caught.value.problems
    assert text.splitlines()[problem.line - 1] == "undo_seconds = 999"


def test_a_copied_part_is_the_same_as_in_the_book_it_comes_from() -> None:
    book = load_profile("S45")
    assert book.week == BOOK.week
    assert book.numbering == BOOK.numbering
    assert book.lending.purposes == BOOK.lending.purposes
    assert book.levels != BOOK.levels


def test_there_is_no_profile_outside_the_folder() -> None:
    with pytest.raises(KeyError):
        profile_text("../default")
