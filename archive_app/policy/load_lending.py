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
from archive_app.policy.reader import Table, shown

if TYPE_CHECKING:
    from archive_app.policy.load import Loader

T = TypeVar("T")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
WEEK_HOURS = 24 * 7
WORD_LENGTH = 40  # of the columns of a loan


def lending(top: Table, loader: Loader) -> made.Lending:
    """Return what the tables uses, reminders, waiting, queue, loss, penalties, copies, alarms … say."""

    def part(key: str, read: Callable[[Table, Loader], T]) -> T | None:
        return top.table(key).whole_of(lambda table: read(table, loader)) if key in top.data else None

    uses = top.table("uses", optional=True)
    purposes, effects = _words(uses, "purposes"), _words(uses, "effects")
    uses.done()
    return made.Lending(
        purposes=purposes,
        effects=effects,
        reminders=part("reminders", _reminders),
        waiting=part("waiting", _waiting),
        queue=part("queue", _queue),
        loss=part("loss", _loss),
        penalties=MappingProxyType(_penalties(top, loader)),
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


def _steps(table: Table, loader: Loader, least: int = 0) -> tuple[ChainStep, ...]:
    rule = loader.rule(table)
    found = tuple(loader.step(each, rule) for each in table.tables("steps", optional=not least))
    if len(found) < least and "steps" in table.data:
        table.fault("steps", _("不能为空。"), _("至少一步审批"))
    return found


def _people(table: Table, key: str, loader: Loader) -> tuple[str, ...]:
    """Roles that are told something: at least one."""
    found = loader.role_list(table, key)
    if table.data.get(key) == []:
        table.fault(key, _("不能为空。"), "、".join(loader.roles))
    return found


def _words(table: Table, key: str) -> tuple[str, ...]:
    """Words that people choose from; each fits into its column."""
    found = table.choices(key, None, [])
    for word in found:
        if not 0 < len(word.strip()) <= WORD_LENGTH:
            table.fault(key, _("%(value)s 不能用。", value=shown(word)), _("1 到 %(n)s 个字", n=WORD_LENGTH))
    return found


def _escalate(table: Table, loader: Loader) -> tuple[tuple[timedelta, tuple[str, ...]], ...]:
    """Whom else to tell, the earliest first; one row for each delay."""
    found: dict[timedelta, tuple[str, ...]] = {}
    for each in table.tables("escalate", optional=True):
        after = timedelta(hours=each.whole("after_hours", 1, 24 * 60))
        if after in found:
            each.fault("after_hours", _("%(value)s 重复。", value=each.data["after_hours"]), _("每行不同"))
        found[after] = _people(each, "to", loader)
        each.done()
    return tuple(sorted(found.items()))


def _reminders(table: Table, loader: Loader) -> made.Reminders:
    return made.Reminders(
        before=tuple(timedelta(minutes=n) for n in _numbers(table, "before_minutes", 60 * 24 * 30)),
        after=tuple(timedelta(minutes=n) for n in _numbers(table, "after_minutes", 60 * 24 * 60)),
        escalate=_escalate(table, loader),
        cap=table.whole("cap", 1, 100),
        digest=_time(table, "digest"),
        rule=loader.rule(table),
    )


def _waiting(table: Table, loader: Loader) -> made.Waiting:
    remind = table.whole("remind_hours", 1, WEEK_HOURS)
    escalate = table.whole("escalate_hours", remind, WEEK_HOURS)
    expire = table.whole("expire_hours", escalate, WEEK_HOURS * 8) if "expire_hours" in table.data else 0
    return made.Waiting(
        remind=timedelta(hours=remind),
        escalate=timedelta(hours=escalate),
        escalate_to=_people(table, "escalate_to", loader),
        expire=timedelta(hours=expire) if expire else None,
        rule=loader.rule(table),
    )


def _queue(table: Table, loader: Loader) -> made.Queue:
    return made.Queue(timedelta(hours=table.whole("hold_hours", 1, WEEK_HOURS)), loader.rule(table))


def _loss(table: Table, loader: Loader) -> made.Loss:
    return made.Loss(_steps(table, loader, 1), loader.rule(table))


def _penalties(top: Table, loader: Loader) -> dict[str, made.Penalty]:
    found: dict[str, made.Penalty] = {}
    for table in top.tables("penalties", optional=True):
        each = _penalty(table, loader)
        if each.offence in found:
            table.fault("offence", _("%(value)s 重复。", value=each.offence), _("每种一行"))
        found[each.offence] = each
    return found


def _penalty(table: Table, loader: Loader) -> made.Penalty:
    least = table.whole("least", 0, 10_000_000)
    found = made.Penalty(
        table.choice("offence", made.OFFENCES),
        least,
        table.whole("most", least, 10_000_000, least),
        table.flag("dismissal", False),
        loader.rule(table),
    )
    if not found.most and not found.dismissal:
        table.fault("least", _("不罚款也不开除的，不写这一行。"), _("1 分以上，或 dismissal = true"))
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
    rows: dict[str, made.AlarmRule] = {}
    for each in table.tables("rows"):
        found = _alarm(each, loader)
        if found.kind in rows:
            each.fault("kind", _("%(value)s 重复。", value=found.kind), _("每种一行"))
        rows[found.kind] = found
    if table.data.get("rows") == []:
        table.fault("rows", _("不能为空。"), _("至少一行"))
    return made.Alarms(tuple(rows.values()), _people(table, "tell", loader), rule)


def _alarm(table: Table, loader: Loader) -> made.AlarmRule:
    kind = table.choice("kind", made.ALARMS)
    if kind in made.OF_PEOPLE and "levels" in table.data:
        table.fault("levels", _("%(kind)s 和密级无关。", kind=kind), _("不写这个键"))
    found = made.AlarmRule(
        kind,
        table.whole("count", 2 if kind == made.TWO_PLACES else 1, 100_000),
        timedelta(minutes=table.whole("minutes", 1, 60 * 24 * 7)),
        table.choices("levels", loader.level_codes, []),
        loader.rule(table),
    )
    table.done()
    return found


def _reports(table: Table, loader: Loader) -> made.Reports:
    return made.Reports(
        table.whole("outstanding_day", 1, 28), _people(table, "outstanding_to", loader), loader.rule(table)
    )


def _adoption(table: Table, loader: Loader) -> made.Adoption:
    return made.Adoption(_steps(table, loader, 1), loader.rule(table))


def _numbers(table: Table, key: str, most: int) -> list[int]:
    found = table.value(key, list, _("整数的列表")) or []
    wrong = [n for n in found if type(n) is not int or not 0 <= n <= most]
    if wrong or len(set(found)) < len(found):
        value = shown(wrong[0] if wrong else found)
        allowed = _("0 到 %(n)s 的整数，不重复", n=most)
        table.fault(key, _("%(value)s 不能用。", value=value), allowed)
        return []
    return sorted(found)


def _time(table: Table, key: str) -> time:
    text = table.text(key)
    match = _TIME.fullmatch(text)
    if not match:
        if text:
            table.fault(key, _("%(value)s 不能用。", value=shown(text)), _("时刻，如 09:00"))
        return time(9)
    return time(int(match[1]), int(match[2]))
