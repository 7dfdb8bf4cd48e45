"""Read-only selects about photocopies: one, those of a folder, the register, what to keep, what to recall."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from archive_app.core.errors import NotFound
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans.flow import ACTIVE
from archive_app.loans.models import Copy, Loan
from archive_app.loans.rows import get_loan
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.policy import RuleBook
from archive_app.printing import barcode
from archive_app.records.models import CustodyEvent, Folder
from archive_app.records.queries import visible

PAGE = 50
LOOK_BACK = timedelta(days=90)
THERE = ("kept", "lent")
STATES = {"kept": L("在架"), "lent": L("借出"), "destroyed": L("已销毁"), "lost": L("丢失")}
HANDED = ("out", "reading", "overdue", "returned", "lost")


@dataclass(frozen=True)
class Page:
    """One page of the register of copies, newest first; ``older`` is the key of the next, or None."""

    rows: list[Copy]
    older: int | None


@dataclass(frozen=True)
class Proposal:
    """A folder lent so often that a copy might be kept for lending (LOAN-09)."""

    folder: Folder
    times: int


def name_of(copy: Copy) -> str:
    """The copy's name for people and labels: ``HT-2026-0001 影印件 1``."""
    return _("%(number)s 影印件 %(n)s", number=copy.folder.file_number, n=copy.serial)


def payload_of(copy: Copy) -> str:
    """The twelve digits of the copy's barcode."""
    return barcode.payload(barcode.BarcodeType.COPY, copy.id)


def select() -> Any:
    """Copies with their folders in one query."""
    return Copy.select(Copy, Folder).join(Folder)


def get_copy(copy_id: int) -> Copy:
    """The copy with its folder. Raises NotFound."""
    row = select().where(Copy.id == copy_id).first()
    if row is None:
        raise NotFound(_("没有这份影印件。"))
    return row


def copy_for(actor: Actor, copy_id: int, at: datetime) -> Copy:
    """The copy, if the actor may know of its folder. Raises NotFound."""
    row = select().where((Copy.id == copy_id) & visible(actor, at)).first()
    if row is None:
        raise NotFound(_("没有这份影印件。"))
    return row


def copies_of(folder_id: int) -> list[Copy]:
    """All copies ever made of a folder, in order."""
    return list(select().where(Copy.folder == folder_id).order_by(Copy.serial))


def to_lend(folder_id: int) -> list[Copy]:
    """The copies kept for lending of a folder, those on the shelf first."""
    rows = select().where((Copy.folder == folder_id) & Copy.kept & Copy.state.in_(THERE))
    return list(rows.order_by(Copy.state, Copy.serial))


def list_copies(
    actor: Actor,
    at: datetime,
    *,
    states: Iterable[str] = (),
    kept: bool | None = None,
    to_borrow: bool = False,
    text: str = "",
    older: int | None = None,
    limit: int = PAGE,
) -> Page:
    """One page of copies of folders the actor may know of, newest first; ``to_borrow``: kept and allowed."""
    rows = select().where(visible(actor, at))
    if to_borrow:
        refused = refused_levels(rulebook.current(at, actor.unit_id).book)
        rows = rows.where(Copy.kept & Copy.state.in_(THERE) & Folder.secrecy.not_in(sorted(refused)))
    if wanted := list(states):
        rows = rows.where(Copy.state.in_(wanted))
    if kept is not None:
        rows = rows.where(Copy.kept if kept else ~Copy.kept)
    if text := text.strip():
        rows = rows.where(Folder.file_number.contains(text) | Folder.title.contains(text))
    if older is not None:
        rows = rows.where(Copy.id < older)
    found = list(rows.order_by(Copy.id.desc()).limit(limit + 1))
    return Page(found[:limit], found[limit - 1].id if len(found) > limit else None)


def loan_of(copy_id: int) -> Loan | None:
    """The loan by which the copy is out now, with its borrower, or None."""
    rows = Loan.select(Loan, Folder, User).join(Folder).switch(Loan).join(User, on=Loan.borrower)
    return rows.where((Loan.copy == copy_id) & Loan.state.in_(ACTIVE)).first()


