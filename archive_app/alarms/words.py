"""What alarms are called on the screen and in notices."""

from __future__ import annotations

from archive_app.alarms.models import Alarm
from archive_app.alarms.rules import LEFT_ROOM
from archive_app.core import clock
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.policy.lending_parts import TWO_PLACES, AlarmRule
from archive_app.policy.words import ALARM

KINDS = {**ALARM, LEFT_ROOM: L("带着档案离开阅览室")}
# Which row of the penalty table may come into question once somebody has looked into it (AUD-02 … AUD-04).
OFFENCES = {
    "refusals": "unapproved_reading",
    "mass_views": "unapproved_reading",
    "outside_hours": "unapproved_reading",
    "mass_downloads": "unapproved_copy",
    "two_places": "account_lent",
}


def kind_name(kind: str) -> str:
    """The words for a kind of alarm, or the code itself."""
    return str(KINDS.get(kind, kind))


def threshold(rule: AlarmRule) -> str:
    """When a kind rings: 60 分钟内 5 次."""
    hours, minutes = divmod(int(rule.within.total_seconds() // 60), 60)
    span = _("%(n)s 小时", n=hours) if hours and not minutes else _("%(n)s 分钟", n=60 * hours + minutes)
    if rule.kind == "mass_views":
        return _("%(span)s内 %(n)s 份", span=span, n=rule.count)
    if rule.kind == TWO_PLACES:
        return _("%(span)s内 %(n)s 处", span=span, n=rule.count)
    return _("%(span)s内 %(n)s 次", span=span, n=rule.count) if rule.count > 1 else _("每次")


def who(alarm: Alarm) -> str:
    """Whom an alarm is about: the person's name, or the address."""
    return alarm.user.name if alarm.user else alarm.address


def title(alarm: Alarm) -> str:
    """The alarm in one line: 王静娟多次被拒绝."""
    return _("%(who)s %(what)s", who=who(alarm), what=kind_name(alarm.kind))


def span(alarm: Alarm) -> str:
    """How often, from when until when: 11-19 10:02 到 10:31，5 次."""
    first, last = clock.local(alarm.first_at), clock.local(alarm.last_at)
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%m-%d %H:%M}"
    values = {"a": f"{first:%m-%d %H:%M}", "b": until, "n": alarm.count}
    if alarm.kind == TWO_PLACES:
        return _("%(a)s 到 %(b)s，%(n)s 处", **values)
    return _("%(a)s 到 %(b)s，%(n)s 次", **values) if alarm.count > 1 else _("%(a)s，%(n)s 次", **values)
