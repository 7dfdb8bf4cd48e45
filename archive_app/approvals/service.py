"""The verbs of approvals: open a chain, decide its current step, take the question back, let it expire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from archive_app.approvals import queries, refusals, rules, telling
from archive_app.approvals.finding import Known, Question
from archive_app.approvals.flow import APPROVAL
from archive_app.approvals.models import Approval, ApprovalStep, Decision
from archive_app.approvals.refusals import nobody
from archive_app.core.errors import Invalid, Refused, too_long
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people import service as people_service
from archive_app.people.actor import Actor, system
from archive_app.people.models import User
from archive_app.people.rulebook import Adopted
from archive_app.policy import ChainStep, Rule

REASON_MAX = 500
# What an approval is about moves in the same work when the chain ends (granted, refused, expired): the
# room above puts its function here under the kind. A chain that is granted as it opens is the opener's.
AFTER: dict[str, Callable[[Approval, Actor, datetime], None]] = {}


@dataclass(frozen=True)
class Choice:
    """What a person says about one approval of several; ``position`` is the step that was seen."""

    approval_id: int
    position: int
    verdict: str
    reason: str = ""


@dataclass
class Decided:
    """What came of several choices: decided now, said before by the same person, refused with the reason."""

    done: list[Approval] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    refused: dict[int, Refused] = field(default_factory=dict)


def open_approval(
    action: str,
    kind: str,
    key: int,
    subject: str,
    chain: Sequence[ChainStep],
    *,
    applied: Sequence[ChainStep] = (),
    requester: User,
    department_id: int | None,
    adopted: Adopted,
    rule: Rule,
    actor: Actor,
    at: datetime,
    manager_id: int | None = None,
    folder_department_id: int | None = None,
    basket: int | None = None,
    known: Known | None = None,
) -> Approval:
    """Freeze a chain and put the question to it; a chain with no steps is granted at once (SEC-02).

    ``applied`` are the steps that the application itself has done (SEC-03). ``manager_id`` has the folder's
    customer, ``folder_department_id`` made it. What has one ``basket`` was asked for together; ``known`` is
    shared by its questions. The deciders of the first step are told.
    Raises Refused: approval.nobody — a step that no one can decide is reported now, not found out later.
    """
    asked = Question(
        adopted.book, action, requester.id, department_id, at, manager_id, folder_department_id, known
    )
    views = queries.proposed_chain(asked, chain)
    for step in views:
        if step.vacant:
            raise nobody(step)
    with work(actor, at) as w:
        approval = Approval.create(
            action=action, kind=kind, key=key, subject=subject[:300], requester=requester,
            department=department_id, rule_book=adopted.id, clause=rule.clause, rule=rule.text[:500],
            current=len(applied) + 1, asked_at=at, state=APPROVAL.initial, manager=manager_id,
            made_in=folder_department_id, basket=basket, since=at,
        )  # fmt: skip
        for position, frozen in enumerate((*applied, *chain), start=1):
            _freeze(approval, position, frozen, "applied" if position <= len(applied) else "waiting")
        w.note(
            "approval.open", approval, subject=subject, about=[kind, key], clause=rule.clause,
            policy=adopted.version, steps=len(chain), applied=len(applied),
        )  # fmt: skip
        if chain:
            telling.waits(approval, views[0].candidates, at)
        else:
            APPROVAL.fire(approval, "grant", closed_at=at)
    return approval


def decide(
    approval_id: int,
    verdict: str,
    reason: str = "",
    *,
    actor: Actor,
    at: datetime,
    on_behalf_of: int | None = None,
    position: int | None = None,
) -> Approval:
    """Decide the current step as oneself or, by a 委托书, for somebody else; both names are kept (SEC-05).

    ``verdict``: granted or refused (needs a reason). ``position`` is the step the person saw; a repeated
    send then cannot decide the next one. When the chain ends, what it is about moves in the same work.
    Raises Invalid; NotFound; Refused: permission, approval.closed, approval.own, approval.decided,
    approval.not_yours, approval.paper_over, approval.title_changed.
    """
    with work(actor, at):
        approval = _decide(Choice(approval_id, position or 0, verdict, reason), actor, at, on_behalf_of)
        telling.ended([approval], at)
        telling.settled_for(actor, [approval], at)
    return approval


def decide_many(choices: Sequence[Choice], *, actor: Actor, at: datetime) -> Decided:
    """Decide several approvals, each for itself: one that is refused keeps no other from being decided.

    What this person has said before in the same words is not said twice (a form sent twice).
    Raises Invalid; NotFound. Raises Refused: the first reason, when none of them could be decided.
    """
    found = Decided()
    for choice in choices:
        _checked(choice.verdict, choice.reason)
    with work(actor, at) as w:
        for choice in sorted(choices, key=lambda each: each.approval_id):
            if _said(choice, actor):
                found.same.append(choice.approval_id)
                continue
            try:
                with w.attempt():
                    found.done.append(_decide(choice, actor, at, None))
            except Refused as refusal:
                found.refused[choice.approval_id] = refusal
        if found.refused and not found.done and not found.same:
            raise next(iter(found.refused.values()))
        telling.ended(found.done, at)
        telling.settled_for(actor, found.done, at)
    return found


def withdraw(approval_id: int, reason: str, *, actor: Actor, at: datetime) -> Approval:
    """Take back a question that is still open; one already closed stays as it was decided."""
    with work(actor, at) as w:
        approval = _locked(approval_id)
        if approval.state == "open":
            APPROVAL.fire(approval, "withdraw", closed_at=at)
            telling.settled(approval, at)
            w.note("approval.withdraw", approval, reason=reason)
    return approval


def expire(approval_id: int, *, at: datetime) -> Approval:
    """End a question that nobody decided in the time of the rule book's [waiting]; the asker is told."""
    with work(system(), at) as w:
        approval = _locked(approval_id)
        if approval.state == "open":
            APPROVAL.fire(approval, "expire", closed_at=at)
            w.note("approval.expire", approval, subject=approval.subject)
            _after(approval, system(), at)
            telling.ended([approval], at)
    return approval


