"""Registration: folders a second with 8 threads, and numbers under random kill -9, on SQLite as shipped."""

from __future__ import annotations

import random
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from archive_app.core import audit
from archive_app.core import db as database
from archive_app.people import service as people
from archive_app.people.models import User
from archive_app.records import queries, service
from archive_app.records.models import Folder
from tests.bench import Figure, founded
from tests.conftest import AT, ROOT

THREADS, EACH, ROUNDS = 8, 60, 3
RATE = 200
KILLED, PROCESSES = 10_000, 4


def run() -> list[Figure]:
    """Measure both, each in an archive of its own."""
    with founded() as path:
        figures = _throughput(path)
    with founded() as path:
        return [*figures, *_killed(path)]


def _archivist():
    return people.actor_of(User.get(User.username == "archivist"), AT)


def _throughput(path: Path) -> list[Figure]:
    rates, cpu = [], []
    for n in range(ROUNDS):
        print(f"registration: round {n + 1} of {ROUNDS}, {THREADS} threads × {EACH} folders", flush=True)
        cpu_began, began = time.process_time(), time.perf_counter()
        _register_at_once(n)
        rates.append(THREADS * EACH / (time.perf_counter() - began))
        cpu.append((time.process_time() - cpu_began) / (THREADS * EACH))
    rate, each = statistics.median(rates), statistics.median(cpu)
    commits = _plain_commits(path)
    shown = f"{rate:.0f}/s ({each * 1000:.2f} ms CPU each)"
    return [
        Figure("registration, 8 threads, WAL, synchronous=FULL", f"≥ {RATE}/s", shown, rate >= RATE),
        Figure("one-row commits of bare sqlite3, same file system", "", f"{commits:.0f}/s"),
    ]


def _register_at_once(round_: int) -> None:
    def work() -> None:
        with database.db.connection_context():
            actor = _archivist()
            for n in range(EACH):
                service.register_folder("HT", 2026, f"并发登记 {round_} {n}", actor=actor, at=AT)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _plain_commits(path: Path, many: int = 300) -> float:
    """What the disk gives: one insert a commit, the same pragmas, no archive around it."""
    plain = sqlite3.connect(path.with_name("plain.db"), isolation_level=None)
    for name in ("journal_mode", "synchronous"):
        plain.execute(f"PRAGMA {name}={database.SQLITE_PRAGMAS[name]}")
    plain.execute("CREATE TABLE t (x TEXT)")
    began = time.perf_counter()
    for n in range(many):
        plain.execute("INSERT INTO t VALUES (?)", (f"{n}",))
    rate = many / (time.perf_counter() - began)
    plain.close()
    return rate


def _killed(path: Path) -> list[Figure]:
    """Register from several processes, killing each after a random while, until there are enough."""
    dice, killed, printed = random.Random(11), 0, []
    began = time.perf_counter()
    running = [_start(path, dice) for _ in range(PROCESSES)]
    while Folder.select().count() < KILLED:
        for index, (process, until) in enumerate(running):
            if time.perf_counter() >= until or process.poll() is not None:
                printed += _end(process)
                killed += 1
                running[index] = _start(path, dice)
        time.sleep(0.02)
    for process, _until in running:
        printed += _end(process)
        killed += 1
    print(f"registration: {killed} processes killed in {time.perf_counter() - began:.0f} s", flush=True)
    return _judged(printed, killed)


def _start(path: Path, dice: random.Random) -> tuple[subprocess.Popen[bytes], float]:
    """A registering process and the moment at which it will be killed; its output goes to a file."""
    log = (path.parent / f"registered-{time.monotonic_ns()}").open("wb")
    command = [sys.executable, "-m", "tests.concurrency.registering", f"sqlite:///{path}", "100000"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=log)
    process.log = log.name  # type: ignore[attr-defined]
    log.close()
    return process, time.perf_counter() + dice.uniform(2, 12)


def _end(process: subprocess.Popen[bytes]) -> list[str]:
    """Kill -9; return the numbers it said were registered (the last line may be cut)."""
    process.kill()
    process.wait()
    text = Path(process.log).read_text()  # type: ignore[attr-defined]
    return text[: text.rfind("\n") + 1].split()


def _judged(printed: list[str], killed: int) -> list[Figure]:
    serials = [serial for (serial,) in Folder.select(Folder.serial).tuples()]
    doubled = len(serials) - len(set(serials)) + len(printed) - len(set(printed))
    gaps = sum(series.unexplained for series in queries.gap_report(_archivist(), AT))
    lost = len(set(printed) - {number for (number,) in Folder.select(Folder.file_number).tuples()})
    what = f"{len(serials):,} numbers, {killed} × kill -9"
    broken = len(audit.verify())
    return [
        Figure(f"{what}: doubled", "0", str(doubled), doubled == 0),
        Figure(f"{what}: unexplained gaps", "0", str(gaps), gaps == 0),
        Figure(f"{what}: confirmed but lost", "0", str(lost), lost == 0),
        Figure(f"{what}: faults of the audit chain", "0", str(broken), broken == 0),
    ]
