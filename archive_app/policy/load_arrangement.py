"""Reading how volumes are arranged and bound: key, sizes, what stands apart, the rule behind each step."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from archive_app.core.i18n import _
from archive_app.policy.parts import Arrangement, ChainStep, Rule
from archive_app.policy.reader import Table, shown

if TYPE_CHECKING:
    from archive_app.policy.load import Loader

VOLUME_KEY = ("category", "year", "manager")
ALWAYS = VOLUME_KEY[:2]
BINDINGS = ("three_hole",)
PROBLEMS = (
    "lent", "pages_missing", "pages_differ", "damaged", "faded",
    "scan_failed", "electronic_only", "no_scan", "date_far",
)  # fmt: skip
RULE_KEYS = (
    "groups", "apart", "one_year", "reply_year", "request_year", "plan_year", "summary_year", "meeting_year",
    "reply_first", "main_first", "print_first", "others", "signing_date", "newest_first", "dated", "as_filed",
    "by_hand", "number_order", "page_numbers", "catalog", "remark", "assembly", "threading", "yearly",
    "manager", "dual_paper", "dual_electronic", "paper_kept", "electronic_printed", "checker", "unbinding",
)  # fmt: skip
THINNEST, WIDEST = 5, 100  # mm of a box


def arrangement(table: Table, loader: Loader) -> Arrangement:
    """Return the rules of arrangement, complete: one rule for every key of RULE_KEYS."""
    rules = _rules(table.table("rules"), loader)
    boxes = _boxes(table)
    made = Arrangement(
        volume_key=_volume_key(table),
        number=loader.template(table, "number"),
        sheet_mm=table.decimal("sheet_mm", 0.03, 1.0),
        boxes_mm=boxes,
        box_fill=table.decimal("box_fill", 0.1, 1.0),
        volume_mm=table.whole("volume_mm", THINNEST, max(boxes, default=WIDEST)),
        binding=table.choice("binding", BINDINGS),
        apart=table.choices("apart", loader.level_codes),
        holds=table.choices("holds", PROBLEMS),
        rules=MappingProxyType(rules),
        unbinding=_unbinding(table, loader, rules),
    )
    table.done()
    return made


def _rules(table: Table, loader: Loader) -> dict[str, Rule]:
    found = {key: loader.rule(table, key) for key in RULE_KEYS}
    table.done()
    return found


def _volume_key(table: Table) -> tuple[str, ...]:
    """Class and year never stand in one volume with others (ARR-04, ARR-16)."""
    found = table.choices("volume_key", VOLUME_KEY)
    if missing := [key for key in ALWAYS if key not in found]:
        table.fault("volume_key", _("缺少 %(keys)s。", keys="、".join(missing)), "、".join(VOLUME_KEY))
    return found


def _boxes(table: Table) -> tuple[int, ...]:
    """Widths of the boxes, thinnest first."""
    allowed = _("%(least)s 到 %(most)s 的整数，从小到大", least=THINNEST, most=WIDEST)
    found = table.value("boxes_mm", list, allowed) or []
    good = [each for each in found if type(each) is int and THINNEST <= each <= WIDEST]
    if not good or good != found or good != sorted(set(good)):
        table.fault("boxes_mm", _("%(value)s 不能用。", value=shown(found)), allowed)
    return tuple(good)


def _unbinding(table: Table, loader: Loader, rules: Mapping[str, Rule]) -> tuple[ChainStep, ...]:
    steps = tuple(loader.step(each, rules["unbinding"]) for each in table.tables("unbinding"))
    if not steps and "unbinding" in table.data:
        table.fault("unbinding", _("不能为空。"), _("至少一步审批"))
    return steps
