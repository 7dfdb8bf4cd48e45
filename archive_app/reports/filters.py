"""What a register is narrowed to: it stands in the address, so paper and Excel give what the screen gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from archive_app.core.clock import LOCAL, local_date
from archive_app.core.errors import Invalid, too_long
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.reports import rules

PERIODS = dict(
    zip(rules.PERIODS, (L("全部"), L("本月"), L("上月"), L("本年"), L("去年"), L("自定")), strict=True)
)
TEXT_MAX = 100


@dataclass(frozen=True)
class Filters:
    """Narrowing by days, department, person, level, kind, state and folder; empty means all.

    ``first`` and ``last`` are the days of a period of one's own, both included.
    """

    period: str = "all"
    first: date | None = None
    last: date | None = None
    department: int | None = None
    person: str = ""
    level: str = ""
    kind: str = ""
    state: str = ""
    folder: int | None = None

    def days(self, at: datetime) -> tuple[date | None, date | None]:
        """First and last day, as of a moment."""
        return rules.days_of(self.period, local_date(at), self.first, self.last)

    def span(self, at: datetime) -> tuple[datetime | None, datetime | None]:
        """The moments from which and before which things happened; None is open."""
        first, last = self.days(at)
        return midnight(first), midnight(last + timedelta(days=1) if last else None)

    def as_args(self) -> dict[str, str]:
        """What is set, as an address carries it."""
        values = {"from" if name == "first" else "to" if name == "last" else name: value
                  for name, value in asdict(self).items() if value not in (None, "", "all")}  # fmt: skip
        return {name: str(value) for name, value in values.items()}


def midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), LOCAL) if day else None


def read(args: Mapping[str, Any]) -> Filters:
    """The filters of an address or of stored options.

    Raises Invalid: no such period, not a date, first after last, too long.
    """
    errors: dict[str, str] = {}
    first, last = (_day(args.get(name), name, errors) for name in ("from", "to"))
    period = str(args.get("period") or ("custom" if first or last else "all"))
    if period not in PERIODS:
        errors["period"] = _("请从列表中选。")
    if first and last and first > last:
        errors["to"] = _("止日早于起日。")
    texts = {name: str(args.get(name) or "").strip() for name in ("person", "level", "kind", "state")}
    for name, text in texts.items():
        errors |= too_long(name, text, TEXT_MAX)
    numbers = {name: _whole(args.get(name)) for name in ("department", "folder")}
    if errors:
        raise Invalid(errors)
    return Filters(period, first, last, numbers["department"], folder=numbers["folder"], **texts)


def _day(text: Any, name: str, errors: dict[str, str]) -> date | None:
    if text in (None, ""):
        return None
    try:
        day = date.fromisoformat(str(text).strip())
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 2200:
        errors[name] = _("请写成 2026-11-19 这样的日期。")
        return None
    return day


def _whole(text: Any) -> int | None:
    words = str(text or "")
    return int(words) if words.isascii() and words.isdigit() and len(words) < 12 else None


def words(filters: Filters, at: datetime, names: Mapping[str, str]) -> str:
    """What a list is narrowed to in words; ``names`` gives the words of department, level, kind and state."""
    first, last = filters.days(at)
    parts = []
    if first or last:
        parts.append(_("%(a)s 至 %(b)s", a=first or "—", b=last or "—"))
    parts += [names.get(name, "") for name in ("department", "level", "kind", "state")]
    parts.append(filters.person)
    return _("·").join(part for part in parts if part)
