"""Long lists: nothing cut off, nothing split, every page says what it is, and joints cannot be seen."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import numpy as np
import pikepdf
import pytest

from archive_app.core.errors import ArchiveError
from archive_app.printing.barcode import BarcodeType, payload
from archive_app.printing.lists import CHUNK
from archive_app.printing.press import PRESS
from tests.print.paper import pages, place_mm, read, sizes_mm, texts

RARE = "㛃䶮𬭎𠮷"
QR = f"DA1;0123456789ab;{payload(BarcodeType.PRINT, 7)}"
STAMP = {
    "qr": QR,
    "hash12": "0123456789ab",
    "number": 2,
    "printed_at": "2026-11-19 14:32",
    "printed_by": "陈静宜",
    "audit_seq": "18203",
    "audit_digest": "9f3a41c7d20be816",
}
HEAD = {
    "fonds_name": "兰州万象实业集团有限公司",
    "fonds_code": "A017",
    "scope": "合同类（HT）2025年度",
    "stamp": STAMP,
}
VOLUME_EDGES = (14, 46, 88, 32, 10, 13, 20, 10, 24)
FULL_EDGES = (12, 26, 30, 60, 20, 12, 10)


def volume(n: int, **changes: Any) -> dict[str, Any]:
    """A line of the 案卷目录."""
    return {
        "id": n,
        "serial": f"{n:04d}",
        "number": f"A017-HT·2025-{n:04d}",
        "title": f"始{n:04d}销售合同及客户往来文件终{n:04d}",
        "dated": "202501-202512",
        "items": 12,
        "pages": 180,
        "retention": "30年",
        "secrecy": "秘密",
        "remark": "",
        "destroyed": False,
    } | changes


def document(n: int, **changes: Any) -> dict[str, Any]:
    """A line of the 全引目录."""
    return {
        "id": n,
        "serial": str(n),
        "reference": f"万象函〔2025〕{n}号",
        "author": "兰州万象",
        "title": f"始{n:05d}关于供货的函终{n:05d}",
        "dated": "20250904",
        "start_page": str(n),
        "remark": "",
    } | changes


def volume_list(lines: list[dict[str, Any]], **changes: Any) -> bytes:
    remark = {"volumes": len(lines), "destroyed": 0, "items": 12, "pages": 180, "dated": "2026年11月19日"}
    remark |= {"compiled_by": "陈静宜", "text": "", "changes": []}
    data = HEAD | {"lines": lines, "remark": remark | changes.pop("remark", {})} | changes
    return PRESS.run("list", {"form": "volume_list", "data": data})


def full_list(volumes: list[dict[str, Any]], **changes: Any) -> bytes:
    return PRESS.run("list", {"form": "full_list", "data": HEAD | {"volumes": volumes} | changes})


def bound(n: int, lines: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A volume of the 全引目录 with its documents."""
    return volume(n) | {"title": f"卷题{n:04d}", "place": "A-3-2-05", "lines": lines} | changes


def volumes_of(sizes: list[int]) -> list[dict[str, Any]]:
    found, n = [], 0
    for k, size in enumerate(sizes, 1):
        found.append(bound(k, [document(n + i) for i in range(size)]))
        n += size
    return found


def together(text: str) -> str:
    """Text without the spaces and line ends that a layout puts in."""
    return "".join(text.split()).replace("\ufffe", "-")  # how pdfium tells of a dash at the end of a line


def pages_of(pdf: bytes) -> list[str]:
    return [together(page) for page in texts(pdf)]


def edges_mm(page: np.ndarray, dpi: int, y_mm: float) -> list[float]:
    """Where vertical lines cross a row of the page, in mm: dark for the whole of 3 mm."""
    top, bottom = (round(mm / 25.4 * dpi) for mm in (y_mm - 1.5, y_mm + 1.5))
    dark = np.flatnonzero((page[top:bottom] < 100).all(axis=0))
    groups = np.split(dark, np.flatnonzero(np.diff(dark) > 1) + 1)
    return [float(group.mean() + 0.5) / dpi * 25.4 for group in groups if len(group)]


def longest_run_mm(page: np.ndarray, dpi: int, box: tuple[float, float, float, float]) -> float:
    """The longest horizontal dark line within a box (left, top, right, bottom in mm)."""
    left, top, right, bottom = (round(mm / 25.4 * dpi) for mm in box)
    best = 0
    for row in page[top:bottom, left:right] < 140:
        best = max(
            [best, *(len(run) for run in re.findall("1+", "".join("01"[cell] for cell in row.astype(int))))]
        )
    return best / dpi * 25.4


@pytest.mark.requirement("CAT-25")
def test_every_volume_of_1600_stands_once_and_in_order_in_the_volume_list() -> None:
    count = 1_600
    pdf = volume_list([volume(n) for n in range(1, count + 1)])
    *listed, remark = pages_of(pdf)
    assert re.findall(r"始(\d{4})", "".join(listed)) == [f"{n:04d}" for n in range(1, count + 1)]
    assert "目录备考表" in remark and f"{count}卷" in remark and f"{len(listed)}页" in remark


