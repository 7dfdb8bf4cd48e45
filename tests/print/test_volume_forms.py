"""Forms of a volume: all is said, nothing is cut off or covered, the codes read; kind data and hostile."""

from __future__ import annotations

import io
import re
from functools import cache
from itertools import pairwise
from typing import Any

import pikepdf
import pypdfium2
import pypdfium2.raw
import pytest

from archive_app.printing.barcode import BarcodeType, payload
from archive_app.printing.fonts import missing_glyphs
from archive_app.printing.render import render_form
from tests.print import volume_data as data
from tests.print.paper import pages, place_mm, read, sizes_mm, texts
from tests.print.test_forms import metadata, together

SAMPLES: dict[str, Any] = {
    "volume_pack": data.pack,
    "volume_cover": data.pack,
    "volume_catalog": data.pack,
    "remark_sheet": data.pack,
    "binding_instructions": data.pack,
    "box_label": data.pack,
    "spine": lambda: {"volumes": [data.volume(n) for n in (1, 2, 3)], "stamp": data.stamp()},
    "change_record": lambda: {
        "volume": data.volume(),
        "record": {"version": 2, "note": "按 2026 年鉴定意见。", "changes": data.changes(3)},
        "stamp": data.stamp(),
    },
    "item_list": lambda: {"head": data.head(), "lines": data.item_lines(20), "stamp": data.stamp()},
    "electronic_catalog": lambda: {
        "head": data.head(),
        "lines": data.electronic_lines(20),
        "stamp": data.stamp(),
    },
}
MM = 25.4 / 72


@cache
def drawn(form: str) -> bytes:
    return render_form(form, SAMPLES[form]())


@cache
def hostile() -> bytes:
    return render_form("volume_pack", data.hostile_pack())


@cache
def large() -> bytes:
    return render_form("volume_pack", data.pack(400))


def said(pdf: bytes) -> list[str]:
    """The text of each page without spaces; vertical brackets as the ordinary ones."""
    return [together(page).replace("\ufffe", "-") for page in texts(pdf)]


def characters(pdf: bytes, number: int) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Every visible character of a page with its ink box: left, top, right, bottom in mm."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[number]
    words = page.get_textpage()
    height = page.get_height()
    found = []
    for n in range(words.count_chars()):
        char = chr(pypdfium2.raw.FPDFText_GetUnicode(words.raw, n))
        left, bottom, right, top = words.get_charbox(n)
        if not char.isspace() and right > left and top > bottom:
            found.append((char, (left * MM, (height - top) * MM, right * MM, (height - bottom) * MM)))
    words.close()
    page.close()
    document.close()
    return found


def covered(boxes: list[tuple[str, tuple[float, float, float, float]]]) -> list[tuple[str, str]]:
    """Pairs of characters of which one lies on the other by more than a quarter of its height and width."""
    found = []
    ordered = sorted(boxes, key=lambda box: box[1][1])
    for n, (char, (left, top, right, bottom)) in enumerate(ordered):
        for other, (x, y, to_x, to_y) in ordered[n + 1 :]:
            if y > bottom:
                break
            if (left, top, right, bottom) == (x, y, to_x, to_y):
                continue  # a ligature, or both halves of a character outside the BMP
            across, down = min(right, to_x) - max(left, x), min(bottom, to_y) - max(top, y)
            if across > 0.25 * min(right - left, to_x - x) and down > 0.25 * min(bottom - top, to_y - y):
                found.append((char, other))
    return found


def is_joined(char: str) -> bool:
    return "\u0600" <= char <= "\u06ff" or "\ufb50" <= char <= "\ufeff"  # Arabic letters touch by design


@pytest.mark.requirement("ARR-11")
@pytest.mark.requirement("ARR-12")
@pytest.mark.requirement("ARR-13")
def test_a_pack_is_one_document_in_binding_order() -> None:
    pages_said = said(drawn("volume_pack"))
    codes = ["电子文件编码及存址"] * 2
    heads = ["案卷号", *["卷内文件目录"] * 3, "材料放在这里", "卷内备考表", *codes, "封底"]
    heads += ["沿裁切线", "卷盒标签", "装订说明"]
    assert len(pages_said) == len(heads)
    for words, page in zip(heads, pages_said, strict=True):
        assert words in page, (words, page[:80])
    assert "打印件1/12" in pages_said[0] and "打印件12/12" in pages_said[-1]


def test_the_cover_says_all_that_the_standard_asks_for() -> None:
    (page,) = said(drawn("volume_cover"))
    for value in (
        "成都万象机电有限公司",
        "合同类（HT）",
        "2025年度销售合同及客户往来文件",
        "自2025年01月至2025年12月",
        "保管期限30年",
        "本卷共34件102页",
        "归档号ZB-2025-117",
        "全宗号Z01类别号·年度HT·2025案卷号0003",
        "Z01-HT·2025-0003",
        "总经理办公室档案室市场营销部",
        "沈慧敏",
        "E-Z01-HT·2025-0003",
        "秘密",
    ):
        assert value in page, value


