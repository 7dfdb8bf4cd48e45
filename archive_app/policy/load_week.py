"""Reading opening hours, closed days and make-up workdays."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from archive_app.core.i18n import _
from archive_app.policy.parts import Span, Week
from archive_app.policy.reader import Table, shown

if TYPE_CHECKING:
    from archive_app.policy.load import Loader

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST_CLOSURE = 60
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def week(table: Table, loader: Loader) -> Week:
    """Return the opening hours of the tables hours, closed and workdays."""
    inner = table.table("hours")
    days = tuple(_spans(inner, name) for name in WEEKDAYS)
    rule = loader.rule(inner)
    inner.done()
    if not any(days):
        inner.fault(None, _("一周至少开放一天。"))
    closed: dict[date, str] = {}
    for each in table.tables("closed", optional=True):
        closed.update(_closed(each))
    return Week(days, MappingProxyType(closed), MappingProxyType(_workdays(table)), rule)


def _spans(table: Table, key: str) -> tuple[Span, ...]:
    """Opening hours such as ["08:30-12:00", "13:30-17:30"], in order and apart."""
    allowed = _('"08:30-17:30" 的列表，先后不重叠')
    found: list[Span] = []
    for text in table.choices(key, None):
        match = _SPAN.fullmatch(text)
        if not match:
            table.fault(key, _("%(value)s 不能用。", value=text), allowed)
            continue
        hour, minute, until, past = map(int, match.groups())
        span = Span(time(hour, minute), time(until, past))
        if span.opens >= span.closes or (found and span.opens < found[-1].closes):
            table.fault(key, _("%(value)s 不能用。", value=text), allowed)
        found.append(span)
    return tuple(found)


def _closed(table: Table) -> dict[date, str]:
    first, last, name = _day(table, "from"), _day(table, "to"), table.text("name")
    table.done()
    if first is None or last is None:
        return {}
    length = (last - first).days
    if not 0 <= length <= LONGEST_CLOSURE:
        allowed = _("from 之后，最多 %(n)s 天", n=LONGEST_CLOSURE)
        table.fault("to", _("%(value)s 不能用。", value=last), allowed)
        return {}
    return {first + timedelta(days=offset): name for offset in range(length + 1)}


def _workdays(table: Table) -> dict[date, tuple[Span, ...]]:
    inner = table.table("workdays", optional=True)
    if not inner.data:
        return {}
    spans, found = _spans(inner, "hours"), inner.value("days", list, _("日期的列表")) or []
    inner.done()
    for each in found:
        if not isinstance(each, date) or isinstance(each, datetime):
            inner.fault("days", _("%(value)s 不能用。", value=shown(each)), _("日期，如 2026-10-10"))
    return {each: spans for each in found if isinstance(each, date)}


def _day(table: Table, key: str) -> date | None:
    found = table.value(key, date, _("日期，如 2026-10-01"))
    if isinstance(found, datetime):
        table.fault(key, _("%(value)s 不能用。", value=found), _("日期，如 2026-10-01"))
        return None
    return found
