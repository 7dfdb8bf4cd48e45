"""The only transaction boundary: rows, then audit notes, then COMMIT, then jobs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol

from archive_app.core import audit
from archive_app.core.db import db, writing_turn

log = logging.getLogger(__name__)


class ActorLike(Protocol):
    """Who acts; people.Actor is the real one."""

    @property
    def username(self) -> str: ...


class Work:
    """One public verb's transaction: collects notes and jobs until the end."""

    def __init__(self, actor: ActorLike, at: datetime) -> None:
        self.actor, self.at = actor, at
        self.notes: list[audit.Note] = []
        self._jobs: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []

    def note(self, action: str, row: Any, *, on_behalf_of: str = "", **data: Any) -> None:
        """Put an event on the audit chain when the work ends. ``row`` is a model row or (kind, key)."""
        kind, key = row if isinstance(row, tuple) else (row._meta.table_name, row.id)
        self.notes.append(
            audit.Note(action, kind, str(key), self.at, self.actor.username, on_behalf_of, data)
        )

    def enqueue(self, task: Callable[..., Any], *args: Any) -> None:
        """Send a background job after COMMIT; arguments are ids. The row is the truth, this a nudge."""
        self._jobs.append((task, args))

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A savepoint whose rows, notes and jobs vanish together if the block raises."""
        notes, jobs = len(self.notes), len(self._jobs)
        try:
            with db.atomic():
                yield
        except BaseException:
            del self.notes[notes:]
            del self._jobs[jobs:]
            raise

    def release_jobs(self) -> None:
        """Queue the collected jobs; a failure is logged, never raised, because a sweep nudges again."""
        for task, args in self._jobs:
            try:
                task(*args)
            except Exception:
                log.exception("job %s%r could not be queued; the sweep will find it", task, args)


_current: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def work(actor: ActorLike, at: datetime) -> Iterator[Work]:
    """Join the work already open, or open one: transaction, then audit notes, then jobs."""
    if (outer := _current.get()) is not None:
        yield outer
        return
    w = Work(actor, at)
    token = _current.set(w)
    try:
        with writing_turn(), db.atomic():
            yield w
            audit.append(w.notes)  # last, under one lock
    finally:
        _current.reset(token)
    w.release_jobs()  # after COMMIT
