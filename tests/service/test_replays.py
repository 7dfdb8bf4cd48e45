"""Last year's loans under another rule book: selected in few queries, judged, kept; done once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.core import jobs
from archive_app.core.db import count_queries
from archive_app.core.errors import Refused
from archive_app.loans.models import Loan
from archive_app.people import rulebook
from archive_app.revisions import replaying, service
from archive_app.revisions.models import Replay
from tests.lending import actions

pytest_plugins = ["tests.lending"]


@pytest.fixture
def lent(approved, desk, at):
    """A secret folder lent for four hours and back in time."""

    def make(count=1):
        for _n in range(count):
            loan = approved("secret")
            desk.hand(loan, at)
            desk.back(Loan.get_by_id(loan.id), at + timedelta(hours=3))
        return Loan.select()

    return make


@pytest.fixture
def two_hours(people, at):
    """A draft by which secret folders are lent for two hours only."""
    text = rulebook.current(at).book.text.replace("hours = 4\n", "hours = 2\n")
    return service.draft(text, "四小时太长", actor=people.admin, at=at)


@pytest.mark.requirement("AUD-19")
def test_a_draft_is_tried_on_what_really_was_lent(people, at, lent, two_hours):
    lent(2)
    later = at + timedelta(days=1)
    row = replaying.ask_replay(f"r{two_hours.id}", actor=people.admin, at=later)
    assert (row.state, row.total) == ("waiting", 2)
    jobs.work_off()
    row = Replay.get_by_id(row.id)
    assert (row.state, row.done) == ("done", 2), row.error
    found = replaying.result_of(row)
    assert (found["events"], found["changed"]) == (2, 2)
    assert found["counts"]["earlier"] == found["counts"]["late"] == 2
    example = found["groups"][0]["examples"][0]
    assert example["number"].startswith("JY-2026-"), "no file number, no title of a folder"
    assert "policy.replayed" in actions()


def test_the_rule_book_in_force_changes_nothing_of_what_it_judged_itself(people, at, lent):
    lent()
    row = replaying.ask_replay("now", actor=people.director, at=at + timedelta(days=1))
    jobs.work_off()
    found = replaying.result_of(Replay.get_by_id(row.id))
    assert (found["events"], found["changed"]) == (1, 0), found["groups"]


def test_a_photocopy_made_for_one_loan_is_not_taken_for_one_kept_for_lending(people, at, approved, desk):
    desk.hand(approved("open", kind="photocopy"), at)
    row = replaying.ask_replay("now", actor=people.director, at=at + timedelta(days=1))
    jobs.work_off()
    found = replaying.result_of(Replay.get_by_id(row.id))
    assert (found["events"], found["changed"]) == (1, 0), found["groups"]


def test_only_the_last_year_counts(people, at, lent):
    lent()
    assert replaying.ask_replay("now", actor=people.admin, at=at + timedelta(days=400)).total == 0


def test_a_replay_asked_twice_is_one_and_a_lost_worker_is_followed_by_another(people, at, lent, two_hours):
    lent()
    later = at + timedelta(days=1)
    key = f"r{two_hours.id}"
    first = replaying.ask_replay(key, actor=people.admin, at=later)
    assert replaying.ask_replay(key, actor=people.gm, at=later) == first
    jobs.queue().flush()  # the nudge is lost
    assert replaying.waiting(later) == [first.id]
    Replay.update(state="running", tries=1, lease_until=later + timedelta(minutes=5)).execute()
    assert replaying.waiting(later) == [], "a worker has it"
    dead = later + timedelta(minutes=6)
    assert replaying.waiting(dead) == [first.id]
    replaying.run(first.id, dead)
    replaying.run(first.id, dead)
    assert Replay.get().state == "done"


def test_a_draft_changed_before_its_replay_is_not_judged_by_mistake(people, at, two_hours):
    row = replaying.ask_replay(f"r{two_hours.id}", actor=people.admin, at=at)
    text = two_hours.text.replace("hours = 2\n", "hours = 1\n")
    service.edit(two_hours.id, text, "一小时", two_hours.edition, actor=people.admin, at=at)
    jobs.work_off()
    assert Replay.get_by_id(row.id).state == "failed"
    assert "又改过" in Replay.get_by_id(row.id).error


def test_a_borrower_replays_nothing(people, at):
    with pytest.raises(Refused):
        replaying.ask_replay("now", actor=people.borrower, at=at)


def test_the_selection_costs_a_few_queries_a_chunk(people, at, lent, monkeypatch):
    lent(3)
    book, since, until = rulebook.current(at).book, at - timedelta(days=1), at + timedelta(days=1)
    with count_queries() as one:
        replaying.judge(book, since, until, now=until)
    monkeypatch.setattr(replaying, "CHUNK", 1)
    with count_queries() as three:
        replaying.judge(book, since, until, now=until)
    assert one() <= 6
    assert three() <= 1 + 4 * 3 + 1