def _decide(choice: Choice, actor: Actor, at: datetime, on_behalf_of: int | None) -> Approval:
    reason = _checked(choice.verdict, choice.reason)
    with work(actor, at) as w:
        approval = _locked(choice.approval_id)
        step = _current(approval, choice.position or None)
        standing = _standing(approval, step, actor, at, on_behalf_of)
        decision = Decision.create(
            step=step, user=actor.user_id, role=standing.role, on_behalf_of=standing.on_behalf_of,
            deputation=standing.deputation, verdict=choice.verdict, reason=reason, at=at,
        )  # fmt: skip
        principal = decision.on_behalf_of.username if decision.on_behalf_of else ""
        w.note(
            "approval.decide", approval, on_behalf_of=principal, verdict=choice.verdict, reason=reason,
            step=step.position, role=standing.role, deputation=standing.deputation, clause=step.clause,
            policy=rulebook.current(at, actor.unit_id).version,
        )  # fmt: skip
        _move_on(approval, step, choice.verdict, at)
        _after(approval, actor, at)
    return approval


def _after(approval: Approval, actor: Actor, at: datetime) -> None:
    """Move what the approval is about, once the chain has ended."""
    if approval.state == "open":
        return
    telling.settled(approval, at)
    if move := AFTER.get(approval.kind):
        move(approval, actor, at)


def _said(choice: Choice, actor: Actor) -> bool:
    """Whether this person has said the same about the same step before."""
    step = (ApprovalStep.approval == choice.approval_id) & (ApprovalStep.position == choice.position)
    same = (Decision.user == actor.user_id) & (Decision.verdict == choice.verdict)
    return Decision.select().join(ApprovalStep).where(step & same).exists()


