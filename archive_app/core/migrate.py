"""Bring the database to the newest schema; migrations are numbered files with frozen models inside."""

from __future__ import annotations

from typing import Any

from playhouse.migrations import Runner

from archive_app.core.db import ROOT, db, is_sqlite

FOLDER = ROOT / "migrations"
LOCK = 7_701_949  # any fixed number: one migrating process at a time on PostgreSQL


def runner() -> Any:
    """The migration runner of the open database."""
    return Runner(db.obj, str(FOLDER))


def pending() -> list[str]:
    """Names of migrations that were not applied yet."""
    return [m.name for m in runner().status() if not m.applied and m.path]


def up() -> list[str]:
    """Apply all pending migrations and return their names."""
    if not is_sqlite():
        db.execute_sql("SELECT pg_advisory_lock(%s)", (LOCK,))
    try:
        return runner().up() if pending() else []
    finally:
        if not is_sqlite():
            db.execute_sql("SELECT pg_advisory_unlock(%s)", (LOCK,))


def down(target: str | None = None) -> list[str]:
    """Revert the newest migration, or everything back through ``target``."""
    return runner().down(target)
