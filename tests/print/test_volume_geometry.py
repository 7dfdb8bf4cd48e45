"""Geometry of the volume forms, measured on the paper: lines found on pages rasterised at 300 dpi."""

from __future__ import annotations

import numpy as np
import pytest

from archive_app.printing import volume_pages
from archive_app.printing.render import render_form
from tests.print import volume_data as data
from tests.print.paper import pages, place_mm
from tests.print.test_volume_forms import characters

DPI = 300
DOT = 25.4 / DPI
NEAR = 0.3
"""A line stands within this of its place, mm."""


def lines(picture: np.ndarray, axis: int, start: float, end: float, least: float = 0.9) -> list[float]:
    """Centres in mm of the lines that run along ``axis`` (0: vertical) from ``start`` to ``end`` mm."""
    first, last = round(start / DOT), round(end / DOT)
    part = picture[first:last, :] if axis == 0 else picture[:, first:last]
    dark = (part < 128).mean(axis=axis) >= least
    steps = np.flatnonzero(np.diff(np.concatenate(([0], dark.astype(int), [0]))))
    return [float((begin + end_) / 2 * DOT) for begin, end_ in zip(steps[::2], steps[1::2], strict=True)]


def close(found: list[float], expected: list[float]) -> bool:
    return len(found) == len(expected) and bool(np.allclose(found, expected, atol=NEAR))


def within(found: list[float], low: float, high: float) -> list[float]:
    return [place for place in found if low <= place <= high]


@pytest.mark.parametrize(
    ("preset", "widths", "heading", "top"),
    [
        ("gbt9705", (12, 26, 28, 58, 20, 12, 14), 15, 42),
        ("practice", (10, 20, 20, 70, 20, 10, 20), 20, 35),
        ("gbt11822", (12, 30, 28, 58, 20, 10, 12), 15, 42),
    ],
)
def test_columns_and_rows_of_the_catalog_stand_where_the_standard_puts_them(
    preset: str, widths: tuple[int, ...], heading: int, top: int
) -> None:
    first, last = pages(render_form("volume_catalog", data.pack(20, preset=preset)), DPI)
    for picture in (first, last):
        columns = lines(picture, 0, top + heading + 1, top + heading + 224)
        assert close(columns, [25 + sum(widths[:n]) for n in range(8)])
        found = lines(picture, 1, 26, 194)
        assert close(found, [top, *(top + heading + 15 * n for n in range(16))])
        assert np.allclose(np.diff(found[1:]), 15, atol=0.1)
        assert found[-1] <= 297 - 15 + NEAR


def test_a_grown_row_takes_whole_steps_of_15_mm() -> None:
    values = data.pack(3, lines=data.lines(3, (data.LONG[:500],)))
    (picture,) = pages(render_form("volume_catalog", values), DPI)
    assert close(lines(picture, 1, 26, 194), [42, 57, 132, 207, 282])


@pytest.mark.parametrize("case", ["kind", "hostile"])
def test_no_text_of_a_table_crosses_a_line(case: str) -> None:
    values = data.pack(34) if case == "kind" else data.hostile_pack()
    pdf = render_form("volume_catalog", values)
    table = volume_pages.table("gbt9705")
    edges = [table.left + sum(column.width for column in table.columns[:n]) for n in range(8)]
    made = volume_pages.pages(["catalog"], values)
    for n, page in enumerate(made):
        heights = [table.top + y for y in page["edges"]]
        for char, (left, top, right, bottom) in characters(pdf, n):
            if table.top < top < heights[-1]:
                assert not any(left < x - 0.05 and right > x + 0.05 for x in edges), (n, char, left)
                assert not any(top < y - 0.05 and bottom > y + 0.05 for y in heights), (n, char, top)


@pytest.mark.parametrize("form", ["item_list", "electronic_catalog"])
def test_landscape_lists_have_nine_rows_of_15_mm_and_exact_columns(form: str) -> None:
    made = data.item_lines(9) if form == "item_list" else data.electronic_lines(9)
    pdf = render_form(form, {"head": data.head(), "lines": made, "stamp": data.stamp()})
    *_before, picture = pages(pdf, DPI)
    table = volume_pages.table(form)
    columns = lines(picture, 0, 59, 192)
    assert close(columns, [25 + sum(column.width for column in table.columns[:n]) for n in range(10)])
    assert close(lines(picture, 1, 26, 281), [47, *(58 + 15 * n for n in range(10))])


