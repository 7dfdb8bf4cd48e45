"""Tables of the stacks: the tree of places, where things belong and were last seen, and label printers."""

from __future__ import annotations

import peewee as pw

from archive_app.core.db import Model, UtcDateTimeField
from archive_app.people.models import ArchiveUnit


class Place(Model):
    """A room, cabinet, shelf or box; its id is the payload of its barcode (box: type 3, the others: type 4).

    ``code`` is short and stands on the label (A03); ``path`` is the whole way in words, kept up to date by
    the service, and is what `Folder.place` shows. ``sort`` orders siblings. ``width_mm`` is what fits in.
    """

    parent_id: int | None
    id = pw.BigAutoField()
    unit = pw.ForeignKeyField(ArchiveUnit)
    parent = pw.ForeignKeyField("self", null=True, backref="children")
    kind = pw.CharField(16)
    code = pw.CharField(32)
    name = pw.CharField(100, default="")
    path = pw.CharField(200)
    sort = pw.IntegerField(default=0)
    width_mm = pw.IntegerField(null=True)
    closed_at = UtcDateTimeField(null=True)
    created_by = pw.CharField(64)
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "place"
        indexes = ((("parent", "sort", "id"), False),)


class Standing(Model):
    """Where one thing belongs (home) and where it was last seen. ``kind``: folder, volume; ``key`` its id."""

    home_id: int | None
    seen_in_id: int | None
    id = pw.BigAutoField()
    kind = pw.CharField(16)
    key = pw.BigIntegerField()
    home = pw.ForeignKeyField(Place, null=True, backref="at_home")
    seen_in = pw.ForeignKeyField(Place, null=True, backref="seen_here")
    seen_at = UtcDateTimeField(null=True)
    seen_by = pw.CharField(64, default="")

    class Meta:
        table_name = "standing"
        indexes = ((("kind", "key"), True),)


class Placement(Model):
    """One time a thing was put into or seen in a place (去向); rows are never changed, only undone.

    ``home`` says whether the place became its home by this. ``via``: desk, screen, command, boxing.
    ``words_before`` is the folder's place in words before, so that an undo restores it.
    """

    id = pw.BigAutoField()
    kind = pw.CharField(16)
    key = pw.BigIntegerField()
    place = pw.ForeignKeyField(Place)
    home = pw.BooleanField(default=True)
    via = pw.CharField(16)
    placed_by = pw.CharField(64)
    at = UtcDateTimeField()
    words_before = pw.CharField(200, default="")
    undone_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "placement"
        indexes = ((("kind", "key", "at"), False), (("place", "at"), False))


class Printer(Model):
    """A printer with the label stock in it: what it shifts and shrinks, and the next free label."""

    unit = pw.ForeignKeyField(ArchiveUnit)
    name = pw.CharField(60)
    stock = pw.CharField(40)
    offset_x_mm = pw.DoubleField(default=0)
    offset_y_mm = pw.DoubleField(default=0)
    scale = pw.DoubleField(default=1)
    next_start = pw.IntegerField(default=1)
    calibrated_at = UtcDateTimeField(null=True)
    closed_at = UtcDateTimeField(null=True)
    created_by = pw.CharField(64)
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "printer"


# Two siblings never share a code while both are in use (a room has no parent: the service checks those).
Place.add_index(
    Place.index(Place.parent, Place.kind, Place.code, unique=True, where=Place.closed_at.is_null(),
                name="place_code_once")
)  # fmt: skip
Printer.add_index(
    Printer.index(Printer.unit, Printer.name, unique=True, where=Printer.closed_at.is_null(),
                  name="printer_name_once")
)  # fmt: skip

TABLES = (Place, Standing, Placement, Printer)
