"""What each person was told."""

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

        class Meta:
            table_name = "notice"
            indexes = (
                (("user", "key"), True),
                (("user", "read_at", "id"), False),
                (("mail", "lease_until"), False),
            )

    return [Notice]


def up(migrator, db):
    db.create_tables(models(db))


def down(migrator, db):
    db.drop_tables(list(reversed(models(db))))
