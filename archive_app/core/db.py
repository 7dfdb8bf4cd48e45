"""One database for the house: SQLite by default, PostgreSQL by URL; one open connection a thread."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import peewee as pw

from archive_app.core.errors import Misconfigured

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_URL = f"sqlite:///{ROOT / 'instance' / 'archive.db'}"

# WAL with synchronous=FULL: a committed number survives a power cut, not only a killed process.
# FULL costs one fsync a commit; the bench states the throughput that is left.
SQLITE_PRAGMAS: dict[str, Any] = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "busy_timeout": 10_000,
    "cache_size": -64_000,
    "temp_store": "memory",
}

db = pw.DatabaseProxy()


class Model(pw.Model):
    """Base of all tables; table names are the English glossary names."""

    class Meta:
        database = db
        legacy_table_names = False

    if TYPE_CHECKING:  # columns that peewee adds (id, folder_id, backrefs) are unknown to mypy
        id: Any

        def __getattr__(self, name: str) -> Any: ...


class UtcDateTimeField(pw.DateTimeField):
    """A moment: timezone-aware in Python, UTC without zone in the database."""

    def db_value(self, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a timezone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def python_value(self, value: Any) -> datetime | None:
        moment = super().python_value(value)
        return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else None


def open_database(url: str) -> pw.Database:
    """A peewee database for ``sqlite:///path``, ``sqlite:///:memory:`` or ``postgresql://…``.

    BEGIN IMMEDIATE on SQLite: a deferred BEGIN with read-then-write fails at once with
    "database is locked", whatever the busy timeout.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = unquote(parts.path[1:]) if parts.path else ":memory:"
        if path not in ("", ":memory:"):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        return pw.SqliteDatabase(path or ":memory:", pragmas=SQLITE_PRAGMAS, lock_type="IMMEDIATE")
    if parts.scheme in ("postgresql", "postgres"):
        options: dict[str, Any] = {k: v for k, v in (("host", parts.hostname), ("port", parts.port)) if v}
        if parts.query:  # e.g. ?host=/tmp/socket-folder
            options |= dict(pair.split("=", 1) for pair in unquote(parts.query).split("&"))
        return pw.PostgresqlDatabase(
            parts.path.lstrip("/"),
            user=unquote(parts.username or "") or None,
            password=unquote(parts.password or "") or None,
            **options,
        )
    raise Misconfigured(f"DATABASE_URL: {url!r} — sqlite:///path or postgresql://user:password@host/name")


def connect(url: str | None = None) -> pw.Database:
    """Bind the house to a database (``url``, else ``DATABASE_URL``, else the default SQLite file)."""
    real = open_database(url or os.environ.get("DATABASE_URL") or DEFAULT_URL)
    db.initialize(real)
    return real


def is_sqlite() -> bool:
    """True on SQLite, False on PostgreSQL; for the few statements that differ."""
    return isinstance(db.obj, pw.SqliteDatabase)


def is_reachable() -> bool:
    """Whether the bound database answers."""
    try:
        db.execute_sql("SELECT 1")
    except Exception:  # whatever the driver raises, it does not answer
        return False
    return True


_turn = threading.Lock()


@contextmanager
def writing_turn() -> Iterator[None]:
    """Let writers of SQLite wait in line, threads and processes; PostgreSQL needs no such line.

    SQLite's own waiting is a sleep that grows: the unlucky one waits for seconds and the file lies
    idle meanwhile. The lock file is released by the system when a process is killed.
    """
    if not is_sqlite():
        yield
        return
    path = str(db.obj.database)
    with _turn:
        if path == ":memory:":
            yield
            return
        with Path(f"{path}-turn").open("ab") as line:
            fcntl.flock(line, fcntl.LOCK_EX)
            yield


@contextmanager
def count_queries() -> Iterator[Callable[[], int]]:
    """Count the SQL statements run inside the block (for query budgets in tests and bench)."""
    counted = 0
    real = db.obj
    plain = real.execute_sql

    def counting(*args: Any, **kwargs: Any) -> Any:
        nonlocal counted
        counted += 1
        return plain(*args, **kwargs)

    real.execute_sql = counting
    try:
        yield lambda: counted
    finally:
        del real.execute_sql