def test_cells_to_sign_are_empty_and_at_least_30_by_12_mm() -> None:
    (picture, *_rest) = pages(render_form("remark_sheet", data.pack(6)), DPI)
    for left in (46, 131):
        cell = picture[round(198 / DOT) : round(211.5 / DOT), round(left / DOT) : round((left + 60) / DOT)]
        assert cell.min() > 200, "something is printed where a hand must sign"
    assert close(within(lines(picture, 1, 26, 194), 190, 225), [197, 221])
    record = {"version": 2, "note": "", "changes": []}
    values = {"volume": data.volume(), "record": record, "stamp": data.stamp()}
    (picture,) = pages(render_form("change_record", values), DPI)
    for left in (48, 133):
        cell = picture[round(262 / DOT) : round(274 / DOT), round(left / DOT) : round((left + 60) / DOT)]
        assert cell.min() > 200


def test_the_remark_sheet_has_its_blocks_where_the_form_says() -> None:
    (picture,) = pages(render_form("remark_sheet", data.pack(6)), DPI)
    found = lines(picture, 1, 27, 44, 0.99)
    for place in (37, 47, 197, 221, 231, 239, 247, 255, 263, 271):
        assert any(abs(place - y) <= NEAR for y in found), place


@pytest.mark.requirement("ARR-14")
@pytest.mark.parametrize("form", ["volume_cover", "binding_instructions"])
def test_punch_marks_of_three_holes_stand_18_mm_from_the_edge(form: str) -> None:
    (picture,) = pages(render_form(form, data.pack()), DPI)
    assert_marks(picture, 18)


def test_the_back_cover_has_its_marks_on_the_right_and_tells_where_the_knot_goes() -> None:
    pdf = render_form("volume_pack", data.pack(1, remark=data.remark(electronic=[])))
    pictures = list(pages(pdf, DPI))
    assert_marks(pictures[4], 192)
    _left, top, right, bottom = place_mm(pdf, "活结打在此孔", 4)
    assert right < 190 and abs((top + bottom) / 2 - 148.5) < 1.5


def assert_marks(picture: np.ndarray, x: float) -> None:
    left, right = round((x - 3) / DOT), round((x + 3) / DOT)
    for y in (73.5, 148.5, 223.5):
        part = picture[round((y - 3) / DOT) : round((y + 3) / DOT), left:right]
        rows, columns = np.nonzero(part < 200)
        assert abs(np.median(rows) * DOT - 3) < NEAR and abs(np.median(columns) * DOT - 3) < NEAR, y


@pytest.mark.parametrize("box", [20, 30, 40, 50])
def test_a_spine_strip_is_four_mm_narrower_than_its_box_and_190_mm_high(box: int) -> None:
    pdf = render_form("spine", {"volumes": [data.volume(box_mm=box)], "stamp": data.stamp()})
    (picture,) = pages(pdf, DPI)
    assert close(within(lines(picture, 0, 21, 209, 0.95), 0, 100), [9, 9 + box - 4])
    found = within(lines(picture, 1, 10, 9 + box - 5, 0.97), 19, 215)
    assert close(found, [20, 40, 52, 66, 78, 90, 156, 176, 188, 210])


def test_strips_on_one_sheet_share_their_edges_and_touch_nothing_else() -> None:
    volumes = [data.volume(n, box_mm=20) for n in range(1, 13)]
    pdf = render_form("spine", {"volumes": volumes, "stamp": data.stamp()})
    (picture,) = pages(pdf, DPI)
    assert close(lines(picture, 0, 21, 209, 0.95), [9 + 16 * n for n in range(13)])


def test_black_is_the_only_ink() -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(render_form("volume_pack", data.pack(3)))
    for page in document:
        colours = page.render(scale=1).to_numpy()[:, :, :3].astype(int)
        assert np.ptp(colours, axis=2).max() <= 2
        page.close()
    document.close()
