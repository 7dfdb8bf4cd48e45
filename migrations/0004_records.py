"""Counters, number blocks, folders, documents, changes, custody."""

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

    class Department(Base):
        id = pw.AutoField()

        class Meta:
            table_name = "department"

    class User(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "user_account"

    class Counter(Base):
        scope = pw.CharField(100, primary_key=True)
        last = pw.IntegerField()

        class Meta:
            table_name = "counter"

    class NumberBlock(Base):
        unit = pw.ForeignKeyField(ArchiveUnit)
        category = pw.CharField(16)
        year = pw.IntegerField()
        first = pw.IntegerField()
        last = pw.IntegerField()
        purpose = pw.CharField(200)
        reserved_by = pw.CharField(64)
        reserved_at = pw.DateTimeField()

        class Meta:
            table_name = "number_block"

    class Folder(Base):
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
        created_at = pw.DateTimeField()
        registered_by = pw.CharField(64, default="")
        registered_at = pw.DateTimeField(null=True)
        void_reason = pw.CharField(500, default="")
        voided_by = pw.CharField(64, default="")
        voided_at = pw.DateTimeField(null=True)
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

    class Document(Base):
        id = pw.BigAutoField()
        folder = pw.ForeignKeyField(Folder)
        position = pw.IntegerField()
        reference = pw.CharField(200, default="")
        author = pw.CharField(300, default="")
        title = pw.CharField(1000)
        dated = pw.DateField(null=True)
        pages = pw.IntegerField(default=0)
        copies = pw.IntegerField(default=1)
        medium = pw.CharField(16, default="paper")
        text_form = pw.CharField(16, default="original")
        part = pw.CharField(16, default="main")
        group = pw.CharField(64, default="", column_name="group_key")
        note = pw.CharField(500, default="")
        created_by = pw.CharField(64)
        created_at = pw.DateTimeField()
        removed_at = pw.DateTimeField(null=True)
        revision = pw.IntegerField(default=0)
        request_id = pw.CharField(64, null=True, unique=True)

        class Meta:
            table_name = "document"
            indexes = ((("folder", "position"), False),)

    class Change(Base):
        id = pw.BigAutoField()
        folder = pw.ForeignKeyField(Folder)
        document = pw.ForeignKeyField(Document, null=True)
        field = pw.CharField(32)
        old = pw.TextField()
        new = pw.TextField()
        reason = pw.CharField(500)
        changed_by = pw.CharField(64)
        changed_at = pw.DateTimeField()

        class Meta:
            table_name = "change"

    class CustodyEvent(Base):
        id = pw.BigAutoField()
        folder = pw.ForeignKeyField(Folder)
        custody = pw.CharField(16)
        holder = pw.CharField(100, default="")
        place = pw.CharField(200, default="")
        remark = pw.CharField(300, default="")
        loan = pw.BigIntegerField(null=True)
        handled_by = pw.CharField(64)
        at = pw.DateTimeField()

        class Meta:
            table_name = "custody_event"
            indexes = ((("folder", "at"), False),)

    return [Counter, NumberBlock, Folder, Document, Change, CustodyEvent]


def up(migrator, db):
    db.create_tables(models(db))


def down(migrator, db):
    db.drop_tables(list(reversed(models(db))))
