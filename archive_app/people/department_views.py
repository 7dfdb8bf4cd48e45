"""Routes of departments: their list, and which officer is in charge of each (分管)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.people import queries, service
from archive_app.people.access import current_actor, needs, now
from archive_app.people.forms import whole

blueprint = Blueprint("departments", __name__)


@blueprint.get("/departments")
@needs("people.manage")
def index() -> ResponseReturnValue:
    """The departments with who is in charge."""
    rows, people = queries.departments(), queries.users()
    return render_template("pages/people/departments.html", rows=rows, people=people)


@blueprint.post("/departments/<int:department_id>/overseer")
@needs("people.manage")
def set_overseer(department_id: int) -> ResponseReturnValue:
    """Put an officer in charge of a department, or nobody."""
    wanted = whole(request.form.get("overseer")) or None
    try:
        row = service.set_overseer(department_id, wanted, actor=current_actor(), at=now())
    except Invalid as error:
        flash(str(error), "stop")
    else:
        flash(_("已保存 %(name)s的分管领导。", name=row.name), "ok")
    return redirect(url_for("departments.index"), 303)
