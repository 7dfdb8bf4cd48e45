"""Packs joined from parts: pages in order, still declared PDF/A, not scaled, sound; and the QR of a print."""

from __future__ import annotations

import json
from pathlib import Path

import pikepdf
import pytest

from archive_app.core.errors import ArchiveError
from archive_app.printing.barcode import BarcodeType, payload, qr_text
from archive_app.printing.form import qr
from archive_app.printing.press import PRESS
from archive_app.printing.render import render_form
from tests.print.paper import texts

AT_ONCE = 200
"""So many files qpdf keeps open."""


def card(name: str) -> bytes:
    values = {
        "unit": "档案室", "name": name, "department": "销售部", "title": "客户经理", "staff_number": "",
        "payload": payload(BarcodeType.PERSON, 7),
    }  # fmt: skip
    return render_form("person_card", {"cards": [values]})


def joined(folder: Path, parts: list[bytes], title: str = "装订包") -> tuple[dict, Path]:
    paths = []
    for number, part in enumerate(parts):
        path = folder / f"{number}.pdf"
        path.write_bytes(part)
        paths.append(str(path))
    target = folder / "whole.pdf"
    facts = PRESS.run("join", {"parts": paths, "target": str(target), "title": title})
    return json.loads(facts), target


def test_parts_are_joined_in_order_and_the_whole_is_still_declared_pdf_a(tmp_path):
    names = ["王静娟", "许明", "𠮷田㛃"]
    facts, target = joined(tmp_path, [card(name) for name in names])
    assert facts == {"pages": 3}
    assert [name in page for name, page in zip(names, texts(target.read_bytes()), strict=True)] == [True] * 3
    with pikepdf.open(target) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.Root.ViewerPreferences.PrintScaling == pikepdf.Name("/None")
        assert len(pdf.Root.OutputIntents) == 1
        with pdf.open_metadata() as said:
            assert (said["pdfaid:part"], said["pdfaid:conformance"]) == ("2", "U")
            assert said["dc:title"] == str(pdf.docinfo["/Title"]) == "装订包"


def test_more_parts_than_are_opened_at_once_are_joined(tmp_path):
    part = card("许明")
    facts, target = joined(tmp_path, [card("王静娟"), *[part] * AT_ONCE, card("孙丽")])
    pages = texts(target.read_bytes())
    assert facts["pages"] == len(pages) == AT_ONCE + 2
    assert "王静娟" in pages[0] and "孙丽" in pages[-1]
    with pikepdf.open(target) as pdf:
        assert pdf.check_pdf_syntax() == []


def test_a_single_part_stays_as_it_was_drawn(tmp_path):
    part = card("许明")
    facts, target = joined(tmp_path, [part])
    assert facts == {"pages": 1}
    assert target.read_bytes() == part


def test_a_part_that_is_no_pdf_is_a_clear_error(tmp_path):
    with pytest.raises(ArchiveError, match="打印件没有生成"):
        joined(tmp_path, [card("许明"), b"not a PDF"])
    with pytest.raises(ArchiveError, match="打印件没有生成"):
        joined(tmp_path, [])


@pytest.mark.parametrize(("mm", "side"), [(15.7, 15.663), (12.6, 12.531)])
def test_the_qr_of_a_print_is_whole_printer_dots_with_its_quiet_zone(mm, side):
    text = qr_text("0123456789ab", payload(BarcodeType.PRINT, 123_456_789))
    drawn = str(qr(text, mm))
    assert f'width="{side}mm"' in drawn
    assert 'viewBox="-4 -4 37 37"' in drawn
