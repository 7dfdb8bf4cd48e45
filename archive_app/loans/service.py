"""The verbs of lending: request, decide, withdraw; hand over, seat, give back and undo stand in `handing`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.approvals import queries as approval_queries
from archive_app.approvals import service as approvals
from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.loans import queries, rules
from archive_app.loans.flow import LOAN, OPEN
from archive_app.loans.handing import (
    give_back,
    hand_over,
    mark_overdue,
    seat_reader,
    undo_give_back,
    undo_hand_over,
)
from archive_app.loans.judge import Judgement, audit_facts, check_person, judge
from archive_app.loans.models import Loan
from archive_app.people import queries as people
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.policy import RuleBook
from archive_app.policy.words import action_name
from archive_app.records.models import Folder
from archive_app.records.queries import folder_for


def request_loan(
    folder_id: int,
    kind: str,
    *,
    borrower_id: int | None = None,
    purpose: str,
    object: str = "",
    reason: str = "",
    extent: str = "",
    undertaking: bool,
    actor: Actor,
    at: datetime,
) -> Loan:
    """Ask for a folder; the chain of the rule book is opened, or the loan is approved at once (SEC-02).

    ``borrower_id`` other than the actor: keyed at the counter by the archivist. ``undertaking`` is the
    borrower's acknowledgement (LOAN-03). Raises Invalid; NotFound; Refused: permission, loan.undertaking,
    loan.duplicate, approval.nobody, or as the rule book refuses (SEC-01, LOAN-02).
    """
    borrower = _borrower(borrower_id, actor)
    typed = {"purpose": purpose, "object": object, "reason": reason, "extent": extent}
    fields = {name: rules.clean(text) for name, text in typed.items()}
    if errors := rules.check_request(kind, fields):
        raise Invalid(errors)
    folder = folder_for(actor, folder_id, at)
    check_person(borrower, at)
    judged = judge(borrower, folder, kind, at, actor.unit_id)
    if judged.answer.refused:
        raise judged.answer.refusal()
    if not undertaking:
        raise _undertaking(judged.adopted.book)
    _check_single(folder, borrower, kind)
    try:
        return _insert(folder, borrower, fields, judged, actor=actor, at=at)
    except pw.IntegrityError as error:  # the same request was sent twice at the same moment
        raise _duplicate(folder) from error


def request_loans(
    folder_ids: Sequence[int], kind: str, *, actor: Actor, at: datetime, **what: Any
) -> list[Loan]:
    """Ask for several folders at once, all or none; ``what`` and errors as in `request_loan`."""
    with work(actor, at):
        return [
            request_loan(folder_id, kind, actor=actor, at=at, **what) for folder_id in sorted(set(folder_ids))
        ]


def decide_loan(
    loan_id: int,
    verdict: str,
    reason: str = "",
    *,
    actor: Actor,
    at: datetime,
    on_behalf_of: int | None = None,
    position: int | None = None,
) -> Loan:
    """Decide the current step of a loan's chain, and move the loan when it is through (SEC-03 … SEC-05).

    ``verdict``: granted or refused. Raises Invalid; NotFound; Refused: permission, approval.closed,
    approval.own, approval.decided, approval.not_yours.
    """
    actor.must(LOAN.steps["approve"].permission)
    with work(actor, at) as w:
        loan = queries.get_loan(loan_id)
        approval = approvals.decide(
            loan.approval_id, verdict, reason,
            actor=actor, at=at, on_behalf_of=on_behalf_of, position=position,
        )  # fmt: skip
        last = approval_queries.decisions_of(approval)[-1]
        principal = last.on_behalf_of.username if last.on_behalf_of else ""
        if approval.state == "granted":
            LOAN.fire(loan, "approve", approved_at=at)
            w.note("loan.approve", loan, on_behalf_of=principal, **audit_facts(loan))
        elif approval.state == "refused":
            LOAN.fire(loan, "refuse", closed_reason=rules.clean(reason))
            why = loan.closed_reason
            w.note("loan.refuse", loan, on_behalf_of=principal, reason=why, **audit_facts(loan))
    return loan


def withdraw(loan_id: int, reason: str = "", *, actor: Actor, at: datetime) -> Loan:
    """Take a request back before the folder was handed over: the borrower, or the desk for him.

    Raises Invalid; NotFound; Refused: permission, wrong_state.
    """
    loan = queries.loan_for(actor, loan_id, at)
    actor.must("loan.request" if loan.borrower_id == actor.user_id else "loan.desk")
    reason = rules.clean(reason)
    if errors := rules.check_reason(reason, required=loan.borrower_id != actor.user_id):
        raise Invalid(errors)
    with work(actor, at) as w:
        LOAN.fire(loan, "withdraw", closed_reason=reason)
        if loan.approval_id:
            approvals.withdraw(loan.approval_id, reason, actor=actor, at=at)
        w.note("loan.withdraw", loan, reason=reason, **audit_facts(loan))
    return loan


def _borrower(borrower_id: int | None, actor: Actor) -> User:
    if borrower_id in (None, actor.user_id):
        actor.must("loan.request")
        return people.user(actor.user_id)
    actor.must("loan.desk")
    return people.user(borrower_id)


def _undertaking(book: RuleBook) -> Refused:
    return Refused(
        "loan.undertaking",
        _("借阅人还没有作出承诺，没有提交申请。"),
        book.undertaking.text,
        book.undertaking.clause,
        "",
        _("读过并勾选承诺后再提交。"),
    )


def _check_single(folder: Folder, borrower: User, kind: str) -> None:
    same = (Loan.folder == folder.id) & (Loan.borrower == borrower.id) & (Loan.kind == kind)
    if Loan.select().where(same & Loan.state.in_(OPEN)).exists():
        raise _duplicate(folder)


def _duplicate(folder: Folder) -> Refused:
    return Refused(
        "loan.duplicate",
        _("%(number)s 已有同样的申请在办，没有再提交一次。", number=folder.file_number),
        next_step=_("在我的借阅里查看。"),
    )


def _insert(
    folder: Folder, borrower: User, fields: dict[str, str], judged: Judgement, *, actor: Actor, at: datetime
) -> Loan:
    answer, kind = judged.answer, judged.answer.action
    with work(actor, at) as w:
        loan = Loan.create(
            folder=folder, borrower=borrower, kind=kind, undertaking_at=at, state=LOAN.initial,
            rule_book=judged.adopted.id, clause=answer.rule.clause,
            requested_by=actor.username, requested_at=at, **fields,
        )  # fmt: skip
        w.note("loan.request", loan, borrower=borrower.username, purpose=loan.purpose, **audit_facts(loan))
        approval = approvals.open_approval(
            kind, "loan", loan.id, _subject(folder, borrower, kind), answer.chain,
            applied=answer.done_by_application, requester=borrower,
            department_id=judged.borrower.department_id, adopted=judged.adopted, rule=answer.rule,
            actor=actor, at=at,
        )  # fmt: skip
        loan.approval = approval
        Loan.update(approval=approval).where(Loan.id == loan.id).execute()
        if approval.state == "granted":
            LOAN.fire(loan, "approve", approved_at=at)
            w.note("loan.approve", loan, direct=True, **audit_facts(loan))
    return loan


def _subject(folder: Folder, borrower: User, kind: str) -> str:
    return f"{borrower.name} {action_name(kind)} {folder.file_number}"


__all__ = [
    "decide_loan", "give_back", "hand_over", "mark_overdue", "request_loan",
    "request_loans", "seat_reader", "undo_give_back", "undo_hand_over", "withdraw",
]  # fmt: skip
