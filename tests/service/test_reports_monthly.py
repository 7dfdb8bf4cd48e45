"""The list of what is out goes to those whom the rule book names, by the 5th, once a month, come what may."""

from __future__ import annotations

from datetime import datetime
from threading import Barrier, Thread

import pytest

from archive_app.core import clock, db, jobs
from archive_app.core.audit import AuditEvent
from archive_app.notices.models import Notice
from archive_app.people.models import RuleBookVersion
from archive_app.prints import queries as prints
from archive_app.prints.models import Print
from archive_app.reports import queries, service, sheets, tasks
from archive_app.reports.models import ReportRun
from tests.lending import wall

pytest_plugins = ["tests.lending"]


@pytest.fixture
def open_since(people):
    """Have the archive taken up its rule book long ago."""
    RuleBookVersion.update(adopted_at=day(1, 1)).execute()


def day(month, number, hour=0, minute=1):
    return datetime(2026, month, number, hour, minute, tzinfo=clock.LOCAL)


@pytest.mark.requirement("LOAN-12")
@pytest.mark.requirement("REP-01")
def test_on_the_fifth_the_general_manager_is_given_the_list(people, open_since, approved, desk):
    loan = desk.hand(approved(), wall(9))
    assert [row.month for row in service.make_monthly(day(12, 4))] == ["2026-11"]
    (run,) = service.make_monthly(day(12, 5))
    assert (run.month, run.late, run.rows) == ("2026-12", False, 1)
    told = Notice.get(Notice.key.endswith("2026-12"))
    assert (told.user_id, told.code, told.title) == (
        people.gm.user_id,
        "report.outstanding",
        "2026-12 去向列表：1 份在外",
    )
    content = prints.content_of(run.print)
    assert (
        loan.folder.file_number in str(content["lines"])
        and content["clause"] == "公司客户档案建档及管理规范 三.6"
    )
    assert prints.print_for(people.gm, run.print_id, day(12, 5)).id == run.print_id
    assert AuditEvent.select().where(AuditEvent.action == "report.monthly").count() == 2


def test_it_is_made_once_however_often_the_clock_comes_by(people, open_since):
    assert len(service.make_monthly(day(12, 5))) == 1
    for at in (day(12, 5), day(12, 5, 12), day(12, 31), day(12, 4), day(12, 5, 0, 1)):
        assert service.make_monthly(at) == [] or at == day(12, 4)
    assert [row.month for row in ReportRun.select().order_by(ReportRun.month)] == ["2026-11", "2026-12"]
    assert Notice.select().count() == Print.select().count() == 2


def test_after_a_day_without_a_worker_it_is_made_late_and_says_so(people, open_since):
    (run,) = service.make_monthly(day(12, 9))
    assert (run.month, run.late) == ("2026-12", True)
    assert "迟了" in Notice.get().text
    (run,) = service.make_monthly(datetime(2027, 2, 1, tzinfo=clock.LOCAL))
    assert (run.month, run.late) == ("2027-01", True), "the newest that is missing, not all of them"


def test_an_archive_that_did_not_exist_on_the_fifth_owes_nothing(people, at):
    RuleBookVersion.update(adopted_at=day(11, 6)).execute()
    assert service.make_monthly(at) == []
    assert len(service.make_monthly(day(12, 5))) == 1


def test_a_rule_book_without_the_list_makes_none(people, open_since, monkeypatch):
    from dataclasses import replace

    adopted = service.rulebook.current(day(12, 5), 1)
    without = replace(
        adopted, book=replace(adopted.book, lending=replace(adopted.book.lending, reports=None))
    )
    monkeypatch.setattr(service.rulebook, "current", lambda *_: without)
    assert service.make_monthly(day(12, 5)) == []


def test_two_workers_make_one(archive, people, open_since):
    url, start, made = archive.url, Barrier(2), []

    def work():
        db.db.connect(reuse_if_open=True)
        start.wait()
        made.extend(service.make_monthly(day(12, 5)))
        db.db.close()

    workers = [Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert (
        len(made) == ReportRun.select().count() == Notice.select().count() == Print.select().count() == 1
    ), url


def test_what_breaks_in_the_middle_leaves_nothing_behind_and_is_made_next_time(
    people, open_since, monkeypatch
):
    def broken(*_args, **_more):
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(service, "tell", broken)
        with pytest.raises(RuntimeError):
            service.make_monthly(day(12, 5))
    assert ReportRun.select().count() == Print.select().count() == 0
    assert len(service.make_monthly(day(12, 5))) == 1


def test_the_sweep_makes_it_and_the_page_lists_it(people, open_since, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: day(12, 5, 8))
    tasks.make_monthly()
    (run,) = queries.runs(people.gm)
    assert run.month == "2026-12" and f"{tasks.__name__}.make_monthly" in jobs._sweeps
    assert sheets.seen(run.print.key, people.gm, day(12, 5)) and not sheets.seen(
        run.print.key, people.manager, day(12, 5)
    )
