"""Photocopies as things of their own: numbered, lent, returned, kept or destroyed (LOAN-09, LOAN-11)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.work import work
from archive_app.desk import service as desk_service
from archive_app.desk.answers import Answer
from archive_app.loans import copies, copy_rows, incidents, originals, service
from archive_app.loans.copy_tasks import call, recall
from archive_app.loans.models import Copy, Incident, Loan
from archive_app.notices.models import Notice
from archive_app.people import rulebook
from archive_app.people.actor import system
from archive_app.printing.barcode import BarcodeType, payload
from archive_app.records.models import CustodyEvent, Folder
from archive_app.records.service import edit_folder, get_folder
from tests.lending import wall

pytest_plugins = ["tests.lending"]
GUIDE = "公司客户档案建档及管理规范 三.3"  # S45: what LOAN-09 and LOAN-11 quote


@pytest.fixture
def make(people, at):
    def copy(folder, **more):
        return copies.make(folder.id, actor=people.archivist, at=at, **{"pages": 6} | more)

    return copy


@pytest.fixture
def photocopy(approved, people):
    """An approved request for a photocopy of an open folder."""
    return approved("open", "photocopy", who=people.borrower)


@pytest.fixture
def scan(people, at):
    count = iter(range(1, 1000))

    def send(kind, row, at=at):
        text = payload(kind, row.id)
        done = desk_service.scan(
            text, desk="前台", request_id=f"r{next(count)}", actor=people.archivist, at=at
        )
        return done, Answer.from_json(done.answer)

    return send


def raise_secrecy(folder, level, people, at):
    changes, revision = {"secrecy": level}, get_folder(folder.id).revision
    return edit_folder(folder.id, changes, "定密审查", revision, actor=people.archivist, at=at)


# Made


@pytest.mark.requirement("LOAN-09")
def test_copies_of_a_folder_are_numbered_without_gap_and_for_ever(people, at, folder, make):
    thing, other = folder("open"), folder("open")
    first, second = make(thing), make(thing)
    copies.destroy(second.id, "纸张损坏", actor=people.archivist, at=at)
    with pytest.raises(Invalid):
        make(thing, pages=0)
    assert [make(thing).serial, make(other).serial] == [3, 1]
    assert [c.serial for c in copy_rows.copies_of(thing.id)] == [1, 2, 3]
    assert copy_rows.name_of(first) == f"{thing.file_number} 影印件 1"


@pytest.mark.requirement("LOAN-09")
@pytest.mark.parametrize("level", ["confidential", "top_secret"])
def test_there_is_no_copy_of_a_level_whose_rule_refuses_photocopying(people, folder, make, level):
    with pytest.raises(Refused) as no:
        make(folder(level))
    assert no.value.code == f"photocopy.{level}"
    assert no.value.clause == "销售客户档案管理制度 七.3"
    assert Copy.select().count() == 0


def test_only_who_manages_copies_makes_and_destroys_them(people, at, folder, make):
    thing = folder("open")
    with pytest.raises(Refused) as no:
        copies.make(thing.id, pages=1, actor=people.borrower, at=at)
    assert no.value.code == "permission"
    copy = make(thing)
    with pytest.raises(Refused):
        copies.destroy(copy.id, "用完", actor=people.director, at=at)


def test_a_copy_of_what_is_away_is_not_made(people, at, folder, approved, desk, make):
    loan = desk.hand(approved("open"), at)
    with pytest.raises(Refused) as no:
        make(loan.folder)
    assert no.value.code == "copy.original_away"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"extent": "页" * 10_000}, "extent"),
        ({"remark": "注" * 501}, "remark"),
        ({"pages": 100_000}, "pages"),
    ],
)
def test_what_does_not_fit_is_said_by_field(folder, make, values, field):
    with pytest.raises(Invalid) as no:
        make(folder("open"), **values)
    assert field in no.value.fields


def test_a_book_without_kept_copies_refuses_to_keep_one(people, at, folder, make):
    text = rulebook.profile_text("default").replace("[copies]\nkept = true", "[copies]\nkept = false")
    rulebook.adopt(text, "default", actor=system(), at=at)
    with pytest.raises(Refused) as no:
        make(folder("open"))
    assert (no.value.code, no.value.clause) == ("copy.none_kept", GUIDE)


def test_a_process_that_dies_in_between_leaves_no_copy_and_no_number(people, at, folder, make):
    thing = folder("open")
    with pytest.raises(RuntimeError), work(people.archivist, at):
        make(thing)
        raise RuntimeError("killed")
    assert make(thing).serial == 1


def test_a_copy_is_destroyed_with_a_reason_and_only_once(people, at, folder, make):
    copy = make(folder("open"))
    with pytest.raises(Invalid):
        copies.destroy(copy.id, " ", actor=people.archivist, at=at)
    copies.destroy(copy.id, "用完销毁", actor=people.archivist, at=at)
    with pytest.raises(Refused) as no:
        copies.destroy(copy.id, "再点一次", actor=people.archivist, at=at)
    assert no.value.code == "copy.ended"
    events = AuditEvent.select().where(AuditEvent.action == "copy.destroy")
    assert [json.loads(event.data)["reason"] for event in events] == ["用完销毁"]


# LOAN-11 from the request to the cancelled entry, step by step


@pytest.mark.requirement("LOAN-11")
@pytest.mark.requirement("LOAN-07")
def test_the_photocopy_flow_is_walked_in_its_order(people, at, folder, ask, decide):
    thing = folder("open")
    # 口述申请
    loan = ask(thing, people.borrower, "photocopy", purpose="带给客户核对")
    assert (loan.state, loan.clause) == ("requested", GUIDE)
    # 经内勤部经理同意
    loan = decide(loan, people.back_office)
    assert loan.state == "approved"
    # 登记影印记录 → 领取并影印
    loan = originals.draw_original(loan.id, 3, actor=people.archivist, at=wall(10, 5))
    copy = copy_rows.get_copy(Loan.get_by_id(loan.id).copy_id)
    assert (copy.serial, copy.pages, copy.kept, copy.state) == (1, 3, False, "kept")
    assert Folder.get_by_id(thing.id).custody == "lent"
    # the copy does not leave before the original is back
    with pytest.raises(Refused) as no:
        service.hand_over(loan.id, actor=people.archivist, at=wall(10, 10))
    assert no.value.code == "copy.original_out"
    # 归还《客户档案》 → 检查完整性，还原存档
    originals.put_back_original(loan.id, pages=0, actor=people.archivist, at=wall(10, 20))
    assert Folder.get_by_id(thing.id).custody == "on_shelf"
    assert "影印后归还" in CustodyEvent.select().order_by(CustodyEvent.id.desc()).first().remark
    # 领取影印件：原件在架，影印件出门
    loan = service.hand_over(loan.id, actor=people.archivist, at=wall(10, 21))
    assert (loan.state, loan.takes_folder) == ("out", False)
    assert Copy.get_by_id(copy.id).state == "lent"
    # 归还影印件 → 核对影印件完整性，注销登记
    loan = service.give_back(loan.id, pages=3, actor=people.archivist, at=wall(15))
    assert loan.state == "returned"
    assert Copy.get_by_id(copy.id).state == "kept"
    assert [c.id for c in copy_rows.to_settle(people.archivist, at)] == [copy.id]
    # 用完销毁
    copies.destroy(copy.id, "用完销毁", actor=people.archivist, at=wall(15, 5))
    assert copy_rows.to_settle(people.archivist, at) == []
    order = ["loan.request", "approval.decide", "copy.make", "loan.draw_original", "loan.put_back_original",
             "copy.lend", "copy.take_back", "copy.destroy"]  # fmt: skip
    seen = [e.action for e in AuditEvent.select().order_by(AuditEvent.seq) if e.action in order]
    assert seen == order


@pytest.mark.requirement("LOAN-11")
def test_the_original_that_comes_back_torn_is_reported_in_the_same_step(people, at, photocopy):
    originals.draw_original(photocopy.id, actor=people.archivist, at=at)
    with pytest.raises(Invalid):  # damaged, but not a word about it: nothing is done
        originals.put_back_original(photocopy.id, condition="damage", actor=people.archivist, at=at)
    assert Folder.get_by_id(photocopy.folder_id).custody == "lent"
    originals.put_back_original(
        photocopy.id, condition="damage", facts="第 2 页撕破", actor=people.archivist, at=at
    )
    report = Incident.get()
    assert (report.kind, report.loan_id, report.copy_id) == ("damage", photocopy.id, None)
    assert report.person.username == "borrower"


def test_an_original_that_was_not_drawn_cannot_be_put_back(people, at, photocopy):
    with pytest.raises(Refused) as no:
        originals.put_back_original(photocopy.id, actor=people.archivist, at=at)
    assert no.value.code == "copy.original_here"
    originals.draw_original(photocopy.id, actor=people.archivist, at=at)
    with pytest.raises(Refused):
        originals.draw_original(photocopy.id, actor=people.archivist, at=at)


@pytest.mark.requirement("LOAN-17")
def test_a_photocopy_nobody_agreed_to_is_not_made(people, at, folder, ask):
    loan = ask(folder("open"), people.borrower, "photocopy")
    with pytest.raises(Refused) as no:
        originals.draw_original(loan.id, actor=people.archivist, at=at)
    assert no.value.code == "wrong_state"
    with pytest.raises(Refused):
        copies.make_for_loan(loan, actor=people.archivist, at=at)
    assert Copy.select().count() == 0


def test_a_hand_over_taken_back_keeps_the_number_of_the_copy(people, at, photocopy, desk):
    loan = desk.hand(photocopy, at)
    copy = Copy.get()
    assert (copy.state, loan.copy_id) == ("lent", copy.id)
    service.undo_hand_over(loan.id, actor=people.archivist, at=at)
    assert Copy.get().state == "kept"
    desk.hand(photocopy, at)
    assert Copy.select().count() == 1
    desk.back(photocopy, at)
    service.undo_give_back(photocopy.id, actor=people.archivist, at=at)
    assert Copy.get().state == "lent"


def test_a_lent_copy_is_not_destroyed_behind_its_reader(people, at, photocopy, desk):
    desk.hand(photocopy, at)
    with pytest.raises(Refused) as no:
        copies.destroy(Copy.get().id, "清理", actor=people.archivist, at=at)
    assert no.value.code == "copy.away"
    assert "王静娟" in no.value.message


def test_a_copy_lost_on_the_way_closes_its_loan_and_is_found_again(people, at, photocopy, desk):
    desk.hand(photocopy, at)
    copy = Copy.get()
    incidents.report(
        "loss", folder_id=copy.folder_id, copy_id=copy.id, facts="遗落在客户处", actor=people.borrower, at=at
    )
    assert (Copy.get().state, Loan.get_by_id(photocopy.id).state) == ("lost", "lost")
    assert Folder.get_by_id(copy.folder_id).custody == "on_shelf"
    incidents.found_copy(copy.id, actor=people.archivist, at=at)
    assert (Copy.get().state, Loan.get_by_id(photocopy.id).state) == ("kept", "returned")


# Kept for lending


@pytest.mark.requirement("LOAN-09")
def test_a_returned_copy_can_be_kept_for_lending(people, at, photocopy, desk):
    desk.hand(photocopy, at)
    desk.back(photocopy, at)
    copy = copies.keep(Copy.get().id, actor=people.archivist, at=at)
    assert copy.kept
    assert [c.id for c in copy_rows.to_lend(copy.folder_id)] == [copy.id]
    with pytest.raises(Refused):
        copies.keep(copy.id, actor=people.archivist, at=at)


@pytest.mark.requirement("LOAN-09")
def test_a_folder_lent_often_is_proposed_until_a_copy_is_kept(people, at, folder, approved, desk, make):
    thing, rare = folder("open"), folder("open")
    for day in range(5):
        loan = approved("open", who=people.manager, kept=thing)
        desk.hand(loan, at + timedelta(minutes=day))
        desk.back(loan, at + timedelta(minutes=day))
    (proposal,) = copy_rows.proposals(people.archivist, at)
    assert (proposal.folder.id, proposal.times) == (thing.id, 5)
    make(thing)
    assert copy_rows.proposals(people.archivist, at) == []
    assert rare.id
    assert copy_rows.proposals(people.archivist, at + timedelta(days=91)) == []


@pytest.mark.requirement("LOAN-09")
def test_a_technician_takes_a_kept_copy_with_label_and_card_and_brings_it_back(
    people, at, folder, make, scan
):
    copy = make(folder("open"))
    _row, answer = scan(BarcodeType.COPY, copy)
    assert (answer.kind, answer.number) == ("ask", copy_rows.name_of(copy))
    _row, answer = scan(BarcodeType.PERSON, people.users.colleague)
    assert (answer.kind, answer.verb) == ("ok", "已借出")
    loan = Loan.get()
    assert (loan.kind, loan.state, loan.copy_id, loan.clause) == ("photocopy", "out", copy.id, GUIDE)
    assert Folder.get_by_id(copy.folder_id).custody == "on_shelf"
    _row, answer = scan(BarcodeType.COPY, copy)
    assert (answer.verb, answer.undo) == ("已归还", "give_back")
    assert (Loan.get().state, Copy.get().state) == ("returned", "kept")


def test_a_copy_scanned_with_the_person_in_hand_goes_out_and_back_by_undo(people, at, folder, make, scan):
    copy = make(folder("open"))
    scan(BarcodeType.PERSON, people.users.colleague)
    row, answer = scan(BarcodeType.COPY, copy)
    assert answer.verb == "已借出"
    desk_service.undo(row.id, desk="前台", actor=people.archivist, at=at)
    assert (Copy.get().state, Loan.get().state) == ("kept", "withdrawn")


@pytest.mark.requirement("LOAN-09")
def test_two_wait_for_one_kept_copy_and_the_first_comes_first(people, at, folder, make, scan):
    copy = make(folder("open"))
    scan(BarcodeType.PERSON, people.users.colleague)
    scan(BarcodeType.COPY, copy)
    rows = [
        service.request_loan(
            copy.folder_id, "photocopy", copy_id=copy.id, purpose="现场维修", undertaking=True,
            actor=actor, at=at + timedelta(minutes=n),
        )
        for n, actor in enumerate((people.borrower, people.manager))
    ]  # fmt: skip
    assert [row.state for row in rows] == ["approved", "approved"]
    with pytest.raises(Refused) as no:
        service.hand_over(rows[0].id, actor=people.archivist, at=at)
    assert no.value.code == "copy.away"
    back = at + timedelta(minutes=5)
    scan(BarcodeType.COPY, copy, back)
    told = Notice.select().where(Notice.code == "loan.ready")
    assert [row.user.username for row in told] == ["borrower"]
    with pytest.raises(Refused) as no:
        service.hand_over(rows[1].id, actor=people.archivist, at=back)
    assert no.value.code == "loan.not_first"
    assert service.hand_over(rows[0].id, actor=people.archivist, at=back).state == "out"


def test_a_copy_made_for_somebody_else_is_given_to_nobody_else(people, at, photocopy, scan, desk):
    desk.hand(photocopy, at)
    desk.back(photocopy, at)
    scan(BarcodeType.PERSON, people.users.colleague)
    _row, answer = scan(BarcodeType.COPY, Copy.get())
    assert (answer.kind, answer.number) == ("no", photocopy.folder.file_number)
    assert Copy.get().state == "kept"


def test_what_is_no_copy_for_lending_cannot_be_asked_for(people, at, folder, make):
    copy = make(folder("open"), kept=False)
    with pytest.raises(Refused) as no:
        copies.for_request(copy.id, actor=people.borrower, at=at)
    assert no.value.code == "copy.not_for_lending"
    with pytest.raises(NotFound):
        copies.for_request(999, actor=people.borrower, at=at)


# At the desk: found, gone, the original back


def test_a_lost_folder_scanned_at_the_desk_is_found_and_its_report_ends(people, at, folder, scan):
    thing = folder("open")
    row = incidents.report("loss", folder_id=thing.id, facts="清点时不在架", actor=people.archivist, at=at)
    _row, answer = scan(BarcodeType.FOLDER, thing)
    assert (answer.kind, answer.verb) == ("ok", "找到了")
    assert Incident.get_by_id(row.id).state == "found"
    assert Folder.get_by_id(thing.id).custody == "on_shelf"


def test_an_original_drawn_to_be_copied_comes_back_by_its_label(people, at, photocopy, scan):
    originals.draw_original(photocopy.id, actor=people.archivist, at=at)
    _row, answer = scan(BarcodeType.FOLDER, photocopy.folder)
    assert answer.verb == "原件已归还"
    assert Folder.get_by_id(photocopy.folder_id).custody == "on_shelf"


def test_a_destroyed_copy_that_turns_up_is_said_and_a_lost_one_is_found(people, at, folder, make, scan):
    thing = folder("open")
    gone, lost = make(thing), make(thing)
    copies.destroy(gone.id, "用完销毁", actor=people.archivist, at=at)
    incidents.report(
        "loss", folder_id=thing.id, copy_id=lost.id, facts="盒中没有", actor=people.archivist, at=at
    )
    assert scan(BarcodeType.COPY, gone)[1].verb == "已销毁"
    assert scan(BarcodeType.COPY, lost)[1].verb == "找到了"
    assert Copy.get_by_id(lost.id).state == "kept"


# Secrecy raised later


def test_whose_hold_runs_out_lets_the_next_one_come(people, at, folder, make):
    copy = make(folder("open"))
    first, second = (
        service.request_loan(
            copy.folder_id, "photocopy", copy_id=copy.id, purpose="现场维修", undertaking=True,
            actor=actor, at=at + timedelta(minutes=n),
        )
        for n, actor in enumerate((people.borrower, people.manager))
    )  # fmt: skip
    assert call(at + timedelta(minutes=2)) == 0  # just granted: the first knows, his time begins
    later = wall(9, day=20)  # 4 opening hours of hold are over
    assert call(later) == 1
    (told,) = Notice.select().where(Notice.code == "loan.ready")
    assert told.user.username == "manager"
    assert service.hand_over(second.id, actor=people.archivist, at=later).state == "out"
    assert call(later) == 0 and first.id


@pytest.mark.requirement("SEC-01")
def test_copies_are_recalled_when_the_level_is_raised_and_told_once(people, at, folder, make, scan):
    copy = make(folder("open"))
    scan(BarcodeType.PERSON, people.users.colleague)
    scan(BarcodeType.COPY, copy)
    assert recall(at) == 0
    raise_secrecy(copy.folder, "confidential", people, at)
    assert recall(at) == 2 and recall(at) == 0
    told = Notice.select().where(Notice.code == "copy.recall")
    assert sorted(row.user.username for row in told) == ["archivist", "colleague"]
    assert [c.id for c in copy_rows.to_recall(at, actor=people.archivist)] == [copy.id]
    scan(BarcodeType.COPY, copy)  # it may still come back, that is the point
    assert Copy.get().state == "kept"
    copies.destroy(copy.id, "密级提高，收回销毁", actor=people.archivist, at=at)
    assert copy_rows.to_recall(at) == []
