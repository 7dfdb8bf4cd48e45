"""The verbs of the desk: one scan does the right legal thing at once; it can be undone for ten seconds."""

from __future__ import annotations

from datetime import datetime

from archive_app.core.errors import NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.desk import (
    answers,
    copies_scan,
    folders,
    giving,
    hands,
    keeping,
    persons,
    pick_scan,
    placing,
    room_scan,
)
from archive_app.desk.answers import Answer
from archive_app.desk.models import DeskScan
from archive_app.desk.printed import printed
from archive_app.loans import service as lending
from archive_app.people.actor import Actor
from archive_app.printing.barcode import BadCode, Barcode, BarcodeType, parse
from archive_app.records import queries as records

RAW_MAX = 200


def scan(text: str, *, desk: str, request_id: str, mode: str = "", actor: Actor, at: datetime) -> DeskScan:
    """Take one scanned or typed code at a desk and do what follows from it; every scan is kept.

    A folder with a person in hand goes out (or to a seat), a folder that is out comes back, a person
    or slip is taken in hand; with a place in hand, or scanned just before one, folders are shelved.
    ``mode`` "room": at the door of the reading room a person's card signs in or out; "pick": on the walk
    along the shelves a folder is marked as fetched. The same ``request_id`` again does nothing and returns
    the first answer.
    Never raises for what is scanned: refusals are answers. Raises Refused: permission.
    """
    actor.must("desk.use")
    raw = text.strip()[:RAW_MAX]

    def act() -> Answer:
        return _act(raw, desk, mode, actor, at)

    return keeping.keep(raw, act, desk=desk, request_id=request_id, actor=actor, at=at)


def undo(scan_id: int, *, desk: str, actor: Actor, at: datetime) -> DeskScan:
    """Take the desk's scan back within the rule book's seconds; all is as before, and the log says so.

    Raises NotFound; Refused: desk.undo_over, wrong_state.
    """
    actor.must("desk.use")
    row = DeskScan.get_or_none((DeskScan.id == scan_id) & (DeskScan.desk == desk))
    if row is None:
        raise NotFound(_("没有这次扫码。"))
    with work(actor, at):
        first = (DeskScan.id == scan_id) & DeskScan.undone_at.is_null() & (DeskScan.undo_until >= at)
        if not row.undo or not DeskScan.update(undone_at=at).where(first).execute():
            raise Refused(
                "desk.undo_over",
                _("撤销的时间已过，没有改动任何记录。"),
                next_step=_("再扫一次档案，照常办归还或借出。"),
            )
        if row.undo == "shelve":
            placing.undo(row, actor=actor, at=at)
            return DeskScan.get_by_id(scan_id)
        assert row.loan is not None  # only scans that moved a loan or a folder can be undone
        if row.undo == "give_back":
            lending.undo_give_back(row.loan, actor=actor, at=at)
        else:
            lending.undo_hand_over(row.loan, actor=actor, at=at)
        if row.undo == "direct":
            lending.withdraw(row.loan, answers.UNDONE, actor=actor, at=at)
    return DeskScan.get_by_id(scan_id)


def put_down(*, desk: str, actor: Actor, at: datetime) -> None:
    """Change person: nobody and nothing is in hand at this desk any more (F2)."""
    actor.must("desk.use")
    hands.put_down(desk)


def hand_copy(
    loan_id: int, pages: int, *, desk: str, request_id: str, actor: Actor, at: datetime
) -> DeskScan:
    """Hand a photocopy over with the count of its pages, as an answer of the desk (LOAN-11).

    Raises Invalid; NotFound; Refused: permission.
    """
    actor.must("desk.use")

    def act() -> Answer:
        return giving.hand_copy(loan_id, pages, desk, actor, at)

    return keeping.keep("", act, desk=desk, request_id=request_id, actor=actor, at=at)


def sign_in(user_id: int, *, desk: str, request_id: str, actor: Actor, at: datetime) -> DeskScan:
    """Sign the person into the reading room by the button of the answer. Raises Refused: permission."""
    actor.must("desk.use")

    def act() -> Answer:
        return room_scan.sign_in(user_id, desk, actor, at)

    return keeping.keep("", act, desk=desk, request_id=request_id, actor=actor, at=at)


def sign_out(session_id: int, *, desk: str, request_id: str, actor: Actor, at: datetime) -> DeskScan:
    """Sign a reader out by the button of the answer; what is on the table is an answer too.

    Raises Refused: permission.
    """
    actor.must("desk.use")

    def act() -> Answer:
        return room_scan.sign_out(session_id, desk, actor, at)

    return keeping.keep("", act, desk=desk, request_id=request_id, actor=actor, at=at)


def _act(raw: str, desk: str, mode: str, actor: Actor, at: datetime) -> Answer:
    if mode == "pick":
        return pick_scan.scanned(raw, actor, at)
    try:
        code = parse(raw)
    except BadCode as bad:
        return _typed(raw, bad, desk, actor, at)
    if code.kind == BarcodeType.FOLDER:
        return folders.folder_code(code, raw, desk, actor, at)
    if code.kind == BarcodeType.PERSON:
        return persons.person_code(code.id, raw, desk, mode == "room", actor, at)
    if code.kind == BarcodeType.LOAN:
        return persons.slip(code.id, raw, desk, actor, at)
    return _other_code(code, raw, desk, actor, at)


def _other_code(code: Barcode, raw: str, desk: str, actor: Actor, at: datetime) -> Answer:
    """A photocopy, a printed sheet, a place, or nothing for a desk."""
    if copies_scan.is_copy(code):
        return copies_scan.copy_code(code, raw, desk, actor, at)
    if code.kind == BarcodeType.PRINT:
        return printed(code, raw, actor, at)
    if placing.is_place(code):
        return placing.place_code(code, raw, desk, actor, at)
    return answers.unknown(raw, _("这种条码扫码台还用不上。请扫档案、人、位置或借阅单。"))


def _typed(raw: str, bad: BadCode, desk: str, actor: Actor, at: datetime) -> Answer:
    """A number typed by hand in any form; else a damaged or foreign code, said apart."""
    found = records.by_number(actor, raw, at)
    if len(found) == 1:
        return folders.folder_scanned(found[0], desk, actor, at)
    if found:
        numbers = _("、").join(folder.file_number for folder in found[:4])
        return Answer(
            "ask", _("看一看"), raw, _("这个号不止一份：%(numbers)s", numbers=numbers), answers.LOOK,
            why=_("请把类别或年度也敲上。"), unchanged=True, chip=("wait", "question-lg", _("看一看")),
        )  # fmt: skip
    places = placing.stacks.find(actor, raw)
    if len(places) == 1:
        return placing.place_scanned(places[0], desk, actor, at)
    if bad.reason == "check":
        return answers.unknown(raw, _("条码读错或受损，校验不符。请再扫一次，或敲标签上的档号。"))
    return answers.unknown(raw, _("不是本室条码。"))


__all__ = ["hand_copy", "put_down", "scan", "sign_in", "sign_out", "undo"]
