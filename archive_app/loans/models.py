"""Table of loans: one folder, one borrower, one life."""

from __future__ import annotations

import peewee as pw

from archive_app.approvals.models import Approval
from archive_app.core.db import Model, UtcDateTimeField
from archive_app.loans.flow import ACTIVE, OPEN
from archive_app.people.models import User
from archive_app.records.models import Folder


class Loan(Model):
    """A loan (借阅): requested, approved, out or reading, perhaps overdue, returned; or refused, withdrawn.

    ``due_at`` is fixed when the folder is handed over and never moved later. ``seat`` is set for
    readers in the room and for nobody else. ``takes_folder`` is false for a photocopy: the copy goes,
    the folder stays. ``rule_book`` is the version that judged last.
    """

    shown: str = ""  # the state as the clock sees it; filled by loans.queries, not a column

    id = pw.BigAutoField()
    folder = pw.ForeignKeyField(Folder, backref="loans")
    borrower = pw.ForeignKeyField(User, backref="loans")
    kind = pw.CharField(16)
    purpose = pw.CharField(200)
    object = pw.CharField(200, default="")
    reason = pw.CharField(1000, default="")
    extent = pw.CharField(200, default="")
    undertaking_at = UtcDateTimeField(null=True)
    state = pw.CharField(16)
    approval = pw.ForeignKeyField(Approval, null=True)
    rule_book = pw.IntegerField()
    clause = pw.CharField(200, default="")
    requested_by = pw.CharField(64)
    requested_at = UtcDateTimeField()
    approved_at = UtcDateTimeField(null=True)
    handed_at = UtcDateTimeField(null=True)
    handed_by = pw.CharField(64, default="")
    due_at = UtcDateTimeField(null=True)
    due_reason = pw.CharField(200, default="")
    due_clause = pw.CharField(200, default="")
    seat = pw.CharField(16, default="")
    takes_folder = pw.BooleanField(default=True)
    overdue_at = UtcDateTimeField(null=True)
    returned_at = UtcDateTimeField(null=True)
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


# One active loan a folder, whatever happens at two desks at once.
away = Loan.state.in_(ACTIVE) & Loan.takes_folder  # bare: PostgreSQL knows no boolean = 1
Loan.add_index(Loan.index(Loan.folder, unique=True, where=away, name="loan_one_active"))
# A request sent twice is one request.
columns = (Loan.folder, Loan.borrower, Loan.kind)
Loan.add_index(Loan.index(*columns, unique=True, where=Loan.state.in_(OPEN), name="loan_one_open"))

TABLES = (Loan,)
