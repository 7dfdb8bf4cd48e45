"""The verbs at the desk that give out: hand over, seat, undo; never beyond the rule of the moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import peewee as pw

from archive_app.approvals.queries import approval_for
from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _, source_language
from archive_app.core.work import Work, work
from archive_app.loans import carriers, copies, queue, room, rows, rules, volume_away
from archive_app.loans.carriers import Bound
from archive_app.loans.flow import ACTIVE, LOAN, READING_ROOM
from archive_app.loans.judge import (
    Judgement,
    already_out,
    audit_facts,
    check_covered,
    check_person,
    judge_loan,
)
from archive_app.loans.models import Loan, RoomSession
from archive_app.loans.overdue import mark_overdue
from archive_app.loans.returning import (
    check_return,
    check_undo,
    give_back,
    give_back_lost,
    undo_give_back,
)
from archive_app.people.actor import Actor
from archive_app.policy import Due
from archive_app.records.models import Document
from archive_app.records.queries import person_of
from archive_app.records.service import move_custody


@dataclass(frozen=True)
class Issue:
    """What goes out: the judgement of this moment, what the folder is bound with, when it is due."""

    judged: Judgement
    bound: Bound
    session: RoomSession | None
    due: Due


def hand_over(loan_id: int, *, pages: int | None = None, actor: Actor, at: datetime) -> Loan:
    """Hand the folder out; the rule book is asked again now and the due time is fixed (LOAN-01, SEC-01).

    A photocopy is registered as a thing of its own with its ``pages`` (None: as many as the folder has)
    and goes in the folder's place (LOAN-09, LOAN-11). Raises Invalid; NotFound; Refused: permission,
    wrong_state, loan.already_out, loan.not_first (it is kept for another), loan.rule_changed,
    loan.borrower_locked, loan.room_only, loan.closed, loan.authority_ended, loan.volume_level,
    folder.not_available, or as `copies.go_out` and the rule book refuse.
    """
    if pages is not None and not 1 <= pages <= copies.MOST_PAGES:
        raise Invalid({"pages": _("请填 1 到 %(most)s 的数字。", most=copies.MOST_PAGES)})
    with work(actor, at):
        return _issue(rows.get_loan(loan_id), "hand_over", actor, at, pages=pages)


def seat_reader(loan_id: int, seat: str | None = None, *, actor: Actor, at: datetime) -> Loan:
    """Give the folder to the reader's seat in the reading room (LOAN-02).

    A reader who is not signed in is signed in by this; ``seat`` None takes the first free one. The loan is
    due with the session at the latest. Raises NotFound; Refused: as `hand_over` and `room.sign_in`, and
    loan.not_for_room, <kind>.session_ended.
    """
    with work(actor, at):
        return _issue(rows.get_loan(loan_id), "seat", actor, at, seat)


def give_out(loan: Loan, judged: Judgement | None = None, *, actor: Actor, at: datetime) -> Loan | None:
    """Hand over or seat, as the rule book says of this kind now; None: a photocopy waits for its pages.

    ``judged``: what was answered for this loan at this very moment in the same work.
    Raises Refused: as `hand_over` and `seat_reader`.
    """
    with work(actor, at):
        judged = judged or judge_loan(loan, at, actor.unit_id)
        refused, where = judged.answer.refused, judged.answer.where
        if where is None and loan.copy_id is None and not refused:
            return None
        return _issue(loan, "hand_over" if refused else rules.verb_for(where), actor, at, judged=judged)


def undo_hand_over(loan_id: int, reason: str = "", *, actor: Actor, at: datetime) -> Loan:
    """Take a hand-over or seating back within the desk's seconds; all is exactly as before.

    Raises NotFound; Refused: permission, wrong_state, loan.undo_over.
    """
    actor.must(LOAN.steps["undo_hand_over"].permission)
    with work(actor, at) as w:
        loan = rows.get_loan(loan_id)
        if loan.state in ACTIVE:
            check_undo(loan.handed_at, actor, at)
        approval, took = approval_for(loan.approval_id), loan.takes_folder
        if loan.state in ACTIVE:
            room.undo_seating(w, loan)
        LOAN.fire(
            loan, "undo_hand_over", handed_at=None, handed_by="", due_at=None, due_reason="",
            due_clause="", seat="", session=None, takes_folder=True, overdue_at=None, pages_out=None,
            rule_book=approval.rule_book, clause=approval.clause,
        )  # fmt: skip
        if took:
            move_custody(loan.folder_id, "on_shelf", remark="撤销借出", loan=loan.id, actor=actor, at=at)
        else:
            copies.undo_go_out(loan, actor=actor, at=at)
        w.note("loan.undo_hand_over", loan, reason=rules.clean(reason), **audit_facts(loan))
    return loan


def _issue(
    loan: Loan, verb: str, actor: Actor, at: datetime, seat: str | None = None, *, pages: int | None = None,
    judged: Judgement | None = None,
) -> Loan:  # fmt: skip
    """Never lend beyond the rule: everything is judged again, then state and custody move together."""
    actor.must(LOAN.steps[verb].permission)
    with work(actor, at) as w:
        issue = _allowed(loan, verb, seat, judged, actor, at)
        takes = issue.judged.answer.where is not None
        copy = None if takes else copies.go_out(loan, pages, actor=actor, at=at)
        try:
            with w.attempt():
                _fire(loan, verb, issue, copy.pages if copy else _pages_of(loan), actor, at)
        except pw.IntegrityError as error:  # the other desk was first: the partial unique index says so
            active = rows.active_of_folder(loan.folder_id)
            raise already_out(loan.folder, active, actor, at) from error
        if takes:
            move_custody(
                loan.folder_id, rules.custody_for(loan.seat), holder=loan.borrower.name, place=loan.seat,
                remark=carriers.words(issue.bound.carriers), loan=loan.id, actor=actor, at=at,
            )  # fmt: skip
        loan.carried = carriers.words(issue.bound.carriers)
        _note(w, verb, loan, issue)
    return loan


def _fire(loan: Loan, verb: str, issue: Issue, pages: int, actor: Actor, at: datetime) -> None:
    due, session = issue.due, issue.session
    with source_language():  # what is kept reads the same whoever looks
        why = due.words
    LOAN.fire(
        loan, verb, handed_at=at, handed_by=actor.name, due_at=due.at, due_reason=why,
        due_clause=due.rule.clause, seat=session.seat if session else "",
        session=session.id if session else None, takes_folder=issue.judged.answer.where is not None,
        rule_book=issue.judged.adopted.id, clause=issue.judged.answer.rule.clause, pages_out=pages,
    )  # fmt: skip


def _note(w: Work, verb: str, loan: Loan, issue: Issue) -> None:
    w.note(
        f"loan.{verb}", loan, borrower=loan.borrower.username, due=issue.due.at.isoformat(),
        due_clause=loan.due_clause, seat=loan.seat, copy=loan.copy_id, volumes=loan.carried,
        **audit_facts(loan),
    )  # fmt: skip


def _allowed(
    loan: Loan, verb: str, seat: str | None, judged: Judgement | None, actor: Actor, at: datetime
) -> Issue:
    """Ask everything again at this moment. Raises Refused as `hand_over` and `seat_reader` say."""
    _check_ready(loan, verb)
    claims = rows.claims(loan.folder_id)
    if loan.copy_id is None and any(each.takes_folder and each.state in ACTIVE for each in claims):
        raise already_out(loan.folder, rows.active_of_folder(loan.folder_id), actor, at)
    check_person(loan.borrower, at)
    judged = judged or judge_loan(loan, at, actor.unit_id)
    check_covered(loan, judged)
    _check_place(loan, verb, judged)
    if judged.answer.where is not None:
        if any(each.borrower_id != loan.borrower_id and each.state == "approved" for each in claims):
            queue.check_turn(loan, judged.adopted.book, at)
        volume_away.check(loan, judged.bound.carriers, actor, at)
    session = room.sign_in(loan.borrower_id, seat, actor=actor, at=at) if verb == "seat" else None
    return Issue(judged, judged.bound, session, _due(loan, judged, session, at))


def _due(loan: Loan, judged: Judgement, session: RoomSession | None, at: datetime) -> Due:
    """The earliest due time of all that goes out: of the folder, and of all that is bound with it."""
    borrower, ends = person_of(judged.borrower), session.ends_at if session else None
    book, companions = judged.adopted.book, judged.bound.companions
    levels = dict.fromkeys([loan.folder.secrecy, *(each.secrecy for each in companions)])
    dues = [book.due_at(borrower, code, loan.kind, at, ends) for code in levels if code in book.levels]
    return min(dues, key=lambda due: due.at)


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


def _check_place(loan: Loan, verb: str, judged: Judgement) -> None:
    """The verb must be the one for where the rule book lets this kind be used."""
    if verb == rules.verb_for(judged.answer.where):
        return
    rule = judged.adopted.book.level(judged.level).uses[loan.kind].rule
    if judged.answer.where == READING_ROOM:
        message = _("%(number)s 只能在阅览室用，不能带走。没有改动任何记录。", number=loan.folder.file_number)
        raise Refused("loan.room_only", message, rule.text, rule.clause, "", _("请安排入座。"))
    message = _("这份申请不是在阅览室查阅，没有改动任何记录。")
    raise Refused("loan.not_for_room", message, rule.text, rule.clause, "", _("请办借出，或改申请查阅。"))


def _pages_of(loan: Loan) -> int:
    """How many pages go out, by the catalog."""
    lines = (Document.folder == loan.folder_id) & Document.removed_at.is_null()
    return int(Document.select(pw.fn.SUM(Document.pages)).where(lines).scalar() or 0)


__all__ = [
    "check_return", "give_back", "give_back_lost", "hand_over", "mark_overdue", "seat_reader",
    "undo_give_back", "undo_hand_over",
]  # fmt: skip
