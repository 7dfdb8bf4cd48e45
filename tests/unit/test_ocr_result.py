"""What was read keeps its place: any part of the text can be marked on the page image."""

from __future__ import annotations

import pytest

from archive_app.scans.ocr import OcrResult, boxes_for, line_of

LEVEL = [
    ("档案", (100, 50, 80, 40), 90),
    ("管理", (180, 50, 80, 40), 80),
    ("HT-2026", (280, 52, 140, 36), 95),
]
BELOW = [("第二行", (100, 120, 120, 40), 60)]


def result(*lines, angle=0.0):
    return OcrResult(tuple(line_of(words) for words in lines), "fake", "1", (600, 800), 300, angle)


def test_no_space_stands_between_chinese_characters_however_they_were_cut():
    assert line_of(LEVEL).text == "档案管理HT-2026"


def test_latin_words_keep_their_spaces():
    assert line_of([("DN100", (0, 0, 50, 20), 90), ("PN16", (60, 0, 40, 20), 90)]).text == "DN100 PN16"


def test_two_columns_on_one_line_are_kept_apart():
    assert line_of([("甲方", (0, 0, 40, 20), 90), ("乙方", (300, 0, 40, 20), 90)]).text == "甲方 乙方"


def test_a_hit_inside_a_line_is_one_box_cut_at_its_characters():
    read = result(LEVEL, BELOW)
    start = read.text.index("案管")
    assert boxes_for(read, start, start + 2) == [(140, 50, 80, 40)]


def test_a_hit_over_two_lines_has_a_box_in_each():
    read = result(LEVEL, BELOW)
    start = read.text.index("2026")
    boxes = boxes_for(read, start, read.text.index("第") + 1)
    assert boxes == [(340, 52, 80, 36), (100, 120, 40, 40)]


def test_a_slanting_line_gets_several_boxes_instead_of_a_tall_one():
    slanting = [("一二三", (n * 100, n * 15, 100, 30), 90) for n in range(4)]
    boxes = boxes_for(result(slanting), 0, 12)
    assert len(boxes) > 1
    assert all(box[3] <= 40 for box in boxes)


@pytest.mark.parametrize(
    ("angle", "first"),
    [(0.0, (10, 10, 20, 20)), (90.0, (10, 10, 20, 20)), (180.0, (90, 10, 20, 20)), (270.0, (10, 90, 20, 20))],
)
def test_a_page_that_lay_wrong_is_cut_along_its_writing(angle, first):
    lies = angle in (90.0, 270.0)
    word = ("一二三四五", (10, 10, 20, 100) if lies else (10, 10, 100, 20), 90)
    assert boxes_for(result([word], angle=angle), 0, 1) == [first]


def test_outside_the_text_there_is_no_box():
    assert boxes_for(result(LEVEL), 500, 510) == []
    assert boxes_for(result(), 0, 3) == []


def test_the_result_survives_storage_and_stays_compact():
    read = result(LEVEL, BELOW, angle=-0.52)
    assert OcrResult.from_json(read.to_json()) == read
    assert len(read.to_json()) < 400


def test_an_unknown_format_is_not_guessed_at():
    with pytest.raises(ValueError, match="format 9"):
        OcrResult.from_json('{"v":9}')


def test_confidence_counts_characters():
    assert result([("一", (0, 0, 9, 9), 100), ("二三四", (9, 0, 27, 9), 60)]).confidence == 70
    assert result().confidence == 0
