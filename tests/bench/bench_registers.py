"""The registers with 100,000 loans: a page on the screen, the use of them, Excel, 10,000 rows on paper."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from archive_app.core import db as database
from archive_app.core.db import count_queries
from archive_app.people import service as people
from archive_app.people.models import ArchiveUnit, User
from archive_app.printing.press import PRESS
from archive_app.reports import queries, service, sheets
from archive_app.reports.filters import Filters
from archive_app.reports.shape import Ask
from tests.bench import Figure, ms, p95, timed
from tests.bench import founded as fresh
from tests.bench.bench_lists import _child_mb
from tests.bench.loan_books import fill
from tests.conftest import AT

LOANS, ROWS, PAGES = 100_000, 10_000, 30
PAGE_MS, QUERIES, EXCEL_S, MEMORY_MB = 300, 15, 20, 400


def run() -> list[Figure]:
    """Build the loans by bulk inserts, then read them in every way a person does."""
    with fresh() as path:
        began = time.perf_counter()
        fill(LOANS, list(User.select()), ArchiveUnit.get().id, AT)
        database.db.execute_sql("ANALYZE")
        print(f"registers: {LOANS:,} loans in {time.perf_counter() - began:.0f} s", flush=True)
        actor = people.actor_of(User.get(User.username == "archivist"), AT)
        return [*_screen(actor), *_excel(actor, Path(path).parent), *_paper(actor)]


def _screen(actor: Any) -> Iterator[Figure]:
    for register in queries.LISTED:
        ask = queries.ask_of(actor, Filters(), AT)
        with count_queries() as made:
            _page(register, ask)
        count = 3 if register.name == "use" else PAGES
        times = [_cpu(register, ask) for _ in range(count)]
        said = f"{ms(p95(times))}, {made()} queries"
        limit = 10 * PAGE_MS if register.name == "use" else PAGE_MS
        good = p95(times) * 1000 <= limit and made() <= QUERIES
        yield Figure(
            f"register {register.name}, a page with its figures, CPU p95",
            f"≤ {limit} ms, {QUERIES} queries",
            said,
            good,
        )
    deep = queries.ask_of(actor, Filters("custom", date(2025, 1, 1), date(2025, 3, 31)), AT)
    yield Figure("register loans, a quarter two years ago", "", ms(_cpu(queries.LISTED[0], deep)))


def _cpu(register: Any, ask: Ask) -> float:
    began = time.process_time()
    _page(register, ask)
    return time.process_time() - began


def _page(register: Any, ask: Ask) -> None:
    queries.page(register, ask)
    register.figures(ask)


def _excel(actor: Any, folder: Path) -> Iterator[Figure]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    target = folder / "loans.xlsx"
    count = service.export_excel("loans", Filters(), target, actor=actor, at=AT)
    spent, grown = time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    size = target.stat().st_size / 1e6
    yield Figure(
        f"Excel of {count:,} loans, CPU", f"≤ {EXCEL_S} s", f"{spent:.1f} s, {size:.0f} MB", spent <= EXCEL_S
    )
    yield Figure(
        f"Excel of {count:,} loans, memory grows by", "≤ 100 MB", f"{grown / 1024:.0f} MB", grown <= 102_400
    )


def _paper(actor: Any) -> Iterator[Figure]:
    ask = queries.ask_of(actor, Filters("this_year"), AT)
    register = queries.register_of("loans")
    began = time.perf_counter()
    content = sheets.content(sheets.key_of(register, ask), sheets.args_of(ask), AT)
    read = time.perf_counter() - began
    content["lines"] = content["lines"][:ROWS]
    stamp = {"qr": "DA1;0123456789ab;712345678901", "hash12": "0" * 12, "number": 1, "audit_digest": "0" * 16,
             "printed_at": "2026-11-19 14:32", "printed_by": "陈静宜", "audit_seq": "1"}  # fmt: skip
    PRESS.close()
    drawn = timed(lambda: PRESS.run("list", {"form": "register", "data": content | {"stamp": stamp}}, 900.0))
    high = _child_mb()
    yield Figure(
        f"register of {len(content['lines']):,} rows on paper", "", f"{read:.1f} s read, {drawn:.1f} s drawn"
    )
    yield Figure(
        f"register of {ROWS:,} rows on paper, memory",
        f"≤ {MEMORY_MB} MB",
        f"{high:.0f} MB",
        high <= MEMORY_MB,
    )
