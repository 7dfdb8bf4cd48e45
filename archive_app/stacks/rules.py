"""Pure rules of the stacks: what goes into what, how a place is called, in which order things stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from archive_app.core.i18n import _

KINDS = ("room", "cabinet", "shelf", "box")
UNDER = {"room": (None,), "cabinet": ("room",), "shelf": ("cabinet",), "box": ("shelf", "cabinet")}
HOLDS = ("cabinet", "shelf", "box")
"""Places into which a folder or volume can be put."""
CODE_MAX, NAME_MAX, MOST_AT_ONCE = 12, 60, 60

# How a place is said: a room by its name, else with its word (A03 柜 2 格 盒 04).
_SAID = {"room": "{}", "cabinet": "{} 柜", "shelf": "{} 格", "box": "盒 {}"}
_WORDS = re.compile(r"[\s柜格盒]+")


def path_words(way: Iterable[tuple[str, str, str]]) -> str:
    """The whole way in words from (kind, code, name) of each place, the room first."""
    called = ((kind, (name or code) if kind == "room" else code) for kind, code, name in way)
    return " ".join(_SAID[kind].format(code) for kind, code in called)


def short_code(way: Sequence[tuple[str, str]]) -> str:
    """What stands big on the label, from (kind, code) of each place: the codes below the room (A03-2-04)."""
    below = [code for kind, code in way if kind != "room"]
    return "-".join(below) or way[-1][1]


def folded(text: str) -> str:
    """A typed code or way in one form: half width, upper case, words for kinds and blanks as dashes."""
    text = unicodedata.normalize("NFKC", text).upper()
    text = re.sub(r"[－—–−·‐‑_./]", "-", text)
    return re.sub(r"-+", "-", _WORDS.sub("-", text)).strip("-")


def check_kind(kind: str, parent: str | None) -> dict[str, str]:
    """A place stands where its kind may stand: cabinets in rooms, shelves in cabinets, boxes on either."""
    if kind in KINDS and parent in UNDER[kind]:
        return {}
    return {"parent": _("柜放在库房里，格在柜里，盒在格或柜里。")}


def check_names(code: str, name: str, path: str) -> dict[str, str]:
    """Code and name can be printed and the whole way is not too long."""
    errors = {}
    if not code:
        errors["code"] = _("请填代号，例如 A03。")
    elif len(code) > CODE_MAX:
        errors["code"] = _("代号最多 %(n)s 个字。", n=CODE_MAX)
    if len(name) > NAME_MAX:
        errors["name"] = _("名称最多 %(n)s 个字。", n=NAME_MAX)
    return errors or ({"name": _("整条路径太长，请缩短名称。")} if len(path) > 200 else {})


def codes(first: str, count: int) -> list[str]:
    """``count`` codes in a row from ``first`` on: 1, 2, 3 or A01, A02; empty when it ends in no digit."""
    if count == 1:
        return [first]
    match = re.fullmatch(r"(.*?)([0-9]+)", first)
    if match is None:
        return []
    head, digits = match.groups()
    return [f"{head}{int(digits) + n:0{len(digits)}d}" for n in range(count)]


def next_code(taken: Iterable[str]) -> str:
    """The code that follows the last one in use, or "1" in an empty place."""
    ends = sorted((natural(code), code) for code in taken if code[-1:].isdigit())
    return codes(ends[-1][1], 2)[1] if ends else "1"


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts numbers inside a text by their value: 2 before 10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", text)
    return tuple((0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part) for part in parts)


def shelf_order(category: str, year: int, serial: int) -> tuple[Any, ...]:
    """The order of folders on a shelf and in a list: class, then file number (CAT-25)."""
    return (category, year, serial)
