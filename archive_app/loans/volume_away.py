"""A volume that is away already: no other folder of it goes out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import peewee as pw

from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.loans import rows
from archive_app.loans.carriers import Carrier, words
from archive_app.loans.flow import ACTIVE
from archive_app.loans.judge import back_words, may_know_holder
from archive_app.loans.models import Loan
from archive_app.people.actor import Actor
from archive_app.records.models import Folder
from archive_app.volumes.models import VolumeItem

GONE = ("lent", "missing")


def check(loan: Loan, carriers: Sequence[Carrier], actor: Actor, at: datetime) -> None:
    """The whole volume goes out, so it must be here. Raises Refused: loan.already_out."""
    if not carriers:
        return
    others = VolumeItem.select(VolumeItem.folder).where(
        VolumeItem.volume.in_([carrier.id for carrier in carriers])
        & VolumeItem.released_at.is_null()
        & (VolumeItem.folder != loan.folder_id)
    )
    if (active := _away(loan, others)) is not None:
        raise _volume_out(loan, active, carriers, actor, at)
    gone = Folder.id.in_(others) & Folder.custody.in_(GONE) & Folder.id.not_in(_lent(others))
    other = Folder.select(Folder.custody).where(gone).order_by(Folder.custody.desc()).first()
    if other is not None and other.custody == "missing":  # it cannot have been lost alone
        raise _volume_lost(loan, carriers)
    if other is not None:  # another folder of it is being copied
        raise _volume_out(loan, None, carriers, actor, at)


def _volume_lost(loan: Loan, carriers: Sequence[Carrier]) -> Refused:
    values = {"number": loan.folder.file_number, "volume": words(carriers)}
    message = _("%(number)s 装订在%(volume)s里，同卷有档案登记为丢失。没有改动任何记录。", **values)
    return Refused("loan.already_out", message, next_step=_("先找到整卷并了结丢失报告，或先拆卷。"))


def _volume_out(
    loan: Loan, active: Loan | None, carriers: Sequence[Carrier], actor: Actor, at: datetime
) -> Refused:  # fmt: skip
    """The refusal for a volume that is away with another of its folders."""
    values = {"number": loan.folder.file_number, "volume": words(carriers), "back": back_words(active, at)}
    if active is not None and may_know_holder(actor, active):
        values["who"] = active.borrower.name
        message = _("%(number)s 装订在%(volume)s里，整卷在%(who)s手里，%(back)s。", **values)
    else:
        message = _("%(number)s 装订在%(volume)s里，整卷现在不在架上，%(back)s。", **values)
    return Refused("loan.already_out", message, next_step=_("整卷还回后再办，没有改动任何记录。"))


def _away(loan: Loan, others: pw.Query) -> Loan | None:
    """The loan by which another folder of the same volume, and so the volume itself, is away."""
    mine = Loan.borrower == loan.borrower_id  # two folders of one volume go to one reader together
    away = Loan.folder.in_(others) & Loan.state.in_(ACTIVE) & Loan.takes_folder
    return rows.select().where(away & ~mine).first()


def _lent(others: pw.Query) -> pw.Query:
    """Which of these folders are away by a loan of their own, and not drawn to be copied."""
    away = Loan.folder.in_(others) & Loan.state.in_(ACTIVE) & Loan.takes_folder
    return Loan.select(Loan.folder).where(away)
