"""Loans; one active loan a folder."""

import peewee as pw


def models(db):
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Folder(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "folder"

    class User(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "user_account"

    class Approval(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "approval"

    class Loan(Base):
        id = pw.BigAutoField()
        folder = pw.ForeignKeyField(Folder)
        borrower = pw.ForeignKeyField(User)
        kind = pw.CharField(16)
        purpose = pw.CharField(200)
        object = pw.CharField(200, default="")
        reason = pw.CharField(1000, default="")
        extent = pw.CharField(200, default="")
        undertaking_at = pw.DateTimeField(null=True)
        state = pw.CharField(16)
        approval = pw.ForeignKeyField(Approval, null=True)
        rule_book = pw.IntegerField()
        clause = pw.CharField(200, default="")
        requested_by = pw.CharField(64)
        requested_at = pw.DateTimeField()
        approved_at = pw.DateTimeField(null=True)
        handed_at = pw.DateTimeField(null=True)
        handed_by = pw.CharField(64, default="")
        due_at = pw.DateTimeField(null=True)
        due_reason = pw.CharField(200, default="")
        due_clause = pw.CharField(200, default="")
        seat = pw.CharField(16, default="")
        takes_folder = pw.BooleanField(default=True)
        overdue_at = pw.DateTimeField(null=True)
        returned_at = pw.DateTimeField(null=True)
        received_by = pw.CharField(64, default="")
        closed_reason = pw.CharField(500, default="")
        slips_printed = pw.IntegerField(default=0)

        class Meta:
            table_name = "loan"
            indexes = (
                (("state", "due_at"), False),
                (("borrower", "state"), False),
                (("folder", "id"), False),
            )

    active = Loan.state.in_(("out", "reading", "overdue")) & Loan.takes_folder
    Loan.add_index(Loan.index(Loan.folder, unique=True, where=active, name="loan_one_active"))
    open_ = Loan.state.in_(("requested", "approved", "out", "reading", "overdue"))
    columns = (Loan.folder, Loan.borrower, Loan.kind)
    Loan.add_index(Loan.index(*columns, unique=True, where=open_, name="loan_one_open"))
    return [Loan]


def up(migrator, db):
    db.create_tables(models(db))


def down(migrator, db):
    db.drop_tables(list(reversed(models(db))))
