"""The verbs of lending: request, decide, withdraw, effect; what the desk does stands in `handing`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.approvals import queries as approval_queries
from archive_app.approvals import service as approvals
from archive_app.approvals.models import Approval
from archive_app.core.errors import Invalid, Refused, too_long
from archive_app.core.i18n import _, source_language
from archive_app.core.work import Work, work
from archive_app.loans import copies, extending, inbox, queries, rows, rules
from archive_app.loans.flow import LOAN
from archive_app.loans.handing import (
    give_back,
    give_back_lost,
    hand_over,
    mark_overdue,
    seat_reader,
    undo_give_back,
    undo_hand_over,
)
from archive_app.loans.judge import Judgement, audit_facts, check_person, judge_loan
from archive_app.loans.models import Loan
from archive_app.loans.outcome import Asking, Wanted, same_requests
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.policy import RuleBook
from archive_app.policy.words import action_name

NOTE_MAX = 500


def request_loan(
    folder_id: int, kind: str, *, copy_id: int | None = None, actor: Actor, at: datetime, **what: Any
) -> Loan:
    """Ask for one folder, or for a copy of it that is kept for lending (LOAN-09).

    ``what`` and errors as in `request_loans`, and copy.not_for_lending.
    """
    return _request([(folder_id, kind)], copy_id, actor, at, **what)[0]


def request_loans(items: Sequence[tuple[int, str]], *, actor: Actor, at: datetime, **what: Any) -> list[Loan]:
    """Ask for several folders, each of its kind, all or none (SEC-01 … SEC-04, LOAN-03, LOAN-04, LOAN-14).

    The chain of the rule book is opened for each, or the loan is approved at once (SEC-02); what is asked
    for together has one ``basket``. ``what``: purpose, undertaking (the borrower's acknowledgement) and, if
    said, purpose_class, object, reason, extent, wished_from, wished_until, and borrower_id: keyed at the
    counter by the archivist for somebody else. Raises Invalid; NotFound; Refused: permission,
    loan.undertaking, loan.duplicate, loan.borrower_locked, approval.nobody, or as the rule book refuses.
    """
    return _request(items, None, actor, at, **what)


def _request(
    items: Sequence[tuple[int, str]], copy_id: int | None, actor: Actor, at: datetime, *,
    borrower_id: int | None = None, purpose: str, purpose_class: str = "", object: str = "",
    reason: str = "", extent: str = "", wished_from: datetime | None = None,
    wished_until: datetime | None = None, undertaking: bool,
) -> list[Loan]:  # fmt: skip
    borrower = _borrower(borrower_id, actor)
    asking = Asking(borrower, at, actor.unit_id)
    typed = {"purpose": purpose, "object": object, "reason": reason, "extent": extent}
    fields: dict[str, Any] = {name: rules.clean(text) for name, text in typed.items()}
    fields |= {"purpose_class": rules.clean(purpose_class)}
    fields |= {"wished_from": wished_from, "wished_until": wished_until}
    items = sorted(set(items))
    _check_form(asking.book, items, fields, at)
    wanted = _wanted(items, copy_id, actor, at)
    check_person(borrower, at)
    asking.look_up([each.folder.id for each in wanted])
    judged = [asking.judge(each) for each in wanted]
    if refused := next((each for each in judged if each.answer.refused), None):
        raise refused.answer.refusal()
    if not undertaking:
        raise _undertaking(asking.book)
    _check_single(wanted, borrower)
    return insert(wanted, judged, asking, fields, actor)


def insert(
    wanted: Sequence[Wanted], judged: Sequence[Judgement], asking: Asking, fields: dict[str, Any],
    actor: Actor,
) -> list[Loan]:  # fmt: skip
    """Open the requests that were found good, all or none.

    Raises Refused: loan.duplicate, approval.nobody.
    """
    try:
        with work(actor, asking.at) as w, w.attempt():
            return _insert_all(w, wanted, judged, asking, fields, actor)
    except pw.IntegrityError as error:  # the same request stands already: the partial unique index says so
        _check_single(wanted, asking.borrower)
        raise _duplicate(wanted[0]) from error


def _check_form(
    book: RuleBook, items: Sequence[tuple[int, str]], fields: dict[str, Any], at: datetime
) -> None:
    errors: dict[str, str] = {}
    if not 1 <= len(items) <= rules.BASKET_MAX:
        errors["folder"] = _("一次申请 1 到 %(most)s 份档案。", most=rules.BASKET_MAX)
    for kind in {kind for _folder, kind in items}:
        errors |= rules.check_request(kind, fields)
    errors |= rules.check_word("purpose_class", fields["purpose_class"], book.lending.purposes)
    errors |= rules.check_wish(book.week, fields["wished_from"], fields["wished_until"], at)
    if errors:
        raise Invalid(errors)


def _wanted(
    items: Sequence[tuple[int, str]], copy_id: int | None, actor: Actor, at: datetime
) -> list[Wanted]:
    copy = copies.for_request(copy_id, actor=actor, at=at) if copy_id is not None else None
    found = {each.id: each for each in rows.known_folders(actor, [folder for folder, _kind in items], at)}
    return [Wanted(found[folder], kind, copy) for folder, kind in items]


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
    """Decide the current step of a loan's chain; the loan moves when it is through (SEC-03 … SEC-05).

    ``verdict``: granted or refused. Raises Invalid; NotFound; Refused: permission, approval.closed,
    approval.own, approval.decided, approval.not_yours, and as the rule book refuses what is granted.
    """
    actor.must(LOAN.steps["approve"].permission)
    loan = queries.get_loan(loan_id)
    approvals.decide(
        loan.approval_id, verdict, reason, actor=actor, at=at, on_behalf_of=on_behalf_of, position=position
    )
    return queries.get_loan(loan_id)


def decided(approval: Approval, actor: Actor, at: datetime) -> None:
    """Move the loan whose chain has just ended; approvals calls this in the work of the last decision.

    What the rule book forbids by now is not granted, whoever agrees. Raises Refused: as the rule book.
    """
    with work(actor, at) as w:
        loan = rows.get_loan(approval.key)
        if approval.state == "expired":
            LOAN.fire(loan, "expire", closed_reason="没有人在时限内审批")
            w.note("loan.expire", loan, **audit_facts(loan))
            return
        last = approval_queries.decisions_of(approval)[-1]
        principal = last.on_behalf_of.username if last.on_behalf_of else ""
        if approval.state == "granted":
            _check_grant(loan, actor, at)
            LOAN.fire(loan, "approve", approved_at=at)
            w.note("loan.approve", loan, on_behalf_of=principal, **audit_facts(loan))
        elif approval.state == "refused":
            LOAN.fire(loan, "refuse", closed_reason=last.reason)
            w.note("loan.refuse", loan, on_behalf_of=principal, reason=last.reason, **audit_facts(loan))


approvals.AFTER["loan"] = decided


def _check_grant(loan: Loan, actor: Actor, at: datetime) -> None:
    """The folder may have become top secret, void or missing while the request waited."""
    answer = judge_loan(loan, at, actor.unit_id).answer
    if answer.refused:
        raise answer.refusal()


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
        if loan.approval_id:  # first, as deciding does: two people never wait for each other's row
            approvals.withdraw(loan.approval_id, reason, actor=actor, at=at)
        LOAN.fire(loan, "withdraw", closed_reason=reason)
        w.note("loan.withdraw", loan, reason=reason, **audit_facts(loan))
    return loan


def note_effect(loan_id: int, effect: str, note: str = "", *, actor: Actor, at: datetime) -> Loan:
    """Say what the use was good for (利用效果), at or after the return: the borrower, or the desk for him.

    ``effect`` is one of the words of the rule book; saying it again replaces it.
    Raises Invalid; NotFound; Refused: permission, wrong_state, loan.no_effects.
    """
    loan = queries.loan_for(actor, loan_id, at)
    actor.must("loan.request" if loan.borrower_id == actor.user_id else "loan.desk")
    effects = rulebook.current(at, actor.unit_id).book.lending.effects
    if not effects:
        raise Refused("loan.no_effects", _("现行制度没有规定登记利用效果。没有改动任何记录。"))
    note = rules.clean(note)
    errors = rules.check_word("effect", effect, effects) if effect else {"effect": _("请选一项。")}
    errors |= too_long("note", note, NOTE_MAX)
    if errors:
        raise Invalid(errors)
    with work(actor, at) as w:
        back = (Loan.id == loan_id) & (Loan.state == "returned")
        if not Loan.update(effect=effect, effect_note=note).where(back).execute():
            message = _("%(number)s 还没有归还，没有改动任何记录。", number=loan.folder.file_number)
            raise Refused("wrong_state", message, next_step=_("归还后再登记利用效果。"))
        loan.effect, loan.effect_note = effect, note
        w.note("loan.effect", loan, effect=effect, remark=note, **audit_facts(loan))
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


def _check_single(wanted: Sequence[Wanted], borrower: User) -> None:
    same = same_requests(borrower, [each.folder.id for each in wanted])
    if found := next((each for each in wanted if (each.folder.id, each.kind) in same), None):
        raise _duplicate(found)


def _duplicate(wanted: Wanted) -> Refused:
    return Refused(
        "loan.duplicate",
        _("%(number)s 已有同样的申请在办，没有再提交一次。", number=wanted.folder.file_number),
        next_step=_("在我的借阅里查看。"),
    )


def _insert_all(
    w: Work, wanted: Sequence[Wanted], judged: Sequence[Judgement], asking: Asking, fields: dict[str, Any],
    actor: Actor,
) -> list[Loan]:  # fmt: skip
    loans: list[Loan] = []
    for each, found in zip(wanted, judged, strict=True):
        basket = loans[0].id if loans else None
        loans.append(_insert(w, each, found, asking, fields | {"basket": basket}, len(wanted) > 1, actor))
    return loans


def _insert(
    w: Work, wanted: Wanted, judged: Judgement, asking: Asking, fields: dict[str, Any], many: bool,
    actor: Actor,
) -> Loan:  # fmt: skip
    answer, folder, borrower = judged.answer, wanted.folder, asking.borrower
    loan = Loan.create(
        folder=folder, copy=wanted.copy, borrower=borrower, kind=wanted.kind, undertaking_at=asking.at,
        state=LOAN.initial, rule_book=judged.adopted.id, clause=answer.rule.clause,
        requested_by=actor.username, requested_at=asking.at, **fields,
    )  # fmt: skip
    if many and loan.basket is None:  # the first gives its number to all
        loan.basket = loan.id
    w.note("loan.request", loan, borrower=borrower.username, purpose=loan.purpose, **audit_facts(loan))
    with source_language():  # what is kept reads the same whoever looks
        subject = f"{borrower.name} {action_name(wanted.kind)} {wanted.name}"
    approval = approvals.open_approval(
        wanted.kind, "loan", loan.id, subject, answer.chain, applied=answer.done_by_application,
        requester=borrower, department_id=judged.borrower.department_id, adopted=judged.adopted,
        rule=answer.rule, actor=actor, at=asking.at, manager_id=judged.manager_id,
        folder_department_id=judged.department_id, basket=loan.basket, known=asking.known,
    )  # fmt: skip
    loan.approval = approval
    if approval.state == "granted":
        LOAN.fire(loan, "approve", approved_at=asking.at, approval=approval, basket=loan.basket)
        w.note("loan.approve", loan, direct=True, **audit_facts(loan))
    else:
        Loan.update(approval=approval, basket=loan.basket).where(Loan.id == loan.id).execute()
    return loan


__all__ = [
    "decide_loan", "decided", "extending", "give_back", "give_back_lost", "hand_over", "inbox",
    "mark_overdue", "note_effect", "request_loan", "request_loans", "seat_reader", "undo_give_back",
    "undo_hand_over", "withdraw",
]  # fmt: skip
