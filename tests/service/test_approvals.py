"""Deputies decide within scope and period, and both names are kept (SEC-05)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.approvals import queries as approvals
from archive_app.approvals import service
from archive_app.core.errors import Refused
from archive_app.people import rulebook
from archive_app.people import service as people_service
from tests.lending import last_event

pytest_plugins = ["tests.lending"]


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
    assert no.value.code == "approval.paper_over"
    assert "今日 08:00 至 今日 12:00" in no.value.message
    assert "WT-2026-07" in no.value.message
    assert no.value.clause
    assert "周建国 总经理" in no.value.may_decide
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


# Unbinding


@pytest.fixture
def unbinding(people, at):
    """The archivist's question whether a bound volume may be opened again."""
    adopted = rulebook.current(at, people.unit.id)
    arrangement = adopted.book.arrangement
    return service.open_approval(
        "unbind", "test", 7, "HT-2025 第 1 卷", arrangement.unbinding, requester=people.users.archivist,
        department_id=people.archivist.department_id, adopted=adopted, rule=arrangement.rules["unbinding"],
        actor=people.archivist, at=at,
    )  # fmt: skip


def test_who_may_open_a_bound_volume_is_asked_and_nobody_else(people, at, unbinding):
    (step,) = approvals.chain_view(unbinding, at)
    assert {each.user.username for each in step.candidates} == {"director", "gm"}
    assert approvals.count_waiting(people.director, at) == approvals.count_waiting(people.gm, at) == 1
    assert approvals.waiting_for(people.archivist, at) == [], "not one's own question"
    for nobody, code in ((people.manager, "permission"), (people.deputy_gm, "approval.not_yours")):
        with pytest.raises(Refused) as no:
            service.decide(unbinding.id, "granted", actor=nobody, at=at)
        assert no.value.code == code
    assert service.decide(unbinding.id, "granted", actor=people.director, at=at).state == "granted"


def test_a_letter_about_loans_does_not_open_volumes(people, at, unbinding):
    depute(people, at, "deputy_gm", uses=("loan", "consult", "photocopy", "excerpt"))
    with pytest.raises(Refused) as no:
        service.decide(unbinding.id, "granted", actor=people.deputy_gm, at=at)
    assert no.value.code == "approval.not_yours"
