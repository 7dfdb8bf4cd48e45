"""Routes that print the catalog and the remark sheet of one folder."""

from __future__ import annotations

from datetime import datetime

from flask import render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.people.access import current_actor, needs, now
from archive_app.people.actor import Actor
from archive_app.prints import service as printing
from archive_app.prints.register import SHEETS
from archive_app.prints.views import as_pdf
from archive_app.records import queries as records
from archive_app.records.models import Folder
from archive_app.records.views import folder_panels
from archive_app.volumes.folder_sheets import FORMS
from archive_app.volumes.views import blueprint


@blueprint.post("/folders/<int:folder_id>/sheets/<paper>")
@needs("document.edit")
def print_folder_sheet(folder_id: int, paper: str) -> ResponseReturnValue:
    """Print the catalog or the remark sheet of a folder as PDF; every print is registered."""
    actor, at = current_actor(), now()
    folder = records.folder_for(actor, folder_id, at)
    if paper not in FORMS:
        raise NotFound(_("没有这种打印件。"))
    title = f"{SHEETS[paper].name} {folder.file_number}"
    row, data = printing.print_now(paper, "folder", str(folder.id), title=title, actor=actor, at=at)
    return as_pdf(data, f"{paper}-{folder.id}-{row.number}")


def panels(folder: Folder, actor: Actor, _at: datetime) -> dict[str, Markup]:
    """The buttons for both sheets, where the folder has documents to list."""
    if folder.state != "active" or not actor.can("document.edit") or not records.documents_of(folder.id):
        return {}
    html = render_template("pages/volumes/_folder_sheets.html", folder=folder)
    return {"actions": Markup(html)}  # noqa: S704 - our own escaping template


folder_panels.append(panels)
