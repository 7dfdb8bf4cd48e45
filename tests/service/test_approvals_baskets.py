"""A basket is decided in one go, in part or whole; told once; the same form twice is one decision."""

from __future__ import annotations

import pytest

from archive_app.approvals import inbox, service
from archive_app.approvals import queries as approvals
from archive_app.approvals.models import Approval, Decision
from archive_app.approvals.service import Choice
from archive_app.core.db import count_queries
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.loans import service as loans
from archive_app.loans.models import Loan
from archive_app.notices.models import Notice

pytest_plugins = ["tests.lending"]


@pytest.fixture
def basket(people, at, folder, ask):
    """Loans asked for together, by the borrower."""

    def make(count=3, secrecy="secret", kind="loan"):
        rows = [ask(folder(secrecy, title=f"第 {n} 份"), people.borrower, kind) for n in range(count)]
        first = rows[0].id
        Loan.update(basket=first).where(Loan.id.in_(rows)).execute()
        Approval.update(basket=first).where(Approval.id.in_([row.approval_id for row in rows])).execute()
        return [Loan.get_by_id(row.id) for row in rows]

    return make


def said(rows, verdict="granted", reason=""):
    return [Choice(row.approval_id, 1, verdict, reason) for row in rows]


def states(rows):
    return [Approval.get_by_id(row.approval_id).state for row in rows]


def told(person, code):
    return Notice.select().where((Notice.user == person.user_id) & (Notice.code == code))


def test_part_of_a_basket_is_approved_and_the_rest_refused_with_a_reason(people, at, basket):
    rows = basket()
    choices = said(rows[:2]) + said(rows[2:], "refused", "这一份与对账无关")
    done = service.decide_many(choices, actor=people.gm, at=at)
    assert len(done.done) == 3
    assert states(rows) == ["granted", "granted", "refused"]
    moved = [Loan.get_by_id(row.id).state for row in rows]
    assert moved == ["approved", "approved", "refused"], "the loans move in the same work"
    (yes,) = told(people.borrower, "approval.granted")
    (no,) = told(people.borrower, "approval.refused")
    assert yes.title == "已批准：2 份申请"
    assert no.text == "这一份与对账无关"


def test_the_rest_of_a_basket_may_wait(people, at, basket):
    rows = basket()
    service.decide_many(said(rows[:1]), actor=people.gm, at=at)
    assert states(rows) == ["granted", "open", "open"]
    assert [row.key for row in approvals.waiting_for(people.gm, at)] == [row.id for row in rows[1:]]


def test_a_refusal_of_several_needs_a_reason_and_without_it_nothing_is_decided(people, at, basket):
    rows = basket()
    with pytest.raises(Invalid) as wrong:
        service.decide_many(said(rows[:2]) + said(rows[2:], "refused"), actor=people.gm, at=at)
    assert "理由" in wrong.value.fields["reason"]
    assert states(rows) == ["open"] * 3


def test_the_same_form_sent_twice_decides_once(people, at, basket):
    rows = basket()
    service.decide_many(said(rows), actor=people.gm, at=at)
    again = service.decide_many(said(rows), actor=people.gm, at=at)
    assert (again.done, again.refused) == ([], {})
    assert again.same == [row.approval_id for row in rows]
    assert Decision.select().count() == 3


def test_what_somebody_else_decided_meanwhile_does_not_stop_the_others(people, at, basket):
    rows = basket()
    loans.decide_loan(rows[0].id, "refused", "已有副本", actor=people.deputy_gm, at=at)
    done = service.decide_many(said(rows), actor=people.gm, at=at)
    assert len(done.done) == 2
    assert [each.code for each in done.refused.values()] == ["approval.closed"]
    assert states(rows) == ["refused", "granted", "granted"]


def test_a_stranger_decides_nothing_of_a_basket(people, at, basket):
    rows = basket()
    with pytest.raises(Refused) as no:
        service.decide_many(said(rows), actor=people.director, at=at)
    assert no.value.code == "approval.not_yours"
    assert states(rows) == ["open"] * 3


def test_the_page_of_a_basket_shows_each_folder_once_and_common_facts_above(people, at, basket):
    rows = basket()
    page = inbox.basket_page(people.gm, rows[0].id, at)
    assert [item.title for _row, item in page.group.rows] == ["第 0 份", "第 1 份", "第 2 份"]
    assert page.facts == (("目的", "年度对账"),)
    assert len(page.chains) == 1, "equal chains are drawn once"
    assert (page.place, page.total, page.others) == (1, 1, 0)
    with pytest.raises(NotFound):
        inbox.basket_page(people.director, rows[0].id, at)


def test_a_decider_sees_no_title_that_he_may_not_know(people, at, basket):
    rows = basket(1, "confidential", "consult")
    row = Approval.get_by_id(rows[0].approval_id)
    (shown,) = inbox.items_of([row], people.colleague, at).values()
    assert shown.number == rows[0].folder.file_number
    assert shown.title == ""
    (known,) = inbox.items_of([row], people.deputy_gm, at).values()
    assert known.title == "第 0 份"


def test_the_page_of_a_basket_costs_the_same_whatever_its_size(people, at, basket):
    small, large = basket(2)[0].id, basket(12)[0].id
    inbox.basket_page(people.gm, small, at)
    with count_queries() as few:
        inbox.basket_page(people.gm, small, at)
    with count_queries() as many:
        inbox.basket_page(people.gm, large, at)
    assert many() == few()
