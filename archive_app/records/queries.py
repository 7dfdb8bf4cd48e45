"""Read-only selects on the holdings; what a person may not know exists is left out in SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import peewee as pw

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import Department, User
from archive_app.policy import FolderFacts, Person, Scope
from archive_app.records import rules
from archive_app.records.models import (
    Change,
    ConditionEvent,
    Counter,
    CustodyEvent,
    Document,
    Folder,
    NumberBlock,
)

# Higher rooms (loans) say here which folders a person may read for a reason of theirs:
# each function gives a subquery of folder ids for (actor, at).
content_grants: list[Callable[[Actor, datetime], Any]] = []

PAGE = 50


@dataclass(frozen=True)
class Filters:
    """What a list of folders is narrowed to; empty means all."""

    categories: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    secrecy: tuple[str, ...] = ()
    custody: tuple[str, ...] = ()
    state: str = "active"


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first; ``older`` and ``newer`` are keys for the neighbours, or None."""

    rows: list[Folder]
    older: int | None
    newer: int | None


@dataclass(frozen=True)
class FolderPage:
    """All that the page of one folder shows."""

    folder: Folder
    documents: list[Document]
    timeline: list[CustodyEvent]
    changes: list[Change]
    conditions: list[ConditionEvent]
    pages: int = field(default=0)


@dataclass(frozen=True)
class Run:
    """Consecutive serials with one explanation: active, reserved, void or missing."""

    state: str
    first: int
    last: int
    first_number: str
    last_number: str
    explanation: str

    @property
    def count(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True)
class Series:
    """The numbers of one category and year, every one explained; ``unexplained`` must be 0."""

    category: str
    year: int
    last: int
    runs: list[Run]

    def count(self, state: str) -> int:
        """How many numbers have this explanation."""
        return sum(run.count for run in self.runs if run.state == state)

    @property
    def unexplained(self) -> int:
        return self.count("missing")


def person_of(actor: Actor) -> Person:
    """The actor as the rule book sees one."""
    return Person(
        roles=actor.roles,
        title=actor.title,
        department=actor.department,
        username=actor.username,
        user_id=actor.user_id,
        authority_ends=actor.authority_ends,
    )


def facts_of(folder: Folder) -> FolderFacts:
    """The folder as the rule book sees one."""
    return FolderFacts(
        file_number=folder.file_number,
        category=folder.category,
        secrecy=folder.secrecy,
        tier=folder.tier,
        department=folder.department.name if folder.department else "",
        custody=folder.custody,
        state=folder.state,
        manager=folder.manager_id,
    )


def visible(actor: Actor, at: datetime, state: Any = Folder.state) -> Any:
    """The condition on Folder for what the actor may know exists (SEC-16)."""
    shown = (state == "active") & _scope(actor, at, "know")
    if actor.can("number.report"):
        shown |= state != "active"
    return shown


def among(ids: Any, actor: Actor, at: datetime) -> Any:
    """The condition on Folder for which of these ids the actor may know exist; the ids lead the search.

    SQLite takes any index for a choice of few: without the COALESCE it walks all active folders instead.
    """
    return Folder.id.in_(ids) & visible(actor, at, pw.fn.COALESCE(Folder.state, ""))


def readable(actor: Actor, at: datetime) -> Any:
    """The condition on Folder for whose content the actor may read now, by level or by a running loan."""
    condition = _scope(actor, at, "read_content")
    for grant in content_grants:
        condition |= Folder.id.in_(grant(actor, at))
    return (Folder.state == "active") & condition


def _scope(actor: Actor, at: datetime, action: str) -> Any:
    scope = rulebook.current(at, actor.unit_id).book.scope(person_of(actor), action)
    condition = _within(actor, scope)
    if scope.by_tier:
        condition &= Folder.tier.not_in(sorted(scope.by_tier))
        for tier, narrower in sorted(scope.by_tier.items()):
            condition |= (Folder.tier == tier) & _within(actor, narrower)
    return condition


def _within(actor: Actor, scope: Scope) -> Any:
    condition = Folder.secrecy.in_(sorted(scope.levels))
    if scope.own_department_levels and actor.department_id:
        own = Folder.secrecy.in_(sorted(scope.own_department_levels))
        condition |= own & (Folder.department == actor.department_id)
    if scope.own_customer_levels:
        own = Folder.secrecy.in_(sorted(scope.own_customer_levels))
        condition |= own & (Folder.manager == actor.user_id)
    return condition


