"""Screens of the stacks: the shelves one can look at, a place and what is in it, the folder's place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from archive_app.core.i18n import _
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now
from archive_app.people.actor import Actor
from archive_app.people.forms import whole
from archive_app.printing import barcode
from archive_app.records import queries as records
from archive_app.records.models import Folder
from archive_app.records.views import folder_panels, submit
from archive_app.stacks import forms, queries, rules, service, sheets, words
from archive_app.stacks.models import Place

blueprint = Blueprint("stacks", __name__)


@blueprint.get("/places")
@needs("place.view")
def index() -> ResponseReturnValue:
    """All rooms with their cabinets, drawn as shelves; a typed code leads to its place."""
    actor = current_actor()
    typed = (request.args.get("q") or "").strip()[:100]
    found = queries.find(actor, typed) if typed else []
    if len(found) == 1:
        return redirect(url_for("stacks.place", place_id=found[0].id), 303)
    rooms = queries.tree(actor, now())
    return render_template(
        "pages/stacks/index.html", rooms=rooms, typed=typed, found=found, words=words
    )  # fmt: skip


@blueprint.get("/places/<int:place_id>")
@needs("place.view")
def place(place_id: int) -> ResponseReturnValue:
    """One place: what stands in it in shelf order, what is away, what happened here."""
    return _place_page(place_id, forms.PutForm())


@blueprint.post("/places/<int:place_id>/put")
@needs("place.shelve")
def put(place_id: int) -> ResponseReturnValue:
    """Put folders into the place by their typed numbers, all or none."""
    actor, at, form = current_actor(), now(), forms.PutForm()
    queries.place_for(actor, place_id)
    ids = _typed_folders(form, actor, at) if form.validate_on_submit() else []
    if form.errors:
        return _place_page(place_id, form), 422
    service.shelve(place_id, [("folder", key) for key in ids], via="screen", actor=actor, at=at)
    flash(_("已上架 %(n)s 份。", n=len(ids)), "ok")
    return redirect(url_for("stacks.place", place_id=place_id), 303)


def _typed_folders(form: forms.PutForm, actor: Actor, at: datetime) -> list[int]:
    found, unknown = [], []
    for text in (
        (form.numbers.data or "").replace("、", " ").replace("，", " ").replace(",", " ").split()[:200]
    ):
        rows = records.by_number(actor, text, at)
        if len(rows) == 1:
            found.append(rows[0].id)
        else:
            unknown.append(text)
    if unknown:
        said = _("这些档号没有找到，或不止一份：%(numbers)s", numbers=_("、").join(unknown[:10]))
        form.numbers.errors = [*form.numbers.errors, said]
    return found


def _place_page(place_id: int, form: forms.PutForm) -> str:
    actor, at = current_actor(), now()
    shown = queries.contents(actor, place_id, at)
    return render_template(
        "pages/stacks/place.html",
        shown=shown,
        place=shown.place,
        node=shown.node,
        form=form,
        code=queries.short_of(shown.place),
        bars=barcode.modules(sheets.payload_of(shown.place)),
        history=queries.placements_in(shown.place, actor, at),
        book=rulebook.current(at, actor.unit_id).book,
        below=words.BELOW[shown.place.kind],
        words=words,
    )


@blueprint.route("/places/new", methods=["GET", "POST"])
@needs("place.manage")
def new() -> ResponseReturnValue:
    """The form for one place or several in a row."""
    actor = current_actor()
    form = forms.PlaceForm()
    form.parent.choices = [("", _("（新的库房）")), *queries.choices(actor, ("room", "cabinet", "shelf"))]
    parent = _parent(actor)
    if not form.is_submitted():
        form.parent.data = parent.id if parent else None
        form.kind.data = words.BELOW[parent.kind][0] if parent else "room"
        form.code.data = queries.next_code(actor, parent, form.kind.data)

    def save() -> ResponseReturnValue:
        made = service.add_places(
            form.kind.data, form.code.data, form.parent.data, form.count.data, name=form.name.data,
            width_mm=form.width_mm.data, actor=actor, at=now(),
        )  # fmt: skip
        flash(_("已建 %(n)s 个位置。下一步：打印标签。", n=len(made)), "ok")
        target = form.parent.data or made[0].id
        return redirect(url_for("stacks.place", place_id=target), 303)

    kinds = words.BELOW[parent.kind] if parent else ()
    if kinds:
        form.kind.choices = [(kind, words.KINDS[kind]) for kind in kinds]
    return submit(form, save, "pages/stacks/new.html", parent=parent)


def _parent(actor: Actor) -> Place | None:
    """The open place in the address under which something is added."""
    wanted = whole(request.args.get("parent"))
    known = dict(queries.choices(actor, ("room", "cabinet", "shelf"))) if wanted else {}
    return queries.place_for(actor, wanted) if wanted in known else None


@blueprint.route("/places/<int:place_id>/rename", methods=["GET", "POST"])
@needs("place.manage")
def rename(place_id: int) -> ResponseReturnValue:
    """The form that changes code, name or width."""
    actor = current_actor()
    row = queries.place_for(actor, place_id)
    form = forms.RenameForm(obj=row)

    def save() -> ResponseReturnValue:
        renamed = service.rename(
            place_id, form.code.data, form.name.data, width_mm=form.width_mm.data, actor=actor, at=now()
        )
        flash(_("已改为 %(path)s。标签要重新打印。", path=renamed.path), "ok")
        return redirect(url_for("stacks.place", place_id=place_id), 303)

    return submit(form, save, "pages/stacks/rename.html", place=row, kind=words.KINDS[row.kind])


@blueprint.route("/places/<int:place_id>/move", methods=["GET", "POST"])
@needs("place.shelve")
def move(place_id: int) -> ResponseReturnValue:
    """The form that moves a place with all that is in it."""
    actor = current_actor()
    row = queries.place_for(actor, place_id)
    form = forms.MoveForm()
    kinds = [kind for kind in rules.UNDER[row.kind] if kind]
    form.parent.choices = [choice for choice in queries.choices(actor, kinds) if choice[0] != row.parent_id]
    wanted = request.args.get("to", type=int)
    if not form.is_submitted() and wanted in dict(form.parent.choices):
        form.parent.data = wanted

    def save() -> ResponseReturnValue:
        moved = service.move_place(place_id, form.parent.data, actor=actor, at=now())
        flash(_("已移到 %(path)s，里面的档案一起改了位置。", path=moved.path), "ok")
        return redirect(url_for("stacks.place", place_id=place_id), 303)

    total = queries.contents(actor, place_id, now()).node.total
    return submit(form, save, "pages/stacks/move.html", place=row, total=total, kind=words.KINDS[row.kind])


@blueprint.post("/places/<int:place_id>/close")
@needs("place.manage")
def close(place_id: int) -> ResponseReturnValue:
    """Take an empty place out of use."""
    actor = current_actor()
    row = queries.place_for(actor, place_id)
    service.close_place(place_id, actor=actor, at=now())
    flash(_("%(path)s 已停用。", path=row.path), "ok")
    if row.parent_id:
        return redirect(url_for("stacks.place", place_id=row.parent_id), 303)
    return redirect(url_for("stacks.index"), 303)


# The folder's page


def panels(folder: Folder, actor: Actor, at: datetime) -> dict[str, Markup]:
    """Where the folder belongs, when it was last seen and where, and what stands beside it."""
    if folder.state != "active" or not actor.can("place.view"):
        return {}
    standing = queries.standing_of("folder", folder.id)
    left, right = queries.neighbours(folder, actor, at)
    known: dict[str, Any] = {
        "folder": folder,
        "home": standing.home if standing else None,
        "left": left,
        "right": right,
        "seen": queries.last_seen([folder.id]).get(folder.id),
        "history": queries.history_of("folder", folder.id, 6),
        "words": words,
    }
    return {"side": Markup(render_template("pages/stacks/_side.html", **known))}  # noqa: S704


folder_panels.append(panels)
