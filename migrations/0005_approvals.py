"""Approvals, their steps and decisions."""

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

    class Department(Base):
        id = pw.AutoField()

        class Meta:
            table_name = "department"

    class Deputation(Base):
        id = pw.AutoField()

        class Meta:
            table_name = "deputation"

    class Approval(Base):
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
        asked_at = pw.DateTimeField()
        closed_at = pw.DateTimeField(null=True)

        class Meta:
            table_name = "approval"
            indexes = ((("kind", "key"), False), (("state", "asked_at"), False))

    class ApprovalStep(Base):
        id = pw.BigAutoField()
        approval = pw.ForeignKeyField(Approval)
        position = pw.IntegerField()
        mode = pw.CharField(8)
        roles = pw.CharField(300)
        own_department = pw.BooleanField(default=False)
        verb = pw.CharField(16, default="")
        clause = pw.CharField(200, default="")
        rule = pw.CharField(500, default="")
        state = pw.CharField(16, default="waiting")

        class Meta:
            table_name = "approval_step"
            indexes = ((("approval", "position"), True),)

    class Decision(Base):
        id = pw.BigAutoField()
        step = pw.ForeignKeyField(ApprovalStep)
        user = pw.ForeignKeyField(User)
        role = pw.CharField(32)
        on_behalf_of = pw.ForeignKeyField(User, null=True)
        deputation = pw.ForeignKeyField(Deputation, null=True)
        verdict = pw.CharField(16)
        reason = pw.CharField(500, default="")
        at = pw.DateTimeField()

        class Meta:
            table_name = "decision"
            indexes = ((("step", "user"), True),)

    return [Approval, ApprovalStep, Decision]


def up(migrator, db):
    db.create_tables(models(db))


def down(migrator, db):
    db.drop_tables(list(reversed(models(db))))
