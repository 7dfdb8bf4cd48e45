"""Tables of the holdings: numbers that are never doubled, lost or reused, and what they stand for."""

from __future__ import annotations

import peewee as pw

from archive_app.core.db import Model, UtcDateTimeField
from archive_app.people.models import ArchiveUnit, Department, User


class Counter(Model):
    """The last serial given out per scope (fonds/category/year); moved only inside the filing's work."""

    scope = pw.CharField(100, primary_key=True)
    last = pw.IntegerField()

    class Meta:
        table_name = "counter"


class NumberBlock(Model):
    """A block of numbers reserved before the details exist, printed as labels."""

    unit = pw.ForeignKeyField(ArchiveUnit)
    category = pw.CharField(16)
    year = pw.IntegerField()
    first = pw.IntegerField()
    last = pw.IntegerField()
    purpose = pw.CharField(200)
    reserved_by = pw.CharField(64)
    reserved_at = UtcDateTimeField()

    class Meta:
        table_name = "number_block"


class Folder(Model):
    """One file number and all that stands under it: reserved, registered (active) or void.

    Rows are never deleted, so ``id`` (the barcode's payload) is never reissued either.
    ``custody``: on_shelf, lent, reading_room, missing; ``place`` is the home place in words.
    """

    id = pw.BigAutoField()
    unit = pw.ForeignKeyField(ArchiveUnit)
    category = pw.CharField(16)
    year = pw.IntegerField()
    serial = pw.IntegerField()
    file_number = pw.CharField(64, unique=True)
    state = pw.CharField(16)
    custody = pw.CharField(16, default="on_shelf")
    holder = pw.CharField(100, default="")
    title = pw.CharField(1000, default="")
    secrecy = pw.CharField(16, default="")
    retention = pw.CharField(16, default="")
    tier = pw.CharField(16, default="")
    party = pw.CharField(500, default="")
    department = pw.ForeignKeyField(Department, null=True)
    manager = pw.ForeignKeyField(User, null=True)
    dated_from = pw.DateField(null=True)
    dated_to = pw.DateField(null=True)
    place = pw.CharField(200, default="")
    note = pw.TextField(default="")
    block = pw.ForeignKeyField(NumberBlock, null=True)
    rule_book = pw.IntegerField()
    created_by = pw.CharField(64)
    created_at = UtcDateTimeField()
    registered_by = pw.CharField(64, default="")
    registered_at = UtcDateTimeField(null=True)
    void_reason = pw.CharField(500, default="")
    voided_by = pw.CharField(64, default="")
    voided_at = UtcDateTimeField(null=True)
    revision = pw.IntegerField(default=0)
    request_id = pw.CharField(64, null=True, unique=True)

    class Meta:
        table_name = "folder"
        indexes = (
            (("unit", "category", "year", "serial"), True),
            (("state", "year", "category", "serial"), False),
            (("state", "custody"), False),
            (("state", "secrecy"), False),
        )


class Document(Model):
    """One line of the catalog inside a folder (件).

    ``dated_known``: day, month or year — how much of ``dated`` is known (1949 prints as 19490000).
    ``sheets`` are leaves of paper, None when as many as pages. ``nature`` (plan, summary, meeting) with
    ``covers_from`` and ``covers_to`` (years) says in which year a document that crosses years is bound.
    """

    id = pw.BigAutoField()
    folder = pw.ForeignKeyField(Folder, backref="documents")
    position = pw.IntegerField()
    reference = pw.CharField(200, default="")
    author = pw.CharField(300, default="")
    title = pw.CharField(1000)
    dated = pw.DateField(null=True)
    dated_known = pw.CharField(8, default="day")
    pages = pw.IntegerField(default=0)
    sheets = pw.IntegerField(null=True)
    copies = pw.IntegerField(default=1)
    medium = pw.CharField(16, default="paper")
    text_form = pw.CharField(16, default="original")
    part = pw.CharField(16, default="main")
    group = pw.CharField(64, default="", column_name="group_key")
    nature = pw.CharField(16, default="")
    covers_from = pw.IntegerField(null=True)
    covers_to = pw.IntegerField(null=True)
    note = pw.CharField(500, default="")
    created_by = pw.CharField(64)
    created_at = UtcDateTimeField()
    removed_at = UtcDateTimeField(null=True)
    revision = pw.IntegerField(default=0)
    request_id = pw.CharField(64, null=True, unique=True)

    class Meta:
        table_name = "document"
        indexes = ((("folder", "position"), False),)


class Change(Model):
    """An edit of a folder or document: field, old and new value, reason, who and when (修改记录)."""

    id = pw.BigAutoField()
    folder = pw.ForeignKeyField(Folder, backref="changes")
    document = pw.ForeignKeyField(Document, null=True)
    field = pw.CharField(32)
    old = pw.TextField()
    new = pw.TextField()
    reason = pw.CharField(500)
    changed_by = pw.CharField(64)
    changed_at = UtcDateTimeField()

    class Meta:
        table_name = "change"


class ConditionEvent(Model):
    """What was found or done on the paper (a word of `rules.CONDITIONS`); the remark sheet quotes it.

    ``pages`` is how many pages are meant, ``where`` which ones, in words.
    """

    document_id: int | None
    id = pw.BigAutoField()
    folder = pw.ForeignKeyField(Folder, backref="conditions")
    document = pw.ForeignKeyField(Document, null=True)
    kind = pw.CharField(16)
    pages = pw.IntegerField(default=0)
    where = pw.CharField(100, default="", column_name="where_in_it")
    remark = pw.CharField(500)
    noted_by = pw.CharField(64)
    noted_at = UtcDateTimeField()

    class Meta:
        table_name = "condition_event"
        indexes = ((("folder", "id"), False),)


class CustodyEvent(Model):
    """Where the paper went and who handled it (去向)."""

    id = pw.BigAutoField()
    folder = pw.ForeignKeyField(Folder, backref="custody_events")
    custody = pw.CharField(16)
    holder = pw.CharField(100, default="")
    place = pw.CharField(200, default="")
    remark = pw.CharField(300, default="")
    loan = pw.BigIntegerField(null=True)
    handled_by = pw.CharField(64)
    at = UtcDateTimeField()

    class Meta:
        table_name = "custody_event"
        indexes = ((("folder", "at"), False),)


TABLES = (Counter, NumberBlock, Folder, Document, Change, ConditionEvent, CustodyEvent)
