"""Prints issued at once, killed in the middle, cancelled from elsewhere: each number and each PDF once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest

from archive_app.core import audit
from archive_app.core.audit import AuditEvent
from archive_app.core.storage import storage
from archive_app.people import service as people_service
from archive_app.people.models import User
from archive_app.prints import drawing, service
from archive_app.prints.models import Print
from tests.conftest import AT, ROOT
from tests.printing import FORM, board, pin  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("board")


def archivist():
    return people_service.actor_of(User.get(User.username == "archivist"), AT)


def issue(key="1"):
    return service.issue(FORM, "board", key, title="布告", actor=archivist(), at=AT)


def long_print(lines=12):
    """A print of so many parts that there is time to do something to it."""
    pin("1", *(f"第{n}行" for n in range(lines)))
    return issue()


def until_begun(row, parts=2):
    for _n in range(1200):
        if (now := Print.get_by_id(row.id)).done >= parts or now.state not in ("queued", "drawing"):
            return now
        time.sleep(0.05)
    raise AssertionError("the drawing did not begin")


def test_the_numbers_of_prints_issued_at_once_are_all_different(both):
    def print_some():
        with both.db.connection_context():
            for _n in range(5):
                issue()

    threads = [threading.Thread(target=print_some) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row.number for row in Print.select()) == list(range(1, 31))
    assert audit.verify() == []


@pytest.mark.slow
def test_a_print_whose_worker_is_killed_is_finished_whole_later_and_once(both):
    row = long_print()
    command = [sys.executable, "-m", "tests.concurrency.drawing", both.url, storage().url, str(row.id)]
    # what the worker draws is read from the store; the board it has is its own
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        begun = until_begun(row)
        worker.kill()
    assert (begun.state, begun.file) == ("drawing", "")
    assert drawing.draw(row.id, AT).state == "drawing"  # its lease still runs
    later = AT + timedelta(minutes=30)
    done = drawing.draw(row.id, later)
    assert (done.state, done.done, done.pages, done.tries) == ("done", 12, 12, 2)
    assert AuditEvent.select().where(AuditEvent.action == "print.finish").count() == 1
    assert storage().intact(done.file)


@pytest.mark.slow
def test_two_workers_on_one_print_draw_it_once(both):
    row, states = long_print(6), []

    def draw():
        with both.db.connection_context():
            states.append(drawing.draw(row.id, AT).state)

    threads = [threading.Thread(target=draw) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "done" in states
    assert Print.get_by_id(row.id).tries == 1
    assert AuditEvent.select().where(AuditEvent.action == "print.finish").count() == 1


def test_a_print_cancelled_while_it_is_drawn_stops_between_two_parts(archive):
    row = long_print(200)

    def draw():
        drawing.draw(row.id, AT)
        Print._meta.database.close()

    thread = threading.Thread(target=draw)
    thread.start()
    begun = until_begun(row)
    service.cancel(row.id, actor=archivist(), at=AT)
    thread.join()
    stopped = Print.get_by_id(row.id)
    assert (stopped.state, stopped.file) == ("cancelled", "")
    assert 2 <= begun.done <= stopped.done < 200
