"""The append-only, hash-chained record of all that happened; its head is printed on paper slips."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import peewee as pw

from archive_app.core.db import Model, UtcDateTimeField, db, is_sqlite

GENESIS = "0" * 64
AT_ONCE = 100
"""How many events one INSERT writes: ten values each, and SQLite takes 32,766."""


class AuditEvent(Model):
    """One thing that happened. ``data`` is canonical JSON; ``digest`` covers every column and ``prev``."""

    seq = pw.BigIntegerField(primary_key=True)
    at = UtcDateTimeField(index=True)
    actor = pw.CharField(64, index=True)
    on_behalf_of = pw.CharField(64, default="")
    action = pw.CharField(64, index=True)
    kind = pw.CharField(32)
    key = pw.CharField(64)
    data = pw.TextField()
    prev = pw.CharField(64)
    digest = pw.CharField(64)

    class Meta:
        table_name = "audit_event"
        indexes = ((("kind", "key"), False),)


class AuditHead(Model):
    """The single row that serialises appending: sequence number and digest of the last event."""

    id = pw.IntegerField(primary_key=True)
    seq = pw.BigIntegerField()
    digest = pw.CharField(64)

    class Meta:
        table_name = "audit_head"


@dataclass
class Note:
    """An event waiting to be written at the end of its work."""

    action: str
    kind: str
    key: str
    at: datetime
    actor: str
    on_behalf_of: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """What `verify` found wrong, and at which sequence number."""

    seq: int
    problem: str


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _digest(seq: int, at: datetime, note: tuple[str, ...], data: str, prev: str) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(_canonical([seq, moment, *note, data, prev]).encode()).hexdigest()


def append(notes: Iterable[Note]) -> None:
    """Write the notes at the end of the chain, inside the open transaction.

    The head row is locked by its UPDATE, so chains cannot fork; it comes last in a work, so
    locks are always taken in the same order.
    """
    notes = list(notes)
    if not notes:
        return
    mark = "?" if is_sqlite() else "%s"
    # Plain SQL: this runs in every work, and building the same four statements anew costs more than
    # running them. The UPDATE both counts and locks; the digest it returns is the true last one.
    forward = f"UPDATE audit_head SET seq = seq + {mark} WHERE id = 1 RETURNING seq, digest"  # noqa: S608
    seq, prev = db.execute_sql(forward, (len(notes),)).fetchone()
    names = ("seq", "at", "actor", "on_behalf_of", "action", "kind", "key", "data", "prev", "digest")
    rows: list[tuple[Any, ...]] = []
    for number, note in enumerate(notes, start=seq - len(notes) + 1):
        data = _canonical(note.data)
        columns = (note.actor, note.on_behalf_of, note.action, note.kind, note.key)
        digest = _digest(number, note.at, columns, data, prev)
        rows.append((number, AuditEvent.at.db_value(note.at), *columns, data, prev, digest))
        prev = digest
    one = f"({', '.join([mark] * len(names))})"
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        insert = f"INSERT INTO audit_event ({', '.join(names)}) VALUES {', '.join([one] * len(part))}"  # noqa: S608
        db.execute_sql(insert, tuple(value for row in part for value in row))
    db.execute_sql(f"UPDATE audit_head SET digest = {mark} WHERE id = 1", (prev,))  # noqa: S608


def head() -> tuple[int, str]:
    """Sequence number and digest of the newest event, as printed on slips."""
    row = AuditHead.get_by_id(1)
    return row.seq, row.digest


def verify(anchor: tuple[int, str] | None = None) -> list[Fault]:
    """Walk the whole chain and report every edited, removed, inserted, reordered or truncated row.

    ``anchor`` is a (seq, digest prefix) copied from a printed slip: it proves that nobody rewrote
    chain and head together.
    """
    faults: list[Fault] = []
    expected, prev = 1, GENESIS
    anchored = anchor is None
    for event in AuditEvent.select().order_by(AuditEvent.seq).iterator():
        if event.seq != expected:
            faults.append(Fault(expected, f"missing {expected}…{event.seq - 1}"))
            expected = event.seq
        columns = (event.actor, event.on_behalf_of, event.action, event.kind, event.key)
        if event.prev != prev:
            faults.append(Fault(event.seq, "does not follow the row before it"))
        if _digest(event.seq, event.at, columns, event.data, event.prev) != event.digest:
            faults.append(Fault(event.seq, "was edited"))
        if anchor and event.seq == anchor[0]:
            anchored = event.digest.startswith(anchor[1])
        expected, prev = event.seq + 1, event.digest
    seq, digest = head()
    if (seq, digest) != (expected - 1, prev):
        faults.append(Fault(expected, f"the chain ends at {expected - 1}, its head says {seq}"))
    if not anchored and anchor:
        faults.append(Fault(anchor[0], "differs from the head printed on paper"))
    return faults
