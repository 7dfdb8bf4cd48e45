"""Pure judgements about chains: who stands where, when a step is complete, what an approval covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

VERDICTS = ("granted", "refused")
# The permission that deciding takes, by action; the rule book's chain says who of its holders may.
PERMISSIONS: Mapping[str, str] = {"unbind": "volume.decide"}


class StepLike(Protocol):
    """What of a step matters here: a policy.ChainStep has it, and `Asked` for a stored step."""

    @property
    def roles(self) -> tuple[str, ...]: ...
    @property
    def mode(self) -> str: ...
    @property
    def own_department(self) -> bool: ...


@dataclass(frozen=True)
class Asked:
    """A stored step as plain values."""

    roles: tuple[str, ...]
    mode: str
    own_department: bool = False


@dataclass(frozen=True)
class Standing:
    """In which role a person decides a step, and for whom (user id) by which deputation."""

    role: str
    on_behalf_of: int | None = None
    deputation: int | None = None


def permission(action: str) -> str:
    """The permission that deciding about ``action`` takes."""
    return PERMISSIONS.get(action, "loan.decide")


def role_in(step: StepLike, roles: Iterable[str], taken: Iterable[str] = ()) -> str:
    """The first role of the step that is held and, in an all-of step, not yet spoken for; else empty."""
    held, gone = frozenset(roles), frozenset(taken) if step.mode == "all" else frozenset()
    return next((role for role in step.roles if role in held and role not in gone), "")


def in_department(step: StepLike, department: int | None, asked_from: int | None) -> bool:
    """Whether a decider of ``department`` may decide a question asked from ``asked_from``."""
    return not step.own_department or (department is not None and department == asked_from)


def is_complete(step: StepLike, decided: Iterable[str]) -> bool:
    """Whether the roles that have agreed complete the step (any of / all of)."""
    agreed = frozenset(decided)
    if step.mode == "all":
        return agreed >= frozenset(step.roles)
    return bool(agreed & frozenset(step.roles))


def covers(agreed: Iterable[str], chain: Sequence[StepLike]) -> bool:
    """Whether the roles that have agreed satisfy every step that a chain asks for now.

    Used at hand-over: an approval given under milder rules does not cover a stricter chain (SEC-04).
    """
    roles = frozenset(agreed)
    return all(is_complete(step, roles) for step in chain)