def test_the_heading_repeats_and_the_end_of_the_catalog_is_said() -> None:
    first, second, last = said(drawn("volume_catalog"))
    for page in (first, second, last):
        assert "顺序号文号责任者题名日期页号备注" in page
    assert "第1页共3页" in first and "第3页共3页" in last
    assert "此处以下空白" in last and "此处以下空白" not in first + second
    assert "100-102" in last and "电HT-2025-0001-001" in first


def test_a_volume_without_documents_says_so_and_leaves_lines_to_write_on() -> None:
    pages_said = said(render_form("volume_pack", data.empty_pack()))
    assert "此处以下空白" in pages_said[1] and "没有编页" in pages_said[2]
    assert not any("None" in page or "Undefined" in page for page in pages_said)


@pytest.mark.requirement("DUAL-03")
def test_the_remark_sheet_tells_what_happened_and_where_the_electronic_twin_is() -> None:
    values = data.pack(6)
    (page,) = said(render_form("remark_sheet", values))
    for fact in values["remark"]["facts"]:
        assert together(fact["name"] + fact["text"]) in page
    for code in values["remark"]["electronic"]:
        assert code["code"] + code["address"] in page and code["digest8"] in page
    assert "录入陈静宜" in page and "录入李明远" in page


@pytest.mark.requirement("DUAL-04")
def test_the_electronic_catalog_tells_where_the_paper_is() -> None:
    first, *_rest = said(drawn("electronic_catalog"))
    assert "HT-2025-0001一号库房A03柜2格12盒" in first and "DZ-HT-2025-0001-001" in first


def test_changes_after_binding_stand_on_their_own_sheet() -> None:
    (page,) = said(drawn("change_record"))
    assert "备考表第2版。按2026年鉴定意见。" in page
    assert page.count("补入2025-11-20对账函回执1件2页陈静宜") == 3


@pytest.mark.parametrize("form", SAMPLES)
def test_every_sheet_carries_the_stamp_and_its_code_reads(form: str) -> None:
    pdf = drawn(form)
    expected = ("qr", data.stamp()["qr"])
    for picture, page in zip(pages(pdf, 300), said(pdf), strict=True):
        assert expected in read(picture)
        assert "9f3a41c7d20b" in page and "第1次打印" in page and "2026-01-1214:32打印" in page


def test_the_codes_of_volumes_and_boxes_read_right() -> None:
    number, digits = "Z01-HT·2025-0003", payload(BarcodeType.VOLUME, 3)
    (cover,) = pages(drawn("volume_cover"), 300)
    assert {("bars", digits), ("qr", f"DA1;{number};{digits}")} <= set(read(cover))
    (spine,) = pages(drawn("spine"), 300)
    codes = {text for kind, text in read(spine) if kind == "qr"}
    assert {f"DA1;Z01-HT·2025-{n:04d};{payload(BarcodeType.VOLUME, n)}" for n in (1, 2, 3)} <= codes
    (box,) = pages(drawn("box_label"), 300)
    digits = payload(BarcodeType.BOX, 12)
    own = ("qr", f"DA1;;{digits}")
    assert sorted(read(box)) == sorted([("bars", digits), own, own, ("qr", data.stamp()["qr"])])


@pytest.mark.parametrize("width", [20, 30, 40, 50])
def test_the_code_on_a_spine_of_any_width_reads(width: int) -> None:
    number = "A001-WS·2025-D30-BGS-0003"
    volume = data.volume(box_mm=width, number=number, secrecy="绝密", secrecy_rank=3)
    (picture,) = pages(render_form("spine", {"volumes": [volume], "stamp": data.stamp()}), 300)
    assert ("qr", f"DA1;{number};{volume['payload']}") in read(picture)


def test_a_reprint_says_which_print_it_is_on_every_sheet() -> None:
    pdf = render_form("volume_catalog", data.pack(stamp=data.stamp(number=3)))
    assert all("第3次打印" in page for page in said(pdf))


@pytest.mark.parametrize("form", SAMPLES)
def test_forms_of_a_volume_are_declared_pdf_a_2u_and_not_scaled(form: str) -> None:
    pdf = drawn(form)
    assert 'pdfaid:part="2" pdfaid:conformance="U"' in metadata(pdf)
    document = pypdfium2.PdfDocument(pdf)
    assert pypdfium2.raw.FPDF_VIEWERREF_GetPrintScaling(document.raw) == 0
    document.close()
    wide = form in ("item_list", "electronic_catalog")
    assert set(sizes_mm(pdf)) == {(297.0, 210.0) if wide else (210.0, 297.0)}


