"""How dates, durations, states and barcodes are written on every page; plain values in, words out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask, request
from markupsafe import Markup, escape

from archive_app.core import clock
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.policy.words import long_span

SOON = timedelta(minutes=60)
FILE_NUMBER = re.compile(r"[A-Z]+(?:-[0-9A-Z]+)+")
WEEKDAYS = (L("周一"), L("周二"), L("周三"), L("周四"), L("周五"), L("周六"), L("周日"))


@dataclass(frozen=True)
class State:
    """A status chip: colour kind (``ok wait stop acc`` or empty), icon and word."""

    kind: str
    icon: str
    word: L


STATES = {
    "on_shelf": State("", "archive", L("在架")),
    "lent": State("wait", "box-arrow-up-right", L("外借")),
    "reading_room": State("acc", "book", L("阅览室")),
    "quarantine": State("", "hourglass-bottom", L("单独存放")),
    "destroyed": State("", "slash-circle", L("已销毁")),
    "requested": State("wait", "hourglass-split", L("待审批")),
    "approved": State("acc", "check2-square", L("已批准")),
    "refused": State("stop", "x-lg", L("未批准")),
    "out": State("wait", "box-arrow-up-right", L("外借")),
    "reading": State("acc", "book", L("阅览室")),
    "overdue": State("stop", "exclamation-triangle-fill", L("逾期")),
    "returned": State("ok", "check-lg", L("已归还")),
    "withdrawn": State("", "slash-circle", L("已撤回")),
    "lost": State("stop", "question-octagon", L("丢失")),
    "expired": State("", "hourglass-bottom", L("已过期")),
    "held": State("stop", "lock-fill", L("冻结")),
    "room_only": State("", "lock", L("只限室内阅览")),
    "to_scan": State("", "camera", L("待扫描")),
    "received": State("", "hourglass-split", L("排队中")),
    "rendering": State("acc", "arrow-repeat", L("拆页中")),
    "ready": State("ok", "check-lg", L("可以看")),
    "waiting": State("", "hourglass-split", L("待识别")),
    "recognising": State("acc", "arrow-repeat", L("识别中")),
    "read": State("ok", "check-lg", L("已识别")),
    "blank": State("", "file-earmark", L("空白页")),
    "failed": State("stop", "x-lg", L("没有办成")),
    "active": State("", "folder2", L("已登记")),
    "reserved": State("", "bookmark", L("预留")),
    "void": State("", "slash-circle", L("作废")),
    "missing": State("stop", "question-octagon", L("丢失")),
    "copy_kept": State("", "archive", L("在架")),
    "copy_lent": State("wait", "box-arrow-up-right", L("借出")),
    "copy_destroyed": State("", "slash-circle", L("已销毁")),
    "copy_lost": State("stop", "question-octagon", L("丢失")),
    "incident_reported": State("wait", "hourglass-split", L("待审批")),
    "incident_approved": State("acc", "check2-square", L("已审批，待处理")),
    "incident_sent_back": State("stop", "arrow-return-left", L("已退回")),
    "incident_settled": State("ok", "check-lg", L("已处理")),
    "incident_found": State("ok", "search", L("已找到")),
    "volume_open": State("", "collection", L("待整理")),
    "volume_arranged": State("acc", "sort-down", L("已排序")),
    "volume_checked": State("acc", "check2-square", L("已检查")),
    "volume_bound": State("ok", "book", L("已装订")),
    "volume_boxed": State("ok", "box-seam", L("已入盒")),
    "volume_dissolved": State("", "slash-circle", L("已撤销")),
    "print_queued": State("", "hourglass-split", L("排队中")),
    "print_drawing": State("acc", "arrow-repeat", L("正在画")),
    "print_done": State("ok", "check-lg", L("画好了")),
    "print_failed": State("stop", "x-lg", L("没有画成")),
    "print_cancelled": State("", "slash-circle", L("已取消")),
}


def state(code: str) -> State:
    """The chip of a state code; an unknown code is shown as it is, never hidden."""
    return STATES.get(code) or State("", "circle", L(code))


def _wall(value: date | datetime) -> tuple[date, str]:
    """Office date, and ``14:32`` if the value has a time."""
    if isinstance(value, datetime):
        at = clock.local(value) if value.tzinfo else value
        return at.date(), at.strftime("%H:%M")
    return value, ""


def day(value: date | datetime | None, full: bool = False) -> str:
    """A date as ``2026-11-19``, or ``11-19`` within the current year unless ``full``."""
    if value is None:
        return "—"
    on, _time = _wall(value)
    short = on.year == clock.local_date(clock.now()).year and not full
    return on.strftime("%m-%d") if short else on.isoformat()


def last_day(value: datetime) -> str:
    """The last office day of a period that ends at ``value`` (exclusive)."""
    return day(value - timedelta(seconds=1))


def moment(value: datetime | None) -> str:
    """A moment as ``14:32`` today, ``11-19 14:32`` this year, ``2025-11-19 14:32`` before."""
    if value is None:
        return "—"
    on, at = _wall(value)
    return at if on == clock.local_date(clock.now()) else f"{day(on)} {at}"


def hm(value: datetime) -> str:
    """The time of day on the office clock, ``14:32``."""
    return _wall(value)[1]


def hms(value: datetime) -> str:
    """The time of day with seconds, ``14:32:07``, for the list of scans."""
    return clock.local(value).strftime("%H:%M:%S")


def today_words(now: datetime) -> str:
    """The date in the top bar, ``11月19日 周四``."""
    at = clock.local(now)
    return _("%(m)s月%(d)s日 %(w)s", m=at.month, d=at.day, w=str(WEEKDAYS[at.weekday()]))


def short_span(span: timedelta) -> str:
    """A duration for tables, ``2:58``; from two days on, ``3 天``."""
    minutes = int(abs(span).total_seconds()) // 60
    if minutes >= 48 * 60:
        return _("%(n)s 天", n=minutes // 1440)
    return f"{minutes // 60}:{minutes % 60:02d}"


def number(value: int | float | None) -> str:
    """A count with thousands separators, ``2,318``."""
    return "—" if value is None else f"{value:,}"


def file_size(octets: int) -> str:
    """A file size in kB or MB, as a person compares it."""
    return f"{octets / 1e6:.1f} MB" if octets >= 1_000_000 else f"{max(octets // 1000, 1)} kB"


def ms(value: datetime) -> int:
    """Milliseconds since 1970 for the clock in the browser."""
    return round(value.timestamp() * 1000)


def standing(due: datetime, now: datetime) -> dict[str, str]:
    """How a loan stands: ``kind`` (stop when overdue, wait within the hour, else empty) and ``figure``."""
    kind = "stop" if due <= now else "wait" if due - now <= SOON else ""
    return {"kind": kind, "figure": short_span(due - now)}


def axis(start: datetime, due: datetime, now: datetime, opens: datetime, closes: datetime) -> dict[str, Any]:
    """Where a loan lies on the axis of today's opening hours, in percent, and how it stands.

    ``gone`` runs to now (or due, if earlier), ``left`` from now to due, ``late`` from due to now.
    """
    whole = (closes - opens).total_seconds()

    def at(value: datetime) -> float:
        return round(min(max((value - opens).total_seconds() / whole, 0.0), 1.0) * 100, 2)

    a, b, n = at(start), at(due), at(now)
    spans = {"gone": (a, max(min(b, n) - a, 0)), "left": (n, max(b - n, 0)), "late": (b, max(n - b, 0))}
    return {"now": n, **standing(due, now), **spans}


def hours(opens: datetime, closes: datetime) -> list[tuple[int, float]]:
    """The full hours of the opening time and their place on the axis in percent; thinned on long days."""
    whole = (closes - opens).total_seconds()
    step = 1 if whole <= 12 * 3600 else 3
    first = clock.local(opens).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    ticks = [t for n in range(24) if (t := first + timedelta(hours=n)) < closes and t.hour % step == 0]
    return [(t.hour, round((t - opens).total_seconds() / whole * 100, 2)) for t in ticks]


def barcode(modules: str, height: int = 34) -> Markup:
    """An on-screen barcode from ``"1101…"``: 2 px a module, 10 modules quiet, on white."""
    width = 2 * len(modules) + 40
    bars = "".join(f"M{20 + 2 * i} 0h2v{height}h-2z" for i, bit in enumerate(modules) if bit == "1")
    return Markup(
        '<svg viewBox="0 0 {w} {h}" width="{w}" height="{h}" shape-rendering="crispEdges" aria-hidden="true">'
        '<rect width="{w}" height="{h}" fill="#fff"/><path d="{d}" fill="#000"/></svg>'
    ).format(w=width, h=height, d=bars)


def kept(text: str) -> Markup:
    """A text whose file numbers are not broken at the end of a line."""
    return Markup(FILE_NUMBER.sub(lambda found: f'<span class="nw">{found[0]}</span>', str(escape(text))))  # noqa: S704


def came_from() -> str:
    """The page of ours that the person was on before, or the start page."""
    before = request.referrer or ""
    return before if before.startswith(request.host_url) and before != request.url else "/"


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "moment": moment,
    "last_day": last_day,
    "hm": hm,
    "hms": hms,
    "today_words": today_words,
    "short_span": short_span,
    "long_span": long_span,
    "number": number,
    "file_size": file_size,
    "ms": ms,
    "kept": kept,
}
GLOBALS: dict[str, Callable[..., Any]] = {
    "state": state,
    "standing": standing,
    "axis": axis,
    "hours": hours,
    "barcode_svg": barcode,
    "came_from": came_from,
}


def install(app: Flask) -> None:
    """Give every template the filters and functions of this file."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(GLOBALS)
