"""Electronic files and scanned pages."""

import peewee as pw


def models(db):
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Folder(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "folder"

    class Document(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "document"

    class ElectronicFile(Base):
        id = pw.BigAutoField()
        folder = pw.ForeignKeyField(Folder)
        document = pw.ForeignKeyField(Document, null=True)
        serial = pw.IntegerField()
        code = pw.CharField(80, unique=True)
        filename = pw.CharField(300)
        mime = pw.CharField(100)
        size = pw.BigIntegerField()
        sha256 = pw.CharField(64, index=True)
        page_count = pw.IntegerField(default=0)
        state = pw.CharField(16)
        error = pw.CharField(500, default="")
        tries = pw.IntegerField(default=0)
        lease_until = pw.DateTimeField(null=True)
        uploaded_by = pw.CharField(64)
        uploaded_at = pw.DateTimeField()
        checked_at = pw.DateTimeField(null=True)
        intact = pw.BooleanField(default=True)
        removed_at = pw.DateTimeField(null=True)
        removed_reason = pw.CharField(300, default="")

        class Meta:
            table_name = "electronic_file"
            indexes = ((("folder", "serial"), True), (("state", "lease_until"), False))

    class ScanPage(Base):
        id = pw.BigAutoField()
        file = pw.ForeignKeyField(ElectronicFile)
        folder = pw.ForeignKeyField(Folder)
        number = pw.IntegerField()
        width = pw.IntegerField()
        height = pw.IntegerField()
        dpi = pw.IntegerField(null=True)
        view = pw.CharField(64)
        thumb = pw.CharField(64)
        state = pw.CharField(16)
        error = pw.CharField(500, default="")
        tries = pw.IntegerField(default=0)
        lease_until = pw.DateTimeField(null=True)
        text = pw.TextField(default="")
        positions = pw.TextField(default="")
        confidence = pw.DoubleField(null=True)
        engine = pw.CharField(64, default="")
        read_at = pw.DateTimeField(null=True)

        class Meta:
            table_name = "scan_page"
            indexes = (
                (("file", "number"), True),
                (("folder", "id"), False),
                (("state", "lease_until"), False),
            )

    once = ElectronicFile.index(
        ElectronicFile.folder,
        ElectronicFile.sha256,
        unique=True,
        where=ElectronicFile.removed_at.is_null(),
        name="electronic_file_once",
    )
    ElectronicFile.add_index(once)
    return [ElectronicFile, ScanPage]


def up(migrator, db):
    db.create_tables(models(db))


def down(migrator, db):
    db.drop_tables(list(reversed(models(db))))
