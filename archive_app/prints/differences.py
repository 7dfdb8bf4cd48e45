"""What differs between the content of a print and the content of today, in words for people; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archive_app.core.i18n import Lazy, _

Names = Mapping[str, Lazy | None]
Row = dict[str, Any]
CALLED_BY = ("file_number", "number", "serial", "code", "name", "title", "kind", "text")
"""By which of its values a row of a list is called."""
NAME_SHOWN = 40


@dataclass(frozen=True)
class Difference:
    """One thing that is no longer as printed; an empty ``old`` means it came, an empty ``new`` it went."""

    where: str
    old: str
    new: str


def compare(old: Any, new: Any, names: Names) -> list[Difference]:
    """All differences from the printed values to the present ones, in the order of the sheet.

    Rows of a list are matched by their ``id``, or by position when they have none. ``names`` says what a
    value is called; a name of None leaves the value out, because it follows from another.
    """
    return list(_walk((), old, new, names))


def _walk(path: tuple[str, ...], old: Any, new: Any, names: Names) -> Iterator[Difference]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            if _is_silent(key, names):
                continue
            label = str(names.get(key) or key)
            yield from _walk((*path, label), old.get(key), new.get(key), names)
    elif _is_table(old) and _is_table(new) and (old or new):
        yield from _rows(path, old, new, names)
    else:
        yield Difference(_("·").join(path), _words(old, names), _words(new, names))


def _is_silent(key: str, names: Names) -> bool:
    """Whether a value is not told: it only tells rows apart, or follows from another."""
    return key == "id" or (key in names and names[key] is None)


def _is_table(value: Any) -> bool:
    """A list of rows; what is missing counts as an empty one."""
    return value is None or (isinstance(value, list) and all(isinstance(row, dict) for row in value))


def _rows(path: tuple[str, ...], old: Any, new: Any, names: Names) -> Iterator[Difference]:
    before, after = _matched(old or [], new or [])
    for key, row in before.items():
        here = (*path, _called(row, key))
        if key in after:
            yield from _walk(here, row, after[key], names)
        else:
            yield Difference(_("·").join(here), _words(row, names), "")
    for key, row in after.items():
        if key not in before:
            yield Difference(_("·").join((*path, _called(row, key))), "", _words(row, names))
    kept, now = [key for key in before if key in after], [key for key in after if key in before]
    if kept != now:
        first = [[_called(after[key], key) for key in keys] for keys in (kept, now)]
        yield Difference(_("·").join((*path, _("次序"))), *(_("、").join(each) for each in first))


def _matched(old: list[Row], new: list[Row]) -> tuple[dict[Any, Row], dict[Any, Row]]:
    """Both lists by id; by position if an id stands twice."""
    by_id = [{row.get("id", at): row for at, row in enumerate(rows)} for rows in (old, new)]
    if [len(rows) for rows in by_id] == [len(old), len(new)]:
        return by_id[0], by_id[1]
    return dict(enumerate(old)), dict(enumerate(new))


def _called(row: Row, key: Any) -> str:
    for name in CALLED_BY:
        if row.get(name) not in (None, ""):
            words = str(row[name])
            return words if len(words) <= NAME_SHOWN else words[:NAME_SHOWN] + "…"
    return _("第 %(n)s 行", n=key + 1) if isinstance(key, int) and "id" not in row else str(key)


def _words(value: Any, names: Names) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dict):
        shown = (_words(each, names) for key, each in value.items() if not _is_silent(key, names))
        return " ".join(word for word in shown if word)
    if isinstance(value, list):
        return _("、").join(_words(each, names) for each in value)
    return str(value)
