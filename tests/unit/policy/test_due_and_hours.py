"""Opening hours and due times, by example and over thousands of made-up calendars."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_app.core import clock
from archive_app.core.errors import Refused
from archive_app.policy import Person, RuleBook, hours
from archive_app.policy.parts import Limit, Span, Week
from tests.unit.policy.cases import BOOK, THURSDAY, at, person

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
THREE_YEARS = 3 * 365 * 24 * 3600
PATTERNS = [
    (),
    ("08:30-17:30",),
    ("08:30-12:00", "13:30-17:30"),
    ("00:00-00:30", "23:00-23:59"),
    ("09:00-09:01",),
    ("06:00-07:15", "08:00-08:45", "20:30-22:00"),
    ("00:00-23:59",),
    ("12:00-13:00",),
]


def spans(pattern: tuple[str, ...]) -> tuple[Span, ...]:
    ends = [map(time.fromisoformat, each.split("-")) for each in pattern]
    return tuple(Span(opens, closes) for opens, closes in ends)


HOURS = [spans(pattern) for pattern in PATTERNS]


@dataclass(frozen=True)
class World:
    """A made-up week with holidays and make-up workdays around ``moment``, and what else chance decides."""

    seed: int
    week: Week
    moment: datetime
    chance: Random

    def __repr__(self) -> str:
        return f"world({self.seed})"


def world(seed: int) -> World:
    """One seed is one world: drawing it piece by piece costs hypothesis ten times as long."""
    chance = Random(seed)
    moment = EPOCH + timedelta(seconds=chance.randrange(THREE_YEARS))
    days = tuple(chance.choice(HOURS) for _ in range(6))
    near = [clock.local_date(moment) + timedelta(days=offset) for offset in range(-3, 13)]
    closed = dict.fromkeys(chance.sample(near, chance.randrange(9)), "假日")
    workdays = {day: chance.choice(HOURS) for day in chance.sample(near, chance.randrange(4))}
    week = Week((*days, chance.choice(HOURS[1:])), closed, workdays, BOOK.week.rule)
    return World(seed, week, moment, chance)


def open_world(seed: int) -> World:
    """A world whose moment lies in opening hours."""
    made = world(seed)
    opens, closes = next(pair for pair in hours.following(made.week, made.moment) if pair[1] > made.moment)
    seconds = made.chance.randrange(int((closes - opens).total_seconds()))
    return replace(made, moment=opens + timedelta(seconds=seconds))


SEEDS = st.integers(0, 2**40)
WORLDS, OPEN_WORLDS = SEEDS.map(world), SEEDS.map(open_world)


def with_rules(week: Week, limit: Limit) -> RuleBook:
    """The default book with another week and another limit on secret loans."""
    secret = BOOK.level("secret")
    use = replace(secret.uses["loan"], limit=limit)
    level = replace(secret, uses={**secret.uses, "loan": use})
    return replace(BOOK, week=week, levels={**BOOK.levels, "secret": level})


def open_time(week: Week, start: datetime, end: datetime) -> timedelta:
    """How long the room is open between two moments, counted the slow way."""
    total, day = timedelta(), clock.local_date(start)
    while day <= clock.local_date(end):
        for opens, closes in hours.instants(week, day):
            total += max(timedelta(), min(closes, end) - max(opens, start))
        day += timedelta(days=1)
    return total


def is_open_by_hand(week: Week, moment: datetime) -> bool:
    there = clock.local(moment)
    day = there.date()
    today = week.workdays.get(day, () if day in week.closed else None)
    today = week.days[day.weekday()] if today is None else today
    return any(span.opens <= there.time() < span.closes for span in today)


@pytest.mark.requirement("LOAN-01")
@settings(max_examples=2000, deadline=None)
@given(OPEN_WORLDS)
def test_due_is_after_the_hand_over_and_never_later_than_limit_closing_or_authority(made: World) -> None:
    length, kind = timedelta(hours=made.chance.randint(1, 12)), made.chance.choice(["wall", "working"])
    authority = made.chance.choice([None, made.moment + timedelta(minutes=made.chance.randint(1, 2000))])
    book = with_rules(made.week, Limit(hours=int(length / timedelta(hours=1)), clock=kind))
    borrower = Person(frozenset({"employee"}), authority_ends=authority)
    due, closing = book.due_at(borrower, "secret", "loan", made.moment), book.closing(made.moment)
    assert closing is not None
    assert made.moment < due.at <= closing
    assert clock.local_date(closing) == clock.local_date(made.moment)
    assert authority is None or due.at <= authority
    if kind == "working":
        assert open_time(made.week, made.moment, due.at) <= length
        return
    ends = [made.moment + length, closing, *([authority] if authority else [])]
    assert due.at == min(ends), "it is the earliest of all, never moved later"


@settings(max_examples=700, deadline=None)
@given(OPEN_WORLDS)
def test_a_limit_in_days_ends_at_a_closing_time_within_the_days(made: World) -> None:
    days, kind = made.chance.randint(1, 30), made.chance.choice(["wall", "working"])
    book = with_rules(made.week, Limit(days=days, clock=kind))
    due = book.due_at(Person(frozenset({"employee"})), "secret", "loan", made.moment)
    assert due.at > made.moment
    assert due.at == hours.instants(made.week, clock.local_date(due.at))[-1][1]
    if kind == "wall":
        assert due.at <= made.moment + timedelta(days=days)


@settings(max_examples=1500, deadline=None)
@given(WORLDS)
def test_open_closing_and_next_opening_agree_with_the_wall_clock(made: World) -> None:
    week, moment = made.week, made.moment
    assert hours.is_open(week, moment) is is_open_by_hand(week, moment)
    following, closing = hours.opens_next(week, moment), hours.closing(week, moment)
    assert following is not None
    assert following > moment
    assert is_open_by_hand(week, following)
    assert not is_open_by_hand(week, following - timedelta(seconds=1))
    if closing is None:
        assert not hours.is_open(week, moment)
        assert clock.local_date(following) > clock.local_date(moment)
    else:
        assert closing > moment
        assert not is_open_by_hand(week, closing)


@settings(max_examples=500, deadline=None)
@given(OPEN_WORLDS)
def test_working_time_counts_only_opening_hours(made: World) -> None:
    length = timedelta(hours=made.chance.randint(1, 40))
    end = hours.after_open_time(made.week, made.moment, length)
    assert end is None or open_time(made.week, made.moment, end) == length


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-19 08:29", False),
        ("2026-11-19 08:30", True),
        ("2026-11-19 17:29", True),
        ("2026-11-19 17:30", False),
        ("2026-11-21 10:00", False),  # Saturday
        ("2026-10-01 10:00", False),  # National Day
        ("2026-10-10 10:00", True),  # a Saturday worked in exchange
        ("2026-02-28 10:00", True),
    ],
)
def test_the_room_is_open_in_its_hours_but_not_on_holidays(moment: str, is_open: bool) -> None:
    assert BOOK.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-19 07:00", "2026-11-19 08:30"),
        ("2026-11-20 17:30", "2026-11-23 08:30"),
        ("2026-09-30 18:00", "2026-10-08 08:30"),
        ("2026-10-09 18:00", "2026-10-10 08:30"),
    ],
)
def test_the_next_opening_steps_over_nights_weekends_and_holidays(moment: str, opens: str) -> None:
    assert BOOK.opens_next(at(moment)) == at(opens)


def test_handing_over_outside_opening_hours_is_refused_with_the_next_opening() -> None:
    with pytest.raises(Refused) as caught:
        BOOK.due_at(person("总经理"), "open", "loan", at("2026-11-20 18:00"))
    refused = caught.value
    assert refused.code == "loan.closed"
    assert refused.message == "不能外借：档案室现在不开放。"
    assert refused.next_step == "下次开放：11-23 周一 08:30。"
    assert refused.clause
    assert refused.rule


@pytest.mark.requirement("LOAN-02")
@pytest.mark.parametrize(("level", "action"), [("confidential", "loan"), ("top_secret", "consult")])
def test_no_due_time_exists_for_what_the_level_forbids(level: str, action: str) -> None:
    with pytest.raises(Refused) as caught:
        BOOK.due_at(person("总经理"), level, action, THURSDAY)
    assert caught.value.code == f"{action}.{level}"
    assert caught.value.clause == "销售客户档案管理制度 七.3"


def test_nothing_is_handed_to_a_person_whose_authority_is_over() -> None:
    with pytest.raises(Refused, match="权限已到期") as caught:
        BOOK.due_at(person("客户经理", ends=THURSDAY), "secret", "loan", THURSDAY)
    assert caught.value.code == "loan.authority_ended"


def test_four_working_hours_leave_out_the_lunch_break() -> None:
    day = (Span(time(8, 30), time(12, 0)), Span(time(13, 30), time(17, 30)))
    book = with_rules(replace(BOOK.week, days=(day,) * 7), Limit(hours=4, clock="working"))
    assert book.due_at(person("客户经理"), "secret", "loan", at("2026-11-19 10:00")).at == at(
        "2026-11-19 15:30"
    )
    assert not book.is_open(at("2026-11-19 12:30"))
    assert book.closing(at("2026-11-19 10:00")) == at("2026-11-19 17:30")
