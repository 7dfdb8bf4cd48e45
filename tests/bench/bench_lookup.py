"""A barcode to the folder's page, and the list of folders, in an archive of 100,000 folders."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

from archive_app.core import clock, jobs
from archive_app.core import db as database
from archive_app.core.db import Model
from archive_app.loans import queries as loans
from archive_app.people import service as people
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.printing import barcode
from archive_app.records import queries as records
from archive_app.records.models import CustodyEvent, Document, Folder
from archive_app.scans import queries as scans
from tests.bench import Figure, founded, ms, p95, timed
from tests.conftest import AT, TESTING

FOLDERS, LOOKUPS, PAGES = 100_000, 400, 80
LOOKUP_MS, LIST_MS, LIST_QUERIES = 20, 100, 12
WHEN = AT.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def run() -> list[Figure]:
    """Build the holdings by bulk inserts (bench only: no verbs, no audit), then look up and page through."""
    with founded() as path:
        began = time.perf_counter()
        _fill()
        size = Path(path).stat().st_size / 1e6
        seconds = time.perf_counter() - began
        print(f"lookup: {FOLDERS:,} folders in {seconds:.0f} s, {size:.0f} MB", flush=True)
        return [*_lookups(), *_lists()]


def _fill() -> None:
    """One folder with a document and its first custody event, 100,000 times."""
    dice = random.Random(3)
    with database.db.atomic():
        _insert(Folder, _folders(dice))
        _insert(Document, _documents())
        _insert(CustodyEvent, _events())
    database.db.execute_sql("ANALYZE")
    database.db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _insert(model: type[Model], rows: Iterator[dict[str, Any]]) -> None:
    """Straight through the driver: ten times faster than the ORM, with the ORM's defaults."""
    fields = [field for field in model._meta.sorted_fields if field.name != "id"]
    columns, marks = ", ".join(f.column_name for f in fields), ", ".join("?" for _ in fields)
    sql = f"INSERT INTO {model._meta.table_name} ({columns}) VALUES ({marks})"
    values = (tuple(row.get(field.name, field.default) for field in fields) for row in rows)
    database.db.connection().executemany(sql, values)


def _folders(dice: random.Random) -> Iterator[dict[str, Any]]:
    levels = ("open",) * 7 + ("secret",) * 3 + ("confidential", "top_secret")
    for n in range(1, FOLDERS + 1):
        category, year, serial = ("HT", "YW", "KH", "QT")[n % 4], 2007 + n // 5_000, n // 4 % 1_250 + 1
        number = f"{category}-{year}-{serial:04d}"
        yield dict(
            unit=1, category=category, year=year, serial=n, file_number=f"{number}-{n}", state="active",
            title=f"上海{n % 977}客户购销合同及往来文件", secrecy=dice.choice(levels), retention="long",
            party=f"上海{n % 977}机械有限公司", department=1 + n % 4, manager=2, rule_book=1,
            place=f"一号库房 A{n % 90:02d} 柜", created_by="archivist", created_at=WHEN,
            registered_by="archivist", registered_at=WHEN,
        )  # fmt: skip


def _documents() -> Iterator[dict[str, Any]]:
    for n in range(1, FOLDERS + 1):
        dated = date(2007, 1, 1) + timedelta(days=n // 15)
        yield dict(
            folder=n, position=1, title="产品购销合同", author="销售部", dated=dated.isoformat(), pages=6,
            created_by="archivist", created_at=WHEN,
        )  # fmt: skip


def _events() -> Iterator[dict[str, Any]]:
    for n in range(1, FOLDERS + 1):
        yield dict(folder=n, custody="on_shelf", remark="register", handled_by="陈静宜", at=WHEN)


def _lookups() -> list[Figure]:
    actor = people.actor_of(User.get(User.username == "archivist"), AT)
    chosen = random.Random(5).sample(range(1, FOLDERS), LOOKUPS)
    codes = [barcode.payload(barcode.BarcodeType.FOLDER, n) for n in chosen]
    seconds = [timed(lambda code=code: _page_data(code, actor)) for code in codes]
    with database.count_queries() as queries:
        _page_data(codes[0], actor)
    high, middle = p95(seconds), statistics.median(seconds)
    name = f"barcode → folder page data at {FOLDERS:,} folders, p95"
    shown = f"{ms(high)} (p50 {ms(middle)}, {queries()} queries)"
    return [Figure(name, f"≤ {LOOKUP_MS} ms", shown, high * 1000 <= LOOKUP_MS)]


def _page_data(code: str, actor: Actor) -> None:
    """What the folder's page asks of the database and the rules, without drawing HTML."""
    page = records.folder_page(actor, barcode.parse(code).id, AT)
    side = scans.electronic_side(page.folder)
    if records.may_read(actor, page.folder, AT) and side.exists:
        scans.sheets(page.folder.id)
    loans.outcome(actor, page.folder, "loan", AT)
    loans.history_of_folder(page.folder.id, AT, 5)


def _lists() -> list[Figure]:
    """The list through the web application: pages anywhere in the list, with and without filters."""
    client = _signed_in()
    dice, seconds, most = random.Random(8), [], 0
    filters = ("", "&category=HT", "&year=2015", "&secrecy=secret", "&category=KH&year=2020")
    for n in range(PAGES):
        path = f"/folders?older={dice.randrange(100, FOLDERS)}{filters[n % len(filters)]}"
        with database.count_queries() as queries:
            began = time.perf_counter()
            answer = client.get(path)
            seconds.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.status
        most = max(most, queries())
    high, middle = p95(seconds[2:]), statistics.median(seconds)
    shown = f"{ms(high)} (p50 {ms(middle)})"
    return [
        Figure(f"list page at {FOLDERS:,} folders, p95", f"≤ {LIST_MS} ms", shown, high * 1000 <= LIST_MS),
        Figure("queries of a list page, most", f"≤ {LIST_QUERIES}", str(most), most <= LIST_QUERIES),
    ]


def _signed_in():
    from archive_app.web.app import create_app

    jobs.open_queue("memory:")
    clock.now = lambda: AT  # the office is open
    client = create_app(TESTING).test_client()
    user = User.get(User.username == "archivist")
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{user.id}.{user.session_key}", True
    return client
