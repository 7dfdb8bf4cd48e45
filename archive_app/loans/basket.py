"""The basket (借阅车): folders that a person has put aside to ask for together; each keeps his own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.loans import rows
from archive_app.loans.models import BasketItem
from archive_app.loans.rules import BASKET_MAX
from archive_app.people.actor import Actor
from archive_app.printing import barcode
from archive_app.records import queries as records
from archive_app.records.models import Folder

BETWEEN = re.compile(r"[\s,，、;；|]+")
TEXT_MAX = 5000


@dataclass
class Typed:
    """What became of a typed or pasted list: put in, there before, and what was found to be no number."""

    added: list[Folder] = field(default_factory=list)
    known: list[Folder] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)


def add(folder_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """Put folders into one's basket; return how many were not in it yet.

    Raises NotFound; Refused: permission, basket.full.
    """
    actor.must("loan.request")
    folders = rows.known_folders(actor, folder_ids, at)
    with work(actor, at):  # nothing of the archive changes: no note
        there = ids(actor)
        fresh = [each.id for each in folders if each.id not in there]
        if len(there) + len(fresh) > BASKET_MAX:
            raise _full(len(there))
        for folder_id in fresh:
            row = BasketItem.insert(user=actor.user_id, folder=folder_id, added_at=at)
            row.on_conflict_ignore().execute()
    return len(fresh)


def add_numbers(text: str, *, actor: Actor, at: datetime) -> Typed:
    """Put in what a typed or pasted list names: file numbers in any form, or codes of folder labels.

    What cannot be found is said and keeps nothing else out. Raises Invalid; Refused: permission, basket.full.
    """
    actor.must("loan.request")
    if len(text) > TEXT_MAX:
        raise Invalid({"numbers": _("太长：最多 %(limit)s 字，请分几次加。", limit=TEXT_MAX)})
    parts = list(dict.fromkeys(part for part in BETWEEN.split(text.strip()) if part))
    if not parts:
        raise Invalid({"numbers": _("请写档号，几个就用空格隔开。")})
    if len(parts) > BASKET_MAX:
        raise Invalid({"numbers": _("一次最多加 %(most)s 份。", most=BASKET_MAX)})
    typed, there = Typed(), ids(actor)
    for part in parts:
        found = _find(actor, part, at)
        if len(found) != 1:
            typed.wrong[part[:40]] = _several(found) if found else _("没有找到")
        elif found[0].id in there:
            typed.known.append(found[0])
        else:
            there.append(found[0].id)
            typed.added.append(found[0])
    add([each.id for each in typed.added], actor=actor, at=at)
    return typed


def remove(folder_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """Take folders out of one's basket; return how many were in it."""
    with work(actor, at):
        mine = (BasketItem.user == actor.user_id) & BasketItem.folder.in_(list(folder_ids))
        return int(BasketItem.delete().where(mine).execute())


def clear(*, actor: Actor, at: datetime) -> int:
    """Empty one's basket; return how many were in it."""
    with work(actor, at):
        return int(BasketItem.delete().where(BasketItem.user == actor.user_id).execute())


def of(actor: Actor, at: datetime) -> list[Folder]:
    """What is in one's basket, in the order it was put in, as far as the person may still know of it."""
    wanted = ids(actor)
    query = records.with_names().where(records.among(wanted, actor, at))
    found = {row.id: row for row in query}
    return [found[key] for key in wanted if key in found]


def ids(actor: Actor) -> list[int]:
    """The ids of what is in one's basket."""
    mine = BasketItem.select(BasketItem.folder).where(BasketItem.user == actor.user_id)
    return [row.folder_id for row in mine.order_by(BasketItem.id)]


def count(actor: Actor, at: datetime) -> int:
    """How many folders are in one's basket."""
    return int(BasketItem.select().where(BasketItem.user == actor.user_id).count())


def _find(actor: Actor, text: str, at: datetime) -> list[Folder]:
    try:
        code = barcode.parse(text)
    except barcode.BadCode:
        return records.by_number(actor, text, at)
    try:
        return [records.folder_for(actor, code.id, at)] if code.kind is barcode.BarcodeType.FOLDER else []
    except NotFound:
        return []


def _several(found: Sequence[Folder]) -> str:
    numbers = _("、").join(each.file_number for each in found[:4])
    return _("有几份：%(numbers)s。请写全档号。", numbers=numbers)


def _full(there: int) -> Refused:
    return Refused(
        "basket.full",
        _("借阅车最多放 %(most)s 份，现在有 %(n)s 份。没有改动任何记录。", most=BASKET_MAX, n=there),
        next_step=_("请先申请或移出一些。"),
    )
