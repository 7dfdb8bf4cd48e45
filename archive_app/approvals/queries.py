"""Read-only selects about approvals: who can decide a step, what waits for whom, the chain as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive_app.approvals.models import Approval, ApprovalStep, Decision
from archive_app.approvals.rules import Asked, Standing, StepLike, in_department, role_in
from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import Deputation, User
from archive_app.policy import ChainStep, RuleBook


@dataclass(frozen=True)
class Candidate:
    """A person who can decide a step; ``principal`` is whom a deputy stands in for."""

    user: User
    role: str
    role_name: str
    principal: User | None = None
    deputation: Deputation | None = None

    @property
    def words(self) -> str:
        """Role as the chain shows it: 总经理办公室主任, or 代总经理 for a deputy."""
        return _("代%(role)s", role=self.role_name) if self.principal else self.role_name


@dataclass(frozen=True)
class Question:
    """What is asked, by whom (user id) and from which department, under which rule book, when."""

    book: RuleBook
    action: str
    requester: int
    department: int | None
    at: datetime


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
    return list(
        ApprovalStep.select().where(ApprovalStep.approval == approval.id).order_by(ApprovalStep.position)
    )


def decisions_of(approval: Approval) -> list[Decision]:
    """All decisions with people, in the order of the chain."""
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
        .where(ApprovalStep.approval == approval.id)
        .order_by(ApprovalStep.position, Decision.id)
    )


def agreed_roles(approval: Approval) -> set[str]:
    """The roles in which the chain has agreed so far, the application itself included."""
    agreed = {d.role for d in decisions_of(approval) if d.verdict == "granted"}
    for step in steps_of(approval):
        if step.state == "applied":
            agreed |= set(step.roles.split())
    return agreed


def plain_step(step: ApprovalStep) -> Asked:
    """A stored step as the plain values that rules take."""
    return Asked(tuple(step.roles.split()), step.mode, step.own_department)


def question(approval: Approval, at: datetime) -> Question:
    """A stored approval as the question it puts."""
    book = rulebook.current(at).book
    return Question(book, approval.action, approval.requester_id, approval.department_id, at)


def candidates(asked: Question, step: StepLike) -> list[Candidate]:
    """Everyone who can decide the step at this moment: holders of its roles first, then their deputies.

    Nobody decides his own request, not even through a deputy (SEC-03, SEC-05).
    """
    if step.own_department and asked.department is None:
        return []
    scope = asked.department if step.own_department else None
    held = [
        Candidate(user, role, asked.book.role_name(role))
        for role in step.roles
        for user in people.users_in_role(role, asked.at, scope)
        if user.id != asked.requester
    ]
    return held + [deputy for each in held for deputy in _deputies(asked, each)]


def _deputies(asked: Question, held: Candidate) -> list[Candidate]:
    return [
        Candidate(paper.deputy, held.role, held.role_name, held.user, paper)
        for paper in people.deputies_of(held.user.id, asked.at)
        if paper.deputy_id != asked.requester
        and asked.action in paper.actions.split()
        and asked.book.may_stand_in([held.role], asked.book.roles_of(paper.deputy.title), asked.action)
    ]


def vacancies(book: RuleBook, step: StepLike, found: Sequence[Candidate]) -> tuple[str, ...]:
    """Names of the roles that keep the step from being completed because nobody fills them."""
    filled = {each.role for each in found}
    missing = tuple(role for role in step.roles if role not in filled)
    if step.mode == "any" and filled:
        return ()
    return tuple(book.role_name(role) for role in missing)


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
    asked, decided = question(approval, at), decisions_of(approval)
    return tuple(
        _step_view(asked, approval, step, [d for d in decided if d.step_id == step.id])
        for step in steps_of(approval)
    )


def _step_view(asked: Question, approval: Approval, step: ApprovalStep, decided: list[Decision]) -> StepView:
    plain, state = plain_step(step), step.state
    found: list[Candidate] = []
    vacant: tuple[str, ...] = ()
    if approval.state == "open" and step.state == "waiting":
        done = {d.user_id for d in decided}
        found = [each for each in candidates(asked, plain) if each.user.id not in done]
        vacant = _still_vacant(asked.book, plain, found, decided)
        state = "current" if step.position == approval.current else "waiting"
    return StepView(
        step.position, step.mode, step.verb, state, _names(asked.book, plain), step.clause,
        step.rule, tuple(found), tuple(decided), vacant,
    )  # fmt: skip


def _still_vacant(
    book: RuleBook, step: Asked, found: list[Candidate], decided: list[Decision]
) -> tuple[str, ...]:
    agreed = {d.role for d in decided}
    rest = Asked(tuple(role for role in step.roles if role not in agreed), step.mode, step.own_department)
    return vacancies(book, rest, found)


def standing(
    asked: Question,
    step: StepLike,
    actor: Actor,
    papers: Sequence[Deputation],
    *,
    on_behalf_of: int | None = None,
    taken: Sequence[str] = (),
) -> Standing | None:
    """In which role the person may decide this step: own role first, then by a 委托书; None if in none.

    ``papers`` are the deputations the person holds now.
    """
    if actor.user_id == asked.requester:
        return None
    if on_behalf_of is None and in_department(step, actor.department_id, asked.department):
        role = role_in(step, actor.roles, taken)
        if role:
            return Standing(role)
    wanted = [paper for paper in papers if on_behalf_of in (None, paper.principal_id)]
    found = (_by_paper(asked, step, actor, paper, taken) for paper in wanted)
    return next((each for each in found if each), None)


def _by_paper(
    asked: Question, step: StepLike, actor: Actor, paper: Deputation, taken: Sequence[str]
) -> Standing | None:
    """The standing that a 委托书 gives: its actions, the principal's role and the rule book must agree."""
    principal = paper.principal
    role = role_in(step, asked.book.roles_of(principal.title), taken)
    counts = (
        role
        and principal.id != asked.requester
        and asked.action in paper.actions.split()
        and in_department(step, principal.department_id, asked.department)
        and asked.book.may_stand_in([role], actor.roles, asked.action)
    )
    return Standing(role, principal.id, paper.id) if counts else None


