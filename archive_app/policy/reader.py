"""Reading TOML with care: every fault is collected with its key, its line and what is allowed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from archive_app.core.errors import ArchiveError
from archive_app.core.i18n import _

T = TypeVar("T")
Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_AT_LINE = re.compile(r"line (\d+)")
SIZE, LINE = 1_000_000, 2_000  # characters of a file, and of one of its lines: no rule needs more
DEPTH = 12  # of a table in a table
MOST, LONGEST = 50, 400  # faults that are said one by one; characters of what is allowed instead


@dataclass(frozen=True)
class Problem:
    """One fault of a rule book: where it stands, what is wrong, what is allowed."""

    key: str
    line: int
    message: str
    allowed: str = ""

    def __str__(self) -> str:
        head = _("第 %(line)s 行 %(key)s：%(message)s", line=self.line, key=self.key, message=self.message)
        allowed = self.allowed if len(self.allowed) <= LONGEST else self.allowed[:LONGEST] + "…"
        return head + (_("允许：%(allowed)s。", allowed=allowed) if allowed else "")


class RuleBookError(ArchiveError):
    """A rule book that cannot be used; ``problems`` names every fault found, in the order of lines.

    ``shown`` are the first of them, ``more`` says how many others there are.
    """

    def __init__(self, source: str, problems: Collection[Problem]) -> None:
        self.source = source
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        head = _("制度文件 %(source)s 有 %(n)s 处不能用：", source=source, n=len(self.problems))
        self.shown, rest = self.problems[:MOST], len(self.problems) - MOST
        self.more = [_("另有 %(n)s 处。", n=rest)] if rest > 0 else []
        super().__init__("\n".join([head, *map(str, self.shown), *self.more]))


class Table:
    """One table of the file; each reading method takes a key off and notes a fault instead of raising."""

    def __init__(self, data: Mapping[str, Any], path: Path, lines: Mapping[Path, int], faults: list[Problem]):
        self.data, self.path, self.lines, self.faults = data, path, lines, faults
        self.taken: set[str] = set()

    # Faults

    def line(self, *path: str | int) -> int:
        """Return the line of a key, or of the nearest table around it."""
        full = self.path + path
        return next((self.lines[full[:n]] for n in range(len(full), -1, -1) if full[:n] in self.lines), 1)

    def fault(self, key: str | int | None, message: str, allowed: str = "") -> None:
        """Note a fault of ``key`` (None: of the table itself)."""
        rest = () if key is None else (key,)
        self.faults.append(Problem(dotted(self.path + rest), self.line(*rest), message, allowed))

    def done(self) -> None:
        """Refuse every key that nobody has read: a misspelt rule must not pass in silence."""
        for key in self.data:
            if key not in self.taken:
                self.fault(key, _("不认识这个键。"), "、".join(sorted(self.taken)))

    # Values

    def value(self, key: str, kind: type[T], allowed: str, default: T | None = None) -> T | None:
        """Return the value of ``key`` if it is of ``kind``; without a default a missing key is a fault."""
        self.taken.add(key)
        if key not in self.data:
            if default is None:
                self.fault(key, _("缺少这个键。"), allowed)
            return default
        found = self.data[key]
        if isinstance(found, kind) and not (kind is int and isinstance(found, bool)):
            return found
        self.fault(key, _("%(value)s 不能用。", value=shown(found)), allowed)
        return default

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must not be empty."""
        found = self.value(key, str, _("文字"), default)
        if found is not None and not found.strip() and default is None:
            self.fault(key, _("不能为空。"), _("文字"))
        return found or ""

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """Return a whole number from ``least`` to ``most``."""
        allowed = _("%(least)s 到 %(most)s 的整数", least=least, most=most)
        found = self.value(key, int, allowed, default)
        if found is not None and not least <= found <= most:
            self.fault(key, _("%(value)s 不能用。", value=shown(found)), allowed)
        return least if found is None else found

    def decimal(self, key: str, least: float, most: float) -> float:
        """Return a number from ``least`` to ``most``, whole or with decimals."""
        allowed = _("%(least)s 到 %(most)s 的数", least=least, most=most)
        kind: type = int if isinstance(self.data.get(key), int) else float
        found = self.value(key, kind, allowed)
        if found is not None and not least <= found <= most:
            self.fault(key, _("%(value)s 不能用。", value=shown(found)), allowed)
        return least if found is None else float(found)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Return true or false."""
        return bool(self.value(key, bool, "true、false", default))

    def choice(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """Return one of the ``allowed`` words."""
        listed = "、".join(allowed)
        found = self.value(key, str, listed, default)
        if found is not None and found not in allowed:
            self.fault(key, _("%(value)s 不能用。", value=shown(found)), listed)
        return found or ""

    def choices(
        self, key: str, allowed: Collection[str] | None, default: list[str] | None = None
    ) -> tuple[str, ...]:
        """Return a list of ``allowed`` words (None: any text), each at most once."""
        listed = "、".join(allowed) if allowed is not None else _("文字的列表")
        found = self.value(key, list, listed, default) or []
        for number, each in enumerate(found):
            if not isinstance(each, str) or (allowed is not None and each not in allowed):
                self.fault(key, _("%(value)s 不能用。", value=shown(each)), listed)
            elif each in found[:number]:
                self.fault(key, _("%(value)s 重复。", value=shown(each)), listed)
        return tuple(each for each in found if isinstance(each, str))

    # Tables inside

    def table(self, key: str, optional: bool = False) -> Table:
        """Return the table under ``key``; a missing one is a fault and reads as empty."""
        found = self.value(key, dict, _("一个表"), {} if optional else None)
        return Table(found or {}, (*self.path, key), self.lines, self.faults)

    def tables(self, key: str, optional: bool = False) -> list[Table]:
        """Return the tables of the list under ``key``."""
        found = self.value(key, list, _("表的列表"), [] if optional else None) or []
        whole = []
        for number, each in enumerate(found):
            if isinstance(each, dict):
                whole.append(Table(each, (*self.path, key, number), self.lines, self.faults))
            else:
                self.fault(key, _("%(value)s 不能用。", value=shown(each)), _("一个表"))
        return whole

    def each(self) -> Iterator[tuple[str, Table]]:
        """Yield every table of a table of tables, with its key."""
        for key in self.data:
            yield key, self.table(key)

    def whole_of(self, make: Callable[[Table], T]) -> T:
        """Return what ``make`` reads from this table, then refuse the keys that it did not read."""
        made = make(self)
        self.done()
        return made


def open_text(text: str, source: str) -> Table:
    """Return the whole file as a table. Raises RuleBookError: it is not TOML, or nothing to be read."""
    if too_long := _too_long(text):
        raise RuleBookError(source, [too_long])
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers and brackets beyond all measure
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        why = _("括号套得太深") if isinstance(error, RecursionError) else error
        problem = Problem("TOML", line, _("文件不是合格的 TOML（%(why)s）。", why=why))
        raise RuleBookError(source, [problem]) from error
    return Table(data, (), key_lines(text), [])


def _too_long(text: str) -> Problem | None:
    """What keeps a file from being read at all: reading it would take minutes."""
    if len(text) > SIZE:
        return Problem("TOML", 1, _("文件太长。"), _("最多 %(n)s 字", n=SIZE))
    long = (number for number, line in enumerate(text.split("\n"), 1) if len(line) > LINE)
    if number := next(long, 0):
        return Problem("TOML", number, _("这一行太长。"), _("最多 %(n)s 字", n=LINE))
    return None


def key_lines(text: str) -> dict[Path, int]:
    """Return the line of every table header and key that starts a line; tomllib does not tell."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    rows: Path = ()  # the key of a list that is written over several lines
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            name = _parts(header[2])[:DEPTH]
            for length in range(1, len(name) + 1):
                lines.setdefault(name[:length], number)
            table = _numbered(name, counts, header[1] == "[[")
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault(table + _parts(key[1]), number)
            rows = table + _parts(key[1]) if line.rstrip().endswith("[") else ()
        elif rows and line.lstrip().startswith("{"):
            counts[rows] = counts.get(rows, -1) + 1
            lines[(*rows, counts[rows])] = number
    return lines


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(name))


def _numbered(name: tuple[str, ...], counts: dict[Path, int], opens: bool) -> Path:
    """The path of a header with the numbers of the lists it stands in."""
    path: Path = ()
    for part in name:
        path = (*path, part)
        if opens and len(name) == sum(isinstance(each, str) for each in path):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def dotted(path: Path) -> str:
    """Return a path as people write it: chains[2].steps."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: object) -> str:
    """Return a value as it stands in the file, shortened."""
    if isinstance(value, int) and abs(value) > 10**40:
        return "…"  # so many digits that Python does not write them
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"
