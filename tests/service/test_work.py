"""The unit of work: all or nothing, audit last, jobs only after COMMIT."""

import threading

import pytest

from archive_app.core import audit, jobs
from archive_app.core.errors import Refused
from archive_app.core.work import work
from archive_app.people.actor import system
from archive_app.people.models import Department
from tests.conftest import AT

done: list[int] = []


@jobs.task
def remember(number):
    done.append(number)


@jobs.task
def explode(number):
    raise RuntimeError("a job that fails")


@pytest.fixture(autouse=True)
def nothing_done():
    done.clear()


def department(code):
    return Department.create(code=code, name=code)


def test_rows_notes_and_jobs_come_together(archive):
    with work(system(), AT) as w:
        w.note("test.made", department("A1"))
        w.enqueue(remember, 1)
        assert jobs.work_off() == 0  # not before COMMIT
    assert jobs.work_off() == 1
    assert done == [1]
    assert audit.AuditEvent.select().where(audit.AuditEvent.action == "test.made").count() == 1


def test_an_error_leaves_no_row_no_note_and_no_job(archive):
    before = audit.head()
    with pytest.raises(ValueError, match="no"), work(system(), AT) as w:
        w.note("test.made", department("A2"))
        w.enqueue(remember, 2)
        raise ValueError("no")
    assert jobs.work_off() == 0
    assert audit.head() == before
    assert not Department.select().where(Department.code == "A2").exists()


def test_a_verb_inside_a_verb_joins_its_work(archive):
    with pytest.raises(Refused), work(system(), AT):
        with work(system(), AT) as inner:
            inner.note("test.inner", department("A3"))
        raise Refused("x", "x")
    assert not Department.select().where(Department.code == "A3").exists()


def test_an_attempt_that_fails_takes_only_its_own_rows_notes_and_jobs_back(archive):
    with work(system(), AT) as w:
        w.note("test.kept", department("A4"))
        with pytest.raises(ValueError, match="no"), w.attempt():
            w.note("test.lost", department("A5"))
            w.enqueue(remember, 5)
            raise ValueError("no")
        w.enqueue(remember, 4)
    jobs.work_off()
    assert done == [4]
    codes = {d.code for d in Department.select()}
    assert "A4" in codes
    assert "A5" not in codes
    actions = {e.action for e in audit.AuditEvent.select()}
    assert "test.lost" not in actions


def test_a_queue_that_is_down_does_not_undo_what_was_saved(archive, monkeypatch, caplog):
    def down(*_args):
        raise OSError("queue is down")

    monkeypatch.setattr(jobs, "_runner", down)
    with work(system(), AT) as w:
        department("A6")
        w.enqueue(remember, 6)
    assert Department.select().where(Department.code == "A6").exists()
    assert "the sweep will find it" in caplog.text


def test_forty_threads_append_to_one_chain_without_forking_it(both):
    before = audit.head()[0]

    def note(number):
        with both.db.connection_context(), work(system(), AT) as w:
            w.note("test.thread", ("thing", str(number)))

    threads = [threading.Thread(target=note, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.head()[0] == before + 40
    assert audit.verify() == []
