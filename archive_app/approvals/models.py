"""Tables of approvals: the chain as frozen when asked, its steps, and every decision."""

from __future__ import annotations

import peewee as pw

from archive_app.core.db import Model, UtcDateTimeField
from archive_app.people.models import Department, Deputation, User


class Approval(Model):
    """A question put to a chain of people about one record (``kind``, ``key``).

    ``state``: open, granted, refused, withdrawn, expired. ``clause`` and ``rule`` are why the chain is as it
    is. ``manager`` is responsible for the customer of the folder in question (user id), ``made_in`` the
    department that made it. ``basket`` is what was asked for together. ``since``: when the present step began
    to wait; ``vacant_since``: since when nobody can decide it; ``told``: how far waiting went (rules.STAGES).
    """

    id = pw.BigAutoField()
    action = pw.CharField(32)
    kind = pw.CharField(32)
    key = pw.BigIntegerField()
    subject = pw.CharField(300)
    requester = pw.ForeignKeyField(User)
    department = pw.ForeignKeyField(Department, null=True)
    state = pw.CharField(16, default="open")
    current = pw.IntegerField(default=1)
    rule_book = pw.IntegerField()
    clause = pw.CharField(200, default="")
    rule = pw.CharField(500, default="")
    asked_at = UtcDateTimeField()
    closed_at = UtcDateTimeField(null=True)
    manager = pw.BigIntegerField(null=True)
    made_in = pw.BigIntegerField(null=True)
    basket = pw.BigIntegerField(null=True)
    since = UtcDateTimeField(null=True)
    vacant_since = UtcDateTimeField(null=True)
    told = pw.IntegerField(default=0)

    class Meta:
        table_name = "approval"
        indexes = ((("kind", "key"), False), (("state", "asked_at"), False), (("basket",), False))


class ApprovalStep(Model):
    """One step: any of or all of ``roles`` (space-separated), narrowed by at most one of four circles.

    The circles: the asker's department, the folder's, who is in charge of the asker's, who has the customer.
    ``state``: waiting, granted, refused, or applied when the application itself was this step.
    """

    id = pw.BigAutoField()
    approval = pw.ForeignKeyField(Approval, backref="steps")
    position = pw.IntegerField()
    mode = pw.CharField(8)
    roles = pw.CharField(300)
    own_department = pw.BooleanField(default=False)
    folder_department = pw.BooleanField(default=False)
    in_charge = pw.BooleanField(default=False)
    customer_manager = pw.BooleanField(default=False)
    verb = pw.CharField(16, default="")
    clause = pw.CharField(200, default="")
    rule = pw.CharField(500, default="")
    state = pw.CharField(16, default="waiting")

    class Meta:
        table_name = "approval_step"
        indexes = ((("approval", "position"), True),)


class Decision(Model):
    """What one person decided, in which role, for whom."""

    id = pw.BigAutoField()
    step = pw.ForeignKeyField(ApprovalStep, backref="decisions")
    user = pw.ForeignKeyField(User)
    role = pw.CharField(32)
    on_behalf_of = pw.ForeignKeyField(User, null=True)
    deputation = pw.ForeignKeyField(Deputation, null=True)
    verdict = pw.CharField(16)
    reason = pw.CharField(500, default="")
    at = UtcDateTimeField()

    @property
    def principal(self) -> str:
        """Name of the person on whose behalf it was decided, or empty."""
        return self.on_behalf_of.name if self.on_behalf_of else ""

    class Meta:
        table_name = "decision"
        indexes = ((("step", "user"), True),)


TABLES = (Approval, ApprovalStep, Decision)
