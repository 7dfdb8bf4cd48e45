"""What comes back at the desk: checked, damaged, lost, changed while out, wanted; clocks that jump."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.approvals.models import Approval
from archive_app.core.errors import Invalid, Refused
from archive_app.desk import queries, screen
from archive_app.desk import service as scanning
from archive_app.loans import returning, service
from archive_app.loans.models import Copy, Incident, Loan, RoomSession
from archive_app.people import service as people_service
from archive_app.printing.barcode import BarcodeType, payload
from archive_app.records import service as records_service
from archive_app.records.models import CustodyEvent, Folder
from tests.lending import actions, custody, snapshot, wall

pytest_plugins = ["tests.lending"]


@pytest.fixture
def scan(people):
    done = []

    def send(code, at, name="1", mode=""):
        done.append(code)
        row = scanning.scan(
            code, desk=name, request_id=f"s{len(done)}", mode=mode, actor=people.archivist, at=at
        )
        return queries.shown(row)

    return send


def label(loan):
    return payload(BarcodeType.FOLDER, loan.folder_id)


def card(person):
    return payload(BarcodeType.PERSON, person.user_id)


@pytest.fixture
def pages(people, at):
    def give(loan, count):
        records_service.add_document(loan.folder_id, title="合同", pages=count, actor=people.archivist, at=at)

    return give


# 检查


@pytest.mark.requirement("LOAN-10")
def test_a_classified_folder_is_to_be_counted_and_the_answer_offers_the_check(approved, desk, scan, pages):
    loan = approved("secret")
    pages(loan, 12)
    desk.hand(loan, wall(10))
    answer = scan(label(loan), wall(11)).answer
    assert answer.verb == "已归还"
    assert "请清点，应有 12 页" in answer.why
    assert answer.step["endpoint"] == "desk.check"
    assert answer.undo == "give_back"


@pytest.mark.requirement("LOAN-10")
def test_an_open_thin_folder_is_not_counted_but_a_thick_one_is(approved, desk, scan, pages):
    thin, thick = approved("open"), approved("open")
    pages(thin, 12)
    pages(thick, 300)
    for loan in (thin, thick):
        desk.hand(loan, wall(10))
    assert "请清点" not in scan(label(thin), wall(11)).answer.why
    assert "请清点，应有 300 页" in scan(label(thick), wall(11)).answer.why


@pytest.mark.requirement("LOAN-10")
def test_what_was_found_is_written_down_once(people, approved, desk, pages):
    loan = approved()
    pages(loan, 12)
    desk.back(desk.hand(loan, wall(10)), wall(11))
    checked = returning.check_return(
        loan.id, pages=12, effect="解决问题", actor=people.archivist, at=wall(11, 5)
    )
    assert (checked.condition, checked.pages_back, checked.effect) == ("good", 12, "解决问题")
    assert "loan.check_return" in actions()
    with pytest.raises(Refused, match="已经检查过"):
        returning.check_return(loan.id, actor=people.archivist, at=wall(11, 6))


@pytest.mark.requirement("LOAN-10")
@pytest.mark.requirement("AUD-05")
@pytest.mark.parametrize("way", ["at the return", "later"])
def test_missing_pages_start_the_procedure_in_the_same_work(people, approved, desk, pages, way):
    loan = approved()
    pages(loan, 12)
    desk.hand(loan, wall(10))
    found = {"pages": 10, "condition": "missing_pages", "remark": "缺附件两页"}
    if way == "later":
        desk.back(loan, wall(11))
        returning.check_return(loan.id, actor=people.archivist, at=wall(11), **found)
    else:
        desk.back(loan, wall(11), **found)
    report = Incident.get()
    assert (report.kind, report.pages, report.loan_id, report.state) == (
        "missing_pages", 2, loan.id, "reported",
    )  # fmt: skip
    assert report.person_id == people.borrower.user_id
    assert Approval.get_by_id(report.approval_id).kind == "incident"
    assert custody(loan) == ("on_shelf", "")


def test_damage_without_a_word_on_it_changes_nothing(approved, desk, people):
    loan = desk.hand(approved(), wall(10))
    before = snapshot(loan)
    with pytest.raises(Invalid):
        desk.back(loan, wall(11), condition="damage")
    for wrong in ({"condition": "wet"}, {"effect": "中奖"}, {"pages": 100_000}):
        with pytest.raises(Invalid):
            desk.back(loan, wall(11), **wrong)
    assert snapshot(loan) == before
    assert Incident.select().count() == 0


def test_nobody_is_blamed_after_the_folder_has_gone_to_somebody_else(people, approved, desk, folder):
    kept = folder("open")
    first = desk.hand(approved("open", kept=kept), wall(10))
    desk.back(first, wall(11))
    desk.hand(approved("open", who=people.gm, kept=kept), wall(11, 30))
    with pytest.raises(Refused, match="借给别人"):
        returning.check_return(
            first.id, condition="damage", remark="破了", actor=people.archivist, at=wall(12)
        )


@pytest.mark.requirement("AUD-05")
def test_what_does_not_come_back_is_lost_missing_and_reported_but_never_hidden(people, approved, desk):
    loan = desk.hand(approved(), wall(10))
    incident = returning.give_back_lost(loan.id, "出租车上遗失", actor=people.archivist, at=wall(16))
    assert (incident.kind, incident.loan_id) == ("loss", loan.id)
    assert Loan.get_by_id(loan.id).state == "lost"
    assert Loan.get_by_id(loan.id).overdue_at == wall(16)
    assert Folder.get_by_id(loan.folder_id).custody == "missing"
    with pytest.raises(Refused):
        returning.give_back_lost(loan.id, "又一次", actor=people.archivist, at=wall(16))


# 部分归还，等候的人


def test_a_partial_return_says_how_many_are_still_out(approved, desk, scan):
    loans = [desk.hand(approved("open"), wall(10)) for _ in range(3)]
    assert "王静娟 还有 2 份未还" in scan(label(loans[0]), wall(11)).answer.why
    assert "还有 1 份未还" in scan(label(loans[1]), wall(11, 1)).answer.why
    assert "未还" not in scan(label(loans[2]), wall(11, 2)).answer.why


def test_the_desk_says_who_is_next_and_keeps_the_folder_there(people, approved, desk, scan, folder):
    kept = folder("open")
    out = desk.hand(approved("open", who=people.gm, kept=kept), wall(10))
    approved("open", kept=kept, at=wall(10, 5))
    answer = scan(label(out), wall(11)).answer
    assert answer.sentence == "留在台上，王静娟 在等，留到 15:00"
    refused = scan(card(people.director), wall(11, 1)).answer
    assert refused.verb == "借阅人"
    answer = scan(label(out), wall(11, 2)).answer
    assert (answer.kind, Loan.select().where(Loan.state == "out").count()) == ("no", 0)
    assert "先留给王静娟" in answer.sentence


# 在外期间变了


@pytest.mark.requirement("SEC-01")
def test_a_folder_that_became_top_secret_while_out_comes_back_and_the_desk_says_so(
    people, at, approved, desk, scan
):
    loan = desk.hand(approved("open"), wall(10))
    records_service.edit_folder(
        loan.folder_id, {"secrecy": "top_secret"}, "复核定密", 0, actor=people.archivist, at=at
    )
    answer = scan(label(loan), wall(11)).answer
    assert answer.verb == "已归还"
    assert Loan.get_by_id(loan.id).state == "returned"
    assert custody(loan) == ("on_shelf", "")
    assert "绝密级" in answer.why or not answer.title


def test_a_folder_that_was_destroyed_while_out_closes_its_loan_and_stays_destroyed(approved, desk, scan):
    loan = desk.hand(approved("open"), wall(10))
    Folder.update(custody="destroyed").where(Folder.id == loan.folder_id).execute()
    answer = scan(label(loan), wall(11)).answer
    assert (answer.verb, Loan.get_by_id(loan.id).state) == ("已归还", "returned")
    assert "请先核对" in answer.sentence
    assert Folder.get_by_id(loan.folder_id).custody == "destroyed"


def test_an_approval_given_in_time_by_a_deputy_stands_after_his_paper_ended(people, at, folder, desk):
    people_service.deputise(
        people.gm.user_id, people.director.user_id, ["loan"], wall(8), wall(12), "委〔2026〕1号",
        actor=people.archivist, at=at,
    )  # fmt: skip
    loan = service.request_loan(
        folder("secret").id, "loan", purpose="对账", undertaking=True, actor=people.borrower, at=wall(9)
    )
    gm = {"on_behalf_of": people.gm.user_id}
    service.decide_loan(loan.id, "granted", actor=people.director, at=wall(11, 59), **gm)
    assert desk.hand(loan, wall(12, 1)).state == "out"


# 钟


def test_a_clock_that_jumps_moves_no_due_time_and_lets_nothing_come_back_before_it_went(approved, desk):
    loan = desk.hand(approved("secret"), wall(11))
    due = loan.due_at
    service.mark_overdue(wall(9, day=25))  # far ahead, then back again
    back = desk.back(loan, wall(10))
    assert (back.due_at, back.returned_at) == (due, wall(11))
    newest = CustodyEvent.select().where(CustodyEvent.folder == loan.folder_id)
    assert newest.order_by(CustodyEvent.at.desc(), CustodyEvent.id.desc()).first().custody == "on_shelf"


def test_an_undo_is_not_open_longer_because_the_clock_was_set_back(approved, desk, scan):
    loan = desk.hand(approved("open"), wall(10))
    row = scan(label(loan), wall(11)).row
    assert screen._seconds_left(row, wall(11) + timedelta(seconds=4)) == 6
    assert screen._seconds_left(row, wall(10)) == 0
    assert screen._seconds_left(row, wall(12)) == 0


# 阅览室门口


@pytest.mark.requirement("LOAN-02")
def test_a_card_at_the_door_signs_in_then_out_and_folders_come_back_from_the_seat(people, approved, scan):
    loans = [approved("confidential", "consult", people.gm) for _ in range(2)]
    answer = scan(card(people.gm), wall(10), mode="room").answer
    assert (answer.verb, answer.number) == ("已入室", "周建国")
    assert "2 份待领" in answer.why
    for loan in loans:
        assert scan(label(loan), wall(10, 1), mode="room").answer.verb == "已入座"
    held = scan(card(people.gm), wall(11), mode="room").answer
    assert (held.verb, held.kind) == ("还不能走", "ask")
    assert loans[0].folder.file_number in held.why
    assert held.step["endpoint"] == "room.left"
    first = scan(label(loans[0]), wall(11, 1), mode="room").answer
    assert "桌上还有 1 份" in first.why
    last = scan(label(loans[1]), wall(11, 2), mode="room").answer
    assert [step["endpoint"] for step in last.more] == ["desk.sign_out"]
    assert scan(card(people.gm), wall(11, 3), mode="room").answer.verb == "已签退"
    assert RoomSession.get().signed_out_at == wall(11, 3)


def test_a_card_read_twice_in_a_row_is_one_entry(people, scan):
    assert scan(card(people.gm), wall(10), mode="room").answer.verb == "已入室"
    again = scan(card(people.gm), wall(10) + timedelta(seconds=2), mode="room").answer
    assert again.verb == "已入室"
    assert RoomSession.get().signed_out_at is None


def test_the_same_reader_at_two_desks_has_one_seat(people, scan):
    scan(card(people.gm), wall(10), "1")
    scan(card(people.gm), wall(10), "2")
    for name in ("1", "2"):
        scanning.sign_in(
            people.gm.user_id, desk=name, request_id=f"in{name}", actor=people.archivist, at=wall(10)
        )
    assert RoomSession.select().count() == 1


# 影印


@pytest.mark.requirement("LOAN-11")
def test_a_photocopy_asks_for_its_pages_and_is_registered_when_it_goes(people, approved, scan):
    loan = approved("open", "photocopy")
    scan(card(people.borrower), wall(10))
    asked = scan(label(loan), wall(10, 1)).answer
    assert (asked.kind, asked.step["endpoint"]) == ("ask", "desk.copy_form")
    assert Copy.select().count() == 0
    row = scanning.hand_copy(loan.id, 3, desk="1", request_id="copy", actor=people.archivist, at=wall(10, 2))
    answer = queries.shown(row).answer
    assert answer.verb == "已借出"
    assert "影印 3 页" in answer.sentence
    loan = Loan.get_by_id(loan.id)
    assert (loan.copy.pages, loan.pages_out, loan.takes_folder) == (3, 3, False)
    assert custody(loan) == ("on_shelf", "")
    scanning.undo(row.id, desk="1", actor=people.archivist, at=wall(10, 2))
    assert Loan.get_by_id(loan.id).state == "approved"
