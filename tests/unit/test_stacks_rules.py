"""How places are called, typed, counted on and put in order; and what a printer's deviation means."""

from __future__ import annotations

import pytest

from archive_app.printing.calibration import Measured, correction, crosses
from archive_app.printing.stock import load_stock
from archive_app.stacks import rules

WAY = [("room", "K1", "一号库房"), ("cabinet", "A03", ""), ("shelf", "2", ""), ("box", "04", "2025 年合同")]


@pytest.mark.requirement("STO-14")
def test_a_place_is_called_by_its_whole_way_and_by_a_short_code():
    assert rules.path_words(WAY) == "一号库房 A03 柜 2 格 盒 04"
    assert rules.short_code([(kind, code) for kind, code, _name in WAY]) == "A03-2-04"
    assert rules.path_words([("room", "K2", "")]) == "K2"
    assert rules.short_code([("room", "K2")]) == "K2"


@pytest.mark.parametrize(
    "typed", ["A03-2-04", "a03 2 04", "Ａ０３－２－０４", "A03 柜 2 格 盒 04", "a03柜2格盒04", "A03/2.04"]
)
def test_a_place_is_found_however_it_is_typed(typed):
    assert rules.folded(typed) == "A03-2-04"


@pytest.mark.parametrize(
    ("kind", "parent", "fits"),
    [
        ("room", None, True), ("cabinet", "room", True), ("shelf", "cabinet", True), ("box", "shelf", True),
        ("box", "cabinet", True), ("room", "room", False), ("cabinet", None, False),
        ("cabinet", "cabinet", False), ("shelf", "room", False), ("shelf", "box", False),
        ("box", "box", False), ("box", "room", False),
        ("drawer", "cabinet", False),
    ],
)  # fmt: skip
def test_cabinets_stand_in_rooms_shelves_in_cabinets_and_boxes_on_either(kind, parent, fits):
    assert (rules.check_kind(kind, parent) == {}) is fits


@pytest.mark.parametrize(
    ("first", "count", "made"),
    [
        ("1", 8, ["1", "2", "3", "4", "5", "6", "7", "8"]),
        ("A09", 3, ["A09", "A10", "A11"]),
        ("99", 2, ["99", "100"]),
        ("甲", 1, ["甲"]),
        ("甲", 2, []),
    ],
)
def test_codes_are_counted_on_and_keep_their_width(first, count, made):
    assert rules.codes(first, count) == made


def test_the_next_code_follows_the_last_one_in_use():
    assert rules.next_code([]) == "1"
    assert rules.next_code(["1", "9", "10"]) == "11"
    assert rules.next_code(["A01", "A02", "甲"]) == "A03"


@pytest.mark.requirement("CAT-25")
def test_folders_stand_by_class_then_year_then_number_and_ten_comes_after_nine():
    shelf = [("YW", 2025, 1), ("HT", 2026, 10), ("HT", 2026, 9), ("HT", 2025, 300)]
    assert sorted(rules.shelf_order(*each) for each in shelf) == [
        ("HT", 2025, 300), ("HT", 2026, 9), ("HT", 2026, 10), ("YW", 2025, 1),
    ]  # fmt: skip
    assert sorted(["盒 10", "盒 9", "盒 1"], key=rules.natural) == ["盒 1", "盒 9", "盒 10"]


# Calibration


def printed(stock, stretch, shift):
    """Where a printer that stretches and shifts puts the crosses."""
    at = [(stretch[0] * x + shift[0], stretch[1] * y + shift[1]) for x, y in crosses(stock)]
    return Measured(*at)


@pytest.mark.parametrize("name", ["L7160", "L7651", "roll-50x30"])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (1.5, -2.0)])
@pytest.mark.parametrize("stretch", [1.0, 0.96, 1.02])
def test_the_correction_brings_every_point_of_the_page_back_to_its_place(name, shift, stretch):
    stock = load_stock(name)
    mended = correction(stock, printed(stock, (stretch, stretch), shift))
    assert not mended.uneven
    for point in [*crosses(stock), (0.0, 0.0), stock.page]:
        for n in (0, 1):
            drawn = mended.scale * (point[n] + mended.offset_mm[n])  # as `labels_pdf` draws
            assert stretch * drawn + shift[n] == pytest.approx(point[n], abs=0.02)


def test_a_printer_that_stretches_its_two_directions_apart_is_told_of():
    stock = load_stock("L7160")
    mended = correction(stock, printed(stock, (0.99, 1.0), (0, 0)))
    assert mended.uneven
    middle = stock.page[0] / 2
    assert 0.99 * mended.scale * (middle + mended.offset_mm[0]) == pytest.approx(middle, abs=0.02)
