"""Read-only selects of alarms: the list by page, one alarm, and its trail on the audit chain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.alarms.models import Alarm
from archive_app.alarms.rules import ACTIONS, Event, subjects
from archive_app.core.audit import AuditEvent
from archive_app.core.errors import NotFound
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.people.actor import Actor
from archive_app.people.models import AccountUse, User
from archive_app.policy.lending_parts import TWO_PLACES

PAGE = 30
TRAIL = 200
# Of the data of an event, what may be shown here: numbers and places, never a title; the code comes last.
SHOWN = ("clause", "asked", "address", "why", "form", "name", "page", "code")
TRIED = ACTIONS["sign_in_failures"]
WHY = {
    "unknown": L("没有这个账号"),
    "wrong": L("密码不对"),
    "locked": L("已锁定"),
    "closed": L("账号停用"),
}


@dataclass(frozen=True)
class Step:
    """One event of the trail: who did what to which number, and what else the event says."""

    seq: int
    at: datetime
    actor: str
    name: str
    action: str
    thing: str
    more: list[str]


def alarm(alarm_id: int) -> Alarm:
    """An alarm with its person. Raises NotFound."""
    row = _rows().where(Alarm.id == alarm_id).first()
    if row is None:
        raise NotFound(_("没有这条报警。"))
    return row


def page(*, only_open: bool = True, older: int | None = None) -> tuple[list[Alarm], int | None]:
    """One page of alarms, newest first, and the key of the next page or None."""
    rows = _rows().order_by(Alarm.id.desc()).limit(PAGE + 1)
    if only_open:
        rows = rows.where(Alarm.state == "open")
    if older is not None:
        rows = rows.where(Alarm.id < older)
    found = list(rows)
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def count_open(_actor: Actor | None = None, _at: datetime | None = None) -> int:
    """How many alarms nobody has looked into yet."""
    return int(Alarm.select().where(Alarm.state == "open").count())


def _rows() -> Any:
    return Alarm.select(Alarm, User).join(User, pw.JOIN.LEFT_OUTER, on=Alarm.user)


def uses(row: Alarm) -> list[AccountUse]:
    """Where the account of an alarm is used from, for one about two places; else nothing."""
    if row.kind != TWO_PLACES:
        return []
    known = AccountUse.select().where((AccountUse.user == row.user_id) & (AccountUse.seen_at >= row.first_at))
    return list(known.order_by(AccountUse.seen_at.desc()).limit(TRAIL))


def trail(row: Alarm, limit: int = TRAIL) -> list[Step]:
    """The events of an alarm, the newest first, at most ``limit``."""
    wanted = AuditEvent.seq.between(row.first_seq, row.last_seq)
    name = row.subject.partition(":")[2]
    if row.kind == TWO_PLACES:
        wanted &= AuditEvent.actor == name
    else:
        wanted &= AuditEvent.action.in_(sorted(ACTIONS[row.kind]))
    rows = AuditEvent.select().where(wanted & _of_person(row)).order_by(AuditEvent.seq.desc())
    accounts = {str(row.user.id): row.user.username} if row.user else {}
    found = [Event(e.seq, e.at, e.actor, e.action, e.key, json.loads(e.data)) for e in rows.limit(limit * 5)]
    mine = [e for e in found if row.kind == TWO_PLACES or row.subject in subjects(e, accounts)][:limit]
    return _steps(mine)


def _of_person(row: Alarm) -> Any:
    if row.user is None:
        return AuditEvent.data.contains(json.dumps(row.address, ensure_ascii=False))
    name = row.user.username
    own = (AuditEvent.actor == name) | (AuditEvent.key == str(row.user.id))
    return own | AuditEvent.data.contains(json.dumps(name, ensure_ascii=False))


def _steps(events: list[Event]) -> list[Step]:
    keys = {int(e.key) for e in events if e.action in TRIED and e.key.isdigit()}
    rows = User.select().where(User.username.in_({e.actor for e in events}) | User.id.in_(keys))
    names = {key: row.name for row in rows for key in (row.username, str(row.id))}
    return [Step(e.seq, e.at, e.actor, _who(e, names), e.action, _thing(e), _more(e)) for e in events]


def _who(event: Event, names: dict[str, str]) -> str:
    """Who did it; of a sign-in that failed, whose account was tried."""
    if event.action in TRIED:
        return names.get(event.key, "—")
    return names.get(event.actor, event.actor)


def _thing(event: Event) -> str:
    return str(event.data.get("file_number") or event.data.get("folder") or "")


def _more(event: Event) -> list[str]:
    said = {name: event.data[name] for name in SHOWN if event.data.get(name) not in (None, "")}
    if "why" in said:
        said["why"] = WHY.get(said["why"], said["why"])
    if "page" in said:
        said["page"] = _("第 %(n)s 页", n=said["page"])
    return [str(value) for value in said.values()]
