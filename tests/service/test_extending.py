"""Prolonging a running loan: once, before it is due, by who may decide, and never beyond the rule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.approvals import queries as approval_queries
from archive_app.approvals import service as approvals
from archive_app.approvals.models import Approval
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.loans import extending
from archive_app.loans.models import Extension, Loan
from archive_app.people import service as people_service
from archive_app.people.models import User
from archive_app.records.service import edit_folder
from tests.lending import LEVEL, last_event, wall

pytest_plugins = ["tests.lending"]


@pytest.fixture
def out(approved, desk, at):
    """A folder in the borrower's hands since ten o'clock."""

    def make(secrecy="open", **more):
        return desk.hand(approved(secrecy, **more), at)

    return make


@pytest.fixture
def prolong(people, at):
    def ask(loan, at=at, actor=None, reason="还没有核对完"):
        return extending.ask_extension(loan.id, reason, actor=actor or people.borrower, at=at)

    return ask


@pytest.fixture
def say(people, at):
    def decide(extension, verdict="granted", reason="", actor=None, at=at):
        return approvals.decide(extension.approval_id, verdict, reason, actor=actor or people.director, at=at)

    return decide


@pytest.mark.requirement("LOAN-08")
def test_an_open_folder_is_prolonged_to_the_closing_of_the_next_opening_day(out, prolong, say):
    loan = out()
    assert loan.due_at == wall(17, 30)
    extension = prolong(loan)
    assert Loan.get_by_id(loan.id).due_at == wall(17, 30)  # nothing moves before it is agreed
    say(extension)
    loan = Loan.get_by_id(loan.id)
    assert (loan.due_at, loan.extensions) == (wall(17, 30, day=20), 1)
    assert "续借" in last_event("loan.extend").data or loan.due_clause
    assert Extension.get().state == "granted"


def test_over_a_weekend_the_next_opening_day_is_monday(people, folder, approved, desk, prolong, say):
    friday = wall(10, 0, day=20)
    loan = desk.hand(approved("open", at=friday), friday)
    say(prolong(loan, at=friday), at=friday)
    assert Loan.get_by_id(loan.id).due_at == wall(17, 30, day=23)


@pytest.mark.requirement("LOAN-01")
def test_a_secret_folder_is_never_prolonged_and_the_clause_says_so(out, prolong):
    loan = out("secret")
    with pytest.raises(Refused) as no:
        prolong(loan)
    assert no.value.clause == LEVEL
    assert "不得超过4小时" in no.value.rule
    assert Extension.select().count() == 0


def test_one_extension_is_asked_for_at_a_time(out, prolong):
    loan = out()
    prolong(loan)
    with pytest.raises(Refused) as no:
        prolong(loan)
    assert no.value.code == "loan.extension_waits"
    assert Extension.select().count() == 1


def test_after_the_last_extension_the_folder_comes_back(out, prolong, say):
    loan = out()
    say(prolong(loan))
    with pytest.raises(Refused) as no:
        prolong(loan)
    assert no.value.code == "loan.extended_enough"
    assert "续借一次" in no.value.rule


def test_an_overdue_loan_is_not_prolonged_whether_the_sweep_has_run_or_not(out, prolong):
    loan = out()
    with pytest.raises(Refused) as no:
        prolong(loan, at=wall(17, 31))
    assert no.value.code == "loan.overdue"


def test_what_was_asked_in_time_cannot_be_granted_after_the_due_time(out, prolong, say):
    loan = out()
    extension = prolong(loan)
    with pytest.raises(Refused) as no:
        say(extension, at=wall(17, 31))
    assert no.value.code == "loan.overdue"
    assert Loan.get_by_id(loan.id).due_at == wall(17, 30)
    assert Approval.get_by_id(extension.approval_id).state == "open"
    assert extending.drop_late(wall(17, 31)) == 1
    assert Approval.get_by_id(extension.approval_id).state == "withdrawn"
    assert extending.drop_late(wall(17, 32)) == 0


def test_a_refusal_keeps_the_due_time_and_needs_a_reason(out, prolong, say):
    loan = out()
    extension = prolong(loan)
    with pytest.raises(Invalid):
        say(extension, "refused")
    say(extension, "refused", "有人在等")
    assert Extension.get_by_id(extension.id).state == "refused"
    assert Loan.get_by_id(loan.id).due_at == wall(17, 30)
    assert prolong(loan).id != extension.id  # the question may be put again


def test_nobody_else_prolongs_a_loan_and_nobody_agrees_to_his_own(people, out, prolong, say):
    loan = out()
    with pytest.raises(NotFound):
        prolong(loan, actor=people.colleague)
    extension = prolong(loan, actor=people.archivist)  # by telephone, keyed at the desk
    with pytest.raises(Refused):
        say(extension, actor=people.borrower)
    with pytest.raises(Refused):
        say(extension, actor=people.deputy_gm)


def test_the_extension_of_the_director_himself_is_for_the_general_manager(people, out, prolong, say, at):
    loan = out(who=people.director)
    extension = prolong(loan, actor=people.director)
    with pytest.raises(Refused) as no:
        say(extension, actor=people.director)
    assert no.value.code == "approval.own"
    assert say(extension, actor=people.gm).state == "granted"
    assert Loan.get_by_id(loan.id).due_at == wall(17, 30, day=20)


def test_the_borrowers_own_authority_ends_first(people, out, prolong, say):
    loan = out()
    User.update(authority_ends=wall(9, 0, day=20)).where(User.id == people.borrower.user_id).execute()
    say(prolong(loan))
    assert Loan.get_by_id(loan.id).due_at == wall(9, 0, day=20)


def test_a_return_ends_the_question(people, out, prolong, desk, at):
    loan = out()
    extension = prolong(loan)
    desk.back(loan, at + timedelta(hours=1))
    assert Extension.get_by_id(extension.id).state == "withdrawn"
    assert approval_queries.waiting_for(people.director, at) == []


def test_the_borrower_takes_the_question_back(people, out, prolong, at):
    extension = prolong(out())
    extending.withdraw_extension(extension.id, actor=people.borrower, at=at)
    assert Approval.get_by_id(extension.approval_id).state == "withdrawn"
    assert extending.open_of(extension.loan_id) is None


def test_a_folder_that_became_top_secret_while_out_is_not_prolonged(people, out, prolong, at):
    loan = out()
    edit_folder(
        loan.folder_id, {"secrecy": "top_secret"}, "定密", loan.folder.revision, actor=people.archivist, at=at
    )
    with pytest.raises(Refused) as no:
        prolong(loan)
    assert no.value.clause == LEVEL


def test_a_closed_account_prolongs_nothing_that_was_asked_for(people, out, prolong, say, at):
    loan = out()
    extension = prolong(loan)
    people_service.deactivate(people.borrower.user_id, "离职", actor=people.admin, at=at)
    with pytest.raises(Refused):
        say(extension)
    assert Loan.get_by_id(loan.id).due_at == wall(17, 30)


def test_a_reason_of_ten_thousand_characters_is_refused_and_emoji_is_kept(out, prolong):
    loan = out()
    with pytest.raises(Invalid):
        prolong(loan, reason="长" * 10_000)
    with pytest.raises(Invalid):
        prolong(loan, reason="  ")
    assert prolong(loan, reason="核对 𠮷🙂 条款").reason == "核对 𠮷🙂 条款"
