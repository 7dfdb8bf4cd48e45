"""The watch over the audit events: nothing is lost or counted twice by restart, clock or engine."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from archive_app.alarms import queries, rules, watching
from archive_app.alarms.models import AlarmCursor
from archive_app.core import audit
from archive_app.core.audit import AuditEvent
from archive_app.core.db import db
from archive_app.loans import reminding
from archive_app.loans.models import Loan
from archive_app.notices import mailing
from archive_app.notices.models import Notice
from archive_app.people import rulebook
from archive_app.people import service as people_service
from archive_app.people.models import User
from archive_app.policy.lending_parts import AlarmRule
from archive_app.policy.parts import Rule
from archive_app.records.service import register_folder
from tests.alarms import alarms, guess, minute, refuse, use
from tests.catcher import catcher
from tests.lending import wall

pytest_plugins = ["tests.alarms"]


# 重启、改钟、读到哪里


@pytest.mark.requirement("AUD-01")
def test_a_worker_killed_while_it_raises_raises_once_afterwards(room, monkeypatch):
    for n in range(5):
        refuse(room.borrower, minute(n))

    def killed(*args, **values):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(watching.notices, "tell", killed)
        with pytest.raises(KeyboardInterrupt):
            watching.watch(minute(6))
    assert alarms() == []
    watching.watch(minute(7))
    watching.watch(minute(8))
    assert len(alarms()) == 1
    assert Notice.select().count() == 2


def test_a_worker_that_stood_still_for_days_finds_what_happened_meanwhile(room):
    for n in range(5):
        refuse(room.borrower, minute(n))
    assert watching.watch(wall(9, 0, day=26)) == 1
    assert alarms()[0].first_at == minute(0)


def test_a_rule_book_without_alarms_raises_none_and_does_not_save_them_up(room, monkeypatch):
    book = rulebook.current(minute(0)).book
    plain = SimpleNamespace(lending=SimpleNamespace(alarms=None), is_open=book.is_open)
    with monkeypatch.context() as patch:
        patch.setattr(watching.rulebook, "current", lambda at: SimpleNamespace(id=1, book=plain))
        for n in range(5):
            refuse(room.borrower, minute(n))
        assert watching.watch(minute(6)) == 0
    assert watching.watch(minute(7)) == 0
    assert AlarmCursor.get().seq == audit.head()[0]


def test_a_quiet_archive_is_looked_at_with_few_questions(room):
    from archive_app.core.db import count_queries

    watching.watch(minute(0))
    with count_queries() as count:
        watching.watch(minute(1))
    assert count() <= 6


RULE = AlarmRule("refusals", 3, timedelta(minutes=60), (), Rule("x", "x", ""))


def events(minutes):
    return [
        rules.Event(seq, minute(at), "borrower", "refusal", "1", {"code": "x", "clause": "x"})
        for seq, at in enumerate(minutes, start=1)
    ]


@given(st.lists(st.integers(-300, 300), max_size=30), st.integers(1, 8))
@example([1, 1, 61, 0, 0, 1, -60], 1)
def test_however_the_events_are_cut_into_batches_the_same_alarms_come_of_them(minutes, size):
    """Times go up and down (the clock is put back); each event belongs to at most one alarm."""
    whole = rules.runs(events(minutes), RULE, "account:borrower", None)
    known, last, kept = [], None, []
    every = events(minutes)
    for start in range(0, len(every), size):
        after = kept[-1][-1].seq if kept else 0
        before = [event for event in known if event.seq > after]
        for run in rules.runs([*before, *every[start : start + size]], RULE, "account:borrower", last):
            if run.alarm_id is None:
                kept.append(list(run.events))
            else:
                kept[-1] += run.events
            last = rules.Ringing(len(kept), True, run.last.at)
        known += every[start : start + size]
    assert kept == [run.events for run in whole]
    seqs = [event.seq for events in kept for event in events]
    assert len(seqs) == len(set(seqs))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 300), st.booleans()), min_size=1, max_size=14))
def test_kills_lose_no_attempt_and_count_none_twice(room, steps):
    """Each step is an attempt at a minute; True: the worker is killed while it looks."""
    with db.atomic() as savepoint:
        for at, kill in steps:
            refuse(room.borrower, minute(at))
            with db.atomic() as inner:
                watching.watch(minute(at))
                if kill:
                    inner.rollback()
        watching.watch(minute(301))
        rows = AuditEvent.select().where(AuditEvent.action == "refusal").order_by(AuditEvent.seq)
        chain = [rules.Event(e.seq, e.at, e.actor, e.action, e.key, json.loads(e.data)) for e in rows]
        book = rulebook.current(minute(0)).book
        rule = next(row for row in book.lending.alarms.rows if row.kind == "refusals")
        expected = rules.runs(chain, rule, "account:borrower", None)
        assert [(a.first_seq, a.last_seq, a.count) for a in alarms()] == [
            (run.first.seq, run.last.seq, len(run.events)) for run in expected
        ]
        savepoint.rollback()


# 两种数据库


@pytest.mark.requirement("AUD-01")
def test_reminders_letters_and_alarms_are_the_same_on_both_engines(both, at, monkeypatch):
    people = {user.username: user for user in User.select()}
    borrower = people_service.actor_of(people["borrower"], at)
    for n in range(6):
        refuse(borrower, minute(n))
        guess(f"nobody-{n}", minute(n))
    use(borrower, "10.0.0.7", minute(5))
    use(borrower, "10.0.0.8", minute(6))
    assert watching.watch(minute(7)) == 3
    assert watching.watch(minute(7)) == 0
    kinds = {alarm.kind: alarm for alarm in alarms()}
    assert set(kinds) == {"refusals", "sign_in_failures", "two_places"}
    assert [len(queries.trail(kinds[kind])) for kind in ("refusals", "sign_in_failures")] == [6, 6]
    assert len(queries.uses(kinds["two_places"])) == 2
    User.update(email="director@example.com").where(User.username == "director").execute()
    with catcher() as server:
        monkeypatch.setenv("SMTP_URL", server.url)
        assert mailing.send_waiting(minute(8)).sent == 3
        assert len(server.letters) == 3
    folder = register_folder(
        "HT", 2026, "甲", secrecy="open", actor=people_service.actor_of(people["archivist"], at), at=at
    )
    Loan.create(
        folder=folder, borrower=people["borrower"], kind="loan", purpose="看", state="out", rule_book=1,
        requested_by="borrower", requested_at=at, handed_at=wall(9), due_at=wall(13),
    )  # fmt: skip
    looks = (wall(12, 30), wall(12, 31), wall(13))
    assert [reminding.remind(moment) for moment in looks] == [1, 0, 1]
    assert reminding.tell_digests(wall(9, 0, day=20)) >= 1
