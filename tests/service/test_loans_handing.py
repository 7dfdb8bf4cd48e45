"""At the desk: hand over, seat, return, undo, overdue by the clock; never beyond the rule of that moment."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive_app.core import audit, clock
from archive_app.core.audit import AuditEvent
from archive_app.core.db import db
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.loans import queries, service, tasks
from archive_app.loans.models import Loan
from archive_app.people import rulebook
from archive_app.people import service as people_service
from archive_app.people.models import User
from archive_app.records import queries as records
from archive_app.records import service as records_service
from archive_app.records.models import CustodyEvent, Folder

LEVEL = "销售客户档案管理制度 七.3"


@pytest.fixture
def folder(people, at):
    def make(secrecy="secret"):
        return records_service.register_folder(
            "KH", 2026, "无锡恒泰机电客户资信档案", secrecy=secrecy, place="A 柜 3 格",
            department_id=people.departments["XS"].id, actor=people.archivist, at=at,
        )  # fmt: skip

    return make


@pytest.fixture
def approved(people, at, folder):
    """A request that has gone through its chain."""

    def make(secrecy="secret", kind="loan", who=None, kept=None, at=at):
        kept = kept or folder(secrecy)
        loan = service.request_loan(
            kept.id, kind, purpose="续约谈判", undertaking=True, actor=who or people.borrower, at=at
        )
        for person in (people.manager, people.back_office, people.director, people.deputy_gm):
            if Loan.get_by_id(loan.id).state == "requested":
                try:
                    service.decide_loan(loan.id, "granted", actor=person, at=at)
                except Refused:
                    continue
        assert Loan.get_by_id(loan.id).state == "approved"
        return loan

    return make


@pytest.fixture
def desk(people):
    class Desk:
        def hand(self, loan, at):
            return service.hand_over(loan.id, actor=people.archivist, at=at)

        def seat(self, loan, at, seat=None):
            return service.seat_reader(loan.id, seat, actor=people.archivist, at=at)

        def back(self, loan, at, **more):
            return service.give_back(loan.id, actor=people.archivist, at=at, **more)

    return Desk()


def wall(hour, minute=0, day=19):
    return datetime(2026, 11, day, hour, minute, tzinfo=clock.LOCAL)


def custody(loan):
    folder = Folder.get_by_id(loan.folder_id)
    return folder.custody, folder.holder


def row(loan):
    return Loan.select().where(Loan.id == loan.id).dicts().get()


# 到期


@pytest.mark.requirement("LOAN-01")
@pytest.mark.requirement("SEC-01")
def test_a_secret_folder_is_due_after_four_hours(approved, desk):
    loan = desk.hand(approved(), wall(9))
    assert loan.state == "out"
    assert loan.due_at == wall(13)
    assert loan.due_clause == LEVEL


@pytest.mark.requirement("LOAN-01")
def test_closing_comes_first_when_it_comes_before_the_four_hours(approved, desk):
    assert desk.hand(approved(), wall(15, 5)).due_at == wall(17, 30)


@pytest.mark.requirement("LOAN-01")
def test_the_end_of_the_borrowers_own_authority_comes_first(people, approved, desk):
    loan = approved()
    User.update(authority_ends=wall(11)).where(User.id == people.borrower.user_id).execute()
    loan = desk.hand(loan, wall(10))
    assert loan.due_at == wall(11)
    assert "权限" in loan.due_reason


@pytest.mark.requirement("LOAN-08")
def test_an_open_original_comes_back_the_same_day(approved, desk):
    loan = desk.hand(approved("open"), wall(10))
    assert loan.due_at == wall(17, 30)
    assert loan.due_clause == "公司客户档案建档及管理规范 三.3"


def test_nothing_is_handed_over_when_the_room_is_closed(approved, desk):
    loan = approved()
    for moment in (wall(17, 30), wall(8, 29), wall(10, day=21)):
        with pytest.raises(Refused) as no:
            desk.hand(loan, moment)
        assert no.value.code == "loan.closed"
    assert Loan.get_by_id(loan.id).state == "approved"


@pytest.mark.requirement("LOAN-01")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    handed=st.integers(0, 9 * 60 - 1),
    authority=st.none() | st.integers(-60, 12 * 60),
    later=st.lists(st.integers(0, 3000), max_size=4),
    level=st.sampled_from(["open", "secret"]),
)
def test_the_due_time_is_the_earliest_of_three_and_never_moves(
    people, approved, desk, handed, authority, later, level
):
    opens, at = wall(8, 30), wall(8, 30) + timedelta(minutes=handed)
    ends = None if authority is None else opens + timedelta(minutes=authority)
    with db.atomic() as undo:
        loan = approved(level, at=opens - timedelta(hours=1))
        User.update(authority_ends=ends).where(User.id == people.borrower.user_id).execute()
        if ends is not None and ends <= at:
            with pytest.raises(Refused):
                desk.hand(loan, at)
        else:
            limits = [wall(17, 30), ends, at + timedelta(hours=4) if level == "secret" else None]
            due = min(limit for limit in limits if limit is not None)
            assert desk.hand(loan, at).due_at == due > at
            for minutes in later:  # whatever the clock, the page and the archivist do
                service.mark_overdue(at + timedelta(minutes=minutes))
                queries.out_list(at + timedelta(minutes=minutes))
                assert Loan.get_by_id(loan.id).due_at == due
            assert desk.back(loan, at + timedelta(minutes=max(later, default=0))).due_at == due
        undo.rollback()


# 规则在交出那一刻再问一次


@pytest.mark.requirement("LOAN-20")
def test_a_level_raised_while_approved_stops_the_hand_over(people, at, approved, desk):
    loan = approved("open")
    records_service.edit_folder(
        loan.folder_id, {"secrecy": "secret"}, "复核定密", 0, actor=people.archivist, at=at
    )
    with pytest.raises(Refused) as no:
        desk.hand(loan, wall(11))
    assert no.value.code == "loan.rule_changed"
    assert no.value.clause == LEVEL
    assert "总经理" in no.value.may_decide
    assert custody(loan) == ("on_shelf", "")


@pytest.mark.requirement("LOAN-02")
def test_a_folder_that_became_confidential_is_not_handed_over(people, at, approved, desk):
    loan = approved("secret")
    records_service.edit_folder(
        loan.folder_id, {"secrecy": "confidential"}, "复核定密", 0, actor=people.archivist, at=at
    )
    with pytest.raises(Refused) as no:
        desk.hand(loan, wall(11))
    assert no.value.rule == "机密级档案只能在档案室阅览，不准外借。"


def test_a_new_title_that_needs_a_longer_chain_stops_the_hand_over(people, at, approved, desk):
    loan = approved("open", who=people.director)  # directly, by 七.1
    people_service.edit_user(people.director.user_id, {"title": "客户经理"}, actor=people.admin, at=at)
    with pytest.raises(Refused) as no:
        desk.hand(loan, wall(11))
    assert no.value.code == "loan.rule_changed"
    assert no.value.clause == "销售客户档案管理制度 七.2"


def test_a_new_department_needs_its_own_manager(people, at, approved, desk):
    loan = approved("open")
    other = people.departments["NQ"].id
    people_service.edit_user(people.borrower.user_id, {"department_id": other}, actor=people.admin, at=at)
    with pytest.raises(Refused) as no:
        desk.hand(loan, wall(11))
    assert no.value.code == "loan.rule_changed"


def test_a_new_rule_book_is_the_one_that_judges_the_hand_over(people, at, approved, desk):
    loan = approved("secret")
    text = rulebook.profile_text("default")
    use = '[secrecy.secret.use.loan]\nwhere = "company"\nhours = '
    stricter = text.replace(f"{use}4", f"{use}2")
    assert stricter != text
    version = rulebook.adopt(stricter, "default", actor=people.director, at=at)
    loan = desk.hand(loan, wall(11))
    assert loan.due_at == wall(13)
    assert loan.rule_book == version.id
    assert loan.approval.rule_book != version.id


def test_a_running_loan_keeps_the_rule_book_that_judged_it(people, at, approved, desk):
    loan = desk.hand(approved("secret"), wall(11))
    text = rulebook.profile_text("default") + "\n# 第二版\n"
    rulebook.adopt(text, "default", actor=people.director, at=wall(12))
    back = desk.back(loan, wall(13))
    assert (back.due_at, back.rule_book) == (wall(15), loan.rule_book)


@pytest.mark.parametrize("how", ["locked", "closed"])
def test_nothing_is_handed_to_a_locked_or_closed_account(people, at, approved, desk, how):
    loan = approved()
    change = {"locked_until": wall(12)} if how == "locked" else {"active": False}
    User.update(change).where(User.id == people.borrower.user_id).execute()
    with pytest.raises(Refused) as no:
        desk.hand(loan, wall(11))
    assert no.value.code == "loan.borrower_locked"


def test_a_number_voided_while_approved_is_not_handed_over(people, at, approved, desk):
    loan = approved()
    records_service.void_number(loan.folder_id, "重复登记", actor=people.archivist, at=at)
    with pytest.raises(Refused) as no:
        desk.hand(loan, wall(11))
    assert no.value.code == "loan.unavailable"
    assert Loan.get_by_id(loan.id).state == "approved"


def test_a_borrower_whose_authority_ended_gets_nothing(people, approved, desk):
    loan = approved()
    User.update(authority_ends=wall(10, 30)).where(User.id == people.borrower.user_id).execute()
    with pytest.raises(Refused) as no:
        desk.hand(loan, wall(11))
    assert "authority" in no.value.code


@pytest.mark.requirement("LOAN-20")
def test_an_unapproved_request_is_not_handed_over(people, at, folder, desk):
    loan = service.request_loan(
        folder().id, "loan", purpose="对账", undertaking=True, actor=people.borrower, at=at
    )
    with pytest.raises(Refused) as no:
        desk.hand(loan, wall(11))
    assert no.value.code == "wrong_state"
    assert no.value.clause == LEVEL


def test_only_the_desk_hands_over_and_takes_back(people, at, approved, desk):
    loan = approved()
    for actor in (people.borrower, people.gm, people.auditor, people.admin):
        with pytest.raises(Refused, match="没有改动任何记录"):
            service.hand_over(loan.id, actor=actor, at=at)
    desk.hand(loan, at)
    with pytest.raises(Refused):
        service.give_back(loan.id, actor=people.borrower, at=at)


# 一份档案一个人


@pytest.mark.requirement("LOAN-06")
def test_a_folder_has_one_active_loan(people, approved, desk, folder):
    kept = folder("secret")
    first, second = approved(kept=kept), approved(kept=kept, who=people.colleague)
    desk.hand(first, wall(11))
    with pytest.raises(Refused) as no:
        desk.hand(second, wall(11, 5))
    assert no.value.code == "loan.already_out"
    assert "王静娟" in str(no.value)
    desk.back(first, wall(12))
    assert desk.hand(second, wall(12, 1)).state == "out"


def test_who_has_a_folder_is_told_to_those_who_may_know(people, approved, desk):
    kept = desk.hand(approved(), wall(11)).folder
    own = queries.outcome(people.manager, kept, "loan", wall(11, 5))
    stranger = queries.outcome(people.colleague, kept, "loan", wall(11, 5))
    assert (own.verdict, own.holder, own.position) == ("wait", "王静娟", 1)
    assert (stranger.verdict, stranger.holder) == ("wait", "")
    assert own.text == "要等。今日 15:00 应还，排第 1 位。"


def test_handing_over_twice_is_one_hand_over(approved, desk):
    loan = approved()
    desk.hand(loan, wall(11))
    with pytest.raises(Refused):
        desk.hand(loan, wall(11))
    assert CustodyEvent.select().where(CustodyEvent.custody == "lent").count() == 1


# 阅览室


@pytest.mark.requirement("LOAN-02")
def test_a_confidential_folder_is_read_at_a_seat_in_the_room(approved, desk, people):
    loan = approved("confidential", "consult", people.gm)
    with pytest.raises(Refused) as no:
        desk.hand(loan, wall(11))
    assert no.value.code == "loan.room_only"
    assert no.value.rule == "机密级档案只能在档案室阅览，不准外借。"
    loan = desk.seat(loan, wall(11))
    assert (loan.state, loan.seat) == ("reading", "1 号")
    assert custody(loan) == ("reading_room", "周建国")
    assert CustodyEvent.select().where(CustodyEvent.custody == "reading_room").get().place == "1 号"


def test_a_loan_is_not_seated(approved, desk):
    with pytest.raises(Refused) as no:
        desk.seat(approved(), wall(11))
    assert no.value.code == "loan.not_for_room"


def test_each_reader_has_a_seat_and_a_second_folder_comes_to_the_same_seat(people, approved, desk):
    first = desk.seat(approved("secret", "consult"), wall(11))
    again = desk.seat(approved("secret", "consult"), wall(11))
    other = desk.seat(approved("secret", "consult", people.colleague), wall(11))
    assert (first.seat, again.seat, other.seat) == ("1 号", "1 号", "2 号")


def test_a_taken_seat_is_refused_and_so_is_a_full_room(people, approved, desk):
    readers = [people.borrower, people.colleague, people.manager, people.back_office]
    for reader in readers:
        desk.seat(approved("secret", "consult", reader), wall(11))
    extra = approved("secret", "consult", people.supervisor)
    with pytest.raises(Refused) as no:
        desk.seat(extra, wall(11), "3 号")
    assert no.value.code == "loan.seat_taken"
    with pytest.raises(Refused) as no:
        desk.seat(extra, wall(11))
    assert no.value.code == "loan.no_seat"
    assert Loan.get_by_id(extra.id).state == "approved"


def test_a_seat_that_does_not_exist_is_refused(approved, desk):
    with pytest.raises(Refused, match="不能坐"):
        desk.seat(approved("secret", "consult"), wall(11), "99 号")


# 归还


@pytest.mark.requirement("LOAN-07")
@pytest.mark.requirement("LOAN-13")
def test_a_return_strikes_the_loan_and_puts_the_folder_back_at_once(approved, desk):
    loan = desk.hand(approved(), wall(11))
    assert custody(loan) == ("lent", "王静娟")
    loan = desk.back(loan, wall(12), pages=32, remark="完好")
    assert (loan.state, loan.returned_at, loan.received_by) == ("returned", wall(12), "陈静宜")
    assert custody(loan) == ("on_shelf", "")
    assert queries.out_list(wall(12)) == []
    newest = queries.timeline_of(loan)[0]
    assert (newest.custody, newest.place, newest.remark) == ("on_shelf", "A 柜 3 格", "清点 32 页；完好")


@pytest.mark.requirement("LOAN-10")
def test_missing_pages_are_said_on_the_return(people, at, approved, desk):
    loan = approved()
    records_service.add_document(loan.folder_id, title="合同", pages=10, actor=people.archivist, at=at)
    desk.hand(loan, wall(11))
    desk.back(loan, wall(12), pages=8)
    assert queries.timeline_of(loan)[0].remark == "清点 8 页，少 2 页"


def test_a_senseless_count_is_sent_back(approved, desk):
    loan = desk.hand(approved(), wall(11))
    with pytest.raises(Invalid):
        desk.back(loan, wall(12), pages=-1)
    assert Loan.get_by_id(loan.id).state == "out"


def test_returning_twice_is_one_return(approved, desk):
    loan = desk.hand(approved(), wall(11))
    desk.back(loan, wall(12))
    with pytest.raises(Refused):
        desk.back(loan, wall(12))


@pytest.mark.requirement("LOAN-09")
def test_a_photocopy_goes_out_while_the_folder_stays(approved, desk, folder):
    kept = folder("open")
    copy = desk.hand(approved("open", "photocopy", kept=kept), wall(11))
    assert (copy.state, copy.takes_folder, custody(copy)) == ("out", False, ("on_shelf", ""))
    other = desk.hand(approved("open", kept=kept), wall(11, 5))
    assert other.state == "out"
    assert desk.back(copy, wall(12)).state == "returned"
    assert custody(other) == ("lent", "王静娟")


# 逾期


@pytest.mark.requirement("LOAN-01")
def test_the_clock_marks_a_loan_overdue_and_screens_know_before_it(approved, desk):
    loan = desk.hand(approved(), wall(9))
    assert service.mark_overdue(wall(13)) == 0
    late = wall(13) + timedelta(seconds=1)
    (shown,) = queries.out_list(late)
    assert (shown.state, shown.shown) == ("out", "overdue")
    assert (queries.counts(late).out, queries.counts(late).overdue) == (0, 1)
    assert service.mark_overdue(late) == 1
    assert service.mark_overdue(late) == 0
    assert Loan.get_by_id(loan.id).state == "overdue"
    assert (queries.counts(late).out, queries.counts(late).overdue) == (0, 1)
    event = AuditEvent.select().where(AuditEvent.action == "loan.overdue").get()
    assert (event.actor, event.key) == ("system", str(loan.id))


def test_the_minute_sweep_marks_by_the_clock(approved, desk, monkeypatch):
    loan = desk.hand(approved(), wall(9))
    monkeypatch.setattr(clock, "now", lambda: wall(14))
    tasks.mark_overdue()
    assert Loan.get_by_id(loan.id).state == "overdue"


def test_a_late_return_is_known_as_late_even_if_the_sweep_never_ran(approved, desk):
    loan = desk.back(desk.hand(approved(), wall(9)), wall(14))
    assert (loan.state, loan.overdue_at) == ("returned", wall(14))
    actions = [e.action for e in AuditEvent.select().order_by(AuditEvent.seq)]
    assert actions[-2:] == ["loan.overdue", "loan.give_back"]
    assert queries.record_of(loan.borrower_id, wall(15)) == (1, 1)


# 撤销


def snapshot(loan):
    return row(loan), Folder.select().where(Folder.id == loan.folder_id).dicts().get()


def test_undoing_a_hand_over_restores_exactly_the_state_before(people, approved, desk):
    loan = approved()
    before = snapshot(loan)
    desk.hand(loan, wall(11))
    assert snapshot(loan) != before
    undone = wall(11) + timedelta(seconds=10)
    service.undo_hand_over(loan.id, "拿错", actor=people.archivist, at=undone)
    assert snapshot(loan) == before
    assert desk.hand(loan, undone).state == "out"


def test_undoing_a_seating_frees_the_seat(people, approved, desk):
    loan = approved("secret", "consult")
    before = snapshot(loan)
    desk.seat(loan, wall(11))
    service.undo_hand_over(loan.id, actor=people.archivist, at=wall(11))
    assert snapshot(loan) == before
    assert queries.in_room() == []


def test_a_hand_over_undone_after_its_due_time_passed_leaves_no_trace_of_overdue(people, approved, desk):
    loan = approved("open")
    before = snapshot(loan)
    desk.hand(loan, wall(17, 29) + timedelta(seconds=55))
    service.mark_overdue(wall(17, 30) + timedelta(seconds=1))
    service.undo_hand_over(loan.id, actor=people.archivist, at=wall(17, 30) + timedelta(seconds=3))
    assert snapshot(loan) == before


@pytest.mark.parametrize("back_at", [(12, 0), (16, 0)], ids=["in time", "late"])
@pytest.mark.parametrize("kind", ["loan", "consult"])
def test_undoing_a_return_restores_exactly_the_state_before(people, approved, desk, kind, back_at):
    loan = approved("secret", kind)
    (desk.hand if kind == "loan" else desk.seat)(loan, wall(11))
    moment = wall(*back_at)
    service.mark_overdue(moment)
    before = snapshot(loan)
    desk.back(loan, moment)
    service.undo_give_back(loan.id, actor=people.archivist, at=moment + timedelta(seconds=9))
    assert snapshot(loan) == before
    assert desk.back(loan, moment + timedelta(seconds=20)).state == "returned"


def test_after_ten_seconds_nothing_is_undone(people, approved, desk):
    loan = desk.hand(approved(), wall(11))
    too_late = wall(11) + timedelta(seconds=11)
    with pytest.raises(Refused) as no:
        service.undo_hand_over(loan.id, actor=people.archivist, at=too_late)
    assert no.value.code == "loan.undo_over"
    desk.back(loan, wall(12))
    with pytest.raises(Refused):
        service.undo_give_back(loan.id, actor=people.archivist, at=wall(12) + timedelta(seconds=11))


def test_a_return_is_not_undone_when_the_folder_has_gone_to_the_next(people, approved, desk, folder):
    kept = folder("secret")
    first, second = approved(kept=kept), approved(kept=kept, who=people.colleague)
    desk.hand(first, wall(11))
    desk.back(first, wall(12))
    desk.hand(second, wall(12))
    with pytest.raises(Refused) as no:
        service.undo_give_back(first.id, actor=people.archivist, at=wall(12))
    assert no.value.code == "loan.already_out"
    assert custody(second) == ("lent", "孙丽")


def test_every_desk_step_and_its_undo_are_on_the_chain(people, approved, desk):
    loan = approved()
    desk.hand(loan, wall(11))
    service.undo_hand_over(loan.id, "拿错", actor=people.archivist, at=wall(11))
    desk.hand(loan, wall(11, 1))
    desk.back(loan, wall(11, 2))
    done = [e.action for e in AuditEvent.select().where(AuditEvent.kind == "loan").order_by(AuditEvent.seq)]
    assert done == [
        "loan.request", "loan.approve", "loan.hand_over", "loan.undo_hand_over", "loan.hand_over",
        "loan.give_back",
    ]  # fmt: skip
    assert audit.verify() == []


# 看内容、登记簿、借阅单


@pytest.mark.requirement("SEC-16")
def test_a_running_loan_opens_the_content_to_its_borrower_and_its_end_closes_it(people, approved, desk):
    loan = approved("secret")
    kept = loan.folder
    assert not records.may_read(people.borrower, kept, wall(10))
    desk.hand(loan, wall(11))
    assert records.may_read(people.borrower, kept, wall(12))
    assert not records.may_read(people.colleague, kept, wall(12))
    assert not records.may_read(people.borrower, kept, wall(15, 1))  # overdue
    desk.back(loan, wall(16))
    assert not records.may_read(people.borrower, kept, wall(16))


def test_the_register_pages_by_key_and_filters_by_the_state_the_clock_sees(people, approved, desk):
    loans = [approved("secret") for _ in range(3)]
    desk.hand(loans[0], wall(9))
    desk.hand(loans[1], wall(12))
    late = queries.list_loans(people.archivist, wall(14), queries.Filters(states=("overdue",)))
    out = queries.list_loans(people.archivist, wall(14), queries.Filters(states=("out",)))
    assert [loan.id for loan in late.rows] == [loans[0].id]
    assert [loan.id for loan in out.rows] == [loans[1].id]
    first = queries.list_loans(people.archivist, wall(14), queries.Filters(), limit=2)
    assert ([r.id for r in first.rows], first.newer) == ([loans[2].id, loans[1].id], None)
    second = queries.list_loans(people.archivist, wall(14), queries.Filters(), older=first.older, limit=2)
    assert ([r.id for r in second.rows], second.older) == ([loans[0].id], None)
    back = queries.list_loans(people.archivist, wall(14), queries.Filters(), newer=second.newer, limit=2)
    assert [r.id for r in back.rows] == [r.id for r in first.rows]
    by_name = queries.list_loans(people.archivist, wall(14), queries.Filters(text="王静娟"))
    assert len(by_name.rows) == 3


def test_the_register_is_not_for_borrowers(people, at):
    with pytest.raises(Refused):
        queries.list_loans(people.borrower, at, queries.Filters())


def test_prints_of_a_slip_are_counted_and_audited(people, at, approved):
    loan = approved()
    assert service.note_slip(loan.id, "loan_slip", actor=people.archivist, at=at) == 1
    assert service.note_slip(loan.id, "loan_slip", actor=people.archivist, at=at) == 2
    prints = AuditEvent.select().where(AuditEvent.action == "loan_slip.print")
    assert [event.kind for event in prints] == ["folder", "folder"]
    with pytest.raises(Refused):
        service.note_slip(loan.id, "loan_slip", actor=people.borrower, at=at)
    with pytest.raises(NotFound):
        service.note_slip(999, "loan_slip", actor=people.archivist, at=at)


def test_there_is_no_slip_before_the_approval(people, at, folder):
    loan = service.request_loan(
        folder().id, "loan", purpose="对账", undertaking=True, actor=people.borrower, at=at
    )
    with pytest.raises(Refused, match="还没有批准"):
        service.note_slip(loan.id, "loan_slip", actor=people.archivist, at=at)
