"""Routes of records: list, folder page, registering, editing, documents, numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.people import forms as house
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now
from archive_app.people.actor import Actor
from archive_app.people.forms import whole
from archive_app.policy import RuleBook
from archive_app.printing import barcode
from archive_app.records import forms, queries, rules, service, sheets, words
from archive_app.records.models import Folder

blueprint = Blueprint("records", __name__)

# Higher rooms put their part of the folder page in here. Each function gives HTML by place:
# "chips", "actions", "dual", "notes", "main", "side", "binding" (words at the head of the catalog), and
# "document:<id>" for the catalog's last column.
folder_panels: list[Callable[[Folder, Actor, datetime], dict[str, Markup]]] = []


def _book() -> rulebook.Adopted:
    return rulebook.current(now(), current_actor().unit_id)


def filters_of(args: MultiDict[str, str]) -> queries.Filters:
    """The filters in an address; what is no such value narrows nothing."""

    def chosen(name: str) -> tuple[str, ...]:
        return tuple(value[:32] for value in args.getlist(name)[:50] if value)

    years = tuple(year for value in chosen("year") if (year := whole(value)) is not None)
    return queries.Filters(chosen("category"), years, chosen("secrecy"), chosen("custody"))


@blueprint.get("/folders")
@needs("folder.view")
def folders() -> ResponseReturnValue:
    """The list of folders, newest first, narrowed by category, year, secrecy and custody."""
    actor = current_actor()
    filters = filters_of(request.args)
    page = queries.list_folders(
        actor, now(), filters, whole(request.args.get("older")), whole(request.args.get("newer"))
    )
    args: dict[str, Any] = {
        name: request.args.getlist(name) for name in ("category", "year", "secrecy", "custody")
    }
    return render_template(
        "pages/records/folders.html",
        page=page,
        filters=filters,
        args=args,
        book=_book().book,
        choices=facet_choices(),
    )


def facet_choices() -> dict[str, list[tuple[Any, Any]]]:
    """What lists of folders can be narrowed to: (value, word) by facet."""
    book = _book().book
    return {
        "categories": [(c.code, f"{c.code} {c.name}") for c in book.categories.values()],
        "years": [(year, year) for year in queries.filing_years(current_actor())],
        "levels": [(level.code, level.name) for level in book.levels.values()],
        "custody": list(words.CUSTODY.items()),
    }


@blueprint.get("/folders/<int:folder_id>")
@needs("folder.view")
def folder_page(folder_id: int) -> ResponseReturnValue:
    """One folder: its number, its two sets, its catalog, where it went."""
    actor, at = current_actor(), now()
    page = queries.folder_page(actor, folder_id, at)
    service.note_view(page.folder, actor=actor, at=at, via="page")
    keeper = queries.sees_holders(actor)
    panels: dict[str, Markup] = {}
    for panel in folder_panels:
        for place, html in panel(page.folder, actor, at).items():
            panels[place] = panels.get(place, Markup("")) + html
    return render_template(
        "pages/records/folder.html",
        page=page,
        folder=page.folder,
        panels=panels,
        book=(book := _book().book),
        keep_until=_keep_until(page.folder, book),
        journey=_journey(page, keeper),
        holder=page.folder.holder if keeper else "",
        names=people.names() if page.folder.state != "active" or page.conditions else {},
        unmended=rules.unmended(page.conditions) + rules.unmended(page.conditions, "missing"),
        dated=rules.dated_text,
        bars=barcode.modules(sheets.payload_of(page.folder)),
        words=words,
    )


def _keep_until(folder: Folder, book: RuleBook) -> date | None:
    """The last day of the retention period; None is for ever, or not known yet."""
    ends = book.retention_end(folder.retention, folder.year) if folder.retention else None
    return ends - timedelta(days=1) if ends else None


def _journey(page: queries.FolderPage, with_names: bool) -> list[tuple[str, datetime, str]]:
    """The timeline, newest first: words, moment, who handled it; who had it only for keepers."""
    lines = []
    for event in page.timeline:
        where = str(words.CUSTODY[event.custody])
        shown = f"{where}·{event.holder}" if event.holder and with_names else where
        if event.remark == "register":
            shown = _("登记归档")
        elif event.custody == "on_shelf":
            shown = _("归还上架 %(place)s", place=event.place)
        lines.append((shown, event.at, event.handled_by))
    return lines


@blueprint.get("/folders/<int:folder_id>/history")
@needs("folder.view")
def history(folder_id: int) -> ResponseReturnValue:
    """Everything that was changed on a folder, with old and new values and the reason (修改记录)."""
    actor = current_actor()
    page = queries.folder_page(actor, folder_id, now())
    service.note_view(page.folder, actor=actor, at=now(), via="history")
    return render_template(
        "pages/records/history.html", page=page, folder=page.folder, words=words, names=people.names()
    )


@blueprint.route("/folders/new", methods=["GET", "POST"])
@needs("folder.register")
def register() -> ResponseReturnValue:
    """The form that gives out the next number."""
    form = forms.FolderForm()
    form.fill_choices(_book().book, now())

    def save() -> ResponseReturnValue:
        values = form.details()
        folder = service.register_folder(
            form.category.data,
            form.year.data,
            values.pop("title"),
            department_id=values.pop("department"),
            manager_id=values.pop("manager"),
            request_id=form.request_id.data,
            actor=current_actor(),
            at=now(),
            **values,
        )
        flash(_("已登记 %(number)s。下一步：打印标签。", number=folder.file_number))
        return redirect(url_for("records.folder_page", folder_id=folder.id), 303)

    return submit(form, save, "pages/records/register.html")


@blueprint.route("/folders/<int:folder_id>/fill", methods=["GET", "POST"])
@needs("folder.register")
def fill(folder_id: int) -> ResponseReturnValue:
    """The form for the details of a reserved number."""
    folder = queries.folder_for(current_actor(), folder_id, now())
    form = forms.FillForm()
    form.fill_choices(_book().book, now())

    def save() -> ResponseReturnValue:
        service.fill_reserved(folder_id, actor=current_actor(), at=now(), **form.details())
        flash(_("已登记 %(number)s。", number=folder.file_number))
        return redirect(url_for("records.folder_page", folder_id=folder_id), 303)

    return submit(form, save, "pages/records/fill.html", folder=folder)


@blueprint.route("/folders/<int:folder_id>/edit", methods=["GET", "POST"])
@needs("folder.edit")
def edit(folder_id: int) -> ResponseReturnValue:
    """The form that changes details, with a reason."""
    folder = queries.folder_for(current_actor(), folder_id, now())
    shown = {name: getattr(folder, f"{name}_id" if name in ("department", "manager") else name)
             for name in forms.FolderForm.DETAILS}  # fmt: skip
    form = forms.FolderEditForm(data=shown | {"revision": folder.revision})
    form.fill_choices(_book().book, now())

    def save() -> ResponseReturnValue:
        service.edit_folder(
            folder_id, form.details(), form.reason.data, int(form.revision.data or 0),
            actor=current_actor(), at=now(),
        )  # fmt: skip
        flash(_("已更改 %(number)s，原值和原因已留存。", number=folder.file_number))
        return redirect(url_for("records.folder_page", folder_id=folder_id), 303)

    return submit(form, save, "pages/records/edit.html", folder=folder)


@blueprint.route("/folders/<int:folder_id>/void", methods=["GET", "POST"])
@needs("folder.void")
def void(folder_id: int) -> ResponseReturnValue:
    """The form that voids a number for ever."""
    folder = queries.folder_for(current_actor(), folder_id, now())
    form = forms.ReasonForm()

    def save() -> ResponseReturnValue:
        service.void_number(folder_id, form.reason.data, actor=current_actor(), at=now())
        flash(_("%(number)s 已作废，这个号不会再用。", number=folder.file_number))
        return redirect(url_for("records.numbers", category=folder.category, year=folder.year), 303)

    return submit(form, save, "pages/records/void.html", folder=folder)


@blueprint.route("/folders/<int:folder_id>/documents/new", methods=["GET", "POST"])
@needs("document.edit")
def new_document(folder_id: int) -> ResponseReturnValue:
    """The form for one more line of the catalog; afterwards it stands ready for the next line."""
    folder = queries.folder_for(current_actor(), folder_id, now())
    form = forms.DocumentForm()

    def save() -> ResponseReturnValue:
        service.add_document(
            folder_id, request_id=form.request_id.data, actor=current_actor(), at=now(), **form.values()
        )
        flash(_("已加一件：%(title)s", title=form.title.data))
        again = "records.new_document" if request.form.get("then") == "more" else "records.folder_page"
        return redirect(url_for(again, folder_id=folder_id), 303)

    return submit(form, save, "pages/records/document.html", folder=folder, document=None)


@blueprint.route("/documents/<int:document_id>/edit", methods=["GET", "POST"])
@needs("document.edit")
def edit_document(document_id: int) -> ResponseReturnValue:
    """The form that changes a catalog line, with a reason."""
    document = service.get_document(document_id)
    folder = queries.folder_for(current_actor(), document.folder_id, now())
    shown = {name: getattr(document, name) for name in forms.DocumentForm.FIELDS}
    shown["dated"] = rules.dated_text(document.dated, document.dated_known)
    form = forms.DocumentEditForm(data=shown | {"revision": document.revision})

    def save() -> ResponseReturnValue:
        service.edit_document(
            document_id, form.values(), form.reason.data, int(form.revision.data or 0),
            actor=current_actor(), at=now(),
        )  # fmt: skip
        return redirect(url_for("records.folder_page", folder_id=folder.id), 303)

    return submit(form, save, "pages/records/document.html", folder=folder, document=document)


@blueprint.route("/documents/<int:document_id>/remove", methods=["GET", "POST"])
@needs("document.edit")
def remove_document(document_id: int) -> ResponseReturnValue:
    """The form that takes a document off the catalog, with a reason."""
    document = service.get_document(document_id)
    folder = queries.folder_for(current_actor(), document.folder_id, now())
    form = forms.ReasonForm()

    def save() -> ResponseReturnValue:
        service.remove_document(document_id, form.reason.data, actor=current_actor(), at=now())
        flash(_("已移出目录：%(title)s", title=document.title))
        return redirect(url_for("records.folder_page", folder_id=folder.id), 303)

    return submit(form, save, "pages/records/remove_document.html", folder=folder, document=document)


@blueprint.route("/folders/<int:folder_id>/condition", methods=["GET", "POST"])
@needs("condition.note")
def condition(folder_id: int) -> ResponseReturnValue:
    """The form that notes what was found or done on the paper, for the remark sheet."""
    folder = queries.folder_for(current_actor(), folder_id, now())
    form = forms.ConditionForm()
    form.offer(queries.documents_of(folder_id))

    def save() -> ResponseReturnValue:
        service.note_condition(
            folder_id, form.document.data, form.kind.data, pages=form.pages.data or 0,
            where=form.where.data or "", remark=form.remark.data, actor=current_actor(), at=now(),
        )  # fmt: skip
        flash(_("已记下：%(kind)s。备考表会写上。", kind=words.CONDITIONS[form.kind.data]))
        return redirect(url_for("records.folder_page", folder_id=folder_id), 303)

    return submit(form, save, "pages/records/condition.html", folder=folder)


@blueprint.get("/numbers")
@needs("number.report")
def numbers() -> ResponseReturnValue:
    """The gap report: every number of a year explained; and the blocks that were reserved."""
    actor, years = current_actor(), queries.filing_years(current_actor())
    year = whole(request.args.get("year")) or (years[0] if years else None)
    category = (request.args.get("category") or "")[:16]
    return render_template(
        "pages/records/numbers.html",
        series=queries.gap_report(actor, now(), category, year),
        blocks=queries.blocks(actor),
        names=people.names(),
        years=years,
        year=year,
        category=category,
        book=_book().book,
        words=words,
    )


@blueprint.route("/numbers/reserve", methods=["GET", "POST"])
@needs("number.reserve")
def reserve() -> ResponseReturnValue:
    """The form that reserves a block of numbers and leads on to its labels."""
    form, detail = forms.ReserveForm(), forms.FolderForm()
    detail.fill_choices(_book().book, now())
    form.category.choices, form.year.choices = detail.category.choices, detail.year.choices
    if not form.is_submitted():
        form.year.data = detail.year.data

    def save() -> ResponseReturnValue:
        block = service.reserve_block(
            form.category.data, form.year.data, form.count.data, form.purpose.data,
            actor=current_actor(), at=now(),
        )  # fmt: skip
        flash(_("已预留 %(n)s 个号。", n=block.last - block.first + 1))
        return redirect(url_for("records.choose_labels", block=block.id), 303)

    return submit(form, save, "pages/records/reserve.html")


@blueprint.get("/people/suggest")
@needs("folder.register")
def suggest_people() -> ResponseReturnValue:
    """People whose name begins so, for the customer manager's box; at most ten."""
    found = people.users(text=request.args.get("q", "")[:64])[:10]
    return [{"id": u.id, "text": u.name, "note": u.title} for u in found]


def submit(
    form: FlaskForm, save: Callable[[], ResponseReturnValue], template: str, **more: Any
) -> ResponseReturnValue:
    """Show a form, or save it; what was typed stays whenever something is wrong or refused."""

    def shown(status: int, refusal: Refused | None) -> ResponseReturnValue:
        page = render_template(template, form=form, refusal=refusal, book=_book().book, words=words, **more)
        return page, status

    return house.submit(form, save, shown)
