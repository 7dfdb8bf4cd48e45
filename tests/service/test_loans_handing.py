"""At the desk: what is handed over, when it is due; never beyond the rule of that moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive_app.core.db import db
from archive_app.core.errors import Refused
from archive_app.loans import queries, service
from archive_app.loans.models import Loan
from archive_app.people import rulebook
from archive_app.people import service as people_service
from archive_app.people.models import User
from archive_app.records import service as records_service
from archive_app.records.models import CustodyEvent
from tests.lending import LEVEL, custody, wall

pytest_plugins = ["tests.lending"]


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
    assert own.text == "要等。今日 15:00 应还，你排第 1 位；还回后马上通知你。"


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
