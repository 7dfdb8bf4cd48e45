"""Requests and approvals of loans, walked clause by clause (销售客户档案管理制度 七)."""

from datetime import timedelta

import pytest

from archive_app.approvals import queries as approvals
from archive_app.approvals.models import Approval, Decision
from archive_app.core.audit import AuditEvent, verify
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.loans import queries, service
from archive_app.loans.models import Loan
from archive_app.people import service as people_service
from archive_app.records.service import register_folder, void_number


@pytest.fixture
def folder(people, at):
    def make(secrecy="open", department="XS", title="南京九州工业设备年度服务合同"):
        return register_folder(
            "HT", 2026, title, secrecy=secrecy, department_id=people.departments[department].id,
            actor=people.archivist, at=at,
        )  # fmt: skip

    return make


@pytest.fixture
def ask(at):
    def request(folder, actor, kind="loan", **more):
        values = {"purpose": "年度对账", "undertaking": True} | more
        return service.request_loan(folder.id, kind, actor=actor, at=at, **values)

    return request


@pytest.fixture
def decide(at):
    def say(loan, actor, verdict="granted", reason="", at=at, **more):
        return service.decide_loan(loan.id, verdict, reason, actor=actor, at=at, **more)

    return say


def actions():
    return [event.action for event in AuditEvent.select().order_by(AuditEvent.seq)]


def last_event(action):
    return AuditEvent.select().where(AuditEvent.action == action).order_by(AuditEvent.seq.desc()).first()


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
    with pytest.raises(Refused, match="不由吴文清"):
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


# 委托


def depute(people, at, deputy, hours=(-2, 2), uses=("loan",)):
    start, end = (at + timedelta(hours=h) for h in hours)
    return people_service.deputise(
        people.gm.user_id, people.by_name[deputy].user_id, list(uses), start, end, "WT-2026-07",
        actor=people.gm, at=at,
    )  # fmt: skip


@pytest.mark.requirement("SEC-05")
def test_a_deputy_decides_within_scope_and_period_and_both_names_are_kept(people, at, folder, ask, decide):
    depute(people, at, "director")
    loan = decide(ask(folder("secret"), people.borrower), people.director)
    assert loan.state == "approved"
    (decision,) = approvals.decisions_of(loan.approval)
    assert (decision.user.name, decision.on_behalf_of.name) == ("吴文清", "周建国")
    assert decision.deputation.paper_reference == "WT-2026-07"
    event = last_event("approval.decide")
    assert (event.actor, event.on_behalf_of) == ("director", "gm")
    assert last_event("loan.approve").on_behalf_of == "gm"


@pytest.mark.requirement("SEC-05")
def test_a_deputation_that_ends_at_noon_ends_at_noon(people, at, folder, ask, decide):
    noon = at + timedelta(hours=2)
    depute(people, at, "director")
    loan = ask(folder("secret"), people.borrower)
    with pytest.raises(Refused) as no:
        decide(loan, people.director, at=noon)
    assert no.value.code == "approval.not_yours"
    assert approvals.waiting_for(people.director, noon) == []
    just_before = noon - timedelta(seconds=1)
    assert [a.id for a in approvals.waiting_for(people.director, just_before)] == [loan.approval_id]
    assert decide(loan, people.director, at=just_before).state == "approved"


@pytest.mark.requirement("SEC-05")
def test_a_deputation_for_other_uses_does_not_count(people, at, folder, ask, decide):
    depute(people, at, "director", uses=("consult",))
    loan = ask(folder("secret"), people.borrower)
    with pytest.raises(Refused):
        decide(loan, people.director)


@pytest.mark.requirement("SEC-05")
def test_a_revoked_deputation_does_not_count(people, at, folder, ask, decide):
    paper = depute(people, at, "director")
    people_service.revoke_deputation(paper.id, "总经理提前回来", actor=people.gm, at=at)
    with pytest.raises(Refused):
        decide(ask(folder("secret"), people.borrower), people.director)


def test_nobody_has_his_own_request_approved_through_his_deputy(people, at, folder, ask, decide):
    depute(people, at, "director")
    loan = ask(folder("secret"), people.gm)
    with pytest.raises(Refused):
        decide(loan, people.director)
    own = ask(folder("secret"), people.director)
    with pytest.raises(Refused) as no:
        decide(own, people.director, on_behalf_of=people.gm.user_id)
    assert no.value.code == "approval.own"


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
