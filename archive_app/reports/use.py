"""利用效果: what was used for which purpose and to what effect, by department, category and month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import peewee as pw

from archive_app.core.clock import LOCAL, local_date
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans import words
from archive_app.loans.models import Loan
from archive_app.people import rulebook
from archive_app.people.models import Department
from archive_app.records.models import Folder
from archive_app.reports import lending, rules
from archive_app.reports.filters import midnight
from archive_app.reports.shape import Ask, Column, Field, Figure, Register, Values

GROUPS = {
    "purpose": L("目的和效果"), "department": L("部门"), "category": L("门类"), "kind": L("方式"),
    "month": L("月份"),
}  # fmt: skip
OF_ALL = 100


@dataclass(frozen=True)
class Matrix:
    """Purposes by effects: ``cells[purpose][effect]`` loans; empty words stand for "not said"."""

    effects: list[str]
    cells: dict[str, dict[str, int]]

    @property
    def most(self) -> int:
        """The largest row."""
        return max((sum(row.values()) for row in self.cells.values()), default=0)


def _used(ask: Ask) -> Any:
    return Loan.handed_at.is_null(False) & Loan.state.in_(lending.HANDED) & lending.narrowed(ask)


def _counted(ask: Ask, *by: Any) -> Iterator[tuple[Any, ...]]:
    """The groups with loans, people, folders and late loans of each, the most used first."""
    late = pw.fn.SUM(pw.Case(None, [(lending.late_at(ask.at), 1)], 0))
    people, folders = pw.fn.COUNT(pw.fn.DISTINCT(Loan.borrower)), pw.fn.COUNT(pw.fn.DISTINCT(Loan.folder))
    loans = pw.fn.COUNT(Loan.id)
    rows = lending.joined(Loan.select(*by, loans, people, folders, late)).where(_used(ask))
    # By position: PostgreSQL takes an expression with values for another one when it stands there twice.
    places = [pw.SQL(str(n + 1)) for n in range(len(by))]
    yield from rows.group_by(*places).order_by(loans.desc(), *places).tuples()


def matrix(rows: list[Values], effects: tuple[str, ...]) -> Matrix:
    """Purposes by effects out of the rows of the report; effects in the order of the rule book."""
    cells: dict[str, dict[str, int]] = {}
    for row in rows:
        if row["group"] == "purpose":
            cells.setdefault(row["name"], {})[row["effect"]] = row["loans"]
    said = {effect for line in cells.values() for effect in line}
    order = [*effects, *sorted(said - set(effects))]
    ranked = dict(sorted(cells.items(), key=lambda line: (-sum(line[1].values()), line[0])))
    return Matrix([effect for effect in order if effect in said], ranked)


def rows(ask: Ask) -> list[Values]:
    """All groups, one line each; a few queries however many loans there are."""
    found = [*_purposes(ask), *_departments(ask), *_categories(ask), *_kinds(ask)]
    if not found:
        return []
    found += _months(ask)
    total = sum(row["loans"] for row in found if row["group"] == "kind")
    for n, row in enumerate(found, 1):
        row |= {"id": n, "late": False, "part": row["loans"] * OF_ALL // total}
        row["part_words"] = _("%(n)s%%", n=row["part"])
    return found


def _row(group: str, name: str, counts: tuple[Any, ...], effect: str = "") -> Values:
    loans, people, folders, late = (int(n or 0) for n in counts)
    return {
        "group": group, "group_name": str(GROUPS[group]), "name": name, "effect": effect, "loans": loans,
        "people": people, "folders": folders, "late_loans": late,
    }  # fmt: skip


def _purposes(ask: Ask) -> Iterator[Values]:
    for purpose, effect, *counts in _counted(ask, Loan.purpose_class, Loan.effect):
        yield _row("purpose", purpose or _("没有写明"), tuple(counts), effect or _("还没有反馈"))


def _departments(ask: Ask) -> Iterator[Values]:
    for name, *counts in _counted(ask, Department.name):
        yield _row("department", name or _("没有部门"), tuple(counts))


def _categories(ask: Ask) -> Iterator[Values]:
    book = rulebook.current(ask.at, ask.unit).book
    for code, *counts in _counted(ask, Folder.category):
        category = book.categories.get(code)
        yield _row("category", f"{code} {category.name}" if category else code, tuple(counts))


def _kinds(ask: Ask) -> Iterator[Values]:
    for kind, *counts in _counted(ask, Loan.kind):
        yield _row("kind", str(words.KINDS.get(kind, kind)), tuple(counts))


def _months(ask: Ask) -> Iterator[Values]:
    """By month of the office calendar, empty months too, the oldest first."""
    spans = [(rules.month_of(first), midnight(first), midnight(end)) for first, end in _months_of(ask)]
    cases = [((Loan.handed_at >= begins) & (Loan.handed_at < ends), month) for month, begins, ends in spans]
    counted = {month: counts for month, *counts in _counted(ask, pw.Case(None, cases, "")) if month}
    for month, _begins, _ends in spans:
        yield _row("month", month, tuple(counted.get(month, (0, 0, 0, 0))))


def _months_of(ask: Ask) -> list[tuple[date, date]]:
    first, last = ask.filters.days(ask.at)
    today = local_date(ask.at)
    if first is None:
        begin = lending.joined(Loan.select(pw.fn.MIN(Loan.handed_at))).where(_used(ask)).scalar()
        first = begin.astimezone(LOCAL).date() if begin else today
    return rules.months(first, min(last or today, today))


def _figures(ask: Ask) -> list[Figure]:
    said = pw.fn.SUM(pw.Case(None, [(Loan.effect != "", 1)], 0))
    late = pw.fn.SUM(pw.Case(None, [(lending.late_at(ask.at), 1)], 0))
    counted = lending.joined(
        Loan.select(
            pw.fn.COUNT(Loan.id), pw.fn.COUNT(pw.fn.DISTINCT(Loan.borrower)),
            pw.fn.COUNT(pw.fn.DISTINCT(Loan.folder)), said, late,
        )
    )  # fmt: skip
    counts = counted.where(_used(ask)).tuples().get()
    names = (_("份次"), _("人"), _("份档案"), _("有效果反馈"), _("逾期过"))
    return [Figure(name, int(n or 0)) for name, n in zip(names, counts, strict=True)]


USE = Register(
    "use", L("利用效果"), L("为什么用、用得怎样，哪个部门、哪一类、哪个月用得多"), "bar-chart",
    (
        Field("group_name", L("统计"), width=12), Field("name", L("项目"), width=24),
        Field("effect", L("效果"), width=16), Field("loans", L("份次"), "number", 8),
        Field("part", L("占比（%）"), "number", 9), Field("people", L("人数"), "number", 8),
        Field("folders", L("档案份数"), "number", 9), Field("late_loans", L("逾期过"), "number", 8),
        Field("part_words", L("占比"), "words"),
    ),
    (
        Column(L("统计"), 42, ("group_name",)),
        Column(L("项目"), 60, ("name",)),
        Column(L("效果"), 40, ("effect",)),
        Column(L("份次"), 21, ("loans",), right=True),
        Column(L("占比"), 21, ("part_words",), right=True),
        Column(L("人数"), 21, ("people",), right=True),
        Column(L("档案"), 21, ("folders",), right=True),
        Column(L("逾期过"), 21, ("late_loans",), right=True),
    ),
    rows, _figures, words.KINDS,
)  # fmt: skip
