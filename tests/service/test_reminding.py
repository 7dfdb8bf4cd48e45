"""The clock of lending: who is told what before, at and after due, whatever happens to worker and clock."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive_app.core.db import count_queries, db
from archive_app.loans import reminding, service
from archive_app.loans.flow import ACTIVE
from archive_app.loans.models import Loan
from archive_app.loans.stages import stages
from archive_app.notices.models import Notice
from archive_app.people import rulebook
from archive_app.people.models import User
from archive_app.records.models import Folder
from tests.lending import wall

pytest_plugins = ["tests.lending"]


def notices_of(who, *codes):
    rows = Notice.select().where(Notice.user == who.user_id).order_by(Notice.id)
    return [row.code for row in rows if not codes or row.code in codes]


def loan_notices():
    rows = Notice.select(Notice, User).join(User).where(Notice.code.startswith("loan."))
    return [(row.user.username, row.code) for row in rows.order_by(Notice.id)]


@pytest.fixture
def out(approved, desk):
    """A secret folder handed over at 9:00, due at 13:00; nobody was told anything about its due time yet."""
    loan = desk.hand(approved(), wall(9))
    assert loan.due_at == wall(13)
    Notice.delete().execute()
    return loan


def sweep(at):
    service.mark_overdue(at)
    return reminding.remind(at)


# 到期前、到期、到期后


@pytest.mark.requirement("LOAN-01")
def test_the_borrower_is_told_half_an_hour_before_at_and_after_due(people, out):
    assert sweep(wall(12, 29)) == 0
    assert sweep(wall(12, 30)) == 1
    assert sweep(wall(12, 59)) == 0
    assert sweep(wall(13, 0)) == 1
    assert sweep(wall(13, 30)) == 1
    assert notices_of(people.borrower) == ["loan.due_soon", "loan.due", "loan.overdue"]


def test_a_notice_names_the_number_the_hour_and_the_clause_and_never_the_title(people, out):
    sweep(wall(13, 30))
    row = Notice.get(Notice.user == people.borrower.user_id)
    assert out.folder.file_number in row.title
    assert "11-19 13:00" in row.text
    assert out.due_clause in row.text
    assert out.folder.title not in row.title + row.text
    assert (row.endpoint, row.about) == ("loans.loan_page", f'{{"loan_id": {out.id}}}')


@pytest.mark.requirement("LOAN-01")
def test_the_notice_comes_within_twenty_seconds_of_the_due_time(people, out):
    """The worker looks every 20 seconds; this is that clock, second by second as it would fall worst."""
    looks = [wall(12, 31) + timedelta(seconds=19.9 + 20 * n) for n in range(100)]
    for at in looks:
        reminding.remind(at)
    told = Notice.get((Notice.user == people.borrower.user_id) & (Notice.code == "loan.due")).at
    assert timedelta(0) <= told - out.due_at <= timedelta(seconds=20)


def test_the_keeper_is_told_two_hours_after_due_and_the_director_a_day_after(people, out):
    sweep(wall(14, 59))
    assert notices_of(people.archivist) == []
    sweep(wall(15, 0))
    assert notices_of(people.archivist) == ["loan.escalated"]
    assert notices_of(people.director) == []
    sweep(wall(13, 0, day=20))
    assert notices_of(people.director) == ["loan.escalated"]
    assert "王静娟" in Notice.get(Notice.user == people.director.user_id).text


def test_what_came_back_is_spoken_of_no_more(people, out, desk):
    sweep(wall(12, 30))
    desk.back(out, wall(12, 40))
    assert sweep(wall(16)) == 0


def test_before_and_at_due_go_by_mail_at_once_and_the_rest_in_the_digest(people, out):
    for at in (wall(12, 30), wall(13), wall(13, 30), wall(15)):
        sweep(at)
    mails = {row.code: row.mail for row in Notice.select()}
    assert mails["loan.due_soon"] == mails["loan.due"] == "pending"
    assert mails["loan.overdue"] == mails["loan.escalated"] == "none"


def test_a_role_that_the_borrower_holds_too_is_not_told_of_the_own_loan(people, approved, desk):
    desk.hand(approved(who=people.director), wall(9))
    Notice.delete().execute()
    sweep(wall(14, 0, day=20))
    assert notices_of(people.director) == ["loan.overdue"]


# 续借


def test_a_longer_due_time_has_warnings_of_its_own(people, out):
    sweep(wall(12, 30))
    Loan.update(due_at=wall(13, 20)).where(Loan.id == out.id).execute()
    sweep(wall(12, 51))
    assert notices_of(people.borrower) == ["loan.due_soon", "loan.due_soon"]
    assert sweep(wall(13, 1)) == 0  # the old due time is none any more
    sweep(wall(13, 20))
    assert notices_of(people.borrower)[-1] == "loan.due"


def test_what_was_said_of_the_old_due_time_is_read_once_there_is_a_new_one(people, out):
    sweep(wall(12, 30))
    Loan.update(due_at=wall(15)).where(Loan.id == out.id).execute()
    sweep(wall(12, 40))
    (row,) = Notice.select().where(Notice.user == people.borrower.user_id)
    assert (row.code, row.read_at, row.mail) == ("loan.due_soon", wall(12, 40), "skipped")


def test_a_due_time_that_was_brought_forward_speaks_at_once(people, out):
    sweep(wall(9, 1))
    Loan.update(due_at=wall(10)).where(Loan.id == out.id).execute()
    sweep(wall(10, 0))
    assert notices_of(people.borrower) == ["loan.due"]


# 停机、改钟


@pytest.mark.requirement("LOAN-01")
def test_a_worker_that_stood_still_for_days_tells_the_newest_only_and_loses_nobody(people, out):
    sweep(wall(9, 0, day=24))
    assert sorted(loan_notices()) == [
        ("archivist", "loan.escalated"),
        ("borrower", "loan.overdue"),
        ("director", "loan.escalated"),
    ]
    assert sweep(wall(9, 1, day=24)) == 0


def test_a_clock_put_back_an_hour_repeats_nothing_and_takes_nothing_back(people, out):
    for at in (wall(12, 30), wall(13), wall(13, 30)):
        sweep(at)
    before = loan_notices()
    for minute in range(30, 91, 5):  # 12:30 … 13:30 once more
        assert sweep(wall(12) + timedelta(minutes=minute)) == 0
    assert loan_notices() == before
    sweep(wall(15))
    assert notices_of(people.borrower) == ["loan.due_soon", "loan.due", "loan.overdue", "loan.overdue"]


def test_a_clock_put_forward_marks_overdue_once_and_tells_once(people, out):
    sweep(wall(12))
    sweep(wall(20))
    sweep(wall(12, 1))
    sweep(wall(20))
    assert Loan.get_by_id(out.id).overdue_at == wall(20)
    assert Counter(loan_notices()) == {("borrower", "loan.overdue"): 1, ("archivist", "loan.escalated"): 1}


@pytest.mark.parametrize("restarted", [False, True])
def test_a_clock_that_was_days_ahead_for_one_look_loses_no_warning(people, out, restarted):
    sweep(wall(9, 1))
    reminding.remind(wall(9, 1, day=25))
    if restarted:  # the clock was put right while the program was down
        reminding._looked.clear()
    for minute in range(2, 260, 5):
        reminding.remind(wall(9) + timedelta(minutes=minute))
    told = Counter(notices_of(people.borrower))
    assert (told["loan.due_soon"], told["loan.due"]) == (1, 1)


def test_a_worker_killed_in_mid_sweep_tells_everything_once_afterwards(people, out, monkeypatch):
    real = reminding._tell

    def killed(*args):
        real(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reminding, "_tell", killed)
        with pytest.raises(KeyboardInterrupt):
            sweep(wall(13))
    assert loan_notices() == []
    sweep(wall(13))
    assert loan_notices() == [("borrower", "loan.due")]


@pytest.mark.requirement("LOAN-01")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    looks=st.lists(st.tuples(st.integers(-200, 3500), st.booleans()), min_size=1, max_size=8),
)
def test_whatever_kills_and_clock_changes_there_are_nothing_is_told_twice_or_too_early(people, out, looks):
    """Minutes from the due time, in any order (the clock is put back and forward); True: killed meanwhile."""
    rule = rulebook.by_id(out.rule_book).book.lending.reminders
    all_stages = stages(rule, out.handed_at, out.due_at)
    keys = {stage.key(out.id, out.due_at): stage for stage in all_stages}
    with db.atomic() as savepoint:
        for minute, kill in looks:
            at = out.due_at + timedelta(minutes=minute)
            if kill:
                with db.atomic() as lost:
                    reminding.remind(at)
                    lost.rollback()
            else:
                reminding.remind(at)
        told = list(Notice.select().where(Notice.code.startswith("loan.")))
        seen = [minute for minute, kill in looks if not kill]
        assert len(told) == len({(row.user_id, row.key) for row in told})
        assert all(row.at >= keys[row.key].at for row in told)
        if seen:  # the newest that the clock has ever reached was told to everybody
            furthest = out.due_at + timedelta(minutes=max(seen))
            for to in {stage.to for stage in all_stages if stage.at <= furthest}:
                newest = [s for s in all_stages if s.to == to and s.at <= furthest][-1]
                assert newest.key(out.id, out.due_at) in {row.key for row in told}
        savepoint.rollback()


# 每日一封


@pytest.mark.requirement("LOAN-01")
def test_one_digest_a_person_a_day_lists_what_is_late_by_number(people, approved, desk, folder):
    loans = [desk.hand(approved(kept=folder("secret")), wall(9)) for _ in range(3)]
    Notice.delete().execute()
    assert reminding.tell_digests(wall(8, 59, day=20)) == 0
    reminding.tell_digests(wall(9, 0, day=20))
    assert reminding.tell_digests(wall(11, 0, day=20)) == 0
    [row] = Notice.select().where((Notice.user == people.borrower.user_id) & (Notice.code == "loan.digest"))
    assert all(loan.folder.file_number in row.text for loan in loans)
    assert loans[0].folder.title not in row.text
    assert row.title == "3 份逾期未还"
    assert row.mail == "pending"
    keeper = Notice.get((Notice.user == people.archivist.user_id) & (Notice.code == "loan.digest"))
    assert keeper.text.startswith("别人借的 3 份")


def test_a_worker_started_at_noon_writes_the_digest_of_the_morning(people, approved, desk):
    desk.hand(approved(), wall(9))
    desk.hand(approved(), wall(9, 0, day=20))  # late only after this morning's hour
    Notice.delete().execute()
    reminding._written.clear()
    reminding.tell_digests(wall(14, 0, day=20))
    row = Notice.get(Notice.user == people.borrower.user_id)
    assert row.title == "1 份逾期未还"
    reminding._written.clear()  # another process, or the same one after a restart
    assert reminding.tell_digests(wall(15, 0, day=20)) == 0


@pytest.mark.parametrize("restarted", [False, True])
def test_a_clock_put_back_over_midnight_writes_no_digest_of_either_day_again(people, out, restarted):
    for when in (wall(9, 0, day=20), wall(9, 0, day=21)):
        assert reminding.tell_digests(when) > 0
    for when in (wall(23, 50, day=20), wall(0, 10, day=21), wall(9, 0, day=21)):
        if restarted:
            reminding._written.clear()
        assert reminding.tell_digests(when) == 0
    assert notices_of(people.borrower, "loan.digest") == ["loan.digest"] * 2


def test_the_next_digest_takes_the_place_of_the_one_before(people, out):
    reminding.tell_digests(wall(9, 0, day=20))
    reminding.tell_digests(wall(9, 0, day=21))
    rows = list(Notice.select().where(Notice.user == people.borrower.user_id).order_by(Notice.id))
    assert [row.read_at is None for row in rows] == [False, True]


def test_a_long_digest_names_twenty_and_counts_the_rest():
    text = reminding._part("你借的", [f"HT-2026-{n:04d}　11-19 13:00 应还" for n in range(1694)])
    assert len(text) < 1000
    assert text.startswith("你借的 1694 份：")
    assert text.endswith("另有 1674 份")


# 大量在借


def test_a_quiet_sweep_over_a_thousand_running_loans_asks_one_question(people, out):
    values = Loan.select().where(Loan.id == out.id).dicts().get()
    folder = Folder.select().where(Folder.id == out.folder_id).dicts().get()
    columns = {name: value for name, value in values.items() if name != "id"}
    columns |= {"remind_due": out.due_at, "remind_at": wall(12, 30)}
    paper = {name: value for name, value in folder.items() if name != "id"}
    with db.atomic():
        for begin in range(0, 1_000, 500):
            numbers = range(100_000 + begin, 100_500 + begin)
            Folder.insert_many(
                [paper | {"id": n, "file_number": f"T-{n}", "serial": n} for n in numbers]
            ).execute()
            Loan.insert_many([columns | {"folder": n} for n in numbers]).execute()
    reminding.remind(wall(10))
    with count_queries() as count:
        assert reminding.remind(wall(10, 1)) == 0
    assert count() == 1
    assert Loan.select().where(Loan.state.in_(ACTIVE)).count() == 1_001


# 办完了就不再挂着


def test_a_return_reads_what_reminded_of_it_and_stops_the_letters(people, out, desk):
    for at in (wall(12, 30), wall(13), wall(15)):
        sweep(at)
    assert Notice.select().where(Notice.read_at.is_null()).count() == 4
    desk.back(out, wall(15, 5))
    assert Notice.select().where(Notice.read_at.is_null()).count() == 0
    assert Notice.select().where(Notice.mail == "pending").count() == 0


def test_a_decision_reads_what_asked_for_it(people, folder, ask, decide):
    loan = ask(folder("secret"), people.borrower)
    assert notices_of(people.gm) == ["approval.waiting"]
    decide(loan, people.deputy_gm)
    waiting = Notice.select().where(Notice.code == "approval.waiting")
    assert [row.read_at is None for row in waiting] == [False, False]
    assert [row.mail for row in waiting] == ["skipped", "skipped"]
    assert notices_of(people.borrower) == ["approval.granted"]
    assert Notice.get(Notice.user == people.borrower.user_id).read_at is None
