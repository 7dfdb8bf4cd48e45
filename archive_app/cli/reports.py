"""Commands of registers and reports: what the screens show, as lines, JSON, Excel or PDF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from archive_app.cli.frame import Run, archive, command, folder_of
from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.reports import filters, queries, service
from archive_app.reports.filters import Filters
from archive_app.reports.shape import Register, Values, shown

FILE = click.Path(dir_okay=False, path_type=Path)


@archive.group("report")
def report() -> None:
    """Registers and reports: loans, consults, copies, what is out, overdue, use; every reading is audited."""


def _options(function: Callable[..., None]) -> Callable[..., None]:
    """What every register can be narrowed to, and how it is given out."""
    for option in (
        click.option("--from", "first", metavar="DATE", help="from this day, e.g. 2026-11-01"),
        click.option("--to", "last", metavar="DATE", help="to this day, included"),
        click.option("--period", type=click.Choice(list(filters.PERIODS)), help="a named period instead"),
        click.option("--department", metavar="NAME", help="of this department (name or code)"),
        click.option("--person", metavar="NAME", help="part of a name, or an account"),
        click.option("--level", help="level of secrecy, e.g. secret"),
        click.option("--kind", help="consult, loan, photocopy, excerpt; of penalties: loss, damage …"),
        click.option("--state", help="one of the states of the register"),
        click.option("--xlsx", type=FILE, help="write an Excel file"),
        click.option("--pdf", type=FILE, help="print into a PDF, entered in the register of prints"),
    ):
        function = option(function)
    return function


def _command(register: Register) -> None:
    @command(report, register.name, who="reads", needs="report.view")
    @_options
    def give(run: Run, xlsx: Path | None, pdf: Path | None, **wanted: Any) -> None:
        _give(run, register, _filters(register, wanted), xlsx, pdf)

    report.commands[register.name].help = f"{register.title.text}: {register.lead.text}."


def _filters(register: Register, wanted: dict[str, Any]) -> Filters:
    """The filters of the options. Raises Invalid: a word that the register does not know."""
    errors = {}
    for name, known in (("kind", register.kinds), ("state", register.states)):
        if wanted[name] and wanted[name] not in known:
            errors[f"--{name}"] = _("请从这些中选：%(words)s。", words="、".join(known) or "—")
    department = wanted.pop("department")
    rows = [row for row in people.departments() if department in (row.name, row.code)]
    if department and not rows:
        errors["--department"] = _("没有部门 %(name)s。", name=department)
    if errors:
        raise Invalid(errors)
    args = wanted | {"from": wanted.pop("first"), "to": wanted.pop("last")}
    return filters.read(args | {"department": rows[0].id if rows else None})


def _give(run: Run, register: Register, wanted: Filters, xlsx: Path | None, pdf: Path | None) -> None:
    if xlsx:
        count = service.export_excel(register.name, wanted, xlsx, actor=run.actor, at=run.at)
        run.line(_("%(file)s  %(n)s 行", file=xlsx, n=count), file=str(xlsx), rows=count)
    if pdf:
        row, data = service.print_pdf(register.name, wanted, actor=run.actor, at=run.at)
        pdf.write_bytes(data)
        run.line(f"{pdf}  {_('%(n)s 页', n=row.pages)}", file=str(pdf), pages=row.pages, print=row.id)
    if not (xlsx or pdf):
        for values in service.read_out(register.name, wanted, actor=run.actor, at=run.at):
            _tell(run, register, values)


def _tell(run: Run, register: Register, values: Values) -> None:
    """One row: its columns beside each other, or with --json its fields."""
    written = ("".join(register.lines(values, column)[:1]) for column in register.columns)
    fields = {each.name: values.get(each.name) for each in register.plain}
    told = {
        name: shown("moment", value) if hasattr(value, "tzinfo") else value for name, value in fields.items()
    }
    run.line("  ".join(word for word in written if word), **told)


for _register in queries.LISTED:
    _command(_register)


@command(report, "timeline", who="reads", needs="report.view")
@click.argument("number")
@_options
def timeline(run: Run, number: str, xlsx: Path | None, pdf: Path | None, **wanted: Any) -> None:
    """Where folder NUMBER was and who had it."""
    register = queries.register_of("timeline")
    narrowed = replace(_filters(register, wanted), folder=folder_of(run, number).id)
    _give(run, register, narrowed, xlsx, pdf)


@command(report, "monthly", who="house")
def monthly(run: Run) -> None:
    """Make the monthly list of what is out, if its day has come and it was not made yet."""
    for row in service.make_monthly(run.at):
        late = _("迟了") if row.late else ""
        run.line(
            f"{row.month}  {_('%(n)s 份在外', n=row.rows)}  {late}".rstrip(), month=row.month, rows=row.rows,
            late=row.late, print=row.print_id,
        )  # fmt: skip
