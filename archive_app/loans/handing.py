"""The verbs at the desk: hand over, seat, give back, undo; and the overdue mark that the clock sets."""

from __future__ import annotations

from datetime import datetime

import peewee as pw

from archive_app.approvals.queries import approval_for
from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _
from archive_app.core.work import Work, work
from archive_app.loans import rows, rules
from archive_app.loans.flow import ACTIVE, LOAN, READING_ROOM
from archive_app.loans.judge import Judgement, already_out, audit_facts, check_covered, check_person, judge
from archive_app.loans.models import Loan
from archive_app.people import rulebook
from archive_app.people.actor import Actor, system
from archive_app.people.models import ArchiveUnit
from archive_app.policy import RuleBook
from archive_app.policy.words import cannot
from archive_app.records.models import Folder
from archive_app.records.queries import documents_of, person_of
from archive_app.records.service import move_custody


def hand_over(loan_id: int, *, actor: Actor, at: datetime) -> Loan:
    """Hand the folder out; the rule book is asked again now and the due time is fixed (LOAN-01, SEC-01).

    Raises NotFound; Refused: permission, wrong_state, loan.already_out, loan.rule_changed,
    loan.borrower_locked, loan.room_only, loan.closed, loan.authority_ended, folder.not_available,
    or as the rule book refuses.
    """
    actor.must(LOAN.steps["hand_over"].permission)
    return _issue(loan_id, "hand_over", None, actor, at)


def seat_reader(loan_id: int, seat: str | None = None, *, actor: Actor, at: datetime) -> Loan:
    """Seat the reader in the reading room with the folder; ``seat`` None takes the first free one (LOAN-02).

    Raises NotFound; Refused: as `hand_over`, and loan.no_seat, loan.seat_taken, loan.not_for_room.
    """
    actor.must(LOAN.steps["seat"].permission)
    return _issue(loan_id, "seat", seat, actor, at)


def give_back(
    loan_id: int, *, pages: int | None = None, remark: str = "", actor: Actor, at: datetime
) -> Loan:
    """Take the folder (or copy) back and strike the loan from the register at once (LOAN-07).

    ``pages`` is what was counted (LOAN-10). A loan past its due time is marked overdue first.
    Raises Invalid; NotFound; Refused: permission, wrong_state.
    """
    actor.must(LOAN.steps["give_back"].permission)
    remark = rules.clean(remark)
    errors = rules.check_remark(remark)
    if pages is not None and not 0 <= pages <= 99_999:
        errors["pages"] = _("请填 0 到 99999 的数字。")
    if errors:
        raise Invalid(errors)
    with work(actor, at) as w:
        loan = rows.get_loan(loan_id)
        if loan.state in rules.RUNNING and rules.state_at(loan.state, loan.due_at, at) == "overdue":
            _mark(w, loan, at)
        LOAN.fire(loan, "give_back", returned_at=at, received_by=actor.name)
        counted = rules.page_remark(pages, sum(line.pages for line in documents_of(loan.folder_id)))
        said = _("；").join(part for part in (counted, remark) if part)
        _move_in(loan, said[:300], actor, at)
        late = loan.overdue_at is not None
        w.note("loan.give_back", loan, pages=pages, remark=said, late=late, **audit_facts(loan))
    return loan


def undo_hand_over(loan_id: int, reason: str = "", *, actor: Actor, at: datetime) -> Loan:
    """Take a hand-over or seating back within the desk's seconds; all is exactly as before.

    Raises NotFound; Refused: permission, wrong_state, loan.undo_over.
    """
    step = LOAN.steps["undo_hand_over"]
    actor.must(step.permission)
    with work(actor, at) as w:
        loan = rows.get_loan(loan_id)
        if loan.state in ACTIVE:
            _check_undo(loan.handed_at, actor, at)
        approval, took = approval_for(loan.approval_id), loan.takes_folder
        LOAN.fire(
            loan, "undo_hand_over", handed_at=None, handed_by="", due_at=None, due_reason="",
            due_clause="", seat="", takes_folder=True, overdue_at=None,
            rule_book=approval.rule_book, clause=approval.clause,
        )  # fmt: skip
        if took:
            _move_in(loan, _("撤销借出"), actor, at)
        w.note("loan.undo_hand_over", loan, reason=rules.clean(reason), **audit_facts(loan))
    return loan


