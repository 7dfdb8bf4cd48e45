"""What a request must say, who may send it, and the trace it leaves."""

from __future__ import annotations

import pytest

from archive_app.approvals import queries as approvals
from archive_app.approvals.models import Approval, Decision
from archive_app.core.audit import AuditEvent, verify
from archive_app.core.errors import NotFound, Refused
from archive_app.loans import queries, service
from archive_app.loans.models import Loan
from archive_app.people import service as people_service
from archive_app.records.service import void_number
from tests.lending import actions, last_event

pytest_plugins = ["tests.lending"]


# 申请


@pytest.mark.requirement("LOAN-03")
def test_without_the_undertaking_nothing_is_requested(people, folder, ask):
    with pytest.raises(Refused) as no:
        ask(folder("open"), people.borrower, undertaking=False)
    assert no.value.clause == "销售客户档案管理制度 七.4"
    assert "严禁涂改" in no.value.rule
    assert Loan.select().count() == 0


@pytest.mark.requirement("LOAN-03")
def test_the_undertaking_is_kept_with_its_time(people, at, folder, ask):
    assert Loan.get_by_id(ask(folder("open"), people.borrower).id).undertaking_at == at


@pytest.mark.requirement("LOAN-14")
@pytest.mark.requirement("LOAN-06")
def test_purpose_object_reason_and_extent_are_registered(people, folder, ask):
    loan = ask(
        folder("open"), people.borrower, purpose=" 对账 ", object="恒泰机电", reason="续约", extent="全卷"
    )
    loan = Loan.get_by_id(loan.id)
    assert (loan.purpose, loan.object, loan.reason, loan.extent) == ("对账", "恒泰机电", "续约", "全卷")


def test_the_same_request_twice_is_one_request(people, folder, ask):
    wanted = folder("open")
    ask(wanted, people.borrower)
    with pytest.raises(Refused) as no:
        ask(wanted, people.borrower)
    assert no.value.code == "loan.duplicate"
    assert Loan.select().count() == 1


@pytest.mark.requirement("LOAN-10")
@pytest.mark.requirement("LOAN-13")
def test_the_archivist_keys_what_a_borrower_asks_for_at_the_counter(people, folder, ask):
    loan = ask(folder("open"), people.archivist, borrower_id=people.manager.user_id)
    assert (loan.borrower.username, loan.requested_by) == ("manager", "archivist")
    assert [step.state for step in approvals.chain_view(loan.approval, loan.requested_at)] == [
        "applied", "current",
    ]  # fmt: skip


def test_nobody_else_asks_in_another_name(people, folder, ask):
    with pytest.raises(Refused) as no:
        ask(folder("open"), people.borrower, borrower_id=people.manager.user_id)
    assert no.value.code == "permission"


@pytest.mark.requirement("LOAN-20")
def test_the_archivist_cannot_get_a_secret_folder_for_himself_by_asking_in_another_name(
    people, folder, ask, decide
):
    loan = ask(folder("secret"), people.archivist, borrower_id=people.borrower.user_id)
    assert loan.state == "requested"
    with pytest.raises(Refused):
        decide(loan, people.archivist)


def test_a_void_number_cannot_be_requested(people, at, folder, ask):
    gone = folder("open")
    void_number(gone.id, "重复登记", actor=people.archivist, at=at)
    with pytest.raises(NotFound):
        ask(gone, people.borrower)
    with pytest.raises(Refused) as no:
        ask(gone, people.director)
    assert no.value.code == "loan.unavailable"


def test_a_closed_account_cannot_borrow(people, at, folder, ask):
    people_service.deactivate(people.borrower.user_id, "离职", actor=people.admin, at=at)
    with pytest.raises(Refused) as no:
        ask(folder("open"), people.archivist, borrower_id=people.borrower.user_id)
    assert no.value.code == "loan.borrower_locked"


def test_the_borrower_takes_a_request_back(people, at, folder, ask, decide):
    loan = ask(folder("secret"), people.borrower)
    loan = service.withdraw(loan.id, actor=people.borrower, at=at)
    assert loan.state == "withdrawn"
    assert approvals.waiting_for(people.gm, at) == []
    with pytest.raises(Refused):
        decide(loan, people.gm)


def test_nobody_takes_back_the_request_of_another(people, at, folder, ask):
    loan = ask(folder("secret"), people.borrower)
    with pytest.raises(NotFound):
        service.withdraw(loan.id, "x", actor=people.colleague, at=at)
    with pytest.raises(Refused):
        service.withdraw(loan.id, "x", actor=people.auditor, at=at)
    assert service.withdraw(loan.id, "借阅人电话取消", actor=people.archivist, at=at).state == "withdrawn"


# 去处


def test_each_request_waits_for_exactly_those_who_can_decide_it(people, at, folder, ask):
    loan = ask(folder("secret"), people.borrower)
    waiting = {
        name for name, actor in people.by_name.items()
        if loan.approval_id in [a.id for a in approvals.waiting_for(actor, at)]
    }  # fmt: skip
    assert waiting == {"gm", "deputy_gm"}


@pytest.mark.requirement("SEC-16")
def test_a_loan_is_shown_to_borrower_keeper_and_deciders_only(people, at, folder, ask):
    loan = ask(folder("secret"), people.borrower)
    seen = set()
    for name, actor in people.by_name.items():
        try:
            queries.loan_for(actor, loan.id, at)
            seen.add(name)
        except NotFound:
            pass
    assert seen == {"borrower", "archivist", "director", "deputy_gm", "gm", "auditor"}


@pytest.mark.requirement("SEC-05")
def test_a_request_leaves_its_trace_with_clause_and_rule_book_version(people, folder, ask, decide):
    loan = ask(folder("secret"), people.borrower)
    decide(loan, people.gm)
    assert actions()[-4:] == ["loan.request", "approval.open", "approval.decide", "loan.approve"]
    event = last_event("loan.approve")
    assert '"clause":"销售客户档案管理制度 七.3"' in event.data
    assert '"policy":1' in event.data
    assert verify() == []


def test_a_refused_verb_changes_no_row(people, at, folder, ask, decide):
    loan = ask(folder("secret"), people.borrower)

    def rows():
        return [list(table.select().dicts()) for table in (Loan, Approval, Decision, AuditEvent)]

    before = rows()
    for actor in (people.manager, people.borrower, people.archivist):
        with pytest.raises(Refused):
            decide(loan, actor)
    assert rows() == before


def test_outcome_names_the_chain_before_anything_is_sent(people, at, folder):
    shown = queries.outcome(people.borrower, folder("open"), "loan", at)
    assert shown.verdict == "chain"
    assert shown.text == "可外借，今日 17:30 前归还。"
    assert [[c.user.name for c in step.candidates] for step in shown.chain] == [["林志远"], ["吴文清"]]
    assert shown.clause == "销售客户档案管理制度 七.2"
    direct = queries.outcome(people.gm, folder("open"), "loan", at)
    assert (direct.verdict, direct.chain) == ("direct", ())
    assert Loan.select().count() == 0
