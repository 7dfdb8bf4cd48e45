"""The figures that the house promises, measured; ``make bench`` prints them and writes out/bench.md."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive_app.core import db, jobs, migrate, storage


@dataclass(frozen=True)
class Figure:
    """One promise: what was measured, what is wanted, and whether it was reached (None: for comparison)."""

    name: str
    target: str
    measured: str
    reached: bool | None = None

    @property
    def verdict(self) -> str:
        """The verdict in one word."""
        return {True: "reached", False: "MISSED", None: "-"}[self.reached]


@contextmanager
def founded() -> Iterator[Path]:
    """A fresh founded archive in a file, with the durability of core/db.py; the database is open."""
    from tests.conftest import found_archive

    with TemporaryDirectory(prefix="archive_bench_") as folder:
        path = Path(folder) / "archive.db"
        real = db.connect(f"sqlite:///{path}")
        migrate.up()
        found_archive()
        jobs.open_queue("memory:")
        storage.open_storage(str(Path(folder) / "store"))
        try:
            yield path
        finally:
            real.close()


def p95(seconds: list[float]) -> float:
    """The 95th percentile."""
    return sorted(seconds)[max(0, int(len(seconds) * 0.95) - 1)]


def timed(job: Callable[[], Any]) -> float:
    """Wall seconds of a job."""
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def ms(seconds: float) -> str:
    """Seconds in milliseconds, for the table."""
    return f"{seconds * 1000:.1f} ms"
