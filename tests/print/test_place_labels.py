"""Labels of places: codes that decode, a code one reads from afar; and calibration sheets that lie true."""

from __future__ import annotations

import numpy as np
import pytest

from archive_app.printing import barcode, calibration
from archive_app.printing.labels import Label, calibration_pdf, labels_pdf, labels_zpl, load_stock
from tests.print.paper import pages, place_mm, read, sizes_mm, texts, thermal

SHEETS = ("L7160", "L7651")
ROLL = "roll-50x30"
PLACES = (
    ("A03-2", "PLACE", "格", "一号库房 A03 柜 2 格"),
    ("A03-2-04", "BOX", "盒", "一号库房 A03 柜 2 格 盒 04"),
    ("一号库房", "PLACE", "库房", "一号库房"),
    ("ABCDEFGHIJKL-ABCDEFGHIJKL-ABCDEFGHIJKL", "BOX", "盒", "名称很长的库房" * 12),
)


def labels() -> list[Label]:
    return [
        Label(code, barcode.payload(barcode.BarcodeType[kind], number), place=path, category=word,
              title="2025 年合同", kind="place")
        for number, (code, kind, word, path) in enumerate(PLACES, 1)
    ]  # fmt: skip


def expected() -> set[tuple[str, str]]:
    both = {("bars", one.payload) for one in labels()}
    return both | {("qr", f"DA1;{one.file_number};{one.payload}") for one in labels()}


@pytest.mark.requirement("STO-14")
@pytest.mark.parametrize("dpi", [300, 600])
@pytest.mark.parametrize("sheet", SHEETS)
def test_every_code_of_a_place_label_reads_right(sheet: str, dpi: int) -> None:
    (page,) = pages(labels_pdf(labels(), load_stock(sheet)), dpi)
    assert set(read(page)) == expected()
    kinds = {barcode.parse(text).kind for symbology, text in read(page) if symbology == "bars"}
    assert kinds == {barcode.BarcodeType.BOX, barcode.BarcodeType.PLACE}


def test_place_labels_of_the_thermal_roll_read_right_from_pdf_and_zpl() -> None:
    stock = load_stock(ROLL)
    from_pdf = [read(page) for page in pages(labels_pdf(labels(), stock), stock.dpi)]
    from_zpl = [read(page) for page in thermal(labels_zpl(labels(), stock).decode("ascii"))]
    for found in (from_pdf, from_zpl):
        assert {code for page in found for code in page} == expected()


@pytest.mark.parametrize(("name", "least"), [("L7160", 9.0), ("L7651", 5.0), (ROLL, 6.0)])
def test_the_code_is_the_biggest_thing_on_the_label_and_stands_whole(name: str, least: float) -> None:
    stock = load_stock(name)
    pdf = labels_pdf(labels()[:1], stock)
    _left, top, right, bottom = place_mm(pdf, "A03-2")
    assert (bottom - top) * 1.35 >= least  # the ink of capitals is some three quarters of the type size
    assert right <= stock.origin[0] + stock.label[0]
    whole = "".join("".join(texts(labels_pdf(labels()[3:], stock))).replace("\ufffe", "-").split())
    assert PLACES[3][0] in whole


@pytest.mark.parametrize("name", [*SHEETS, ROLL])
def test_nothing_on_a_place_design_leaves_the_label_or_lies_on_another_part(name: str) -> None:
    stock = load_stock(name)
    design = stock.place
    boxes = [(spot.x, spot.y, spot.w, spot.h) for spot in design.texts]
    boxes.append((*design.bars[:2], 101 * stock.x_dimension, design.bars[2]))
    boxes.append((design.qr[0], design.qr[1], design.qr[2], design.qr[2]))
    for n, (x, y, w, h) in enumerate(boxes):
        assert x >= 1 and y >= 1 and x + w <= design.size[0] - 1 and y + h <= design.size[1] - 0.3
        for a, b, c, d in boxes[n + 1 :]:
            beside = x + w <= a + 0.05 or a + c <= x + 0.05
            assert beside or y + h <= b + 0.05 or b + d <= y + 0.05


