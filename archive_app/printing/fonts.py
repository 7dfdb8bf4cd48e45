"""The installed fonts: which characters they can print, and how wide the characters are."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

STACK = ("Noto Sans CJK SC", "BabelStone Han", "DejaVu Sans")
"""Families of a label in the order they are tried; the last one is for Arabic and other scripts."""


class Face(NamedTuple):
    """One font face: a file and the number of the face in it."""

    path: str
    number: int


@cache
def installed() -> dict[tuple[str, int], Face]:
    """Upright font faces of this machine by (family, weight)."""
    import typst

    return {
        (font.family, font.weight): Face(font.path, font.index)
        for font in typst.Fonts(include_embedded_fonts=False).fonts()
        if font.path and font.style == "normal"
    }


@cache
def coverage(face: Face) -> frozenset[int]:
    """The code points a face has glyphs for."""
    from fontTools.ttLib import TTFont

    with TTFont(face.path, fontNumber=face.number, lazy=True) as font:
        font.setGlyphOrder([""] * font["maxp"].numGlyphs)  # names would cost a second and 100 MB
        return frozenset(font.getBestCmap() or ())


def stack(bold: bool) -> Iterator[Face]:
    """The installed faces of STACK, bold where there is a bold one."""
    for family in STACK:
        face = installed().get((family, 700 if bold else 400)) or installed().get((family, 400))
        if face:
            yield face


@lru_cache(maxsize=20_000)
def face_for(char: str, bold: bool) -> Face | None:
    """The first face of STACK that can print a character, else any installed one, else None."""
    for face in stack(bold):
        if ord(char) in coverage(face):
            return face
    return next((face for face in _last_resort() if ord(char) in coverage(face)), None)


@cache
def _last_resort() -> tuple[Face, ...]:
    """One regular face a file: the languages of a collection share their characters."""
    regular = [face for (_family, weight), face in installed().items() if weight == 400]
    return tuple({face.path: face for face in regular}.values())


def missing_glyphs(text: str) -> set[str]:
    """Characters of a text that no installed font can print; ask before printing and warn by character."""
    return {char for char in set(text) if _shows(char) and face_for(char, False) is None}


def _shows(char: str) -> bool:
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return False  # a variation selector has no shape of its own
    return unicodedata.category(char) not in {"Cc", "Cf", "Zs", "Zl", "Zp"}


@lru_cache(maxsize=20_000)
def advance(char: str, bold: bool) -> float:
    """Width of a character in em: Han is 1; what no font can print counts as 1."""
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    if unicodedata.combining(char):
        return 0.0
    face = face_for(char, bold)
    return float(_ruler(face).getlength(char)) / 1000 if face else 1.0


@cache
def _ruler(face: Face):  # type: ignore[no-untyped-def]  # Pillow is imported only when something is drawn
    from PIL import ImageFont

    return ImageFont.truetype(face.path, 1000, index=face.number)
