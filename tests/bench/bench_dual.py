"""The reconciliation of both sets in an archive of 100,000 folders: lists, progress, rare words."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from typing import Any

from archive_app.core import db as database
from archive_app.people import service as people
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.scans import reconcile
from archive_app.scans.models import ElectronicFile, ScanPage
from archive_app.scans.reconcile import Filters
from tests.bench import Figure, founded, ms, p95, timed
from tests.bench.bench_lookup import FOLDERS, WHEN, _fill, _insert, _signed_in
from tests.conftest import AT

PAGES = 40
PAGE_MS, PAGE_QUERIES, PROGRESS_S = 150, 20, 3.0


def run() -> list[Figure]:
    """Build the holdings by bulk inserts (bench only), then page, filter and count."""
    with founded():
        began = time.perf_counter()
        _fill()
        with database.db.atomic():
            _insert(ElectronicFile, _files())
            _insert(ScanPage, _pages())
        database.db.execute_sql("ANALYZE")
        database.db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        print(f"dual: {FOLDERS:,} folders with scans in {time.perf_counter() - began:.0f} s", flush=True)
        actor = people.actor_of(User.get(User.username == "archivist"), AT)
        return [*_progress(actor), *_lists(), *_rare(actor)]


def _files() -> Iterator[dict[str, Any]]:
    """Six of seven folders are scanned, two of three of them document by document; a few failed."""
    for n in range(1, FOLDERS + 1):
        if n % 7:
            yield dict(
                folder=n, document=n if n % 3 else None, serial=1, code=f"DZ-{n}", filename="a.pdf",
                mime="application/pdf", size=900_000, sha256=f"{n:064x}", page_count=6,
                state="failed" if n % 5_000 == 1 else "ready", uploaded_by="archivist", uploaded_at=WHEN,
            )  # fmt: skip


def _pages() -> Iterator[dict[str, Any]]:
    """Six pages a file, in one of 900 only five."""
    dice, known = random.Random(2), ElectronicFile.select(ElectronicFile.id, ElectronicFile.folder)
    for file, folder in list(known.tuples()):
        for number in range(1, 7 if folder % 900 else 6):
            yield dict(
                file=file, folder=folder, number=number, width=2480, height=3508, view=f"{file:064x}",
                thumb=f"{file:064x}", state="read", text="产品购销合同" * 20, positions="[]",
                confidence=70 + 29 * dice.random(), engine="tesseract 5", read_at=WHEN,
            )  # fmt: skip


def _progress(actor: Actor) -> list[Figure]:
    with database.count_queries() as queries:
        first = timed(lambda: reconcile.progress(actor, AT))
    again = timed(lambda: reconcile.progress(actor, AT))
    shown = f"{first:.2f} s ({queries()} queries), again {ms(again)}"
    name = f"progress of both sets at {FOLDERS:,} folders, anew"
    return [Figure(name, f"≤ {PROGRESS_S:.0f} s", shown, first <= PROGRESS_S)]


def _lists() -> list[Figure]:
    """Pages of the reconciliation anywhere in the list, as the browser gets them."""
    client = _signed_in()
    dice, seconds, most = random.Random(8), [], 0
    filters = ("", "&category=HT", "&year=2015", "&wrong=missing_scan", "&category=KH&year=2020&wrong=any")
    client.get("/dual")
    for n in range(PAGES):
        path = f"/dual?older={dice.randrange(100, FOLDERS)}{filters[n % len(filters)]}"
        with database.count_queries() as queries:
            began = time.perf_counter()
            answer = client.get(path)
            seconds.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.status
        most = max(most, queries())
    high = p95(seconds)
    shown = f"{ms(high)} (p50 {ms(statistics.median(seconds))})"
    name, good = f"reconciliation page at {FOLDERS:,} folders, p95", most <= PAGE_QUERIES
    return [
        Figure(name, f"≤ {PAGE_MS} ms", shown, high * 1000 <= PAGE_MS),
        Figure("queries of a reconciliation page, most", f"≤ {PAGE_QUERIES}", str(most), good),
    ]


def _rare(actor: Actor) -> list[Figure]:
    """Words of few folders, looked for in all years."""
    slow = timed(lambda: reconcile.folders(actor, AT, Filters(wrong="pages_differ")))
    words = ("scan_failed", "missing_paper", "uncounted", "unread") * 3
    rest = [timed(lambda word=word: reconcile.folders(actor, AT, Filters(wrong=word))) for word in words]
    return [
        Figure("failed scans among all years, p95", "≤ 300 ms", ms(p95(rest)), p95(rest) <= 0.3),
        Figure("pages that differ among all years", "", f"{slow:.2f} s"),
    ]
