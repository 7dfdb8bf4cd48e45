"""The verbs of printing: issue a sheet, draw it, cancel, try again, hand the PDF out.

The row is the truth. Drawing is claimed by counting ``tries`` up in one compare-and-swap, and whoever
finishes must still hold the same try: a killed worker loses nothing, an overtaken one doubles nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.core.errors import ArchiveError, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.storage import storage
from archive_app.core.work import Work, work
from archive_app.people.actor import Actor
from archive_app.prints import queries, rules
from archive_app.prints.drawing import draw
from archive_app.prints.flow import PRINT
from archive_app.prints.models import Print
from archive_app.prints.register import Sheet, canonical, digest_of, sheet_of

Args = Mapping[str, Any] | None
RACES = 100
"""So often a number taken by somebody else at the same moment is tried again."""


def issue(
    form: str, kind: str, key: str, *, title: str, args: Args = None, actor: Actor, at: datetime
) -> Print:
    """Enter a print into the register, with its content as it is now, and have it drawn in the background.

    Raises NotFound (also when the person may not see the thing); Refused: permission.
    """
    return _issue(sheet_of(form), kind, key, title, args, actor, at, in_background=True)


def print_now(
    form: str, kind: str, key: str, *, title: str, args: Args = None, actor: Actor, at: datetime
) -> tuple[Print, bytes]:
    """Issue a short form and draw it at once; return the finished row and the PDF.

    Raises NotFound; Refused: permission; ArchiveError — it could not be drawn; the row keeps why.
    """
    row = _issue(sheet_of(form), kind, key, title, args, actor, at, in_background=False)
    row = draw(row.id, at)
    if row.state != "done":
        raise ArchiveError(row.error or _("打印件没有画好。到打印登记里再试。"))
    return row, storage().read(row.file)


def _issue(
    sheet: Sheet, kind: str, key: str, title: str, args: Args, actor: Actor, at: datetime,
    *, in_background: bool,
) -> Print:  # fmt: skip
    actor.must(sheet.permission)
    if not sheet.visible(key, actor, at):
        raise NotFound(_("没有可打印的内容，或不在可查范围内。"))
    sheet.require_taking(key, actor, at)
    options = dict(args or {})
    content = sheet.content_at(key, options, at)
    values = {
        "form": sheet.form,
        "kind": kind,
        "key": key,
        "args": canonical(options),
        "title": title[:300],
        "state": PRINT.initial,
        "content": storage().put_bytes(json.dumps(content, ensure_ascii=False).encode()),
        "digest": digest_of(content),
        "printed_by": actor.username,
        "printed_at": at,
    }
    with work(actor, at) as w:
        row = _numbered(w, values)
        w.note(
            "print.issue", row, form=row.form, about=f"{kind} {key}", copy=row.number, digest=row.digest,
            classified=sheet.classified(content),
        )  # fmt: skip
        if in_background:
            from archive_app.prints import tasks

            w.enqueue(tasks.draw, row.id)
    return row


def _numbered(w: Work, values: dict[str, Any]) -> Print:
    """Insert the row as the n-th print of its thing; the unique index says when somebody was faster."""
    same = (Print.form == values["form"]) & (Print.kind == values["kind"]) & (Print.key == values["key"])
    for left in range(RACES, -1, -1):
        number = (Print.select(pw.fn.MAX(Print.number)).where(same).scalar() or 0) + 1
        try:
            with w.attempt():
                return Print.create(**values, number=number)
        except pw.IntegrityError:
            if not left:
                raise
    raise AssertionError("unreachable")


def cancel(print_id: int, *, actor: Actor, at: datetime) -> Print:
    """Stop a print that is not finished; what was drawn of it is thrown away.

    Raises NotFound; Refused: permission, wrong_state.
    """
    row = _own(print_id, actor, at)
    with work(actor, at) as w:
        PRINT.fire(row, "cancel", lease_until=None, finished_at=at)
        w.note("print.cancel", row, form=row.form, done=row.done, total=row.total)
    return row


def retry(print_id: int, *, actor: Actor, at: datetime) -> Print:
    """Draw a print again that failed or was cancelled; number and content stay.

    Raises NotFound; Refused: permission, wrong_state.
    """
    from archive_app.prints import tasks

    row = _own(print_id, actor, at)
    with work(actor, at) as w:
        again = {"tries": rules.tries_after_retry(row.tries), "error": "", "done": 0, "finished_at": None}
        PRINT.fire(row, "retry", **again)
        w.note("print.retry", row, form=row.form)
        w.enqueue(tasks.draw, row.id)
    return row


def _own(print_id: int, actor: Actor, at: datetime) -> Print:
    """The print, for who may print it; seeing the register is not enough to change it."""
    row = queries.print_for(actor, print_id, at)
    actor.must(sheet_of(row.form).permission)
    return row


def hand_out(print_id: int, *, actor: Actor, at: datetime) -> Print:
    """Audit that the PDF is handed out and return its row, for callers that stream ``file``.

    Raises NotFound; Refused: print.not_ready, and why what is on it may not be taken as a file.
    """
    row = queries.print_for(actor, print_id, at)
    sheet_of(row.form).require_taking(row.key, actor, at)
    if row.state != "done":
        raise Refused("print.not_ready", _("这份还没有画好，没有可下载的。"), next_step=_("画好以后再来取。"))
    classified = sheet_of(row.form).classified(queries.content_of(row))
    with work(actor, at) as w:
        w.note("print.download", row, form=row.form, copy=row.number, classified=classified)
    return row


def pdf(print_id: int, *, actor: Actor, at: datetime) -> bytes:
    """The PDF; every download is audited. Raises NotFound; Refused: print.not_ready."""
    return storage().read(hand_out(print_id, actor=actor, at=at).file)


__all__ = ["cancel", "draw", "hand_out", "issue", "pdf", "print_now", "retry"]
