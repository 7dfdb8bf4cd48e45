"""Routes that print labels: from a folder, a selection, a number range or a reserved block."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now
from archive_app.people.actor import Actor
from archive_app.people.forms import whole
from archive_app.printing import labels
from archive_app.records import forms, queries, service, sheets
from archive_app.records.models import Folder
from archive_app.records.views import blueprint

MOST = 2000
YEAR = 365 * 24 * 3600


class Printers(Protocol):
    """What the room that keeps the label printers says of them and is told."""

    def settings(self, actor: Actor) -> list[labels.Setting]:
        """The printers in use."""

    def note_printed(self, printer_id: int, next_start: int, *, actor: Actor, at: datetime) -> None:
        """Where on its sheet the next label goes."""


# A higher room keeps the printers; it puts itself in here.
printers: list[Printers] = []


@blueprint.get("/labels")
@needs("label.print")
def choose_labels() -> ResponseReturnValue:
    """Choose the printer or paper and where on it to start; shows what will be printed."""
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
    try:
        answer, facts = printed(form, values)
    except Invalid as error:
        form.start.errors = [*form.start.errors, str(error)]
        return render_template("pages/records/labels.html", form=form, folders=chosen, missing=()), 422
    service.note_print(chosen, "label", actor=actor, at=at, **facts)
    return answer


def offer(form: forms.PaperForm) -> None:
    """Offer the printers of the house, then every stock as it is."""
    kept, every = settings(), labels.stocks()
    form.stock.choices = [
        *((f"#{one.printer}", _("%(name)s·%(stock)s·下一枚第 %(n)s", name=one.name, stock=one.stock.name,
                                n=one.start)) for one in kept),
        *((stock.name, stock.title) for stock in every),
    ]  # fmt: skip
    if request.method == "GET" and not form.stock.data:
        known = [value for value, _text in form.stock.choices]
        last = request.cookies.get("stock")
        form.stock.data = last if last in known else known[0]


def settings() -> list[labels.Setting]:
    """The printers that the house keeps."""
    return [one for room in printers for one in room.settings(current_actor())]


def setting_of(form: forms.PaperForm) -> labels.Setting:
    """What was chosen: a printer with all that is kept of it, or a stock; a typed start comes first."""
    kept = {f"#{one.printer}": one for one in settings()}
    chosen = kept.get(form.stock.data) or labels.Setting(labels.load_stock(form.stock.data))
    start = form.start.data or chosen.start
    return labels.Setting(
        chosen.stock, start, chosen.offset_mm, chosen.scale, chosen.printer, chosen.name
    )  # fmt: skip


def printed(form: forms.PaperForm, values: Sequence[labels.Label]) -> tuple[Response, dict[str, str]]:
    """The labels as a file, and what the audit says of it; the printer's next free label is kept.

    Raises Invalid: start, stock.
    """
    setting, kind = setting_of(form), "zpl" if request.form.get("format") == "zpl" else "pdf"
    if kind == "zpl":
        data = labels.labels_zpl(values, setting.stock)
    else:
        data = labels.labels_pdf(values, setting.stock, setting.start, setting.offset_mm, setting.scale)
        for room in printers if setting.printer else ():
            following = setting.next_start(len(values))
            room.note_printed(setting.printer or 0, following, actor=current_actor(), at=now())
    answer = Response(data, mimetype="application/pdf" if kind == "pdf" else "text/plain; charset=utf-8")
    number = values[0].file_number if values[0].file_number.isascii() else values[0].payload
    name = f"labels-{number}" + (f"-{len(values)}" if len(values) > 1 else "")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.{kind}"'
    answer.set_cookie("stock", form.stock.data, max_age=YEAR, httponly=True, samesite="Lax")
    return answer, {"stock": setting.stock.name, "format": kind, "printer": setting.name}


def _form(source: object) -> forms.LabelForm:
    form = forms.LabelForm(source)
    book = rulebook.current(now(), current_actor().unit_id).book
    form.category.choices = [("", "—"), *((c.code, f"{c.code} {c.name}") for c in book.categories.values())]
    years = queries.filing_years(current_actor())
    form.year.choices = [("", "—"), *((year, str(year)) for year in years)]
    offer(form)
    if request.method == "GET":
        form.ids.data = ",".join(request.args.getlist("id")) or form.ids.data
    return form


def _chosen(form: forms.LabelForm) -> list[Folder]:
    """The folders asked for, in printing order; only what the person may know of, none that is void."""
    actor, at = current_actor(), now()
    ids = [key for part in (form.ids.data or "").split(",") if (key := whole(part)) is not None]
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
