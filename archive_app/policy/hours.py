"""Opening hours on the office wall clock: pure functions of a week and a moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from archive_app.core import clock
from archive_app.policy.parts import Span, Week

HORIZON = timedelta(days=731)


def spans(week: Week, day: date) -> tuple[Span, ...]:
    """Return the opening hours of a day: make-up workday, else closed day, else weekday."""
    if day in week.workdays:
        return week.workdays[day]
    return () if day in week.closed else week.days[day.weekday()]


def instants(week: Week, day: date) -> list[tuple[datetime, datetime]]:
    """Return the opening hours of a day as UTC moments (from, until)."""
    return [(_utc(day, span.opens), _utc(day, span.closes)) for span in spans(week, day)]


def is_open(week: Week, at: datetime) -> bool:
    """Tell whether the room is open; the closing moment itself is closed."""
    return any(opens <= at < closes for opens, closes in instants(week, clock.local_date(at)))


def closing(week: Week, at: datetime) -> datetime | None:
    """Return the last closing of the day of ``at`` if that is still to come."""
    today = instants(week, clock.local_date(at))
    return today[-1][1] if today and at < today[-1][1] else None


def opens_next(week: Week, at: datetime) -> datetime | None:
    """Return the first opening after ``at``."""
    return next((opens for opens, _closes in following(week, at) if opens > at), None)


def following(week: Week, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the opening hours of today and the days after, up to the horizon."""
    day = clock.local_date(at)
    for offset in range(HORIZON.days):
        yield from instants(week, day + timedelta(days=offset))


def after_open_time(week: Week, at: datetime, length: timedelta) -> datetime | None:
    """Return the moment when the room will have been open for ``length`` since ``at``."""
    left = length
    for opens, closes in following(week, at):
        start = max(opens, at)
        if start >= closes:
            continue
        if closes - start >= left:
            return start + left
        left -= closes - start
    return None


def last_closing_by(week: Week, at: datetime, limit: datetime) -> datetime | None:
    """Return the last daily closing after ``at`` and not after ``limit``."""
    found = None
    day = clock.local_date(at)
    while day <= clock.local_date(limit):
        today = instants(week, day)
        if today and at < today[-1][1] <= limit:
            found = today[-1][1]
        day += timedelta(days=1)
    return found


def closing_of_opening_day(week: Week, at: datetime, number: int) -> datetime | None:
    """Return the closing of the ``number``-th opening day after the day of ``at``."""
    day, last = clock.local_date(at), clock.local_date(at) + HORIZON
    while day < last:
        day += timedelta(days=1)
        if today := instants(week, day):
            number -= 1
            if number <= 0:
                return today[-1][1]
    return None


def _utc(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=clock.LOCAL).astimezone(UTC)
