"""When a borrower is warned and who else is told: pure functions of the rule, the due time and the moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive_app.policy.lending_parts import Reminders

BORROWER = ""


@dataclass(frozen=True)
class Stage:
    """One occasion to speak of a loan: ``to`` is a role, or `BORROWER`; ``code`` says what it is."""

    at: datetime
    to: str
    code: str
    offset: timedelta

    def key(self, loan_id: int, due_at: datetime) -> str:
        """The name of the occasion; an extended loan has a new due time, so it has new occasions."""
        minutes = int(self.offset.total_seconds() // 60)
        return f"loan:{loan_id}:due:{due_at:%Y-%m-%dT%H:%M:%S}:{minutes:+d}:{self.to}".rstrip(":")


def stages(rule: Reminders, handed_at: datetime | None, due_at: datetime) -> list[Stage]:
    """All occasions of one due time, the earliest first; none before the folder was handed over.

    The borrower is told ``before``, and at most ``cap`` times ``after``; the roles of ``escalate`` later.
    """
    found = [_stage(due_at, -gap, BORROWER, "loan.due_soon") for gap in rule.before if gap]
    found += [
        _stage(due_at, gap, BORROWER, "loan.overdue" if gap else "loan.due")
        for gap in sorted(rule.after)[: rule.cap]
    ]
    found += [_stage(due_at, gap, role, "loan.escalated") for gap, roles in rule.escalate for role in roles]
    return sorted((each for each in found if handed_at is None or each.at > handed_at), key=_order)


def _stage(due_at: datetime, offset: timedelta, to: str, code: str) -> Stage:
    return Stage(due_at + offset, to, code, offset)


def _order(stage: Stage) -> tuple[datetime, str]:
    return stage.at, stage.to


def owed(found: Iterable[Stage], since: datetime | None, at: datetime) -> list[Stage]:
    """What is to be told at a moment, when everything up to ``since`` was told (None: nothing yet).

    Only the newest occasion for each addressee: a worker that stood still for days does not tell ten old
    ones. Never one before its time.
    """
    newest: dict[str, Stage] = {}
    for stage in found:
        if stage.at <= at and (since is None or stage.at >= since):
            newest[stage.to] = stage
    return sorted(newest.values(), key=_order)


def next_at(found: Iterable[Stage], at: datetime) -> datetime | None:
    """When there is something to tell again after this moment; None: never."""
    return next((stage.at for stage in found if stage.at > at), None)
