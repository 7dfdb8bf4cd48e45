"""Background jobs: a queue by URL, tasks that take ids, and sweeps that do what the clock demands.

The row of a record is the truth (state, lease, tries); a queued message is only a nudge, because
every queue loses messages when a process is killed. So a task must be safe to run twice.

``QUEUE_URL``: ``sqlite:///path`` (default: its own file, never the archive database),
``redis://…``, ``postgresql://…``, or ``memory:`` for tests and one-shot commands.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from archive_app.core.db import ROOT
from archive_app.core.errors import Misconfigured

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
DEFAULT_URL = f"sqlite:///{ROOT / 'instance' / 'queue.db'}"
EVERY = 20.0  # seconds between sweeps: a notice is due within a minute, and a sweep may be slow

_tasks: dict[str, Callable[..., Any]] = {}
_sweeps: dict[str, Callable[[], Any]] = {}
_queue: Any = None
_runner: Any = None


def task(function: Callable[P, R]) -> Callable[P, None]:
    """Make a function a background job; calling the result queues it (use `Work.enqueue`)."""
    name = f"{function.__module__}.{function.__name__}"
    _tasks[name] = function

    @functools.wraps(function)
    def send(*args: P.args, **kwargs: P.kwargs) -> None:
        enqueue(name, *args)

    send.run = function  # type: ignore[attr-defined]
    return send


def sweep(function: Callable[[], Any]) -> Callable[[], Any]:
    """Run a function every 20 seconds in the worker: find rows whose nudge was lost, mark what is due.

    It must be quick (what takes long is queued as a task) and safe to run in two processes at once.
    """
    _sweeps[f"{function.__module__}.{function.__name__}"] = function
    return function


def open_queue(url: str | None = None) -> Any:
    """Bind the house to a huey queue and return it."""
    global _queue, _runner
    url = url or os.environ.get("QUEUE_URL") or DEFAULT_URL
    _queue = _make_queue(url)
    _runner = _queue.task()(_run)
    return _queue


def _make_queue(url: str) -> Any:
    import huey

    if url == "memory:":
        return huey.MemoryHuey("archive")
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return huey.SqliteHuey("archive", filename=str(path), fsync=True)
    if url.startswith("redis"):
        return huey.RedisHuey("archive", url=url)
    if url.startswith("postgres"):
        from huey.contrib.sql_huey import SqlHuey

        from archive_app.core.db import open_database

        return SqlHuey("archive", database=open_database(url))
    raise Misconfigured(f"QUEUE_URL: {url!r} — sqlite:///path, redis://host/0, postgresql://… or memory:")


def queue() -> Any:
    """The open queue; opens the default one if none was."""
    return _queue if _queue is not None else open_queue()


def enqueue(name: str, *args: Any) -> None:
    """Put a job by its name on the queue."""
    queue()
    _runner(name, list(args))


def _run(name: str, args: list[Any]) -> None:
    _tasks[name](*args)


def run_sweeps() -> None:
    """Run every sweep; one that fails is logged and does not stop the others."""
    for name, function in _sweeps.items():
        try:
            function()
        except Exception:
            log.exception("sweep %s failed", name)


class Ticker(threading.Thread):
    """The thread that runs the sweeps: in the queue they would wait behind long jobs."""

    def __init__(self, every: float = EVERY) -> None:
        super().__init__(name="ticker", daemon=True)
        self._every, self._over = every, threading.Event()

    def run(self) -> None:
        run_sweeps()
        while not self._over.wait(self._every):
            run_sweeps()

    def stop(self) -> None:
        """End after the sweep that runs now."""
        self._over.set()
        self.join(timeout=30)


def work_off(limit: int = 10_000) -> int:
    """Run the waiting jobs in this process until the queue is empty; return how many ran."""
    done = 0
    while done < limit and (message := queue().dequeue()) is not None:
        queue().execute(message)
        done += 1
    return done
