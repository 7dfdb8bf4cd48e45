"""Every person × level × kind of the rule book, pushed as far as it goes: none gets further than the rule."""

from datetime import timedelta

import pytest

from archive_app.approvals import queries as approvals
from archive_app.core.db import db
from archive_app.core.errors import NotFound, Refused
from archive_app.loans import queries, service
from archive_app.loans.flow import LOAN
from archive_app.loans.models import Loan
from archive_app.policy import USES, load_profile
from archive_app.records.models import Folder
from archive_app.records.service import register_folder
from tests.conftest import PEOPLE

BOOK = load_profile("default")
LEVELS = tuple(BOOK.levels)
# 七.1 and 七.3 in plain words, written down here a second time on purpose.
DIRECT = {"gm", "deputy_gm", "director"}
TOP = {"general_manager", "deputy_general_manager"}


def push(people, at, folder, kind, borrower):
    """Ask, let everyone approve who may, then try both ways out; return the loan, or None if refused."""
    try:
        loan = service.request_loan(folder.id, kind, purpose="对账", undertaking=True, actor=borrower, at=at)
    except (Refused, NotFound):
        return None
    for _round in range(3):
        for decider in people.by_name.values():
            try:
                service.decide_loan(loan.id, "granted", actor=decider, at=at)
            except Refused:
                continue
    for verb in (service.hand_over, service.seat_reader):
        try:
            verb(loan.id, actor=people.archivist, at=at)
        except Refused:
            continue
    return Loan.get_by_id(loan.id)


@pytest.mark.requirement("SEC-01")
@pytest.mark.requirement("SEC-02")
@pytest.mark.requirement("SEC-03")
@pytest.mark.requirement("SEC-04")
@pytest.mark.requirement("LOAN-02")
@pytest.mark.requirement("LOAN-20")
@pytest.mark.parametrize("kind", USES)
@pytest.mark.parametrize("level", LEVELS)
def test_no_case_lends_beyond_the_rule(people, at, level, kind):
    given = 0
    for username, borrower in people.by_name.items():
        with db.atomic() as undo:
            folder = register_folder(
                "HT", 2026, "矩阵", secrecy=level, department_id=people.departments["XS"].id,
                actor=people.archivist, at=at,
            )  # fmt: skip
            loan = push(people, at, folder, kind, borrower)
            custody = Folder.get_by_id(folder.id).custody
            if loan is None or loan.state not in ("out", "reading"):
                assert custody == "on_shelf", username
            else:
                given += 1
                within_the_rule(loan, level, kind, custody, username, at)
            undo.rollback()
    # The rule is not kept by lending nothing.
    assert bool(given) is (kind in BOOK.level(level).uses)


def within_the_rule(loan, level, kind, custody, username, at):
    decisions = approvals.decisions_of(loan.approval)
    roles = approvals.agreed_roles(loan.approval)
    assert level != "top_secret"
    assert level != "confidential" or (kind, loan.state, custody) == ("consult", "reading", "reading_room")
    if level in ("secret", "confidential"):
        assert roles & TOP
        assert username not in DIRECT or decisions
    if level == "secret" and loan.takes_folder:
        assert loan.due_at - at <= timedelta(hours=4)
    if level == "open" and kind in ("loan", "consult") and username not in DIRECT:
        assert roles >= {"department_manager", "office_director"}
    assert username not in {decision.user.username for decision in decisions}
    assert loan.due_at > at
    assert loan.due_clause and loan.clause


@pytest.mark.parametrize("kind", USES)
@pytest.mark.parametrize("level", LEVELS)
def test_what_is_shown_before_sending_is_what_happens(people, at, level, kind):
    for username in PEOPLE:
        actor = people.by_name[username]
        with db.atomic() as undo:
            folder = register_folder("HT", 2026, "矩阵", secrecy=level, actor=people.archivist, at=at)
            shown = queries.outcome(actor, folder, kind, at)
            try:
                loan = service.request_loan(
                    folder.id, kind, purpose="对账", undertaking=True, actor=actor, at=at
                )
                happened = "direct" if loan.state == "approved" else "chain"
                assert loan.clause == shown.clause
            except Refused as no:
                happened = "refused"
                assert no.code == shown.refusal.code
            except NotFound:
                happened = "refused"  # the page of such a folder is not shown either
            assert happened == shown.verdict, (username, shown)
            undo.rollback()


@pytest.mark.parametrize("state", LOAN.states)
@pytest.mark.parametrize("verb", ["approve", "refuse", "withdraw", "hand_over", "seat", "give_back"])
def test_a_step_that_is_not_open_changes_nothing(people, at, state, verb):
    loan = direct_loan(people, at)
    Loan.update(state=state, handed_at=at, due_at=at + timedelta(hours=2)).where(Loan.id == loan.id).execute()
    row = Loan.get_by_id(loan.id)
    if state in LOAN.steps[verb].sources:
        LOAN.fire(row, verb)
        assert Loan.get_by_id(loan.id).state == LOAN.steps[verb].target
        return
    with pytest.raises(Refused):
        LOAN.fire(row, verb)
    assert Loan.get_by_id(loan.id).state == state


def direct_loan(people, at):
    folder = register_folder("HT", 2026, "直接", secrecy="open", actor=people.archivist, at=at)
    return service.request_loan(folder.id, "loan", purpose="对账", undertaking=True, actor=people.gm, at=at)
