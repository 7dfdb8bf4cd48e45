"""What is wrong with a folder's two sets, told from numbers alone."""

import pytest

from archive_app.scans.rules import WORDS, Facts, codes, due, is_important, paper_note, percent, wrong

WHOLE = {"lines": 1, "paper_lines": 1, "paper_pages": 3, "counted": 3, "files": 1, "written": 3, "tied": 3}


def told(important=True, **more):
    return Facts(important, **(WHOLE | more)).words


def test_two_sets_of_the_same_pages_have_nothing_to_mend():
    assert told() == ()
    assert told(lowest=90.0, mean=95.0) == ()


@pytest.mark.parametrize(
    ("word", "facts"),
    [
        pytest.param("missing_scan", {"files": 0, "written": 0, "tied": 0}, id="DUAL-01 no scan"),
        pytest.param("missing_paper", {"only_electronic": 1}, id="DUAL-06 no hard copy"),
        pytest.param("pages_differ", {"differing": 1, "written": 2, "tied": 2}, id="one page missing"),
        pytest.param("pages_differ", {"written": 4, "tied": 0}, id="scanned onto the folder, one too many"),
        pytest.param("scan_failed", {"files_failed": 1}, id="file not drawn"),
        pytest.param("scan_failed", {"pages_failed": 1}, id="page not read"),
        pytest.param("unread", {"files_busy": 1}, id="still being drawn"),
        pytest.param("unread", {"pages_unread": 2}, id="still being read"),
        pytest.param("uncounted", {"uncounted": 1}, id="a line without pages"),
        pytest.param("low_confidence", {"lowest": 60.0, "mean": 80.0}, id="a page read badly"),
    ],
)
@pytest.mark.requirement("DUAL-01")
def test_each_thing_to_mend_has_one_word(word, facts):
    assert told(**facts) == (word,)


@pytest.mark.requirement("DUAL-06")
def test_what_is_not_important_may_stand_in_one_set():
    assert told(False, files=0, written=0, tied=0) == ()
    assert told(False, only_electronic=1) == ()
    assert not due(Facts(False, paper_pages=3))
    assert due(Facts(False, files=1, paper_pages=3)) and due(Facts(True))


@pytest.mark.requirement("DUAL-05")
@pytest.mark.parametrize(
    ("required", "years", "important"),
    [(True, 10, True), (False, None, True), (False, 30, True), (False, 10, False)],
)
def test_important_is_what_the_category_says_or_what_is_kept_long(required, years, important):
    assert is_important(required, years) is important


def test_pages_are_not_compared_while_some_are_missing_for_a_known_reason():
    assert told(files_failed=1, written=1, tied=1, differing=2) == ("scan_failed",)
    assert told(files_busy=1, written=1, tied=1, differing=2) == ("unread",)


def test_a_folder_without_documents_is_uncounted_and_the_gravest_word_comes_first():
    assert Facts(True).words == ("missing_scan", "uncounted")
    several = told(pages_failed=1, only_electronic=1, lowest=50.0)
    assert several == ("scan_failed", "missing_paper", "low_confidence")


def test_surplus_and_missing_pages_of_two_documents_do_not_even_out():
    assert told(lines=2, counted=6, paper_pages=6, written=6, tied=6, differing=2) == ("pages_differ",)


def test_every_word_is_judged():
    assert tuple(wrong(Facts(True))) == WORDS


def test_a_hundred_percent_means_that_nothing_is_left():
    assert [percent(0, 0), percent(999, 1000), percent(1000, 1000), percent(0, 7)] == [100, 99, 100, 0]


@pytest.mark.requirement("DUAL-04")
def test_the_note_on_the_paper_names_number_place_and_volume_and_leaves_no_gaps():
    assert paper_note("HT-2025-0001", "A03 柜 2 格") == "HT-2025-0001，A03 柜 2 格"
    assert paper_note("HT-2025-0001", "", ["Z01-HT·2025-0003 第 3–5 页"]) == (
        "HT-2025-0001，Z01-HT·2025-0003 第 3–5 页"
    )


def test_several_codes_take_the_room_of_one():
    assert codes(["DZ-HT-2025-0001-01"]) == "DZ-HT-2025-0001-01"
    assert codes(["DZ-HT-2025-0001-01", "DZ-HT-2025-0001-02"]) == "DZ-HT-2025-0001-01 等 2 个"
