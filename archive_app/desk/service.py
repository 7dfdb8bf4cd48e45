"""The verb of the desk: one scan does the right legal thing at once; and it can be undone for ten seconds."""

from __future__ import annotations

from datetime import datetime

import peewee as pw

from archive_app.core.clock import local
from archive_app.core.errors import NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.desk import answers, hands, placing
from archive_app.desk.answers import Answer
from archive_app.desk.models import DeskScan, Hand
from archive_app.desk.printed import printed
from archive_app.loans import queries as loans
from archive_app.loans import service as lending
from archive_app.loans.judge import judge
from archive_app.loans.models import Loan
from archive_app.loans.rules import verb_for
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.printing.barcode import BadCode, Barcode, BarcodeType, parse
from archive_app.records import queries as records
from archive_app.records.models import Folder

RAW_MAX = 200


def scan(text: str, *, desk: str, request_id: str, actor: Actor, at: datetime) -> DeskScan:
    """Take one scanned or typed code at a desk and do what follows from it; every scan is kept.

    A folder with a person in hand goes out (or to a seat), a folder that is out comes back, a person
    or slip is taken in hand; with a place in hand, or scanned just before one, folders are shelved.
    The same ``request_id`` again does nothing and returns the first answer.
    Never raises for what is scanned: refusals are answers. Raises Refused: permission.
    """
    actor.must("desk.use")
    if done := DeskScan.get_or_none(DeskScan.request_id == request_id):
        return done
    raw = text.strip()[:RAW_MAX]
    try:
        with work(actor, at):
            answer = _act(raw, desk, actor, at)
            return _keep(raw, answer, desk, request_id, actor, at)
    except pw.IntegrityError:  # the same send twice at once: the other one has done it
        return DeskScan.get(DeskScan.request_id == request_id)
    except Refused as refused:
        return _keep_refusal(refused, raw, desk, request_id, actor, at)


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
            lending.withdraw(row.loan, _("扫码台撤销"), actor=actor, at=at)
    return DeskScan.get_by_id(scan_id)


def put_down(*, desk: str, actor: Actor, at: datetime) -> None:
    """Change person: nobody and nothing is in hand at this desk any more (F2)."""
    actor.must("desk.use")
    hands.put_down(desk)


def _act(raw: str, desk: str, actor: Actor, at: datetime) -> Answer:
    try:
        code = parse(raw)
    except BadCode as bad:
        return _typed(raw, bad, desk, actor, at)
    if code.kind == BarcodeType.FOLDER:
        return _folder_code(code, raw, desk, actor, at)
    if code.kind == BarcodeType.PERSON:
        person = User.get_or_none(User.id == code.id)
        return _person(person, desk, actor, at) if person else _not_here(raw)
    if code.kind == BarcodeType.LOAN:
        return _slip(code.id, raw, desk, actor, at)
    return _other_code(code, raw, desk, actor, at)


def _other_code(code: Barcode, raw: str, desk: str, actor: Actor, at: datetime) -> Answer:
    """What is neither lent nor borrows: a printed sheet, a place, or nothing for a desk."""
    if code.kind == BarcodeType.PRINT:
        return printed(code, raw, actor, at)
    if placing.is_place(code):
        return placing.place_code(code, raw, desk, actor, at)
    return answers.unknown(raw, _("这种条码扫码台还用不上。请扫档案、人、位置或借阅单。"))


def _not_here(raw: str) -> Answer:
    return answers.unknown(raw, _("条码没有坏，但本室没有登记它。"))


def _typed(raw: str, bad: BadCode, desk: str, actor: Actor, at: datetime) -> Answer:
    """A number typed by hand in any form; else a damaged or foreign code, said apart."""
    found = records.by_number(actor, raw, at)
    if len(found) == 1:
        return _folder(found[0], desk, actor, at)
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


def _folder_code(code: Barcode, raw: str, desk: str, actor: Actor, at: datetime) -> Answer:
    try:
        folder = records.folder_for(actor, code.id, at)
    except NotFound:
        return _not_here(raw)
    return _folder(folder, desk, actor, at)


def _folder(folder: Folder, desk: str, actor: Actor, at: datetime) -> Answer:
    if folder.state != "active":
        return _not_registered(folder)
    active = loans.active_of_folder(folder.id)
    if active is not None:
        return _take_back(active, actor, at)
    if (place := placing.in_hand(desk, at)) is not None:
        return placing.folder_scanned(folder, place, desk, actor, at)
    person = hands.person_in(desk)
    if person is None:
        return _wait_for_person(folder, desk, actor, at)
    return _give_out(folder, person, desk, actor, at)


