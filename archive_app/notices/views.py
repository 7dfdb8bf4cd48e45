"""Routes of one's own notices: the list, opening one, marking them read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.routing import BuildError

from archive_app.core.i18n import _
from archive_app.notices import queries, service
from archive_app.notices.queries import Line
from archive_app.people.access import PUBLIC, access_of, current_actor, needs, now
from archive_app.people.forms import whole

blueprint = Blueprint("notices", __name__)


@blueprint.get("/notices")
@needs("account.own")
def index() -> ResponseReturnValue:
    """What one was told, newest first; all of it, or what was not read yet."""
    actor, unread = current_actor(), request.args.get("show") == "unread"
    older, newer = whole(request.args.get("older")), whole(request.args.get("newer"))
    page = queries.page(actor, now(), unread=unread, older=older, newer=newer)
    shown = [(line.notice, bool(_address(line))) for line in page.lines]
    count = queries.count_unread(actor.user_id)
    return render_template("pages/notices/index.html", page=page, lines=shown, unread=unread, count=count)


@blueprint.get("/notices/<int:notice_id>")
@needs("account.own")
def open_notice(notice_id: int) -> ResponseReturnValue:
    """Mark a notice read and go to what it is about, if the person may still see that."""
    actor = current_actor()
    notice = service.read(notice_id, actor=actor, at=now())
    target = _address(queries.lines(actor, [notice], now())[0])
    if not target:
        flash(_("这条通知说的事，现在没有可以看的页面。"), "info")
    return redirect(target or url_for("notices.index"), 303)


@blueprint.post("/notices/<int:notice_id>/read")
@needs("account.own")
def read(notice_id: int) -> ResponseReturnValue:
    """Mark one notice read."""
    service.read(notice_id, actor=current_actor(), at=now())
    return redirect(url_for("notices.index", show=_shown()), 303)


@blueprint.post("/notices/read-all")
@needs("account.own")
def read_all() -> ResponseReturnValue:
    """Mark all read."""
    count = service.read_all(actor=current_actor(), at=now())
    flash(_("%(n)s 条通知已标为已读。", n=count), "ok")
    return redirect(url_for("notices.index"), 303)


def _shown() -> str | None:
    return "unread" if request.form.get("show") == "unread" else None


def _address(line: Line) -> str:
    """The address of what a notice is about, empty when there is none for this person."""
    endpoint: str = line.notice.endpoint
    view = current_app.view_functions.get(endpoint)
    if line.target is None or view is None:
        return ""
    wanted = access_of(view) or ()
    if wanted != PUBLIC and not any(current_actor().can(each) for each in wanted):
        return ""
    values: dict[str, Any] = line.target
    try:
        return url_for(endpoint, **values)
    except BuildError:  # a notice of an older version of the program
        return ""
