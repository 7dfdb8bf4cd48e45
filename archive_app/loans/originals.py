"""The original while it is copied: drawn for a photocopy, counted and put back (LOAN-11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _, source_language
from archive_app.core.work import work
from archive_app.loans import copies, incidents, queue, rows, rules, volume_away
from archive_app.loans.carriers import words
from archive_app.loans.copy_rows import drawn_for, get_copy
from archive_app.loans.flow import READING_ROOM
from archive_app.loans.judge import (
    Judgement,
    audit_facts,
    check_covered,
    check_person,
    judge_loan,
)
from archive_app.loans.models import Copy, Loan
from archive_app.people.actor import Actor
from archive_app.records.queries import documents_of
from archive_app.records.service import move_custody

CONDITIONS = ("good", "damage", "missing_pages")


def draw_original(loan_id: int, pages: int | None = None, *, actor: Actor, at: datetime) -> Loan:
    """Enter the photocopy (登记影印记录) and give the original out to be copied (领取并影印).

    Raises NotFound; Refused: permission, wrong_state, loan.rule_changed, loan.borrower_locked,
    folder.not_available (it is away), or as the rule book refuses.
    """
    actor.must("loan.desk")
    with work(actor, at) as w:
        loan = rows.get_loan(loan_id)
        if loan.state != "approved" or loan.kind != "photocopy" or copies.is_kept(loan):
            message = _("批准了的影印申请才能取原件影印，没有改动任何记录。")
            raise Refused("wrong_state", message, next_step=_("请刷新后再看。"))
        check_person(loan.borrower, at)
        judged = _check_original(loan, actor, at)
        copies.make_for_loan(loan, pages, actor=actor, at=at)
        with source_language():  # what is kept reads the same whoever looks
            remark = _("；").join(filter(None, (_("取原件影印"), words(judged.bound.carriers))))
        move_custody(
            loan.folder_id, "lent", holder=_copier(loan, judged, actor), place="影印", remark=remark,
            loan=loan.id, actor=actor, at=at,
        )  # fmt: skip
        w.note("loan.draw_original", loan, borrower=loan.borrower.username, **audit_facts(loan))
    return loan


def _check_original(loan: Loan, actor: Actor, at: datetime) -> Judgement:
    """The original leaves with its whole volume, so by the highest level in it, and only when that is here.

    Raises Refused: loan.volume_level, loan.already_out, loan.rule_changed, or as the rule book refuses.
    """
    check_covered(loan, judge_loan(loan, at, actor.unit_id))
    judged = judge_loan(loan, at, actor.unit_id, drawn=True)
    try:
        check_covered(loan, judged)
    except Refused as error:
        raise _stays(loan, error) from error
    volume_away.check(loan, judged.bound.carriers, actor, at)
    return judged


def _copier(loan: Loan, judged: Judgement, actor: Actor) -> str:
    """Who has the original in hand: the borrower, or the keeper where nothing may leave the room."""
    levels = {loan.folder.secrecy, *(each.secrecy for each in judged.bound.companions)}
    book = judged.adopted.book
    leaves = [any(use.where not in (None, READING_ROOM) for use in book.level(level).uses.values())
              for level in levels]  # fmt: skip
    return str(loan.borrower.name if all(leaves) else actor.name)


def _stays(loan: Loan, why: Refused) -> Refused:
    """What the volume forbids to take out may still be copied where it stands."""
    message = _(
        "%(number)s 和别的档案装订成一卷，按同卷的密级，原件不能取出影印。没有改动任何记录。",
        number=loan.folder.file_number,
    )  # fmt: skip
    step = _("由档案员在库内影印后直接交出，或先申请拆卷。")
    return Refused("loan.volume_level", message, why.rule, why.clause, why.may_decide, step)


def put_back_original(
    loan_id: int, *, pages: int | None = None, condition: str = "good", facts: str = "", actor: Actor,
    at: datetime,
) -> Loan:  # fmt: skip
    """Take the original back after copying, count its pages and put it on its shelf (检查完整性，还原存档).

    ``condition`` other than good reports the damage in the same work. Raises Invalid; NotFound; Refused:
    permission, copy.original_here, and as `incidents.report`.
    """
    actor.must("loan.desk")
    if condition not in CONDITIONS:
        raise Invalid({"condition": _("请从列表中选。")})
    with work(actor, at) as w:
        loan = rows.get_loan(loan_id)
        drawn = drawn_for(loan.folder)
        if drawn is None or drawn.id != loan.id:
            message = _("%(number)s 没有取出影印，没有改动任何记录。", number=loan.folder.file_number)
            raise Refused("copy.original_here", message, next_step=_("请刷新后再看。"))
        counted = rules.page_remark(pages, sum(line.pages for line in documents_of(loan.folder_id)))
        said = _("；").join(part for part in (_("影印后归还"), counted) if part)
        move_custody(loan.folder_id, "on_shelf", remark=said, loan=loan.id, actor=actor, at=at)
        queue.tell_next(loan.folder_id, actor=actor, at=at)
        w.note("loan.put_back_original", loan, pages=pages, remark=said, **audit_facts(loan))
        if condition != "good":
            missing = condition == "missing_pages"
            less = max(1, sum(line.pages for line in documents_of(loan.folder_id)) - (pages or 0))
            incidents.report(
                condition, folder_id=loan.folder_id, loan_id=loan.id, pages=less if missing else 0,
                facts=facts, original=True, actor=actor, at=at,
            )  # fmt: skip
    return loan


@dataclass(frozen=True)
class Photocopy:
    """What a photocopy's page shows: its copy, and whether the original is, or may be, drawn to be copied."""

    copy: Copy | None
    drawn: bool
    may_draw: bool


def photocopy_of(loan: Loan, actor: Actor) -> Photocopy | None:
    """The photocopy of a loan; None when the folder itself is lent."""
    if loan.kind != "photocopy":
        return None
    drawn = drawn_for(loan.folder)
    draws = loan.state == "approved" and not copies.is_kept(loan) and actor.can("loan.desk")
    return Photocopy(
        copy=get_copy(loan.copy_id) if loan.copy_id else None,
        drawn=drawn is not None and drawn.id == loan.id,
        may_draw=draws and loan.folder.custody == "on_shelf",
    )
