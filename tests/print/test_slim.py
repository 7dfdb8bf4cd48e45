"""Embedded Chinese fonts are small: no glyph that is used is touched, the thousands of empty ones vanish."""

from __future__ import annotations

import io
import zlib

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from archive_app.printing.barcode import BarcodeType, payload
from archive_app.printing.render import render_form
from archive_app.printing.slim import slim_font


def fonts_of(pdf: bytes) -> list[bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        streams = [each for each in document.objects if isinstance(each, pikepdf.Stream)]
        return [each.read_bytes() for each in streams if each.get("/Subtype") == "/OpenType"]


@pytest.fixture(scope="module")
def font() -> bytes:
    """A font as WeasyPrint embeds it."""
    from weasyprint import HTML

    page = '<html lang="zh-CN"><body style="font-family: Noto Serif CJK SC">卷内文件目录 𠮷㛃 HT-2026'
    (found,) = fonts_of(HTML(string=page).write_pdf())
    return found


def glyphs(font: bytes) -> dict[str, bytes]:
    with TTFont(io.BytesIO(font)) as opened:
        charstrings = opened["CFF "].cff[0].CharStrings
        return {name: charstrings[name].bytecode for name in opened.getGlyphOrder()}


def test_every_glyph_that_is_drawn_stays_and_the_font_packs_to_a_fraction(font):
    slim = slim_font(font)
    before, after = glyphs(font), glyphs(slim)
    drawn = {name for name, code in before.items() if len(code) > 1}
    assert len(drawn) > 15
    assert {name: after[name] for name in drawn} == {name: before[name] for name in drawn}
    assert all(after[name] == b"" for name in set(before) - drawn - {".notdef"})
    assert len(slim) == len(font)
    assert len(zlib.compress(slim)) * 4 < len(zlib.compress(font))


def test_the_checksum_of_the_table_is_right_and_making_slim_twice_changes_nothing(font):
    slim = slim_font(font)
    with TTFont(io.BytesIO(slim), checkChecksums=2) as opened:
        assert opened.reader["CFF "]
    assert slim_font(slim) == slim


def test_a_font_of_another_kind_is_left_alone():
    for other in (b"", b"\0\1\0\0 a TrueType font", b"OTTO\0\0" + bytes(20)):
        assert slim_font(other) == other


def test_a_printed_form_is_small():
    values = {
        "unit": "档案室", "name": "许明", "department": "销售部", "title": "客户经理", "staff_number": "",
        "payload": payload(BarcodeType.PERSON, 7),
    }  # fmt: skip
    pdf = render_form("person_card", {"cards": [values]})
    assert len(fonts_of(pdf)) >= 2
    assert len(pdf) < 60_000