def may_read(actor: Actor, folder: Folder, at: datetime) -> bool:
    """Whether the actor may read the folder's content on screen now."""
    return Folder.select(Folder.id).where((Folder.id == folder.id) & readable(actor, at)).exists()


def sees_holders(actor: Actor) -> bool:
    """Whether the actor keeps the folders and so may know who has each; others only that it is away."""
    return actor.can("loan.view_all") or actor.can("loan.desk")


def folder_for(actor: Actor, folder_id: int, at: datetime) -> Folder:
    """The folder, if the actor may know that it exists. Raises NotFound."""
    folder = with_names().where((Folder.id == folder_id) & visible(actor, at)).first()
    if folder is None:
        raise NotFound(_("没有这份档案，或不在可查范围内。"))
    return folder


def by_number(actor: Actor, text: str, at: datetime, limit: int = 10) -> list[Folder]:
    """Folders whose number is ``text``, typed in any form: full width, no dashes, only the tail."""
    parts = rules.number_parts(text)
    exact = with_names().where((Folder.file_number == rules.fold_number(text)) & visible(actor, at)).first()
    if exact is not None:
        return [exact]
    if parts is None:
        return []
    category, year, serial = parts
    wanted = Folder.serial == serial
    if category:
        wanted &= Folder.category == category
    if year:
        wanted &= Folder.year == year
    rows = with_names().where(wanted & visible(actor, at)).order_by(Folder.year.desc(), Folder.category)
    return list(rows.limit(limit))


def list_folders(
    actor: Actor, at: datetime, filters: Filters, older: int | None = None, newer: int | None = None,
    limit: int = PAGE,
) -> Page:  # fmt: skip
    """One page of folders, newest first, starting after key ``older`` or before key ``newer``."""
    rows = with_names().where(narrowed(filters) & visible(actor, at))
    if newer is not None:
        found = list(rows.where(Folder.id > newer).order_by(Folder.id).limit(limit + 1))
        more, shown = len(found) > limit, found[:limit][::-1]
        return Page(shown, shown[-1].id if shown else None, shown[0].id if more else None)
    if older is not None:
        rows = rows.where(Folder.id < older)
    found = list(rows.order_by(Folder.id.desc()).limit(limit + 1))
    shown = found[:limit]
    before = shown[0].id if shown and older is not None else None
    return Page(shown, shown[-1].id if len(found) > limit else None, before)


def narrowed(filters: Filters) -> Any:
    """The condition on Folder for a list's filters."""
    condition = Folder.state == filters.state
    for column, wanted in (
        (Folder.category, filters.categories),
        (Folder.year, filters.years),
        (Folder.secrecy, filters.secrecy),
        (Folder.custody, filters.custody),
    ):
        if wanted:
            condition &= column.in_(wanted)
    return condition


def with_names() -> Any:
    """Folders with department and customer manager in one query, so a page of rows costs no query a row."""
    return (
        Folder.select(Folder, Department, User)
        .join(Department, pw.JOIN.LEFT_OUTER, on=(Folder.department == Department.id))
        .switch(Folder)
        .join(User, pw.JOIN.LEFT_OUTER, on=(Folder.manager == User.id))
        .switch(Folder)
    )


def folder_page(actor: Actor, folder_id: int, at: datetime) -> FolderPage:
    """The folder with its catalog, its whereabouts and its changes. Raises NotFound."""
    folder = folder_for(actor, folder_id, at)
    documents = documents_of(folder_id)
    timeline = CustodyEvent.select().where(CustodyEvent.folder == folder_id)
    changes = Change.select().where(Change.folder == folder_id).order_by(Change.id.desc()).limit(50)
    return FolderPage(
        folder,
        documents,
        list(timeline.order_by(CustodyEvent.at.desc(), CustodyEvent.id.desc()).limit(50)),
        list(changes),
        conditions_of([folder_id]),
        sum(document.pages for document in documents),
    )


def documents_of(folder_id: int) -> list[Document]:
    """The lines of the folder's catalog in order."""
    rows = Document.select().where((Document.folder == folder_id) & Document.removed_at.is_null())
    return list(rows.order_by(Document.position, Document.id))


