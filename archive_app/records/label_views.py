"""Routes that print labels: from a folder, a selection, a number range or a reserved block."""

from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now
from archive_app.printing import labels
from archive_app.records import forms, queries, service, sheets
from archive_app.records.models import Folder
from archive_app.records.views import blueprint

MOST = 2000


@blueprint.get("/labels")
@needs("label.print")
def choose_labels() -> ResponseReturnValue:
    """Choose the paper and where on it to start; shows what will be printed."""
    form = _form(request.args)
    chosen = _chosen(form)
    return render_template("pages/records/labels.html", form=form, folders=chosen, missing=_missing(chosen))


@blueprint.post("/labels")
@needs("label.print")
def print_labels() -> ResponseReturnValue:
    """The labels as PDF, or as ZPL for a thermal printer; every print is audited."""
    form = _form(request.form)
    actor, at = current_actor(), now()
    chosen = _chosen(form) if form.validate() else []
    if form.errors or not chosen:
        page = render_template("pages/records/labels.html", form=form, folders=chosen, missing=())
        return page, 422
    book = rulebook.current(at, actor.unit_id)
    values = [sheets.label_of(folder, book) for folder in chosen]
    stock = labels.load_stock(form.stock.data)
    zpl = request.form.get("format") == "zpl"
    try:
        data = (
            labels.labels_zpl(values, stock)
            if zpl
            else labels.labels_pdf(values, stock, start=form.start.data or 1)
        )
    except Invalid as error:
        form.start.errors = [*form.start.errors, str(error)]
        return render_template("pages/records/labels.html", form=form, folders=chosen, missing=()), 422
    service.note_print(chosen, "label", actor=actor, at=at, stock=stock.name, format="zpl" if zpl else "pdf")
    name = f"labels-{chosen[0].file_number}" + (f"-{len(chosen)}" if len(chosen) > 1 else "")
    kind = ("text/plain; charset=utf-8", "zpl") if zpl else ("application/pdf", "pdf")
    return Response(
        data,
        mimetype=kind[0],
        headers={"Content-Disposition": f'inline; filename="{name}.{kind[1]}"'},
    )


def _form(source: object) -> forms.LabelForm:
    form = forms.LabelForm(source)
    every = labels.stocks()
    form.stock.choices = [(stock.name, stock.title) for stock in every]
    book = rulebook.current(now(), current_actor().unit_id).book
    form.category.choices = [("", "—"), *((c.code, f"{c.code} {c.name}") for c in book.categories.values())]
    years = queries.filing_years(current_actor())
    form.year.choices = [("", "—"), *((year, str(year)) for year in years)]
    if request.method == "GET":
        form.stock.data = form.stock.data or request.cookies.get("stock") or every[0].name
        form.ids.data = ",".join(request.args.getlist("id")) or form.ids.data
    return form


def _chosen(form: forms.LabelForm) -> list[Folder]:
    """The folders asked for, in printing order; only what the person may know of, none that is void."""
    actor, at = current_actor(), now()
    ids = [int(part) for part in (form.ids.data or "").split(",") if part.isascii() and part.isdigit()]
    if ids:
        return queries.of_ids(actor, ids[:MOST], at)
    if (form.block.data or "").isdigit():
        return [f for f in queries.block_folders(int(form.block.data)) if f.state != "void"]
    if form.category.data and form.year.data and form.first.data:
        last = form.last.data or form.first.data
        if last - form.first.data >= MOST:
            form.last.errors = [*form.last.errors, _("一次最多 %(n)s 枚。", n=MOST)]
            return []
        return queries.in_range(actor, form.category.data, form.year.data, form.first.data, last, at)
    return []


def _missing(chosen: list[Folder]) -> list[str]:
    """Characters that no installed font can draw, so that nobody prints an empty box."""
    return sorted(labels.missing_glyphs("".join(folder.title + folder.place for folder in chosen)))
