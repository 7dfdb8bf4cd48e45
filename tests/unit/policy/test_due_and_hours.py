"""Opening hours and due times, by example and over thousands of made-up calendars."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from archive_app.core import clock
from archive_app.core.errors import Refused
from archive_app.policy import Person, RuleBook, hours
from archive_app.policy.parts import Limit, Span, Week
from tests.unit.policy.cases import BOOK, THURSDAY, at, person

HALF_HOURS = st.integers(0, 47).map(lambda n: time(n // 2, 30 * (n % 2)))
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
DAYS = st.dates(date(2025, 1, 1), date(2028, 1, 1))


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    edges = sorted(draw(st.sets(HALF_HOURS, min_size=0, max_size=6)))
    return tuple(Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    days = tuple(draw(st.lists(spans(), min_size=7, max_size=7)))
    assume(any(days))
    closed = draw(st.dictionaries(DAYS, st.just("假日"), max_size=20))
    workdays = draw(st.dictionaries(DAYS, spans(), max_size=5))
    return Week(days, closed, workdays, BOOK.week.rule)


@st.composite
def open_moments(draw: st.DrawFn) -> tuple[Week, datetime]:
    """A made-up week and a moment in its opening hours."""
    week = draw(weeks())
    seed = draw(MOMENTS)
    opens, closes = next((pair for pair in hours.following(week, seed) if pair[1] > seed), (seed, seed))
    assume(opens < closes)
    inside = draw(st.integers(0, int((closes - opens).total_seconds()) - 1))
    moment = opens + timedelta(seconds=inside)
    return week, moment


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
    today = week.workdays[day] if day in week.workdays else () if day in week.closed else None
    today = week.days[day.weekday()] if today is None else today
    return any(span.opens <= there.time() < span.closes for span in today)


@pytest.mark.requirement("LOAN-01")
@settings(max_examples=1500, deadline=None)
@given(open_moments(), st.integers(1, 72), st.sampled_from(["wall", "working"]), st.none() | MOMENTS)
@example((BOOK.week, THURSDAY), 4, "wall", None)
@example((BOOK.week, at("2026-09-30 17:29")), 4, "working", None)
def test_due_is_after_the_hand_over_and_never_later_than_limit_closing_or_authority(
    week_and_moment: tuple[Week, datetime], length: int, kind: str, authority: datetime | None
) -> None:
    week, moment = week_and_moment
    assume(authority is None or authority > moment)
    book = with_rules(week, Limit(hours=length, clock=kind))
    due = book.due_at(Person(frozenset({"employee"}), authority_ends=authority), "secret", "loan", moment)
    closing = book.closing(moment)
    assert closing is not None
    assert moment < due.at <= closing
    assert clock.local_date(closing) == clock.local_date(moment)
    assert authority is None or due.at <= authority
    if kind == "wall":
        assert due.at <= moment + timedelta(hours=length)
        ends = [moment + timedelta(hours=length), closing] + ([authority] if authority else [])
        assert due.at == min(ends), "it is the earliest, not merely an early one"
    else:
        assert open_time(week, moment, due.at) <= timedelta(hours=length)


@settings(max_examples=700, deadline=None)
@given(open_moments(), st.integers(1, 30), st.sampled_from(["wall", "working"]))
def test_a_limit_in_days_ends_at_a_closing_time_within_the_days(
    week_and_moment: tuple[Week, datetime], days: int, kind: str
) -> None:
    week, moment = week_and_moment
    book = with_rules(week, Limit(days=days, clock=kind))
    due = book.due_at(Person(frozenset({"employee"})), "secret", "loan", moment)
    assert due.at > moment
    assert due.at == hours.instants(week, clock.local_date(due.at))[-1][1]
    if kind == "wall":
        assert due.at <= moment + timedelta(days=days)


@settings(max_examples=1000, deadline=None)
@given(weeks(), MOMENTS)
def test_open_closing_and_next_opening_agree_with_the_wall_clock(week: Week, moment: datetime) -> None:
    assert hours.is_open(week, moment) is is_open_by_hand(week, moment)
    following = hours.opens_next(week, moment)
    assert following is None or (following > moment and hours.is_open(week, following))
    closing = hours.closing(week, moment)
    if hours.is_open(week, moment):
        assert closing is not None
    if closing is not None:
        assert closing > moment
        assert not is_open_by_hand(week, closing)
    elif following is not None:
        assert clock.local_date(following) > clock.local_date(moment)


@settings(max_examples=400, deadline=None)
@given(open_moments(), st.integers(1, 40))
def test_working_time_counts_only_opening_hours(week_and_moment: tuple[Week, datetime], length: int) -> None:
    week, moment = week_and_moment
    end = hours.after_open_time(week, moment, timedelta(hours=length))
    assert end is None or open_time(week, moment, end) == timedelta(hours=length)


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
