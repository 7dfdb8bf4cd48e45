"""Routes of one document in a volume: its place, splitting at it, its folder, its year, its differences."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people.access import current_actor, needs, now, wants_json
from archive_app.people.forms import submit, whole
from archive_app.records import queries as records
from archive_app.records import service as filing
from archive_app.volumes import forms, queries, service
from archive_app.volumes.facts import Line
from archive_app.volumes.models import Volume, VolumeItem
from archive_app.volumes.shelf import called
from archive_app.volumes.views import asked, blueprint, show, year_url
from archive_app.volumes.volume_views import after


def _placed(item_id: int) -> tuple[Volume, list[Line], Line]:
    """The volume of an item with all its lines, and the item's own. Raises NotFound."""
    row = VolumeItem.get_or_none(VolumeItem.id == item_id)
    if row is None or row.released_at is not None:
        raise NotFound(_("这一件已经不在这一卷。"))
    volume = queries.volume_for(current_actor(), row.volume_id, now())
    lines = queries.contents(volume)
    line = next((each for each in lines if each.item_id == item_id), None)
    if line is None:
        raise NotFound(_("这一件已经不在这一卷。"))
    return volume, lines, line


@blueprint.get("/volume-items/<int:item_id>")
@needs("volume.arrange")
def item_page(item_id: int) -> ResponseReturnValue:
    """One document of a volume: why it stands here, and everything that can be done with it."""
    return _item_page(item_id)


def _item_page(
    item_id: int,
    status: int = 200,
    refusal: Refused | None = None,
    *,
    move: forms.MoveForm | None = None,
    folder: forms.FolderMoveForm | None = None,
) -> ResponseReturnValue:
    volume, lines, line = _placed(item_id)
    folder = folder or _folder_form(volume)
    shown = {"place": lines.index(line) + 1, "revision": volume.revision}
    return show(
        "item", status, volume=volume, lines=lines, line=line, place=shown["place"], refusal=refusal,
        move=move or forms.MoveForm(data=shown), folder=folder, names=people.names(),
        together=[each for each in lines if line.group and each.group == line.group],
        of_folder=[each for each in lines if each.folder.id == line.folder.id],
        back=year_url(volume, stage="volumes", volume=volume.id),
    )  # fmt: skip


def _folder_form(volume: Volume) -> forms.FolderMoveForm:
    """Where a folder can go: the other open volumes of the same year, or out."""
    form = forms.FolderMoveForm(data=None if request.method == "POST" else {"revision": volume.revision})
    actor, at = current_actor(), now()
    others = queries.listed(actor, at, category=volume.category, year=volume.year, state=("open",))
    same = [each for each in others if each.id != volume.id and each.manager_id == volume.manager_id]
    form.to.choices = [(str(each.id), f"{called(each)} {each.title[:40]}") for each in same]
    form.to.choices.append(("out", _("移出本卷，等待重新组卷")))
    return form


@blueprint.post("/volume-items/<int:item_id>/move")
@needs("volume.arrange")
def move_item(item_id: int) -> ResponseReturnValue:
    """Move a document by hand, with a reason; for scripts the answer is JSON."""
    volume, lines, line = _placed(item_id)
    form = forms.MoveForm()

    def save() -> ResponseReturnValue:
        before = _before(lines, line, form.place.data or 1)
        service.move_item(
            item_id, before, form.reason.data or "", _number(form.revision.data), whole=form.whole.data,
            actor=current_actor(), at=now(),
        )  # fmt: skip
        flash(_("已移动 1 件，理由留在这一件上。"), "ok")
        if wants_json():
            return {"moved": item_id}
        return after(volume, "volumes")

    if wants_json():
        if form.validate_on_submit():
            return save()
        raise Invalid({name: str(messages[0]) for name, messages in form.errors.items() if name and messages})
    return submit(form, save, lambda status, refusal: _item_page(item_id, status, refusal, move=form))


def _before(lines: list[Line], line: Line, place: int) -> int | None:
    """The item that comes behind the moved one at its new place; None: the last of its folder."""
    others = [each for each in lines if each.item_id != line.item_id]
    at = min(place, len(others) + 1) - 1
    behind_own = at > 0 and others[at - 1].folder.id == line.folder.id
    if at == len(others):
        return None if behind_own else others[-1].item_id
    if others[at].folder.id != line.folder.id and behind_own:
        return None
    return others[at].item_id


