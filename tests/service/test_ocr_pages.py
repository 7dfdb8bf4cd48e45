"""Real reading of real pages, as the background does it: in the guarded child, on files."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from PIL import Image, ImageDraw

from archive_app.demo import pages
from archive_app.scans import guard
from archive_app.scans.ocr import boxes_for
from tests.bench.line_error import line_error_rate
from tests.pages import SHARED, page_files

PHRASES = ("产品购销合同", "成都天府食品", "数控铣床", "验收合格", "XS-2026-0001")


@pytest.fixture(scope="module")
def contract():
    return pages.contract_page(
        "XS-2026-0001", "成都天府食品销售有限公司", "上海恒远机械设备有限公司", "2026-03-12"
    )


@pytest.fixture(scope="module")
def head(contract):
    """The upper part of the contract, which is read faster."""
    height = 1400
    placed = tuple(piece for piece in contract.placed if piece.box[1] + piece.box[3] < height)
    return replace(contract, image=contract.image.crop((0, 0, contract.image.width, height)), placed=placed)


@pytest.fixture(scope="module")
def read(contract, tmp_path_factory):
    """The contract as read, clean."""
    return guard.read_page(pages.save(contract, tmp_path_factory.mktemp("clean")), contract.dpi)


def drawn_box(page, phrase):
    """Where the generator drew a phrase, by even characters of its line, and how high it is."""
    piece = next(piece for piece in page.placed if phrase in piece.text)
    face = pages.serif(pages.TITLE if piece is page.placed[0] else pages.BODY)
    if "数控" in phrase:
        face = pages.serif(pages.SMALL)
    x, y, _width, height = piece.box
    before = piece.text[: piece.text.index(phrase)]
    start = x + face.getlength(before)
    return start, y, start + face.getlength(phrase), y + height


@pytest.mark.requirement("ELE-19")
def test_a_clean_page_is_read_nearly_without_mistakes(contract, read):
    assert line_error_rate(contract.truth, read.text) < 0.03
    assert read.confidence > 80
    assert (read.engine, read.size, read.dpi) == ("tesseract", contract.image.size, 300)
    assert "chi_sim+eng" in read.engine_version


def test_chinese_words_have_no_spaces_inside(read):
    clauses = [line for line in read.text.splitlines() if re.match("第.条", line)]
    assert len(clauses) == 6
    assert not any(" " in clause for clause in clauses)


@pytest.mark.parametrize("phrase", PHRASES)
def test_the_boxes_of_a_word_cover_its_ink(contract, read, phrase):
    left, top, right, bottom = drawn_box(contract, phrase)
    start = read.text.index(phrase)
    (box,) = boxes_for(read, start, start + len(phrase))
    x, y, width, height = box
    assert x <= left + 20 and x + width >= right - 20
    assert y <= top + 12 and y + height >= bottom - 12
    assert width < (right - left) + 70 and height < (bottom - top) + 60


def test_positions_are_those_of_the_slanting_page_that_was_given(head, tmp_path):
    slanting = pages.turned(head, 1.6)
    result = guard.read_page(pages.save(slanting, tmp_path), 300)
    assert result.angle == pytest.approx(-1.6, abs=0.1)
    phrase = "成都天府食品销售有限公司"
    start = result.text.index(phrase)
    boxes = boxes_for(result, start, start + len(phrase))
    drawn = next(piece.box for piece in slanting.placed if phrase in piece.text)
    assert min(box[1] for box in boxes) == pytest.approx(drawn[1], abs=20)
    assert max(box[0] + box[2] for box in boxes) == pytest.approx(drawn[0] + drawn[2], abs=30)


def test_a_page_scanned_upside_down_is_turned_and_its_places_are_kept(head, tmp_path):
    lying = pages.turned(head, 180)
    result = guard.read_page(pages.save(lying, tmp_path), 300)
    assert 179 < result.angle < 181
    start = result.text.index("产品购销合同")
    (box,) = boxes_for(result, start, start + 6)
    drawn = lying.placed[0].box
    assert box[0] == pytest.approx(drawn[0], abs=20) and box[1] == pytest.approx(drawn[1], abs=20)


def test_a_page_lying_on_its_side_is_read(head, tmp_path):
    side = replace(head, image=head.image.transpose(Image.Transpose.ROTATE_90))
    result = guard.read_page(pages.save(side, tmp_path), 300)
    assert "产品购销合同" in result.text
    x, y, width, height = boxes_for(result, result.text.index("产品"), result.text.index("产品") + 6)[0]
    assert height > 4 * width
    left, top, across, _down = head.placed[0].box  # turned counter-clockwise: across becomes up
    assert (x, y) == (pytest.approx(top, abs=20), pytest.approx(head.image.width - left - across, abs=20))


def test_a_blank_page_gives_nothing(tmp_path):
    path = tmp_path / "blank.png"
    Image.new("L", (1240, 1754), 244).save(path, dpi=(150, 150))
    result = guard.read_page(path, 150)
    assert (result.text, result.lines, result.confidence) == ("", (), 0)


def test_writing_under_a_red_seal_is_read(contract, tmp_path):
    sealed = pages.worn(contract, "stamp", 3)
    result = guard.read_page(pages.save(sealed, tmp_path), 300)
    assert line_error_rate(contract.truth, result.text) < 0.05


def test_a_red_secrecy_mark_is_not_lost_with_the_seals(head, tmp_path):
    image = head.image.convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.text((1900, 120), "绝密", fill=pages.RED, font=pages.serif(140))
    draw.rectangle((1870, 130, 2210, 330), outline=pages.RED, width=8)
    result = guard.read_page(pages.save(replace(head, image=image), tmp_path), 300)
    start = result.text.index("绝密")
    (box,) = boxes_for(result, start, start + 2)
    assert box[0] == pytest.approx(1905, abs=30) and box[1] == pytest.approx(160, abs=40)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared test pages are not beside the project")
@pytest.mark.parametrize("condition", ["d150", "stamp"])
def test_a_shared_page_is_read_within_the_target(condition):
    page = next(page for page in page_files() if page.condition == condition)
    result = guard.read_page(page.path, page.dpi)
    assert line_error_rate(page.truth, result.text) <= 0.06


def test_no_word_of_a_line_lies_over_the_next_one(read):
    pairs = [(a.box, b.box) for line in read.lines for a, b in pairwise(line.words)]
    assert len(pairs) > 100
    assert all(a[0] + a[2] <= b[0] + 2 for a, b in pairs if b[0] > a[0])
