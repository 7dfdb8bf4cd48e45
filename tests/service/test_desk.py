"""The scan desk: any order, the right legal thing at once, undone for ten seconds, never confused."""

import itertools
from datetime import timedelta
from types import SimpleNamespace

import pytest

from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Refused
from archive_app.desk import queries, service
from archive_app.desk.models import DeskScan
from archive_app.loans import service as lending
from archive_app.loans.models import Loan
from archive_app.printing.barcode import BarcodeType, payload, qr_text
from archive_app.records import service as records
from archive_app.records.models import Folder


@pytest.fixture
def desk(people, at):
    """A desk with short words for what an archivist does there."""
    counter = itertools.count()

    def scan(code, when=at, request_id=None, name="1"):
        row = service.scan(
            code, desk=name, request_id=request_id or f"r{next(counter)}", actor=people.archivist, at=when
        )
        return queries.shown(row)

    def folder(secrecy="secret", title="海润实业资信档案"):
        return records.register_folder(
            "KH", 2026, title, secrecy=secrecy, place="A05 柜 3 格 盒 11",
            department_id=people.departments["XS"].id, actor=people.archivist, at=at,
        )  # fmt: skip

    def approved(secrecy="secret", kind="loan", who=None):
        who = who or people.borrower
        row = folder(secrecy)
        loan = lending.request_loan(row.id, kind, purpose="续约谈判", undertaking=True, actor=who, at=at)
        for approver in ("manager", "director", "deputy_gm"):
            if Loan.get_by_id(loan.id).state == "requested":
                try:
                    lending.decide_loan(loan.id, "granted", "", actor=people.by_name[approver], at=at)
                except Refused:
                    continue
        assert Loan.get_by_id(loan.id).state == "approved"
        return row, loan

    codes = SimpleNamespace(
        folder=lambda row: payload(BarcodeType.FOLDER, row.id),
        person=lambda actor: payload(BarcodeType.PERSON, actor.user_id),
        slip=lambda loan: payload(BarcodeType.LOAN, loan.id),
    )
    return SimpleNamespace(scan=scan, folder=folder, approved=approved, code=codes)


def custody(folder):
    return Folder.get_by_id(folder.id).custody


def orders():
    return [("person", "folder"), ("folder", "person"), ("slip", "folder"), ("folder", "slip")]


@pytest.mark.parametrize("order", orders())
@pytest.mark.requirement("LOAN-06")
def test_a_loan_goes_out_whatever_is_scanned_first(desk, people, order):
    folder, loan = desk.approved()
    codes = {
        "person": desk.code.person(people.borrower),
        "folder": desk.code.folder(folder),
        "slip": desk.code.slip(loan),
    }
    first, last = (desk.scan(codes[what]) for what in order)
    assert first.answer.verb in ("借阅人", "请扫借阅人", "借阅单")
    assert (last.answer.kind, last.answer.verb) == ("ok", "已借出")
    assert people.borrower.name in last.answer.sentence
    assert Loan.get_by_id(loan.id).state == "out"
    assert custody(folder) == "lent"


@pytest.mark.requirement("LOAN-01")
def test_the_answer_says_until_when_and_by_which_clause(desk, people, at):
    folder, loan = desk.approved()
    desk.scan(desk.code.person(people.borrower))
    answer = desk.scan(desk.code.folder(folder)).answer
    assert "14:00" in answer.sentence  # 10:00 + the rule book's four hours
    assert answer.clause
    assert Loan.get_by_id(loan.id).due_at == at + timedelta(hours=4)


@pytest.mark.requirement("LOAN-07")
def test_a_folder_that_is_out_comes_back_with_one_scan_whoever_stands_there(desk, people, at):
    folder, loan = desk.approved()
    desk.scan(desk.code.person(people.borrower))
    desk.scan(desk.code.folder(folder))
    back = desk.scan(desk.code.folder(folder), when=at + timedelta(hours=1))
    assert (back.answer.verb, back.answer.sound) == ("已归还", "done")
    assert "A05 柜 3 格 盒 11" in back.answer.sentence
    assert (Loan.get_by_id(loan.id).state, custody(folder)) == ("returned", "on_shelf")


