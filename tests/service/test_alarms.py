"""Alarms: what is unusual is seen once, by the thresholds of the rule book, and told to whom it names."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive_app.alarms import queries, rules, service, watching
from archive_app.alarms.models import Alarm, AlarmCursor
from archive_app.core import audit
from archive_app.core.audit import AuditEvent
from archive_app.core.db import db
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.work import work
from archive_app.loans import reminding
from archive_app.loans.models import Loan
from archive_app.notices import mailing
from archive_app.notices.models import Notice
from archive_app.people import rulebook, sign_in, uses
from archive_app.people import service as people_service
from archive_app.people.models import AccountUse, User
from archive_app.policy.lending_parts import AlarmRule
from archive_app.policy.parts import Rule
from archive_app.records.service import note_view, register_folder
from tests.catcher import catcher
from tests.conftest import PASSWORD
from tests.lending import wall

SECURITY = ("保密员", "ZB")


@pytest.fixture
def room(people, at):
    """The archive with a security officer; what happened while it was set up is looked at already."""
    title, code = SECURITY
    user = people_service.create_user(
        "guard", "方慧", title, PASSWORD, department=people.departments[code], actor=people.admin, at=at
    )
    people.guard = people_service.actor_of(user, at)
    watching.watch(at)
    Notice.delete().execute()
    return people


@pytest.fixture
def folders(people, at):
    """Many secret folders of the sales department."""

    def make(n, secrecy="secret"):
        return [
            register_folder(
                "HT", 2026, f"密件标题{i}", secrecy=secrecy, department_id=people.departments["XS"].id,
                actor=people.archivist, at=at,
            )
            for i in range(n)
        ]  # fmt: skip

    return make


def refuse(actor, at, code="consult.top_secret", clause="七.2", endpoint="loans.request_page"):
    with work(actor, at) as w:
        w.note("refusal", ("user_account", str(actor.user_id)), code=code, clause=clause, endpoint=endpoint)


def guess(name, at, address="10.0.0.7", password="nonsense-1"):
    with pytest.raises(Refused):
        sign_in.sign_in(name, password, at, address=address)


def alarms():
    return list(Alarm.select().order_by(Alarm.id))


def minute(n, hour=10):
    return wall(hour) + timedelta(minutes=n)


# 多次被拒绝


@pytest.mark.requirement("AUD-01")
@pytest.mark.requirement("AUD-02")
def test_five_refused_attempts_in_an_hour_raise_one_alarm_and_tell_the_security_role(room):
    for n in range(4):
        refuse(room.borrower, minute(n))
    assert watching.watch(minute(4)) == 0
    refuse(room.borrower, minute(5))
    assert watching.watch(minute(6)) == 1
    [alarm] = alarms()
    assert (alarm.kind, alarm.user_id, alarm.count, alarm.state) == (
        "refusals", room.borrower.user_id, 5, "open",
    )  # fmt: skip
    told = {row.user_id for row in Notice.select()}
    assert told == {room.guard.user_id, room.director.user_id}
    assert "王静娟" in Notice.get().title
    assert alarm.clause in Notice.get().text


def test_an_open_alarm_grows_and_does_not_ring_again(room):
    for n in range(9):
        refuse(room.borrower, minute(n))
        watching.watch(minute(n))
    [alarm] = alarms()
    assert alarm.count == 9
    assert alarm.last_at == minute(8)
    assert Notice.select().count() == 2


def test_attempts_spread_over_a_day_are_nothing_unusual(room):
    for hour in range(9, 17):
        refuse(room.borrower, minute(0, hour))
        refuse(room.borrower, minute(1, hour))
    assert watching.watch(minute(0, 17)) == 0


def test_refusals_of_several_people_are_not_added_up(room):
    for who in (room.borrower, room.colleague, room.manager):
        for n in range(4):
            refuse(who, minute(n))
    assert watching.watch(minute(5)) == 0


@pytest.mark.parametrize(
    "harmless",
    [
        {"code": "wrong_state", "clause": "七.3"},
        {"code": "loan.closed"},
        {"code": "loan.no_seat"},
        {"code": "loan.whatever", "clause": ""},
        {"code": "loan.room_only", "endpoint": "desk.scan"},
    ],
)
def test_what_only_says_not_now_is_no_attempt(room, harmless):
    for n in range(20):
        refuse(room.archivist, minute(n), **harmless)
    assert watching.watch(minute(20)) == 0


def test_a_missing_permission_is_an_attempt_even_at_the_desk(room):
    for n in range(5):
        refuse(room.borrower, minute(n), code="permission", endpoint="desk.scan")
    assert watching.watch(minute(5)) == 1


def test_after_it_was_handled_only_new_attempts_count(room):
    for n in range(5):
        refuse(room.borrower, minute(n))
    watching.watch(minute(5))
    service.handle(alarms()[0].id, "已约谈，误操作。", actor=room.guard, at=minute(6))
    for n in range(7, 11):
        refuse(room.borrower, minute(n))
    assert watching.watch(minute(11)) == 0
    refuse(room.borrower, minute(12))
    assert watching.watch(minute(13)) == 1
    assert [alarm.count for alarm in alarms()] == [5, 5]


# 登录失败


@pytest.mark.requirement("AUD-01")
def test_guessing_the_password_of_an_account_rings_for_the_account_only(room):
    for n in range(6):
        guess("borrower", minute(n))
    watching.watch(minute(6))
    [alarm] = alarms()
    assert (alarm.kind, alarm.subject) == ("sign_in_failures", "account:borrower")
    assert queries.trail(alarm)[0].more[0] == "10.0.0.7"


def test_guessing_names_rings_for_the_address_and_keeps_no_typed_name(room):
    for n in range(6):
        guess(f"geheim-{n}", minute(n))
    watching.watch(minute(6))
    [alarm] = alarms()
    assert (alarm.subject, alarm.address, alarm.user_id) == ("address:10.0.0.7", "10.0.0.7", None)
    assert len(queries.trail(alarm)) == 6
    assert "geheim" not in str([vars(step) for step in queries.trail(alarm)])


def test_one_guess_at_each_of_many_accounts_rings_for_the_address(room):
    for n, name in enumerate(("borrower", "colleague", "manager", "director", "gm")):
        guess(name, minute(n), address="10.0.0.9")
    watching.watch(minute(6))
    assert [alarm.subject for alarm in alarms()] == ["address:10.0.0.9"]


# 大量查看、下载，开放时间外


@pytest.mark.requirement("AUD-01")
def test_forty_classified_folders_in_an_hour_are_mass_viewing(room, folders):
    seen = folders(40)
    for n, folder in enumerate(seen):
        note_view(folder, actor=room.borrower, at=minute(n), via="page")
    watching.watch(minute(41))
    [alarm] = alarms()
    assert (alarm.kind, alarm.count) == ("mass_views", 40)
    trail = queries.trail(alarm)
    assert {step.thing for step in trail} == {folder.file_number for folder in seen}
    assert "密件标题" not in str([vars(step) for step in trail])


def test_forty_pages_of_one_folder_are_reading(room, folders):
    [folder] = folders(1)
    for n in range(45):
        with work(room.borrower, minute(n)) as w:
            w.note("scan.view", ("scan_page", str(n)), folder=folder.file_number, secrecy="secret", page=n)
    assert watching.watch(minute(50)) == 0


def test_twenty_downloads_in_an_hour_are_many(room):
    for n in range(20):
        with work(room.colleague, minute(n)) as w:
            w.note("scan.download", ("electronic_file", str(n)), folder=f"HT-2026-{n:04d}", secrecy="open")
    watching.watch(minute(21))
    assert [(a.kind, a.count) for a in alarms()] == [("mass_downloads", 20)]


@pytest.mark.requirement("AUD-01")
def test_one_look_at_a_classified_folder_at_night_is_told(room, folders):
    [secret] = folders(1)
    note_view(secret, actor=room.borrower, at=wall(22), via="page")
    assert watching.watch(wall(22, 1)) == 1
    assert alarms()[0].kind == "outside_hours"


def test_a_look_in_the_opening_hours_is_not(room, folders):
    note_view(folders(1)[0], actor=room.borrower, at=wall(11), via="page")
    assert watching.watch(wall(22)) == 0


def test_a_reader_who_walks_off_rings_although_no_row_of_the_book_says_so(room):
    with work(room.archivist, minute(0)) as w:
        w.note(
            "loan.left_room", ("loan", "1"), reader="borrower", folder="HT-2026-0001", secrecy="confidential"
        )
    watching.watch(minute(1))
    [alarm] = alarms()
    assert (alarm.kind, alarm.subject) == ("left_room", "account:borrower")
    assert [step.thing for step in queries.trail(alarm)] == ["HT-2026-0001"]


# 两处使用


def use(who, address, at, agent="Firefox"):
    uses._written.clear()
    uses.note_use(who, address, agent, at)


@pytest.mark.requirement("AUD-01")
@pytest.mark.requirement("AUD-02")
def test_an_account_used_from_two_addresses_within_half_an_hour_rings_once(room):
    use(room.borrower, "10.0.0.7", minute(0))
    assert watching.watch(minute(1)) == 0
    use(room.borrower, "10.0.0.8", minute(10))
    assert watching.watch(minute(11)) == 1
    use(room.borrower, "10.0.0.7", minute(12))
    assert watching.watch(minute(13)) == 0
    [alarm] = alarms()
    assert (alarm.kind, alarm.places, alarm.count) == ("two_places", "10.0.0.7、10.0.0.8", 2)
    assert {use.address for use in queries.uses(alarm)} == {"10.0.0.7", "10.0.0.8"}
    service.handle(alarm.id, "手机和电脑都是本人。", actor=room.guard, at=minute(14))
    assert watching.watch(minute(15)) == 0


def test_moving_to_another_desk_after_lunch_is_nothing_unusual(room):
    use(room.borrower, "10.0.0.7", minute(0))
    use(room.borrower, "10.0.0.8", minute(31))
    assert watching.watch(minute(32)) == 0


def test_two_browsers_of_one_machine_are_one_place(room):
    use(room.borrower, "10.0.0.7", minute(0), "Firefox")
    use(room.borrower, "10.0.0.7", minute(1), "Chromium")
    assert AccountUse.select().count() == 2
    assert watching.watch(minute(2)) == 0


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::1", "2001:db8:1:2::/64"),
        ("unix:", "unix:"),
    ],
)
def test_an_address_is_one_place_however_it_is_written(address, place):
    assert uses.place_of(address) == place


def test_a_use_is_written_once_a_minute_and_again_when_the_clock_was_put_back(room):
    for second in (0, 20, 59, 60):
        uses.note_use(room.borrower, "10.0.0.7", "x", wall(10) + timedelta(seconds=second))
    assert AccountUse.get().seen_at == wall(10, 1)
    uses.note_use(room.borrower, "10.0.0.7", "x", wall(9))
    assert AccountUse.get().seen_at == wall(9)


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


# 处理


@pytest.mark.requirement("AUD-01")
def test_handling_needs_the_permission_a_remark_and_somebody_else(room):
    for n in range(5):
        refuse(room.borrower, minute(n))
        refuse(room.guard, minute(n))
    watching.watch(minute(5))
    mine = {alarm.user_id: alarm for alarm in alarms()}
    one, own = mine[room.borrower.user_id], mine[room.guard.user_id]
    with pytest.raises(Refused, match="岗位权限"):
        service.handle(one.id, "看过了", actor=room.borrower, at=minute(6))
    with pytest.raises(Invalid):
        service.handle(one.id, "  ", actor=room.guard, at=minute(6))
    with pytest.raises(Refused) as refused:
        service.handle(own.id, "是我自己", actor=room.guard, at=minute(6))
    assert refused.value.code == "alarm.own"
    with pytest.raises(NotFound):
        service.handle(999, "没有", actor=room.guard, at=minute(6))
    done = service.handle(one.id, "已约谈", actor=room.guard, at=minute(6))
    assert (done.state, done.handled_by, done.remark) == ("handled", "方慧", "已约谈")
    with pytest.raises(Refused) as again:
        service.handle(one.id, "再来", actor=room.guard, at=minute(7))
    assert again.value.code == "wrong_state"


def test_whom_an_alarm_is_about_is_not_told_of_it(room):
    for n in range(5):
        refuse(room.guard, minute(n))
    watching.watch(minute(6))
    assert {row.user_id for row in Notice.select()} == {room.director.user_id}


def test_the_list_is_by_key_newest_first(room):
    values = {"kind": "refusals", "first_seq": 1, "last_seq": 1, "count": 1, "rule_book": 1, "state": "open"}
    for n in range(35):
        Alarm.create(
            **values, subject=f"address:{n}", address=str(n), first_at=minute(n), last_at=minute(n),
            raised_at=minute(n),
        )  # fmt: skip
    rows, older = queries.page()
    more, end = queries.page(older=older)
    assert [int(row.address) for row in [*rows, *more]] == list(reversed(range(35)))
    assert end is None


def test_the_trail_belongs_to_the_alarm_only(room):
    for n in range(6):
        refuse(room.borrower, minute(n))
        refuse(room.colleague, minute(n))
    watching.watch(minute(7))
    for alarm in alarms():
        assert {step.actor for step in queries.trail(alarm)} == {alarm.user.username}
        assert len(queries.trail(alarm)) == 6


def test_names_of_one_account_do_not_mix_with_those_it_begins_with(room, at):
    people_service.create_user(
        "borrower2", "王二", "客户经理", PASSWORD, department=1, actor=room.admin, at=at
    )
    other = people_service.actor_of(User.get(User.username == "borrower2"), at)
    for n in range(5):
        refuse(other, minute(n))
        refuse(room.borrower, minute(n))
    watching.watch(minute(6))
    assert [len(queries.trail(alarm)) for alarm in alarms()] == [5, 5]


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
