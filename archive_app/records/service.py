"""The verbs on registered folders: edit with reason, documents, condition of the paper, place, custody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.core.db import Model
from archive_app.core.errors import Invalid, NotFound, Refused, too_long
from archive_app.core.i18n import _
from archive_app.core.work import Work, work
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.records import rules
from archive_app.records.flow import CUSTODY
from archive_app.records.index import index_document, index_folder
from archive_app.records.models import Change, ConditionEvent, CustodyEvent, Document, Folder
from archive_app.records.numbers import (
    checked_details,
    fill_reserved,
    get_folder,
    register_folder,
    reserve_block,
    void_number,
)
from archive_app.records.shown import words_of

EDITABLE = (
    "title", "secrecy", "retention", "party", "department", "manager",
    "tier", "dated_from", "dated_to", "place", "note",
)  # fmt: skip
DOCUMENT_FIELDS = (
    "reference", "author", "title", "dated", "dated_known", "pages", "sheets", "copies", "medium",
    "text_form", "part", "group", "nature", "covers_from", "covers_to", "note",
)  # fmt: skip
CHOICES = {
    "medium": rules.MEDIA,
    "text_form": rules.TEXT_FORMS,
    "part": rules.PARTS,
    "nature": rules.NATURES,
    "dated_known": rules.KNOWN,
}
CONDITION_LIMITS = {"where": 100, "remark": 500}


def edit_folder(
    folder_id: int, changes: dict[str, Any], reason: str, revision: int, *, actor: Actor, at: datetime
) -> Folder:
    """Change details of a registered folder; old and new values and the reason are kept (MOD-01).

    ``revision`` is the one the person saw. Raises Invalid; NotFound; Refused: permission,
    records.stale, wrong_state.
    """
    actor.must("folder.edit")
    folder = get_folder(folder_id)
    _require_active(folder)
    wanted = {name: changes[name] for name in EDITABLE if name in changes}
    now = {name: getattr(folder, _column(name)) for name in EDITABLE}
    book = rulebook.current(at, actor.unit_id).book
    reason = rules.clean_line(reason)
    # A tier of an older rule book may stay as it is.
    wrong = rules.check_reason(reason) | rules.check_tier(wanted.get("tier", ""), {*book.tiers, folder.tier})
    values = checked_details(book, folder.category, now | wanted, extra=wrong)
    with work(actor, at) as w:
        changed = {name: values[name] for name in wanted if values[name] != now[name]}
        _bump(folder, revision, {_column(name): value for name, value in changed.items()})
        _keep_changes(w, "folder.edit", folder, None, now, changed, reason)
        folder = get_folder(folder_id)
        index_folder(folder)
    return folder


def add_document(
    folder_id: int, *, request_id: str | None = None, actor: Actor, at: datetime, **fields: Any
) -> Document:
    """Add a document as the last line of the folder's catalog.

    ``fields`` as in DOCUMENT_FIELDS; ``dated`` is a date or text as typed (`rules.read_dated`).
    Raises Invalid; NotFound; Refused: permission, wrong_state.
    """
    actor.must("document.edit")
    folder = get_folder(folder_id)
    _require_active(folder)
    values = _checked_document(fields)
    if request_id and (done := Document.get_or_none(Document.request_id == request_id)):
        return done
    with work(actor, at) as w:
        # Touching the folder first makes two archivists adding at once take turns.
        Folder.update(revision=Folder.revision + 1).where(Folder.id == folder_id).execute()
        last = Document.select(pw.fn.MAX(Document.position)).where(Document.folder == folder_id).scalar() or 0
        document = Document.create(
            folder=folder_id, position=last + 1, request_id=request_id,
            created_by=actor.username, created_at=at, **values,
        )  # fmt: skip
        index_document(document)
        w.note("document.add", document, folder=folder.file_number, title=document.title)
    return document


def edit_document(
    document_id: int, changes: dict[str, Any], reason: str, revision: int, *, actor: Actor, at: datetime
) -> Document:
    """Change a document's catalog line with a reason; old and new values are kept.

    Raises Invalid; NotFound; Refused: permission, records.stale.
    """
    actor.must("document.edit")
    document = get_document(document_id)
    wanted = {name: changes[name] for name in DOCUMENT_FIELDS if name in changes}
    if "dated" in wanted:
        wanted.setdefault("dated_known", "day")
    now = {name: getattr(document, name) for name in DOCUMENT_FIELDS}
    reason = rules.clean_line(reason)
    values = _checked_document(now | wanted, extra=rules.check_reason(reason))
    with work(actor, at) as w:
        changed = {name: values[name] for name in wanted if values[name] != now[name]}
        _bump(document, revision, changed)
        old, new = _as_shown(now, changed, values)
        _keep_changes(w, "document.edit", document.folder, document, old, new, reason)
        document = get_document(document_id)
        index_document(document)
    return document


def remove_document(document_id: int, reason: str, *, actor: Actor, at: datetime) -> None:
    """Take a document off the folder's catalog; the line stays in the change record with its reason.

    Raises Invalid; NotFound; Refused: permission.
    """
    actor.must("document.edit")
    document = get_document(document_id)
    reason = rules.clean_line(reason)
    if errors := rules.check_reason(reason):
        raise Invalid(errors)
    with work(actor, at) as w:
        _bump(document, document.revision, {"removed_at": at})
        _keep_changes(
            w, "document.remove", document.folder, document, {"title": document.title}, {"title": ""}, reason
        )
        document.removed_at = at
        index_document(document)


def note_condition(
    folder_id: int, document_id: int | None, kind: str, *, pages: int = 0, where: str = "", remark: str,
    actor: Actor, at: datetime,
) -> ConditionEvent:  # fmt: skip
    """Note what was found or done on the paper, for the remark sheet (缺页、破损、字迹扩散、修裱).

    ``document_id`` None means the folder as a whole; ``pages`` is how many, ``where`` which ones.
    Raises Invalid; NotFound; Refused: permission, wrong_state.
    """
    actor.must("condition.note")
    return keep_condition(
        folder_id, document_id, kind, pages=pages, where=where, remark=remark, actor=actor, at=at
    )


def keep_condition(
    folder_id: int, document_id: int | None, kind: str, *, pages: int = 0, where: str = "", remark: str,
    actor: Actor, at: datetime,
) -> ConditionEvent:  # fmt: skip
    """`note_condition` for a higher room that has asked for its own permission (a loss reported).

    Raises Invalid; NotFound; Refused: wrong_state.
    """
    folder = get_folder(folder_id)
    _require_active(folder)
    if document_id is not None and get_document(document_id).folder_id != folder.id:
        raise NotFound(_("没有这一件，或已移出目录。"))
    texts = _checked_condition(kind, pages, {"where": where, "remark": remark})
    with work(actor, at) as w:
        event = ConditionEvent.create(
            folder=folder, document=document_id, kind=kind, pages=pages, noted_by=actor.username,
            noted_at=at, **texts,
        )  # fmt: skip
        w.note(
            "condition.note", folder, file_number=folder.file_number, document=document_id, kind=kind,
            pages=pages, **texts,
        )  # fmt: skip
    return event


def _checked_condition(kind: str, pages: int, texts: dict[str, str]) -> dict[str, str]:
    clean = {name: rules.clean_line(text) for name, text in texts.items()}
    errors: dict[str, str] = {}
    for name, limit in CONDITION_LIMITS.items():
        errors |= too_long(name, clean[name], limit)
    if kind not in rules.CONDITIONS:
        errors["kind"] = _("请从列表中选。")
    if not 0 <= pages <= rules.MOST_PAGES:
        errors["pages"] = _("请填 0 到 %(most)s 的数字。", most=rules.MOST_PAGES)
    if not clean["remark"]:
        errors["remark"] = _("请写明情况，备考表要引用。")
    if errors:
        raise Invalid(errors)
    return clean


def set_place(folder_id: int, words: str, *, actor: Actor, at: datetime) -> None:
    """Set the home place of a folder, in words; shelving calls this, so it asks no permission of its own.

    Raises Invalid; NotFound.
    """
    folder = get_folder(folder_id)
    words = rules.clean_line(words)
    if errors := too_long("place", words, rules.FOLDER_LIMITS["place"]):
        raise Invalid(errors)
    if words == folder.place:
        return
    with work(actor, at) as w:
        # The revision moves too: a form opened before would put the old place back.
        Folder.update(place=words, revision=Folder.revision + 1).where(Folder.id == folder_id).execute()
        w.note("folder.place", folder, file_number=folder.file_number, old=folder.place, new=words)


def move_custody(
    folder_id: int, to: str, *, holder: str = "", place: str = "", remark: str = "",
    loan: int | None = None, sources: tuple[str, ...] = (), actor: Actor, at: datetime,
) -> None:  # fmt: skip
    """Move the paper of a folder to ``to`` (a key of `flow.CUSTODY`) and date it in its timeline.

    Higher rooms call this inside their own work; it is the only way custody changes. ``sources``: from where
    it may come, when that is not what `flow.CUSTODY` says (a reader walked off with it).
    Raises NotFound; Refused: folder.not_available — it is not where it would have to be.
    """
    with work(actor, at):
        moved = list(
            Folder.update(custody=to, holder=holder)
            .where(
                (Folder.id == folder_id)
                & (Folder.state == "active")
                & Folder.custody.in_(sources or CUSTODY[to])
            )
            .returning(Folder.place)
            .execute()
        )
        if not moved:
            number = get_folder(folder_id).file_number
            raise Refused(
                "folder.not_available",
                _("%(number)s 现在不在应在的地方，没有改动任何记录。", number=number),
                next_step=_("刷新看它现在何处，再扫一次。"),
            )
        CustodyEvent.create(
            folder=folder_id, custody=to, holder=holder, place=place or moved[0].place, remark=remark,
            loan=loan, handled_by=actor.name, at=at,
        )  # fmt: skip


def note_view(folder: Folder, *, actor: Actor, at: datetime, via: str) -> None:
    """Audit that a classified folder was seen (AUD: every view of a classified folder)."""
    if is_classified(folder, at):
        with work(actor, at) as w:
            w.note("folder.view", folder, file_number=folder.file_number, secrecy=folder.secrecy, via=via)


def note_print(folders: Iterable[Folder], what: str, *, actor: Actor, at: datetime, **data: Any) -> None:
    """Audit a print, one event a folder."""
    with work(actor, at) as w:
        for folder in folders:
            w.note(f"{what}.print", folder, file_number=folder.file_number, **data)


def is_classified(folder: Folder, at: datetime) -> bool:
    """Whether the rule book counts the folder's level as classified."""
    level = rulebook.current(at, folder.unit_id).book.levels.get(folder.secrecy)
    return level is not None and level.rank > 0


