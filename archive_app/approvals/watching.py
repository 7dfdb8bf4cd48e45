"""What the clock does for approvals: remind, tell others, let expire, and report a step that fell vacant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from archive_app.approvals import queries, service, telling
from archive_app.approvals.finding import Candidate, Known
from archive_app.approvals.models import Approval, ApprovalStep, Decision
from archive_app.approvals.rules import STAGES, stage
from archive_app.core.work import work
from archive_app.people import rulebook
from archive_app.people.actor import system


def watch(at: datetime) -> int:
    """Look after every open approval; return for how many something was done. Safe to run twice."""
    known, waiting = Known(rulebook.current(at).book, at), queries.open_steps()
    said = queries.said_in([step for _row, steps in waiting for step in steps])
    return sum(_look_after(row, steps, said, known, at) for row, steps in waiting)


def _look_after(
    row: Approval, steps: list[ApprovalStep], said: Mapping[int, list[Decision]], known: Known, at: datetime
) -> bool:
    asked = queries.question(row, at, known)
    each = [queries.left(asked, queries.plain_step(step), said[step.id]) for step in steps]
    missing = tuple(dict.fromkeys(name for _found, names in each for name in names))
    changed = _vacancy(row, missing, at)
    return _waiting(row, each[0][0], known, at) or changed


def _vacancy(row: Approval, missing: tuple[str, ...], at: datetime) -> bool:
    """Report a step, the current or a later one, that nobody can decide any more: once each time."""
    if bool(missing) == (row.vacant_since is not None):
        return False
    with work(system(), at) as w:
        as_read = Approval.vacant_since.is_null(bool(missing)) & (Approval.state == "open")
        since = at if missing else None
        if not Approval.update(vacant_since=since).where((Approval.id == row.id) & as_read).execute():
            return False  # decided, or reported by another worker, since it was read
        w.note("approval.vacant" if missing else "approval.filled", row, roles=list(missing))
        if missing:
            telling.vacant(row, missing, at)
    return True


def _waiting(row: Approval, found: list[Candidate], known: Known, at: datetime) -> bool:
    """Take the step one stage on for each length of the rule book's [waiting] that is over."""
    waiting = known.book.lending.waiting
    if waiting is None:
        return False
    reached = stage(waiting, known.book.week, row.since or row.asked_at, at)
    if reached <= row.told:
        return False
    with work(system(), at) as w:
        still = (Approval.id == row.id) & (Approval.state == "open") & (Approval.told == row.told)
        if not Approval.update(told=reached).where(still).execute():
            return False  # decided, or told by another worker, since it was read
        w.note("approval.waiting", row, stage=STAGES[reached], clause=waiting.rule.clause)
        if STAGES[reached] == "expired":
            service.expire(row.id, at=at)
            return True
        if row.told == 0:
            telling.reminded(row, found, at)
        if STAGES[reached] == "escalated":
            telling.escalated(row, found, waiting.escalate_to, known, waiting.rule.clause, at)
    return True
