"""Pure judgements about chains: who stands where, when a step is complete, what an approval covers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from archive_app.policy import hours
from archive_app.policy.lending_parts import Waiting
from archive_app.policy.parts import Week

VERDICTS = ("granted", "refused")
# The permission that deciding takes, by action; the rule book's chain says who of its holders may.
PERMISSIONS: Mapping[str, str] = {
    "unbind": "volume.decide",
    "incident": "incident.decide",
    "adopt": "policy.decide",
}
DECIDING = ("loan.decide", *PERMISSIONS.values())


# How far a step that nobody decides has come, in this order; `Approval.told` counts along it.
STAGES = ("asked", "reminded", "escalated", "expired")


class StepLike(Protocol):
    """What of a step matters here: a policy.ChainStep has it, and `Asked` for a stored step."""

    @property
    def roles(self) -> tuple[str, ...]: ...
    @property
    def mode(self) -> str: ...
    @property
    def own_department(self) -> bool: ...
    @property
    def folder_department(self) -> bool: ...
    @property
    def in_charge(self) -> bool: ...
    @property
    def customer_manager(self) -> bool: ...


@dataclass(frozen=True)
class Asked:
    """A stored step as plain values."""

    roles: tuple[str, ...]
    mode: str
    own_department: bool = False
    folder_department: bool = False
    in_charge: bool = False
    customer_manager: bool = False


@dataclass(frozen=True)
class About:
    """What narrows the deciders of a question: departments by id, people by user id."""

    department: int | None
    made_in: int | None = None
    overseer: int | None = None
    manager: int | None = None


@dataclass(frozen=True)
class Standing:
    """In which role a person decides a step, and for whom (user id) by which deputation."""

    role: str
    on_behalf_of: int | None = None
    deputation: int | None = None


def permission(action: str) -> str:
    """The permission that deciding about ``action`` takes."""
    return PERMISSIONS.get(action, "loan.decide")


def role_in(step: StepLike, roles: Iterable[str]) -> str:
    """The first role of the step that is held; else empty."""
    held = frozenset(roles)
    return next((role for role in step.roles if role in held), "")


def rest_of(step: Asked, agreed: Iterable[str]) -> Asked:
    """What of a step is still to be decided: of an all-of step, the roles that have not agreed yet."""
    return _without(step, frozenset(agreed)) if step.mode == "all" else step


def leaving(step: Asked, others: Mapping[str, Iterable[int]]) -> Asked:
    """The step with those roles first that one person may take and ``others`` can still fill the rest.

    Who holds two roles of an all-of step so does not speak for the one that somebody else could fill.
    """
    return replace(
        step, roles=tuple(sorted(step.roles, key=lambda role: len(unfilled(_without(step, {role}), others))))
    )


def _without(step: Asked, roles: Collection[str]) -> Asked:
    return replace(step, roles=tuple(role for role in step.roles if role not in roles))


def in_circle(step: StepLike, about: About, user_id: int, department: int | None) -> bool:
    """Whether a person of a department stands in the circle to which the step narrows its deciders.

    A department that nobody is in charge of, and a folder that no department made, narrow nothing; a
    customer that nobody is responsible for has nobody.
    """
    if step.own_department:
        return department is not None and department == about.department
    if step.folder_department:
        return about.made_in is None or department == about.made_in
    if step.in_charge:
        return about.overseer is None or user_id == about.overseer
    return not step.customer_manager or user_id == about.manager


def is_complete(step: StepLike, decided: Iterable[str]) -> bool:
    """Whether the roles that have agreed complete the step (any of / all of)."""
    agreed = frozenset(decided)
    if step.mode == "all":
        return agreed >= frozenset(step.roles)
    return bool(agreed & frozenset(step.roles))


def unfilled(step: StepLike, holders: Mapping[str, Iterable[int]]) -> tuple[str, ...]:
    """The roles that keep the step from being completed; in an all-of step each needs a person of its own."""
    if step.mode == "any":
        return () if any(holders.get(role) for role in step.roles) else tuple(step.roles)
    taken: dict[int, str] = {}

    def seat(role: str, seen: set[int]) -> bool:
        for person in holders.get(role, ()):
            if person not in seen:
                seen.add(person)
                if person not in taken or seat(taken[person], seen):
                    taken[person] = role
                    return True
        return False

    return tuple(role for role in step.roles if not seat(role, set()))


def covers(agreed: Iterable[str], chain: Sequence[StepLike]) -> bool:
    """Whether the roles that have agreed satisfy every step that a chain asks for now.

    Used at hand-over: an approval given under milder rules does not cover a stricter chain (SEC-04).
    """
    roles = frozenset(agreed)
    return all(is_complete(step, roles) for step in chain)


def stage(waiting: Waiting, week: Week, since: datetime, at: datetime) -> int:
    """How far a step that has waited since then has come, as an index of STAGES; opening time counts."""
    lengths = (waiting.remind, waiting.escalate, waiting.expire)
    reached = 0
    for number, length in enumerate(lengths, start=1):
        # The clock on the wall is never slower than the opening hours.
        if length is not None and at - since >= length:
            when = hours.after_open_time(week, since, length)
            reached = number if when is not None and when <= at else reached
    return reached