def _freeze(approval: Approval, position: int, step: ChainStep, state: str) -> None:
    ApprovalStep.create(
        approval=approval, position=position, mode=step.mode, roles=" ".join(step.roles),
        own_department=step.own_department, folder_department=step.folder_department,
        in_charge=step.in_charge, customer_manager=step.customer_manager, verb=step.verb[:16],
        clause=step.rule.clause, rule=step.rule.text[:500], state=state,
    )  # fmt: skip


def _checked(verdict: str, reason: str) -> str:
    reason = " ".join(reason.split())
    if verdict not in rules.VERDICTS:
        raise Invalid({"verdict": _("请选批准或不批准。")})
    if verdict == "refused" and not reason:
        raise Invalid({"reason": _("不批准要写明理由，申请人会看到。")})
    if errors := too_long("reason", reason, REASON_MAX):
        raise Invalid(errors)
    return reason


def _locked(approval_id: int) -> Approval:
    """The row, locked by an UPDATE that changes nothing, so that two deciders come one after the other."""
    Approval.update(current=Approval.current).where(Approval.id == approval_id).execute()
    return queries.approval_for(approval_id)


def _current(approval: Approval, position: int | None) -> ApprovalStep:
    if approval.state != "open" or position not in (None, approval.current):
        raise refusals.closed()
    return ApprovalStep.get(
        (ApprovalStep.approval == approval.id) & (ApprovalStep.position == approval.current)
    )


def _standing(
    approval: Approval, step: ApprovalStep, actor: Actor, at: datetime, on_behalf_of: int | None
) -> rules.Standing:
    """In which role the person decides, by the title that the person has in this very moment."""
    if approval.requester_id in (actor.user_id, on_behalf_of):
        raise refusals.own(approval, step, at)
    decided = list(Decision.select().where(Decision.step == step.id))
    if any(each.user_id == actor.user_id for each in decided):
        raise refusals.decided(approval, step, at)
    present = people_service.actor_of(people.user(actor.user_id), at)
    asked, plain = queries.question(approval, at), queries.plain_step(step)
    if present.title != actor.title and not present.roles & set(plain.roles):
        raise refusals.title_changed(approval, step, present, at)
    present.must(rules.permission(approval.action))
    papers = people.deputations_at(actor.user_id, at)
    found = queries.standing_in(asked, step, present, papers, decided, on_behalf_of=on_behalf_of)
    if found is None:
        raise refusals.not_yours(approval, step, asked, present, at)
    return found


def _move_on(approval: Approval, step: ApprovalStep, verdict: str, at: datetime) -> None:
    if verdict == "refused":
        _close_step(step, "refused")
        APPROVAL.fire(approval, "refuse", closed_at=at)
        return
    agreed = [each.role for each in Decision.select().where(Decision.step == step.id)]
    if not rules.is_complete(queries.plain_step(step), agreed):
        return
    _close_step(step, "granted")
    later = (ApprovalStep.approval == approval.id) & (ApprovalStep.position > step.position)
    following = ApprovalStep.select().where(later).order_by(ApprovalStep.position).first()
    if following is None:
        APPROVAL.fire(approval, "grant", closed_at=at)
        return
    approval.current, approval.since, approval.told = following.position, at, 0
    moved = {"current": following.position, "since": at, "told": 0}
    Approval.update(moved).where(Approval.id == approval.id).execute()
    telling.settled(approval, at)
    found = queries.candidates(queries.question(approval, at), queries.plain_step(following))
    telling.waits(approval, found, at)


def _close_step(step: ApprovalStep, state: str) -> None:
    step.state = state
    ApprovalStep.update(state=state).where(ApprovalStep.id == step.id).execute()


__all__ = [
    "AFTER", "Choice", "Decided", "decide", "decide_many", "expire", "nobody", "open_approval", "withdraw",
]  # fmt: skip