def test_endless_and_hostile_texts_are_printed_whole() -> None:
    everything = said(hostile())
    catalog = "".join(everything[1:4])
    for title in data.HOSTILE:
        if "شركة" not in title and title:
            assert together(title) in catalog.replace("此处以下空白", ""), title[:40]
    assert together(data.LONG[:500]) in everything[0]  # the cover
    assert "".join(everything).count(together(data.LONG[:300])) >= 9  # the changes
    assert "{{7*7}}" in catalog  # a title is never taken for a template
    assert b"/EmbeddedFile" not in hostile()


def test_rare_characters_are_drawn_not_boxed() -> None:
    assert missing_glyphs(data.RARE) == set()
    for pdf in (hostile(), drawn("volume_pack")):
        with pikepdf.open(io.BytesIO(pdf)) as document:
            for page in document.pages:
                assert not glyph_zero(page)
    assert "㛃䶮𬭎𠮷" in said(hostile())[0]


def glyph_zero(page: Any) -> bool:
    """Whether a page draws glyph 0, the empty box of a font without the character."""
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) in ("Tj", "TJ"):
            parts = operands[0] if str(operator) == "TJ" else operands
            for part in parts:
                if isinstance(part, pikepdf.String):
                    glyphs = bytes(part)
                    if any(glyphs[n : n + 2] == b"\0\0" for n in range(0, len(glyphs), 2)):
                        return True
    return False


@pytest.mark.parametrize("case", ["kind", "hostile", pytest.param("large", marks=pytest.mark.slow)])
def test_no_character_covers_another_or_leaves_the_paper(case: str) -> None:
    pdf = {"kind": lambda: drawn("volume_pack"), "hostile": hostile, "large": large}[case]()
    sheets = sizes_mm(pdf)
    for n, (width, height) in enumerate(sheets if case != "large" else sheets[:6]):
        boxes = [box for box in characters(pdf, n) if not is_joined(box[0])]
        assert all(left > 4 and top > 4 and right < width - 4 and bottom < height - 4
                   for _char, (left, top, right, bottom) in boxes), n  # fmt: skip
        assert covered(boxes) == [], n


@pytest.mark.slow
def test_a_volume_of_400_documents_has_all_its_lines_once_and_in_order() -> None:
    pages_said = said(large())
    assert "第27页共27页" in pages_said[27]
    catalog = "".join(pages_said[1:28])
    places = [catalog.find(f"销字〔2025〕{n}号") for n in range(1, 401) if n % 4]
    assert -1 not in places and all(one < two for one, two in pairwise(places))
    assert sum(page.count("DZ-HT-2025-") for page in pages_said) == 400


def test_latin_runs_lie_on_the_spine_and_chinese_stands() -> None:
    volume = data.volume(title="华信恒远KH-2026-0117资信（一）", box_mm=30)
    pdf = render_form("spine", {"volumes": [volume], "stamp": data.stamp()})
    above, below = place_mm(pdf, "华"), place_mm(pdf, "远")
    assert abs(above[0] - below[0]) < 0.6 and below[1] > above[3]
    left, top, right, bottom = place_mm(pdf, "KH-2026-0117")
    assert bottom - top > 4 * (right - left)
    assert 9 < left < right < 35


def test_a_stretch_of_a_long_catalog_goes_on_counting_and_only_the_last_says_it_ends() -> None:
    values = {"head": data.head(), "stamp": data.stamp(), "of": 3}
    first = render_form("electronic_catalog", values | {"lines": data.electronic_lines(4), "before": 1})
    last = render_form("electronic_catalog", values | {"lines": data.electronic_lines(4), "before": 2})
    assert "第2页共3页" in said(first)[0] and "转下页" in said(first)[0]
    assert "第3页共3页" in said(last)[0] and "此处以下空白" in said(last)[0]


@pytest.mark.parametrize("preset", ["gbt9705", "practice", "gbt11822"])
def test_the_qr_of_a_print_stands_clear_of_the_table(preset: str) -> None:
    """Its white ground would cover the frame of the heading row."""
    from archive_app.printing.volume_pages import FOLDER, table

    css = (FOLDER / "parts.css").read_text("utf-8")
    top = float(re.search(r"\.seal \{ left: [\d.]+mm; top: ([\d.]+)mm", css)[1])
    assert top + 15.7 < table(preset).top


def test_a_document_number_is_broken_in_front_of_its_year_and_nowhere_else() -> None:
    from archive_app.printing import rows

    assert rows.wrap("恒远纪〔2025〕20号", 6.48) == ["恒远纪", "〔2025〕20号"]
    assert rows.wrap("题名改为“2025年报告”", 5) == ["题名改为", "“2025年", "报告”"]
