"""Binding: the number given once, the pack drawn and, in one work with it, the frozen content; then notes."""

from __future__ import annotations

import json
from datetime import datetime

from archive_app.core import audit
from archive_app.core.errors import Invalid, Refused, too_long
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import ArchiveUnit
from archive_app.policy import numbers
from archive_app.prints import service as prints
from archive_app.prints.differences import compare
from archive_app.prints.models import Print
from archive_app.prints.queries import content_of as printed_content
from archive_app.prints.register import canonical, digest_of
from archive_app.records.models import Counter
from archive_app.records.rules import clean_line
from archive_app.stacks import queries as stacks
from archive_app.stacks import service as shelving
from archive_app.volumes import layout
from archive_app.volumes.arranging import held, own_check
from archive_app.volumes.changes import KINDS, changes_of
from archive_app.volumes.content import BOUND, Content, binding_of, content_of
from archive_app.volumes.flow import VOLUME
from archive_app.volumes.models import Addendum, Binding, Volume
from archive_app.volumes.names import NAMES
from archive_app.volumes.papers import items_of
from archive_app.volumes.plan import problems_in
from archive_app.volumes.sight import volume_for

PACK, KIND = "volume_pack", "volume"
BINDING = {"bind": True}
"""The option by which the pack that binds is told from a later reprint."""
NAMED = 5


def bind(volume_id: int, *, actor: Actor, at: datetime) -> Print:
    """Give the volume its 案卷号 for ever and order the pack; when it is drawn, the volume is bound.

    If anything changed between order and drawing, nothing is bound and the print says what changed.
    A pack that is still being drawn is returned, not doubled. Raises NotFound; Refused: permission,
    wrong_state, volumes.held (what holds it back), volumes.own_check.
    """
    volume = _ready(volume_id, actor, at)
    waiting = Print.select().where(
        (Print.form == PACK) & (Print.kind == KIND) & (Print.key == str(volume.id))
        & Print.state.in_(("queued", "drawing")) & (Print.args == canonical(BINDING))
    )  # fmt: skip
    # Files are written outside the work: the number is committed first, and stays if what follows is killed.
    volume = _numbered(volume, actor, at)
    digest = digest_of(content_of(volume))
    if (running := waiting.order_by(Print.id.desc()).first()) and running.digest == digest:
        return running
    title = _("装订包 %(number)s", number=volume.number)
    row = prints.issue(PACK, KIND, str(volume.id), title=title, args=BINDING, actor=actor, at=at)
    with work(actor, at):
        layout.write(volume, {"pack": row.id})
    return row


def bind_now(volume_id: int, *, actor: Actor, at: datetime) -> Volume:
    """`bind`, and draw the pack in this process. Raises as `bind`; Refused: volumes.not_drawn, and why."""
    row = prints.draw(bind(volume_id, actor=actor, at=at).id, at)
    volume = Volume.get_by_id(volume_id)
    if volume.state not in BOUND:
        message = row.error or _("装订包还没有画好，案卷没有装订。")
        raise Refused("volumes.not_drawn", message, next_step=_("在打印登记里看原因，再装订一次。"))
    return volume


def _ready(volume_id: int, actor: Actor, at: datetime) -> Volume:
    actor.must(VOLUME.steps["bind"].permission)
    volume = volume_for(actor, volume_id, at)
    if volume.state != "checked":
        raise Refused(
            "wrong_state",
            _("这一卷还没有检查，或已经装订。没有改动任何记录。"),
            next_step=_("请刷新后再看。"),
        )
    _check_ready(volume, actor, at)
    return volume


def _check_ready(volume: Volume, actor: Actor, at: datetime) -> None:
    book = rulebook.current(at, volume.unit_id).book
    if volume.checked_by == volume.arranged_by:
        raise own_check(book)
    left = [each for each in problems_in(actor, volume, items_of(volume.id), book) if each.open]
    if left:
        raise held(left)


def _numbered(volume: Volume, actor: Actor, at: datetime) -> Volume:
    """Give the volume the next 案卷号 of its category and year, once and for all (never reused)."""
    if volume.number:
        return volume
    book = rulebook.by_id(volume.rule_book).book
    fonds = ArchiveUnit.get_by_id(volume.unit_id).fonds_code
    with work(actor, at) as w:
        # The row is taken first: a second click waits here and then finds the number given.
        same = (Volume.id == volume.id) & Volume.number.is_null() & (Volume.state == "checked")
        if Volume.update(revision=Volume.revision).where(same).execute():
            serial = _next_serial(fonds, volume.category, volume.year)
            template = book.arrangement.number
            number = numbers.build(template, volume.category, volume.year, serial, fonds=fonds)
            layout.write(volume, {"serial": serial, "number": number})
            w.note("volume.number", volume, number=number)
    return Volume.get_by_id(volume.id)


def _next_serial(fonds: str, category: str, year: int) -> int:
    """Move the counter of volumes by one; rolled back with the work."""
    upsert = Counter.insert(scope=f"volume/{fonds}/{category}/{year}", last=1).on_conflict(
        conflict_target=[Counter.scope], update={Counter.last: Counter.last + 1}
    )
    return int(next(iter(upsert.returning(Counter.last).tuples().execute()))[0])


