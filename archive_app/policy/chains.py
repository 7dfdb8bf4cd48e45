"""Chains of approval and deputies: the first row of the table that fits decides (SEC-01 … SEC-05)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive_app.policy.facts import ChainFacts
from archive_app.policy.parts import Chain, ChainStep, Rule

if TYPE_CHECKING:
    from archive_app.policy.book import RuleBook


@dataclass(frozen=True)
class Case:
    """What the columns of the table of chains ask about."""

    roles: frozenset[str]
    level: str
    action: str
    tier: str = ""
    own_customer: bool = False
    kept_copy: bool = False
    own_department: bool = False


def chain_for(book: RuleBook, case: Case) -> ChainFacts:
    """Return the chain of the first row that fits. Raises KeyError: no row fits (the loader forbids that)."""
    row = next((each for each in book.chains if fits(each, case)), None)
    if row is None:
        raise KeyError((case.action, case.level))
    done = tuple(step for step in row.steps if _done_by_applying(step, case))
    left = tuple(step for step in row.steps if step not in done)
    return ChainFacts(left, done, row.never, row.rule)


def fits(row: Chain, case: Case) -> bool:
    """Tell whether a row speaks about this case; an empty column speaks about everything."""
    return (
        case.action in row.actions
        and (not row.levels or case.level in row.levels)
        and (not row.tiers or case.tier in row.tiers)
        and (not row.borrowers or not case.roles.isdisjoint(row.borrowers))
        and (not row.own_customer or case.own_customer)
        and (not row.kept_copy or case.kept_copy)
        and (not row.own_department or case.own_department)
    )


def _done_by_applying(step: ChainStep, case: Case) -> bool:
    """The asker could decide the step; who is in charge of whom is not known here, so that is never done."""
    if not step.by_application or step.in_charge:
        return False
    if (step.folder_department and not case.own_department) or (
        step.customer_manager and not case.own_customer
    ):
        return False
    held = case.roles.issuperset(step.roles)
    return held if step.mode == "all" else not case.roles.isdisjoint(step.roles)


def stand_in_rule(
    book: RuleBook, principal_roles: frozenset[str], deputy_roles: frozenset[str], action: str
) -> Rule | None:
    """Return the rule of the first row that lets the deputy decide about ``action`` for the principal."""
    for row in book.stand_ins:
        if row.principal in principal_roles and action in row.actions and row.deputies & deputy_roles:
            return row.rule
    return None
