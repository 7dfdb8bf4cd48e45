"""What the clock does for approvals: remind, tell others, let expire, and report a step that fell vacant."""

from __future__ import annotations

from datetime import datetime

from archive_app.approvals import queries, service, telling
from archive_app.approvals.finding import Candidate, Known, candidates, vacancies
from archive_app.approvals.models import Approval, Decision
from archive_app.approvals.rules import STAGES, stage
from archive_app.core.work import work
from archive_app.people import rulebook
from archive_app.people.actor import system


def watch(at: datetime) -> int:
    """Look after every open approval; return for how many something was done. Safe to run twice."""
    known = Known(rulebook.current(at).book, at)
    return sum(_look_after(row, known, at) for row in queries.open_rows())


def _look_after(row: Approval, known: Known, at: datetime) -> bool:
    asked, step = queries.question(row, at, known), queries.plain_step(row.step)
    found = candidates(asked, step)
    missing = vacancies(known.book, step, found)
    if missing and step.mode == "all":  # who has spoken already need not be there any more
        spoken = list(Decision.select().where(Decision.step == row.step.id))
        found = [each for each in found if each.user.id not in {one.user_id for one in spoken}]
        missing = queries.still_vacant(known.book, step, found, spoken)
    changed = _vacancy(row, missing, at)
    return _waiting(row, found, known, at) or changed


def _vacancy(row: Approval, missing: tuple[str, ...], at: datetime) -> bool:
    """Report a step that nobody can decide any more, once each time that it falls vacant."""
    if bool(missing) == (row.vacant_since is not None):
        return False
    with work(system(), at) as w:
        since = at if missing else None
        Approval.update(vacant_since=since).where(Approval.id == row.id).execute()
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
            telling.escalated(row, waiting.escalate_to, known, waiting.rule.clause, at)
    return True
