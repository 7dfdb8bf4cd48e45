"""The request page over a basket of 50 folders in an archive of a million, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

from archive_app.core import clock, db
from archive_app.loans.models import BasketItem, Loan
from archive_app.people.models import User
from archive_app.records.models import Folder
from tests.bench import Figure, ms, p95
from tests.bench.browser import Browser
from tests.bench.holdings import ENGINES, FOLDERS, fill, founded_on
from tests.bench.timed_server import served
from tests.conftest import AT, TESTING

BASKET, AWAY, LOOKS = 50, 5, 40
LIMIT_MS = 300
PAGE = "/loans/basket"
TOP_SECRET = 11
"""Remainder of an id by twelve that stands for this level; the lower ones are the others."""


def run() -> list[Figure]:
    """Fill, put 50 folders of all levels that one may know into a basket, and look at it again and again."""
    return [figure for engine in ENGINES for figure in _on(engine)]


def _on(engine: str) -> list[Figure]:
    with founded_on(engine) as settings:
        fill()
        _basket()
        queries = _queries()
        db.db.close()
        with served(settings) as port:
            borrower = Browser(port, "borrower")
            answers = [borrower.get(PAGE) for _n in range(LOOKS)][3:]
    assert all(answer.status == 200 for answer in answers)
    inside, cpu, outside = (
        [getattr(answer, way) for answer in answers] for way in ("inside", "cpu", "outside")
    )
    name = f"request page, basket of {BASKET}, {FOLDERS:,} folders, {engine}"
    shown = f"{ms(p95(inside))} (CPU {ms(p95(cpu))}, {queries} queries; for the browser {ms(p95(outside))})"
    return [Figure(f"{name}, p95", f"≤ {LIMIT_MS} ms", shown, p95(inside) * 1000 <= LIMIT_MS)]


def _basket() -> None:
    """Folders from all over the archive, each level but the one that nobody is told of; five are away."""
    borrower, other = (User.get(User.username == name) for name in ("borrower", "colleague"))
    step = FOLDERS // BASKET // 12 * 12
    chosen = [12 + n * step + n % TOP_SECRET for n in range(BASKET)]
    own = Folder.update(department=borrower.department_id).where(Folder.id.in_(chosen))
    own.execute()  # of a confidential folder only its own department knows
    for folder in chosen:
        BasketItem.create(user=borrower, folder=folder, added_at=AT)
    for folder in chosen[:AWAY]:
        Loan.create(
            folder=folder, borrower=other, kind="loan", purpose="年度对账", state="out", rule_book=1,
            requested_by="colleague", requested_at=AT, handed_at=AT, due_at=AT + timedelta(hours=4),
        )  # fmt: skip


def _queries() -> int:
    """How many statements the page asks of the database; the basket must really be on it."""
    from archive_app.web.app import create_app

    real, clock.now = clock.now, lambda: AT
    client = create_app(TESTING).test_client()
    user = User.get(User.username == "borrower")
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{user.id}.{user.session_key}", True
    client.get(PAGE)
    with db.count_queries() as counted:
        page = client.get(PAGE).get_data(as_text=True)
    clock.now = real
    assert page.count("客户购销合同") >= BASKET, "not all folders of the basket are shown"
    return counted()
