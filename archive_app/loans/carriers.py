"""A folder that is bound in a volume: it cannot leave alone, the whole volume goes out as its carrier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.loans import rows
from archive_app.loans.flow import ACTIVE, READING_ROOM
from archive_app.loans.judge import back_words, may_know_holder
from archive_app.loans.models import Loan
from archive_app.people.actor import Actor
from archive_app.policy import RuleBook
from archive_app.policy.words import cannot
from archive_app.stacks.models import Place
from archive_app.volumes.models import Volume, VolumeItem

BOUND = ("bound", "boxed")


@dataclass(frozen=True)
class Carrier:
    """A bound volume with a folder in it: its 案卷号, its highest level, and the box it stands in."""

    id: int
    number: str
    secrecy: str
    box: str
    place: int | None

    @property
    def words(self) -> str:
        """What the desk and the out-card say: the volume and its box."""
        if self.box:
            return _("案卷 %(number)s（%(box)s）", number=self.number, box=self.box)
        return _("案卷 %(number)s", number=self.number)


def carriers_of(folder_ids: Iterable[int]) -> dict[int, list[Carrier]]:
    """The bound volumes in which these folders are, by folder id; folders that stand alone are left out."""
    found: dict[int, list[Carrier]] = defaultdict(list)
    if not (wanted := list(folder_ids)):
        return found
    box: Any = Place.alias()
    items: Any = (
        VolumeItem.select(VolumeItem.folder, Volume.id, Volume.number, Volume.secrecy, box.path, Volume.box)
        .join(Volume)
        .join(box, pw.JOIN.LEFT_OUTER, on=(box.id == Volume.box))
        .where(VolumeItem.folder.in_(wanted) & VolumeItem.released_at.is_null() & Volume.state.in_(BOUND))
        .distinct()
    )
    for folder, key, number, secrecy, path, place in items.order_by(Volume.id).tuples():
        found[folder].append(Carrier(key, number or "", secrecy, path or "", place))
    return found


def carried(folder_id: int) -> list[Carrier]:
    """The bound volumes of one folder."""
    return carriers_of([folder_id]).get(folder_id, [])


def words(carriers: Iterable[Carrier]) -> str:
    """All of them in words; empty for a folder that stands alone."""
    return _("、").join(carrier.words for carrier in carriers)


def check(loan: Loan, where: str | None, carriers: list[Carrier], book: RuleBook, actor: Actor,
          at: datetime) -> None:  # fmt: skip
    """The volume goes where its highest level may go, and only when it is here.

    Raises Refused: loan.volume_level, loan.already_out.
    """
    for carrier in carriers:
        level = book.levels.get(carrier.secrecy)
        use = level.uses.get(loan.kind) if level else None
        if level is not None and (use is None or (use.where == READING_ROOM != where)):
            rule = use.rule if use else level.refused.get(loan.kind, level.rule)
            raise Refused(
                "loan.volume_level",
                _("%(cannot)s：%(number)s 装订在%(volume)s里，同卷有%(level)s级档案。没有改动任何记录。",
                  cannot=cannot(loan.kind), number=loan.folder.file_number, volume=carrier.words,
                  level=level.name),
                rule.text, rule.clause, "", _("改为在阅览室查阅，或先申请拆卷。"),
            )  # fmt: skip
    if carriers and (active := _away(loan, carriers)) is not None:
        raise _volume_out(loan, active, carriers, actor, at)


def _volume_out(
    loan: Loan, active: Loan, carriers: list[Carrier], actor: Actor, at: datetime
) -> Refused:  # fmt: skip
    """The refusal for a volume that is away with another of its folders."""
    values = {"number": loan.folder.file_number, "volume": words(carriers), "back": back_words(active, at)}
    if may_know_holder(actor, active):
        values["who"] = active.borrower.name
        message = _("%(number)s 装订在%(volume)s里，整卷在%(who)s手里，%(back)s。", **values)
    else:
        message = _("%(number)s 装订在%(volume)s里，整卷现在不在架上，%(back)s。", **values)
    return Refused("loan.already_out", message, next_step=_("整卷还回后再办，没有改动任何记录。"))


def _away(loan: Loan, carriers: list[Carrier]) -> Loan | None:
    """The loan by which another folder of the same volume, and so the volume itself, is away."""
    items = VolumeItem.select(VolumeItem.folder).where(
        VolumeItem.volume.in_([carrier.id for carrier in carriers]) & VolumeItem.released_at.is_null()
    )
    others = Loan.folder.in_(items) & (Loan.folder != loan.folder_id)
    mine = Loan.borrower == loan.borrower_id  # two folders of one volume go to one reader together
    return rows.select().where(others & Loan.state.in_(ACTIVE) & Loan.takes_folder & ~mine).first()
