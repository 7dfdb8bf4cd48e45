"""Signed forms: the paper is exact, the bars read, and nothing a person typed breaks out or is lost."""

from __future__ import annotations

import os
import re
import time
import zlib
from typing import Any

import pytest

from archive_app.core.errors import ArchiveError, Invalid, NotFound
from archive_app.printing import press, render
from archive_app.printing.barcode import BarcodeType, payload, qr_text
from archive_app.printing.render import fields, forms, render_form
from archive_app.prints.register import Stamp
from tests.print.paper import pages, place_mm, read, sizes_mm, texts

LONG = "超长题名" * 125
HOSTILE = (
    '<script>alert(1)</script><img src="file:///etc/passwd"><link rel=attachment href="file:///etc/passwd">'
    "{{ 7*7 }}{% raw %}</td></table>@import url(http://127.0.0.1/x.css)"
)


def slip(**changes: Any) -> dict[str, Any]:
    kinds = [{"name": name, "chosen": name == "外借"} for name in ("阅览室", "外借", "复印", "摘录")]
    return {
        "unit": "总经理办公室档案室",
        "number": "JY-2026-0007",
        "payload": payload(BarcodeType.LOAN, 7),
        "borrower": "沈慧敏",
        "department": "市场营销部 客户经理",
        "contact": "工号 0231",
        "file_number": "HT-2026-0012",
        "title": "成都天府食品销售有限公司数控铣床购销合同及往来文件",
        "secrecy": "秘密",
        "secrecy_rank": 1,
        "quantity": "6 件 32 页",
        "place": "一号库房 A03 柜 2 格",
        "kinds": kinds,
        "purpose": "合同履行：续约谈判",
        "wished": "2026-11-19 10:30–14:00",
        "photocopy": "",
        "handed_at": "2026-11-19 10:32",
        "due_at": "2026-11-19 14:32",
        "handled_by": "陈静宜",
        "approvals": [
            {"step": "部门经理", "name": "王建国", "on_behalf_of": "", "at": "11-19 09:50"},
            {"step": "总经理", "name": "李明远", "on_behalf_of": "周正平", "at": "11-19 10:15"},
        ],
        "rules": [{"text": "秘密级档案外借不超过 4 小时。", "clause": "销售客户档案管理制度 七.4"}],
        "stamp": stamp(),
    } | changes


def stamp(number: int = 1) -> dict[str, Any]:
    digits = payload(BarcodeType.PRINT, 123)
    audited = {"audit_seq": "18203", "audit_digest": "9f3a41c7d20be816"}
    printed = {"printed_at": "2026-11-19 10:33", "printed_by": "陈静宜"}
    text = qr_text("9f3a41c7d20b", digits)
    return Stamp(123, number, digits, text, hash12="9f3a41c7d20b", **printed, **audited).as_dict()


def cards(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"cards": list(rows), "stamp": stamp()}


def card(id: int = 7, **changes: Any) -> dict[str, Any]:
    return {
        "file_number": f"HT-2026-{id:04d}",
        "slip_number": f"JY-2026-{id:04d}",
        "payload": payload(BarcodeType.LOAN, id),
        "title": "购销合同及往来文件",
        "secrecy": "机密",
        "secrecy_rank": 2,
        "quantity": "6 件 32 页",
        "photocopy": "",
        "borrower": "沈慧敏",
        "department": "市场营销部",
        "handed_at": "2026-11-19 10:32",
        "due_at": "2026-11-19 14:32",
        "due_short": "11-19 14:32",
        "place": "A-03-2-05",
        "handled_by": "陈静宜",
    } | changes


def person(id: int, name: str = "沈慧敏") -> dict[str, Any]:
    return {
        "unit": "总经理办公室档案室",
        "name": name,
        "department": "市场营销部",
        "title": "客户经理",
        "staff_number": f"{id:04d}",
        "payload": payload(BarcodeType.PERSON, id),
    }


def together(text: str) -> str:
    """Text without the spaces and line ends that a layout puts in."""
    return "".join(text.split())


