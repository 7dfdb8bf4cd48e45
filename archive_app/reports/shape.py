"""The shape of a register: its fields, how they stand on screen and paper, where its rows come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from archive_app.core.clock import local
from archive_app.core.i18n import Lazy
from archive_app.policy.words import long_span
from archive_app.reports.filters import Filters
from archive_app.reports.sight import Sight

BESIDE = ("secrecy",)
"""Fields that stand beside the one before them, not below."""
Values = dict[str, Any]
"""One row: a value for each field, ``id``, ids to link to (``folder_id`` …), ``late``, ``classified``."""


@dataclass(frozen=True)
class Ask:
    """A question put to a register: narrowed to what, for whose eyes, of which archive unit, as of when."""

    filters: Filters
    sight: Sight
    unit: int
    at: datetime


@dataclass(frozen=True)
class Field:
    """One value of a row. ``kind``: text, moment, day, span, number, yuan; ``width`` in characters.

    Kind "words": made of other fields for screen and paper; Excel and JSON have those others.
    """

    name: str
    heading: Lazy
    kind: str = "text"
    width: int = 12


@dataclass(frozen=True)
class Column:
    """Fields that stand under one heading, one below the other; ``width`` in mm of a line of 247.

    ``wide``: takes the whole line on a phone; ``phone`` false: is left out there.
    """

    heading: Lazy
    width: int
    fields: tuple[str, ...]
    phone: bool = True
    wide: bool = False
    right: bool = False


@dataclass(frozen=True)
class Figure:
    """A figure at the head of a register."""

    text: str
    n: int
    stop: bool = False


@dataclass(frozen=True)
class Listed:
    """Rows out of the database, paged by the key (``moment``, ``row_id``).

    ``query`` gives plain rows with ``id`` and ``moment``; ``values`` makes many of them at once, so that
    a page costs the same few queries however long it is.
    """

    query: Callable[[Ask], Any]
    moment: Any
    row_id: Any
    values: Callable[[Ask, list[Any]], list[Values]]
    newest_first: bool = True


@dataclass(frozen=True)
class Register:
    """A register or report. ``source`` lists rows, or computes the few that there are."""

    name: str
    title: Lazy
    lead: Lazy
    icon: str
    fields: tuple[Field, ...]
    columns: tuple[Column, ...]
    source: Listed | Callable[[Ask], list[Values]]
    figures: Callable[[Ask], list[Figure]]
    kinds: Mapping[str, Lazy] = field(default_factory=dict)
    states: Mapping[str, Lazy] = field(default_factory=dict)
    any_state: Lazy = Lazy("全部")  # noqa: RUF009 - immutable
    by_period: bool = True
    by_person: bool = True
    by_level: bool = True

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields by name."""
        return {each.name: each for each in self.fields}

    @property
    def plain(self) -> list[Field]:
        """The fields that a table for machines has."""
        return [each for each in self.fields if each.kind != "words"]

    def lines(self, values: Values, column: Column) -> list[str]:
        """What stands in a column, one line a field that says something; the level behind the number."""
        lines: list[str] = []
        for name in column.fields:
            line = shown(self.by_name[name].kind, values.get(name))
            if line and name in BESIDE and lines:
                lines[-1] = f"{lines[-1]} {line}"
            elif line:
                lines.append(line)
        return lines


def shown(kind: str, value: Any) -> str:
    """A value as it is written on screen and paper; nothing is empty."""
    if value in (None, ""):
        return ""
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}" if kind == "moment" else f"{local(value):%Y-%m-%d}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return long_span(value)
    if kind == "yuan":
        return f"{value / 100:,.2f}"
    return str(value)
