"""When a folder must be back: the earliest of limit, closing time and the end of the borrower's authority.

The due time is never moved later: a limit that ends after closing is cut to closing, not carried over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.policy import hours, words
from archive_app.policy.facts import Due, Person
from archive_app.policy.parts import Limit, Rule, Use, Week

if TYPE_CHECKING:
    from archive_app.policy.book import RuleBook

REASONS = ("limit", "closing", "session", "authority")  # of equal times the first is named

ROOM = "reading_room"


def due_at(
    book: RuleBook,
    person: Person,
    level: str,
    action: str,
    at: datetime,
    session_ends: datetime | None = None,
) -> Due:
    """Return the due time of a folder handed over at ``at``; ``session_ends`` counts for the reading room.

    Raises Refused: <action>.<level> (the level does not allow it), <action>.closed, <action>.authority_ended,
    <action>.session_ended.
    """
    use = book.level(level).uses.get(action)
    if use is None:
        raise _never(book, level, action)
    closing = book.closing(at) if book.is_open(at) else None
    if closing is None:
        raise _closed(book, action, at)
    if ended(person, at):
        raise _authority_ended(book, action)
    ends = session_ends if use.where == ROOM else None
    if ends is not None and ends <= at:
        raise _session_ended(book, action)
    return _earliest(book, use, person, at.astimezone(UTC), closing, ends)


def prolonged(book: RuleBook, person: Person, level: str, action: str, due_now: datetime) -> Due:
    """Return the due time after one extension: as if handed over once more when the loan was due.

    Raises Refused: <action>.no_extension — not foreseen, or it would not gain a minute.
    """
    use = book.level(level).uses.get(action)
    if use is None:
        raise _never(book, level, action)
    if use.extension is None:
        raise _no_extension(action, use.rule)
    start = due_now.astimezone(UTC)
    again = replace(use, limit=use.extension.limit, rule=use.extension.rule)
    found = _earliest(book, again, person, start, book.closing(start) or start, None)
    if found.at <= start:
        raise _no_extension(action, found.rule)
    return found


def session_end(book: RuleBook, at: datetime) -> datetime | None:
    """Return when a session in the reading room that begins now ends: closing, or its longest time."""
    closing = book.closing(at) if book.is_open(at) else None
    longest = book.reading_room.session
    if closing is None or longest is None:
        return closing
    return min(closing, at.astimezone(UTC) + longest)


def expected(book: RuleBook, person: Person, level: str, action: str, at: datetime) -> Due | None:
    """Return the due time if handed over at ``at``, or at the next opening when closed; None if neither."""
    start = at if book.is_open(at) else book.opens_next(at)
    if start is None or ended(person, start) or action not in book.level(level).uses:
        return None
    return due_at(book, person, level, action, start)


def ended(person: Person, at: datetime) -> bool:
    """Tell whether the person's own authority is over."""
    return person.authority_ends is not None and person.authority_ends <= at


def _earliest(
    book: RuleBook, use: Use, person: Person, at: datetime, closing: datetime, session: datetime | None
) -> Due:
    times = {"limit": _limit(book.week, use.limit, at, closing)}
    if use.limit.days is None:
        times["closing"] = closing
    if session is not None:
        times["session"] = session.astimezone(UTC)
    if person.authority_ends is not None:
        times["authority"] = person.authority_ends.astimezone(UTC)
    return _due(book, use, times, at)


def _due(book: RuleBook, use: Use, times: Mapping[str, datetime], at: datetime) -> Due:
    reason = min(times, key=lambda name: (times[name], REASONS.index(name)))
    rule = {
        "limit": use.rule,
        "closing": book.closing_rule,
        "session": book.reading_room.rule,
        "authority": book.authority_rule,
    }[reason]
    return Due(times[reason], reason, rule, at, use.limit)


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


def _no_extension(action: str, rule: Rule) -> Refused:
    message = _("不能续借：这次借阅到期必须归还。没有改动任何记录。")
    step = _("请按时归还，需要时重新申请。")
    return Refused(f"{action}.no_extension", message, rule.text, rule.clause, "", step)


def _session_ended(book: RuleBook, action: str) -> Refused:
    rule = book.reading_room.rule
    message = _("%(cannot)s：这次阅览已经到时。", cannot=words.cannot(action))
    step = _("请先签退，再重新签到。")
    return Refused(f"{action}.session_ended", message, rule.text, rule.clause, "", step)


def _authority_ended(book: RuleBook, action: str) -> Refused:
    rule = book.authority_rule
    message = _("%(cannot)s：借阅人的权限已到期。", cannot=words.cannot(action))
    return Refused(
        f"{action}.authority_ended", message, rule.text, rule.clause, "", words.prolong_authority()
    )
