"""File numbers by template: building one, and reading its canonical form back (档号)."""

from __future__ import annotations

import re
from functools import lru_cache
from string import Formatter

from archive_app.core.i18n import _

TOKENS = ("fonds", "category", "year", "serial", "retention", "department")
REQUIRED = ("category", "year", "serial")
_WIDTH = re.compile(r"0([1-9])d")


def build(template: str, category: str, year: int, serial: int, **more: str) -> str:
    """Return the number for these values. Raises KeyError: the template asks for a value not given."""
    return template.format(category=category, year=year, serial=serial, **more)


def parse(template: str, categories: tuple[str, ...], text: str) -> tuple[str, int, int] | None:
    """Return (category, year, serial) if ``text`` is exactly what ``build`` would make, else None."""
    found = _pattern(template, categories).fullmatch(text)
    if not found:
        return None
    values = found.groupdict()
    category, year, serial = values.pop("category"), int(values.pop("year")), int(values.pop("serial"))
    return (category, year, serial) if build(template, category, year, serial, **values) == text else None


def fault(template: str) -> str | None:
    """Return what is wrong with a template (in the reader's language, for the loader), or None."""
    try:
        fields = [
            (name, spec) for _text, name, spec, _conv in Formatter().parse(template) if name is not None
        ]
    except ValueError:
        return _("花括号不成对")
    names = [name for name, _spec in fields]
    if unknown := [name for name in names if name not in TOKENS]:
        return _("不认识的字段 {%(name)s}", name=unknown[0])
    if missing := [name for name in REQUIRED if names.count(name) != 1]:
        return _("字段 {%(name)s} 要出现一次", name=missing[0])
    if len(set(names)) != len(names):
        return _("字段重复")
    bad = [name for name, spec in fields if spec and not (name == "serial" and _WIDTH.fullmatch(spec))]
    return _("字段 {%(name)s} 的格式不能用", name=bad[0]) if bad else _ambiguity(template)


def _ambiguity(template: str) -> str | None:
    """Two fields that touch could be cut in two places: a number would have two meanings."""
    parts = list(Formatter().parse(template))
    touching = any(not part[0] for part in parts[1:] if part[1] is not None)
    return _("相邻字段之间要有分隔符") if touching else None


@lru_cache(maxsize=64)
def _pattern(template: str, categories: tuple[str, ...]) -> re.Pattern[str]:
    shapes = {
        "category": "|".join(re.escape(code) for code in sorted(categories, key=len, reverse=True)),
        "year": "[0-9]{4}",
        "serial": "[0-9]{1,9}",
    }
    pieces = []
    for literal, name, _spec, _conversion in Formatter().parse(template):
        pieces.append(re.escape(literal))
        if name:
            pieces.append(f"(?P<{name}>{shapes.get(name, '[0-9A-Za-z]+')})")
    return re.compile("".join(pieces))
