"""The verbs of reports: give a register out as Excel or PDF, and make the monthly list on one's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any

import peewee as pw

from archive_app.core.clock import LOCAL, local_date
from archive_app.core.errors import ArchiveError
from archive_app.core.i18n import _
from archive_app.core.work import Work, work
from archive_app.notices.service import tell
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people import service as accounts
from archive_app.people.actor import Actor, system
from archive_app.people.models import ArchiveUnit, RuleBookVersion
from archive_app.prints import queries as prints
from archive_app.prints import service as printing
from archive_app.prints.models import Print
from archive_app.reports import excel, queries, rules, sheets, sight
from archive_app.reports.filters import Filters
from archive_app.reports.models import ReportRun
from archive_app.reports.shape import Ask, Values

MONTHLY = "outstanding"
"""The register that the house makes each month on its own (去向列表)."""


def export_excel(name: str, filters: Filters, target: Path, *, actor: Actor, at: datetime) -> int:
    """Write a register to ``target`` as Excel and return how many rows it has; audited with what it names.

    Raises NotFound; Refused: permission.
    """
    register, ask = queries.register_of(name), queries.ask_of(actor, filters, at)
    named: dict[str, None] = {}
    words = excel.note(queries.narrowed_words(register, ask), at, actor.name)
    rows = _noted(queries.every(register, ask), named)
    count = excel.write(target, register.plain, rows, sheets.title_of(register, ask), words)
    with work(actor, at) as w:
        _note(w, "report.export", name, filters, count, named, format="xlsx")
    return count


def read_out(name: str, filters: Filters, *, actor: Actor, at: datetime) -> Iterator[Values]:
    """All rows of a register, for the command line; audited when the last one was read.

    Raises NotFound; Refused: permission.
    """
    register, ask = queries.register_of(name), queries.ask_of(actor, filters, at)
    named: dict[str, None] = {}
    count = 0
    for row in _noted(queries.every(register, ask), named):
        count += 1
        yield row
    with work(actor, at) as w:
        _note(w, "report.export", name, filters, count, named, format="rows")


def _noted(rows: Iterable[Values], named: dict[str, None]) -> Iterator[Values]:
    for row in rows:
        if row.get("classified"):
            named[row["file_number"]] = None
        named.update(dict.fromkeys(row.get("classified_numbers", ())))
        yield row


def _note(
    w: Work, action: str, name: str, filters: Filters, count: int, named: Iterable[str], **more: Any
) -> None:
    about = filters.as_args()
    w.note(action, ("report", name), filters=about, count=count, classified=list(named), **more)


def order_pdf(name: str, filters: Filters, *, actor: Actor, at: datetime) -> Print:
    """Enter a register into the register of prints as it is now; it is drawn in the background.

    Raises NotFound; Refused: permission.
    """
    ask = queries.ask_of(actor, filters, at)
    row = _issue(ask, name, actor, at)
    content = prints.content_of(row)
    with work(actor, at) as w:
        _note(w, "report.export", name, filters, len(content["lines"]), content["classified"], format="pdf",
              print=row.id)  # fmt: skip
    return row


def print_pdf(name: str, filters: Filters, *, actor: Actor, at: datetime) -> tuple[Print, bytes]:
    """The same, drawn at once. Raises as `order_pdf`; ArchiveError: it could not be drawn."""
    row = order_pdf(name, filters, actor=actor, at=at)
    row = printing.draw(row.id, at)
    if row.state != "done":
        raise ArchiveError(row.error or _("打印件没有画好。到打印登记里再试。"))
    return row, printing.pdf(row.id, actor=actor, at=at)


def _issue(ask: Ask, name: str, actor: Actor, at: datetime) -> Print:
    register = queries.register_of(name)
    words = queries.narrowed_words(register, ask)
    title = " ".join(part for part in (sheets.title_of(register, ask), words) if part)
    return printing.issue(
        sheets.FORM, sheets.KIND, sheets.key_of(register, ask), title=title, args=sheets.args_of(ask),
        actor=actor, at=at,
    )  # fmt: skip


def make_monthly(at: datetime) -> list[ReportRun]:
    """Make the list of what is out for every archive unit whose day has come; return those made now.

    Once a month, whatever was restarted: the unique month is claimed in the work that issues the print and
    tells those whom the rule book names. After its day (the worker stood still) it is marked late.
    """
    made = [_make(unit, at) for unit in ArchiveUnit.select().order_by(ArchiveUnit.id)]
    return [row for row in made if row is not None]


def _make(unit: ArchiveUnit, at: datetime) -> ReportRun | None:
    adopted = rulebook.current(at, unit.id)
    part = adopted.book.lending.reports
    if part is None or not part.outstanding_to:
        return None
    due = rules.monthly_due(local_date(at), part.outstanding_day)
    month = rules.month_of(due)
    done = (ReportRun.unit == unit) & (ReportRun.report == MONTHLY) & (ReportRun.month == month)
    if ReportRun.select().where(done).exists():
        return None
    if _founded(unit) > datetime.combine(due, time(23, 59), LOCAL):
        return None  # the archive did not exist on that day
    receivers = [
        user for role in part.outstanding_to for user in people.users_in_role(role, at)
    ]  # fmt: skip
    seen = sight.sight_for([accounts.actor_of(user, at) for user in receivers], at, unit.id)
    ask = Ask(Filters(), seen, unit.id, at)
    late = local_date(at) > due
    try:
        return _claim(unit, month, ask, late, [user.id for user in receivers])
    except pw.IntegrityError:
        return None  # another worker was faster


def _founded(unit: ArchiveUnit) -> datetime:
    """When the unit took up its first rule book."""
    first: datetime = RuleBookVersion.select(RuleBookVersion.adopted_at).where(
        RuleBookVersion.unit == unit
    ).order_by(RuleBookVersion.version).scalar()  # fmt: skip
    return first


def _claim(unit: ArchiveUnit, month: str, ask: Ask, late: bool, tell_to: list[int]) -> ReportRun:
    house, at = replace(system(unit.id), permissions=frozenset({"report.view"})), ask.at
    register = queries.register_of(MONTHLY)
    with work(house, at) as w:
        row = _issue(ask, MONTHLY, house, at)
        content = prints.content_of(row)
        run = ReportRun.create(
            unit=unit,
            report=MONTHLY,
            month=month,
            made_at=at,
            late=late,
            rows=len(content["lines"]),
            print=row,
        )
        _note(w, "report.monthly", MONTHLY, ask.filters, run.rows, content["classified"], month=month,
              late=late, print=row.id)  # fmt: skip
        title = _("%(month)s %(name)s：%(n)s 份在外", month=month, name=register.title, n=run.rows)
        tell(
            tell_to, "report.outstanding", f"report:{unit.id}:{MONTHLY}:{month}", title,
            _("迟了：到日子没有编制，现在补上。") if late else "", endpoint="prints.print_page",
            about={"print_id": row.id}, at=at, actor=house,
        )  # fmt: skip
    return run
