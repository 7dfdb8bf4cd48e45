"""When a folder must be back: the earliest of limit, closing time and the end of the borrower's authority.

The due time is never moved later: a limit that ends after closing is cut to closing, not carried over.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.policy import hours, words
from archive_app.policy.facts import Due, Person
from archive_app.policy.parts import Limit, Use, Week

if TYPE_CHECKING:
    from archive_app.policy.book import RuleBook

REASONS = ("limit", "closing", "authority")  # of equal times the first is named


def due_at(book: RuleBook, person: Person, level: str, action: str, at: datetime) -> Due:
    """Return the due time of a folder handed over at ``at``.

    Raises Refused: <action>.<level> (the level does not allow it), <action>.closed, <action>.authority_ended.
    """
    use = book.level(level).uses.get(action)
    if use is None:
        raise _never(book, level, action)
    closing = book.closing(at) if book.is_open(at) else None
    if closing is None:
        raise _closed(book, action, at)
    if ended(person, at):
        raise _authority_ended(book, action)
    return _earliest(book, use, person, at.astimezone(UTC), closing)


def expected(book: RuleBook, person: Person, level: str, action: str, at: datetime) -> Due | None:
    """Return the due time if handed over at ``at``, or at the next opening when closed; None if neither."""
    start = at if book.is_open(at) else book.opens_next(at)
    if start is None or ended(person, start) or action not in book.level(level).uses:
        return None
    return due_at(book, person, level, action, start)


def ended(person: Person, at: datetime) -> bool:
    """Tell whether the person's own authority is over."""
    return person.authority_ends is not None and person.authority_ends <= at


def _earliest(book: RuleBook, use: Use, person: Person, at: datetime, closing: datetime) -> Due:
    times = {"limit": _limit(book.week, use.limit, at, closing)}
    if use.limit.days is None:
        times["closing"] = closing
    if person.authority_ends is not None:
        times["authority"] = person.authority_ends.astimezone(UTC)
    reason = min(times, key=lambda name: (times[name], REASONS.index(name)))
    rule = {"limit": use.rule, "closing": book.closing_rule, "authority": book.authority_rule}[reason]
    return Due(
        times[reason], reason, words.due(use.limit, times[reason], reason, at), rule, at, use.limit.length
    )


def _limit(week: Week, limit: Limit, at: datetime, closing: datetime) -> datetime:
    """The end of the limit alone; a limit in days ends at a closing time, so that it can be kept."""
    if limit.hours is not None and limit.clock == "working":
        return hours.after_open_time(week, at, timedelta(hours=limit.hours)) or closing
    if limit.hours is not None:
        return at + timedelta(hours=limit.hours)
    if limit.days is not None and limit.clock == "working":
        return hours.closing_of_opening_day(week, at, limit.days) or closing
    if limit.days is not None:
        return hours.last_closing_by(week, at, at + timedelta(days=limit.days)) or closing
    return closing


def _never(book: RuleBook, level: str, action: str) -> Refused:
    found = book.level(level)
    rule = found.refused.get(action, found.rule)
    message = _("%(cannot)s：这是%(level)s级档案。", cannot=words.cannot(action), level=found.name)
    return Refused(f"{action}.{level}", message, rule.text, rule.clause, "", words.leave_out())


def _closed(book: RuleBook, action: str, at: datetime) -> Refused:
    opens, rule = book.opens_next(at), book.week.rule
    message = _("%(cannot)s：档案室现在不开放。", cannot=words.cannot(action))
    step = (
        _("下次开放：%(when)s。", when=words.moment(opens, at)) if opens else _("请先在制度中安排开放时间。")
    )
    return Refused(f"{action}.closed", message, rule.text, rule.clause, "", step)


def _authority_ended(book: RuleBook, action: str) -> Refused:
    rule = book.authority_rule
    message = _("%(cannot)s：借阅人的权限已到期。", cannot=words.cannot(action))
    return Refused(
        f"{action}.authority_ended", message, rule.text, rule.clause, "", words.prolong_authority()
    )
