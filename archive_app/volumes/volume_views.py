"""Routes of one volume: its page, its steps, its sheets, its change record, its box."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people.access import current_actor, needs, now
from archive_app.people.forms import submit
from archive_app.printing import barcode
from archive_app.prints import queries as prints
from archive_app.prints import service as printing
from archive_app.prints.register import SHEETS
from archive_app.prints.views import as_pdf
from archive_app.stacks import queries as stacks
from archive_app.stacks.models import Place
from archive_app.volumes import forms, queries, service, words
from archive_app.volumes.changes import KINDS
from archive_app.volumes.models import Volume
from archive_app.volumes.shelf import books, called
from archive_app.volumes.views import asked, blueprint, show, year_url


@blueprint.get("/volumes/<int:volume_id>")
@needs("volume.view")
def volume_page(volume_id: int) -> ResponseReturnValue:
    """One volume: its facts, its catalog with reasons, its sheets, its changes, the steps that are open."""
    return _volume_page(volume_id)


def _volume_page(
    volume_id: int,
    status: int = 200,
    refusal: Refused | None = None,
    *,
    addendum: forms.AddendumForm | None = None,
    unbind: forms.UnbindForm | None = None,
    name: forms.NameForm | None = None,
    box: forms.BoxForm | None = None,
) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    page = queries.volume_page(actor, volume_id, at)
    shown = {"title": page.volume.title, "remark": page.volume.remark, "revision": page.volume.revision}
    return show(
        "volume", status, page=page, volume=page.volume, drawn=books([page.facts])[0], refusal=refusal,
        sheets=_sheets(page.volume), names=people.names(), year_url=year_url, kinds=KINDS,
        addendum=addendum or forms.AddendumForm(), unbind=unbind or forms.UnbindForm(),
        name=name or forms.NameForm(data=shown), box=box or forms.BoxForm(),
    )  # fmt: skip


def _sheets(volume: Volume) -> list[tuple[str, str, int]]:
    """The sheets that this person can print of this volume: form, name, how often it was printed."""
    if volume.state not in ("bound", "boxed"):
        return []
    actor, at, key = current_actor(), now(), str(volume.id)
    return [
        (form, str(SHEETS[form].name), len(prints.prints_of(actor, form, "volume", key, at)))
        for form in words.SHEETS
        if actor.can(SHEETS[form].permission) and prints.may_take(actor, form, key, at)
    ]


def after(volume: Volume, stage: str, volume_id: int | None = None) -> ResponseReturnValue:
    """Back to where the button was: the volume's own page, or the wizard on a stage."""
    if request.form.get("to") == "page":
        return redirect(url_for("volumes.volume_page", volume_id=volume_id or volume.id), 303)
    return redirect(year_url(volume, stage=stage, volume=volume_id or volume.id), 303)


# Steps


@blueprint.post("/volumes/<int:volume_id>/arrange")
@needs("volume.arrange")
def arrange(volume_id: int) -> ResponseReturnValue:
    """Put the documents in the rule book's order and number the pages."""
    volume = service.arrange(volume_id, actor=current_actor(), at=now())
    flash(_("已排定 %(name)s 并编好页号。", name=called(volume)), "ok")
    return after(volume, "check")


@blueprint.post("/volumes/<int:volume_id>/restore")
@needs("volume.arrange")
def restore_order(volume_id: int) -> ResponseReturnValue:
    """Undo what was moved by hand: the rule book's order again."""
    volume = service.restore_order(volume_id, _revision(), actor=current_actor(), at=now())
    flash(_("已恢复按制度排列。"), "ok")
    return after(volume, "volumes")


@blueprint.post("/volumes/<int:volume_id>/check")
@needs("volume.check")
def check(volume_id: int) -> ResponseReturnValue:
    """Sign that the volume was checked against the paper."""
    seen = _revision() if "revision" in request.form else None
    volume = service.check_volume(volume_id, seen, actor=current_actor(), at=now())
    flash(_("已检查 %(name)s，可以打印装订。", name=called(volume)), "ok")
    return after(volume, "check")


@blueprint.post("/volumes/<int:volume_id>/reopen")
@needs("volume.arrange")
def reopen(volume_id: int) -> ResponseReturnValue:
    """Open an arranged or checked volume again."""
    volume = service.reopen(volume_id, request.form.get("reason", "")[:500], actor=current_actor(), at=now())
    flash(_("%(name)s 又可以调整了。", name=called(volume)), "ok")
    return after(volume, "volumes")


@blueprint.post("/volumes/<int:volume_id>/dissolve")
@needs("volume.arrange")
def dissolve(volume_id: int) -> ResponseReturnValue:
    """Dissolve an open volume; its documents wait for the next proposal."""
    volume = service.dissolve(volume_id, actor=current_actor(), at=now())
    flash(_("已撤销 %(name)s，其中的文件等待重新组卷。", name=called(volume)), "ok")
    return redirect(year_url(volume, stage="collect"), 303)