def _number(text: str | None) -> int:
    number = whole(text)
    return -1 if number is None else number


@blueprint.post("/volume-items/<int:item_id>/split")
@needs("volume.arrange")
def split(item_id: int) -> ResponseReturnValue:
    """Begin a new volume with the folder of this document."""
    volume, _lines, _line = _placed(item_id)
    made = service.split(
        volume.id, item_id, _number(request.form.get("revision")), actor=current_actor(), at=now()
    )
    flash(_("已从这里分成两卷。"), "ok")
    return after(made, "volumes")


@blueprint.post("/volume-items/<int:item_id>/folder")
@needs("volume.arrange")
def move_folder(item_id: int) -> ResponseReturnValue:
    """Move the whole folder of this document to another volume, or out of all."""
    volume, _lines, line = _placed(item_id)
    form = _folder_form(volume)

    def save() -> ResponseReturnValue:
        to = None if form.to.data == "out" else int(form.to.data)
        service.move_folder(
            volume.id, line.folder.id, to, form.reason.data or "", _number(form.revision.data),
            actor=current_actor(), at=now(),
        )  # fmt: skip
        flash(_("已移动 %(number)s，理由已留存。", number=line.folder.file_number), "ok")
        if (
            to is None
            and VolumeItem.select()
            .where((VolumeItem.volume == volume.id) & VolumeItem.released_at.is_null())
            .count()
            == 0
        ):
            return redirect(year_url(volume, stage="volumes"), 303)
        return after(volume, "volumes", to)

    return submit(form, save, lambda status, refusal: _item_page(item_id, status, refusal, folder=form))


# Years and differences


@blueprint.route("/documents/<int:document_id>/year", methods=["GET", "POST"])
@needs("volume.arrange")
def rule_year(document_id: int) -> ResponseReturnValue:
    """The form that puts a document into another year than the rule proposes."""
    actor, at = current_actor(), now()
    document = filing.get_document(document_id)
    folder = records.folder_for(actor, document.folder_id, at)
    form = forms.YearForm(data={"year": folder.year})

    def save() -> ResponseReturnValue:
        year = form.year.data or 0
        service.rule_year(document_id, year, form.reason.data or "", actor=actor, at=at)
        flash(_("已归入 %(year)s 年度，理由已留存。", year=year), "ok")
        back = url_for("volumes.year_page", category=folder.category, year=folder.year, stage="collect")
        return redirect(back, 303)

    return submit(
        form, save,
        lambda status, refusal: show(
            "year_ruling", status, form=form, refusal=refusal, document=document, folder=folder
        ),
    )  # fmt: skip


@blueprint.route("/folders/<int:folder_id>/accept", methods=["GET", "POST"])
@needs("volume.arrange")
def accept(folder_id: int) -> ResponseReturnValue:
    """The form that accepts a difference with a reason, so that it no longer holds the volume back."""
    actor, at = current_actor(), now()
    folder = records.folder_for(actor, folder_id, at)
    form = forms.AcceptForm(data={"problem": request.args.get("problem", "")})

    def save() -> ResponseReturnValue:
        service.accept(folder_id, form.problem.data, form.reason.data or "", actor=actor, at=at)
        flash(_("已记下理由，%(number)s 可以照此装订。", number=folder.file_number), "ok")
        year = asked("back") or folder.year
        return redirect(url_for("volumes.year_page", category=folder.category, year=year), 303)

    return submit(
        form, save,
        lambda status, refusal: show("accept", status, form=form, refusal=refusal, folder=folder),
    )  # fmt: skip


@blueprint.post("/volumes/<category>/<int:year>/accept")
@needs("volume.arrange")
def accept_year(category: str, year: int) -> ResponseReturnValue:
    """Accept one kind of difference for every folder of the year that it holds back, with one reason."""
    problem, reason = request.form.get("problem", ""), request.form.get("reason", "")
    done = service.accept_all(
        category, year, problem, reason, manager_id=asked("manager"), actor=current_actor(), at=now()
    )
    flash(_("已记下理由，%(n)s 份可以照此装订。", n=len(done)), "ok")
    return redirect(url_for("volumes.year_page", category=category, year=year), 303)
