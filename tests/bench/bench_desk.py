"""Scan → answer at 20 desks in an archive of a million folders, over HTTP, on SQLite and PostgreSQL."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator

from archive_app.core import db
from archive_app.people import service as people
from archive_app.people.actor import system
from archive_app.people.models import Department
from archive_app.printing.barcode import BarcodeType, payload
from tests.bench import Figure, ms, timed
from tests.bench.browser import Answer, Browser
from tests.bench.holdings import ENGINES, FOLDERS, fill, founded_on
from tests.bench.timed_server import served
from tests.conftest import AT, PASSWORD

DESKS, LIMIT_MS = 20, 50
ROUNDS, PAUSE_S = 5, (1.5, 3.5)
"""A desk's rounds of seven scans each, and how long an archivist needs between two scans."""
RUSH_ROUNDS = 4
OPEN, TOP_SECRET = 1, 11
"""Remainders of a folder's id by twelve that stand for these levels (tests.bench.holdings.LEVEL)."""
Taken = list[tuple[str, Answer]]


def run() -> list[Figure]:
    """Fill, serve, let 20 archivists scan with their pauses, then without any."""
    return [figure for engine in ENGINES for figure in _on(engine)]


def _on(engine: str) -> list[Figure]:
    with founded_on(engine) as settings:
        readers = _people()
        print(f"desk: {FOLDERS:,} folders on {engine} in {timed(fill):.0f} s", flush=True)
        db.db.close()
        with served(settings) as port:
            desks = [Browser(port, f"desk{n}") for n in range(DESKS)]
            _all(desks, readers, 1, lambda: None, seed=1)  # what is built once is built
            calm = _all(desks, readers, ROUNDS, _pause, seed=2)
            began = time.perf_counter()
            rush = _all(desks, readers, RUSH_ROUNDS, lambda: None, seed=3)
            rate = len(rush) / (time.perf_counter() - began)
    _by_kind(calm)
    return _figures(engine, calm, rush, rate)


def _people() -> list[int]:
    """An archivist for each desk, and for each a reader who may take open folders without asking (SEC-02)."""
    office, house = Department.get(Department.code == "ZB"), system()
    made = []
    for n in range(DESKS):
        for name, title in ((f"desk{n}", "档案管理员"), (f"reader{n}", "总经理办公室主任")):
            row = people.create_user(name, name, title, PASSWORD, department=office, actor=house, at=AT)
        made.append(int(row.id))
    return made


def _pause() -> None:
    time.sleep(random.uniform(*PAUSE_S))


def _all(
    desks: list[Browser], readers: list[int], rounds: int, pause: Callable[[], None], seed: int
) -> Taken:
    """All desks at once, each in a thread of its own."""
    taken: Taken = []
    wrong: list[str] = []

    def work(n: int) -> None:
        try:
            pause()  # twenty people do not begin in the same instant
            for kind, code in _scans(readers[n], rounds, random.Random(seed * 100 + n)):
                taken.append((kind, _scan(desks[n], kind, code)))
                pause()
        except Exception as error:
            wrong.append(f"desk{n}: {error!r}")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(DESKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong
    return taken


def _scans(reader: int, rounds: int, dice: random.Random) -> Iterator[tuple[str, str]]:
    """A person takes two folders, is refused a third, and brings both back; one code belongs to nobody."""
    for _round in range(rounds):
        first, second = (_folder(dice, OPEN) for _n in range(2))
        yield "person", payload(BarcodeType.PERSON, reader)
        yield "out", first
        yield "out", second
        yield "unknown", f"SN-{dice.randrange(10**9):09d}"
        yield "refused", _folder(dice, TOP_SECRET)
        yield "back", first
        yield "back", second


def _folder(dice: random.Random, remainder: int) -> str:
    return payload(BarcodeType.FOLDER, dice.randrange(FOLDERS // 12) * 12 + remainder)


SAID = {"person": "借阅人", "out": "已借出", "back": "已归还", "unknown": "不是本室条码", "refused": "绝密"}


def _scan(desk: Browser, kind: str, code: str) -> Answer:
    """One scan as the desk's script sends it; the answer must be the right one."""
    answer = desk.post_json("/desk/scan", {"code": code, "scan_id": uuid.uuid4().hex})
    told = answer.body.decode("unicode_escape", "replace") if answer.status == 200 else str(answer.status)
    assert SAID[kind] in told, f"{kind} {code}: {told[:300]}"
    return answer


def _figures(engine: str, calm: Taken, rush: Taken, rate: float) -> list[Figure]:
    name = f"scan → answer, {DESKS} desks, {FOLDERS:,} folders, {engine}"
    inside, outside = ([getattr(answer, way) for _kind, answer in calm] for way in ("inside", "outside"))
    hurried, waited = ([getattr(answer, way) for _kind, answer in rush] for way in ("inside", "outside"))
    good = _at(inside, 95) * 1000 <= LIMIT_MS
    return [
        Figure(f"{name}, in the server, p95", f"≤ {LIMIT_MS} ms", _three(inside), good),
        Figure(f"{name}, CPU of it, p95", "", _three([answer.cpu for _kind, answer in calm])),
        Figure(f"{name}, for the browser, p95", "", _three(outside)),
        Figure(f"{name}, without pauses, in the server", "", f"{_three(hurried)}, {rate:.0f} scans/s"),
        Figure(f"{name}, without pauses, for the browser", "", _three(waited)),
    ]


def _by_kind(taken: Taken) -> None:
    for kind in SAID:
        found = [answer for each, answer in taken if each == kind]
        inside, cpu = ([getattr(answer, way) for answer in found] for way in ("inside", "cpu"))
        shown = f"p50 {ms(_at(inside, 50))}, p95 {ms(_at(inside, 95))}, CPU p50 {ms(_at(cpu, 50))}"
        print(f"desk: {kind}: {shown} of {len(found)}", flush=True)


def _at(seconds: list[float], percent: int) -> float:
    return sorted(seconds)[max(0, round(len(seconds) * percent / 100) - 1)]


def _three(seconds: list[float]) -> str:
    return f"{ms(_at(seconds, 95))} (p50 {ms(_at(seconds, 50))}, p99 {ms(_at(seconds, 99))})"
