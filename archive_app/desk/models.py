"""Tables of the desk: who or which place is in hand, and every scan with what it did (undo, log)."""

from __future__ import annotations

import peewee as pw

from archive_app.core.db import Model, UtcDateTimeField
from archive_app.people.models import User


class DeskScan(Model):
    """One scan and its answer; ``request_id`` makes a repeated send harmless."""

    id = pw.BigAutoField()
    request_id = pw.CharField(64, unique=True)
    desk = pw.CharField(64)
    at = UtcDateTimeField()
    actor = pw.CharField(64)
    code = pw.CharField(200)
    kind = pw.CharField(16, default="")
    key = pw.BigIntegerField(null=True)
    verdict = pw.CharField(8)
    verb = pw.CharField(32)
    answer = pw.TextField()
    loan = pw.BigIntegerField(null=True)
    undo = pw.CharField(32, default="")
    undo_until = UtcDateTimeField(null=True)
    undone_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "desk_scan"
        indexes = ((("desk", "at"), False),)


class Hand(Model):
    """The person, the place, or the folder waiting for either, that is in hand at one desk."""

    desk = pw.CharField(64, primary_key=True)
    person = pw.ForeignKeyField(User, null=True)
    folder = pw.BigIntegerField(null=True)
    place = pw.BigIntegerField(null=True)
    since = UtcDateTimeField()

    class Meta:
        table_name = "desk_hand"


TABLES = (DeskScan, Hand)
