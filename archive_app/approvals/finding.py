"""Who can decide a step: holders of its roles in its circle, and their deputies; never the asker."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from archive_app.approvals.rules import (
    About,
    Asked,
    Standing,
    StepLike,
    in_circle,
    leaving,
    role_in,
    unfilled,
)
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people.actor import Actor
from archive_app.people.models import Deputation, User
from archive_app.policy import Rule, RuleBook


class Known:
    """Holders, deputations and officers in charge at one moment, each looked up once for many questions."""

    def __init__(self, book: RuleBook, at: datetime) -> None:
        self.book, self.at = book, at
        self._holders: dict[str, list[User]] = {}

    def holders(self, role: str) -> list[User]:
        """Active people who hold a role, oldest account first."""
        if role not in self._holders:
            self._holders[role] = people.users_in_role(role, self.at)
        return self._holders[role]

    def papers_of(self, principal_id: int) -> list[Deputation]:
        """The deputations a person has given, in force, with their deputies."""
        return self._papers.get(principal_id, [])

    def overseer_of(self, department_id: int | None) -> int | None:
        """Who is in charge of a department (分管), by user id."""
        return self._overseers.get(department_id) if department_id else None

    @cached_property
    def _papers(self) -> dict[int, list[Deputation]]:
        found: dict[int, list[Deputation]] = {}
        for paper in people.deputations_in_force(self.at):
            found.setdefault(paper.principal_id, []).append(paper)
        return found

    @cached_property
    def _overseers(self) -> dict[int, int]:
        return people.overseers()


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
    """What is asked, by whom (user id) and from which department, under which rule book, when.

    ``manager`` (user id) has the folder's customer, ``made_in`` (department id) made the folder. ``known``
    is shared by the questions of one list, so that their number costs no queries.
    """

    book: RuleBook
    action: str
    requester: int
    department: int | None
    at: datetime
    manager: int | None = None
    made_in: int | None = None
    known: Known | None = None

    @cached_property
    def facts(self) -> Known:
        """The shared lookups, or ones of its own."""
        return self.known or Known(self.book, self.at)

    def about(self, step: StepLike) -> About:
        """What narrows the deciders of a step; who is in charge is looked up only when that counts."""
        overseer = self.facts.overseer_of(self.department) if step.in_charge else None
        return About(self.department, self.made_in, overseer, self.manager)


def candidates(asked: Question, step: StepLike) -> list[Candidate]:
    """Everyone who can decide the step at this moment: holders of its roles first, then their deputies.

    Nobody decides his own request, not even through a deputy (SEC-03, SEC-05).
    """
    about = asked.about(step)
    held = [
        Candidate(user, role, asked.book.role_name(role))
        for role in step.roles
        for user in asked.facts.holders(role)
        if user.id != asked.requester and in_circle(step, about, user.id, user.department_id)
    ]
    return held + [deputy for each in held for deputy in _deputies(asked, each)]


def _deputies(asked: Question, held: Candidate) -> list[Candidate]:
    return [
        Candidate(paper.deputy, held.role, held.role_name, held.user, paper)
        for paper in asked.facts.papers_of(held.user.id)
        if paper.deputy_id != asked.requester
        and asked.action in paper.actions.split()
        and asked.book.may_stand_in([held.role], asked.book.roles_of(paper.deputy.title), asked.action)
    ]


def vacancies(book: RuleBook, step: StepLike, found: Sequence[Candidate]) -> tuple[str, ...]:
    """Names of the roles that keep the step from being completed because nobody fills them."""
    return tuple(book.role_name(role) for role in unfilled(step, _by_role(found)))


def _by_role(found: Sequence[Candidate]) -> dict[str, list[int]]:
    people: dict[str, list[int]] = {}
    for each in found:
        people.setdefault(each.role, []).append(each.user.id)
    return people


def standing(
    asked: Question,
    step: Asked,
    actor: Actor,
    papers: Sequence[Deputation],
    *,
    on_behalf_of: int | None = None,
    spoken: Collection[int] = (),
) -> Standing | None:
    """In which role the person may decide this step: own role first, then by a 委托书; None if in none.

    ``step`` is what of it is still to be decided, ``spoken`` (user ids) have had their say in it; ``papers``
    are the deputations the person holds now.
    """
    if actor.user_id == asked.requester or actor.user_id in spoken:
        return None
    if step.mode == "all":
        others = [each for each in candidates(asked, step) if each.user.id not in (actor.user_id, *spoken)]
        step = leaving(step, _by_role(others))
    if on_behalf_of is None and in_circle(step, asked.about(step), actor.user_id, actor.department_id):
        role = role_in(step, actor.roles)
        if role:
            return Standing(role)
    wanted = [paper for paper in papers if on_behalf_of in (None, paper.principal_id)]
    found = (_by_paper(asked, step, actor, paper) for paper in wanted)
    return next((each for each in found if each), None)


def _by_paper(asked: Question, step: StepLike, actor: Actor, paper: Deputation) -> Standing | None:
    """The standing that a 委托书 gives: its actions, the principal's role and the rule book must agree."""
    principal = paper.principal
    lent = [
        role
        for role in asked.book.roles_of(principal.title)
        if asked.book.may_stand_in([role], actor.roles, asked.action)
    ]
    role = role_in(step, lent)
    counts = (
        role
        and principal.id != asked.requester
        and asked.action in paper.actions.split()
        and in_circle(step, asked.about(step), principal.id, principal.department_id)
    )
    return Standing(role, principal.id, paper.id) if counts else None


def lapsed(
    asked: Question, step: StepLike, actor: Actor, papers: Sequence[Deputation]
) -> tuple[Deputation, Rule] | None:
    """The 委托书, no longer or not yet in force, by which this person could decide the step, and its rule."""
    for paper in papers:
        by = _by_paper(asked, step, actor, paper)
        rule = asked.book.stand_in_rule([by.role], actor.roles, asked.action) if by else None
        if rule is not None:
            return paper, rule
    return None
