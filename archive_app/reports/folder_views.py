"""Where one folder was: the drawn timeline, and the link to it on the folder's page."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from archive_app.core.clock import local
from archive_app.core.i18n import _
from archive_app.people.access import current_actor, needs, now
from archive_app.people.actor import Actor
from archive_app.records.models import Folder
from archive_app.records.queries import folder_for
from archive_app.records.service import note_view
from archive_app.records.views import folder_panels
from archive_app.reports import filters, queries
from archive_app.reports.filters import Filters
from archive_app.reports.shape import Values
from archive_app.reports.timeline import TIMELINE, pieces
from archive_app.reports.views import _excel, _filters, blueprint

TICKS = 6


@blueprint.get("/reports/folder/<int:folder_id>")
@needs("report.view")
def timeline(folder_id: int) -> ResponseReturnValue:
    """Where the folder was and who had it, drawn as a bar and listed."""
    actor, at = current_actor(), now()
    folder = folder_for(actor, folder_id, at)
    note_view(folder, actor=actor, at=at, via="timeline")
    wanted, errors = _filters()
    ask = queries.ask_of(actor, replace(wanted, folder=folder.id), at)
    rows = queries.page(TIMELINE, ask).rows
    begins, ends = _edges(rows, wanted, at)
    return render_template(
        "pages/reports/timeline.html", folder=folder, register=TIMELINE, rows=rows,
        figures=TIMELINE.figures(ask),
        pieces=pieces(rows, begins, ends), ticks=_ticks(begins, ends), args=wanted.as_args(), errors=errors,
        periods=filters.PERIODS, begins=begins, ends=ends, at=at,
    ), 422 if errors else 200  # fmt: skip


@blueprint.get("/reports/folder/<int:folder_id>.xlsx")
@needs("report.view")
def timeline_excel(folder_id: int) -> ResponseReturnValue:
    """The same as an Excel file."""
    folder = folder_for(current_actor(), folder_id, now())
    return _excel(TIMELINE, replace(filters.read(request.args), folder=folder.id))


def _edges(rows: list[Values], wanted: Filters, at: datetime) -> tuple[datetime, datetime]:
    """The ends of the bar: those of the period, else from the first stretch until now."""
    begins, ends = wanted.span(at)
    first = min((row["begins"] for row in rows), default=at - timedelta(days=1))
    return begins or first, min(ends or at, at)


def _ticks(begins: datetime, ends: datetime) -> list[dict[str, Any]]:
    """Marks below the bar, at even distances."""
    whole = ends - begins
    shape = "%m-%d %H:%M" if whole < timedelta(days=4) else "%Y-%m-%d"
    return [
        {"x": round(100 * n / TICKS, 2), "text": f"{local(begins + whole * n / TICKS):{shape}}"}
        for n in range(TICKS + 1)
    ]


def panels(folder: Folder, actor: Actor, at: datetime) -> dict[str, Markup]:
    """The link to the timeline, for those who may see reports."""
    if folder.state != "active" or not actor.can("report.view"):
        return {}
    html = render_template("pages/reports/_folder.html", folder=folder, text=_("去向时间线"))
    return {"side": Markup(html)}  # noqa: S704 - our own escaping template


folder_panels.append(panels)
