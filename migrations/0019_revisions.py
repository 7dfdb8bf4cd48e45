"""Revisions of the rule book from draft to date, and replays of past loans under them."""

import peewee as pw

NAME, FIELD = "withdrawn_at", pw.DateTimeField(null=True)


def models(db):
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class ArchiveUnit(Base):
        id = pw.AutoField()

        class Meta:
            table_name = "archive_unit"

    class RuleBookVersion(Base):
        id = pw.AutoField()

        class Meta:
            table_name = "rule_book_version"

    class Approval(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "approval"

    class Revision(Base):
        id = pw.BigAutoField()
        unit = pw.ForeignKeyField(ArchiveUnit)
        profile = pw.CharField(64)
        text = pw.TextField()
        sha256 = pw.CharField(64)
        reason = pw.CharField(500)
        base = pw.ForeignKeyField(RuleBookVersion)
        state = pw.CharField(16)
        edition = pw.IntegerField(default=1)
        approval = pw.ForeignKeyField(Approval, null=True)
        version = pw.ForeignKeyField(RuleBookVersion, null=True)
        effective_from = pw.DateTimeField(null=True)
        created_by = pw.CharField(64)
        created_at = pw.DateTimeField()
        changed_by = pw.CharField(64)
        changed_at = pw.DateTimeField()
        closed_at = pw.DateTimeField(null=True)
        closed_by = pw.CharField(64, default="")
        closed_reason = pw.CharField(500, default="")

        class Meta:
            table_name = "rule_book_revision"
            indexes = ((("unit", "state"), False),)

    class Replay(Base):
        id = pw.BigAutoField()
        revision = pw.ForeignKeyField(Revision, null=True)
        version = pw.ForeignKeyField(RuleBookVersion, null=True)
        sha256 = pw.CharField(64)
        since = pw.DateTimeField()
        until = pw.DateTimeField()
        state = pw.CharField(16)
        done = pw.IntegerField(default=0)
        total = pw.IntegerField(default=0)
        result = pw.TextField(default="")
        error = pw.CharField(500, default="")
        tries = pw.IntegerField(default=0)
        lease_until = pw.DateTimeField(null=True)
        asked_by = pw.CharField(64)
        asked_at = pw.DateTimeField()
        finished_at = pw.DateTimeField(null=True)

        class Meta:
            table_name = "rule_book_replay"
            indexes = ((("state", "lease_until"), False),)

    columns, open_ = (Revision.unit, Revision.sha256), Revision.state.in_(("draft", "proposed"))
    Revision.add_index(Revision.index(*columns, unique=True, where=open_, name="revision_one_open_text"))
    return [Revision, Replay]


def up(migrator, db):
    migrator.migrate(migrator.add_column("rule_book_version", NAME, FIELD))
    db.create_tables(models(db))


def down(migrator, db):
    db.drop_tables(list(reversed(models(db))))
    migrator.migrate(migrator.drop_column("rule_book_version", NAME))
