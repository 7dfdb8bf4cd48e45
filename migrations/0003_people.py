"""Archive unit, rule books, departments, users, deputations."""

import peewee as pw


def models(db):
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class ArchiveUnit(Base):
        name = pw.CharField(100)
        fonds_code = pw.CharField(16)
        fonds_name = pw.CharField(200)
        phone = pw.CharField(40, default="")

        class Meta:
            table_name = "archive_unit"

    class RuleBookVersion(Base):
        unit = pw.ForeignKeyField(ArchiveUnit)
        version = pw.IntegerField()
        profile = pw.CharField(64)
        text = pw.TextField()
        sha256 = pw.CharField(64)
        effective_from = pw.DateTimeField()
        adopted_at = pw.DateTimeField()
        adopted_by = pw.CharField(64)

        class Meta:
            table_name = "rule_book_version"
            indexes = ((("unit", "version"), True),)

    class Department(Base):
        code = pw.CharField(32, unique=True)
        name = pw.CharField(100)

    class User(Base):
        id = pw.BigAutoField()
        username = pw.CharField(64, unique=True)
        name = pw.CharField(64)
        title = pw.CharField(64)
        department = pw.ForeignKeyField(Department, null=True)
        phone = pw.CharField(40, default="")
        password_hash = pw.CharField(255)
        active = pw.BooleanField(default=True)
        authority_ends = pw.DateTimeField(null=True)
        failures = pw.IntegerField(default=0)
        locked_until = pw.DateTimeField(null=True)
        session_key = pw.CharField(32)
        theme = pw.CharField(8, default="auto")
        locale = pw.CharField(8, default="zh")
        demo = pw.BooleanField(default=False)
        created_at = pw.DateTimeField()

        class Meta:
            table_name = "user_account"

    class Deputation(Base):
        principal = pw.ForeignKeyField(User)
        deputy = pw.ForeignKeyField(User)
        actions = pw.CharField(200)
        starts = pw.DateTimeField()
        ends = pw.DateTimeField()
        paper_reference = pw.CharField(100)
        created_by = pw.CharField(64)
        created_at = pw.DateTimeField()
        revoked_at = pw.DateTimeField(null=True)

        class Meta:
            table_name = "deputation"

    return [ArchiveUnit, RuleBookVersion, Department, User, Deputation]


def up(migrator, db):
    db.create_tables(models(db))


def down(migrator, db):
    db.drop_tables(list(reversed(models(db))))
