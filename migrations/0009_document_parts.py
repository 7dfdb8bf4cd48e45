"""What arrangement must know of a document (leaves, nature, years it covers), and the condition of paper."""

import peewee as pw

NEW = (
    ("dated_known", pw.CharField(8, default="day")),
    ("sheets", pw.IntegerField(null=True)),
    ("nature", pw.CharField(16, default="")),
    ("covers_from", pw.IntegerField(null=True)),
    ("covers_to", pw.IntegerField(null=True)),
)


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

    class ConditionEvent(Base):
        id = pw.BigAutoField()
        folder = pw.ForeignKeyField(Folder)
        document = pw.ForeignKeyField(Document, null=True)
        kind = pw.CharField(16)
        pages = pw.IntegerField(default=0)
        where = pw.CharField(100, default="", column_name="where_in_it")
        remark = pw.CharField(500)
        noted_by = pw.CharField(64)
        noted_at = pw.DateTimeField()

        class Meta:
            table_name = "condition_event"
            indexes = ((("folder", "id"), False),)

    return [ConditionEvent]


def up(migrator, db):
    for name, field in NEW:
        migrator.migrate(migrator.add_column("document", name, field))
    db.create_tables(models(db))


def down(migrator, db):
    db.drop_tables(models(db))
    for name, _field in reversed(NEW):
        migrator.migrate(migrator.drop_column("document", name))
