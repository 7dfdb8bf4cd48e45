"""Routes of the finding aids over many volumes, and what the folder page says about volumes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people.access import current_actor, needs, now
from archive_app.people.actor import Actor
from archive_app.prints import queries as prints
from archive_app.prints import service as printing
from archive_app.prints.models import Print
from archive_app.prints.register import SHEETS
from archive_app.records.models import Folder
from archive_app.records.views import folder_panels
from archive_app.volumes import queries, words
from archive_app.volumes.facts import STATES
from archive_app.volumes.lists import list_key
from archive_app.volumes.models import Volume, VolumeItem
from archive_app.volumes.shelf import called
from archive_app.volumes.views import blueprint, show

RECENT = 10


@blueprint.get("/lists")
@needs("volume.view")
def lists() -> ResponseReturnValue:
    """The lists that can be printed of every category and year, and the ones printed lately."""
    actor, at = current_actor(), now()
    kinds = [form for form in words.LISTS if actor.can(SHEETS[form].permission)]
    newest = (Print.select().where(Print.form.in_(list(words.LISTS))).order_by(Print.id.desc())).limit(
        5 * RECENT
    )
    recent = [row for row in newest if prints.may_see(actor, row, at)][:RECENT]
    rows = queries.years(actor, at)
    return show("lists", rows=rows, kinds=kinds, sheets=SHEETS, recent=recent, names=people.names())


@blueprint.post("/lists/<form>/<category>/<int:year>")
@needs("volume.view")
def print_list(form: str, category: str, year: int) -> ResponseReturnValue:
    """Order one list of a category and year; it is drawn in the background."""
    if form not in words.LISTS:
        raise NotFound(_("没有这种目录。"))
    actor, at = current_actor(), now()
    title = f"{SHEETS[form].name} {category} {year}"
    row = printing.issue(
        form, "volume_year", list_key(actor, category, year, at), title=title, actor=actor, at=at
    )
    flash(_("正在画，离开本页也会继续。"))
    return redirect(url_for("prints.print_page", print_id=row.id), 303)


# The folder's page


@dataclass(frozen=True)
class Stood:
    """How much of a folder stands in one volume, and on which of its pages."""

    volume: Volume
    items: int
    pages: str


def stood(folder: Folder, actor: Actor, at: datetime) -> list[Stood]:
    """The volumes in which a folder's documents stand now, as far as the actor may know of them."""
    rows = (
        VolumeItem.select(VolumeItem, Volume)
        .join(Volume)
        .where(
            (VolumeItem.folder == folder.id) & VolumeItem.released_at.is_null() & queries.visible(actor, at)
        )
        .order_by(Volume.year, Volume.place_in_year, VolumeItem.position)
    )
    by_volume: dict[int, list[VolumeItem]] = {}
    for row in rows:
        by_volume.setdefault(row.volume_id, []).append(row)
    return [Stood(items[0].volume, len(items), _pages(items)) for items in by_volume.values()]


def _pages(items: Iterable[VolumeItem]) -> str:
    """First to last page of these items, empty as long as the pages are not numbered."""
    numbered = [(item.first_page, item.pages) for item in items if item.first_page is not None and item.pages]
    if not numbered:
        return ""
    first = min(page for page, _pages in numbered)
    last = max(page + pages - 1 for page, pages in numbered)
    return str(first) if first == last else f"{first}–{last}"


def panels(folder: Folder, actor: Actor, at: datetime) -> dict[str, Markup]:
    """What the folder page says about volumes: a chip when it is bound, and where its documents stand."""
    if folder.state != "active" or not actor.can("volume.view"):
        return {}
    standing = stood(folder, actor, at)
    if not standing:
        return {}
    values = {"standing": standing, "called": called, "states": STATES}
    bound = [each for each in standing if each.volume.state in ("bound", "boxed")]
    made = {"side": Markup(render_template("pages/volumes/_panel.html", **values))}  # noqa: S704 - our own escaping template
    if bound:
        made["binding"] = escape(_("已装订"))
        made["chips"] = Markup(render_template("pages/volumes/_chips.html", bound=bound, called=called))  # noqa: S704
    return made


folder_panels.append(panels)
