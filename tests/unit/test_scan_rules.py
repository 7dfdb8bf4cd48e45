"""Codes, file names, tries and the comparison of the two sets: plain values in, plain values out."""

import pytest

from archive_app.scans import rules
from archive_app.scans.flow import FILE, PAGE
from archive_app.scans.rules import Line, compare


@pytest.mark.requirement("DUAL-03")
def test_an_electronic_file_is_named_after_the_paper_folder():
    assert rules.folder_code("HT-2026-0012") == "DZ-HT-2026-0012"
    assert rules.file_code("HT-2026-0012", 3) == "DZ-HT-2026-0012-03"
    assert rules.file_code("HT-2026-0012", 130) == "DZ-HT-2026-0012-130"


@pytest.mark.parametrize(
    "sent, kept",
    [
        ("合同.pdf", "合同.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\扫描\\第1页.jpg", "第1页.jpg"),
        ("发票\u202egpj.exe", "发票gpj.exe"),
        ("第\x00一\n页.png", "第一页.png"),
        ("😀 扫描.tif", "😀 扫描.tif"),
        ("..", "未命名"),
        ("", "未命名"),
        ("/", "未命名"),
        ("\ud800.pdf", "pdf"),
    ],
)
def test_odd_file_names_become_harmless(sent, kept):
    assert rules.clean_filename(sent) == kept


@pytest.mark.parametrize("name", ["长" * 10_000 + ".pdf", "长" * 10_000, "a." + "b" * 10_000])
def test_a_very_long_file_name_is_cut_but_keeps_its_ending(name):
    kept = rules.clean_filename(name)
    assert len(kept) <= rules.NAME_LENGTH
    assert kept.endswith(".pdf") or not name.endswith(".pdf")


def test_work_is_given_up_after_the_third_try():
    assert [rules.gives_up(tries) for tries in range(5)] == [False, False, False, True, True]


def lines(*pairs):
    numbered = enumerate(pairs, start=1)
    return [Line(n, f"文件 {n}", paper, scanned, 100 + n) for n, (paper, scanned) in numbered]


@pytest.mark.requirement("DUAL-01")
@pytest.mark.parametrize(
    "catalog, loose, state, pages",
    [
        (lines((2, 2), (3, 3)), 0, "agree", 0),
        (lines((2, 2), (7, 6)), 0, "differ", 1),
        (lines((2, 3), (7, 6)), 0, "differ", 2),
        (lines((2, 0), (3, 0)), 5, "agree", 0),
        (lines((2, 0), (3, 0)), 4, "differ", 1),
        (lines((2, 2), (3, 0)), 3, "agree", 0),
        (lines((2, 0)), 0, "unscanned", 2),
        ([], 0, "unscanned", 0),
        (lines((0, 4)), 0, "uncounted", 0),
        ([], 4, "uncounted", 0),
    ],
)
def test_the_two_sets_are_compared_page_by_page(catalog, loose, state, pages):
    found = compare(catalog, loose)
    assert (found.state, found.pages) == (state, pages)
    assert found.agrees == (state == "agree")
    assert bool(found.sentence) == (state != "agree")


def test_the_difference_says_which_document_and_how_to_mend_it():
    missing = compare(lines((2, 2), (7, 6)), 0)
    assert missing.sentence == "两套差 1 页：第 2 件纸质 7 页、扫描 6 页。核对原件后补扫。"
    assert missing.document_id == 102
    surplus = compare(lines((2, 3)), 0)
    assert surplus.sentence == "两套差 1 页：第 1 件纸质 2 页、扫描 3 页。数一遍纸质，再改卷内目录的页数。"
    several = compare(lines((2, 1), (7, 6)), 0)
    assert "共 2 件不符" in several.sentence


def test_nothing_is_called_missing_while_pages_are_still_being_drawn():
    assert compare(lines((2, 0)), 0, pending=True).state == "pending"
    assert compare(lines((2, 1)), 0, pending=True).state == "pending"


def test_a_category_that_may_stay_on_paper_is_not_asked_for_scans():
    assert compare(lines((2, 0)), 0, required=False).state == "paper_only"
    assert compare(lines((2, 1)), 0, required=False).state == "differ"


def test_only_people_start_again_or_withdraw_and_only_the_worker_does_the_rest():
    people = {"retry": "scan.retry", "withdraw": "scan.add"}
    for flow in (FILE, PAGE):
        for verb, step in flow.steps.items():
            assert step.permission == people.get(verb, "system")


def test_nothing_leaves_a_finished_file_but_a_page_may_be_read_again():
    assert [step.verb for step in FILE.open_to("ready")] == ["withdraw"]
    assert [step.verb for step in PAGE.open_to("read")] == ["retry", "withdraw"]