def conditions_of(folder_ids: Iterable[int]) -> list[ConditionEvent]:
    """What was found or done on the paper of these folders, with the document if it was one, in order."""
    rows = ConditionEvent.select(ConditionEvent, Document).join(Document, pw.JOIN.LEFT_OUTER)
    wanted = ConditionEvent.folder.in_(list(folder_ids))
    return list(rows.where(wanted).order_by(ConditionEvent.folder, ConditionEvent.id))


def filing_years(actor: Actor) -> list[int]:
    """The filing years in which numbers were given out, newest first."""
    rows: Any = Folder.select(Folder.year).where(Folder.unit == actor.unit_id).distinct()
    return [year for (year,) in rows.order_by(Folder.year.desc()).tuples()]


def blocks(actor: Actor, limit: int = 50) -> list[NumberBlock]:
    """The newest reserved blocks."""
    rows = NumberBlock.select().where(NumberBlock.unit == actor.unit_id)
    return list(rows.order_by(NumberBlock.id.desc()).limit(limit))


def block_folders(block_id: int) -> list[Folder]:
    """The numbers of a reserved block in order."""
    return list(Folder.select().where(Folder.block == block_id).order_by(Folder.serial))


def of_ids(actor: Actor, ids: list[int], at: datetime) -> list[Folder]:
    """The folders with these ids that the actor may know of and that are not void, in the order given."""
    rows = Folder.select().where(among(ids, actor, at) & (Folder.state != "void"))
    found = {row.id: row for row in rows}
    return [found[key] for key in dict.fromkeys(ids) if key in found]


def in_range(actor: Actor, category: str, year: int, first: int, last: int, at: datetime) -> list[Folder]:
    """The folders of a number range that the actor may know of, in order."""
    wanted = (Folder.category == category) & (Folder.year == year) & Folder.serial.between(first, last)
    rows = Folder.select().where(wanted & (Folder.state != "void") & visible(actor, at))
    return list(rows.order_by(Folder.serial).limit(2000))


def gap_report(actor: Actor, at: datetime, category: str = "", year: int | None = None) -> list[Series]:
    """Explain every number given out: registered, reserved (by whom, for what), void (and why), or missing.

    Raises Refused: permission.
    """
    actor.must("number.report")
    wanted = Folder.unit == actor.unit_id
    if category:
        wanted &= Folder.category == category
    if year:
        wanted &= Folder.year == year
    rows = (
        Folder.select(Folder, NumberBlock)
        .join(NumberBlock, pw.JOIN.LEFT_OUTER)
        .where(wanted)
        .order_by(Folder.year.desc(), Folder.category, Folder.serial)
    )
    who = people.names()
    return [
        _series(actor, at, category, year, list(group), who)
        for (year, category), group in groupby(rows.iterator(), key=lambda row: (row.year, row.category))
    ]


def _series(
    actor: Actor, at: datetime, category: str, year: int, rows: list[Folder], who: dict[str, str]
) -> Series:
    book = rulebook.current(at, actor.unit_id).book
    scope = book.scope_key(rows[0].unit.fonds_code, category, year)
    last = Counter.select(Counter.last).where(Counter.scope == scope).scalar() or rows[-1].serial
    known = {row.serial: (row.state, _explain(row, who)) for row in rows}
    serials = range(1, max(last, rows[-1].serial) + 1)
    missing = ("missing", _("没有记录"))
    runs = []
    for (state, why), group in groupby(serials, key=lambda serial: known.get(serial, missing)):
        run = list(group)
        numbers = [book.number(category, year, serial) for serial in (run[0], run[-1])]
        runs.append(Run(state, run[0], run[-1], numbers[0], numbers[1], why))
    return Series(category, year, last, runs)


def _explain(row: Folder, names: dict[str, str]) -> str:
    if row.state == "void":
        return _("%(who)s 作废：%(why)s", who=names.get(row.voided_by, row.voided_by), why=row.void_reason)
    if row.state == "reserved" and row.block:
        who = row.block.reserved_by
        return _("%(who)s 预留：%(why)s", who=names.get(who, who), why=row.block.purpose)
    return _("已登记")
