"""The register of prints."""

import peewee as pw


def models(db):
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Print(Base):
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
        lease_until = pw.DateTimeField(null=True)
        printed_by = pw.CharField(64)
        printed_at = pw.DateTimeField()
        finished_at = pw.DateTimeField(null=True)

        class Meta:
            table_name = "print"
            indexes = (
                (("form", "kind", "key", "number"), True),
                (("state", "lease_until"), False),
                (("kind", "key", "id"), False),
            )

    return [Print]


def up(migrator, db):
    db.create_tables(models(db))


def down(migrator, db):
    db.drop_tables(list(reversed(models(db))))
