"""Tables of notices: what each person was told, and how far the e-mail of it got."""

from __future__ import annotations

import peewee as pw

from archive_app.core.db import Model, UtcDateTimeField
from archive_app.people.models import User


class Notice(Model):
    """One thing a person is told (通知). ``key`` names the occasion, so nobody is told twice.

    ``endpoint`` with ``about`` is the page it is about. ``mail``: none (no e-mail is wanted), pending,
    sending (a worker holds it until ``lease_until``), sent, failed, skipped (no address, or too old when
    mail was set up). ``lease_until`` of a pending one is when to try again; ``fault`` is what went wrong.
    """

    id = pw.BigAutoField()
    user = pw.ForeignKeyField(User, backref="notices")
    code = pw.CharField(40)
    key = pw.CharField(120)
    title = pw.CharField(200)
    text = pw.CharField(1000, default="")
    endpoint = pw.CharField(80, default="")
    about = pw.CharField(200, default="{}")
    at = UtcDateTimeField()
    read_at = UtcDateTimeField(null=True)
    mail = pw.CharField(8, default="none")
    tries = pw.IntegerField(default=0)
    lease_until = UtcDateTimeField(null=True)
    mailed_at = UtcDateTimeField(null=True)
    fault = pw.CharField(200, default="")

    class Meta:
        table_name = "notice"
        indexes = (
            (("user", "key"), True),
            (("user", "read_at", "id"), False),
            (("mail", "lease_until"), False),
            (("about",), False),
        )


TABLES = (Notice,)
