"""Read-only selects about approvals: who can decide a step, what waits for whom, the chain as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive_app.approvals.finding import Candidate, Known, Question, candidates, standing, vacancies
from archive_app.approvals.models import Approval, ApprovalStep, Decision
from archive_app.approvals.rules import DECIDING, Asked, Standing, StepLike, permission, rest_of
from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import Deputation, User
from archive_app.policy import ChainStep, RuleBook


@dataclass(frozen=True)
class StepView:
    """A step for screens and slips: who decides or has decided, and what is still missing.

    ``state``: waiting, current, granted, refused, applied. ``vacant`` holds role names nobody fills.
    """

    position: int
    mode: str
    verb: str
    state: str
    role_names: tuple[str, ...]
    clause: str
    rule: str
    candidates: tuple[Candidate, ...] = ()
    decisions: tuple[Decision, ...] = ()
    vacant: tuple[str, ...] = ()


def approval_for(approval_id: int) -> Approval:
    """The approval with its requester. Raises NotFound."""
    query = Approval.select(Approval, User).join(User, on=Approval.requester)
    row = query.where(Approval.id == approval_id).first()
    if row is None:
        raise NotFound(_("没有这份申请。"))
    return row


def steps_of(approval: Approval) -> list[ApprovalStep]:
    """The steps in order."""
    return _steps_of([approval.id])


def _steps_of(approval_ids: Sequence[int]) -> list[ApprovalStep]:
    rows = ApprovalStep.select().where(ApprovalStep.approval.in_(list(approval_ids)))
    return list(rows.order_by(ApprovalStep.approval, ApprovalStep.position))


def decisions_of(approval: Approval) -> list[Decision]:
    """All decisions with people, in the order of the chain."""
    return _decisions_of([approval.id])


def _decisions_of(approval_ids: Sequence[int]) -> list[Decision]:
    principal = User.alias()
    return list(
        Decision.select(Decision, ApprovalStep, User, principal, Deputation)
        .join(ApprovalStep)
        .switch(Decision)
        .join(User, on=Decision.user)
        .switch(Decision)
        .left_outer_join(principal, on=(Decision.on_behalf_of == principal.id), attr="on_behalf_of")
        .switch(Decision)
        .left_outer_join(Deputation)
        .where(ApprovalStep.approval.in_(list(approval_ids)))
        .order_by(ApprovalStep.position, Decision.id)
    )


def agreed_roles(approval: Approval) -> set[str]:
    """The roles in which the chain has agreed so far, the application itself included."""
    said = (ApprovalStep.approval == approval.id) & (Decision.verdict == "granted")
    agreed = {each.role for each in Decision.select(Decision.role).join(ApprovalStep).where(said)}
    for step in steps_of(approval):
        if step.state == "applied":
            agreed |= set(step.roles.split())
    return agreed


def plain_step(step: ApprovalStep) -> Asked:
    """A stored step as the plain values that rules take."""
    return Asked(
        tuple(step.roles.split()), step.mode, step.own_department, step.folder_department, step.in_charge,
        step.customer_manager,
    )  # fmt: skip


def question(approval: Approval, at: datetime, known: Known | None = None) -> Question:
    """A stored approval as the question it puts."""
    known = known or Known(rulebook.current(at).book, at)
    return Question(
        known.book, approval.action, approval.requester_id, approval.department_id, at, approval.manager,
        approval.made_in, known,
    )  # fmt: skip


def proposed_chain(asked: Question, steps: Sequence[ChainStep]) -> tuple[StepView, ...]:
    """The chain by name as it would be if asked now; nothing is stored."""
    views = []
    for position, step in enumerate(steps, start=1):
        found = candidates(asked, step)
        views.append(
            StepView(
                position, step.mode, step.verb, "waiting", _names(asked.book, step), step.rule.clause,
                step.rule.text, tuple(found), (), vacancies(asked.book, step, found),
            )
        )  # fmt: skip
    return tuple(views)


def _names(book: RuleBook, step: StepLike) -> tuple[str, ...]:
    return tuple(book.role_name(role) for role in step.roles)


def chain_view(approval: Approval, at: datetime) -> tuple[StepView, ...]:
    """The chain as it stands: decided steps with both names, the open ones with who can decide."""
    return chain_views([approval], at)[approval.id]


def chain_views(approvals: Sequence[Approval], at: datetime) -> dict[int, tuple[StepView, ...]]:
    """The chains of several approvals as they stand, by id, in the queries of one."""
    known, ids = Known(rulebook.current(at).book, at), [each.id for each in approvals]
    steps, decided = _steps_of(ids), _decisions_of(ids)
    return {
        each.id: tuple(
            _step_view(question(each, at, known), each, step, [d for d in decided if d.step_id == step.id])
            for step in steps
            if step.approval_id == each.id
        )
        for each in approvals
    }


def _step_view(asked: Question, approval: Approval, step: ApprovalStep, decided: list[Decision]) -> StepView:
    plain, state = plain_step(step), step.state
    found: list[Candidate] = []
    vacant: tuple[str, ...] = ()
    if approval.state == "open" and step.state == "waiting":
        found, vacant = left(asked, plain, decided)
        state = "current" if step.position == approval.current else "waiting"
    return StepView(
        step.position, step.mode, step.verb, state, _names(asked.book, plain), step.clause,
        step.rule, tuple(found), tuple(decided), vacant,
    )  # fmt: skip


def left(
    asked: Question, step: Asked, decided: Sequence[Decision]
) -> tuple[list[Candidate], tuple[str, ...]]:
    """Who can still decide of a step what is left of it, and the names of the roles that nobody fills."""
    rest, spoken = rest_of(step, [each.role for each in decided]), {each.user_id for each in decided}
    found = [each for each in candidates(asked, rest) if each.user.id not in spoken]
    return found, vacancies(asked.book, rest, found)


def waiting_for(actor: Actor, at: datetime, basket: int | None = None) -> list[Approval]:
    """Open approvals whose current step this person can decide now, oldest first.

    Each row carries its ``step`` and the person's ``standing`` in it. ``basket`` narrows to what was asked
    for together.
    """
    known = Known(rulebook.current(at, actor.unit_id).book, at)
    papers = people.deputations_at(actor.user_id, at)
    condition = Approval.requester != actor.user_id
    if basket is not None:
        condition &= Approval.basket == basket
    rows = [row for row in _current_rows(condition) if actor.can(permission(row.action))]
    said = said_in([row.step for row in rows])
    for row in rows:
        row.standing = standing_in(question(row, at, known), row.step, actor, papers, said[row.step.id])
    return [row for row in rows if row.standing]


def standing_in(
    asked: Question, step: ApprovalStep, actor: Actor, papers: Sequence[Deputation],
    decided: Sequence[Decision], *, on_behalf_of: int | None = None,
) -> Standing | None:  # fmt: skip
    """In which role the person may decide what is left of a stored step, or None."""
    rest, spoken = rest_of(plain_step(step), [each.role for each in decided]), [d.user_id for d in decided]
    return standing(asked, rest, actor, papers, on_behalf_of=on_behalf_of, spoken=spoken)


def waits_for(approval_ids: Sequence[int], at: datetime) -> dict[int, list[Candidate]]:
    """Who can decide each open approval now; equal steps are looked up once."""
    known = Known(rulebook.current(at).book, at)
    rows = list(_current_rows(Approval.id.in_(list(approval_ids))))
    said = said_in([row.step for row in rows])
    return {
        row.id: left(question(row, at, known), plain_step(row.step), said[row.step.id])[0] for row in rows
    }


def said_in(steps: Sequence[ApprovalStep]) -> dict[int, list[Decision]]:
    """What was decided so far, by step; only where several speak can there be anything while it waits."""
    found: dict[int, list[Decision]] = {step.id: [] for step in steps}
    several = [step.id for step in steps if step.mode == "all"]
    for row in Decision.select().where(Decision.step.in_(several)) if several else ():
        found[row.step_id].append(row)
    return found


def open_steps() -> list[tuple[Approval, list[ApprovalStep]]]:
    """Every open approval, oldest first, with its steps that wait, the current one first."""
    waiting = (
        ApprovalStep.select()
        .join(Approval)
        .where((Approval.state == "open") & (ApprovalStep.state == "waiting"))
    )
    steps: dict[int, list[ApprovalStep]] = {}
    for step in waiting.order_by(ApprovalStep.position):
        steps.setdefault(step.approval_id, []).append(step)
    return [(row, steps[row.id]) for row in _current_rows(Approval.id > 0) if row.id in steps]


def _current_rows(condition: Any) -> Any:
    """Open approvals with asker and current step in one query, oldest first."""
    current = (ApprovalStep.approval == Approval.id) & (ApprovalStep.position == Approval.current)
    return (
        Approval.select(Approval, User, ApprovalStep)
        .join(User, on=Approval.requester)
        .switch(Approval)
        .join(ApprovalStep, on=current, attr="step")
        .where((Approval.state == "open") & condition)
        .order_by(Approval.asked_at, Approval.id)
    )


def count_waiting(actor: Actor, at: datetime) -> int:
    """How many decisions wait for this person; 0 for who may not decide."""
    may = any(actor.can(each) for each in DECIDING)
    return len(waiting_for(actor, at)) if may else 0


def decided_by(user_id: int, limit: int = 10) -> list[Decision]:
    """What a person decided last, with the approvals and their askers."""
    return list(
        Decision.select(Decision, ApprovalStep, Approval, User)
        .join(ApprovalStep)
        .join(Approval)
        .join(User, on=Approval.requester)
        .where(Decision.user == user_id)
        .order_by(Decision.id.desc())
        .limit(limit)
    )


def took_part(actor: Actor, approval: Approval) -> bool:
    """Whether the person asked, or has decided a step of it."""
    mine = (ApprovalStep.approval == approval.id) & (Decision.user == actor.user_id)
    decided = Decision.select().join(ApprovalStep).where(mine)
    return approval.requester_id == actor.user_id or decided.exists()


def of_basket(basket: int) -> list[Approval]:
    """All that was asked for together, with the asker, in the order of asking."""
    rows = Approval.select(Approval, User).join(User, on=Approval.requester)
    return list(rows.where(Approval.basket == basket).order_by(Approval.id))


__all__ = [
    "Candidate", "Known", "Question", "StepView", "agreed_roles", "approval_for", "candidates", "chain_view",
    "chain_views", "count_waiting", "decided_by", "decisions_of", "left", "of_basket", "open_steps",
    "plain_step", "proposed_chain", "question", "said_in", "standing_in", "steps_of", "took_part",
    "vacancies", "waiting_for", "waits_for",
]  # fmt: skip
