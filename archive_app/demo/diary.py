"""A diary of things that happen at given moments, lived through in their order."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import count

from archive_app.core import clock
from archive_app.policy import RuleBook

Act = Callable[[datetime], object]


class Diary:
    """Acts by moment; an act may write further entries, but nothing happens after ``now``."""

    def __init__(self, book: RuleBook, now: datetime) -> None:
        self.book, self.now = book, now
        self._entries: list[tuple[datetime, int, Act]] = []
        self._order = count()

    def note(self, moment: datetime, act: Act) -> None:
        """Write that ``act`` happens at ``moment`` (at ``now`` at the latest)."""
        heapq.heappush(self._entries, (min(moment, self.now), next(self._order), act))

    def live(self) -> None:
        """Do everything in the order of time."""
        while self._entries:
            moment, _order, act = heapq.heappop(self._entries)
            act(moment)

    def in_hours(self, moment: datetime, late: timedelta = timedelta(minutes=25)) -> datetime:
        """The moment itself in opening hours, else ``late`` after the next opening."""
        if self.book.is_open(moment):
            return moment
        opens = self.book.opens_next(moment)
        assert opens is not None
        return opens + late

    def day(self, back: int, hour: int, minute: int = 0) -> datetime:
        """A moment on the ``back``-th opening day before today."""
        days = self.opening_days(back)
        return self.on(days[-1], hour, minute)

    def opening_days(self, many: int) -> list[date]:
        """The last opening days before today, newest first."""
        found: list[date] = []
        day = clock.local_date(self.now)
        while len(found) < many:
            day -= timedelta(days=1)
            if self.book.is_open(self.on(day, 12)):
                found.append(day)
        return found

    @staticmethod
    def on(day: date, hour: int, minute: int = 0) -> datetime:
        """A moment of a day on the office wall clock."""
        return datetime.combine(day, time(hour, minute), tzinfo=clock.LOCAL)