def waiting_for(actor: Actor, at: datetime) -> list[Approval]:
    """Open approvals whose current step this person can decide now, oldest first.

    Each row carries its ``step`` and the person's ``standing`` in it.
    """
    book = rulebook.current(at, actor.unit_id).book
    papers = people.deputations_at(actor.user_id, at)
    rows = list(_current_rows(Approval.requester != actor.user_id))
    done = _decided_steps(actor.user_id, [row.step.id for row in rows])
    for row in rows:
        asked = Question(book, row.action, row.requester_id, row.department_id, at)
        row.standing = standing(asked, plain_step(row.step), actor, papers)
    return [row for row in rows if row.standing and row.step.id not in done]


def waits_for(approval_ids: Sequence[int], at: datetime) -> dict[int, list[Candidate]]:
    """Who can decide each open approval now; equal steps are looked up once."""
    book = rulebook.current(at).book
    known: dict[object, list[Candidate]] = {}
    found = {}
    for row in _current_rows(Approval.id.in_(list(approval_ids))):
        step = plain_step(row.step)
        asked = Question(book, row.action, row.requester_id, row.department_id, at)
        key = (step, asked.action, asked.requester, asked.department)
        if key not in known:
            known[key] = candidates(asked, step)
        found[row.id] = known[key]
    return found


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
    may = actor.can("loan.decide") or actor.can("volume.decide")
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


def _decided_steps(user_id: int, step_ids: list[int]) -> set[int]:
    query = Decision.select().where((Decision.user == user_id) & Decision.step.in_(step_ids))
    return {each.step_id for each in query}