def get_document(document_id: int) -> Document:
    """The document row with its folder. Raises NotFound — also when it was removed."""
    document = Document.get_or_none((Document.id == document_id) & Document.removed_at.is_null())
    if document is None:
        raise NotFound(_("没有这一件，或已移出目录。"))
    return document


def _checked_document(fields: dict[str, Any], extra: dict[str, str] | None = None) -> dict[str, Any]:
    errors, values = dict(extra or {}), dict(fields)
    for name, limit in rules.DOCUMENT_LIMITS.items():
        values[name] = rules.clean_line(values.get(name) or "")
        errors |= too_long(name, values[name], limit)
    if not values["title"]:
        errors["title"] = _("请写题名。")
    for name, most in (("pages", rules.MOST_PAGES), ("copies", 999)):
        values[name] = values.get(name) if values.get(name) is not None else int(name == "copies")
        if not 0 <= values[name] <= most:
            errors[name] = _("请填 0 到 %(most)s 的数字。", most=most)
    for name, allowed in CHOICES.items():
        values[name] = values.get(name) or allowed[0]
        if values[name] not in allowed:
            errors[name] = _("请从列表中选。")
    errors |= rules.check_sheets(values.get("sheets"), values["pages"])
    errors |= rules.check_covers(values.get("covers_from"), values.get("covers_to"))
    errors |= _read_dated(values)
    if errors:
        raise Invalid(errors)
    return values