def test_a_late_return_sounds_different_and_says_so(desk, people, at):
    folder, _loan = desk.approved()
    desk.scan(desk.code.person(people.borrower))
    desk.scan(desk.code.folder(folder))
    back = desk.scan(desk.code.folder(folder), when=at + timedelta(hours=5))
    assert back.answer.sound == "overdue"
    assert "逾期" in back.answer.sentence


@pytest.mark.requirement("LOAN-02")
def test_a_confidential_folder_goes_only_to_a_seat(desk, people):
    folder, loan = desk.approved("confidential", "consult", who=people.manager)
    desk.scan(desk.code.person(people.manager))
    answer = desk.scan(desk.code.folder(folder)).answer
    assert answer.verb == "已入座"
    assert Loan.get_by_id(loan.id).seat in answer.sentence
    assert custody(folder) == "reading_room"


@pytest.mark.requirement("SEC-01")
def test_a_top_secret_folder_is_refused_with_its_clause_and_nothing_changes(desk, people):
    folder = desk.folder("top_secret")
    desk.scan(desk.code.person(people.gm))
    answer = desk.scan(desk.code.folder(folder)).answer
    assert answer.kind == "no"
    assert answer.why
    assert answer.clause
    assert (Loan.select().count(), custody(folder)) == (0, "on_shelf")
    assert AuditEvent.select().where(AuditEvent.action == "refusal").count() == 1


def test_without_approval_nothing_goes_out_and_the_next_step_is_offered(desk, people):
    folder = desk.folder("secret")
    desk.scan(desk.code.folder(folder))
    answer = desk.scan(desk.code.person(people.borrower)).answer
    assert answer.kind == "no"
    assert answer.step["values"]["borrower"] == people.borrower.user_id
    assert custody(folder) == "on_shelf"
    # the person stays in hand, so that the next folder can be scanned at once
    assert queries.in_hand("1", DeskScan.get().at).person.username == "borrower"


@pytest.mark.requirement("SEC-02")
def test_the_general_manager_takes_an_open_folder_directly(desk, people):
    folder = desk.folder("open")
    desk.scan(desk.code.person(people.gm))
    assert desk.scan(desk.code.folder(folder)).answer.verb == "已借出"
    assert custody(folder) == "lent"


def test_a_hand_over_is_undone_within_ten_seconds_and_not_later(desk, people, at):
    folder, loan = desk.approved()
    desk.scan(desk.code.person(people.borrower))
    out = desk.scan(desk.code.folder(folder))
    service.undo(out.row.id, desk="1", actor=people.archivist, at=at + timedelta(seconds=9))
    assert (Loan.get_by_id(loan.id).state, custody(folder)) == ("approved", "on_shelf")
    again = desk.scan(desk.code.folder(folder), when=at + timedelta(seconds=20))
    with pytest.raises(Refused, match="时间已过"):
        service.undo(again.row.id, desk="1", actor=people.archivist, at=at + timedelta(seconds=31))
    assert Loan.get_by_id(loan.id).state == "out"


def test_a_return_is_undone_and_the_due_time_stays(desk, people, at):
    folder, loan = desk.approved()
    desk.scan(desk.code.person(people.borrower))
    desk.scan(desk.code.folder(folder))
    due = Loan.get_by_id(loan.id).due_at
    back = desk.scan(desk.code.folder(folder), when=at + timedelta(hours=1))
    service.undo(back.row.id, desk="1", actor=people.archivist, at=at + timedelta(hours=1, seconds=5))
    row = Loan.get_by_id(loan.id)
    assert (row.state, row.due_at, custody(folder)) == ("out", due, "lent")