@pytest.mark.requirement("LOAN-01")
def test_the_loan_slip_says_who_has_what_until_when_and_by_which_clause() -> None:
    pdf = render_form("loan_slip", slip())
    (page,) = texts(pdf)
    said = together(page)
    for value in ("借阅单", "代卷联", "JY-2026-0007", "沈慧敏", "HT-2026-0012", "成都天府食品", "秘密",
                  "6件32页", "合同履行：续约谈判", "拟用2026-11-1910:30–14:00", "2026-11-1914:32", "王建国",
                  "（受周正平委托）", "借阅人", "签字",
                  "销售客户档案管理制度七.4", "18203", "9f3a41c7d20be816", "10:33打印第1次打印"):  # fmt: skip
        assert value in said, value


def test_the_loan_slip_is_a5_landscape_cut_at_140_mm() -> None:
    pdf = render_form("loan_slip", slip())
    assert sizes_mm(pdf) == [(210.0, 148.0)]
    kept, stub = place_mm(pdf, "借阅单"), place_mm(pdf, "代卷联")
    assert kept[2] < 140 < stub[0]
    left, _top, _right, bottom = place_mm(pdf, "9f3a41c7d20be816")
    assert left > 8 and bottom < 145


def test_the_due_time_stands_out_in_14_points() -> None:
    pdf = render_form("loan_slip", slip(handed_at="2026-11-18 09:00", due_at="2026-11-19 14:32"))
    due, handed = place_mm(pdf, "2026-11-19 14:32"), place_mm(pdf, "2026-11-18 09:00")
    assert due[3] - due[1] > 1.25 * (handed[3] - handed[1])


@pytest.mark.parametrize("dpi", [300, 600])
def test_the_bars_of_every_form_read_right(dpi: int) -> None:
    (page,) = pages(render_form("loan_slip", slip()), dpi)
    printed = ("qr", stamp()["qr"])
    assert sorted(read(page)) == sorted([("bars", payload(BarcodeType.LOAN, 7)), printed] * 2)
    (page,) = pages(render_form("out_card", cards(card(7), card(8))), dpi)
    bars = [("bars", payload(BarcodeType.LOAN, id)) for id in (7, 8)]
    assert sorted(read(page)) == sorted([*bars, printed, printed])
    (page,) = pages(render_form("person_card", {"cards": [person(id) for id in range(1, 11)]}), dpi)
    assert set(read(page)) == {("bars", payload(BarcodeType.PERSON, id)) for id in range(1, 11)}


def test_a_reprint_says_which_print_it_is() -> None:
    (page,) = texts(render_form("loan_slip", slip(stamp=stamp(3))))
    assert page.count("第 3 次打印") == 2  # on both parts


def test_a_slip_printed_before_handing_over_leaves_lines_to_write_on() -> None:
    (page,) = texts(
        render_form("loan_slip", slip(handed_at="", due_at="", handled_by="", approvals=[], rules=[]))
    )
    assert "应还" in page and "无须审批" in page


@pytest.mark.parametrize("title", [LONG, HOSTILE, "W" * 400, "㛃𬭎𠮷田 مرحبا\n第二行"])
def test_a_hostile_or_endless_title_is_printed_whole_on_one_page(title: str) -> None:
    for form, data in (
        ("loan_slip", slip(title=title, purpose=title[:120], borrower=title[:30])),
        ("out_card", cards(card(title=title), card(8, title=title))),
    ):
        pdf = render_form(form, data)
        (page,) = texts(pdf)
        if "مرحبا" not in title:
            assert together(page).replace("\ufffe", "-").count(together(title)) == 2
        assert b"/EmbeddedFile" not in pdf and b"root:" not in pdf
        assert {text for _kind, text in read(next(pages(pdf, 300)))} >= {payload(BarcodeType.LOAN, 7)}


def test_the_out_card_is_half_an_a4_lengthwise_two_on_a_sheet() -> None:
    pdf = render_form("out_card", cards(*(card(id) for id in (7, 8, 9))))
    assert sizes_mm(pdf) == [(210.0, 297.0)] * 2
    first, second = texts(pdf)
    assert "HT-2026-0008" in first and "HT-2026-0009" in second and "HT-2026-0009" not in first
    assert place_mm(pdf, "JY-2026-0007")[2] < 105 < place_mm(pdf, "JY-2026-0008")[0]
    for value in ("应还 11-19 14:32", "A-03-2-05", "机密"):
        assert value in first


