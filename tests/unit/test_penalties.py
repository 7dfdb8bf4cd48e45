"""What the penalty table says, in words."""

from __future__ import annotations

import pytest

from archive_app import policy
from archive_app.loans.penalties import penalty_of, words
from archive_app.people.rulebook import profile_text
from archive_app.policy.lending_parts import OFFENCES, Penalty
from archive_app.policy.parts import Rule

RULE = Rule("penalty", "某制度 三", "罚款。")


@pytest.mark.parametrize(
    ("least", "most", "dismissal", "said"),
    [
        (5_000, 5_000, False, "罚款 50 元"),
        (5_000, 50_000, False, "罚款 50—500 元"),
        (50_000, 50_000, True, "罚款 500 元，并予以开除"),
        (1_000_000, 1_000_000, False, "罚款 10,000 元"),
        (1_250, 1_250, False, "罚款 12.50 元"),
    ],
)
def test_the_table_speaks_in_yuan(least, most, dismissal, said):
    assert words(Penalty("loss", least, most, dismissal, RULE)) == said


@pytest.mark.requirement("AUD-02")
@pytest.mark.requirement("AUD-03")
@pytest.mark.requirement("AUD-04")
@pytest.mark.requirement("AUD-05")
def test_the_default_book_has_a_row_for_each_offence_with_its_clause():
    book = policy.load(profile_text("default"), "default")
    said = {offence: words(penalty_of(book, offence)) for offence in OFFENCES}
    assert said == {
        "unapproved_reading": "罚款 50 元", "account_lent": "罚款 50 元", "unapproved_copy": "罚款 500 元",
        "unapproved_deletion": "罚款 500 元",
        "loss": "罚款 500 元", "damage": "罚款 50—500 元", "missing_pages": "罚款 50—500 元",
    }  # fmt: skip
    assert all(penalty_of(book, offence).rule.clause for offence in OFFENCES)


def test_what_is_not_in_the_table_has_no_words():
    assert words(None) == ""
