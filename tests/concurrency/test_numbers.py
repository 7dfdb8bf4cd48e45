"""Eight processes register at once, some are killed in the middle: no number doubled, lost or unexplained."""

from __future__ import annotations

import random
import subprocess
import sys
import threading

import pytest

from archive_app.core import audit
from archive_app.people import service as people_service
from archive_app.people.models import User
from archive_app.records import queries, service
from archive_app.records.models import Counter, Folder
from tests.conftest import AT, ROOT


def start(url: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.concurrency.registering", url, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def serials() -> list[int]:
    return [s for (s,) in Folder.select(Folder.serial).order_by(Folder.serial).tuples()]


def archivist():
    return people_service.actor_of(User.get(User.username == "archivist"), AT)


@pytest.mark.requirement("CAT-04")
@pytest.mark.requirement("CAT-21")
@pytest.mark.slow
@pytest.mark.requirement("CAT-02")
def test_eight_processes_at_once_double_and_lose_no_number(both):
    processes = [start(both.url, 15) for _ in range(8)]
    printed = [line for p in processes for line in p.communicate(timeout=200)[0].split()]
    assert all(p.returncode == 0 for p in processes)
    assert serials() == list(range(1, 121))
    assert sorted(printed) == [f"HT-2026-{n:04d}" for n in range(1, 121)]
    assert audit.verify() == []


@pytest.mark.slow
def test_processes_killed_in_the_middle_leave_no_gap_and_no_half_folder(both):
    dice = random.Random(7)
    processes = [start(both.url, 400) for _ in range(4)]
    printed: list[str] = []
    for process in processes:
        for _ in range(dice.randint(8, 25)):  # let it register some, then pull the plug
            printed.append(process.stdout.readline().strip())
        process.kill()
        printed += process.stdout.read().split()
        process.wait()
    assert serials() == list(range(1, len(serials()) + 1))
    assert Counter.get().last == len(serials())
    # what was said to be registered is registered
    assert set(filter(None, printed)) <= {f.file_number for f in Folder.select(Folder.file_number)}
    (series,) = queries.gap_report(archivist(), AT)
    assert series.unexplained == 0
    assert audit.verify() == []
    # and the next one goes on where the killed ones stopped
    assert service.register_folder("HT", 2026, "继续", actor=archivist(), at=AT).serial == len(serials())


def test_threads_of_one_process_double_no_number(both):
    def work_some():
        with both.db.connection_context():
            actor = archivist()
            for n in range(10):
                service.register_folder("KH", 2026, f"线程 {n}", actor=actor, at=AT)

    threads = [threading.Thread(target=work_some) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert serials() == list(range(1, 81))


def test_two_equal_forms_at_once_register_one_folder(both):
    got: list[int] = []

    def send():
        with both.db.connection_context():
            got.append(
                service.register_folder(
                    "HT", 2026, "双击", request_id="same-form", actor=archivist(), at=AT
                ).id
            )

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 6
    assert len(set(got)) == 1
    assert serials() == [1]


def test_reserving_and_registering_at_once_never_overlap(both):
    def reserve():
        with both.db.connection_context():
            for _ in range(5):
                service.reserve_block("HT", 2026, 7, "抢号", actor=archivist(), at=AT)

    def register():
        with both.db.connection_context():
            for _ in range(20):
                service.register_folder("HT", 2026, "同时", actor=archivist(), at=AT)

    threads = [threading.Thread(target=t) for t in (reserve, register, reserve, register)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert serials() == list(range(1, 111))
