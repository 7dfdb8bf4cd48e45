"""The clock's notices on loans: before, at and after due, to the borrower and to whom the rule names.

What there is to tell is a pure function (`loans.stages`); the loan remembers when it is next to be spoken of,
and the key of each notice keeps it from being told twice. So a killed or stopped worker, or a clock that is
put forward or back, loses nothing and repeats nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import peewee as pw

from archive_app.core import clock
from archive_app.core.db import db
from archive_app.core.i18n import _, source_language
from archive_app.core.work import work
from archive_app.loans import rows
from archive_app.loans.flow import ACTIVE
from archive_app.loans.models import Loan
from archive_app.loans.stages import BORROWER, Stage, next_at, owed, stages
from archive_app.notices import service as notices
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import system
from archive_app.policy.lending_parts import Reminders
from archive_app.records.models import Folder

BATCH = 100  # loans in one transaction
CODES = ("loan.due_soon", "loan.due", "loan.overdue", "loan.escalated", "loan.ready")
LINES = 20  # file numbers in one digest
_looked: WeakKeyDictionary[pw.Database, datetime] = WeakKeyDictionary()  # when this process looked last


def remind(at: datetime) -> int:
    """Tell all that is to be told at this moment; return how many notices were new. Safe to run twice."""
    told, last = 0, _looked.get(db.obj)
    # A clock that was wrong, or may have been before this process began: what is next is reckoned again.
    again = last is None or at < last
    with source_language():
        holders = _Holders(at)
        for batch in _batches(at, again):
            with work(system(), at):
                told += sum(_speak_of(loan, holders, at, again) for loan in batch)
    _looked[db.obj] = at
    return told


def _batches(at: datetime, again: bool) -> Iterator[list[Loan]]:
    """Loans to be spoken of now, or whose due time was moved since it was reckoned, in id order; or all."""
    wanted = Loan.state.in_(ACTIVE) & Loan.due_at.is_null(False)
    if not again:
        fresh = Loan.remind_due.is_null() | (Loan.remind_due != Loan.due_at)
        wanted &= fresh | (Loan.remind_at <= at)
    found = [row.id for row in Loan.select(Loan.id).where(wanted).order_by(Loan.id)]
    for start in range(0, len(found), BATCH):
        chosen = Loan.id.in_(found[start : start + BATCH]) & wanted  # some may have come back meanwhile
        yield list(rows.select().where(chosen).order_by(Loan.id))


def _speak_of(loan: Loan, holders: _Holders, at: datetime, again: bool) -> int:
    rule = rule_of(loan.rule_book, at)
    if rule is None:
        return 0
    all_stages = stages(rule, loan.handed_at, loan.due_at)
    known = loan.remind_due == loan.due_at
    since = loan.remind_at if known and not again else None
    if not known:  # it was fetched, or prolonged: what was said before does not hold any more
        settle(loan.id, at)
    told = sum(_tell(loan, stage, holders, at) for stage in owed(all_stages, since, at))
    following = next_at(all_stages, at)
    if not known or loan.remind_at != following:
        next_time = {"remind_due": loan.due_at, "remind_at": following}
        Loan.update(next_time).where((Loan.id == loan.id) & (Loan.due_at == loan.due_at)).execute()
    return told


def settle(loan_id: int, at: datetime) -> None:
    """The folder came back, or its loan was closed: nobody need be reminded of it any more."""
    notices.settle(CODES, {"loan_id": loan_id}, at=at)


def rule_of(rule_book: int, at: datetime) -> Reminders | None:
    """The reminders of the version that judged the loan; those in force if that one has none."""
    return rulebook.by_id(rule_book).book.lending.reminders or rulebook.current(at).book.lending.reminders


class _Holders:
    """Who holds a role at this moment, each asked once a sweep."""

    def __init__(self, at: datetime) -> None:
        self._at, self._known = at, dict[str, list[int]]()

    def of(self, role: str) -> list[int]:
        if role not in self._known:
            self._known[role] = [user.id for user in people.users_in_role(role, self._at)]
        return self._known[role]


def _tell(loan: Loan, stage: Stage, holders: _Holders, at: datetime) -> int:
    to = holders.of(stage.to) if stage.to else [loan.borrower_id]
    title, text = _words(loan, stage)
    return notices.tell(
        [each for each in to if not stage.to or each != loan.borrower_id], stage.code,
        stage.key(loan.id, loan.due_at), title, text, endpoint="loans.loan_page", about={"loan_id": loan.id},
        mail=stage.code in ("loan.due_soon", "loan.due"), at=at,
    )  # fmt: skip


def _words(loan: Loan, stage: Stage) -> tuple[str, str]:
    """Title and text; the file number only, because a notice is read by who may not know the title."""
    values = {"number": loan.folder.file_number, "when": _moment(loan.due_at), "who": loan.borrower.name}
    if stage.to != BORROWER:
        return _("%(number)s 逾期未还", **values), _("%(who)s借阅，%(when)s 应还。请催还。", **values)
    if stage.code == "loan.due_soon":
        return _("%(number)s %(when)s 到期", **values), _with_clause(loan, _("到时请送回档案室，不顺延。"))
    if stage.code == "loan.due":
        return _("%(number)s 到期了", **values), _with_clause(loan, _("请现在送回档案室。"))
    return _("%(number)s 已逾期", **values), _with_clause(loan, _("%(when)s 应还。请立即送回。", **values))


def _moment(due_at: datetime) -> str:
    """A due time as it can still be read tomorrow: 11-19 17:30."""
    return f"{clock.local(due_at):%m-%d %H:%M}"


def _with_clause(loan: Loan, text: str) -> str:
    return f"{text}（{loan.due_clause}）" if loan.due_clause else text


# The one mail a day

_written: WeakKeyDictionary[pw.Database, datetime] = WeakKeyDictionary()


def tell_digests(at: datetime) -> int:
    """Write each person's digest of all that was late this morning, once a day; return how many were new.

    It is the notice ``loan.digest`` under the key of the day. What was late at the hour of the digest
    stands in it whenever it is written that day, so a worker that starts at noon writes the same one.
    """
    rule = rulebook.current(at).book.lending.reminders
    if rule is None:
        return 0
    hour = _hour(rule.digest, at)
    if at < hour or _written.get(db.obj) == hour:
        return 0
    with source_language():
        late = _late(hour, at)
        told = 0
        for start in range(0, len(late), BATCH):
            with work(system(), at):
                told += sum(_digest(*each, hour, at) for each in late[start : start + BATCH])
    _written[db.obj] = hour
    return told


def _hour(digest: time, at: datetime) -> datetime:
    return clock.local(at).replace(hour=digest.hour, minute=digest.minute, second=0, microsecond=0)


def _late(hour: datetime, at: datetime) -> list[tuple[int, list[str], list[str]]]:
    """For each person the lines of own late loans, and of those of others that the rule tells of."""
    own: dict[int, list[str]] = defaultdict(list)
    others: dict[int, list[str]] = defaultdict(list)
    holders = _Holders(at)
    for loan in _overdue(hour):
        own[loan.borrower_id].append(_line(loan))
        for user_id in _told_as_well(loan, holders, hour) - {loan.borrower_id}:
            others[user_id].append(_line(loan, who=True))
    return [(user_id, own[user_id], others[user_id]) for user_id in sorted(own.keys() | others.keys())]


def _overdue(hour: datetime) -> Any:
    late = Loan.state.in_(ACTIVE) & (Loan.due_at < hour)
    return rows.select().where(late).order_by(Loan.due_at, Loan.id)


def _told_as_well(loan: Loan, holders: _Holders, hour: datetime) -> set[int]:
    rule = rule_of(loan.rule_book, hour)
    waits: list[tuple[timedelta, tuple[str, ...]]] = [*rule.escalate] if rule else []
    roles = {role for gap, named in waits if loan.due_at + gap <= hour for role in named}
    return {user_id for role in roles for user_id in holders.of(role)}


def _line(loan: Loan, who: bool = False) -> str:
    folder: Folder = loan.folder
    due = _("%(when)s 应还", when=_moment(loan.due_at))
    parts = [folder.file_number, loan.borrower.name if who else "", due]
    return "　".join(part for part in parts if part)


def _digest(user_id: int, own: list[str], others: list[str], hour: datetime, at: datetime) -> int:
    parts = [_part(_("你借的"), own), _part(_("别人借的"), others)]
    told = notices.tell(
        [user_id], "loan.digest", f"digest:{hour:%Y-%m-%d}", _("%(n)s 份逾期未还", n=len(own) + len(others)),
        "\n".join(part for part in parts if part), endpoint="loans.mine" if own else "loans.index", at=at,
    )  # fmt: skip
    if told:
        notices.read_older(user_id, "loan.digest", at=at)
    return told


def _part(head: str, lines: list[str]) -> str:
    if not lines:
        return ""
    more = [_("另有 %(n)s 份", n=len(lines) - LINES)] if len(lines) > LINES else []
    return "\n".join([_("%(head)s %(n)s 份：", head=head, n=len(lines)), *lines[:LINES], *more])
