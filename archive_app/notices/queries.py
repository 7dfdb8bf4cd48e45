"""Read-only selects of notices: a person's list by page, the count for the bell, and what may be opened."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive_app.notices.models import Notice
from archive_app.people.actor import Actor

PAGE = 30
MOST = 100  # the bell counts no further

# What a notice may be about: route parameter -> which of these ids the person may know of now. The rooms
# above fill it; a parameter that nobody answers for is opened by its own page, which asks again anyway.
may_know: dict[str, Callable[[Actor, set[int], datetime], set[int]]] = {}


@dataclass(frozen=True)
class Line:
    """A notice on the screen; ``target`` are route values, None when there is no page to see (any more)."""

    notice: Notice
    target: dict[str, Any] | None


@dataclass(frozen=True)
class Page:
    """One page of notices, newest first; ``older`` and ``newer`` are keys of the neighbours, or None."""

    lines: list[Line]
    older: int | None = None
    newer: int | None = None


def count_unread(user_id: int) -> int:
    """How many notices a person has not read, at most `MOST`."""
    rows = Notice.select(Notice.id).where((Notice.user == user_id) & Notice.read_at.is_null()).limit(MOST)
    return len(rows.tuples())


def page(
    actor: Actor, at: datetime, *, unread: bool = False, older: int | None = None, newer: int | None = None
) -> Page:
    """One page of a person's own notices."""
    rows = Notice.select().where(Notice.user == actor.user_id)
    if unread:
        rows = rows.where(Notice.read_at.is_null())
    if newer is not None:
        found = list(rows.where(Notice.id > newer).order_by(Notice.id).limit(PAGE + 1))
        shown = found[:PAGE][::-1]
        ends = (shown[-1].id if shown else None, shown[0].id if len(found) > PAGE else None)
    else:
        if older is not None:
            rows = rows.where(Notice.id < older)
        found = list(rows.order_by(Notice.id.desc()).limit(PAGE + 1))
        shown = found[:PAGE]
        first = shown[0].id if shown and older is not None else None
        ends = (shown[-1].id if len(found) > PAGE else None, first)
    return Page(lines(actor, shown, at), *ends)


def lines(actor: Actor, notices: Iterable[Notice], at: datetime) -> list[Line]:
    """The notices with what may be opened, one query for each kind of thing they are about."""
    rows = [(notice, json.loads(notice.about)) for notice in notices]
    asked: dict[str, set[int]] = defaultdict(set)
    for _notice, about in rows:
        for name, value in about.items():
            if name in may_know and isinstance(value, int):
                asked[name].add(value)
    known = {name: may_know[name](actor, ids, at) for name, ids in asked.items()}
    return [
        Line(notice, about if notice.endpoint and _knows(about, known) else None) for notice, about in rows
    ]


def _knows(about: dict[str, Any], known: dict[str, set[int]]) -> bool:
    return all(value in known[name] for name, value in about.items() if name in known)
