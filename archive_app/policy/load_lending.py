"""Reading the parts about lending beyond the chain; each may be missing in an older book."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from archive_app.core.i18n import _
from archive_app.policy import lending_parts as made
from archive_app.policy.load_levels import limit
from archive_app.policy.parts import ChainStep
from archive_app.policy.reader import Table

if TYPE_CHECKING:
    from archive_app.policy.load import Loader

T = TypeVar("T")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
WEEK_HOURS = 24 * 7


def lending(top: Table, loader: Loader) -> made.Lending:
    """Return what the tables uses, reminders, waiting, queue, loss, penalties, copies, alarms … say."""

    def part(key: str, read: Callable[[Table, Loader], T]) -> T | None:
        return top.table(key).whole_of(lambda table: read(table, loader)) if key in top.data else None

    uses = top.table("uses", optional=True)
    purposes, effects = uses.choices("purposes", None, []), uses.choices("effects", None, [])
    uses.done()
    penalties = [_penalty(table, loader) for table in top.tables("penalties", optional=True)]
    return made.Lending(
        purposes=purposes,
        effects=effects,
        reminders=part("reminders", _reminders),
        waiting=part("waiting", _waiting),
        queue=part("queue", _queue),
        loss=part("loss", _loss),
        penalties=MappingProxyType({each.offence: each for each in penalties}),
        copies=part("copies", _copies),
        alarms=part("alarms", _alarms),
        reports=part("reports", _reports),
        adoption=part("adoption", _adoption),
    )


def extension(table: Table, loader: Loader) -> made.Extension:
    """Return the table ``extension`` of one use."""
    rule = loader.rule(table)
    found = made.Extension(
        times=table.whole("times", 1, 12), limit=limit(table), steps=_steps(table, loader), rule=rule
    )
    if found.limit.same_day:
        table.fault(None, _("要写 hours 或 days。"), "hours、days")
    table.done()
    return found


def _steps(table: Table, loader: Loader) -> tuple[ChainStep, ...]:
    rule = loader.rule(table)
    return tuple(loader.step(each, rule) for each in table.tables("steps", optional=True))


def _reminders(table: Table, loader: Loader) -> made.Reminders:
    escalate = [
        (timedelta(hours=each.whole("after_hours", 1, 24 * 60)), loader.role_list(each, "to"))
        for each in table.tables("escalate", optional=True)
    ]
    return made.Reminders(
        before=tuple(timedelta(minutes=n) for n in _numbers(table, "before_minutes", 60 * 24 * 30)),
        after=tuple(timedelta(minutes=n) for n in _numbers(table, "after_minutes", 60 * 24 * 60)),
        escalate=tuple(sorted(escalate, key=lambda row: row[0])),
        cap=table.whole("cap", 1, 100),
        digest=_time(table, "digest"),
        rule=loader.rule(table),
    )


def _waiting(table: Table, loader: Loader) -> made.Waiting:
    expire = table.whole("expire_hours", 1, WEEK_HOURS * 8, 0) if "expire_hours" in table.data else 0
    return made.Waiting(
        remind=timedelta(hours=table.whole("remind_hours", 1, WEEK_HOURS)),
        escalate=timedelta(hours=table.whole("escalate_hours", 1, WEEK_HOURS)),
        escalate_to=loader.role_list(table, "escalate_to"),
        expire=timedelta(hours=expire) if expire else None,
        rule=loader.rule(table),
    )


def _queue(table: Table, loader: Loader) -> made.Queue:
    return made.Queue(timedelta(hours=table.whole("hold_hours", 1, WEEK_HOURS)), loader.rule(table))


def _loss(table: Table, loader: Loader) -> made.Loss:
    return made.Loss(_steps(table, loader), loader.rule(table))


def _penalty(table: Table, loader: Loader) -> made.Penalty:
    least = table.whole("least", 0, 10_000_000)
    found = made.Penalty(
        table.choice("offence", made.OFFENCES),
        least,
        table.whole("most", least, 10_000_000, least),
        table.flag("dismissal", False),
        loader.rule(table),
    )
    table.done()
    return found


def _copies(table: Table, loader: Loader) -> made.Copies:
    return made.Copies(
        table.flag("kept"),
        table.whole("propose_after", 1, 1000),
        loader.rule(table),
        loader.rule(table, "kept_rule"),
    )


def _alarms(table: Table, loader: Loader) -> made.Alarms:
    rule = loader.rule(table)
    rows = tuple(_alarm(each, loader) for each in table.tables("rows"))
    return made.Alarms(rows, loader.role_list(table, "tell"), rule)


def _alarm(table: Table, loader: Loader) -> made.AlarmRule:
    found = made.AlarmRule(
        table.choice("kind", made.ALARMS),
        table.whole("count", 1, 100_000),
        timedelta(minutes=table.whole("minutes", 1, 60 * 24 * 7)),
        table.choices("levels", loader.level_codes, []),
        loader.rule(table),
    )
    table.done()
    return found


def _reports(table: Table, loader: Loader) -> made.Reports:
    return made.Reports(
        table.whole("outstanding_day", 1, 28), loader.role_list(table, "outstanding_to"), loader.rule(table)
    )


def _adoption(table: Table, loader: Loader) -> made.Adoption:
    return made.Adoption(_steps(table, loader), loader.rule(table))


def _numbers(table: Table, key: str, most: int) -> list[int]:
    found = table.value(key, list, _("整数的列表")) or []
    wrong = [n for n in found if type(n) is not int or not 0 <= n <= most]
    if wrong:
        table.fault(key, _("%(value)s 不能用。", value=wrong[0]), _("0 到 %(n)s 的整数", n=most))
        return []
    return sorted(set(found))


def _time(table: Table, key: str) -> time:
    text = table.text(key)
    match = _TIME.fullmatch(text)
    if not match:
        table.fault(key, _("%(value)s 不能用。", value=text), "09:00")
        return time(9)
    return time(int(match[1]), int(match[2]))
