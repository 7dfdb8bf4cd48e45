"""A large archive in a minute: rows made by the database itself, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive_app.core import db, jobs, migrate, storage
from archive_app.core.db import Model
from archive_app.desk.models import DeskScan
from archive_app.loans.models import Loan
from archive_app.records.models import CustodyEvent, Document, Folder
from tests.conftest import AT, found_archive
from tests.postgres import cluster

FOLDERS, LOANS, SCANS = 1_000_000, 300_000, 300_000
ENGINES = ("SQLite", "PostgreSQL")
WHEN = f"'{AT.astimezone(UTC).replace(tzinfo=None).isoformat(' ')}'"
YEAR_AGO = "'2025-11-19 02:00:00'"
LEVELS = (
    "CASE WHEN i % 12 < 7 THEN 'open' WHEN i % 12 < 10 THEN 'secret' WHEN i % 12 < 11 THEN 'confidential' "
)
LEVEL = LEVELS + "ELSE 'top_secret' END"
"""By the last digits of the id: a client knows the level of a folder without asking."""


@contextmanager
def founded_on(engine: str) -> Iterator[dict[str, str]]:
    """A founded archive in a place of its own, open; yields the settings a server needs to serve it."""
    with TemporaryDirectory(prefix="archive_bench_") as folder:
        home = Path(folder)
        if engine == "SQLite":
            with _open(f"sqlite:///{home / 'archive.db'}", home) as places:
                yield places
        else:
            with cluster() as running, _open(running.fresh_database(), home) as places:
                yield places


@contextmanager
def _open(url: str, home: Path) -> Iterator[dict[str, str]]:
    real = db.connect(url)
    try:
        migrate.up()
        found_archive()
        jobs.open_queue("memory:")
        storage.open_storage(str(home / "store"))
        queue = f"sqlite:///{home / 'queue.db'}"
        places = {"DATABASE_URL": url, "QUEUE_URL": queue, "STORAGE_URL": str(home / "store")}
        yield os.environ | places | {"SECRET_KEY": "bench"}
    finally:
        real.close()


def fill(folders: int = FOLDERS) -> None:
    """Folders with a document and a custody event each, closed loans, and the desks' old scans (no audit)."""
    with db.db.atomic():
        _folders(folders)
        rows(Document, folders, folder="i", position="1", title="'产品购销合同'", author="'销售部'",
             pages="6", created_by="'archivist'", created_at=WHEN)  # fmt: skip
        rows(CustodyEvent, folders, folder="i", custody="'on_shelf'", remark="'register'",
             handled_by="'陈静宜'", at=WHEN)  # fmt: skip
        rows(Loan, min(LOANS, folders), folder="i", borrower="2 + i % 5", kind="'loan'",
             purpose="'年度对账'", state="'returned'", rule_book="1", requested_by="'borrower'",
             requested_at=YEAR_AGO, handed_at=YEAR_AGO, due_at=YEAR_AGO, returned_at=YEAR_AGO)  # fmt: skip
        rows(DeskScan, min(SCANS, folders), request_id="'old-' || i", desk="'desk-' || i % 20", at=YEAR_AGO,
             actor="'archivist'", code="''", kind="'out'", verdict="'out'", verb="'借出'",
             answer="'{}'")  # fmt: skip
    if not db.is_sqlite():  # PostgreSQL does it by itself after a while; the program never does it on SQLite
        db.db.execute_sql("ANALYZE")


def _folders(count: int) -> None:
    number = "'HT-' || (2000 + i / 40000) || '-' || i"
    rows(Folder, count, unit="1", category="'HT'", year="2000 + i / 40000", serial="i", file_number=number,
         state="'active'", title="'上海' || (i % 977) || '客户购销合同及往来文件'", secrecy=LEVEL,
         retention="'long'", party="'上海' || (i % 977) || '机械有限公司'", department="1 + i % 4",
         place="'一号库房 A' || (i % 90) || ' 柜'", rule_book="1", created_by="'archivist'", created_at=WHEN,
         registered_by="'archivist'", registered_at=WHEN)  # fmt: skip


def rows(model: type[Model], count: int, **values: str) -> None:
    """Insert ``count`` rows; each value is SQL over ``i`` = 1, 2, …, the other columns get their defaults."""
    fields = [field for field in model._meta.sorted_fields if field.name != "id"]
    columns = ", ".join(f'"{field.column_name}"' for field in fields)
    chosen = ", ".join(values.get(field.name) or _literal(field.default) for field in fields)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    sql = f'INSERT INTO "{model._meta.table_name}" ({columns}) {numbers} SELECT {chosen} FROM n'
    db.db.execute_sql(sql if db.is_sqlite() else sql.replace("%", "%%"))  # psycopg reads % as its own


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f"'{value}'" if isinstance(value, str) else str(value)
