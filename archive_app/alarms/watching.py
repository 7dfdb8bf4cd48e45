"""The clock's work on alarms: read what is new on the audit chain, and raise what is unusual (AUD-01).

One row says how far the chain was read, and moves in the work that raises the alarms: a killed worker reads
the same events again, and nothing is raised twice or left out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from archive_app.alarms import words
from archive_app.alarms.models import Alarm, AlarmCursor
from archive_app.alarms.rules import ACTIONS, LEFT_ROOM, READ, Event, Ringing, Run, counts_for, runs, subjects
from archive_app.core import audit
from archive_app.core.audit import AuditEvent
from archive_app.core.i18n import source_language
from archive_app.core.work import Work, work
from archive_app.notices import service as notices
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import system
from archive_app.people.models import AccountUse, User
from archive_app.policy import RuleBook
from archive_app.policy.lending_parts import TWO_PLACES, AlarmRule, Alarms

BATCH = 2_000


def watch(at: datetime) -> int:
    """Look at everything new; return how many alarms were raised. Safe to run twice."""
    raised = 0
    with source_language():
        while (found := _pass(at)) is not None:
            raised += found
        return raised + watch_places(at)


def _pass(at: datetime) -> int | None:
    """One batch of the chain in one work; None when there was nothing new."""
    if audit.head()[0] <= _cursor():
        return None
    with work(system(), at) as w:
        # The row is locked before it is read: two workers take turns, on PostgreSQL too.
        AlarmCursor.update(seq=AlarmCursor.seq).where(AlarmCursor.id == 1).execute()
        after = _cursor()
        fresh = _events(AuditEvent.seq > after, AuditEvent.seq <= after + BATCH)
        raised = _look_at(w, fresh, at)
        until = min(after + BATCH, audit.head()[0])
        AlarmCursor.update(seq=until).where(AlarmCursor.id == 1).execute()
    return raised


def _cursor() -> int:
    AlarmCursor.insert(id=1, seq=0).on_conflict_ignore().execute()
    return int(AlarmCursor.get_by_id(1).seq)


def _events(*conditions: object) -> list[Event]:
    rows = (
        AuditEvent.select().where(AuditEvent.action.in_(sorted(READ)), *conditions).order_by(AuditEvent.seq)
    )
    return [Event(e.seq, e.at, e.actor, e.action, e.key, json.loads(e.data)) for e in rows]


def _look_at(w: Work, fresh: list[Event], at: datetime) -> int:
    adopted = rulebook.current(at)
    part = adopted.book.lending.alarms
    if part is None or not fresh:
        return 0
    raised = 0
    for rule in (*(row for row in part.rows if row.kind != TWO_PLACES), _left_room(part)):
        for subject, run in _runs(fresh, rule, adopted.book):
            raised += _keep(w, run, rule, subject, part, adopted.id, at)
    return raised


def _left_room(part: Alarms) -> AlarmRule:
    return AlarmRule(LEFT_ROOM, 1, timedelta(minutes=1), (), part.rule)


def _runs(fresh: list[Event], rule: AlarmRule, book: RuleBook) -> Iterator[tuple[str, Run]]:
    """What the fresh events make together with those just before them, by subject."""
    new = _by_subject(fresh, rule, book)
    if not new:
        return
    begins = min(event.at for events in new.values() for event in events) - rule.within
    earlier = _by_subject(_earlier(rule, begins, fresh[0].seq), rule, book)
    for subject, events in new.items():
        last = _newest(rule.kind, subject)
        known = last.last_seq if last else 0
        before = [event for event in earlier.get(subject, []) if event.seq > known]
        ringing = Ringing(last.id, last.state == "open", last.last_at) if last else None
        for run in runs([*before, *events], rule, subject, ringing):
            yield subject, run


def _earlier(rule: AlarmRule, begins: datetime, until: int) -> list[Event]:
    """Events of the kind since a moment and before a sequence number."""
    first = AuditEvent.select(AuditEvent.seq).where(AuditEvent.at >= begins).order_by(AuditEvent.at).first()
    if first is None:
        return []
    actions = AuditEvent.action.in_(sorted(ACTIONS[rule.kind]))
    return _events(AuditEvent.seq >= first.seq, AuditEvent.seq < until, actions)


def _by_subject(events: Iterable[Event], rule: AlarmRule, book: RuleBook) -> dict[str, list[Event]]:
    wanted = [event for event in events if counts_for(event, rule, book.is_open)]
    accounts = _accounts(wanted)
    found: dict[str, list[Event]] = defaultdict(list)
    for event in wanted:
        for subject in subjects(event, accounts):
            found[subject].append(event)
    return found


def _accounts(events: Iterable[Event]) -> dict[str, str]:
    """Account names by user id, of those whose sign-in failed."""
    keys = {int(e.key) for e in events if e.action in ACTIONS["sign_in_failures"] and e.key.isdigit()}
    return {str(row.id): row.username for row in User.select().where(User.id.in_(keys))} if keys else {}


def _newest(kind: str, subject: str) -> Alarm | None:
    rows = Alarm.select().where((Alarm.subject == subject) & (Alarm.kind == kind))
    return rows.order_by(Alarm.id.desc()).first()


def _keep(
    w: Work, run: Run, rule: AlarmRule, subject: str, part: Alarms, rule_book: int, at: datetime
) -> int:
    """Let an open alarm grow, or raise a new one and tell those whom the rule names."""
    if run.alarm_id is not None:
        grown = {"count": Alarm.count + len(run.events), "last_seq": run.last.seq, "last_at": run.last.at}
        Alarm.update(grown).where(Alarm.id == run.alarm_id).execute()
        return 0
    _raise(
        w, part, at, kind=rule.kind, subject=subject, first_seq=run.first.seq, last_seq=run.last.seq,
        first_at=run.first.at, last_at=run.last.at, count=len(run.events), rule_book=rule_book,
        rule=rule.rule.text, clause=rule.rule.clause,
    )  # fmt: skip
    return 1


def _raise(w: Work, part: Alarms, at: datetime, **values: object) -> None:
    kind, _colon, name = str(values["subject"]).partition(":")
    user = User.get_or_none(User.username == name) if kind == "account" else None
    address = name[:64] if user is None else ""
    alarm = Alarm.create(**values, user=user, address=address, raised_at=at, state="open")
    w.note(
        "alarm.raise", alarm, kind=alarm.kind, subject=alarm.subject, count=alarm.count, clause=alarm.clause
    )
    if alarm.kind == LEFT_ROOM:
        return  # the reading room tells those who look into alarms, with the numbers
    told = [person.id for role in part.tell for person in people.users_in_role(role, at)]
    others = [each for each in told if user is None or each != user.id]
    notices.tell(
        others, f"alarm.{alarm.kind}", f"alarm:{alarm.id}", f"报警：{words.title(alarm)}",
        f"{words.span(alarm)}。请查看经过。（{alarm.clause}）", endpoint="alarms.alarm_page",
        about={"alarm_id": alarm.id}, at=at,
    )  # fmt: skip


# One account in two places


def watch_places(at: datetime) -> int:
    """Raise an alarm for each account that is used from several addresses at once; return how many.

    The uses stand in rows of their own, so there is nothing to read twice: an alarm that is open grows.
    """
    adopted = rulebook.current(at)
    part = adopted.book.lending.alarms
    rule = next((row for row in part.rows if row.kind == TWO_PLACES), None) if part else None
    if part is None or rule is None:
        return 0
    raised = 0
    for user, uses in _places(rule, at).items():
        with work(system(), at) as w:
            AlarmCursor.update(seq=AlarmCursor.seq).where(AlarmCursor.id == 1).execute()  # take turns
            raised += _two_places(w, user, uses, rule, part, adopted.id, at)
    return raised


def _places(rule: AlarmRule, at: datetime) -> dict[User, list[AccountUse]]:
    """Uses within the time of the rule, of accounts with as many addresses as it takes."""
    recent = (AccountUse.seen_at > at - rule.within) & (AccountUse.seen_at <= at)
    rows = AccountUse.select(AccountUse, User).join(User).where(recent).order_by(AccountUse.seen_at)
    found: dict[User, list[AccountUse]] = defaultdict(list)
    for row in rows:
        found[row.user].append(row)
    return {user: uses for user, uses in found.items() if _addresses(uses) >= rule.count}


def _addresses(uses: Iterable[AccountUse]) -> int:
    return len({use.address for use in uses})


def _two_places(
    w: Work, user: User, uses: list[AccountUse], rule: AlarmRule, part: Alarms, rule_book: int, at: datetime
) -> int:
    subject, newest = f"account:{user.username}", uses[-1].seen_at
    last = _newest(rule.kind, subject)
    seq, places = audit.head()[0], "、".join(sorted({use.address for use in uses}))[:1000]
    if last is not None and last.state == "open" and abs(newest - last.last_at) <= rule.within:
        if newest > last.last_at:
            grown = {"last_at": newest, "last_seq": seq, "count": _addresses(uses), "places": places}
            Alarm.update(grown).where(Alarm.id == last.id).execute()
        return 0
    if last is not None and last.handled_at is not None:  # it was looked into, and rings no sooner again
        uses = [use for use in uses if use.seen_at > last.handled_at + rule.within]
    if _addresses(uses) < rule.count:
        return 0
    _raise(
        w, part, at, kind=rule.kind, subject=subject, places=places, first_at=uses[0].seen_at, last_at=newest,
        first_seq=_first_seq(user, at - rule.within, seq), last_seq=seq, count=_addresses(uses),
        rule_book=rule_book, rule=rule.rule.text, clause=rule.rule.clause,
    )  # fmt: skip
    return 1


def _first_seq(user: User, since: datetime, head: int) -> int:
    """Where the trail of an account begins: its first event within the time of the rule."""
    mine = (AuditEvent.actor == user.username) & (AuditEvent.at >= since)
    first = AuditEvent.select(AuditEvent.seq).where(mine).order_by(AuditEvent.seq).first()
    return int(first.seq) if first else head
