"""Tables of the volumes: what is bound together, in which order and why, as frozen, and what came after."""

from __future__ import annotations

import peewee as pw

from archive_app.core.db import Model, UtcDateTimeField
from archive_app.people.models import ArchiveUnit, User
from archive_app.records.models import Document, Folder


class Volume(Model):
    """Documents of one category and year that are bound together (案卷); rows are never deleted.

    ``serial`` and ``number`` (案卷号) are given once, when binding begins, and never reissued. ``apart``
    marks the volume of a level that must stand alone (绝密). ``adjusted``: somebody changed by hand what
    stands in it, so that a new proposal leaves it alone; ``named``: its title was written by hand.
    ``digest`` is the SHA-256 of the frozen content. Lengths in mm. ``state`` by `volumes.flow.VOLUME`.
    """

    unit_id: int
    manager_id: int | None
    id = pw.BigAutoField()
    unit = pw.ForeignKeyField(ArchiveUnit)
    category = pw.CharField(16)
    year = pw.IntegerField()
    manager = pw.ForeignKeyField(User, null=True)
    place_in_year = pw.IntegerField()
    serial = pw.IntegerField(null=True)
    number = pw.CharField(80, null=True, unique=True)
    title = pw.CharField(1000)
    apart = pw.BooleanField(default=False)
    adjusted = pw.BooleanField(default=False)
    named = pw.BooleanField(default=False)
    secrecy = pw.CharField(16)
    retention = pw.CharField(16)
    state = pw.CharField(16)
    items = pw.IntegerField(default=0)
    pages = pw.IntegerField(default=0)
    sheets = pw.IntegerField(default=0)
    thickness_mm = pw.DoubleField(default=0)
    box_mm = pw.IntegerField(default=0)
    box = pw.BigIntegerField(null=True)
    remark = pw.TextField(default="")
    arranged_by = pw.CharField(64, default="")
    arranged_at = UtcDateTimeField(null=True)
    checked_by = pw.CharField(64, default="")
    checked_at = UtcDateTimeField(null=True)
    pack = pw.BigIntegerField(null=True)
    digest = pw.CharField(64, default="")
    bound_by = pw.CharField(64, default="")
    bound_at = UtcDateTimeField(null=True)
    boxed_at = UtcDateTimeField(null=True)
    rule_book = pw.IntegerField()
    revision = pw.IntegerField(default=0)
    created_by = pw.CharField(64)
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "volume"
        indexes = ((("unit", "category", "year", "place_in_year"), False), (("state", "year"), False))


class VolumeItem(Model):
    """One document in a volume: where it stands, its page numbers, and which clause put it there.

    ``first_page`` is its first page number in the volume, None when it has no page with writing.
    ``rule`` names the rule (key in the rule book) and ``reason`` says it in a few words; ``moved_*`` tell who
    put it here by hand and why. Released rows stay as history.
    """

    volume_id: int
    document_id: int
    folder_id: int
    touched: bool = False  # not a column: more than its place is new and has to be written
    id = pw.BigAutoField()
    volume = pw.ForeignKeyField(Volume, backref="contents")
    document = pw.ForeignKeyField(Document, backref="volume_items")
    folder = pw.ForeignKeyField(Folder, backref="volume_items")
    position = pw.IntegerField()
    first_page = pw.IntegerField(null=True)
    pages = pw.IntegerField(default=0)
    rule = pw.CharField(64, default="")
    reason = pw.CharField(200, default="")
    year_rule = pw.CharField(64, default="")
    moved_by = pw.CharField(64, default="")
    moved_at = UtcDateTimeField(null=True)
    moved_reason = pw.CharField(500, default="")
    released_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "volume_item"
        indexes = ((("volume", "position"), False), (("folder",), False))


class YearRuling(Model):
    """The archivist's word on the year in which a document is bound, against the rule, with reason."""

    document_id: int
    id = pw.BigAutoField()
    document = pw.ForeignKeyField(Document, unique=True)
    year = pw.IntegerField()
    reason = pw.CharField(500)
    ruled_by = pw.CharField(64)
    ruled_at = UtcDateTimeField()

    class Meta:
        table_name = "year_ruling"


class Acceptance(Model):
    """A difference that was looked into and accepted with a reason; it no longer holds a volume back."""

    folder_id: int
    id = pw.BigAutoField()
    folder = pw.ForeignKeyField(Folder)
    problem = pw.CharField(32)
    facts = pw.CharField(100, default="")
    reason = pw.CharField(500)
    accepted_by = pw.CharField(64)
    accepted_at = UtcDateTimeField()

    class Meta:
        table_name = "acceptance"
        indexes = ((("folder", "problem"), False),)


class Binding(Model):
    """A volume as it was bound, once and for all: canonical JSON and its SHA-256. Unbinding dates its end."""

    volume_id: int
    id = pw.BigAutoField()
    volume = pw.ForeignKeyField(Volume, backref="bindings")
    version = pw.IntegerField()
    content = pw.TextField()
    digest = pw.CharField(64)
    pack = pw.BigIntegerField()
    bound_by = pw.CharField(64)
    bound_at = UtcDateTimeField()
    audit_seq = pw.BigIntegerField()
    audit_digest = pw.CharField(64)
    ended_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "binding"
        indexes = ((("volume", "version"), True),)


class Addendum(Model):
    """A line of the change record of a bound volume (变动登记); it never rewrites what was bound.

    ``kind``: supplement, moved_out, changed, repaired, destroyed, appraised. ``change`` is the row of
    `records.Change` it came from, if it came from one.
    """

    volume_id: int
    id = pw.BigAutoField()
    volume = pw.ForeignKeyField(Volume, backref="addenda")
    kind = pw.CharField(16)
    text = pw.CharField(500)
    change = pw.BigIntegerField(null=True, unique=True)
    version = pw.IntegerField()
    noted_by = pw.CharField(64)
    noted_at = UtcDateTimeField()

    class Meta:
        table_name = "addendum"
        indexes = ((("volume", "id"), False),)


class Unbinding(Model):
    """A request to open a bound volume again; an approval decides. ``state`` by `volumes.flow.UNBINDING`."""

    volume_id: int
    approval_id: int
    id = pw.BigAutoField()
    volume = pw.ForeignKeyField(Volume, backref="unbindings")
    reason = pw.CharField(500)
    approval = pw.BigIntegerField()
    state = pw.CharField(16)
    asked_by = pw.CharField(64)
    asked_at = UtcDateTimeField()
    closed_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "unbinding"
        indexes = ((("volume", "id"), False),)


# A document stands in one volume at a time, and a volume is being unbound once at a time.
VolumeItem.add_index(
    VolumeItem.index(
        VolumeItem.document, unique=True, where=VolumeItem.released_at.is_null(), name="volume_item_once"
    )
)
Unbinding.add_index(
    Unbinding.index(
        Unbinding.volume, unique=True, where=(Unbinding.state == "requested"), name="unbinding_one_open"
    )
)

TABLES = (Volume, VolumeItem, YearRuling, Acceptance, Binding, Addendum, Unbinding)
