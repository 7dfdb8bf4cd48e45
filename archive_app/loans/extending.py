"""Prolonging a running loan (续借): asked before it is due, decided by the chain, never beyond the rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import peewee as pw

from archive_app.approvals import inbox
from archive_app.approvals import queries as approval_queries
from archive_app.approvals import service as approvals
from archive_app.approvals.inbox import Item
from archive_app.approvals.models import Approval
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.i18n import _, source_language
from archive_app.core.work import Work, work
from archive_app.loans import queries, rows, rules
from archive_app.loans.flow import EXTENSION
from archive_app.loans.inbox import describe as describe_loans
from archive_app.loans.inbox import seen as seen_loans
from archive_app.loans.judge import Judgement, audit_facts, check_person, judge_loan
from archive_app.loans.models import Extension, Loan
from archive_app.people.actor import Actor, system
from archive_app.policy import Due
from archive_app.policy.lending_parts import Extension as Rule
from archive_app.policy.words import moment
from archive_app.records.queries import person_of

ACTION = "extend"


@dataclass(frozen=True)
class Offer:
    """What an extension would give: the new due time, by which rule, which time it would be."""

    judged: Judgement
    rule: Rule
    due: Due
    number: int


def ask_extension(loan_id: int, reason: str, *, actor: Actor, at: datetime) -> Extension:
    """Ask to keep a folder longer, before it is due: the borrower, or the desk for him.

    The chain is that of the rule book's ``extension``; with no steps it is granted at once.
    Raises Invalid; NotFound; Refused: permission, loan.not_out, loan.overdue, loan.extension_waits,
    loan.extended_enough, <kind>.no_extension, approval.nobody, or as the rule book refuses.
    """
    loan = queries.loan_for(actor, loan_id, at)
    actor.must("loan.request" if loan.borrower_id == actor.user_id else "loan.desk")
    reason = rules.clean(reason)
    if errors := rules.check_reason(reason):
        raise Invalid(errors)
    offered = offer(loan, at, actor.unit_id)
    try:
        with work(actor, at) as w, w.attempt():
            return _insert(w, loan, offered, reason, actor, at)
    except pw.IntegrityError as error:  # sent twice at the same moment
        raise _waits(loan) from error


def offer(loan: Loan, at: datetime, unit_id: int = 1) -> Offer:
    """What the rule book gives now. Raises Refused: as `ask_extension`."""
    _check_running(loan, at)
    if open_of(loan.id) is not None:
        raise _waits(loan)
    return _offer(loan, judge_loan(loan, at, unit_id))


def _offer(loan: Loan, judged: Judgement) -> Offer:
    if judged.answer.refused:
        raise judged.answer.refusal()
    book, level = judged.adopted.book, judged.level
    due = _due(loan, judged)
    rule = book.level(level).uses[loan.kind].extension
    assert rule is not None  # else it was refused
    if loan.extensions >= rule.times:
        raise Refused(
            "loan.extended_enough",
            _("不能再续借：已续借 %(n)s 次。没有改动任何记录。", n=loan.extensions),
            rule.rule.text, rule.rule.clause, "", _("请按时归还，需要时重新申请。"),
        )  # fmt: skip
    return Offer(judged, rule, due, loan.extensions + 1)


def _due(loan: Loan, judged: Judgement) -> Due:
    """The earliest new due time of all that is out together."""
    book, borrower = judged.adopted.book, person_of(judged.borrower)
    levels = dict.fromkeys([loan.folder.secrecy, *(each.secrecy for each in judged.bound.companions)])
    dues = [book.prolonged(borrower, code, loan.kind, loan.due_at) for code in levels if code in book.levels]
    return min(dues, key=lambda due: due.at)


def withdraw_extension(extension_id: int, *, actor: Actor, at: datetime) -> Extension:
    """Take the question back: who may ask may withdraw. Raises NotFound; Refused: permission, wrong_state."""
    extension = extension_for(extension_id)
    loan = queries.loan_for(actor, extension.loan_id, at)
    actor.must("loan.request" if loan.borrower_id == actor.user_id else "loan.desk")
    with work(actor, at) as w:
        _withdraw(w, extension, loan, "", actor, at)
    return extension


def drop_open(loan: Loan, why: str, *, actor: Actor, at: datetime) -> None:
    """End the question that is still open when the folder comes back, is lost, or falls due."""
    extension = open_of(loan.id)
    if extension is not None:
        with work(actor, at) as w:
            _withdraw(w, extension, loan, why, actor, at)


def drop_late(at: datetime) -> int:
    """End questions whose loan is past due or closed; return how many. Safe to run twice."""
    late = (Loan.due_at < at) | Loan.state.not_in(rules.RUNNING)
    found = Extension.select(Extension, Loan).join(Loan).where((Extension.state == "requested") & late)
    dropped = 0
    for extension in found.order_by(Extension.id):
        try:
            drop_open(rows.get_loan(extension.loan_id), "到期前没有批准", actor=system(), at=at)
            dropped += 1
        except Refused:
            continue  # decided in this very moment
    return dropped


def decided(approval: Approval, actor: Actor, at: datetime) -> None:
    """Move the due time, or not; approvals calls this in the work of the last decision.

    The rule book in force now gives the new time, from the due time as it stands. Raises Refused:
    loan.overdue, loan.not_out, or as the rule book refuses: then it cannot be granted any more.
    """
    with work(actor, at) as w:
        extension = extension_for(approval.key)
        loan = rows.get_loan(extension.loan_id)
        if approval.state == "granted":
            _check_running(loan, at)
            check_person(loan.borrower, at)
            _grant(w, extension, loan, _offer(loan, judge_loan(loan, at, actor.unit_id)), at)
        elif approval.state == "refused":
            why = approval_queries.decisions_of(approval)[-1].reason
            EXTENSION.fire(extension, "refuse", closed_at=at)
            w.note("loan.extend_refused", loan, extension=extension.id, reason=why, **audit_facts(loan))
        else:
            EXTENSION.fire(extension, "withdraw", closed_at=at)
            w.note("loan.extend_withdrawn", loan, extension=extension.id, reason="", **audit_facts(loan))


approvals.AFTER["extension"] = decided


def extension_for(extension_id: int) -> Extension:
    """The extension by id. Raises NotFound."""
    row = Extension.get_or_none(Extension.id == extension_id)
    if row is None:
        raise NotFound(_("没有这份续借申请。"))
    return row


def open_of(loan_id: int) -> Extension | None:
    """The extension of a loan that waits for a decision, or None."""
    return Extension.get_or_none((Extension.loan == loan_id) & (Extension.state == "requested"))


def open_of_many(loans: Sequence[Loan]) -> dict[int, Extension]:
    """The extensions that wait for a decision, by loan id, in one query."""
    wanted = Extension.loan.in_([loan.id for loan in loans]) & (Extension.state == "requested")
    return {row.loan_id: row for row in Extension.select().where(wanted)}


def of_loan(loan_id: int) -> list[Extension]:
    """All extensions ever asked for, newest first."""
    return list(Extension.select().where(Extension.loan == loan_id).order_by(Extension.id.desc()))


def _insert(w: Work, loan: Loan, offered: Offer, reason: str, actor: Actor, at: datetime) -> Extension:
    adopted, rule = offered.judged.adopted, offered.rule.rule
    extension = Extension.create(
        loan=loan, state=EXTENSION.initial, reason=reason, due_before=loan.due_at, due_after=offered.due.at,
        rule_book=adopted.id, clause=rule.clause, asked_by=actor.username, asked_at=at,
    )  # fmt: skip
    until = offered.due.at.isoformat()
    w.note("loan.extend_ask", loan, extension=extension.id, reason=reason, until=until, **audit_facts(loan))
    with source_language():  # what is kept reads the same whoever looks
        subject = _("%(who)s 续借 %(number)s", who=loan.borrower.name, number=loan.folder.file_number)
    approval = approvals.open_approval(
        ACTION, "extension", extension.id, subject, offered.rule.steps, requester=loan.borrower,
        department_id=offered.judged.borrower.department_id, adopted=adopted, rule=rule, actor=actor, at=at,
        manager_id=offered.judged.manager_id, folder_department_id=offered.judged.department_id,
    )  # fmt: skip
    extension.approval = approval
    Extension.update(approval=approval).where(Extension.id == extension.id).execute()
    if approval.state == "granted":
        _grant(w, extension, loan, offered, at)
    return extension


def _grant(w: Work, extension: Extension, loan: Loan, offered: Offer, at: datetime) -> None:
    """The new due time is that of the rule book from the due time as it stands, never later."""
    due, before = offered.due, loan.due_at
    EXTENSION.fire(
        extension, "grant", closed_at=at, due_before=before, due_after=due.at,
        rule_book=offered.judged.adopted.id, clause=offered.rule.rule.clause,
    )  # fmt: skip
    with source_language():
        why = due.words
    moved = {
        "due_at": due.at, "due_reason": why, "due_clause": due.rule.clause,
        "extensions": offered.number,
    }  # fmt: skip
    same = (Loan.id == loan.id) & Loan.state.in_(rules.RUNNING) & (Loan.due_at == before)
    if not Loan.update(moved).where(same).execute():
        raise _not_out(loan)
    for name, value in moved.items():
        setattr(loan, name, value)
    w.note(
        "loan.extend", loan, extension=extension.id, before=before.isoformat(), until=due.at.isoformat(),
        times=offered.number, **audit_facts(loan),
    )  # fmt: skip


def _withdraw(w: Work, extension: Extension, loan: Loan, why: str, actor: Actor, at: datetime) -> None:
    if extension.approval_id:
        approvals.withdraw(extension.approval_id, why, actor=actor, at=at)
    EXTENSION.fire(extension, "withdraw", closed_at=at)
    w.note("loan.extend_withdrawn", loan, extension=extension.id, reason=why, **audit_facts(loan))


def _check_running(loan: Loan, at: datetime) -> None:
    state = rules.state_at(loan.state, loan.due_at, at)
    if state == "overdue":
        raise Refused(
            "loan.overdue",
            _("不能续借：%(due)s 应还，已经逾期。没有改动任何记录。", due=moment(loan.due_at, at)),
            next_step=_("请尽快归还，需要时重新申请。"),
        )
    if state not in rules.RUNNING:
        raise _not_out(loan)


def _not_out(loan: Loan) -> Refused:
    message = _("不能续借：%(number)s 现在不在手里。没有改动任何记录。", number=loan.folder.file_number)
    return Refused("loan.not_out", message, next_step=_("请刷新后再看。"))


def _waits(loan: Loan) -> Refused:
    message = _("%(number)s 的续借申请已在等审批，没有再提交一次。", number=loan.folder.file_number)
    return Refused("loan.extension_waits", message, next_step=_("等审批，或先撤回。"))


def describe(asked: Sequence[Approval], actor: Actor, at: datetime) -> Mapping[int, Item]:
    """The extensions behind these approvals, for their deciders: what, until when, why, who waits."""
    found = _behind(asked)
    loans = describe_loans(_of_loans(asked, found), actor, at)
    waiting = rows.waiting_counts([row.loan.folder_id for row in found.values()])
    return {
        each.id: _item(loans[each.id], row, waiting.get(row.loan.folder_id, 0), at)
        for each in asked
        if (row := found.get(each.key)) and each.id in loans
    }


def seen(asked: Sequence[Approval], actor: Actor, at: datetime) -> None:
    """Audit the classified folders behind these extensions."""
    seen_loans(_of_loans(asked, _behind(asked)), actor, at)


def _behind(asked: Sequence[Approval]) -> dict[int, Extension]:
    wanted = Extension.id.in_([each.key for each in asked])
    return {row.id: row for row in Extension.select(Extension, Loan).join(Loan).where(wanted)}


def _of_loans(asked: Sequence[Approval], found: Mapping[int, Extension]) -> list[Approval]:
    """The same questions as if they were about the loans."""
    return [Approval(id=each.id, key=found[each.key].loan_id) for each in asked if each.key in found]


def _item(loan: Item, extension: Extension, waiting: int, at: datetime) -> Item:
    facts = [
        (_("理由"), extension.reason),
        (_("现在应还"), moment(extension.loan.due_at, at)),
        (_("续借到"), moment(extension.due_after, at)),
        (_("已续借"), _("%(n)s 次", n=extension.loan.extensions)),
    ]
    if waiting:
        facts.append((_("在等的人"), _("%(n)s 人在等这份档案", n=waiting)))
    text = _("在借阅人手里。同意后 %(due)s 前归还。", due=moment(extension.due_after, at))
    return replace(loan, text=text, tone="", what=_("续借"), facts=tuple(facts))


inbox.DESCRIBE["extension"] = describe
inbox.SEEN["extension"] = seen
inbox.RESULTS["extension"] = ("loans.extension_page", "extension_id")
