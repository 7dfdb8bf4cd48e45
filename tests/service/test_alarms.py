"""Alarms: what is unusual is seen once, by the thresholds of the rule book, and told to whom it names."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.alarms import queries, service, watching
from archive_app.alarms.models import Alarm
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.work import work
from archive_app.notices.models import Notice
from archive_app.people import service as people_service
from archive_app.people import uses
from archive_app.people.models import AccountUse, User
from archive_app.records.service import note_view
from tests.alarms import alarms, guess, minute, refuse, use
from tests.conftest import PASSWORD
from tests.lending import wall

pytest_plugins = ["tests.alarms"]


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
