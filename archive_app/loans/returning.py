"""The verbs at the desk that take in: give back, check, report what does not come back, undo."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.core.errors import Invalid, Refused, too_long
from archive_app.core.i18n import _
from archive_app.core.work import Work, work
from archive_app.loans import copies, extending, incidents, queue, reminding, rows, rules
from archive_app.loans.flow import ACTIVE, LOAN
from archive_app.loans.judge import AWAY, already_out, audit_facts
from archive_app.loans.models import Incident, Loan
from archive_app.loans.originals import CONDITIONS
from archive_app.loans.overdue import mark_if_late
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.records.models import Document
from archive_app.records.service import move_custody

GOOD = "good"
EFFECT_NOTE_MAX = 500


def give_back(
    loan_id: int, *, pages: int | None = None, remark: str = "", condition: str = "", effect: str = "",
    effect_note: str = "", actor: Actor, at: datetime,
) -> Loan:  # fmt: skip
    """Take the folder (or copy) back and strike the loan from the register at once (LOAN-07).

    ``pages`` is what was counted (LOAN-10); ``condition``: good, damage, missing_pages, or empty when nobody
    looked yet — anything bad is reported in the same work, ``remark`` then says what (AUD-05). ``effect``:
    what the use was good for, by the rule book's words. A loan past its due time is marked overdue first.
    Whoever waits for the folder is told. Raises Invalid; NotFound; Refused: permission, wrong_state, or as
    `incidents.report`.
    """
    actor.must(LOAN.steps["give_back"].permission)
    said = _checked(pages, remark, condition, effect, effect_note, actor, at)
    with work(actor, at) as w:
        loan = rows.get_loan(loan_id)
        extending.drop_open(loan, "已归还", actor=actor, at=at)
        mark_if_late(w, loan, at)
        # A clock that was set back does not let a folder come back before it went out.
        moment = max(at, loan.handed_at) if loan.handed_at else at
        LOAN.fire(loan, "give_back", returned_at=moment, received_by=actor.name, **said)
        reminding.settle(loan.id, at)
        counted = _counted(loan, pages, actor, at)
        words = _("；").join(part for part in (counted, rules.clean(remark)) if part)
        if loan.takes_folder and loan.folder.custody in AWAY:  # what was destroyed meanwhile stays destroyed
            move_custody(loan.folder_id, "on_shelf", remark=words[:300], loan=loan.id, actor=actor, at=moment)
            loan.next = queue.tell_next(loan.folder_id, actor=actor, at=moment)
        late = loan.overdue_at is not None
        w.note("loan.give_back", loan, pages=pages, condition=condition, remark=words, late=late,
               **audit_facts(loan))  # fmt: skip
        _report(loan, condition, remark, actor, at)
    return loan


def check_return(
    loan_id: int, *, pages: int | None = None, remark: str = "", condition: str = GOOD, effect: str = "",
    effect_note: str = "", actor: Actor, at: datetime,
) -> Loan:  # fmt: skip
    """Write down what was found when the returned folder was looked through (LOAN-10: 检查完整性).

    Once for each return, and only before the folder goes to somebody else. Raises Invalid; NotFound;
    Refused: permission, wrong_state, or as `incidents.report`.
    """
    actor.must(LOAN.steps["give_back"].permission)
    said = _checked(pages, remark, condition or GOOD, effect, effect_note, actor, at)
    with work(actor, at) as w:
        loan = rows.get_loan(loan_id)
        _check_unchecked(loan)
        unlooked = (Loan.id == loan.id) & (Loan.state == "returned") & (Loan.condition == "")
        if not Loan.update(**said).where(unlooked).execute():
            raise _looked(loan)
        for name, value in said.items():
            setattr(loan, name, value)
        counted = _counted(loan, pages, actor, at, again=True)
        w.note(
            "loan.check_return", loan, pages=pages, condition=loan.condition, counted=counted,
            remark=rules.clean(remark), **audit_facts(loan),
        )  # fmt: skip
        _report(loan, loan.condition, remark, actor, at)
    return loan


def give_back_lost(loan_id: int, facts: str, *, actor: Actor, at: datetime) -> Incident:
    """The folder (or copy) does not come back: the loan ends as lost and the loss is reported (AUD-05).

    The folder is missing from now on and never hidden. Raises Invalid; NotFound; Refused: permission,
    wrong_state, or as `incidents.report`.
    """
    actor.must(LOAN.steps["lose"].permission)
    with work(actor, at) as w:
        loan = rows.get_loan(loan_id)
        if loan.state not in ACTIVE:
            message = _("%(number)s 没有在借，没有改动任何记录。", number=loan.folder.file_number)
            raise Refused("wrong_state", message, next_step=_("请刷新后再看。"))
        mark_if_late(w, loan, at)
        return incidents.report(
            "loss", folder_id=loan.folder_id, loan_id=loan.id, copy_id=loan.copy_id, facts=facts,
            actor=actor, at=at,
        )  # fmt: skip


def undo_give_back(loan_id: int, reason: str = "", *, actor: Actor, at: datetime) -> Loan:
    """Take a return back within the desk's seconds; the due time stays as it was.

    Raises NotFound; Refused: permission, wrong_state (also when damage was reported with it),
    loan.undo_over, loan.already_out.
    """
    actor.must(LOAN.steps["undo_give_back_out"].permission)
    with work(actor, at) as w:
        loan = rows.get_loan(loan_id)
        if loan.state == "returned":
            check_undo(loan.returned_at, actor, at)
            _check_unreported(loan)
        if loan.takes_folder and (active := rows.active_of_folder(loan.folder_id)):
            raise already_out(loan.folder, active, actor, at)
        before, returned_at = rules.state_before_return(loan.seat, loan.overdue_at), loan.returned_at
        LOAN.fire(
            loan, f"undo_give_back_{before}", returned_at=None, received_by="", pages_back=None,
            condition="", effect="", effect_note="",
        )  # fmt: skip
        _out_again(w, loan, returned_at, actor, at)
        w.note("loan.undo_give_back", loan, reason=rules.clean(reason), **audit_facts(loan))
    return loan


def check_undo(done_at: datetime | None, actor: Actor, at: datetime) -> None:
    """Whether a step of the desk may still be taken back. Raises Refused: loan.undo_over."""
    undo = rulebook.current(at, actor.unit_id).book.desk.undo
    if rules.can_undo(done_at, undo, at):
        return
    raise Refused(
        "loan.undo_over",
        _("撤销的时间已过（%(n)s 秒），没有改动任何记录。", n=int(undo.total_seconds())),
        next_step=_("请照常办归还或重新借出。"),
    )


def pages_expected(loan: Loan) -> int:
    """How many pages should have come back: of the copy, else of the folder by its catalog."""
    if loan.copy is not None:
        return int(loan.copy.pages)
    lines = (Document.folder == loan.folder_id) & Document.removed_at.is_null()
    return int(Document.select(pw.fn.SUM(Document.pages)).where(lines).scalar() or 0)


def _out_again(w: Work, loan: Loan, returned_at: datetime | None, actor: Actor, at: datetime) -> None:
    if not loan.takes_folder:
        copies.undo_come_back(loan, actor=actor, at=at)
        return
    if returned_at is not None:
        queue.take_back_call(loan.folder_id, returned_at)
    move_custody(
        loan.folder_id, rules.custody_for(loan.seat), holder=loan.borrower.name, place=loan.seat,
        remark="撤销归还", loan=loan.id, actor=actor, at=at,
    )  # fmt: skip


def _counted(loan: Loan, pages: int | None, actor: Actor, at: datetime, *, again: bool = False) -> str:
    """What the count says; a copy goes back to its box by it."""
    if loan.takes_folder or again:
        return rules.page_remark(pages, pages_expected(loan)) if pages is not None else ""
    return copies.come_back(loan, pages, actor=actor, at=at)


def _report(loan: Loan, condition: str, remark: str, actor: Actor, at: datetime) -> None:
    """What is missing or damaged starts its procedure in the work of the return (丢失、损坏)."""
    if condition in ("", GOOD):
        return
    missing = 0
    if condition == "missing_pages":
        missing = max(1, pages_expected(loan) - (loan.pages_back or 0)) if loan.pages_back is not None else 1
    incidents.report(
        condition, folder_id=loan.folder_id, loan_id=loan.id, copy_id=loan.copy_id, pages=missing,
        facts=remark, actor=actor, at=at,
    )  # fmt: skip


def _checked(
    pages: int | None, remark: str, condition: str, effect: str, effect_note: str, actor: Actor, at: datetime
) -> dict[str, Any]:
    """The values of a return as columns. Raises Invalid."""
    clean, note = rules.clean(remark), rules.clean(effect_note)
    errors = rules.check_remark(clean)
    if pages is not None and not 0 <= pages <= copies.MOST_PAGES:
        errors["pages"] = _("请填 0 到 99999 的数字。")
    if condition not in ("", *CONDITIONS):
        errors["condition"] = _("请从列表中选。")
    if condition not in ("", GOOD) and not clean:
        errors["remark"] = _("请写明缺损的情况，审批人要看。")
    if effect and effect not in rulebook.current(at, actor.unit_id).book.lending.effects:
        errors["effect"] = _("请从列表中选。")
    errors |= too_long("effect_note", note, EFFECT_NOTE_MAX)
    if errors:
        raise Invalid(errors)
    said: dict[str, Any] = {"pages_back": pages, "condition": condition}
    if effect:
        said |= {"effect": effect, "effect_note": note}
    return said


def _check_unchecked(loan: Loan) -> None:
    """Only what has come back, was not looked through, and has not gone to somebody else since."""
    if loan.state != "returned":
        message = _("%(number)s 还没有归还，没有改动任何记录。", number=loan.folder.file_number)
        raise Refused("wrong_state", message, next_step=_("先办归还。"))
    if loan.condition:
        raise _looked(loan)
    thing = Loan.copy == loan.copy_id if loan.copy_id else (Loan.folder == loan.folder_id) & Loan.takes_folder
    if Loan.select().where(thing & (Loan.handed_at >= loan.returned_at) & (Loan.id != loan.id)).exists():
        number = loan.folder.file_number
        message = _("%(number)s 已经借给别人，不能再补检查。没有改动任何记录。", number=number)
        raise Refused("wrong_state", message, next_step=_("发现缺损请登记缺损报告。"))


def _check_unreported(loan: Loan) -> None:
    """What was found bad at the return was reported: the report stands, and so does the return."""
    if loan.condition not in ("", GOOD):
        number = loan.folder.file_number
        message = _("%(number)s 归还时已登记缺损，不能撤销归还。没有改动任何记录。", number=number)
        raise Refused("wrong_state", message, next_step=_("登记错的，在缺损报告里了结。"))


def _looked(loan: Loan) -> Refused:
    message = _("%(number)s 归还时已经检查过，没有改动任何记录。", number=loan.folder.file_number)
    return Refused("wrong_state", message, next_step=_("发现缺损请登记缺损报告。"))


__all__ = [
    "GOOD", "check_return", "check_undo", "give_back", "give_back_lost", "pages_expected", "undo_give_back",
]  # fmt: skip
