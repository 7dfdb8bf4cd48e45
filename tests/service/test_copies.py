"""Photocopies as things of their own: numbered, lent, returned, kept or destroyed (LOAN-09, LOAN-11)."""

from __future__ import annotations

import json

import pytest

from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Invalid, Refused
from archive_app.core.work import work
from archive_app.loans import copies, copy_rows, incidents, originals, service
from archive_app.loans.models import Copy, Incident, Loan
from archive_app.people import rulebook
from archive_app.people.actor import system
from archive_app.printing.barcode import BarcodeType
from archive_app.records.models import CustodyEvent, Folder
from tests.copies import GUIDE
from tests.lending import wall

pytest_plugins = ["tests.lending", "tests.copies"]


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
