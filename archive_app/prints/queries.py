"""Read-only selects on the register of prints; what a person may not know of is left out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial

from archive_app.core.errors import NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.storage import storage
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.prints.differences import Difference, compare
from archive_app.prints.models import Print
from archive_app.prints.register import HASH_SHOWN, SHEETS, Content, Sheet, digest_of, sheet_of

PAGE = 50
LOOKED_AT = 1000
"""So many rows a page of the register looks through for those that one may see."""


@dataclass(frozen=True)
class Filters:
    """What the register is narrowed to; empty means all."""

    form: str = ""
    kind: str = ""
    key: str = ""
    state: str = ""


@dataclass(frozen=True)
class Page:
    """One page of the register, newest first; ``older`` is the key of the next, or None."""

    rows: list[Print]
    older: int | None


@dataclass(frozen=True)
class Check:
    """Whether a print is still true.

    ``state``: "current" — all as printed; "changed" — see ``changes``; "forged" — the hash on the paper is
    not the one of this print; "gone" — what it was about is no more; "void" — it was never finished.
    ``newest`` is the number of the newest finished print of the same thing.
    """

    state: str
    changes: list[Difference]
    print: Print
    newest: int


def print_for(actor: Actor, print_id: int, at: datetime) -> Print:
    """The print, if the actor may know of it. Raises NotFound."""
    row = Print.get_or_none(Print.id == print_id)
    if row is None or not may_see(actor, row, at):
        raise NotFound(_("没有这次打印，或不在可查范围内。"))
    return row


def may_see(actor: Actor, row: Print, at: datetime) -> bool:
    """Whether the actor may know of the print: by permission, and by what it is about."""
    sheet = SHEETS.get(row.form)
    return sheet is not None and _may_see_form(actor, sheet) and sheet.visible(row.key, actor, at)


def may_take(actor: Actor, form: str, key: str, at: datetime) -> bool:
    """Whether such a sheet may be taken as a file, for pages that show a button or not."""
    try:
        SHEETS[form].require_taking(key, actor, at)
    except Refused:
        return False
    return True


def _may_see_form(actor: Actor, sheet: Sheet) -> bool:
    return actor.can("print.view") or actor.can(sheet.permission)


def forms_for(actor: Actor) -> dict[str, str]:
    """The forms whose prints the actor may see: form and name."""
    return {form: str(sheet.name) for form, sheet in SHEETS.items() if _may_see_form(actor, sheet)}


def list_prints(
    actor: Actor, at: datetime, filters: Filters | None = None, older: int | None = None, limit: int = PAGE
) -> Page:
    """Prints that the actor may see, newest first."""
    query = Print.select().where(Print.form.in_(list(forms_for(actor))))
    for name, wanted in asdict(filters or Filters()).items():
        if wanted:
            query = query.where(getattr(Print, name) == wanted)
    if older is not None:
        query = query.where(Print.id < older)
    query = query.order_by(Print.id.desc()).limit(LOOKED_AT)
    seen: dict[tuple[str, str], bool] = {}
    rows: list[Print] = []
    last, looked = None, 0
    for row in query.iterator():
        looked += 1
        about = (row.form, row.key)
        if about not in seen:
            seen[about] = may_see(actor, row, at)
        if seen[about]:
            if len(rows) == limit:
                return Page(rows, last)
            rows.append(row)
        last = row.id
    return Page(rows, last if looked == LOOKED_AT else None)


def prints_of(actor: Actor, form: str, kind: str, key: str, at: datetime) -> list[Print]:
    """The prints of one sheet of one thing that the actor may see, newest first."""
    same = (Print.form == form) & (Print.kind == kind) & (Print.key == key)
    rows = Print.select().where(same).order_by(Print.id.desc())
    return [row for row in rows if may_see(actor, row, at)]


def names_of(rows: list[Print]) -> dict[str, str]:
    """Names of the people who printed, by account."""
    accounts = {row.printed_by for row in rows}
    return {user.username: user.name for user in User.select().where(User.username.in_(accounts))}


def content_of(row: Print) -> Content:
    """The plain values that a print was made from."""
    values: Content = json.loads(storage().read(row.content))
    return values


def check(print_id: int, hash12: str, actor: Actor, at: datetime) -> Check:
    """Whether the paper with this print id and hash still says what is true.

    ``hash12`` may be empty, when only the bars were read. Raises NotFound.
    """
    row = print_for(actor, print_id, at)
    same = (Print.form == row.form) & (Print.kind == row.kind) & (Print.key == row.key)
    newest = Print.select(Print.number).where(same & (Print.state == "done")).order_by(Print.number.desc())
    answer = partial(Check, print=row, newest=newest.limit(1).scalar() or row.number)
    if hash12 and hash12.lower() != row.digest[:HASH_SHOWN]:
        return answer("forged", [])
    if row.state != "done":
        return answer("void", [])
    return answer(*_compared(row, sheet_of(row.form), at))


def _compared(row: Print, sheet: Sheet, at: datetime) -> tuple[str, list[Difference]]:
    try:
        now = sheet.content_at(row.key, json.loads(row.args), at)
    except NotFound:
        return "gone", []
    if digest_of(now) == row.digest:
        return "current", []
    return "changed", compare(content_of(row), json.loads(json.dumps(now)), sheet.names)


def unfinished(actor: Actor, at: datetime) -> Iterator[Print]:
    """Prints that wait or are being drawn, oldest first, that the actor may see."""
    for row in Print.select().where(Print.state.in_(("queued", "drawing"))).order_by(Print.id):
        if may_see(actor, row, at):
            yield row