def undo_give_back(loan_id: int, reason: str = "", *, actor: Actor, at: datetime) -> Loan:
    """Take a return back within the desk's seconds; the due time stays the one fixed at hand-over.

    Raises NotFound; Refused: permission, wrong_state, loan.undo_over, loan.already_out.
    """
    actor.must(LOAN.steps["undo_give_back_out"].permission)
    with work(actor, at) as w:
        loan = rows.get_loan(loan_id)
        if loan.state == "returned":
            _check_undo(loan.returned_at, actor, at)
        if loan.takes_folder:
            _check_free(loan.folder, actor, at)
        before = rules.state_before_return(loan.seat, loan.overdue_at)
        LOAN.fire(loan, f"undo_give_back_{before}", returned_at=None, received_by="")
        _move_out(loan, actor, at, remark=_("撤销归还"))
        w.note("loan.undo_give_back", loan, reason=rules.clean(reason), **audit_facts(loan))
    return loan


def mark_overdue(at: datetime) -> int:
    """Mark every running loan whose due time has passed; return how many (LOAN-01: the clock decides)."""
    late = (Loan.state.in_(rules.RUNNING)) & (Loan.due_at < at)
    marked = 0
    for found in Loan.select(Loan.id).where(late).order_by(Loan.id):
        try:
            with work(system(), at) as w:
                _mark(w, rows.get_loan(found.id), at)
            marked += 1
        except Refused:
            continue  # given back in this very moment
    return marked


def _mark(w: Work, loan: Loan, at: datetime) -> None:
    LOAN.fire(loan, "mark_overdue", overdue_at=at)
    borrower, due = loan.borrower.username, loan.due_at.isoformat()
    w.note("loan.overdue", loan, borrower=borrower, due=due, **audit_facts(loan))


def _issue(loan_id: int, verb: str, seat: str | None, actor: Actor, at: datetime) -> Loan:
    """Never lend beyond the rule: everything is judged again, then state and custody move together."""
    with work(actor, at) as w:
        loan = rows.get_loan(loan_id)
        judged = _allowed(loan, verb, actor, at)
        book, borrower = judged.adopted.book, person_of(judged.borrower)
        due = book.due_at(borrower, loan.folder.secrecy, loan.kind, at)
        place = _seat(book, loan, seat, actor) if verb == "seat" else ""
        try:
            with w.attempt():
                LOAN.fire(
                    loan, verb, handed_at=at, handed_by=actor.name, seat=place, due_at=due.at,
                    due_reason=due.words, due_clause=due.rule.clause,
                    takes_folder=judged.answer.where is not None,
                    rule_book=judged.adopted.id, clause=judged.answer.rule.clause,
                )  # fmt: skip
        except pw.IntegrityError as error:  # the other desk was first: the partial unique index says so
            active = rows.active_of_folder(loan.folder_id)
            raise already_out(loan.folder, active, actor, at) from error
        _move_out(loan, actor, at)
        w.note(
            f"loan.{verb}", loan, borrower=loan.borrower.username, due=due.at.isoformat(),
            due_clause=loan.due_clause, seat=place, **audit_facts(loan),
        )  # fmt: skip
    return loan


def _allowed(loan: Loan, verb: str, actor: Actor, at: datetime) -> Judgement:
    """Ask everything again at this moment. Raises Refused as `hand_over` says."""
    _check_ready(loan, verb)
    _check_free(loan.folder, actor, at)
    check_person(loan.borrower, at)
    judged = judge(loan.borrower, loan.folder, loan.kind, at, actor.unit_id)
    check_covered(loan, approval_for(loan.approval_id), judged)
    _check_place(loan, verb, judged)
    return judged


