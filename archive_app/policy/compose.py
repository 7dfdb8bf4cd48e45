"""A profile says only what differs: the rest is copied from another one, and the result stands alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

from archive_app.core.i18n import _
from archive_app.policy.reader import Problem, RuleBookError, open_text

_MARK = re.compile(r"^#: 其余照 (?P<base>[\w-]+)：(?P<names>.+)$", re.MULTILINE)
_HEADER = re.compile(r"^\[\[?([^\]]+)\]")
_RULE = re.compile(r"rules\.([\w-]+)$")
TABLES = ("refused", "rules")  # in these every text is the name of a rule
COPIED = "# ———————————————————————————— 以下照 {base} 抄录"


def profiles() -> tuple[str, ...]:
    """Return the names of the rule books that come with the program."""
    folder = resources.files("archive_app.policy") / "profiles"
    return tuple(sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml")))


def profile_text(name: str) -> str:
    """Return the whole text of a profile, complete in itself: this is what is adopted and stored.

    Raises KeyError: there is no such profile. Raises RuleBookError: it copies what there is not.
    """
    text = _own_text(name)
    mark = _MARK.search(text)
    if mark is None:
        return text
    base = mark["base"]
    if base == name:
        raise KeyError(base)
    return compose(text, profile_text(base), name)


def compose(text: str, base: str, source: str) -> str:
    """Return ``text`` with the tables that its first lines name, copied from ``base`` with their comments.

    A line ``#: 其余照 default：desk roles.auditor`` copies the tables desk and roles.auditor and what stands
    in them. Rules that are referred to and not written in ``text`` are copied as well; its own rules win.
    Raises RuleBookError: ``base`` has no such table, or ``text`` has it too.
    """
    marks = [*_MARK.finditer(text)]
    if not marks:
        return text
    blocks = [*_blocks(base)]
    names = [name for mark in marks for name in mark["names"].split()]
    own = open_text(text, source).data
    _check(names, [header for header, _block in blocks], own, source)
    taken = [block for header, block in blocks if any(_within(header, name) for name in names)]
    needed = _rules_of(open_text("\n".join([text, *taken]), source).data) - own.get("rules", {}).keys()
    rules = [block for header, block in blocks if (rule := _RULE.match(header)) and rule[1] in needed]
    head = _MARK.sub(lambda mark: f"# 照 {mark['base']} 抄录的表：{mark['names']}", text).rstrip()
    return "\n\n".join([head, COPIED.format(base=marks[0]["base"]), *rules, *taken]) + "\n"


def _own_text(name: str) -> str:
    if name not in profiles():
        raise KeyError(name)
    return (resources.files("archive_app.policy") / "profiles" / f"{name}.toml").read_text("utf-8")


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of every table: its header, the comment above it, and its keys."""
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    starts = [_above(lines, number) for number in heads]
    for head, start, end in zip(heads, starts, [*starts[1:], len(lines)], strict=True):
        found = _HEADER.match(lines[head])
        assert found is not None
        yield found[1], "\n".join(lines[start:end]).strip()


def _above(lines: list[str], number: int) -> int:
    """The first line of the comment that stands before a header."""
    while number and (not lines[number - 1].strip() or lines[number - 1].startswith("#")):
        number -= 1
    return number


def _within(header: str, name: str) -> bool:
    return header == name or header.startswith(f"{name}.")


def _check(names: list[str], headers: list[str], own: Any, source: str) -> None:
    wrong = [name for name in names if not any(_within(header, name) for header in headers)]
    twice = [name for name in names if _has(own, name)]
    told = [(name, _("要照抄的表不存在。")) for name in wrong]
    told += [(name, _("这个表自己写了，就不能再照抄。")) for name in twice]
    if told:
        raise RuleBookError(source, [Problem(name, 1, message) for name, message in told])


def _has(data: Any, name: str) -> bool:
    for part in name.split("."):
        if not isinstance(data, dict) or part not in data:
            return False
        data = data[part]
    return True


def _rules_of(data: Any, key: str = "") -> set[str]:
    """The names of all rules that the tables refer to."""
    if isinstance(data, list):
        return set().union(*(_rules_of(each, key) for each in data))
    if isinstance(data, dict):
        found = set().union(*(_rules_of(each, name) for name, each in data.items()))
        return found | ({each for each in data.values() if isinstance(each, str)} if key in TABLES else set())
    return {data} if isinstance(data, str) and (key == "rule" or key.endswith("_rule")) else set()
