"""The 12 digits: what is read is right or refused, whatever the scanner, the hand or the paper did."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive_app.printing import barcode
from archive_app.printing.barcode import BadCode, Barcode, BarcodeType

unhurried = settings(deadline=None)  # a busy machine is no fault of the code
kinds = st.sampled_from(BarcodeType)
ids = st.integers(1, barcode.LARGEST_ID)


def reason(text: str) -> str:
    with pytest.raises(BadCode) as caught:
        barcode.parse(text)
    return caught.value.reason


@unhurried
@given(kinds, ids)
def test_what_is_printed_is_what_is_read(kind: BarcodeType, id: int) -> None:
    digits = barcode.payload(kind, id)
    assert len(digits) == 12 and digits.isascii() and int(digits) % 97 == 1
    assert barcode.parse(digits) == Barcode(kind, id)


@unhurried
@given(kinds, ids)
def test_every_single_wrong_digit_is_refused(kind: BarcodeType, id: int) -> None:
    good = barcode.payload(kind, id)
    for place in range(12):
        for digit in set("0123456789") - {good[place]}:
            assert reason(good[:place] + digit + good[place + 1 :]) == "check"


@unhurried
@given(kinds, ids)
def test_every_swap_of_neighbouring_digits_is_refused(kind: BarcodeType, id: int) -> None:
    good = barcode.payload(kind, id)
    for place in range(11):
        a, b = good[place], good[place + 1]
        if a != b:
            assert reason(good[:place] + b + a + good[place + 2 :]) == "check"


def test_only_one_check_belongs_to_each_number() -> None:
    for id in random.Random(1).sample(range(1, barcode.LARGEST_ID), 100):
        body = barcode.payload(BarcodeType.FOLDER, id)[:10]
        accepted = [check for check in range(100) if _is_accepted(f"{body}{check:02d}")]
        assert len(accepted) == 1


def _is_accepted(text: str) -> bool:
    try:
        barcode.parse(text)
    except BadCode:
        return False
    return True


@unhurried
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_and_never_breaks(text: str) -> None:
    _is_accepted(text)


@unhurried
@given(st.text("0123456789", min_size=1, max_size=20))
def test_digits_are_accepted_only_as_the_house_prints_them(text: str) -> None:
    if _is_accepted(text):
        code = barcode.parse(text)
        assert barcode.payload(code.kind, code.id) == text


@pytest.mark.parametrize("kind", BarcodeType)
def test_each_type_keeps_its_digit(kind: BarcodeType) -> None:
    assert barcode.payload(kind, 12)[0] == str(int(kind))
    assert [k.name for k in BarcodeType] == [
        "COPY", "FOLDER", "VOLUME", "BOX", "PLACE", "LOAN", "PERSON", "PRINT", "DESTRUCTION_LIST", "COMMAND",
    ]  # fmt: skip


def test_full_width_digits_and_spaces_of_a_chinese_keyboard_are_folded() -> None:
    digits = barcode.payload(BarcodeType.FOLDER, 123)
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in digits)
    for typed in (full_width, f" {digits}\r\n", barcode.spaced(digits), "\u3000".join(digits)):
        assert barcode.parse(typed) == Barcode(BarcodeType.FOLDER, 123)


def test_the_qr_text_gives_the_file_number_too() -> None:
    digits = barcode.payload(BarcodeType.FOLDER, 7)
    for text in (f"DA1;HT-2026-0001;{digits}", f"da1；ht-2026-0001；{digits}"):
        code = barcode.parse(text)
        assert code == Barcode(BarcodeType.FOLDER, 7)
        assert code.file_number == "HT-2026-0001"


def test_a_damaged_code_and_a_foreign_code_say_different_things() -> None:
    digits = barcode.payload(BarcodeType.FOLDER, 7)
    swapped = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    assert reason(swapped) == reason(f"DA1;HT-2026-0001;{swapped}") == "check"
    foreign = ("", "6901234567892", digits[:-1], digits + "0", "HT-2026-0001", "DA2;X;" + digits,
               "DA1;" + digits, "https://example.org/" + digits, "٠" * 12)  # fmt: skip
    assert {reason(text) for text in foreign} == {"shape"}
    assert str(BadCode("check")) != str(BadCode("shape"))


def test_id_zero_is_nobodys_even_with_a_right_check() -> None:
    for body in (0, 1 * 10**9):
        assert reason(f"{body:010d}{98 - body * 100 % 97:02d}") == "shape"


def test_a_copy_keeps_its_leading_zeros_from_the_bars_to_the_scan() -> None:
    digits = barcode.payload(BarcodeType.COPY, 7)
    assert digits.startswith("0000000007") and len(digits) == 12
    assert (
        barcode.parse(digits) == barcode.parse(f"DA1;HT-2026-0001;{digits}") == Barcode(BarcodeType.COPY, 7)
    )
    assert reason(digits.lstrip("0")) == "shape"  # a spreadsheet ate the zeros: said, not guessed


@pytest.mark.parametrize("id", [0, -1, barcode.LARGEST_ID + 1])
def test_an_id_that_does_not_fit_nine_digits_is_never_printed(id: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        barcode.payload(BarcodeType.FOLDER, id)


@unhurried
@given(kinds, ids)
@example(BarcodeType.COMMAND, 900_000_000)
def test_bars_are_101_modules_of_code_set_c(kind: BarcodeType, id: int) -> None:
    bars = barcode.modules(barcode.payload(kind, id))
    assert len(bars) == 101 and set(bars) == {"0", "1"}
    assert bars.startswith("11010011100") and bars.endswith("1100011101011")  # start C, stop


def test_bars_for_anything_but_a_payload_are_refused() -> None:
    with pytest.raises(ValueError, match="12 digits"):
        barcode.modules("1234")


def test_screen_bars_are_whole_pixels_with_quiet_zones_and_no_style() -> None:
    digits = barcode.payload(BarcodeType.FOLDER, 7)
    markup = str(barcode.svg(digits))
    assert 'width="242"' in markup and "style" not in markup and "script" not in markup
    assert 'd="M20 4h4V52h-4z' in markup  # 10 modules of 2 px stay white
    assert _pixels_decode(markup, 242, 56) == digits


def _pixels_decode(markup: str, width: int, height: int) -> str:
    import re

    import numpy as np
    import zxingcpp

    picture = np.full((height, width), 255, np.uint8)
    for x, y, w, bottom in re.findall(r"M(\d+) (\d+)h(\d+)V(\d+)h", markup):
        picture[int(y) : int(bottom), int(x) : int(x) + int(w)] = 0
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def test_a_hostile_number_cannot_leave_the_screen_qr() -> None:
    markup = str(barcode.qr_svg('DA1;"><script>;1'))
    assert "<script" not in markup and "&lt;script&gt;" in markup


@unhurried
@given(st.text(st.characters(max_codepoint=126, min_codepoint=32), min_size=1, max_size=60))
def test_a_qr_is_module_for_module_what_the_library_draws(text: str) -> None:
    import segno

    drawn = segno.make(text, error="m", mode="byte", micro=False, boost_error=False, mask=barcode.QR_MASK)
    assert barcode.qr(text) == tuple("".join(map(str, row)) for row in drawn.matrix)


@pytest.mark.parametrize("number", ["HT-2026-0001", "Z109-WS·2011-Y-BGS-0001", "合同-2026-1", "A" * 60])
def test_a_qr_is_read_back_whatever_the_form_of_the_number(number: str) -> None:
    import numpy as np
    import zxingcpp

    text = barcode.qr_text(number, barcode.payload(BarcodeType.FOLDER, 31))
    cells = np.array([[int(cell) for cell in row] for row in barcode.qr(text)], np.uint8)
    picture = np.kron(np.pad(1 - cells, 4, constant_values=1) * 255, np.ones((4, 4), np.uint8))
    (found,) = zxingcpp.read_barcodes(picture.astype(np.uint8))
    assert found.text == text
    assert barcode.parse(found.text).file_number == number
