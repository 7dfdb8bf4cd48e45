"""Copies kept for lending: proposed, lent in turn, recalled when the level is raised (LOAN-09)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.core.errors import NotFound, Refused
from archive_app.desk import service as desk_service
from archive_app.loans import copies, copy_rows, service
from archive_app.loans.copy_tasks import call, recall
from archive_app.loans.models import Copy, Loan
from archive_app.notices.models import Notice
from archive_app.printing.barcode import BarcodeType
from archive_app.records.models import Folder
from tests.copies import GUIDE, raise_secrecy
from tests.lending import wall

pytest_plugins = ["tests.lending", "tests.copies"]


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