def test_undoing_a_direct_loan_leaves_no_open_request(desk, people, at):
    folder = desk.folder("open")
    desk.scan(desk.code.person(people.gm))
    out = desk.scan(desk.code.folder(folder))
    service.undo(out.row.id, desk="1", actor=people.archivist, at=at + timedelta(seconds=3))
    assert (Loan.get().state, custody(folder)) == ("withdrawn", "on_shelf")


def test_a_scan_sent_twice_is_done_once(desk, people):
    folder, loan = desk.approved()
    desk.scan(desk.code.person(people.borrower))
    first = desk.scan(desk.code.folder(folder), request_id="once")
    again = desk.scan(desk.code.folder(folder), request_id="once")
    assert first.row.id == again.row.id
    assert Loan.get_by_id(loan.id).state == "out"


def test_another_desk_cannot_undo_this_desks_scan(desk, people, at):
    from archive_app.core.errors import NotFound

    folder, _loan = desk.approved()
    desk.scan(desk.code.person(people.borrower))
    out = desk.scan(desk.code.folder(folder))
    with pytest.raises(NotFound):
        service.undo(out.row.id, desk="2", actor=people.archivist, at=at)


def damaged(code):
    """The code with one digit read wrong."""
    return code[:5] + str((int(code[5]) + 1) % 10) + code[6:]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("6901234567892", "不是本室条码"),
        ("你好", "不是本室条码"),
        ("😀" * 50, "不是本室条码"),
        ("x" * 10_000, "不是本室条码"),
        (payload(BarcodeType.FOLDER, 99_999), "没有登记"),
        (payload(BarcodeType.PERSON, 99_999), "没有登记"),
        (payload(BarcodeType.LOAN, 99_999), "没有登记"),
        (payload(BarcodeType.VOLUME, 1), "用不上"),
        (damaged(payload(BarcodeType.FOLDER, 1)), "校验不符"),
    ],
)
def test_unknown_and_damaged_codes_say_why_and_do_nothing(desk, text, said):
    desk.folder()
    events = AuditEvent.select().count()
    answer = desk.scan(text).answer
    assert answer.kind == "none"
    assert said in answer.sentence
    assert (Loan.select().count(), AuditEvent.select().count()) == (0, events)


@pytest.mark.parametrize("form", ["full", "qr", "number", "tail"])
def test_full_width_digits_qr_and_hand_typed_numbers_mean_the_same_folder(desk, form):
    folder = desk.folder()
    digits = desk.code.folder(folder)
    text = {
        "full": digits.translate({ord("0") + n: 0xFF10 + n for n in range(10)}),
        "qr": qr_text(folder.file_number, digits),
        "number": "ｋｈ２０２６－１",
        "tail": "0001",
    }[form]
    assert desk.scan(text).answer.number == "KH-2026-0001"


def test_a_tail_that_fits_two_folders_asks_which(desk, people, at):
    desk.folder()
    records.register_folder("HT", 2026, "合同", actor=people.archivist, at=at)
    answer = desk.scan("0001").answer
    assert answer.kind == "ask"
    assert "HT-2026-0001" in answer.sentence
    assert "KH-2026-0001" in answer.sentence


def test_reserved_and_void_numbers_are_told_apart(desk, people, at):
    block = records.reserve_block("HT", 2026, 1, "先贴标签", actor=people.archivist, at=at)
    reserved = Folder.get(Folder.block == block)
    assert desk.scan(desk.code.folder(reserved)).answer.verb == "还没登记"
    records.void_number(reserved.id, "印坏了", actor=people.archivist, at=at)
    answer = desk.scan(desk.code.folder(reserved)).answer
    assert answer.verb == "已作废"
    assert "印坏了" in answer.sentence


def test_only_those_who_keep_the_desk_may_scan(people, at):
    with pytest.raises(Refused):
        service.scan("1", desk="1", request_id="x", actor=people.borrower, at=at)
    assert DeskScan.select().count() == 0
