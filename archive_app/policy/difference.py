"""What changes between two rule books, in plain words, for the person who approves the change."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive_app.core.i18n import _

if TYPE_CHECKING:
    from archive_app.policy.book import RuleBook

NAMED_BY = ("name", "value", "principal", "kind", "offence")


@dataclass(frozen=True)
class Change:
    """One key that differs; ``old`` or ``new`` is None when the key is new or gone."""

    key: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        if self.old is None:
            return _("新增 %(key)s：%(new)s", key=self.key, new=self.new)
        if self.new is None:
            return _("删去 %(key)s：%(old)s", key=self.key, old=self.old)
        return _("%(key)s：%(old)s → %(new)s", key=self.key, old=self.old, new=self.new)


def difference(old: RuleBook, new: RuleBook) -> list[Change]:
    """Return the changes by key, in the order of the new book, then what is gone."""
    before, after = _flat(tomllib.loads(old.text)), _flat(tomllib.loads(new.text))
    keys = [*after, *(key for key in before if key not in after)]
    return [Change(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


def _flat(value: Any, path: str = "") -> dict[str, str]:
    """Every leaf by its dotted key; rows of a list of tables are called by name, their order is a leaf."""
    if isinstance(value, dict):
        pairs = [(f"{path}.{key}" if path else key, each) for key, each in value.items()]
        return {key: leaf for name, each in pairs for key, leaf in _flat(each, name).items()}
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        names = _names(value)
        order = _("%(list)s（顺序）", list=path)
        found = {order: " › ".join(names)}
        for name, each in zip(names, value, strict=True):
            found.update(_flat(each, f"{path}[{name}]"))
        return found
    return {path: _leaf(value)}


def _names(rows: list[dict[str, Any]]) -> list[str]:
    """What people call the rows: by name, numbered where there is none or it repeats."""
    named = [next((str(row[key]) for key in NAMED_BY if key in row), "") for row in rows]
    return [
        name if name and named.count(name) == 1 else f"{name} {number}".strip()
        for number, name in enumerate(named, 1)
    ]


def _leaf(value: object) -> str:
    if isinstance(value, list):
        return "、".join(map(_leaf, value)) or "—"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
