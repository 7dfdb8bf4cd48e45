"""Return, overdue by the clock, undo, and what the register shows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.core import audit, clock
from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.loans import queries, service, slips, tasks
from archive_app.loans.models import Loan
from archive_app.records import queries as records
from archive_app.records import service as records_service
from tests.lending import custody, snapshot, wall
from tests.print.paper import texts

pytest_plugins = ["tests.lending"]


# 归还


@pytest.mark.requirement("LOAN-07")
@pytest.mark.requirement("LOAN-13")
def test_a_return_strikes_the_loan_and_puts_the_folder_back_at_once(approved, desk):
    loan = desk.hand(approved(), wall(11))
    assert custody(loan) == ("lent", "王静娟")
    loan = desk.back(loan, wall(12), pages=32, remark="完好")
    assert (loan.state, loan.returned_at, loan.received_by) == ("returned", wall(12), "陈静宜")
    assert custody(loan) == ("on_shelf", "")
    assert queries.out_list(wall(12)) == []
    newest = queries.timeline_of(loan)[0]
    assert (newest.custody, newest.place, newest.remark) == ("on_shelf", "A 柜 3 格", "清点 32 页；完好")


@pytest.mark.requirement("LOAN-10")
def test_missing_pages_are_said_on_the_return(people, at, approved, desk):
    loan = approved()
    records_service.add_document(loan.folder_id, title="合同", pages=10, actor=people.archivist, at=at)
    desk.hand(loan, wall(11))
    desk.back(loan, wall(12), pages=8)
    assert queries.timeline_of(loan)[0].remark == "清点 8 页，少 2 页"


def test_a_senseless_count_is_sent_back(approved, desk):
    loan = desk.hand(approved(), wall(11))
    with pytest.raises(Invalid):
        desk.back(loan, wall(12), pages=-1)
    assert Loan.get_by_id(loan.id).state == "out"


def test_returning_twice_is_one_return(approved, desk):
    loan = desk.hand(approved(), wall(11))
    desk.back(loan, wall(12))
    with pytest.raises(Refused):
        desk.back(loan, wall(12))


@pytest.mark.requirement("LOAN-09")
def test_a_photocopy_goes_out_while_the_folder_stays(approved, desk, folder):
    kept = folder("open")
    copy = desk.hand(approved("open", "photocopy", kept=kept), wall(11))
    assert (copy.state, copy.takes_folder, custody(copy)) == ("out", False, ("on_shelf", ""))
    other = desk.hand(approved("open", kept=kept), wall(11, 5))
    assert other.state == "out"
    assert desk.back(copy, wall(12)).state == "returned"
    assert custody(other) == ("lent", "王静娟")


# 逾期


@pytest.mark.requirement("LOAN-01")
def test_the_clock_marks_a_loan_overdue_and_screens_know_before_it(approved, desk):
    loan = desk.hand(approved(), wall(9))
    assert service.mark_overdue(wall(13)) == 0
    late = wall(13) + timedelta(seconds=1)
    (shown,) = queries.out_list(late)
    assert (shown.state, shown.shown) == ("out", "overdue")
    assert (queries.counts(late).out, queries.counts(late).overdue) == (0, 1)
    assert service.mark_overdue(late) == 1
    assert service.mark_overdue(late) == 0
    assert Loan.get_by_id(loan.id).state == "overdue"
    assert (queries.counts(late).out, queries.counts(late).overdue) == (0, 1)
    event = AuditEvent.select().where(AuditEvent.action == "loan.overdue").get()
    assert (event.actor, event.key) == ("system", str(loan.id))


def test_the_minute_sweep_marks_by_the_clock(approved, desk, monkeypatch):
    loan = desk.hand(approved(), wall(9))
    monkeypatch.setattr(clock, "now", lambda: wall(14))
    tasks.mark_overdue()
    assert Loan.get_by_id(loan.id).state == "overdue"


def test_a_late_return_is_known_as_late_even_if_the_sweep_never_ran(approved, desk):
    loan = desk.back(desk.hand(approved(), wall(9)), wall(14))
    assert (loan.state, loan.overdue_at) == ("returned", wall(14))
    actions = [e.action for e in AuditEvent.select().order_by(AuditEvent.seq)]
    assert actions[-2:] == ["loan.overdue", "loan.give_back"]
    assert queries.record_of(loan.borrower_id, wall(15)) == (1, 1)


# 撤销


def test_undoing_a_hand_over_restores_exactly_the_state_before(people, approved, desk):
    loan = approved()
    before = snapshot(loan)
    desk.hand(loan, wall(11))
    assert snapshot(loan) != before
    undone = wall(11) + timedelta(seconds=10)
    service.undo_hand_over(loan.id, "拿错", actor=people.archivist, at=undone)
    assert snapshot(loan) == before
    assert desk.hand(loan, undone).state == "out"


def test_undoing_a_seating_frees_the_seat(people, approved, desk):
    loan = approved("secret", "consult")
    before = snapshot(loan)
    desk.seat(loan, wall(11))
    service.undo_hand_over(loan.id, actor=people.archivist, at=wall(11))
    assert snapshot(loan) == before
    assert queries.in_room() == []


def test_a_hand_over_undone_after_its_due_time_passed_leaves_no_trace_of_overdue(people, approved, desk):
    loan = approved("open")
    before = snapshot(loan)
    desk.hand(loan, wall(17, 29) + timedelta(seconds=55))
    service.mark_overdue(wall(17, 30) + timedelta(seconds=1))
    service.undo_hand_over(loan.id, actor=people.archivist, at=wall(17, 30) + timedelta(seconds=3))
    assert snapshot(loan) == before


@pytest.mark.parametrize("back_at", [(12, 0), (16, 0)], ids=["in time", "late"])
@pytest.mark.parametrize("kind", ["loan", "consult"])
def test_undoing_a_return_restores_exactly_the_state_before(people, approved, desk, kind, back_at):
    loan = approved("secret", kind)
    (desk.hand if kind == "loan" else desk.seat)(loan, wall(11))
    moment = wall(*back_at)
    service.mark_overdue(moment)
    before = snapshot(loan)
    desk.back(loan, moment)
    service.undo_give_back(loan.id, actor=people.archivist, at=moment + timedelta(seconds=9))
    assert snapshot(loan) == before
    assert desk.back(loan, moment + timedelta(seconds=20)).state == "returned"


def test_after_ten_seconds_nothing_is_undone(people, approved, desk):
    loan = desk.hand(approved(), wall(11))
    too_late = wall(11) + timedelta(seconds=11)
    with pytest.raises(Refused) as no:
        service.undo_hand_over(loan.id, actor=people.archivist, at=too_late)
    assert no.value.code == "loan.undo_over"
    desk.back(loan, wall(12))
    with pytest.raises(Refused):
        service.undo_give_back(loan.id, actor=people.archivist, at=wall(12) + timedelta(seconds=11))


def test_a_return_is_not_undone_when_the_folder_has_gone_to_the_next(people, approved, desk, folder):
    kept = folder("secret")
    first, second = approved(kept=kept), approved(kept=kept, who=people.colleague)
    desk.hand(first, wall(11))
    desk.back(first, wall(12))
    desk.hand(second, wall(12))
    with pytest.raises(Refused) as no:
        service.undo_give_back(first.id, actor=people.archivist, at=wall(12))
    assert no.value.code == "loan.already_out"
    assert custody(second) == ("lent", "孙丽")


def test_every_desk_step_and_its_undo_are_on_the_chain(people, approved, desk):
    loan = approved()
    desk.hand(loan, wall(11))
    service.undo_hand_over(loan.id, "拿错", actor=people.archivist, at=wall(11))
    desk.hand(loan, wall(11, 1))
    desk.back(loan, wall(11, 2))
    done = [e.action for e in AuditEvent.select().where(AuditEvent.kind == "loan").order_by(AuditEvent.seq)]
    assert done == [
        "loan.request", "loan.approve", "loan.hand_over", "loan.undo_hand_over", "loan.hand_over",
        "loan.give_back",
    ]  # fmt: skip
    assert audit.verify() == []


# 看内容、登记簿、借阅单


@pytest.mark.requirement("SEC-16")
def test_a_running_loan_opens_the_content_to_its_borrower_and_its_end_closes_it(people, approved, desk):
    loan = approved("secret")
    kept = loan.folder
    assert not records.may_read(people.borrower, kept, wall(10))
    desk.hand(loan, wall(11))
    assert records.may_read(people.borrower, kept, wall(12))
    assert not records.may_read(people.colleague, kept, wall(12))
    assert not records.may_read(people.borrower, kept, wall(15, 1))  # overdue
    desk.back(loan, wall(16))
    assert not records.may_read(people.borrower, kept, wall(16))


def test_the_register_pages_by_key_and_filters_by_the_state_the_clock_sees(people, approved, desk):
    loans = [approved("secret") for _ in range(3)]
    desk.hand(loans[0], wall(9))
    desk.hand(loans[1], wall(12))
    late = queries.list_loans(people.archivist, wall(14), queries.Filters(states=("overdue",)))
    out = queries.list_loans(people.archivist, wall(14), queries.Filters(states=("out",)))
    assert [loan.id for loan in late.rows] == [loans[0].id]
    assert [loan.id for loan in out.rows] == [loans[1].id]
    first = queries.list_loans(people.archivist, wall(14), queries.Filters(), limit=2)
    assert ([r.id for r in first.rows], first.newer) == ([loans[2].id, loans[1].id], None)
    second = queries.list_loans(people.archivist, wall(14), queries.Filters(), older=first.older, limit=2)
    assert ([r.id for r in second.rows], second.older) == ([loans[0].id], None)
    back = queries.list_loans(people.archivist, wall(14), queries.Filters(), newer=second.newer, limit=2)
    assert [r.id for r in back.rows] == [r.id for r in first.rows]
    by_name = queries.list_loans(people.archivist, wall(14), queries.Filters(text="王静娟"))
    assert len(by_name.rows) == 3


def test_the_register_is_not_for_borrowers(people, at):
    with pytest.raises(Refused):
        queries.list_loans(people.borrower, at, queries.Filters())


def test_prints_of_a_slip_are_counted_and_audited(people, at, approved):
    loan = approved()
    for number in (1, 2):
        row, pdf = slips.print_slip(loan.id, "loan_slip", actor=people.archivist, at=at)
        assert (row.number, Loan.get_by_id(loan.id).slips_printed) == (number, number)
        assert f"第 {number} 次打印" in texts(pdf)[0]
    prints = AuditEvent.select().where(AuditEvent.action == "loan_slip.print")
    assert [event.kind for event in prints] == ["folder", "folder"]
    with pytest.raises(Refused):
        slips.print_slip(loan.id, "loan_slip", actor=people.borrower, at=at)
    with pytest.raises(NotFound):
        slips.print_slip(999, "loan_slip", actor=people.archivist, at=at)


def test_there_is_no_slip_before_the_approval(people, at, folder):
    loan = service.request_loan(
        folder().id, "loan", purpose="对账", undertaking=True, actor=people.borrower, at=at
    )
    with pytest.raises(Refused, match="还没有批准"):
        slips.print_slip(loan.id, "loan_slip", actor=people.archivist, at=at)
