"""Desk scans and who is in hand."""

import peewee as pw


def models(db):
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class User(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "user_account"

    class DeskScan(Base):
        id = pw.BigAutoField()
        request_id = pw.CharField(64, unique=True)
        desk = pw.CharField(64)
        at = pw.DateTimeField()
        actor = pw.CharField(64)
        code = pw.CharField(200)
        kind = pw.CharField(16, default="")
        key = pw.BigIntegerField(null=True)
        verdict = pw.CharField(8)
        verb = pw.CharField(32)
        answer = pw.TextField()
        loan = pw.BigIntegerField(null=True)
        undo = pw.CharField(32, default="")
        undo_until = pw.DateTimeField(null=True)
        undone_at = pw.DateTimeField(null=True)

        class Meta:
            table_name = "desk_scan"
            indexes = ((("desk", "at"), False),)

    class Hand(Base):
        desk = pw.CharField(64, primary_key=True)
        person = pw.ForeignKeyField(User, null=True)
        folder = pw.BigIntegerField(null=True)
        since = pw.DateTimeField()

        class Meta:
            table_name = "desk_hand"

    return [DeskScan, Hand]


def up(migrator, db):
    db.create_tables(models(db))


def down(migrator, db):
    db.drop_tables(list(reversed(models(db))))
