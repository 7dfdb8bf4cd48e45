"""Routes that print labels of places: one, a selection, or a whole cabinet with its shelves and boxes."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from archive_app.core.errors import Invalid
from archive_app.core.work import work
from archive_app.people.access import current_actor, needs, now
from archive_app.people.forms import whole
from archive_app.printing import labels
from archive_app.records import label_views as form_of_labels
from archive_app.stacks import forms, printers, queries, sheets, words
from archive_app.stacks.models import Place
from archive_app.stacks.views import blueprint

# The label forms of folders and of places offer the printers that are kept here.
form_of_labels.printers.append(printers)


@blueprint.get("/places/labels")
@needs("label.print")
def choose_labels() -> ResponseReturnValue:
    """Choose the printer for the labels of the chosen places; ``under`` adds all that is in one."""
    form = forms.PlaceLabelForm(request.args)
    form.ids.data = ",".join(str(place.id) for place in _asked())
    form_of_labels.offer(form)
    return _page(form, _chosen(form))


@blueprint.post("/places/labels")
@needs("label.print")
def print_labels() -> ResponseReturnValue:
    """The labels as PDF or ZPL; the print is audited, one event a place."""
    form = forms.PlaceLabelForm()
    form_of_labels.offer(form)
    places = _chosen(form)
    if not form.validate() or not places:
        return _page(form, places), 422
    try:
        answer, facts = form_of_labels.printed(form, [sheets.label_of(place) for place in places])
    except Invalid as error:
        form.start.errors = [*form.start.errors, str(error)]
        return _page(form, places), 422
    with work(current_actor(), now()) as w:
        for place in places:
            w.note("label.print", place, path=place.path, **facts)
    return answer


def _page(form: forms.PlaceLabelForm, places: list[Place]) -> str:
    shown = [(place, queries.short_of(place)) for place in places]
    missing = sorted(labels.missing_glyphs("".join(place.path + place.name for place in places)))
    return render_template(
        "pages/stacks/labels.html", form=form, places=shown, missing=missing, words=words
    )  # fmt: skip


def _asked() -> list[Place]:
    """The places in the address: each ``id``, and each ``under`` with all below it."""
    actor = current_actor()
    ids = [key for key in request.args.getlist("id", type=int) if key]
    chosen = queries.of_ids(actor, ids)
    for key in request.args.getlist("under", type=int)[:20]:
        chosen += queries.with_all_below(actor, key)
    return list({place.id: place for place in chosen}.values())


def _chosen(form: forms.PlaceLabelForm) -> list[Place]:
    parts = (form.ids.data or "").split(",")
    ids = [key for part in parts if (key := whole(part)) is not None]
    return queries.of_ids(current_actor(), ids[: form_of_labels.MOST])
