"""Tables of alarms: each unusual run of events, and how far the audit chain was read."""

from __future__ import annotations

import peewee as pw

from archive_app.core.db import Model, UtcDateTimeField
from archive_app.people.models import User


class Alarm(Model):
    """Something unusual (报警, AUD-01): ``count`` events of one kind by one ``subject``.

    ``subject`` is ``account:<user id>`` or ``address:<ip>``; ``user`` is that person, if it is one.
    ``first_seq`` to ``last_seq`` are its events on the audit chain. ``places``: the addresses of an account
    that is used from several. ``rule`` and ``clause`` are those of the version that raised it.
    """

    id = pw.BigAutoField()
    kind = pw.CharField(24)
    subject = pw.CharField(80)
    user = pw.ForeignKeyField(User, null=True)
    address = pw.CharField(64, default="")
    places = pw.CharField(1000, default="")
    first_seq = pw.BigIntegerField()
    last_seq = pw.BigIntegerField()
    first_at = UtcDateTimeField()
    last_at = UtcDateTimeField()
    count = pw.IntegerField()
    raised_at = UtcDateTimeField()
    state = pw.CharField(16)
    rule_book = pw.IntegerField()
    rule = pw.CharField(500, default="")
    clause = pw.CharField(200, default="")
    handled_by = pw.CharField(64, default="")
    handled_at = UtcDateTimeField(null=True)
    remark = pw.CharField(500, default="")

    class Meta:
        table_name = "alarm"
        indexes = ((("state", "id"), False), (("subject", "kind", "id"), False))


class AlarmCursor(Model):
    """The single row that says up to which audit event everything was looked at."""

    id = pw.IntegerField(primary_key=True)
    seq = pw.BigIntegerField()

    class Meta:
        table_name = "alarm_cursor"


TABLES = (Alarm, AlarmCursor)
