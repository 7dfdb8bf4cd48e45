"""What is unusual: alarms, how far the audit was read for them, and where accounts are used from."""

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

    class AccountUse(Base):
        id = pw.BigAutoField()
        user = pw.ForeignKeyField(User)
        address = pw.CharField(64)
        agent = pw.CharField(16)
        first_at = pw.DateTimeField()
        seen_at = pw.DateTimeField()

        class Meta:
            table_name = "account_use"
            indexes = ((("user", "address", "agent"), True), (("seen_at",), False))

    class Alarm(Base):
        id = pw.BigAutoField()
        kind = pw.CharField(24)
        subject = pw.CharField(80)
        user = pw.ForeignKeyField(User, null=True)
        address = pw.CharField(64, default="")
        places = pw.CharField(1000, default="")
        first_seq = pw.BigIntegerField()
        last_seq = pw.BigIntegerField()
        first_at = pw.DateTimeField()
        last_at = pw.DateTimeField()
        count = pw.IntegerField()
        raised_at = pw.DateTimeField()
        state = pw.CharField(16)
        rule_book = pw.IntegerField()
        rule = pw.CharField(500, default="")
        clause = pw.CharField(200, default="")
        handled_by = pw.CharField(64, default="")
        handled_at = pw.DateTimeField(null=True)
        remark = pw.CharField(500, default="")

        class Meta:
            table_name = "alarm"
            indexes = ((("state", "id"), False), (("subject", "kind", "id"), False))

    class AlarmCursor(Base):
        id = pw.IntegerField(primary_key=True)
        seq = pw.BigIntegerField()

        class Meta:
            table_name = "alarm_cursor"

    return [AccountUse, Alarm, AlarmCursor]


def up(migrator, db):
    db.create_tables(models(db))
    # What happened before there were alarms is read by nobody: it would ring for last year.
    head = "SELECT COALESCE((SELECT seq FROM audit_head WHERE id = 1), 0)"
    db.execute_sql(f"INSERT INTO alarm_cursor (id, seq) VALUES (1, ({head}))")


def down(migrator, db):
    db.drop_tables(list(reversed(models(db))))
