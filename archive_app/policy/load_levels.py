"""Reading the levels of secrecy: sights, uses and refusals, complete for every level."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from archive_app.core.i18n import _
from archive_app.policy.parts import USES, Level, Limit, Rule, Sight, Use
from archive_app.policy.reader import Table

if TYPE_CHECKING:
    from archive_app.policy.load import Loader

PLACES = ("reading_room", "company", "outside")
CLOCKS = ("wall", "working")


def levels(table: Table, loader: Loader) -> dict[str, Level]:
    """Return the levels by code, least secret first."""
    found = [_level(code, each, loader) for code, each in table.each()]
    ranks = [level.rank for level in found]
    for level in found:
        if ranks.count(level.rank) > 1:
            table.table(level.code).fault("rank", _("%(rank)s 重复。", rank=level.rank), _("每级不同的整数"))
    return {level.code: level for level in sorted(found, key=lambda level: level.rank)}


def _level(code: str, table: Table, loader: Loader) -> Level:
    rule = loader.rule(table)
    on_screen, rank = table.flag("on_screen"), table.whole("rank", 0, 9)
    uses = {action: _use(action, each, loader) for action, each in _uses(table)}
    refused = _refused(table, loader)
    for action in USES:
        if (action in uses) == (action in refused):
            table.fault(None, _("%(action)s 要写在 use 或 refused 中的一处。", action=action), "use、refused")
    made = Level(
        code=code,
        rank=rank,
        name=table.text("name"),
        label=table.text("label", ""),
        label_note=table.text("label_note", ""),
        rule=rule,
        known=_sight(table.table("known"), loader),
        on_screen=on_screen,
        read=_sight(table.table("read"), loader),
        read_while=frozenset(table.choices("read_while", tuple(uses), [])),
        uses=MappingProxyType(uses),
        refused=MappingProxyType(refused),
        download=table.flag("download", on_screen and rank == 0),
        watermark=table.flag("watermark", rank > 0),
        screen_rule=loader.rule(table, "screen_rule") if "screen_rule" in table.data else rule,
    )
    table.done()
    return made


def _sight(table: Table, loader: Loader) -> Sight:
    tiers = table.table("tier", optional=True)
    made = _plain_sight(table, loader, loader.rule(table))
    by_tier = {tier: _tier_sight(each, loader, made.rule) for tier, each in tiers.each()}
    for tier in by_tier:
        if tier not in loader.tier_codes:
            allowed = "、".join(loader.tier_codes) or _("先在 [tiers] 中写明")
            tiers.fault(tier, _("%(value)s 不能用。", value=tier), allowed)
    return replace(made, by_tier=MappingProxyType(by_tier))


def _tier_sight(table: Table, loader: Loader, rule: Rule) -> Sight:
    return _plain_sight(table, loader, loader.rule(table) if "rule" in table.data else rule)


def _plain_sight(table: Table, loader: Loader, rule: Rule) -> Sight:
    made = Sight(
        frozenset(loader.role_list(table, "roles")),
        frozenset(loader.role_list(table, "own_department", optional=True)),
        rule,
        frozenset(loader.role_list(table, "own_customer", optional=True)),
    )
    table.done()
    return made


def _uses(table: Table) -> list[tuple[str, Table]]:
    inner = table.table("use", optional=True)
    for action in inner.data:
        if action not in USES:
            inner.fault(action, _("不认识这个键。"), "、".join(USES))
    return [(action, each) for action, each in inner.each() if action in USES]


def _refused(table: Table, loader: Loader) -> dict[str, Rule]:
    inner = table.table("refused", optional=True)
    found = {action: loader.rule(inner, action) for action in inner.data if action in USES}
    inner.done()
    return found


def _use(action: str, table: Table, loader: Loader) -> Use:
    where = table.choice("where", PLACES) if "where" in table.data else None
    longer = loader.extension(table.table("extension")) if "extension" in table.data else None
    made = Use(action, where, limit(table), loader.rule(table), longer)
    table.done()
    return made


def limit(table: Table) -> Limit:
    """Return the limit of a use or an extension: hours, days, or till closing of the day."""
    hours = table.whole("hours", 1, 72) if "hours" in table.data else None
    days = table.whole("days", 1, 365) if "days" in table.data else None
    if hours is not None and days is not None:
        table.fault("days", _("hours 和 days 只能写一个。"), "hours、days")
    return Limit(hours, days, table.choice("clock", CLOCKS, "wall"))
