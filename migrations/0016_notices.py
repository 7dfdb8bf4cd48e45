"""What each person was told, the e-mail address for it, and when a loan is next to be spoken of."""

import peewee as pw

ADDRESS = pw.CharField(254, default="")
NEXT = (("remind_due", pw.DateTimeField(null=True)), ("remind_at", pw.DateTimeField(null=True)))


def models(db):
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class User(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "user_account"

    class Notice(Base):
        id = pw.BigAutoField()
        user = pw.ForeignKeyField(User)
        code = pw.CharField(40)
        key = pw.CharField(120)
        title = pw.CharField(200)
        text = pw.CharField(1000, default="")
        endpoint = pw.CharField(80, default="")
        about = pw.CharField(200, default="{}")
        at = pw.DateTimeField()
        read_at = pw.DateTimeField(null=True)
        mail = pw.CharField(8, default="none")
        tries = pw.IntegerField(default=0)
        lease_until = pw.DateTimeField(null=True)
        mailed_at = pw.DateTimeField(null=True)
        fault = pw.CharField(200, default="")

        class Meta:
            table_name = "notice"
            indexes = (
                (("user", "key"), True),
                (("user", "read_at", "id"), False),
                (("mail", "lease_until"), False),
                (("about",), False),
            )

    return [Notice]


def up(migrator, db):
    db.create_tables(models(db))
    migrator.migrate(migrator.add_column("user_account", "email", ADDRESS))
    for name, field in NEXT:
        migrator.migrate(migrator.add_column("loan", name, field))


def down(migrator, db):
    for name, _field in reversed(NEXT):
        migrator.migrate(migrator.drop_column("loan", name))
    migrator.migrate(migrator.drop_column("user_account", "email"))
    db.drop_tables(list(reversed(models(db))))