def finish(row: Print, actor: Actor, at: datetime) -> None:
    """Bind the volume whose pack was drawn, in the work that finishes the print.

    A reprint binds nothing. Raises Refused: volumes.changed — the paper would not say what is true now, so
    neither print nor binding is kept; volumes.held — something came in between.
    """
    if json.loads(row.args) != BINDING:
        return
    Volume.update(revision=Volume.revision).where(Volume.id == int(row.key)).execute()  # locks the row
    volume = Volume.get_by_id(int(row.key))
    if volume.state in BOUND:
        return  # a second pack of the same binding
    content = content_of(volume)
    if volume.state != "checked" or digest_of(content) != row.digest:
        raise _changed(volume, row, content)
    _check_ready(volume, actor, at)
    _freeze(volume, row, content, actor, at)


def _freeze(volume: Volume, row: Print, content: Content, actor: Actor, at: datetime) -> None:
    seq, head = audit.head()
    version = Binding.select().where(Binding.volume == volume.id).count() + 1
    with work(actor, at) as w:
        VOLUME.fire(
            volume, "bind", digest=row.digest, bound_by=actor.username, bound_at=at, pack=row.id,
            revision=volume.revision + 1,
        )  # fmt: skip
        Binding.create(
            volume=volume.id, version=version, content=canonical(content), digest=row.digest, pack=row.id,
            bound_by=actor.username, bound_at=at, audit_seq=seq, audit_digest=head,
        )  # fmt: skip
        w.note(
            "volume.bind", volume, number=volume.number, version=version, digest=row.digest, pack=row.id,
            documents=volume.items, pages=volume.pages, classified=content["classified"],
        )  # fmt: skip


def _changed(volume: Volume, row: Print, content: Content) -> Refused:
    """What the drawn pack says and what is so now."""
    if volume.state != "checked":
        what = _("案卷已退回调整")
    else:
        found = compare(printed_content(row), json.loads(canonical(content)), NAMES)
        what = _("；").join(
            _("%(where)s由“%(old)s”改为“%(new)s”", where=each.where, old=each.old[:60], new=each.new[:60])
            for each in found[:NAMED]
        )
    return Refused(
        "volumes.changed",
        _("打印时案卷有改动，没有装订：%(what)s。", what=what),
        next_step=_("核对后重新检查，再装订一次；这份打印件作废。"),
    )


def note_addendum(volume_id: int, kind: str, text: str, *, actor: Actor, at: datetime) -> Addendum:
    """Write a line into the change record of a bound volume; its remark sheet gets a new version.

    ``kind``: supplement, moved_out, changed, repaired, destroyed, appraised. Raises Invalid: kind, text;
    NotFound; Refused: permission, volumes.not_bound.
    """
    actor.must("volume.bind")
    text = clean_line(text)
    errors = too_long("text", text, 500)
    if not text:
        errors["text"] = _("请写明变动情况。")
    if kind not in KINDS or kind == "noted":
        errors["kind"] = _("请从列表中选。")
    if errors:
        raise Invalid(errors)
    volume = bound_volume(volume_id, actor, at)
    with work(actor, at) as w:
        row = Addendum.create(
            volume=volume.id, kind=kind, text=text, version=len(changes_of(volume)) + 2,
            noted_by=actor.username, noted_at=at,
        )  # fmt: skip
        w.note("volume.addendum", volume, number=volume.number, kind=kind, text=text, version=row.version)
    return row


def bound_volume(volume_id: int, actor: Actor, at: datetime) -> Volume:
    """A volume that is bound. Raises NotFound; Refused: volumes.not_bound."""
    volume = volume_for(actor, volume_id, at)
    if volume.state not in BOUND:
        raise Refused(
            "volumes.not_bound",
            _("这一卷还没有装订，没有改动任何记录。"),
            next_step=_("装订以前直接改卷内文件。"),
        )
    return volume


def box(volume_id: int, box_place_id: int, *, actor: Actor, at: datetime) -> Volume:
    """Put a bound volume and its folders into a box of the stacks (ARR-13); again to put it into another.

    Raises Invalid: box; NotFound; Refused: permission, volumes.not_bound, and as the stacks refuse.
    """
    actor.must(VOLUME.steps["box"].permission)
    volume = bound_volume(volume_id, actor, at)
    place = stacks.place_for(actor, box_place_id)
    if place.kind != "box":
        raise Invalid({"box": _("请扫卷盒的条码，这不是盒。")})
    folders = list(dict.fromkeys(item.folder_id for item in items_of(volume.id)))
    with work(actor, at) as w:
        things = [("volume", volume.id), *(("folder", key) for key in folders)]
        shelving.shelve(place.id, things, home=True, via="boxing", actor=actor, at=at)
        if volume.state == "bound":
            VOLUME.fire(volume, "box", box=place.id, boxed_at=at)
        else:
            layout.write(volume, {"box": place.id, "boxed_at": at})
        w.note("volume.box", volume, number=volume.number, box=place.id, place=place.path)
    return Volume.get_by_id(volume_id)


def end_binding(volume: Volume, at: datetime) -> None:
    """Date the end of the binding that holds, when the volume is opened again."""
    row = binding_of(volume)
    Binding.update(ended_at=at).where(Binding.id == row.id).execute()