def _read_dated(values: dict[str, Any]) -> dict[str, str]:
    """Put date and how much of it is known in place of what was typed; what is wrong with it."""
    typed = values.get("dated")
    if not isinstance(typed, str):
        typed = rules.dated_text(typed, values["dated_known"]) if values["dated_known"] in rules.KNOWN else ""
    errors = rules.check_dated(typed)
    if not errors:
        values["dated"], values["dated_known"] = rules.read_dated(typed)
    return errors


def _as_shown(
    now: dict[str, Any], changed: dict[str, Any], values: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Old and new values as people read them: a date only as far as it is known, as one value."""
    if not changed.keys() & {"dated", "dated_known"}:
        return now, changed
    old, new = (rules.dated_text(each["dated"], each["dated_known"]) for each in (now, values))
    rest = {name: value for name, value in changed.items() if name not in ("dated", "dated_known")}
    return now | {"dated": old}, rest | {"dated": new}


def _require_active(folder: Folder) -> None:
    if folder.state != "active":
        raise Refused(
            "wrong_state",
            _("%(number)s 还没有登记或已作废，没有改动任何记录。", number=folder.file_number),
            next_step=_("先登记这个号的内容。"),
        )


def _column(name: str) -> str:
    return f"{name}_id" if name in ("department", "manager") else name


def _bump(row: Model, revision: int, values: dict[str, Any]) -> None:
    """Write ``values`` only if nobody changed the row since ``revision`` was read."""
    model: Any = type(row)
    fields = {name.removesuffix("_id"): value for name, value in values.items()}
    changed = (
        model.update(revision=model.revision + 1, **fields)
        .where((model.id == row.id) & (model.revision == revision))  # type: ignore[attr-defined]
        .execute()
    )
    if not changed:
        raise Refused(
            "records.stale",
            _("这份档案刚被别人改过，没有改动任何记录。"),
            next_step=_("所填内容都还在：核对新内容后再保存。"),
        )


def _keep_changes(
    w: Work, action: str, folder: Folder, document: Document | None,
    old: dict[str, Any], new: dict[str, Any], reason: str,
) -> None:  # fmt: skip
    book = rulebook.current(w.at, folder.unit_id).book
    for name, value in new.items():
        Change.create(
            folder=folder, document=document, field=name,
            old=words_of(book, name, old[name]), new=words_of(book, name, value),
            reason=reason, changed_by=w.actor.username, changed_at=w.at,
        )  # fmt: skip
    data = {name: [_shown(old[name]), _shown(value)] for name, value in new.items()}
    w.note(action, document or folder, folder=folder.file_number, reason=reason, changed=data)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


__all__ = [
    "add_document", "edit_document", "edit_folder", "fill_reserved", "get_document", "get_folder",
    "is_classified", "keep_condition", "move_custody", "note_condition", "note_print", "note_view",
    "register_folder", "remove_document", "reserve_block", "set_place", "void_number",
]  # fmt: skip
