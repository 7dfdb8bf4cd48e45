"""Pure rules of reports: which days a period has, which months it touches, when the monthly list is due."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

PERIODS = ("all", "this_month", "last_month", "this_year", "last_year", "custom")
MONTHS_DRAWN = 24
"""So many months at most stand on one chart."""


def days_of(
    period: str, today: date, first: date | None, last: date | None
) -> tuple[date | None, date | None]:
    """First and last day (both included) of a period; None is open on that side."""
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    if period == "this_month":
        return month, today
    if period == "last_month":
        end = month - timedelta(days=1)
        return end.replace(day=1), end
    if period == "this_year":
        return year, today
    if period == "last_year":
        end = year - timedelta(days=1)
        return end.replace(month=1, day=1), end
    if period == "custom":
        return first, last
    return None, None


def month_of(day: date) -> str:
    """The month of a day, ``2026-11``."""
    return f"{day.year:04d}-{day.month:02d}"


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def months(first: date, last: date, most: int = MONTHS_DRAWN) -> list[tuple[date, date]]:
    """The newest months between two days, oldest first, each from its first day to the next one's."""
    edges = [first.replace(day=1)]
    while edges[-1] <= last:
        edges.append(next_month(edges[-1]))
    return list(pairwise(edges))[-most:]


def monthly_due(today: date, by_day: int) -> date:
    """The newest day on which the list of what is out was to be made: this month's or the one before."""
    this = today.replace(day=by_day)
    return this if today >= this else (today.replace(day=1) - timedelta(days=1)).replace(day=by_day)
