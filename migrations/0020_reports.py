"""The monthly lists of what is out, and the loan register by the moment of handing over."""

import peewee as pw

INDEX = ("handed_at", "id")


def models(db):
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class ArchiveUnit(Base):
        class Meta:
            table_name = "archive_unit"

    class Print(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "print"

    class ReportRun(Base):
        id = pw.BigAutoField()
        unit = pw.ForeignKeyField(ArchiveUnit)
        report = pw.CharField(32)
        month = pw.CharField(7)
        made_at = pw.DateTimeField()
        late = pw.BooleanField(default=False)
        rows = pw.IntegerField(default=0)
        print = pw.ForeignKeyField(Print)

        class Meta:
            table_name = "report_run"
            indexes = ((("unit", "report", "month"), True),)

    return [ReportRun]


def up(migrator, db):
    db.create_tables(models(db))
    migrator.migrate(migrator.add_index("loan", INDEX))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("loan", "loan_" + "_".join(INDEX)))
    db.drop_tables(models(db))
