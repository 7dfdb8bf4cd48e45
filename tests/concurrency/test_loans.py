"""Two desks, two deciders, two clicks at once, on both engines: exactly one wins and the chain holds."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from archive_app.approvals import service as approvals
from archive_app.approvals.models import Approval, Decision
from archive_app.core import audit
from archive_app.core.db import db
from archive_app.core.errors import Refused
from archive_app.desk import service as scanning
from archive_app.loans import room, service
from archive_app.loans.flow import ACTIVE
from archive_app.loans.models import Loan
from archive_app.people import rulebook
from archive_app.people import service as people_service
from archive_app.people.models import User
from archive_app.policy import ChainStep, Rule
from archive_app.printing.barcode import BarcodeType, payload
from archive_app.records.models import CustodyEvent, Folder
from archive_app.records.service import register_folder
from tests.conftest import AT


def person(username):
    return people_service.actor_of(User.get(User.username == username), AT)


def at_once(*calls):
    """Run the calls in threads that start together; return their results or refusals."""
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place, call):
        try:
            db.connect(reuse_if_open=True)
            gate.wait()
            answers[place] = call()
        except Refused as no:
            answers[place] = no
        finally:
            db.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def won(answers):
    return [each for each in answers if not isinstance(each, Refused)]


def new_folder(secrecy="open"):
    return register_folder("HT", 2026, "抢借", secrecy=secrecy, actor=person("archivist"), at=AT)


def approved(folder, username, kind="loan"):
    loan = service.request_loan(
        folder.id, kind, purpose="对账", undertaking=True, actor=person(username), at=AT
    )
    assert loan.state == "approved"
    return loan


@pytest.mark.requirement("LOAN-06")
def test_two_desks_hand_one_folder_to_two_people_and_one_wins(both):
    desk = person("archivist")
    for _ in range(6):
        folder = new_folder()
        loans = [approved(folder, name) for name in ("gm", "deputy_gm", "director")]
        answers = at_once(
            *(lambda loan=loan: service.hand_over(loan.id, actor=desk, at=AT) for loan in loans)
        )
        assert len(won(answers)) == 1
        refused = {no.code for no in answers if isinstance(no, Refused)}
        assert refused <= {"loan.already_out", "wrong_state", "loan.not_first"}
        active = Loan.select().where((Loan.folder == folder.id) & Loan.state.in_(ACTIVE))
        assert active.count() == 1
        assert Folder.get_by_id(folder.id).holder == active.get().borrower.name
        assert (
            CustodyEvent.select()
            .where((CustodyEvent.folder == folder.id) & (CustodyEvent.custody == "lent"))
            .count()
            == 1
        )
    assert audit.verify() == []


def test_the_same_loan_handed_over_at_two_desks_at_once_goes_out_once(both):
    desk, loan = person("archivist"), approved(new_folder(), "gm")
    answers = at_once(*[lambda: service.hand_over(loan.id, actor=desk, at=AT)] * 4)
    assert len(won(answers)) == 1
    notes = audit.AuditEvent.select().where(audit.AuditEvent.action == "loan.hand_over")
    assert notes.count() == 1


def test_the_same_request_sent_twice_at_once_is_one_request(both):
    folder, borrower = new_folder(), person("gm")

    def send():
        return service.request_loan(
            folder.id, "loan", purpose="对账", undertaking=True, actor=borrower, at=AT
        )

    answers = at_once(*[send] * 4)
    assert len(won(answers)) == Loan.select().count() == 1
    assert {no.code for no in answers if isinstance(no, Refused)} == {"loan.duplicate"}


def test_two_deciders_at_once_make_one_approval(both):
    folder = new_folder("secret")
    loan = service.request_loan(
        folder.id, "loan", purpose="对账", undertaking=True, actor=person("director"), at=AT
    )
    deciders = [person("gm"), person("deputy_gm")]
    answers = at_once(
        *(lambda who=who: service.decide_loan(loan.id, "granted", actor=who, at=AT) for who in deciders)
    )
    assert len(won(answers)) == 1
    assert Decision.select().count() == 1
    assert Loan.get_by_id(loan.id).state == "approved"


def test_two_who_must_both_agree_complete_the_step_when_they_agree_at_once(both):
    rule = Rule("both", "委托书", "两人都同意。")
    step = ChainStep(("general_manager", "deputy_general_manager"), "all", False, "同意", False, rule)
    adopted = rulebook.current(AT)
    for n in range(6):
        approval = approvals.open_approval(
            "loan", "test", n, "两人同意", [step], requester=User.get(User.username == "director"),
            department_id=None, adopted=adopted, rule=rule, actor=person("director"), at=AT,
        )  # fmt: skip

        def agree(who, key=approval.id):
            return approvals.decide(key, "granted", actor=who, at=AT)

        deciders = [person("gm"), person("deputy_gm")]
        answers = at_once(*(lambda who=who: agree(who) for who in deciders))
        assert len(won(answers)) == 2
        assert Approval.get_by_id(approval.id).state == "granted"


def test_the_last_seats_go_to_one_reader_each(both):
    desk = person("archivist")
    names = ("gm", "deputy_gm", "director")
    loans = [approved(new_folder(), name, "consult") for name in names]
    answers = at_once(*(lambda loan=loan: service.seat_reader(loan.id, actor=desk, at=AT) for loan in loans))
    assert sorted(loan.seat for loan in won(answers)) == ["1 号", "2 号", "3 号"]


def test_two_desks_scan_the_same_folder_at_once_and_it_comes_back_once(both):
    desk = person("archivist")
    loan = service.hand_over(approved(new_folder(), "gm").id, actor=desk, at=AT)
    label = payload(BarcodeType.FOLDER, loan.folder_id)
    later = AT + timedelta(hours=1)
    answers = at_once(
        *(
            lambda name=name: scanning.scan(label, desk=name, request_id=name, actor=desk, at=later)
            for name in ("1", "2")
        )
    )
    assert sum(row.verb == "已归还" for row in answers) == 1
    assert Loan.get_by_id(loan.id).state == "returned"
    assert Folder.get_by_id(loan.folder_id).custody == "on_shelf"
    back = CustodyEvent.select().where(CustodyEvent.custody == "on_shelf", CustodyEvent.loan == loan.id)
    assert back.count() == 1
    assert audit.verify() == []


def test_the_same_reader_signed_in_at_two_desks_at_once_has_one_seat(both):
    desk, readers = person("archivist"), [person(name).user_id for name in ("gm", "gm", "director")]
    at_once(*(lambda reader=reader: room.sign_in(reader, actor=desk, at=AT) for reader in readers))
    assert sorted(row.seat for row in room.present()) == ["1 号", "2 号"]


def test_the_sweep_and_a_return_at_once_leave_one_truth(both):
    desk = person("archivist")
    loan = service.hand_over(approved(new_folder(), "gm").id, actor=desk, at=AT)
    late = loan.due_at + timedelta(minutes=1)
    at_once(
        lambda: service.mark_overdue(late),
        lambda: service.mark_overdue(late),
        lambda: service.give_back(loan.id, actor=desk, at=late),
    )
    loan = Loan.get_by_id(loan.id)
    assert loan.overdue_at == late
    notes = audit.AuditEvent.select().where(audit.AuditEvent.action == "loan.overdue")
    assert notes.count() == 1
    if loan.state == "overdue":  # the sweep changed the row under the return: it may simply be repeated
        loan = service.give_back(loan.id, actor=desk, at=late)
    assert loan.state == "returned"
    assert audit.verify() == []
