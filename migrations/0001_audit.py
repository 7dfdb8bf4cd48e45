"""The append-only audit chain and its head."""

import peewee as pw

GENESIS = "0" * 64


def models(db):
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class AuditEvent(Base):
        seq = pw.BigIntegerField(primary_key=True)
        at = pw.DateTimeField(index=True)
        actor = pw.CharField(64, index=True)
        on_behalf_of = pw.CharField(64, default="")
        action = pw.CharField(64, index=True)
        kind = pw.CharField(32)
        key = pw.CharField(64)
        data = pw.TextField()
        prev = pw.CharField(64)
        digest = pw.CharField(64)

        class Meta:
            table_name = "audit_event"
            indexes = ((("kind", "key"), False),)

    class AuditHead(Base):
        id = pw.IntegerField(primary_key=True)
        seq = pw.BigIntegerField()
        digest = pw.CharField(64)

        class Meta:
            table_name = "audit_head"

    return [AuditEvent, AuditHead]


# INSERT OR REPLACE walks past a no-delete trigger, so inserting demands seq = max + 1 as well.
TRIGGERS_SQLITE = (
    """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_event
       BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
    """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_event
       BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
    """CREATE TRIGGER audit_next BEFORE INSERT ON audit_event
       WHEN NEW.seq != COALESCE((SELECT MAX(seq) FROM audit_event), 0) + 1
       BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
)
TRIGGERS_POSTGRES = (
    """CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'audit_event is append-only'; END $$""",
    """CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit_event
       FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_event
       FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
)


def up(migrator, db):
    event, head = models(db)
    db.create_tables([event, head])
    head.insert(id=1, seq=0, digest=GENESIS).execute()
    for statement in TRIGGERS_SQLITE if isinstance(db, pw.SqliteDatabase) else TRIGGERS_POSTGRES:
        db.execute_sql(statement)


def down(migrator, db):
    db.drop_tables(models(db))
    if not isinstance(db, pw.SqliteDatabase):
        db.execute_sql("DROP FUNCTION audit_refuse()")
