"""The register of prints: what was printed of what, for the how-manieth time, and from which content."""

from __future__ import annotations

import peewee as pw

from archive_app.core.db import Model, UtcDateTimeField


class Print(Model):
    """One print of one form; its id is the payload of the QR on the sheet (type 7), never reissued.

    ``form`` names the sheet in the register (`prints.register`), ``kind`` and ``key`` what it is about
    ("volume", "12"), ``args`` its options as canonical JSON. ``number`` counts the prints of the same sheet
    of the same thing from 1 (第 n 次打印). ``content`` is the address of the plain values in the store,
    ``digest`` their SHA-256; ``file`` the SHA-256 of the PDF. ``state``: queued, drawing, done, failed,
    cancelled; ``done`` of ``total`` parts are drawn.
    """

    id = pw.BigAutoField()
    form = pw.CharField(32)
    kind = pw.CharField(32)
    key = pw.CharField(64)
    args = pw.TextField(default="{}")
    title = pw.CharField(300)
    number = pw.IntegerField()
    state = pw.CharField(16)
    done = pw.IntegerField(default=0)
    total = pw.IntegerField(default=0)
    content = pw.CharField(64, default="")
    digest = pw.CharField(64, default="")
    file = pw.CharField(64, default="")
    pages = pw.IntegerField(default=0)
    size = pw.BigIntegerField(default=0)
    error = pw.CharField(500, default="")
    tries = pw.IntegerField(default=0)
    lease_until = UtcDateTimeField(null=True)
    printed_by = pw.CharField(64)
    printed_at = UtcDateTimeField()
    finished_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "print"
        indexes = (
            (("form", "kind", "key", "number"), True),
            (("state", "lease_until"), False),
            (("kind", "key", "id"), False),
        )


TABLES = (Print,)
