"""Places, where things belong and were seen, every placement, label printers; a place in hand at the desk."""

import peewee as pw


def models(db):
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class ArchiveUnit(Base):
        id = pw.AutoField()

        class Meta:
            table_name = "archive_unit"

    class Place(Base):
        parent_id: int | None
        id = pw.BigAutoField()
        unit = pw.ForeignKeyField(ArchiveUnit)
        parent = pw.ForeignKeyField("self", null=True)
        kind = pw.CharField(16)
        code = pw.CharField(32)
        name = pw.CharField(100, default="")
        path = pw.CharField(200)
        sort = pw.IntegerField(default=0)
        width_mm = pw.IntegerField(null=True)
        closed_at = pw.DateTimeField(null=True)
        created_by = pw.CharField(64)
        created_at = pw.DateTimeField()

        class Meta:
            table_name = "place"
            indexes = ((("parent", "sort", "id"), False),)

    class Standing(Base):
        home_id: int | None
        seen_in_id: int | None
        id = pw.BigAutoField()
        kind = pw.CharField(16)
        key = pw.BigIntegerField()
        home = pw.ForeignKeyField(Place, null=True)
        seen_in = pw.ForeignKeyField(Place, null=True)
        seen_at = pw.DateTimeField(null=True)
        seen_by = pw.CharField(64, default="")

        class Meta:
            table_name = "standing"
            indexes = ((("kind", "key"), True),)

    class Placement(Base):
        id = pw.BigAutoField()
        kind = pw.CharField(16)
        key = pw.BigIntegerField()
        place = pw.ForeignKeyField(Place)
        home = pw.BooleanField(default=True)
        via = pw.CharField(16)
        placed_by = pw.CharField(64)
        at = pw.DateTimeField()
        words_before = pw.CharField(200, default="")
        undone_at = pw.DateTimeField(null=True)

        class Meta:
            table_name = "placement"
            indexes = ((("kind", "key", "at"), False), (("place", "at"), False))

    class Printer(Base):
        unit = pw.ForeignKeyField(ArchiveUnit)
        name = pw.CharField(60)
        stock = pw.CharField(40)
        offset_x_mm = pw.DoubleField(default=0)
        offset_y_mm = pw.DoubleField(default=0)
        scale = pw.DoubleField(default=1)
        next_start = pw.IntegerField(default=1)
        calibrated_at = pw.DateTimeField(null=True)
        closed_at = pw.DateTimeField(null=True)
        created_by = pw.CharField(64)
        created_at = pw.DateTimeField()

        class Meta:
            table_name = "printer"

    Place.add_index(
        Place.index(
            Place.parent,
            Place.kind,
            Place.code,
            unique=True,
            where=Place.closed_at.is_null(),
            name="place_code_once",
        )
    )
    Printer.add_index(
        Printer.index(
            Printer.unit,
            Printer.name,
            unique=True,
            where=Printer.closed_at.is_null(),
            name="printer_name_once",
        )
    )

    return [Place, Standing, Placement, Printer]


def up(migrator, db):
    db.create_tables(models(db))
    migrator.migrate(migrator.add_column("desk_hand", "place", pw.BigIntegerField(null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("desk_hand", "place"))
    db.drop_tables(list(reversed(models(db))))
