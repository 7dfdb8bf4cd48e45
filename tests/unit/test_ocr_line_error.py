"""The yardstick of the OCR benchmark: it must neither flatter nor punish for what is no error."""

from __future__ import annotations

import pytest

from tests.bench.line_error import distance_anywhere, line_error_rate


def test_a_page_read_without_a_mistake_has_no_error():
    assert line_error_rate("卷内文件目录\n案卷号：CW-2023-0765", "卷内文件目录\n案卷号：CW-2023-0765") == 0


def test_an_empty_reading_is_all_error():
    assert line_error_rate("卷内文件目录", "") == 1


def test_the_order_of_cells_does_not_count():
    assert line_error_rate("品名\n数控铣床\n台", "台\n数控铣床\n品名") == 0


def test_full_width_forms_and_white_space_do_not_count():
    assert line_error_rate("档号： HT－2026－０００１。", "档号:HT-2026-0001.") == 0


@pytest.mark.parametrize(
    ("line", "text", "edits"),
    [
        ("立卷人", "检查人立卷人何秀", 0),
        ("立卷人", "立卷入", 1),
        ("立卷人", "立人", 1),
        ("立卷人", "立一卷人", 1),
        ("立卷人", "甲乙丙", 3),
        ("立卷人", "", 3),
    ],
)
def test_wrong_missing_and_extra_characters_count_one_each(line, text, edits):
    assert distance_anywhere(line, text) == edits


def test_the_rate_is_edits_over_true_characters():
    assert line_error_rate("一二三四五\n六七八九十", "一二三四五\n六七八九") == pytest.approx(0.1)