def holders(copies: Iterable[Copy]) -> dict[int, Loan]:
    """The running loan of each copy that is out, by copy id, in one query."""
    if not (ids := [copy.id for copy in copies if copy.state == "lent"]):
        return {}
    rows = Loan.select(Loan, User).join(User, on=Loan.borrower)
    return {row.copy_id: row for row in rows.where(Loan.copy.in_(ids) & Loan.state.in_(ACTIVE))}


def history_of(copy_id: int, limit: int = 20) -> list[Loan]:
    """The loans of a copy, newest first."""
    rows = Loan.select(Loan, User).join(User, on=Loan.borrower).where(Loan.copy == copy_id)
    return list(rows.order_by(Loan.id.desc()).limit(limit))


def to_settle(actor: Actor, at: datetime, limit: int = PAGE) -> list[Copy]:
    """Copies made for one loan that have come back: the keeper destroys or keeps each."""
    back = Loan.select(Loan.copy).where((Loan.state == "returned") & Loan.copy.is_null(False))
    rows = select().where((Copy.state == "kept") & ~Copy.kept & Copy.id.in_(back) & visible(actor, at))
    return list(rows.order_by(Copy.id).limit(limit))


def proposals(actor: Actor, at: datetime, limit: int = 20) -> list[Proposal]:
    """Folders lent as often in 90 days as the rule book says, and without a copy kept for lending.

    Levels that refuse photocopying are left out. Empty when the book keeps no copies.
    """
    book = rulebook.current(at, actor.unit_id).book
    if book.lending.copies is None or not book.lending.copies.kept:
        return []
    times = pw.fn.COUNT(Loan.id)
    recent = Loan.state.in_(HANDED) & (Loan.handed_at >= at - LOOK_BACK)
    there = Copy.select(Copy.folder).where(Copy.kept & Copy.state.in_(THERE))
    open_levels = [code for code in book.levels if code not in refused_levels(book)]
    often = (
        Loan.select(Loan.folder.alias("folder_id"), times.alias("times"))
        .where(recent)
        .group_by(Loan.folder)
        .having(times >= book.lending.copies.propose_after)
        .alias("often")
    )
    rows = (
        Folder.select(Folder, often.c.times)
        .join(often, on=(Folder.id == often.c.folder_id))
        .where(Folder.secrecy.in_(open_levels) & Folder.id.not_in(there) & visible(actor, at))
        .order_by(often.c.times.desc(), Folder.id)
        .limit(limit)
    )
    return [Proposal(row, int(row.times)) for row in rows.objects()]


def refused_levels(book: RuleBook) -> set[str]:
    """The levels of which there may be no photocopies."""
    return {code for code, level in book.levels.items() if "photocopy" not in level.uses}


def to_recall(at: datetime, *, folder_id: int | None = None, actor: Actor | None = None) -> list[Copy]:
    """Copies of folders whose level was raised to one that refuses photocopying, still there or out.

    With ``actor`` only of folders that this person may know of.
    """
    refused = refused_levels(rulebook.current(at, actor.unit_id if actor else 1).book)
    rows = select().where(Copy.state.in_(THERE) & Folder.secrecy.in_(sorted(refused)))
    if folder_id is not None:
        rows = rows.where(Copy.folder == folder_id)
    if actor is not None:
        rows = rows.where(visible(actor, at))
    return list(rows.order_by(Copy.id))


def drawn_for(folder: Folder) -> Loan | None:
    """The photocopy for which the original is away now, or None."""
    if Folder.select(Folder.custody).where(Folder.id == folder.id).scalar() != "lent":
        return None
    newest = CustodyEvent.select().where(CustodyEvent.folder == folder.id)
    event = newest.order_by(CustodyEvent.id.desc()).first()  # by number: a clock may be set back
    if event is None or event.loan is None:
        return None
    loan = get_loan(event.loan)
    return loan if loan.kind == "photocopy" else None
