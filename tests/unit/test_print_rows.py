"""Rows of printed tables: type is shrunk before a row grows, nothing is cut, a row is never split."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_app.printing import rows, upright, volume_pages
from archive_app.printing.rows import PT, Column, Table

COLUMNS = (
    Column("serial", "顺序\n号", 12, "center", whole=True),
    Column("title", "题名", 58),
    Column("start_page", "页号", 12, "center", whole=True),
)
TABLE = Table(COLUMNS, left=25, top=42, heading=15, row=15, step=15, room=225)


def joined(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    ("length", "pt", "height"),
    [
        (10, 10.5, 15),
        (45, 10.5, 15),
        (46, 8.0, 15),
        (76, 8.0, 15),
        (80, 6.6, 15),
        (96, 6.6, 15),
        (97, 6.6, 30),
    ],
)
def test_a_long_title_is_set_smaller_twice_and_then_its_row_grows(
    length: int, pt: float, height: float
) -> None:
    row = rows.lay_out({"title": "题" * length}, TABLE)
    assert (row.cells[1].pt, row.height) == (pt if height == 15 else row.cells[1].pt, height)
    assert joined(row.cells[1].text) == "题" * length


def test_a_row_grows_by_whole_steps_and_the_text_has_room_in_it() -> None:
    row = rows.lay_out({"title": "题" * 500}, TABLE)
    cell = row.cells[1]
    lines = cell.text.split("\n")
    assert row.height % 15 == 0 and row.height == 75
    assert len(lines) * cell.pt * rows.LEADING * PT <= row.height


def test_a_text_higher_than_a_page_is_set_smaller_still_and_not_cut() -> None:
    row = rows.lay_out({"start_page": "", "title": "W" * 9000}, TABLE)
    assert row.height == TABLE.room and joined(row.cells[1].text) == "W" * 9000
    assert row.cells[1].pt < 6.6


def test_the_last_page_number_stays_on_one_line_or_is_broken_behind_its_hyphen() -> None:
    assert rows.set_cell("391-411", COLUMNS[2], 15) == rows.Cell("391-411", 8.0)
    narrow = Column("start_page", "页号", 10, "center", whole=True)
    assert rows.set_cell("391-411", narrow, 15) == rows.Cell("391-\n411", 10.5)
    assert rows.set_cell("20250904", Column("dated", "日期", 20, "center", whole=True), 15).pt == 10.5


@pytest.mark.parametrize("preset", volume_pages.PRESETS)
def test_every_preset_is_170_mm_wide_with_15_rows_of_15_mm_above_the_lower_margin(preset: str) -> None:
    table = volume_pages.table(preset)
    assert (table.width, table.row, table.room) == (170, 15, 225)
    assert table.top + table.heading + table.room <= 297 - 15
    assert "391" in rows.set_cell("391-411", table.columns[5], 15).text


@pytest.mark.parametrize("name", ["item_list", "electronic_catalog"])
def test_landscape_lists_are_257_mm_wide(name: str) -> None:
    table = volume_pages.table(name)
    assert table.width == 257 and table.top + table.heading + table.room <= 210 - 15


def test_rows_are_shared_among_pages_and_the_last_page_is_filled_with_empty_rows() -> None:
    set_rows = [rows.lay_out({"serial": n, "title": "题名"}, TABLE) for n in range(1, 35)]
    pages = rows.paginate(set_rows, TABLE)
    assert [(len(page.rows), page.blank, page.last) for page in pages] == [
        (15, 0, False),
        (15, 0, False),
        (4, 11, True),
    ]
    assert rows.edges(pages[2], TABLE) == [0, 15, *(15 + 15 * n for n in range(1, 16))]


def test_a_table_without_records_has_one_page_of_empty_rows() -> None:
    (page,) = rows.paginate([], TABLE)
    assert (page.rows, page.blank, page.last) == ((), 15, True)


def test_a_row_that_has_no_room_left_goes_whole_to_the_next_page() -> None:
    tall = rows.lay_out({"title": "题" * 500}, TABLE)
    low = rows.lay_out({"title": "题名"}, TABLE)
    first, second = rows.paginate([low] * 12 + [tall], TABLE)
    assert len(first.rows) == 12 and first.blank == 3 and second.rows == (tall,)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=120), max_size=20))
def test_no_text_is_lost_wider_than_its_column_or_higher_than_its_row(texts: list[str]) -> None:
    from archive_app.printing import fit

    set_rows = [rows.lay_out({"title": text, "serial": n}, TABLE) for n, text in enumerate(texts)]
    for text, row in zip(texts, set_rows, strict=True):
        cell = row.cells[1]
        lines = cell.text.split("\n") if cell.text else []
        assert joined(cell.text) == joined(fit.clean(text))
        assert len(lines) * cell.pt * rows.LEADING * PT <= row.height
        room = 58 / (cell.pt * PT)
        assert all(rows.serif(line, False) <= room for line in lines if len(line) > 1)
    pages = rows.paginate(set_rows, TABLE)
    assert [row for page in pages for row in page.rows] == set_rows
    assert all(sum(row.height for row in page.rows) <= TABLE.room for page in pages)


def test_a_heading_is_set_smaller_until_it_fits_its_column() -> None:
    assert Column("dated", "日期", 20).title_pt == 12
    assert Column("words", "变动情况（补充、移出、修改、修裱、销毁、鉴定）", 80).title_pt == 9


def test_vertical_text_runs_from_top_to_bottom_with_years_upright_and_latin_lying() -> None:
    signs = upright.columns("2025年度KH-2026-0117客户", 22, 120, 5)
    assert [(sign.text, sign.lying) for sign in signs] == [
        ("2025", False),
        ("年", False),
        ("度", False),
        ("KH-2026-0117", True),
        ("客", False),
        ("户", False),
    ]
    assert [sign.y for sign in signs] == sorted(sign.y for sign in signs)
    assert signs[0].size < signs[1].size == 5


@pytest.mark.parametrize("text", ["合同" * 250, "A" * 300, "Framework Agreement " * 20, "一", ""])
@pytest.mark.parametrize("width", [14.4, 44.4])
def test_vertical_text_of_any_length_stays_in_its_strip(text: str, width: float) -> None:
    signs = upright.columns(text, width, 63, 5.6)
    assert joined("".join(sign.text for sign in signs)) == joined(text)
    for sign in signs:
        right = sign.x if sign.lying else sign.x + sign.size / 2
        length = rows.serif(sign.text, True) * sign.size if sign.lying else sign.size
        assert right - sign.size >= -0.05 and right <= width + 0.05
        assert sign.y >= 0 and sign.y + length <= 63.1


def test_a_year_that_would_stand_too_small_lies_down() -> None:
    title = "2025年度业务记录类档案（YW-2025-0001至YW-2025-0010）"
    signs = upright.columns(title, 14.4, 63, 5.6)
    assert signs[0].text == "2025" and signs[0].lying and signs[0].size > 2
    bracket = [sign.text for sign in signs].index("（")
    assert signs[bracket].y == 0 and abs(signs[bracket + 1].x - signs[bracket].x) < signs[0].size


def test_columns_of_vertical_text_run_from_right_to_left() -> None:
    signs = upright.columns("成都万象机电有限公司", 24.4, 18.8, 4.94)
    assert signs[0].x > signs[-1].x and signs[0].y == signs[5].y
    assert [sign.text for sign in signs[:5]] == list("成都万象机")


def test_the_pages_of_a_pack_are_known_before_anything_is_drawn() -> None:
    from tests.print.volume_data import pack

    parts = ["cover", "catalog", "material", "remark", "back", "spine", "box", "instructions"]
    for count, catalog, codes in ((1, 1, 0), (34, 3, 2), (400, 27, 13)):
        made = volume_pages.pages(parts, pack(count))
        found = [page["part"] for page in made]
        assert found.count("catalog") == catalog
        assert found.count("remark_more") == codes
        order = list(dict.fromkeys("remark" if part == "remark_more" else part for part in found))
        assert order == parts


def test_four_changes_stand_on_the_remark_sheet_and_more_go_to_a_continuation() -> None:
    from tests.print.volume_data import changes, pack, remark

    def kinds(count: int) -> list[str]:
        values = pack(1, remark=remark(changes=changes(count), electronic=[]))
        return [page.get("kind", page["part"]) for page in volume_pages.pages(["remark"], values)]

    assert kinds(4) == ["remark"]
    assert kinds(5) == ["remark", "changes"]


def test_spines_stand_side_by_side_twelve_seven_five_or_four_on_a_sheet() -> None:
    from tests.print.volume_data import stamp, volume

    for box, count in ((20, 12), (30, 7), (40, 5), (50, 4)):
        values = {"volumes": [volume(n, box_mm=box) for n in range(1, count + 2)], "stamp": stamp()}
        first, second = volume_pages.pages(["spine"], values)
        assert (len(first["strips"]), len(second["strips"])) == (count, 1)
        assert first["strips"][0]["width"] == box - 4
        assert first["strips"][-1]["x"] + box - 4 <= 201
