"""Chains of approval and deputies: the first row of the table that fits decides (SEC-01 … SEC-05)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive_app.policy.facts import ChainFacts
from archive_app.policy.parts import Chain, ChainStep, Rule

if TYPE_CHECKING:
    from archive_app.policy.book import RuleBook


def chain_for(book: RuleBook, roles: frozenset[str], level: str, action: str, tier: str) -> ChainFacts:
    """Return the chain of the first row that fits. Raises KeyError: no row fits (the loader forbids that)."""
    row = next((each for each in book.chains if fits(each, roles, level, action, tier)), None)
    if row is None:
        raise KeyError((action, level))
    done = tuple(step for step in row.steps if _done_by_applying(step, roles))
    left = tuple(step for step in row.steps if step not in done)
    return ChainFacts(left, done, row.never, row.rule)


def fits(row: Chain, roles: frozenset[str], level: str, action: str, tier: str) -> bool:
    """Tell whether a row speaks about this case; an empty column speaks about everything."""
    return (
        action in row.actions
        and (not row.levels or level in row.levels)
        and (not row.tiers or tier in row.tiers)
        and (not row.borrowers or not roles.isdisjoint(row.borrowers))
    )


def _done_by_applying(step: ChainStep, roles: frozenset[str]) -> bool:
    if not step.by_application:
        return False
    return roles.issuperset(step.roles) if step.mode == "all" else not roles.isdisjoint(step.roles)


def stand_in_rule(
    book: RuleBook, principal_roles: frozenset[str], deputy_roles: frozenset[str], action: str
) -> Rule | None:
    """Return the rule of the first row that lets the deputy decide about ``action`` for the principal."""
    for row in book.stand_ins:
        if row.principal in principal_roles and action in row.actions and row.deputies & deputy_roles:
            return row.rule
    return None
