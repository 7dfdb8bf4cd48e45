"""Volumes, what stands in them and why, bindings, changes after binding, unbinding."""

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

    class User(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "user_account"

    class Document(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "document"

    class Folder(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "folder"

    class Volume(Base):
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
        arranged_at = pw.DateTimeField(null=True)
        checked_by = pw.CharField(64, default="")
        checked_at = pw.DateTimeField(null=True)
        pack = pw.BigIntegerField(null=True)
        digest = pw.CharField(64, default="")
        bound_by = pw.CharField(64, default="")
        bound_at = pw.DateTimeField(null=True)
        boxed_at = pw.DateTimeField(null=True)
        rule_book = pw.IntegerField()
        revision = pw.IntegerField(default=0)
        created_by = pw.CharField(64)
        created_at = pw.DateTimeField()

        class Meta:
            table_name = "volume"
            indexes = ((("unit", "category", "year", "place_in_year"), False), (("state", "year"), False))

    class VolumeItem(Base):
        volume_id: int
        document_id: int
        folder_id: int
        id = pw.BigAutoField()
        volume = pw.ForeignKeyField(Volume)
        document = pw.ForeignKeyField(Document)
        folder = pw.ForeignKeyField(Folder)
        position = pw.IntegerField()
        first_page = pw.IntegerField(null=True)
        pages = pw.IntegerField(default=0)
        rule = pw.CharField(64, default="")
        reason = pw.CharField(200, default="")
        year_rule = pw.CharField(64, default="")
        moved_by = pw.CharField(64, default="")
        moved_at = pw.DateTimeField(null=True)
        moved_reason = pw.CharField(500, default="")
        released_at = pw.DateTimeField(null=True)

        class Meta:
            table_name = "volume_item"
            indexes = ((("volume", "position"), False), (("folder",), False))

    class YearRuling(Base):
        document_id: int
        id = pw.BigAutoField()
        document = pw.ForeignKeyField(Document, unique=True)
        year = pw.IntegerField()
        reason = pw.CharField(500)
        ruled_by = pw.CharField(64)
        ruled_at = pw.DateTimeField()

        class Meta:
            table_name = "year_ruling"

    class Acceptance(Base):
        folder_id: int
        id = pw.BigAutoField()
        folder = pw.ForeignKeyField(Folder)
        problem = pw.CharField(32)
        facts = pw.CharField(100, default="")
        reason = pw.CharField(500)
        accepted_by = pw.CharField(64)
        accepted_at = pw.DateTimeField()

        class Meta:
            table_name = "acceptance"
            indexes = ((("folder", "problem"), False),)

    class Binding(Base):
        volume_id: int
        id = pw.BigAutoField()
        volume = pw.ForeignKeyField(Volume)
        version = pw.IntegerField()
        content = pw.TextField()
        digest = pw.CharField(64)
        pack = pw.BigIntegerField()
        bound_by = pw.CharField(64)
        bound_at = pw.DateTimeField()
        audit_seq = pw.BigIntegerField()
        audit_digest = pw.CharField(64)
        ended_at = pw.DateTimeField(null=True)

        class Meta:
            table_name = "binding"
            indexes = ((("volume", "version"), True),)

    class Addendum(Base):
        volume_id: int
        id = pw.BigAutoField()
        volume = pw.ForeignKeyField(Volume)
        kind = pw.CharField(16)
        text = pw.CharField(500)
        change = pw.BigIntegerField(null=True, unique=True)
        version = pw.IntegerField()
        noted_by = pw.CharField(64)
        noted_at = pw.DateTimeField()

        class Meta:
            table_name = "addendum"
            indexes = ((("volume", "id"), False),)

    class Unbinding(Base):
        volume_id: int
        approval_id: int
        id = pw.BigAutoField()
        volume = pw.ForeignKeyField(Volume)
        reason = pw.CharField(500)
        approval = pw.BigIntegerField()
        state = pw.CharField(16)
        asked_by = pw.CharField(64)
        asked_at = pw.DateTimeField()
        closed_at = pw.DateTimeField(null=True)

        class Meta:
            table_name = "unbinding"
            indexes = ((("volume", "id"), False),)

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

    return [Volume, VolumeItem, YearRuling, Acceptance, Binding, Addendum, Unbinding]


def up(migrator, db):
    db.create_tables(models(db))


def down(migrator, db):
    db.drop_tables(list(reversed(models(db))))
