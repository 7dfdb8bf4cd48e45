"""Requests and their chains, walked clause by clause (销售客户档案管理制度 七)."""

from __future__ import annotations

import pytest

from archive_app.approvals import queries as approvals
from archive_app.approvals.models import Approval, Decision
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.loans import queries
from archive_app.loans.models import Loan

pytest_plugins = ["tests.lending"]


# 七.1


@pytest.mark.requirement("SEC-02")
@pytest.mark.parametrize("username", ["gm", "deputy_gm", "director"])
def test_leaders_borrow_an_open_folder_directly(people, folder, ask, username):
    loan = ask(folder("open"), people.by_name[username])
    assert loan.state == "approved"
    assert loan.clause == "销售客户档案管理制度 七.1"
    assert loan.approval.state == "granted"


# 七.2


@pytest.mark.requirement("SEC-03")
@pytest.mark.requirement("LOAN-05")
def test_others_need_their_manager_to_apply_and_the_director_to_approve(people, folder, ask, decide):
    loan = ask(folder("open"), people.borrower)
    assert loan.state == "requested"
    assert decide(loan, people.manager).state == "requested"
    loan = decide(loan, people.director)
    assert loan.state == "approved"
    assert [(d.user.name, d.role) for d in approvals.decisions_of(loan.approval)] == [
        ("林志远", "department_manager"), ("吴文清", "office_director"),
    ]  # fmt: skip


@pytest.mark.requirement("SEC-03")
def test_the_managers_own_request_is_the_application(people, folder, ask, decide):
    loan = ask(folder("open"), people.manager)
    first, second = approvals.chain_view(loan.approval, loan.requested_at)
    assert (first.state, second.state) == ("applied", "current")
    assert decide(loan, people.director).state == "approved"


@pytest.mark.requirement("SEC-03")
def test_the_manager_of_another_department_cannot_apply_for_mine(people, folder, ask, decide):
    loan = ask(folder("open"), people.borrower)
    with pytest.raises(Refused) as no:
        decide(loan, people.back_office)
    assert no.value.code == "approval.not_yours"
    assert "林志远" in no.value.may_decide
    assert no.value.clause == "销售客户档案管理制度 七.2"


def test_the_director_cannot_jump_over_the_managers_step(people, folder, ask, decide):
    loan = ask(folder("open"), people.borrower)
    with pytest.raises(Refused, match=r"不由.*吴文清"):
        decide(loan, people.director)


def test_a_step_that_nobody_can_fill_is_reported_at_once(people, at, folder, ask):
    # 客户服务部 has nobody who is its manager.
    with pytest.raises(Refused) as no:
        ask(folder("open"), people.colleague)
    assert no.value.code == "approval.nobody"
    assert "部门经理" in no.value.may_decide
    assert no.value.clause == "销售客户档案管理制度 七.2"
    assert Loan.select().count() == Approval.select().count() == 0
    shown = queries.outcome(people.colleague, folder("open"), "loan", at)
    assert shown.refused
    assert shown.refusal.code == "approval.nobody"


# 七.3 绝密、机密、秘密


@pytest.mark.requirement("SEC-01")
@pytest.mark.requirement("LOAN-02")
@pytest.mark.parametrize("kind", ["consult", "loan", "photocopy", "excerpt"])
@pytest.mark.parametrize("username", ["archivist", "director", "deputy_gm", "gm"])
def test_a_top_secret_folder_is_never_lent(people, folder, ask, username, kind):
    with pytest.raises(Refused) as no:
        ask(folder("top_secret"), people.by_name[username], kind)
    assert no.value.clause == "销售客户档案管理制度 七.3"
    assert no.value.rule == "绝密级档案禁止调阅。"
    assert no.value.may_decide == ""
    assert Loan.select().count() == 0


@pytest.mark.requirement("SEC-16")
def test_who_may_not_know_of_a_folder_is_told_nothing_about_it(people, folder, ask):
    with pytest.raises(NotFound):
        ask(folder("top_secret"), people.borrower)


@pytest.mark.requirement("LOAN-02")
def test_a_confidential_folder_is_refused_as_a_loan_and_offered_in_the_reading_room(people, at, folder, ask):
    kept = folder("confidential")
    with pytest.raises(Refused) as no:
        ask(kept, people.gm)
    assert no.value.rule == "机密级档案只能在档案室阅览，不准外借。"
    assert "阅览室" in no.value.next_step
    shown = queries.outcome(people.gm, kept, "loan", at)
    assert shown.alternatives == ("consult",)
    assert ask(kept, people.gm, "consult").state == "requested"


@pytest.mark.requirement("SEC-04")
@pytest.mark.parametrize("username", ["gm", "deputy_gm"])
def test_a_secret_folder_is_approved_by_either_of_the_two(people, folder, ask, decide, username):
    loan = ask(folder("secret"), people.borrower)
    assert decide(loan, people.by_name[username]).state == "approved"


@pytest.mark.requirement("SEC-04")
@pytest.mark.parametrize("username", ["manager", "director", "back_office"])
def test_nobody_else_approves_a_secret_folder(people, folder, ask, decide, username):
    loan = ask(folder("secret"), people.borrower)
    with pytest.raises(Refused) as no:
        decide(loan, people.by_name[username])
    assert no.value.code == "approval.not_yours"
    assert no.value.clause == "销售客户档案管理制度 七.3"
    assert "周建国 总经理" in no.value.may_decide
    assert "沈慧敏 分管副总经理" in no.value.may_decide
    assert Loan.get_by_id(loan.id).state == "requested"


def test_nobody_without_the_permission_decides(people, folder, ask, decide):
    loan = ask(folder("secret"), people.borrower)
    for username in ("archivist", "auditor", "borrower", "admin"):
        with pytest.raises(Refused, match="没有改动任何记录"):
            decide(loan, people.by_name[username])
    assert Decision.select().count() == 0


@pytest.mark.requirement("SEC-04")
def test_nobody_approves_his_own_request(people, folder, ask, decide):
    loan = ask(folder("secret"), people.gm)
    with pytest.raises(Refused) as no:
        decide(loan, people.gm)
    assert no.value.code == "approval.own"
    assert no.value.may_decide == "沈慧敏 分管副总经理"
    assert decide(loan, people.deputy_gm).state == "approved"


def test_a_refusal_needs_a_reason_and_ends_the_request(people, folder, ask, decide):
    loan = ask(folder("secret"), people.borrower)
    with pytest.raises(Invalid):
        decide(loan, people.gm, "refused", " ")
    loan = decide(loan, people.gm, "refused", "用途不明")
    assert (loan.state, loan.closed_reason) == ("refused", "用途不明")
    with pytest.raises(Refused):
        decide(loan, people.deputy_gm)


def test_approving_twice_is_one_approval(people, folder, ask, decide):
    loan = ask(folder("secret"), people.borrower)
    decide(loan, people.gm)
    for person in (people.gm, people.deputy_gm):
        with pytest.raises(Refused) as no:
            decide(loan, person)
        assert no.value.code == "approval.closed"
    assert Decision.select().count() == 1


def test_a_repeated_send_does_not_decide_the_next_step(people, at, folder, ask, decide):
    # In the director's own department the manager's and the director's step are one person's.
    loan = ask(folder("open", "ZB"), people.archivist)
    decide(loan, people.director, position=1)
    with pytest.raises(Refused) as no:
        decide(loan, people.director, position=1)
    assert no.value.code == "approval.closed"
    assert decide(loan, people.director, position=2).state == "approved"