def test_place_and_folder_labels_mix_on_one_sheet() -> None:
    mixed = [labels()[0], Label("HT-2026-0001", barcode.payload(barcode.BarcodeType.FOLDER, 1), title="合同")]
    (page,) = pages(labels_pdf(mixed, load_stock("L7160")), 300)
    assert len(read(page)) == 4


# Calibration


def sheet(name: str, **more: object) -> bytes:
    return calibration_pdf(load_stock(name), ("校准页：前台激光机", "打印时选“实际大小”。"), **more)  # type: ignore[arg-type]


def cross_mm(picture: np.ndarray, near: tuple[float, float], dpi: float) -> tuple[float, float]:
    """The middle of the cross within 4 mm of a point: where the longest black column and row meet."""
    dot = 25.4 / dpi
    left, top = (round((mm - 4) / dot) for mm in near)
    side = round(8 / dot)
    ink = picture[top : top + side, left : left + side] < 128
    column, row = ink.sum(axis=0), ink.sum(axis=1)
    x = np.flatnonzero(column >= column.max() * 0.98).mean() + 0.5
    y = np.flatnonzero(row >= row.max() * 0.98).mean() + 0.5
    return (left + x) * dot, (top + y) * dot


@pytest.mark.parametrize("name", SHEETS)
def test_crosses_lie_where_the_program_believes_they_lie(name: str) -> None:
    stock = load_stock(name)
    (picture,) = pages(sheet(name), 600)
    (left, top), (right, bottom) = calibration.crosses(stock)
    for true in ((left, top), (right, top), (left, bottom), (right, bottom)):
        assert cross_mm(picture, true, 600) == pytest.approx(true, abs=0.08)


@pytest.mark.parametrize("name", [*SHEETS, ROLL])
def test_the_sheet_is_as_large_as_the_paper_and_names_the_printer(name: str) -> None:
    pdf = sheet(name)
    assert sizes_mm(pdf) == [load_stock(name).page]
    assert "前台激光机" in texts(pdf)[0]


def test_outlines_are_those_of_the_labels() -> None:
    stock = load_stock("L7160")
    (picture,) = pages(sheet("L7160"), 600)
    dot = 25.4 / 600
    row = round((stock.origin[1] + stock.label[1] * 0.75) / dot)
    edges = np.flatnonzero(picture[row] < 128) * dot
    for column in range(stock.columns):
        left = stock.origin[0] + column * stock.pitch[0]
        for edge in (left, left + stock.label[0]):
            assert np.abs(edges - edge).min() < 0.15


@pytest.mark.parametrize(("stretch", "shift"), [(1.0, (1.2, -0.8)), (0.97, (0.0, 0.0)), (1.015, (-1.0, 2.0))])
def test_a_sheet_measured_on_a_bad_printer_makes_the_next_one_lie_true(
    stretch: float, shift: tuple[float, float]
) -> None:
    """Print, measure with the eyes of the test, correct, print again: crosses fall where they belong."""
    stock, dpi = load_stock("L7160"), 400

    def bad_printer(pdf: bytes) -> np.ndarray:
        import cv2

        (picture,) = pages(pdf, dpi)
        move = np.array([[stretch, 0, shift[0] * dpi / 25.4], [0, stretch, shift[1] * dpi / 25.4]])
        return cv2.warpAffine(picture, move, picture.shape[::-1], flags=cv2.INTER_AREA, borderValue=(255,))

    first, last = calibration.crosses(stock)

    def measured(picture: np.ndarray) -> calibration.Measured:
        near = [tuple(stretch * at[n] + shift[n] for n in (0, 1)) for at in (first, last)]
        return calibration.Measured(*(cross_mm(picture, at, dpi) for at in near))  # type: ignore[arg-type]

    found = calibration.correction(stock, measured(bad_printer(sheet("L7160"))))
    again = bad_printer(sheet("L7160", offset_mm=found.offset_mm, scale=found.scale))
    for true in (first, last):
        assert cross_mm(again, true, dpi) == pytest.approx(true, abs=0.2)