def _move_out(loan: Loan, actor: Actor, at: datetime, remark: str = "") -> None:
    if not loan.takes_folder:
        return
    move_custody(
        loan.folder_id, rules.custody_for(loan.seat), holder=loan.borrower.name, place=loan.seat,
        remark=remark, loan=loan.id, actor=actor, at=at,
    )  # fmt: skip


def _move_in(loan: Loan, remark: str, actor: Actor, at: datetime) -> None:
    if loan.takes_folder:
        move_custody(loan.folder_id, "on_shelf", remark=remark, loan=loan.id, actor=actor, at=at)


def _check_ready(loan: Loan, verb: str) -> None:
    """Only an approved request goes out; say where the others stand."""
    if loan.state in LOAN.steps[verb].sources:
        return
    number = loan.folder.file_number
    if loan.state == "requested":
        approval = approval_for(loan.approval_id)
        message = _("%(number)s 还没有批准，没有改动任何记录。", number=number)
        raise Refused("wrong_state", message, approval.rule, approval.clause, "", _("批准后再来领取。"))
    message = _("%(number)s 的这份申请不能再办借出，没有改动任何记录。", number=number)
    raise Refused("wrong_state", message, next_step=_("请刷新后再看，或重新申请。"))


def _check_free(folder: Folder, actor: Actor, at: datetime) -> None:
    if active := rows.active_of_folder(folder.id):
        raise already_out(folder, active, actor, at)


def _check_place(loan: Loan, verb: str, judged: Judgement) -> None:
    """The verb must be the one for where the rule book lets this kind be used."""
    if verb == rules.verb_for(judged.answer.where):
        return
    level = judged.adopted.book.level(loan.folder.secrecy)
    rule = level.uses[loan.kind].rule
    if judged.answer.where == READING_ROOM:
        message = _("%(number)s 只能在阅览室用，不能带走。没有改动任何记录。", number=loan.folder.file_number)
        raise Refused("loan.room_only", message, rule.text, rule.clause, "", _("请安排入座。"))
    message = _("这份申请不是在阅览室查阅，没有改动任何记录。")
    raise Refused("loan.not_for_room", message, rule.text, rule.clause, "", _("请办借出，或改申请查阅。"))


def _seat(book: RuleBook, loan: Loan, wanted: str | None, actor: Actor) -> str:
    """The seat for this reader: the one already sat on, the wanted one, or the first free one."""
    # Two desks must not give one seat to two readers: the unit's row makes them take turns.
    ArchiveUnit.update(id=ArchiveUnit.id).where(ArchiveUnit.id == actor.unit_id).execute()
    seats, rule = book.reading_room.seats, book.reading_room.rule
    readers = {each.seat: each.borrower_id for each in rows.in_room()}
    own = next((name for name, reader in readers.items() if reader == loan.borrower_id), "")
    taken = {name for name, reader in readers.items() if reader != loan.borrower_id}
    if wanted and (wanted in taken or wanted not in seats):
        message = _("座位 %(seat)s 不能坐。没有改动任何记录。", seat=wanted)
        raise Refused("loan.seat_taken", message, rule.text, rule.clause, "", _("请选别的座位。"))
    if found := wanted or own or rules.free_seat(seats, taken):
        return found
    message = _("%(cannot)s：阅览室没有空座。没有改动任何记录。", cannot=cannot(loan.kind))
    raise Refused("loan.no_seat", message, rule.text, rule.clause, "", _("有人离座后再办。"))


def _check_undo(done_at: datetime | None, actor: Actor, at: datetime) -> None:
    undo = rulebook.current(at, actor.unit_id).book.desk.undo
    if rules.can_undo(done_at, undo, at):
        return
    raise Refused(
        "loan.undo_over",
        _("撤销的时间已过（%(n)s 秒），没有改动任何记录。", n=int(undo.total_seconds())),
        next_step=_("请照常办归还或重新借出。"),
    )


__all__ = [
    "give_back", "hand_over", "mark_overdue", "seat_reader", "undo_give_back", "undo_hand_over",
]  # fmt: skip