def test_the_joints_of_a_list_drawn_in_chunks_cannot_be_seen() -> None:
    pdf = volume_list([volume(n) for n in range(1, 2 * CHUNK + 300)])
    *listed, _remark = pages_of(pdf)
    rows = [len(re.findall(r"始\d{4}", page)) for page in listed]
    assert len(set(rows[:-1])) == 1 and rows[-1] <= rows[0]


@pytest.mark.parametrize("count", [1, 1_600])
def test_every_page_says_which_of_how_many_it_is_and_repeats_the_heading(count: int) -> None:
    for pdf, heading in (
        (
            volume_list([volume(n) for n in range(1, count + 1)]),
            "案卷号档号案卷题名起止日期件数页数保管期限密级备注",
        ),
        (full_list(volumes_of([count // 3 + 1] * 3)), "顺序号文号责任者题名日期页号备注"),
    ):
        found = pages_of(pdf)
        for n, page in enumerate(found, 1):
            assert f"第{n}页" in page and f"共{len(found)}页" in page
            assert "0123456789ab" in page and "第2次打印" in page and "全宗号：A017" in page
            assert heading in page or "目录备考表" in page


def test_the_qr_of_every_page_reads_right() -> None:
    for pdf in (volume_list([volume(n) for n in range(1, 40)]), full_list(volumes_of([30, 40]))):
        for page in pages(pdf, 200):
            assert read(page) == [("qr", QR)]


def test_lists_lie_on_a4_and_are_never_scaled_and_declare_pdf_a() -> None:
    upright, across = full_list(volumes_of([2])), volume_list([volume(1)])
    assert sizes_mm(upright) == [(210.0, 297.0)]
    assert sizes_mm(across) == [(297.0, 210.0)] * 2
    for pdf, title in ((upright, "全引目录"), (across, "案卷目录")):
        with pikepdf.open(BytesIO(pdf)) as opened:
            assert opened.Root.ViewerPreferences.PrintScaling == "/None"
            with opened.open_metadata() as metadata:
                assert metadata.pdfa_status == "2U"
                assert str(metadata["dc:title"]).startswith(title)


@pytest.mark.parametrize(
    ("form", "widths", "y"), [("volume", VOLUME_EDGES, 48.0), ("full", FULL_EDGES, 42.0)]
)
def test_column_edges_are_where_the_form_wants_them(form: str, widths: tuple[int, ...], y: float) -> None:
    pdf = volume_list([volume(1)]) if form == "volume" else full_list(volumes_of([3]))
    found = edges_mm(next(pages(pdf, 300)), 300, y)
    wanted = [25.0 + sum(widths[:n]) for n in range(len(widths) + 1)]
    assert len(found) == len(wanted)
    assert all(abs(a - b) <= 0.3 for a, b in zip(found, wanted, strict=True)), found
    assert abs(sum(widths) - (257 if form == "volume" else 170)) < 0.01


def test_a_row_is_never_split_however_high_it_grows() -> None:
    long = [document(n, title=f"始{n:05d}{'很长的题名' * (n % 23)}终{n:05d}") for n in range(200)]
    for page in pages_of(full_list([bound(1, long)])):
        assert re.findall(r"始(\d{5})", page) == re.findall(r"终(\d{5})", page)
    lines = [volume(n, title=f"始{n:04d}{'很长的题名' * (n % 29)}终{n:04d}") for n in range(200)]
    for page in pages_of(volume_list(lines)):
        assert re.findall(r"始(\d{4})", page) == re.findall(r"终(\d{4})", page)


@pytest.mark.requirement("CAT-23")
def test_the_head_of_a_volume_stays_with_its_first_two_documents() -> None:
    volumes = volumes_of([n % 7 + 1 for n in range(120)])
    found = pages_of(full_list(volumes))
    assert len(found) > 10
    for one in volumes:
        first = next(page for page in found if one["number"] in page)
        for line in one["lines"][:2]:
            assert line["title"] in first


def test_a_volume_that_runs_over_pages_repeats_its_head_and_says_so() -> None:
    found = pages_of(full_list(volumes_of([5, 60, CHUNK + 40])))
    assert not any(re.search("（续）", page) for page in found[:1])
    for page in found[1:]:
        heads = [page.index(mark) for mark in ("卷题0001", "卷题0002", "卷题0003") if mark in page]
        first_row = page.index("始")
        assert heads and min(heads) < first_row  # every page tells whose documents these are
        begun = re.search(r"始(\d{5})", page)
        assert begun and ("（续）" in page) == (int(begun[1]) not in (0, 5, 65))


def test_titles_of_500_characters_are_printed_whole() -> None:
    title = "超长题名" * 125
    assert title in pages_of(volume_list([volume(1, title=title)]))[0]
    listed = full_list([bound(1, [document(1, title=title), document(2, title=title)], title=title)])
    assert "".join(pages_of(listed)).count(title) >= 3
    assert len(pages_of(listed)) <= 3


def test_a_row_fits_on_a_page_however_long_its_texts_are() -> None:
    title, remark = "超长题名" * 500 + "末", "互见" * 150
    for pdf in (
        full_list([bound(1, [document(n, title=title, remark=remark) for n in range(3)], title="长" * 1000)]),
        volume_list([volume(n, title=title, remark=remark) for n in range(3)]),
    ):
        found = pages_of(pdf)
        assert "".join(found).count(title) == "".join(found).count(remark) == 3
        for n, page in enumerate(texts(pdf)):
            if title in together(page):
                assert place_mm(pdf, "末", n)[3] < sizes_mm(pdf)[n][1] - 23


def test_a_text_without_blanks_stays_in_its_column() -> None:
    reference = "CONTRACT-2025-ABCDEFGHIJKLMNOPQRSTUVWXYZ/0001"
    pdf = full_list([bound(1, [document(1, reference=reference, title="Q" * 90, start_page="12391-12411")])])
    assert (
        reference in pages_of(pdf)[0] and "Q" * 90 in pages_of(pdf)[0] and "12391-12411" in pages_of(pdf)[0]
    )
    # 3 mm at mid-height of the row show the edges only, wherever texts stand
    _left, top, _right, bottom = place_mm(pdf, "20250904")
    found = edges_mm(next(pages(pdf, 300)), 300, (top + bottom) / 2)
    wanted = [25.0 + sum(FULL_EDGES[:n]) for n in range(len(FULL_EDGES) + 1)]
    assert len(found) == len(wanted)


def test_rare_characters_are_in_the_text_and_on_the_paper() -> None:
    pdf = full_list([bound(1, [document(1, title=f"前{RARE}后")], title=RARE)])
    assert f"前{RARE}后" in pages_of(pdf)[0]
    page = next(pages(pdf, 300))
    shapes = set()
    for char in RARE[:2]:  # an empty box would look the same for both
        left, top, right, bottom = (round(mm / 25.4 * 300) for mm in place_mm(pdf, char))
        shapes.add((page[top:bottom, left:right] < 128).tobytes())
        assert (page[top:bottom, left:right] < 128).mean() > 0.15
    assert len(shapes) == 2


def test_a_character_that_no_font_has_is_shown_as_missing_and_stops_nothing() -> None:
    (page,) = pages_of(full_list([bound(1, [document(1, title="前\U0010fffd后")])]))
    assert "前〓后" in page


def test_what_a_person_typed_never_becomes_markup() -> None:
    hostile = '#set text(red) $x$ *b* <script> \\ #read("/etc/passwd") @a `c`'
    pdf = full_list([bound(1, [document(1, title=hostile)], title=hostile)], fonds_name=hostile)
    assert pages_of(pdf)[0].count(together(hostile)) == 3


def test_a_destroyed_volume_stays_on_the_list_and_is_struck() -> None:
    gone = volume(2, destroyed=True, remark="已销毁 20360105 XH-2036-01")
    pdf = volume_list([volume(1), gone], remark={"destroyed": 1})
    found = pages_of(pdf)
    assert "始0002" in found[0] and "已销毁20360105XH-2036-01" in found[0] and "其中已销毁1卷" in found[1]
    page = next(pages(pdf, 300))
    kept, struck = (place_mm(pdf, text) for text in ("始0001", "始0002"))
    remark = place_mm(pdf, "已销毁")
    wide = place_mm(pdf, "终0002")[2] - struck[0]
    assert longest_run_mm(page, 300, (struck[0], struck[1], struck[0] + wide, struck[3])) > 0.95 * wide
    assert longest_run_mm(page, 300, (kept[0], kept[1], kept[0] + wide, kept[3])) < 0.2 * wide
    assert longest_run_mm(page, 300, remark) < 6


def test_the_remark_sheet_of_the_list_has_places_for_signatures_and_tells_what_changed() -> None:
    changes = [{"dated": "20260105", "text": f"移出第{n:04d}卷", "handled_by": "陈静宜"} for n in range(30)]
    _listed, first, *_more, last = pages_of(
        volume_list([volume(1)], remark={"text": "第 3 卷受潮", "changes": changes})
    )
    assert "第3卷受潮" in first and "移出第0000卷" in first
    assert "移出第0029卷" in last and "变动日期变动情况" in last
    assert "编制人（签字）" in last and "检查人（签字）" in last and "录入：陈静宜" in last


def test_an_empty_list_is_one_page_and_an_empty_volume_only_a_head() -> None:
    assert len(texts(full_list([]))) == 1
    (page,) = pages_of(full_list([bound(1, []), bound(2, [document(1)])]))
    assert "卷题0001" in page and "始00001" in page
    assert len(texts(volume_list([]))) == 2


def test_a_missing_value_is_told_and_not_printed_as_nothing() -> None:
    line = volume(1)
    del line["title"]
    with pytest.raises(ArchiveError):
        volume_list([line])