def test_the_visible_strip_of_the_out_card_is_its_left_25_mm() -> None:
    pdf = render_form("out_card", cards(card()))
    left, _top, right, _bottom = place_mm(pdf, "应还 11-19 14:32")
    assert left > 0 and right <= 25


def test_person_cards_are_credit_cards_ten_on_a_sheet() -> None:
    names = ["阿卜杜热合曼·吾布力卡斯木", "𠮷田㛃", *("许明" for _n in range(9))]
    pdf = render_form("person_card", {"cards": [person(id, name) for id, name in enumerate(names, 1)]})
    assert sizes_mm(pdf) == [(210.0, 297.0)] * 2
    one, two, below = (place_mm(pdf, number) for number in ("0001", "0002", "0003"))
    assert two[0] - one[0] == pytest.approx(85.6, abs=0.3)
    assert below[1] - one[1] == pytest.approx(54, abs=0.3)
    assert "𠮷田㛃" in texts(pdf)[0] and "吾布力卡斯木" in texts(pdf)[0]


def test_every_form_is_declared_pdf_a_2u_and_is_not_scaled() -> None:
    import pypdfium2
    import pypdfium2.raw

    samples = {"loan_slip": slip(), "out_card": cards(card()), "person_card": {"cards": [person(1)]}}
    assert set(samples) <= set(forms())
    for form, data in samples.items():
        pdf = render_form(form, data)
        assert 'pdfaid:part="2" pdfaid:conformance="U"' in metadata(pdf)
        document = pypdfium2.PdfDocument(pdf)
        assert pypdfium2.raw.FPDF_VIEWERREF_GetPrintScaling(document.raw) == 0
        document.close()


def metadata(pdf: bytes) -> str:
    packed = re.search(rb"/Subtype /XML.*?stream\n(.*?)endstream", pdf, re.DOTALL)
    assert packed
    return zlib.decompressobj().decompress(packed[1]).decode("utf-8")


@pytest.mark.parametrize("form", forms())
def test_a_form_names_each_value_it_is_not_given(form: str) -> None:
    with pytest.raises(Invalid) as caught:
        render_form(form, {})
    assert set(caught.value.fields) == set(fields(form))


def test_an_unknown_form_is_refused() -> None:
    for name in ("nothing", "../mail", ""):
        with pytest.raises(NotFound):
            render_form(name, {})


def test_a_value_of_the_wrong_shape_is_a_clear_error_and_the_press_goes_on() -> None:
    with pytest.raises(ArchiveError, match="打印件没有生成"):
        render_form("loan_slip", slip(payload="12"))
    with pytest.raises(ArchiveError, match="打印件没有生成"):
        render_form("out_card", cards({"file_number": "HT-2026-0001"}))
    assert render_form("loan_slip", slip())[:5] == b"%PDF-"


def test_a_hang_is_cut_and_the_next_print_works() -> None:
    began = time.monotonic()
    with pytest.raises(ArchiveError, match="已停止"):
        render_form("loan_slip", slip(), timeout=0.0)
    assert time.monotonic() - began < 30
    assert render_form("loan_slip", slip())[:5] == b"%PDF-"


def test_a_press_that_was_killed_is_started_again() -> None:
    own = press.Press()
    job = {"form": "loan_slip", "data": slip()}
    assert own.run("form", job)[:5] == b"%PDF-"
    assert own._child
    own._child.kill()
    own._child.wait()
    assert own.run("form", job)[:5] == b"%PDF-"
    own.close()


def test_an_idle_press_leaves_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESS_IDLE_SECONDS", "0.3")
    own = press.Press()
    job = {"form": "person_card", "data": {"cards": [person(1)]}}
    assert own.run("form", job)[:5] == b"%PDF-"
    assert own._child and own._child.wait(20) == 0
    assert own.run("form", job)[:5] == b"%PDF-"
    own.close()


def test_the_web_process_never_loads_the_drawing_libraries() -> None:
    import subprocess
    import sys

    code = """import sys
import archive_app.printing.labels, archive_app.printing.render, archive_app.printing.barcode
print([name for name in ('weasyprint', 'PIL', 'typst', 'fontTools', 'segno') if name in sys.modules])
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=_root()
    )
    assert run.stdout.strip() == "[]"


def _root() -> str:
    return os.fspath(render.FOLDER.parents[1])
