"""Copies for the screen: small enough to load, and of classified pages marked with who reads them."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from archive_app.demo import pages
from archive_app.scans.page_copies import derive, watermark

READER = "王静娟 2026-11-19 10:00 借阅 42"


def grey(data):
    with Image.open(BytesIO(data)) as image:
        return np.asarray(image.convert("L"), dtype=np.int16)


@pytest.fixture(scope="module")
def copies():
    return derive(pages.policy_page(1).image)


def test_the_view_is_large_enough_to_read_and_the_thumbnail_is_not(copies):
    assert copies.size == (1414, 2000)
    assert grey(copies.view).shape == (2000, 1414)
    assert max(grey(copies.thumb).shape) == 200
    assert len(copies.view) < 250_000 and len(copies.thumb) < 10_000


def test_a_small_page_is_not_blown_up():
    assert derive(Image.new("1", (700, 900), 1)).size == (700, 900)


def test_the_watermark_is_baked_in_all_over_and_hides_nothing(copies):
    before, after = grey(copies.view), grey(watermark(copies.view, READER))
    marked = (before - after) > 15
    for band in np.array_split(marked, 4, axis=0):
        assert 0.005 < band.mean() < 0.25
    paper = before > 250
    assert 215 <= np.percentile(after[paper], 1) <= 235  # 13 % of ink on white
    writing = before < 60
    assert after[writing].mean() < 70


def test_another_reader_gets_another_picture(copies):
    assert watermark(copies.view, READER) != watermark(copies.view, READER.replace("王静娟", "孙丽"))


def test_a_colour_page_stays_in_colour():
    data = derive(pages.worn(pages.policy_page(1), "stamp").image).view
    with Image.open(BytesIO(watermark(data, READER))) as image:
        channels = np.asarray(image.convert("RGB"), dtype=np.int16)
    assert ((channels[:, :, 0] - channels[:, :, 1]) > 80).mean() > 0.002
