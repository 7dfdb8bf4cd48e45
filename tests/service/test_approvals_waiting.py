"""Who may decide changes while a request waits: titles, posts, time; each is noticed, and told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from archive_app.approvals import queries as approvals
from archive_app.approvals import service, watching
from archive_app.approvals.finding import Known
from archive_app.approvals.models import Approval
from archive_app.core.errors import Refused
from archive_app.notices.models import Notice
from archive_app.people import rulebook
from archive_app.people import service as people_service
from archive_app.people.actor import system
from archive_app.people.models import Department
from archive_app.policy import ChainStep, Rule
from tests.lending import actions, wall

pytest_plugins = ["tests.lending"]

RULE = Rule("test", "制度 一", "由他们批准")


def titles(code):
    return {(row.user.username, row.title) for row in Notice.select().where(Notice.code == code)}


def step(*roles, mode="any", **circle):
    return ChainStep(roles, mode, False, "批准", False, RULE, **circle)


@pytest.fixture
def put(people, at):
    """A question of the borrower to a chain."""

    def open_(*steps, key=1, **more):
        return service.open_approval(
            "loan", "test", key, f"第 {key} 问", steps, requester=people.users.borrower,
            department_id=people.borrower.department_id, adopted=rulebook.current(at), rule=RULE,
            actor=people.borrower, at=at, **more,
        )  # fmt: skip

    return open_


def who(approval, at):
    return {each.user.username for each in approvals.waits_for([approval.id], at)[approval.id]}


# Narrowed steps


def test_the_officer_in_charge_of_the_askers_department_decides(people, at, put):
    both = step("deputy_general_manager", "general_manager", in_charge=True)
    assert who(put(both), at) == {"gm", "deputy_gm"}, "nobody is in charge yet"
    people_service.set_overseer(people.borrower.department_id, people.gm.user_id, actor=people.admin, at=at)
    approval = put(both, key=2)
    assert who(approval, at) == {"gm"}
    with pytest.raises(Refused) as no:
        service.decide(approval.id, "granted", actor=people.deputy_gm, at=at)
    assert no.value.code == "approval.not_yours"
    assert service.decide(approval.id, "granted", actor=people.gm, at=at).state == "granted"


def test_only_administrators_put_somebody_in_charge(people, at):
    with pytest.raises(Refused):
        people_service.set_overseer(1, people.gm.user_id, actor=people.gm, at=at)
    people_service.set_overseer(1, people.gm.user_id, actor=people.admin, at=at)
    assert Department.get_by_id(1).overseer == people.gm.user_id
    assert actions().count("people.set_overseer") == 1
    people_service.set_overseer(1, None, actor=people.admin, at=at)
    assert Department.get_by_id(1).overseer is None


def test_the_customers_own_manager_decides_and_no_colleague(people, at, put):
    own = step("customer_manager", customer_manager=True)
    assert who(put(own, manager_id=people.colleague.user_id), at) == {"colleague"}
    with pytest.raises(Refused) as no:
        put(own, key=2, manager_id=None)
    assert no.value.code == "approval.nobody"
    with pytest.raises(Refused) as no:
        put(own, key=3, manager_id=people.borrower.user_id)
    assert no.value.code == "approval.nobody", "nobody decides his own request"


def test_the_department_that_made_the_folder_decides(people, at, put):
    made = step("department_manager", folder_department=True)
    sales, service_ = people.departments["XS"].id, people.departments["KF"].id
    assert who(put(made, folder_department_id=sales), at) == {"manager"}
    with pytest.raises(Refused):
        put(made, key=2, folder_department_id=service_)


def test_an_all_of_step_waits_for_everybody_and_is_told_to_everybody(people, at, put):
    approval = put(step("general_manager", "office_director", mode="all"))
    assert titles("approval.waiting") == {(name, "等你审批：第 1 问") for name in ("gm", "director")}
    assert service.decide(approval.id, "granted", actor=people.gm, at=at).state == "open"
    assert who(approval, at) >= {"director"}
    assert service.decide(approval.id, "granted", actor=people.director, at=at).state == "granted"


def test_who_holds_two_roles_of_an_all_of_step_leaves_the_one_that_somebody_else_can_fill(people, at, put):
    """The director is a department manager too, and the sales manager is no director."""
    approval = put(step("department_manager", "office_director", mode="all"))
    service.decide(approval.id, "granted", actor=people.director, at=at)
    assert [said.role for said in approvals.decisions_of(approval)] == ["office_director"]
    assert watching.watch(at) == 0, "nothing fell vacant"
    assert service.decide(approval.id, "granted", actor=people.manager, at=at).state == "granted"


def test_an_all_of_step_waits_no_more_for_those_whose_role_has_spoken(people, at, put):
    approval = put(step("department_manager", "general_manager", mode="all"))
    assert who(approval, at) >= {"manager", "back_office", "gm"}
    service.decide(approval.id, "granted", actor=people.manager, at=at)
    assert who(approval, at) == {"gm"}
    (shown,) = approvals.chain_view(approval, at)
    assert {each.user.username for each in shown.candidates} == {"gm"}
    assert approvals.waiting_for(people.back_office, at) == []
    with pytest.raises(Refused) as no:
        service.decide(approval.id, "granted", actor=people.back_office, at=at)
    assert no.value.code == "approval.not_yours"


def test_each_part_of_a_basket_that_comes_to_the_next_step_is_told_when_it_comes(people, at, put):
    both = step("office_director"), step("general_manager")
    first, second = (put(*both, key=key, basket=5) for key in (1, 2))
    service.decide(first.id, "granted", actor=people.director, at=at)
    service.decide(first.id, "granted", actor=people.gm, at=at + timedelta(hours=1))
    service.decide(second.id, "granted", actor=people.director, at=at + timedelta(days=1))
    told = Notice.select().where((Notice.user == people.gm.user_id) & (Notice.code == "approval.waiting"))
    assert [row.read_at is None for row in told.order_by(Notice.id)] == [False, True]


def test_the_next_step_is_told_when_the_first_is_done(people, at, put):
    approval = put(step("office_director"), step("general_manager"))
    assert titles("approval.waiting") == {("director", "等你审批：第 1 问")}
    service.decide(approval.id, "granted", actor=people.director, at=at)
    assert ("gm", "等你审批：第 1 问") in titles("approval.waiting")
    assert titles("approval.granted") == set()
    first = Notice.get(Notice.user == people.director.user_id)
    assert first.read_at == at, "there is nothing to do about it any more"
    service.decide(approval.id, "granted", actor=people.gm, at=at)
    assert titles("approval.granted") == {("borrower", "已批准：第 1 问")}


# What it is about moves along


def test_what_is_decided_moves_in_the_same_work(people, at, put, monkeypatch):
    moved = []

    def move(approval, actor, at):
        moved.append((approval.state, actor.username))
        if actor.username == "gm":
            raise Refused("test.no", "不行")

    monkeypatch.setitem(service.AFTER, "test", move)
    either = step("office_director", "general_manager")
    approval = put(either)
    with pytest.raises(Refused):
        service.decide(approval.id, "granted", actor=people.gm, at=at)
    assert Approval.get_by_id(approval.id).state == "open", "nothing is decided when what it is about cannot"
    service.decide(approval.id, "refused", "没有必要", actor=people.director, at=at)
    service.expire(put(either, key=2).id, at=at)
    assert moved == [("granted", "gm"), ("refused", "director"), ("expired", "system")]
    assert ("borrower", "过期未决，已作废：第 2 问") in titles("approval.expired")


# Accidents


def test_a_title_that_changes_while_the_page_is_open_is_refused_kindly(people, at, put):
    approval = put(step("office_director"))
    open_page = people.director
    people_service.edit_user(people.director.user_id, {"title": "客户经理"}, actor=people.admin, at=at)
    with pytest.raises(Refused) as no:
        service.decide(approval.id, "granted", actor=open_page, at=at)
    assert no.value.code == "approval.title_changed"
    assert "客户经理" in no.value.message
    assert "没有改动任何记录" in no.value.message
    assert Approval.get_by_id(approval.id).state == "open"


def test_a_step_that_falls_vacant_is_reported_at_once_to_asker_and_administrators(people, at, put):
    approval = put(step("office_director"))
    assert watching.watch(at) == 0
    people_service.deactivate(people.director.user_id, "离职", actor=people.admin, at=at)
    later = at + timedelta(minutes=1)
    assert watching.watch(later) == 1
    assert watching.watch(later + timedelta(minutes=1)) == 0, "told once"
    assert titles("approval.vacant") == {
        ("borrower", "没有人能审批：第 1 问"), ("admin", "没有人能审批：第 1 问")
    }  # fmt: skip
    people_service.reactivate(people.director.user_id, "回来了", actor=people.admin, at=later)
    assert watching.watch(later + timedelta(minutes=2)) == 1
    assert Approval.get_by_id(approval.id).vacant_since is None


def test_a_later_step_that_falls_vacant_is_reported_before_the_first_is_decided(people, at, put):
    approval = put(step("office_director"), step("general_manager"))
    people_service.deactivate(people.gm.user_id, "离职", actor=people.admin, at=at)
    assert watching.watch(at) == 1
    assert Notice.get(Notice.code == "approval.vacant").text == "总经理空缺。请补上人员，或登记委托书。"
    service.decide(approval.id, "granted", actor=people.director, at=at)
    assert watching.watch(at + timedelta(minutes=1)) == 0, "it is known already"


def test_two_workers_report_a_vacant_step_once(people, at, put):
    put(step("office_director"))
    people_service.deactivate(people.director.user_id, "离职", actor=people.admin, at=at)
    ((row, steps),) = approvals.open_steps()
    known = Known(rulebook.current(at).book, at)
    for second in (0, 1):  # both have read the row before either has written
        watching._look_after(row, steps, approvals.said_in(steps), known, at + timedelta(seconds=second))
    assert Notice.select().where(Notice.code == "approval.vacant").count() == 2, "asker and administrator"


def test_who_is_told_that_nobody_decides_reads_for_whom_it_waits(people, at, put):
    put(step("general_manager"))
    watching.watch(wall(9, 0, 20))
    text = Notice.get((Notice.user == people.director.user_id) & (Notice.code == "approval.escalated")).text
    assert text == "等周建国 总经理决定，已等太久。（本室设定）"


def test_waiting_too_long_reminds_then_escalates_each_once_by_opening_hours(people, at, put):
    put(step("office_director"))
    for hour, minute, day in ((13, 59, 19), (14, 0, 19), (14, 1, 19), (23, 0, 19), (8, 59, 20)):
        watching.watch(wall(hour, minute, day))
    assert titles("approval.reminder") == {("director", "还在等你审批：第 1 问")}
    assert titles("approval.escalated") == set(), "the night does not count"
    watching.watch(wall(9, 0, 20))
    watching.watch(wall(9, 0, 27))
    assert titles("approval.escalated") == {(name, "没有人审批：第 1 问") for name in ("director", "gm")}
    assert actions().count("approval.waiting") == 2


def test_a_stopped_worker_tells_both_when_it_wakes_and_a_clock_set_back_tells_nothing_again(people, put):
    put(step("office_director"))
    watching.watch(wall(9, 0, 24))
    before = Notice.select().count()
    watching.watch(wall(9, 0, 20))
    watching.watch(wall(9, 0, 24))
    assert Notice.select().count() == before
    assert len(titles("approval.reminder")) == 1
    assert len(titles("approval.escalated")) == 2


def test_a_request_expires_where_the_rule_book_says_so(people, at, put):
    text = rulebook.current(at).book.text.replace(
        "escalate_hours = 8\n", "escalate_hours = 8\nexpire_hours = 18\n", 1
    )
    rulebook.adopt(text, "default", actor=system(), at=at)
    approval = put(step("office_director"))
    watching.watch(wall(9, 59, 23))
    assert Approval.get_by_id(approval.id).state == "open"
    watching.watch(wall(10, 0, 23))
    assert Approval.get_by_id(approval.id).state == "expired"
    assert titles("approval.expired") == {("borrower", "过期未决，已作废：第 1 问")}
    with pytest.raises(Refused) as no:
        service.decide(approval.id, "granted", actor=people.director, at=wall(10, 1, 23))
    assert no.value.code == "approval.closed"


def test_the_new_kinds_are_for_deputies_only_where_the_rule_book_says_so(people, at, put):
    text = (
        rulebook.current(at)
        .book.text.replace(
            'actions = ["consult", "loan", "photocopy", "excerpt"]\nrule = "deputation"',
            'actions = ["consult", "loan", "photocopy", "excerpt", "adopt"]\nrule = "deputation"',
        )
        .replace('"incident.decide", "report.view",', '"incident.decide", "policy.decide", "report.view",', 1)
    )
    letter = dict(actor=people.gm, at=at)
    period = (at - timedelta(hours=1), at + timedelta(hours=1))
    people_ = people.gm.user_id, people.deputy_gm.user_id
    with pytest.raises(Refused) as no:
        people_service.deputise(*people_, ["adopt"], *period, "WT-1", **letter)
    assert no.value.code == "people.may_not_stand_in"
    rulebook.adopt(text, "default", actor=system(), at=at - timedelta(seconds=1))
    people_service.deputise(*people_, ["adopt"], *period, "WT-1", **letter)
    asked = replace(approvals.question(put(step("general_manager")), at), action="adopt")
    names = {each.user.username for each in approvals.candidates(asked, step("general_manager"))}
    assert names == {"gm", "deputy_gm"}
