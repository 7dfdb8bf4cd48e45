"""The officer in charge of a department (分管)."""

import peewee as pw

NAME, FIELD = "overseer", pw.BigIntegerField(null=True)


def up(migrator, db):
    migrator.migrate(migrator.add_column("department", NAME, FIELD))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("department", NAME))
