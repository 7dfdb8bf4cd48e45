"""Screens of registers and reports: narrowed by the address, paged by key, given out as PDF and Excel."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.errors import Invalid, NotFound
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now
from archive_app.reports import filters, penalty_register, queries, service, use
from archive_app.reports.filters import Filters
from archive_app.reports.queries import LISTED, narrowed_words
from archive_app.reports.shape import Ask, Register, shown
from archive_app.reports.timeline import TIMELINE

blueprint = Blueprint("reports", __name__)
blueprint.app_template_global("shown")(shown)
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/reports")
@needs("report.view")
def index() -> ResponseReturnValue:
    """All registers and reports, and the monthly lists that the house has made."""
    actor, at = current_actor(), now()
    part = rulebook.current(at, actor.unit_id).book.lending.reports
    return render_template(
        "pages/reports/index.html", registers=LISTED, runs=queries.runs(actor), rule=part, at=at
    )


@blueprint.get("/reports/<report>")
@needs("report.view")
def register_page(report: str) -> ResponseReturnValue:
    """One page of a register, with its figures."""
    register = _register(report)
    actor, at = current_actor(), now()
    wanted, errors = _filters()
    ask = queries.ask_of(actor, wanted, at)
    page = queries.page(register, ask, request.args.get("older", ""), request.args.get("newer", ""))
    return render_template(
        "pages/reports/register.html", register=register, page=page, figures=register.figures(ask),
        args=wanted.as_args(), errors=errors, words=narrowed_words(register, ask), at=at,
        **_choices(actor, at),
        **_more(register, ask, page.rows),
    ), 422 if errors else 200  # fmt: skip


def _register(name: str) -> Register:
    """A register that stands on its own. Raises NotFound."""
    if name == TIMELINE.name:
        raise NotFound(_("没有这份登记簿。"))
    return queries.register_of(name)


def _filters() -> tuple[Filters, dict[str, str]]:
    """The filters of the address; what is wrong in them is said beside the field, and nothing is narrowed."""
    try:
        return filters.read(request.args), {}
    except Invalid as wrong:
        return Filters(), wrong.fields


def _choices(actor: Any, at: Any) -> dict[str, Any]:
    book = rulebook.current(at, actor.unit_id).book
    return {
        "departments": [(each.id, each.name) for each in people.departments()],
        "levels": [(code, level.name) for code, level in book.levels.items()],
        "periods": filters.PERIODS,
    }


def _more(register: Register, ask: Ask, rows: list[Any]) -> dict[str, Any]:
    """What only one of the registers shows besides its rows."""
    book = rulebook.current(ask.at, ask.unit).book
    if register is use.USE:
        return {"matrix": use.matrix(rows, book.lending.effects)}
    if register is penalty_register.PENALTIES:
        return {"table": penalty_register.table(book)}
    return {}


@blueprint.get("/reports/<report>.xlsx")
@needs("report.view")
def excel(report: str) -> ResponseReturnValue:
    """The same rows as an Excel file; every time it is given out is audited."""
    return _excel(_register(report), filters.read(request.args))


def _excel(register: Register, wanted: Filters) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    with TemporaryDirectory(prefix="report-") as folder:
        path = Path(folder) / "register.xlsx"
        service.export_excel(register.name, wanted, path, actor=actor, at=at)
        file = path.open("rb")  # the name may go, the open file stays
    title = f"{register.title} {at:%Y%m%d}.xlsx"
    response = send_file(file, EXCEL, as_attachment=True, download_name=title)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.post("/reports/<report>/print")
@needs("report.view")
def order(report: str) -> ResponseReturnValue:
    """Order the same rows on paper; they are drawn in the background."""
    return _order(queries.register_of(report).name, filters.read(request.form))


def _order(name: str, wanted: Filters) -> ResponseReturnValue:
    row = service.order_pdf(name, wanted, actor=current_actor(), at=now())
    flash(_("正在画，离开本页也会继续。"))
    return redirect(url_for("prints.print_page", print_id=row.id), 303)