@blueprint.post("/volumes/<int:volume_id>/bind")
@needs("volume.bind")
def bind(volume_id: int) -> ResponseReturnValue:
    """Give the volume its number for ever and order its pack."""
    service.bind(volume_id, actor=current_actor(), at=now())
    flash(_("装订包正在画，画好即装订入册。"), "ok")
    return after(queries.volume_for(current_actor(), volume_id, now()), "bind")


@blueprint.post("/volumes/<int:volume_id>/name")
@needs("volume.arrange")
def rename(volume_id: int) -> ResponseReturnValue:
    """Give the volume its title and the free words of its remark sheet."""
    form = forms.NameForm()

    def save() -> ResponseReturnValue:
        values = (form.title.data or "", form.remark.data or "", _revision())
        volume = service.rename(volume_id, *values, actor=current_actor(), at=now())
        flash(_("已改案卷题名和说明。"), "ok")
        return after(volume, "volumes")

    return submit(form, save, lambda status, refusal: _volume_page(volume_id, status, refusal, name=form))


@blueprint.post("/volumes/<int:volume_id>/merge")
@needs("volume.arrange")
def merge(volume_id: int) -> ResponseReturnValue:
    """Put all of the next volume behind this one."""
    volume = service.merge(volume_id, asked("next") or 0, _revision(), actor=current_actor(), at=now())
    flash(_("已并成一卷。"), "ok")
    return after(volume, "volumes")


def _revision() -> int:
    revision = asked("revision")
    return -1 if revision is None else revision


# Sheets


@blueprint.post("/volumes/<int:volume_id>/print/<form>")
@needs("volume.view")
def print_sheet(volume_id: int, form: str) -> ResponseReturnValue:
    """Print one sheet of a volume: the pack in the background, a single sheet as PDF at once."""
    actor, at = current_actor(), now()
    volume = queries.volume_for(actor, volume_id, at)
    if form not in words.SHEETS:
        raise NotFound(_("没有这种打印件。"))
    about = ("volume", str(volume.id))
    title = f"{SHEETS[form].name} {called(volume)}"
    if form == "volume_pack":
        row = printing.issue(form, *about, title=title, actor=actor, at=at)
        return redirect(url_for("prints.print_page", print_id=row.id), 303)
    row, data = printing.print_now(form, *about, title=title, actor=actor, at=at)
    return as_pdf(data, f"{form}-{volume.id}-{row.number}")


# After binding


@blueprint.post("/volumes/<int:volume_id>/addenda")
@needs("volume.bind")
def note_addendum(volume_id: int) -> ResponseReturnValue:
    """Write a line into the change record."""
    form = forms.AddendumForm()

    def save() -> ResponseReturnValue:
        service.note_addendum(volume_id, form.kind.data, form.text.data, actor=current_actor(), at=now())
        flash(_("已记入变动登记，备考表有了新的一版。"), "ok")
        return redirect(url_for("volumes.volume_page", volume_id=volume_id, _anchor="changes"), 303)

    return submit(form, save, lambda status, refusal: _volume_page(volume_id, status, refusal, addendum=form))


@blueprint.post("/volumes/<int:volume_id>/unbinding")
@needs("volume.bind")
def ask_unbinding(volume_id: int) -> ResponseReturnValue:
    """Ask to open a bound volume again."""
    form = forms.UnbindForm()

    def save() -> ResponseReturnValue:
        row = service.ask_unbinding(volume_id, form.reason.data, actor=current_actor(), at=now())
        flash(_("已提出拆卷，等待批准。"))
        return redirect(url_for("volumes.unbinding", unbinding_id=row.id), 303)

    return submit(form, save, lambda status, refusal: _volume_page(volume_id, status, refusal, unbind=form))


@blueprint.post("/volumes/<int:volume_id>/box")
@needs("volume.bind")
def box(volume_id: int) -> ResponseReturnValue:
    """Put a bound volume into a box, by the box's label or its code."""
    form = forms.BoxForm()

    def save() -> ResponseReturnValue:
        place = _box_named(form.box.data or "")
        volume = service.box(volume_id, place.id, actor=current_actor(), at=now())
        flash(_("%(name)s 已放入 %(place)s。", name=called(volume), place=place.path), "ok")
        return after(volume, "box")

    return submit(form, save, lambda status, refusal: _volume_page(volume_id, status, refusal, box=form))


def _box_named(text: str) -> Place:
    """The open box whose label was scanned or whose code was typed. Raises Invalid: box."""
    actor = current_actor()
    try:
        code = barcode.parse(text)
        found = [stacks.place_for(actor, code.id)] if code.kind == barcode.BarcodeType.BOX else []
    except (barcode.BadCode, NotFound):
        found = stacks.find(actor, text)
    boxes = [place for place in found if place.kind == "box" and place.closed_at is None]
    if len(boxes) != 1:
        raise Invalid({"box": _("没有找到这个盒。请扫盒上的条码，或写全它的位置。")})
    return boxes[0]
