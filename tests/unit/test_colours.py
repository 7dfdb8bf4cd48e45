"""Every pair of colours that carries text has the contrast of WCAG AA, in the light and in the dark."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "archive_app" / "web" / "static"
GROUNDS = ("paper", "sheet", "sunken", "hover", "sel")
TEXTS = ("ink", "ink-2", "ink-3", "accent", "ok", "wait", "stop", "sec")
TINTS = ("accent-soft", "ok-soft", "wait-soft", "stop-soft", "sec-soft")
PAIRS = [
    *product(TEXTS, GROUNDS),
    *product(("ink", "ink-2"), TINTS),
    *((tint.removesuffix("-soft"), tint) for tint in TINTS),
    ("ink", "hit"),
    ("sheet", "sec"),  # the filled mark of 绝密
    *product(("on-fill",), ("accent-fill", "accent-press", "band-ok", "band-stop", "band-wait", "band-none")),
]


def tokens(theme: str) -> dict[str, str]:
    """The colour tokens of ``light`` or ``dark`` as the browser sees them."""
    found: dict[str, str] = {}
    for name in ("ui.css", "dark.css") if theme == "dark" else ("ui.css",):
        block = re.search(r"^:root \{(.*?)^\}", (STATIC / name).read_text(), re.S | re.M)
        assert block, name
        found |= dict(re.findall(r"--([\w-]+):(#[0-9A-F]{6});", block[1]))
    return found


def luminance(colour: str) -> float:
    """Relative luminance of ``#RRGGBB`` (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_ruler_is_right() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read_on_its_ground(theme: str, text: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "sheet", "sunken"])
def test_the_edge_of_a_field_can_be_seen(theme: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours["edge"], colours[ground]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "sheet", "sunken"])
def test_the_ring_of_the_focus_can_be_seen(theme: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours["accent"], colours[ground]) >= 3


def test_the_dark_has_every_colour_of_the_light() -> None:
    dark = re.search(r"^:root \{(.*?)^\}", (STATIC / "dark.css").read_text(), re.S | re.M)
    assert dark
    assert set(re.findall(r"--([\w-]+):#", dark[1])) == set(tokens("light"))


def test_colours_are_named_once() -> None:
    """Outside the tokens stands only what is the same in every light: labels, page boxes, the cover."""
    page_boxes, cover = {"#FFD75E", "#9A6500", "#FFB84D", "#A82A1E"}, {"#F4EFE2", "#F8F4E8", "#1F2429"}
    allowed = {"#fff", "#111", "#000"} | page_boxes | cover
    for name in ("ui.css", "parts.css", "phone.css"):
        text = re.sub(r"^:root \{.*?^\}", "", (STATIC / name).read_text(), flags=re.S | re.M)
        assert set(re.findall(r"#[0-9A-Fa-f]{3,6}\b(?=[^{}]*\})", text)) <= allowed, name