def _not_registered(folder: Folder) -> Answer:
    void = folder.state == "void"
    step = None if void else {
        "endpoint": "records.fill", "values": {"folder_id": folder.id},
        "text": _("补登内容"), "icon": "pencil",
    }  # fmt: skip
    return Answer(
        "no" if void else "ask",
        _("已作废") if void else _("还没登记"),
        folder.file_number,
        _("这个号作废了：%(why)s", why=folder.void_reason) if void else _("这个号只是预留，先补登内容。"),
        answers.REFUSED if void else answers.LOOK,
        folder=folder.id, unchanged=True, step=step, chip=("wait", "question-lg", _("看一看")),
    )  # fmt: skip


def _take_back(loan: Loan, actor: Actor, at: datetime) -> Answer:
    late = loan.due_at is not None and loan.due_at < at
    lending.give_back(loan.id, actor=actor, at=at)
    folder = loan.folder
    where = _("放回 %(place)s", place=folder.place) if folder.place else _("放回原处")
    sentence = _("已逾期，%(where)s", where=where) if late else where
    return Answer(
        "ok", _("已归还"), folder.file_number, sentence, answers.LATE if late else answers.DONE,
        title=folder.title, level=folder.secrecy, folder=folder.id, loan=loan.id, undo="give_back",
        why=_("%(who)s 借，%(from)s 借出。", who=loan.borrower.name, **{"from": _clock(loan.handed_at)}),
        icon="arrow-return-left", chip=("ok", "arrow-return-left", _("已归还")),
    )  # fmt: skip


def _wait_for_person(folder: Folder, desk: str, actor: Actor, at: datetime) -> Answer:
    waiting = [loan for loan in loans.open_of_folder(folder.id) if loan.state == "approved"]
    hands.take(desk, at, folder=folder.id)
    who = _("、").join(loan.borrower.name for loan in waiting)
    return Answer(
        "ask", _("请扫借阅人"), folder.file_number,
        _("等 %(who)s 领取，请扫借阅人的卡。", who=who) if who else _("在架。请扫借阅人或位置。"),
        answers.LOOK, title=folder.title, level=folder.secrecy, folder=folder.id, unchanged=True, waits=True,
        icon="person-vcard", chip=("wait", "person-vcard", _("等人")),
    )  # fmt: skip


def _person(person: User, desk: str, actor: Actor, at: datetime) -> Answer:
    hand = Hand.get_or_none(Hand.desk == desk)
    pending = hand.folder if hand else None
    hands.take(desk, at, person=person)
    if pending and person.active:
        folder = records.folder_for(actor, pending, at)
        if folder.state == "active" and loans.active_of_folder(folder.id) is None:
            return _give_out(folder, person, desk, actor, at)
    waiting = loans.waiting_of_person(person.id)
    said = _("有 %(n)s 份待领", n=len(waiting)) if waiting else _("没有待领的档案")
    return Answer(
        "ok", _("借阅人"), person.name, said, answers.DONE, title=person.title,
        icon="person-check", chip=("acc", "person-check", _("借阅人")),
    )  # fmt: skip


def _slip(loan_id: int, raw: str, desk: str, actor: Actor, at: datetime) -> Answer:
    try:
        loan = loans.loan_for(actor, loan_id, at)
    except NotFound:
        return _not_here(raw)
    folder = loan.folder
    hand = Hand.get_or_none(Hand.desk == desk)
    if loan.state == "approved":
        pending = hand.folder if hand else None
        hands.take(desk, at, person=loan.borrower)
        if pending == folder.id:
            return _give_out(folder, loan.borrower, desk, actor, at)
        place = folder.place or folder.file_number
        said = _("%(who)s 来领：取 %(place)s", who=loan.borrower.name, place=place)
    elif loan.state in ("out", "reading", "overdue"):
        said = _("%(who)s 在用。扫档案就办归还。", who=loan.borrower.name)
    else:
        words = {"requested": _("还没有批准"), "refused": _("没有批准"), "withdrawn": _("已撤回"),
                 "returned": _("早已归还")}  # fmt: skip
        said = _("这张借阅单%(state)s。", state=words.get(loan.state, loan.state))
    return Answer(
        "ask", _("借阅单"), folder.file_number, said, answers.LOOK, title=folder.title, level=folder.secrecy,
        folder=folder.id, unchanged=True, icon="receipt", chip=("wait", "receipt", _("借阅单")),
    )  # fmt: skip


