"""What is typed by hand: numbers in any form, texts with anything in them."""

from dataclasses import dataclass
from datetime import date

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


@pytest.mark.parametrize(
    ("typed", "dated", "known"),
    [
        ("1949", date(1949, 1, 1), "year"),
        ("194910", date(1949, 10, 1), "month"),
        ("1949-10", date(1949, 10, 1), "month"),
        ("19491001", date(1949, 10, 1), "day"),
        ("1949-10-01", date(1949, 10, 1), "day"),
        ("1949-10-1", date(1949, 10, 1), "day"),
        ("1949/10/1", date(1949, 10, 1), "day"),
        ("1949.10", date(1949, 10, 1), "month"),
        ("1949年10月1日", date(1949, 10, 1), "day"),
        ("1949年10月", date(1949, 10, 1), "month"),
        ("1949年", date(1949, 1, 1), "year"),
        ("１９４９１０", date(1949, 10, 1), "month"),
        ("１９４９－１０－０１", date(1949, 10, 1), "day"),
        ("19490000", date(1949, 1, 1), "year"),
        ("19491000", date(1949, 10, 1), "month"),
        ("20240229", date(2024, 2, 29), "day"),
        (" 2026-11-19 ", date(2026, 11, 19), "day"),
        ("", None, "day"),
        ("  ", None, "day"),
    ],
)
def test_a_date_is_read_as_far_as_it_is_known(typed, dated, known):
    assert rules.read_dated(typed) == (dated, known)
    assert rules.check_dated(typed) == {}


@pytest.mark.parametrize(
    "typed",
    [
        "20261331", "20260229", "19490015", "194913", "1949-13", "1949101", "49", "261119", "0999", "9999",
        "昨天", "1949-10-01-02", "١٩٤٩", "1949年13月", "🗓", "<b>1949</b>",
    ],
)  # fmt: skip
def test_a_date_that_does_not_exist_is_refused_by_its_name(typed):
    with pytest.raises(ValueError):
        rules.read_dated(typed)
    assert typed in rules.check_dated(typed)["dated"]


@pytest.mark.parametrize(
    ("known", "printed", "shown"),
    [("day", "20250904", "2025-09-04"), ("month", "20250900", "2025-09"), ("year", "20250000", "2025")],
)
def test_what_is_not_known_of_a_date_prints_as_zero(known, printed, shown):
    assert rules.dated_words(date(2025, 9, 4), known) == printed
    assert rules.dated_text(date(2025, 9, 4), known) == shown
    assert rules.dated_words(None, known) == rules.dated_text(None, known) == ""


@given(st.dates(date(1800, 1, 1), date(2200, 12, 31)), st.sampled_from(rules.KNOWN))
def test_a_date_reads_back_from_what_is_printed_and_from_what_is_shown(dated, known):
    kept = {"day": dated, "month": dated.replace(day=1), "year": dated.replace(month=1, day=1)}[known]
    assert rules.read_dated(rules.dated_words(dated, known)) == (kept, known)
    assert rules.read_dated(rules.dated_text(dated, known)) == (kept, known)


@given(st.text(max_size=40))
def test_nothing_typed_as_a_date_breaks_the_form(text):
    try:
        dated, known = rules.read_dated(text)
    except ValueError:
        assert rules.check_dated(text)
    else:
        assert known in rules.KNOWN
        assert dated is None or dated.year in rules.YEARS


@pytest.mark.parametrize(
    ("sheets", "pages", "good"),
    [
        (None, 0, True), (None, 7, True), (0, 0, True), (1, 1, True), (1, 2, True), (4, 7, True),
        (7, 7, True), (8, 7, False), (3, 7, False), (0, 1, False), (5, 0, False), (-1, 0, False),
    ],
)  # fmt: skip
def test_a_leaf_has_one_or_two_pages(sheets, pages, good):
    assert (rules.check_sheets(sheets, pages) == {}) is good


@pytest.mark.parametrize(
    ("years", "wrong"),
    [
        ((None, None), ""),
        ((2024, None), ""),
        ((None, 2024), ""),
        ((2024, 2024), ""),
        ((2024, 2026), ""),
        ((2026, 2024), "covers_to"),
        ((26, None), "covers_from"),
        ((2024, 20260), "covers_to"),
    ],
)
def test_a_document_covers_years_that_exist_in_order(years, wrong):
    assert "".join(rules.check_covers(*years)) == wrong


@dataclass(frozen=True)
class Noted:
    kind: str
    document_id: int | None


@pytest.mark.requirement("ARR-14")
def test_a_damage_waits_until_it_is_mended():
    torn, whole, other = Noted("damaged", 1), Noted("damaged", None), Noted("damaged", 2)
    gone = Noted("missing", 1)
    assert rules.unmended([torn, gone, other]) == [torn, other]
    assert rules.unmended([torn, other, Noted("repaired", 1)]) == [other]
    assert rules.unmended([whole, torn, Noted("repaired", 1)]) == [whole]
    assert rules.unmended([torn, whole, other, Noted("repaired", None)]) == []
    assert rules.unmended([Noted("repaired", 1), torn]) == [torn], "damaged again after the repair"


def test_pages_that_were_lost_are_mended_by_putting_them_in_again_not_by_paste():
    lost, other = Noted("missing", 1), Noted("missing", 2)
    assert rules.unmended([lost, other, Noted("repaired", 1)], "missing") == [lost, other]
    assert rules.unmended([lost, other, Noted("restored", 1)], "missing") == [other]
    assert rules.unmended([lost, other, Noted("restored", None)], "missing") == []
