"""Printed labels: every code reads right or not at all, every label lies in its cell, no text breaks out."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest

from archive_app.core.errors import Invalid
from archive_app.printing import barcode
from archive_app.printing.labels import Label, Stock, labels_pdf, labels_zpl, load_stock, missing_glyphs
from tests.print.paper import label, pages, place_mm, read, sizes_mm, texts, thermal

SHEETS = ("L7160", "L7651")
ROLL = "roll-50x30"

HOSTILE = {
    "markup": "<script>alert(1)</script><img src=file:///etc/passwd>",
    "typst": '#import "@preview/x": * #panic("x") $x$ `raw` *b* _i_ @ref <l> \\ // /* ]]) }',
    "json": '"},{"text":"x\\u0022',
    "emoji": "合同😀🏢终稿",
    "arabic": "مرحبا شركة 阿拉伯文往来函件",
    "long": "超长题名" * 125,
    "long word": "W" * 500,
    "rare": "㛃𬭎𠮷田喆堃",
    "lines": "第一行\n第二行\r\n第三行\t制表",
    "bidi": "abc\u202egnp.exe\u202c合同\u2066\u2069",
    "controls": "甲\x00乙\x1b丙\ud800丁",
    "blank": " \u3000 ",
}


def expected(ids: range) -> set[tuple[str, str]]:
    both = set()
    for id in ids:
        one = label(id)
        both |= {("bars", one.payload), ("qr", f"DA1;{one.file_number};{one.payload}")}
    return both


@pytest.mark.parametrize("dpi", [300, 600])
@pytest.mark.parametrize("sheet", SHEETS)
def test_every_code_on_a_laser_sheet_reads_right(sheet: str, dpi: int) -> None:
    stock = load_stock(sheet)
    ids = range(1, stock.per_page + 1)
    (page,) = pages(labels_pdf([label(id) for id in ids], stock), dpi)
    assert {code for cell in cells(page, stock, dpi) for code in read(cell)} == expected(ids)


def cells(page: np.ndarray, stock: Stock, dpi: float) -> list[np.ndarray]:
    """Each label cut out with the white between it and its neighbours, as a hand scanner sees it."""
    found = []
    for row, column in itertools.product(range(stock.rows), range(stock.columns)):
        x, y = (stock.origin[0] + column * stock.pitch[0], stock.origin[1] + row * stock.pitch[1])
        left, top, right, bottom = (
            round(mm * dpi / 25.4) for mm in (x - 1, y, x + stock.label[0] + 1, y + stock.label[1])
        )
        found.append(np.ascontiguousarray(page[top:bottom, left:right]))
    return found


def test_every_code_of_the_thermal_roll_reads_right_at_203_dpi_from_pdf_and_from_zpl() -> None:
    stock, ids = load_stock(ROLL), range(1, 13)
    labels = [label(id) for id in ids]
    from_pdf = [read(page) for page in pages(labels_pdf(labels, stock), stock.dpi)]
    from_zpl = [read(page) for page in thermal(labels_zpl(labels, stock).decode("ascii"))]
    for found in (from_pdf, from_zpl):
        assert len(found) == len(ids)
        assert {code for page in found for code in page} == expected(ids)


@pytest.mark.parametrize("name", [*SHEETS, ROLL])
def test_a_damaged_label_is_read_right_or_not_at_all(name: str) -> None:
    stock = load_stock(name)
    ids = range(1, 1 + min(8, stock.columns * 2))
    labels = [label(id) for id in ids]
    dpi = stock.dpi
    pictures = cells(next(pages(labels_pdf(labels, stock), dpi)), stock, dpi) if stock.per_page > 1 else None
    pictures = pictures or list(pages(labels_pdf(labels, stock), dpi))
    hurt = np.random.default_rng(20261121)
    right = 0
    for one, picture in zip(labels, pictures, strict=False):
        for harm in (blurred, noisy, scratched, worn, tilted):
            for strength in (1, 2, 3):
                for _symbology, text in read(harm(picture, strength, hurt)):
                    try:
                        code = barcode.parse(text)
                    except barcode.BadCode:
                        continue
                    assert code == barcode.parse(one.payload)
                    right += 1
    assert right > 10 * len(ids)  # the harm is such that most still read


def blurred(picture: np.ndarray, strength: int, _hurt: np.random.Generator) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), 0.8 * strength)


def noisy(picture: np.ndarray, strength: int, hurt: np.random.Generator) -> np.ndarray:
    return np.clip(picture + hurt.normal(0, 35 * strength, picture.shape), 0, 255).astype(np.uint8)


def scratched(picture: np.ndarray, strength: int, hurt: np.random.Generator) -> np.ndarray:
    hurt_picture = picture.copy()
    for left in hurt.integers(0, picture.shape[1] - 12, strength):
        hurt_picture[:, left : left + 2 + 2 * strength] = 255
    return hurt_picture


def worn(picture: np.ndarray, strength: int, hurt: np.random.Generator) -> np.ndarray:
    """Ink lost or smeared in blots."""
    hurt_picture = picture.copy()
    for _blot in range(10 * strength):
        x, y = int(hurt.integers(picture.shape[1])), int(hurt.integers(picture.shape[0]))
        radius, ink = int(hurt.integers(2, 3 + 2 * strength)), int(hurt.choice((0, 255)))
        cv2.circle(hurt_picture, (x, y), radius, ink, -1)
    return hurt_picture


def tilted(picture: np.ndarray, strength: int, _hurt: np.random.Generator) -> np.ndarray:
    high, wide = picture.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), 4.0 * strength, 0.9)
    return cv2.warpAffine(picture, turn, (wide, high), borderValue=(255,))


@pytest.mark.parametrize("name", [*SHEETS, ROLL])
def test_bars_are_whole_dots_and_keep_ten_modules_of_white(name: str) -> None:
    stock = load_stock(name)
    one = label(1)
    page = next(pages(labels_pdf([one], stock), stock.dpi))
    height = stock.design.bars[1] + stock.design.bars[2] / 2 + stock.origin[1]
    line = page[round(height / stock.dot)] < 128
    start = int(np.argmax(line))
    bars = np.repeat([m == "1" for m in barcode.modules(one.payload)], stock.bar_dots)
    quiet = 10 * stock.bar_dots
    assert np.array_equal(line[start : start + len(bars)], bars)
    assert start / (stock.dpi / 25.4) - stock.origin[0] >= quiet * stock.dot - 0.1
    assert not line[start + len(bars) : start + len(bars) + quiet].any()


@pytest.mark.parametrize(("sheet", "start"), [("L7160", 1), ("L7160", 5), ("L7160", 21), ("L7651", 64)])
def test_the_first_label_goes_to_the_cell_that_was_asked_for(sheet: str, start: int) -> None:
    stock = load_stock(sheet)
    pdf = labels_pdf([label(7), label(8)], stock, start=start)
    row, column = divmod(start - 1, stock.columns)
    x, y = (stock.origin[0] + column * stock.pitch[0], stock.origin[1] + row * stock.pitch[1])
    left, top, right, bottom = place_mm(pdf, "HT-2026-0007")
    assert x + 1 < left < x + 4 and right < x + stock.label[0] - 1
    assert y < top and bottom < y + stock.label[1] / 2
    assert len(texts(pdf)) == (2 if start == stock.per_page else 1)


def test_labels_run_on_over_as_many_sheets_as_they_need() -> None:
    stock = load_stock("L7160")
    found = texts(labels_pdf([label(id) for id in range(1, 51)], stock, start=10))
    assert len(found) == 3  # 12 + 21 + 17
    assert [page.count("HT-2026-") for page in found] == [12, 21, 17]
    assert "HT-2026-0012" in found[0] and "HT-2026-0013" in found[1] and "HT-2026-0050" in found[2]


@pytest.mark.parametrize(("name", "size"), [("L7160", (210, 297)), ("L7651", (210, 297)), (ROLL, (50, 30))])
def test_a_page_is_exactly_as_large_as_the_paper(name: str, size: tuple[float, float]) -> None:
    assert set(sizes_mm(labels_pdf([label(1), label(2)], load_stock(name)))) == {size}


def test_offset_and_scale_move_the_labels_by_what_the_printer_is_off() -> None:
    stock = load_stock("L7160")
    plain = place_mm(labels_pdf([label(1)], stock, start=20), "HT-2026-0001")
    moved = place_mm(labels_pdf([label(1)], stock, start=20, offset_mm=(1.5, -2)), "HT-2026-0001")
    grown = place_mm(labels_pdf([label(1)], stock, start=20, scale=1.02), "HT-2026-0001")
    assert moved[0] - plain[0] == pytest.approx(1.5, abs=0.05)
    assert moved[1] - plain[1] == pytest.approx(-2, abs=0.05)
    assert [grown[n] / plain[n] for n in range(4)] == pytest.approx([1.02] * 4, abs=0.001)


def test_the_viewer_is_told_not_to_scale_and_the_file_stays_whole() -> None:
    import pypdfium2
    import pypdfium2.raw

    document = pypdfium2.PdfDocument(labels_pdf([label(1)], load_stock("L7160")))
    assert pypdfium2.raw.FPDF_VIEWERREF_GetPrintScaling(document.raw) == 0
    document.close()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"start": 0}, "start"), ({"start": 22}, "start"), ({"scale": 0.5}, "scale"),
     ({"offset_mm": (0, 30)}, "offset_mm")],
)  # fmt: skip
def test_what_cannot_be_printed_is_refused_with_what_is_allowed(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        labels_pdf([label(1)], load_stock("L7160"), **wrong)  # type: ignore[arg-type]
    assert list(caught.value.fields) == [field]


def test_nothing_to_print_and_zpl_for_a_laser_sheet_are_refused() -> None:
    with pytest.raises(Invalid):
        labels_pdf([], load_stock("L7160"))
    with pytest.raises(Invalid, match="热敏"):
        labels_zpl([label(1)], load_stock("L7160"))


@pytest.mark.parametrize("name", [*SHEETS, ROLL])
def test_hostile_titles_stay_in_their_label_and_leave_the_codes_readable(name: str) -> None:
    stock = load_stock(name)
    labels = [label(id, title=text) for id, text in enumerate(HOSTILE.values(), 1)]
    pdf = labels_pdf(labels, stock)
    dpi = stock.dpi if stock.per_page == 1 else 300
    pictures = list(pages(pdf, dpi))
    pictures = pictures if stock.per_page == 1 else cells(pictures[0], stock, dpi)
    for one, picture in zip(labels, pictures, strict=False):
        both = {("bars", one.payload), ("qr", f"DA1;{one.file_number};{one.payload}")}
        assert set(read(picture)) == both
    assert len(texts(pdf)) == (1 if stock.per_page > 1 else len(labels))


@pytest.mark.parametrize("name", SHEETS)
def test_a_title_never_touches_what_stands_below_or_beside_it(name: str) -> None:
    stock = load_stock(name)
    (spot,) = (spot for spot in stock.design.texts if spot.write_in)
    plain = cells(next(pages(labels_pdf([label(1, title="一")], stock), 300)), stock, 300)[0]
    for text in HOSTILE.values():
        full = cells(next(pages(labels_pdf([label(1, title=text)], stock), 300)), stock, 300)[0]
        changed = np.argwhere(np.abs(full.astype(int) - plain) > 60)
        if len(changed):
            (top, left), (bottom, right) = changed.min(axis=0) * 0.08467, changed.max(axis=0) * 0.08467
            assert left - 1 >= spot.x - 0.3 and right - 1 <= spot.x + spot.w + 0.3
            assert top >= spot.y - 0.3 and bottom <= spot.y + spot.h + 0.6


def test_a_title_reads_as_it_was_written_and_only_the_title_may_be_cut() -> None:
    stock = load_stock("L7160")
    (page,) = texts(labels_pdf([label(1, title="#import “x” <b>&amp;")], stock))
    assert "#import" in page and "<b>&amp;" in page
    (page,) = texts(labels_pdf([label(1, title="超长题名" * 125)], stock))
    assert "…" in page
    number = "A001-KJ-JJ-2023-D30-005-021-0009-0123456789"
    for sheet in SHEETS:
        (page,) = texts(labels_pdf([label(1, file_number=number)], load_stock(sheet)))
        assert number in "".join(page.replace("\ufffe", "-").split())


@pytest.mark.parametrize("name", [*SHEETS, ROLL])
def test_a_reserved_number_prints_its_codes_and_a_line_to_write_on(name: str) -> None:
    stock = load_stock(name)
    reserved = Label("HT-2026-0099", barcode.payload(barcode.BarcodeType.FOLDER, 99))
    pdf = labels_pdf([reserved], stock)
    picture = next(pages(pdf, stock.dpi))
    assert len(read(picture)) == 2
    (spot,) = (spot for spot in stock.design.texts if spot.write_in)
    top, left, right = (
        round(mm / stock.dot)
        for mm in (
            spot.y + stock.origin[1],
            spot.x + stock.origin[0] + 0.5,
            spot.x + spot.w + stock.origin[0] - 0.5,
        )
    )
    rows = picture[top : top + round(spot.h / stock.dot) + 2, left:right]
    assert (rows < 200).all(axis=1).any()
    assert "密" not in texts(pdf)[0]


@pytest.mark.requirement("SEC-24")
def test_the_secrecy_mark_is_heavier_the_higher_the_level() -> None:
    stock = load_stock("L7160")
    x, y, w, h = stock.design.mark
    ink = []
    for rank in (0, 1, 2, 3):
        page = next(pages(labels_pdf([label(1, secrecy="密", secrecy_rank=rank)], stock), 300))
        top, left = round((y + stock.origin[1]) / stock.dot), round((x + stock.origin[0]) / stock.dot)
        mark = page[top : top + round(h / stock.dot), left : left + round(w / stock.dot)]
        ink.append(float((255 - mark).mean()))
    assert 0 < ink[0] < ink[1] < ink[2] < ink[3]
    assert ink[3] > 2 * ink[2] and ink[2] > 1.2 * ink[1]


def test_missing_glyphs_are_named_before_printing() -> None:
    assert missing_glyphs("合同 HT-2026 㛃𬭎𠮷〇 مرحبا\n\u200d\ufe0f") == set()
    assert missing_glyphs("甲\u0378乙") == {"\u0378"}


def test_zpl_is_plain_ascii_of_a_few_kilobytes_a_label() -> None:
    stock = load_stock(ROLL)
    zpl = labels_zpl([label(id, title="合" * 40) for id in range(1, 6)], stock)
    assert zpl.isascii() and len(zpl) / 5 < 10_000
    assert zpl.count(b"^XA") == zpl.count(b"^XZ") == 5


def test_a_hostile_title_cannot_inject_a_printer_command() -> None:
    stock = load_stock(ROLL)
    zpl = labels_zpl([label(1, title="^XZ^XA^FDx^FS ~JR", file_number="^XA~JR")], stock)
    assert zpl.count(b"^XA") == 1 and b"~" not in zpl