def _give_out(folder: Folder, person: User, desk: str, actor: Actor, at: datetime) -> Answer:
    """Hand over or seat, as the rule book gives it for the approved request of this person."""
    waiting = [loan for loan in loans.waiting_of_person(person.id) if loan.folder_id == folder.id]
    undo = "hand_over"
    if waiting:
        loan = waiting[0]
    else:
        loan, undo = _direct(folder, person, actor, at), "direct"
    where = judge(person, folder, loan.kind, at, actor.unit_id).answer.where
    room = verb_for(where) == "seat"
    act = lending.seat_reader if room else lending.hand_over
    loan = act(loan.id, actor=actor, at=at)
    Hand.update(folder=None).where(Hand.desk == desk).execute()
    rest = loans.waiting_of_person(person.id)
    assert loan.due_at is not None
    until = _clock(loan.due_at)
    sentence = (
        _("%(who)s 坐 %(seat)s，%(until)s 前交回", who=person.name, seat=loan.seat, until=until)
        if room
        else _("交给 %(who)s，%(until)s 前归还", who=person.name, until=until)
    )
    verb = _("已入座") if room else _("已借出")
    return Answer(
        "ok", verb, folder.file_number, sentence, answers.DONE if rest or undo == "direct" else answers.LAST,
        title=folder.title, level=folder.secrecy, folder=folder.id, loan=loan.id, undo=undo,
        why=loan.due_reason, clause=loan.due_clause or loan.clause,
        chip=("acc", "book", verb) if room else ("ok", "check-lg", verb),
    )  # fmt: skip


def _direct(folder: Folder, person: User, actor: Actor, at: datetime) -> Loan:
    """A request made at the counter for a person who needs no approval (SEC-02); else the refusal."""
    result = loans.outcome(actor, folder, "loan", at, borrower=person)
    if result.verdict == "direct":
        return lending.request_loan(
            folder.id, "loan", borrower_id=person.id, purpose=_("柜台口述"), undertaking=True,
            actor=actor, at=at,
        )  # fmt: skip
    if result.refusal is not None:
        raise result.refusal
    answer = result.answer
    raise Refused(
        "desk.not_approved",
        _("%(who)s 还没有获准借这一份。", who=person.name),
        answer.rule.text,
        answer.rule.clause,
        answer.may_decide,
        _("先提交借阅申请。"),
    )


def _clock(moment: datetime | None) -> str:
    return local(moment).strftime("%H:%M") if moment else ""


def _keep(raw: str, answer: Answer, desk: str, request_id: str, actor: Actor, at: datetime) -> DeskScan:
    seconds = rulebook.current(at, actor.unit_id).book.desk.undo
    return DeskScan.create(
        request_id=request_id, desk=desk, at=at, actor=actor.username, code=raw, kind=answer.kind,
        key=answer.folder, verdict=answer.kind, verb=answer.verb, answer=answer.to_json(), loan=answer.loan,
        undo=answer.undo, undo_until=at + seconds if answer.undo else None,
    )  # fmt: skip


def _keep_refusal(
    error: Refused, raw: str, desk: str, request_id: str, actor: Actor, at: datetime
) -> DeskScan:
    """The verb was rolled back; the refusal is kept and audited in a work of its own."""
    folder, person = _refused_folder(raw, desk, actor, at), _refused_person(raw) or hands.person_in(desk)
    answer = answers.refusal(
        error, folder.file_number if folder else raw, title=folder.title if folder else "",
        level=folder.secrecy if folder else "", folder=folder.id if folder else None,
        step=_instead(error, folder, person, actor, at),
    )  # fmt: skip
    try:
        with work(actor, at) as w:
            if person is not None:  # the person stays in hand although the folder was refused
                hands.take(desk, at, person=person)
            w.note(
                "refusal", folder or ("desk", desk), code=error.code, clause=error.clause, via="desk",
                borrower=person.username if person else "",
            )  # fmt: skip
            return _keep(raw, answer, desk, request_id, actor, at)
    except pw.IntegrityError:
        return DeskScan.get(DeskScan.request_id == request_id)


def _refused_folder(raw: str, desk: str, actor: Actor, at: datetime) -> Folder | None:
    """The folder a refused scan was about: the one scanned, or the one that waited in hand."""
    try:
        code = parse(raw)
        if code.kind == BarcodeType.FOLDER:
            return records.folder_for(actor, code.id, at)
    except (BadCode, NotFound):
        found = records.by_number(actor, raw, at)
        return found[0] if len(found) == 1 else None
    hand = Hand.get_or_none(Hand.desk == desk)
    return Folder.get_or_none(Folder.id == hand.folder) if hand and hand.folder else None


def _refused_person(raw: str) -> User | None:
    try:
        code = parse(raw)
    except BadCode:
        return None
    return User.get_or_none(User.id == code.id) if code.kind == BarcodeType.PERSON else None


def _instead(
    error: Refused, folder: Folder | None, person: User | None, actor: Actor, at: datetime
) -> dict[str, object] | None:
    """The one next thing: a request on behalf of the person, of a kind that the rule book allows."""
    if folder is None or person is None or error.code in ("loan.already_out", "wrong_state"):
        return None
    result = loans.outcome(actor, folder, "loan", at, borrower=person)
    kinds = ("loan",) if not result.refused else result.alternatives
    if not kinds:
        return None
    values = {"folder": folder.id, "borrower": person.id, "kind": kinds[0]}
    text = _("代为申请查阅") if kinds[0] == "consult" else _("代为申请")
    return {"endpoint": "loans.request_form", "values": values, "text": text, "icon": "person-workspace"}


__all__ = ["put_down", "scan", "undo"]
