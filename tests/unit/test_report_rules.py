"""Which days a period has, which months it touches, and when the monthly list was due."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from archive_app.core import clock
from archive_app.core.errors import Invalid
from archive_app.reports import filters, rules
from archive_app.reports.shape import shown

TODAY = date(2026, 3, 9)
AT = datetime(2026, 3, 9, 0, 30, tzinfo=clock.LOCAL)  # still the 8th in UTC


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("all", None, None),
        ("this_month", date(2026, 3, 1), TODAY),
        ("last_month", date(2026, 2, 1), date(2026, 2, 28)),
        ("this_year", date(2026, 1, 1), TODAY),
        ("last_year", date(2025, 1, 1), date(2025, 12, 31)),
        ("custom", date(2026, 2, 3), None),
    ],
)
def test_a_period_has_its_first_and_last_day(period, first, last):
    assert rules.days_of(period, TODAY, date(2026, 2, 3), None) == (first, last)


def test_a_period_begins_and_ends_at_midnight_of_the_office():
    begins, ends = filters.read({"from": "2026-03-09", "to": "2026-03-09"}).span(AT)
    assert (begins, ends - begins) == (datetime(2026, 3, 9, tzinfo=clock.LOCAL), timedelta(days=1))


def test_months_are_whole_and_the_newest_stay_when_there_are_too_many():
    found = rules.months(date(2024, 12, 31), date(2026, 3, 9))
    assert found[0] == (date(2024, 12, 1), date(2025, 1, 1)) and found[-1] == (
        date(2026, 3, 1),
        date(2026, 4, 1),
    )
    assert [first for first, _end in rules.months(date(1990, 1, 1), TODAY, 2)] == [
        date(2026, 2, 1),
        date(2026, 3, 1),
    ]


@pytest.mark.requirement("LOAN-12")
@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2026, 3, 4), date(2026, 2, 5)),
        (date(2026, 3, 5), date(2026, 3, 5)),
        (date(2026, 3, 31), date(2026, 3, 5)),
        (date(2026, 1, 1), date(2025, 12, 5)),
    ],
)
def test_the_monthly_list_was_due_on_the_newest_fifth(today, due):
    assert rules.monthly_due(today, 5) == due


def test_what_is_set_stands_in_the_address_and_is_read_back_the_same():
    wanted = filters.read(
        {"from": "2026-01-02", "to": "", "person": " 王\u3000", "level": "secret", "folder": "7"}
    )
    assert wanted.as_args() == {
        "period": "custom", "from": "2026-01-02", "person": "王", "level": "secret", "folder": "7",
    }  # fmt: skip
    assert filters.read(wanted.as_args()) == wanted
    assert filters.Filters().as_args() == {}


@pytest.mark.parametrize(
    ("args", "field"),
    [
        ({"period": "yesterday"}, "period"),
        ({"from": "2026-13-01"}, "from"),
        ({"from": "０1-02"}, "from"),
        ({"to": "0001-01-01"}, "to"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "to"),
        ({"person": "王" * 101}, "person"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field(args, field):
    with pytest.raises(Invalid) as wrong:
        filters.read(args)
    assert list(wrong.value.fields) == [field]


def test_a_number_that_is_none_narrows_nothing():
    assert filters.read({"department": "x", "folder": "9" * 40}) == filters.Filters()


def test_values_are_written_on_the_office_clock():
    assert shown("moment", AT) == "2026-03-09 00:30"
    assert shown("span", timedelta(minutes=178)) == "2 小时 58 分"
    assert shown("span", timedelta(days=3, hours=5)) == "3 天"
    assert shown("yuan", 5000) == "50.00"
    assert shown("text", None) == ""
