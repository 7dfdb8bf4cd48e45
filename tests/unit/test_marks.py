"""How dates, durations, countdowns and barcodes are written."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from archive_app.core import clock
from archive_app.web import marks

NOW = datetime(2026, 11, 19, 6, 32, 7, tzinfo=UTC)  # 14:32:07 in the office


@pytest.fixture(autouse=True)
def office_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def office(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 19, hour, minute, tzinfo=clock.LOCAL).astimezone(UTC)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (date(2026, 11, 6), "11-06"),
        (date(2025, 11, 6), "2025-11-06"),
        (datetime(2026, 11, 18, 16, 30, tzinfo=UTC), "11-19"),  # after midnight in the office
        (None, "—"),
    ],
)
def test_a_date_drops_the_present_year(value: date | None, written: str) -> None:
    assert marks.day(value) == written


def test_a_moment_of_today_is_only_its_hour() -> None:
    assert marks.moment(NOW) == "14:32"
    assert marks.moment(NOW - timedelta(days=13)) == "11-06 14:32"
    assert marks.moment(NOW - timedelta(days=365)) == "2025-11-19 14:32"
    assert marks.hms(NOW) == "14:32:07"
    assert marks.today_words(NOW) == "11月19日 周四"


@pytest.mark.parametrize(
    ("minutes", "short", "long"),
    [
        (178, "2:58", "2 小时 58 分"),
        (33, "0:33", "33 分钟"),
        (240, "4:00", "4 小时"),
        (-82, "1:22", "1 小时 22 分"),
        (3 * 1440, "3 天", "3 天"),
    ],
)
def test_a_duration_for_tables_and_for_sentences(minutes: int, short: str, long: str) -> None:
    span = timedelta(minutes=minutes)
    assert (marks.short_span(span), marks.long_span(span)) == (short, long)


def test_a_countdown_turns_at_one_hour_and_at_zero() -> None:
    assert marks.standing(NOW + timedelta(minutes=61), NOW)["kind"] == ""
    assert marks.standing(NOW + timedelta(minutes=60), NOW)["kind"] == "wait"
    assert marks.standing(NOW, NOW)["kind"] == "stop"


def test_all_bars_share_the_axis_of_the_opening_hours() -> None:
    opens, closes = office(8, 30), office(17, 30)
    running = marks.axis(office(13), office(17, 30), office(14, 30), opens, closes)
    assert running["now"] == pytest.approx(66.67)
    assert running["left"] == pytest.approx((66.67, 33.33))
    assert running["late"][1] == 0
    late = marks.axis(office(9), office(13), office(14, 30), opens, closes)
    assert late["left"][1] == 0
    assert late["late"] == pytest.approx((50, 16.67))
    yesterday = marks.axis(
        office(9) - timedelta(days=1), office(9) - timedelta(hours=20), office(14), opens, closes
    )
    assert yesterday["late"][0] == 0


def test_the_scale_names_the_full_hours_only() -> None:
    assert [hour for hour, _x in marks.hours(office(8, 30), office(17, 30))] == list(range(9, 18))


def test_a_barcode_on_the_screen_keeps_whole_pixels_and_its_quiet_zone() -> None:
    svg = str(marks.barcode("101"))
    assert 'width="46"' in svg
    assert re.findall(r"M(\d+) 0h2", svg) == ["20", "24"]


def test_an_unknown_state_is_shown_as_it_is() -> None:
    assert str(marks.state("unheard_of").word) == "unheard_of"
