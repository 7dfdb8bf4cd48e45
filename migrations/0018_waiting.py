"""What an approval needs to know of the folder, of its basket, and since when it waits."""

import peewee as pw

NEW = (
    ("manager", pw.BigIntegerField(null=True)),
    ("made_in", pw.BigIntegerField(null=True)),
    ("basket", pw.BigIntegerField(null=True)),
    ("since", pw.DateTimeField(null=True)),
    ("vacant_since", pw.DateTimeField(null=True)),
    ("told", pw.IntegerField(default=0)),
)
CIRCLES = ("folder_department", "in_charge", "customer_manager")


def up(migrator, db):
    for name, field in NEW:
        migrator.migrate(migrator.add_column("approval", name, field))
    migrator.migrate(migrator.add_index("approval", ("basket",)))
    for name in CIRCLES:
        field = pw.BooleanField(default=False)
        migrator.migrate(migrator.add_column("approval_step", name, field))
    # What is open already has waited since it was asked.
    db.execute_sql("UPDATE approval SET since = asked_at WHERE state = 'open'")


def down(migrator, db):
    for name in reversed(CIRCLES):
        migrator.migrate(migrator.drop_column("approval_step", name))
    migrator.migrate(migrator.drop_index("approval", "approval_basket"))
    for name, _field in reversed(NEW):
        migrator.migrate(migrator.drop_column("approval", name))
