"""Putting a loan before the rule book: the borrower, the folder and the answer, as they are at one moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archive_app.approvals import queries as approvals
from archive_app.approvals.rules import covers
from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.loans.carriers import ALONE, Bound, bound_with
from archive_app.loans.models import Loan
from archive_app.loans.whole_volume import Question, strictest
from archive_app.people import rulebook
from archive_app.people import service as people
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.people.rules import is_locked
from archive_app.policy import Answer
from archive_app.policy.words import moment
from archive_app.records.models import Folder
from archive_app.records.queries import facts_of, person_of, sees_holders

AWAY = ("lent", "reading_room")


@dataclass(frozen=True)
class Judgement:
    """What the rule book in force says about one borrower, folder and kind.

    ``level`` decided, and the folder with the customer manager and the department that may have to decide:
    for a folder that leaves with its whole volume they are those of its highest folder; ``note`` says so.
    """

    adopted: rulebook.Adopted
    borrower: Actor
    answer: Answer
    level: str
    manager_id: int | None
    department_id: int | None
    note: str = ""
    bound: Bound = ALONE


def judge(
    borrower: User, folder: Folder, kind: str, at: datetime, unit_id: int = 1, *, kept_copy: bool = False
) -> Judgement:
    """Ask the rule book in force; ``kept_copy``: for a photocopy that is kept for lending (LOAN-09)."""
    actor = people.actor_of(borrower, at)
    bound = bound_with([folder.id]).get(folder.id, ALONE)
    return judge_in(rulebook.current(at, unit_id), actor, folder, kind, at, bound, kept_copy=kept_copy)


def judge_in(
    adopted: rulebook.Adopted, borrower: Actor, folder: Folder, kind: str, at: datetime,
    bound: Bound = ALONE, *, kept_copy: bool = False, drawn: bool = False,
) -> Judgement:  # fmt: skip
    """Ask one version. That the folder is away now is no rule: a request may wait for it.

    A folder that leaves its place goes with all it is ``bound`` with, and so by the highest level of these;
    ``drawn``: it leaves for a photocopy that is made elsewhere.
    """
    facts, person = facts_of(folder), person_of(borrower)
    if facts.custody in AWAY:
        facts = replace(facts, custody="on_shelf")
    answer = adopted.book.ask(person, facts, kind, at, kept_copy=kept_copy)
    leaves = drawn or answer.where is not None
    if answer.refused or kept_copy or not leaves or not bound.companions:
        return Judgement(adopted, borrower, answer, folder.secrecy, folder.manager_id, folder.department_id)
    found = strictest(Question(adopted.book, person, facts, kind, at, bound), answer)
    about = found.by or folder
    return Judgement(
        adopted, borrower, found.answer, about.secrecy, about.manager_id, about.department_id, found.note,
        bound,
    )  # fmt: skip


def judge_loan(loan: Loan, at: datetime, unit_id: int = 1, *, drawn: bool = False) -> Judgement:
    """Ask about a loan as if it were requested now; ``drawn``: its original leaves to be copied."""
    kept = loan.copy is not None and bool(loan.copy.kept)
    bound = ALONE if kept else bound_with([loan.folder_id]).get(loan.folder_id, ALONE)
    actor, adopted = people.actor_of(loan.borrower, at), rulebook.current(at, unit_id)
    return judge_in(adopted, actor, loan.folder, loan.kind, at, bound, kept_copy=kept, drawn=drawn)


def check_person(borrower: User, at: datetime) -> None:
    """Nothing is handed to a closed or locked account. Raises Refused: loan.borrower_locked."""
    if borrower.active and not is_locked(borrower.locked_until, at):
        return
    raise Refused(
        "loan.borrower_locked",
        _("不能交给%(name)s：账号已停用或锁定。没有改动任何记录。", name=borrower.name),
        next_step=_("请系统管理员核实并解锁后再来。"),
    )


def check_covered(loan: Loan, now: Judgement) -> None:
    """The approval given must satisfy the chain as it would be asked now.

    A raised level, a new title or a new rule book may ask for more. Raises Refused: as the rule
    book refuses, or loan.rule_changed.
    """
    if now.answer.refused:
        raise now.answer.refusal()
    if not (steps := now.answer.chain):
        return
    approval = approvals.approval_for(loan.approval_id)
    same_department = approval.department_id == now.borrower.department_id
    if any(step.own_department for step in steps) and not same_department:
        raise _changed(loan, now)
    if not covers(approvals.agreed_roles(approval), steps):
        raise _changed(loan, now)


def _changed(loan: Loan, now: Judgement) -> Refused:
    answer = now.answer
    return Refused(
        "loan.rule_changed",
        _("批准之后情况变了，%(number)s 要重新批准。没有改动任何记录。", number=loan.folder.file_number),
        answer.rule.text,
        answer.rule.clause,
        answer.may_decide,
        _("请撤回这份申请，重新申请。"),
    )


def already_out(folder: Folder, active: Loan | None, actor: Actor, at: datetime) -> Refused:
    """The refusal for a folder that is away; the name only for those who may know it."""
    number, back = folder.file_number, back_words(active, at)
    if active is not None and may_know_holder(actor, active):
        who = active.borrower.name
        message = _("%(number)s 在%(who)s手里，%(back)s。", number=number, who=who, back=back)
    else:
        message = _("%(number)s 现在不在架上，%(back)s。", number=number, back=back)
    return Refused("loan.already_out", message, next_step=_("还回后再办，没有改动任何记录。"))


def may_know_holder(actor: Actor, active: Loan) -> bool:
    """Keepers and the holder's own department may know who has a folder; others only that it is away."""
    borrower = active.borrower
    own = actor.department_id is not None and actor.department_id == borrower.department_id
    return own or actor.user_id == borrower.id or sees_holders(actor)


def back_words(active: Loan | None, at: datetime) -> str:
    """When a folder that is away comes back: 今日 15:05 应还."""
    if active is None or active.due_at is None:
        return _("正在办理")
    if active.due_at < at:
        return _("已逾期未还")
    return _("%(when)s 应还", when=moment(active.due_at, at))


def audit_facts(loan: Loan) -> dict[str, Any]:
    """What every audit note of a loan carries: the folder, the clause and the rule book's version."""
    return {
        "folder": loan.folder.file_number,
        "kind": loan.kind,
        "secrecy": loan.folder.secrecy,
        "clause": loan.clause,
        "policy": rulebook.by_id(loan.rule_book).version,
    }
