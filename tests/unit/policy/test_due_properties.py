"""The clock over made-up calendars: due times, extensions and sessions against bounds counted by hand.

Nothing here asks the code under test what an opening hour or a limit is: weeks with breaks, closed days and
make-up days are unrolled into plain intervals of the office wall clock, and every bound is taken from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_app.core import clock
from archive_app.core.errors import Refused
from archive_app.policy import Due, Person, RuleBook
from archive_app.policy.lending_parts import Extension
from archive_app.policy.parts import Limit, ReadingRoom, Span, Use, Week
from tests.unit.policy.cases import BOOK, at
from tests.unit.policy.test_due_and_hours import HOURS

EXAMPLES = {"due": 4000, "monotone": 1500, "extension": 2500, "session": 1500, "year end": 800}
DAY, MICRO = timedelta(days=1), timedelta(microseconds=1)
ROOM = "reading_room"


@dataclass(frozen=True)
class World:
    """A made-up office around ``moment``; one seed is one world, which is cheap to draw."""

    seed: int
    week: Week
    moment: datetime
    chance: Random

    def __repr__(self) -> str:
        return f"world({self.seed})"


def world(seed: int) -> World:
    """A week with breaks, a closure of days, single holidays and make-up days, and a moment that matters."""
    chance = Random(seed)
    day = date(2025, 1, 1) + timedelta(days=chance.randrange(3 * 365))
    if chance.random() < 0.2:  # the turn of a year whose holidays nobody has entered yet
        day = date(chance.choice([2025, 2026, 2027]), 12, chance.randint(24, 31))
    near = [day + timedelta(days=offset) for offset in range(-3, 16)]
    closed = dict.fromkeys(chance.sample(near, chance.randrange(9)), "假日")
    if chance.random() < 0.3:
        closed.update(dict.fromkeys(near[4 : chance.randint(5, len(near))], "长假"))
    workdays = {each: chance.choice(HOURS) for each in chance.sample(near, chance.randrange(4))}
    days = tuple(chance.choice(HOURS) for _ in range(6))
    week = Week((*days, chance.choice(HOURS[1:])), closed, workdays, BOOK.week.rule)
    return World(seed, week, moment_of(week, day, chance), chance)


def moment_of(week: Week, day: date, chance: Random) -> datetime:
    """Any second of the day, or the very edge of opening, closing and midnight."""
    midnight = utc(day, time(0))
    edges = [midnight, midnight + DAY - MICRO]
    for opens, closes in intervals(week, day, 1):
        edges += [opens, opens - MICRO, closes, closes - MICRO, closes - timedelta(minutes=1)]
        edges += [opens + (closes - opens) * chance.random()] * 4
    return chance.choice([*edges, midnight + timedelta(seconds=chance.randrange(86400))])


# The calendar by hand


def utc(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, tzinfo=clock.LOCAL).astimezone(UTC)


def spans(week: Week, day: date) -> tuple[Span, ...]:
    if (made_up := week.workdays.get(day)) is not None:
        return made_up
    return () if day in week.closed else week.days[day.weekday()]


def intervals(week: Week, first: date, number: int) -> list[tuple[datetime, datetime]]:
    """When the office is open on so many days, as UTC moments."""
    days = (first + timedelta(days=offset) for offset in range(number))
    return [(utc(day, span.opens), utc(day, span.closes)) for day in days for span in spans(week, day)]


def local_day(moment: datetime) -> date:
    return moment.astimezone(clock.LOCAL).date()


def open_now(week: Week, moment: datetime) -> bool:
    return any(opens <= moment < closes for opens, closes in intervals(week, local_day(moment), 1))


def closings(week: Week, first: date, number: int) -> Iterator[datetime]:
    """The last closing of each open day."""
    for offset in range(number):
        if today := intervals(week, first + timedelta(days=offset), 1):
            yield today[-1][1]


def closing_today(week: Week, moment: datetime) -> datetime | None:
    return next((each for each in closings(week, local_day(moment), 1) if each > moment), None)


def limit_by_hand(week: Week, limit: Limit, moment: datetime, closing: datetime) -> datetime:
    """Where the limit alone would end: hours of the wall or of the office, closings for days."""
    first = local_day(moment)
    if limit.days is not None and limit.clock == "working":
        return [*closings(week, first + DAY, 400)][limit.days - 1]
    if limit.days is not None:
        within = [c for c in closings(week, first, limit.days + 2) if moment < c <= moment + limit.days * DAY]
        return max(within, default=closing)
    if limit.hours is None:
        return closing
    left = timedelta(hours=limit.hours)
    if limit.clock == "wall":
        return moment + left
    for opens, closes in intervals(week, first, 200):
        usable = closes - max(opens, moment)
        if usable >= left:
            return closes - usable + left
        left -= max(usable, timedelta())
    return closing


# The book under test


def any_limit(chance: Random) -> Limit:
    kind = chance.choice(["wall", "working"])
    same_day, hours = Limit(), Limit(hours=chance.randint(1, 24), clock=kind)
    return chance.choice([same_day, hours, hours, Limit(days=chance.randint(1, 30), clock=kind)])


def book_with(
    week: Week, limit: Limit, where: str, longer: Limit | None = None, session: timedelta | None = None
) -> RuleBook:
    """The default book with another week, limit, place, extension and longest session."""
    secret, rule = BOOK.level("secret"), BOOK.rules["extension_open"]
    extension = Extension(1, longer, (), rule) if longer else None
    use = Use("loan", where, limit, secret.rule, extension)
    level = replace(secret, uses={**secret.uses, "loan": use})
    room = ReadingRoom(("1",), BOOK.reading_room.rule, session)
    return replace(BOOK, week=week, levels={**BOOK.levels, "secret": level}, reading_room=room)


def borrower(ends: datetime | None = None) -> Person:
    return Person(frozenset({"employee"}), authority_ends=ends)


def maybe(chance: Random, moment: datetime) -> datetime | None:
    """An end of authority or of a session: none, past, this very moment, soon, or far away."""
    return chance.choice([None, None, moment - DAY, moment, moment + MICRO]) or chance.choice(
        [None, moment + timedelta(minutes=chance.randint(1, 2000)), moment + 90 * DAY]
    )


def due_or_code(
    book: RuleBook, who: Person, moment: datetime, session: datetime | None
) -> tuple[Due | None, str]:
    try:
        return book.due_at(who, "secret", "loan", moment, session), ""
    except Refused as no:
        return None, no.code


SEEDS = st.integers(0, 2**48)
WORLDS = SEEDS.map(world)


@pytest.mark.requirement("LOAN-01")
@settings(max_examples=EXAMPLES["due"])
@given(WORLDS)
def test_due_is_the_earliest_of_all_bounds_never_later_than_one_and_never_in_the_past(made: World) -> None:
    chance, moment, week = made.chance, made.moment, made.week
    limit, where = any_limit(chance), chance.choice([ROOM, "company", "outside"])
    authority, session = maybe(chance, moment), maybe(chance, moment)
    due, code = due_or_code(book_with(week, limit, where), borrower(authority), moment, session)
    closing = closing_today(week, moment) if open_now(week, moment) else None
    if closing is None:
        assert code == "loan.closed"
        return
    if authority is not None and authority <= moment:
        assert code == "loan.authority_ended"
        return
    if where == ROOM and session is not None and session <= moment:
        assert code == "loan.session_ended"
        return
    bounds = {"limit": limit_by_hand(week, limit, moment, closing)}
    if limit.days is None:
        bounds["closing"] = closing
    if where == ROOM and session is not None:
        bounds["session"] = session
    if authority is not None:
        bounds["authority"] = authority
    assert due is not None
    assert due.at == min(bounds.values())
    assert bounds[due.reason] == due.at
    assert due.at > moment
    assert due.handed_over == moment
    assert due.at.tzinfo is UTC
    assert due.words.endswith("。")
    assert due.rule.clause


@settings(max_examples=EXAMPLES["monotone"])
@given(WORLDS)
def test_handing_over_later_or_granting_more_never_makes_it_due_earlier(made: World) -> None:
    chance, week = made.chance, made.week
    book = book_with(week, any_limit(chance), ROOM)
    times = sorted(made.moment + timedelta(minutes=chance.randint(0, 6000)) for _ in range(4))
    ends = made.moment + timedelta(days=chance.randint(1, 20))
    found = [due for when in times if (due := due_or_code(book, borrower(ends), when, None)[0])]
    assert [due.at for due in found] == sorted(due.at for due in found)
    if not found:
        return
    when, soonest = found[0].handed_over, found[0].at
    freer, _code = due_or_code(book, borrower(), when, None)
    later, _code = due_or_code(book, borrower(ends + DAY), when, None)
    seated, _code = due_or_code(book, borrower(ends), when, when + timedelta(minutes=5))
    assert freer is not None
    assert later is not None
    assert seated is not None
    assert seated.at <= soonest <= later.at <= freer.at


@settings(max_examples=EXAMPLES["extension"])
@given(WORLDS)
def test_an_extension_gains_time_and_never_more_than_its_limit(made: World) -> None:
    chance, week = made.chance, made.week
    longer, where = any_limit(chance), chance.choice(["company", "outside"])
    book = book_with(week, any_limit(chance), where, longer)
    first, _code = due_or_code(book, borrower(), made.moment, None)
    due_now = first.at if first else made.moment
    ends = maybe(chance, due_now)
    closing = closing_today(week, due_now) or due_now
    bounds = [limit_by_hand(week, longer, due_now, closing)]
    bounds += [closing] if longer.days is None else []
    bounds += [ends] if ends else []
    try:
        again = book.prolonged(borrower(ends), "secret", "loan", due_now)
    except Refused as no:
        assert no.code == "loan.no_extension"
        assert no.clause
        assert min(bounds) <= due_now, "it is refused only when it would gain nothing"
        return
    assert again.at == min(bounds) > due_now
    if longer.length is not None and longer.clock == "wall":
        assert again.at - due_now <= longer.length
    if longer.days is not None and ends is None:
        assert again.at in [*closings(week, local_day(again.at), 1)]


@pytest.mark.requirement("LOAN-02")
@settings(max_examples=EXAMPLES["session"])
@given(WORLDS)
def test_a_session_ends_at_closing_or_earlier_and_everything_on_the_seat_with_it(made: World) -> None:
    chance, week, moment = made.chance, made.week, made.moment
    longest = chance.choice([None, timedelta(hours=chance.randint(1, 24))])
    book = book_with(week, any_limit(chance), ROOM, session=longest)
    ends, closing = book.session_end(moment), closing_today(week, moment)
    if not open_now(week, moment):
        assert ends is None
        return
    assert closing is not None
    assert ends == min(closing, moment + longest if longest else closing)
    later = moment + (ends - moment) * chance.random()
    due, code = due_or_code(book, borrower(), later, ends)
    if due is None:
        assert code == "loan.closed"
        assert not open_now(week, later), "the room has a break"
    else:
        assert later < due.at <= ends <= closing


@settings(max_examples=EXAMPLES["year end"])
@given(
    st.integers(0, 14 * 86400), st.sampled_from(["open", "secret"]), st.sampled_from(["loan", "photocopy"])
)
def test_the_turn_of_the_year_needs_no_holidays_of_the_next(seconds: int, level: str, action: str) -> None:
    moment = at("2026-12-25 00:00") + timedelta(seconds=seconds)
    limit = BOOK.level(level).uses[action].limit
    if not open_now(BOOK.week, moment):
        with pytest.raises(Refused, match="不开放") as no:
            BOOK.due_at(borrower(), level, action, moment)
        soon = intervals(BOOK.week, local_day(moment), 20)
        opens = next(opens for opens, _closes in soon if opens > moment)
        assert f"{opens.astimezone(clock.LOCAL):%H:%M}" in no.value.next_step
        assert BOOK.opens_next(moment) == opens
        return
    closing = closing_today(BOOK.week, moment)
    assert closing is not None
    due = BOOK.due_at(borrower(), level, action, moment)
    bounds = [limit_by_hand(BOOK.week, limit, moment, closing), *([] if limit.days else [closing])]
    assert due.at == min(bounds)


def test_the_last_working_minute_of_a_year_and_the_first_of_the_next() -> None:
    last = BOOK.due_at(borrower(), "secret", "loan", at("2026-12-31 17:29"))
    assert last.at == at("2026-12-31 17:30")
    copy = BOOK.due_at(borrower(), "open", "photocopy", at("2026-12-31 17:29"))
    assert copy.at == at("2027-01-06 17:30")
    assert copy.words == "2027-01-06 周三 17:30 前归还。"
    assert BOOK.opens_next(at("2026-12-31 17:30")) == at("2027-01-01 08:30"), (
        "no holidays of 2027 are entered"
    )


def test_there_are_enough_cases() -> None:
    elsewhere = 2000 + 700 + 1500 + 500  # tests/unit/policy/test_due_and_hours.py
    total = sum(EXAMPLES.values())
    print(f"{total} cases here: {EXAMPLES}; {elsewhere} more in test_due_and_hours")
    assert total >= 10_000
