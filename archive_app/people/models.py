"""Tables of the organisation: archive unit, adopted rule books, departments, users, deputations."""

from __future__ import annotations

import peewee as pw

from archive_app.core.db import Model, UtcDateTimeField


class ArchiveUnit(Model):
    """A repository inside a fonds with its own keeper and rule book (保管单位)."""

    name = pw.CharField(100)
    fonds_code = pw.CharField(16)
    fonds_name = pw.CharField(200)
    phone = pw.CharField(40, default="")

    class Meta:
        table_name = "archive_unit"


class RuleBookVersion(Model):
    """A rule book as adopted: its whole text, so that every judgement can be explained for ever.

    The version with the latest ``effective_from`` that has come is in force. ``withdrawn_at``: it was taken
    back before its date and never was in force.
    """

    unit = pw.ForeignKeyField(ArchiveUnit, backref="rule_books")
    version = pw.IntegerField()
    profile = pw.CharField(64)
    text = pw.TextField()
    sha256 = pw.CharField(64)
    effective_from = UtcDateTimeField()
    adopted_at = UtcDateTimeField()
    adopted_by = pw.CharField(64)
    withdrawn_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "rule_book_version"
        indexes = ((("unit", "version"), True),)


class Department(Model):
    """A department of the company; ``overseer`` is the officer in charge of it (分管), by user id."""

    code = pw.CharField(32, unique=True)
    name = pw.CharField(100)
    overseer = pw.BigIntegerField(null=True)  # no foreign key: people belong to departments already


class User(Model):
    """A person with an account. ``title`` is the company title; the rule book maps it to roles."""

    id = pw.BigAutoField()
    username = pw.CharField(64, unique=True)
    name = pw.CharField(64)
    title = pw.CharField(64)
    department = pw.ForeignKeyField(Department, null=True, backref="users")
    phone = pw.CharField(40, default="")
    email = pw.CharField(254, default="")
    password_hash = pw.CharField(255)
    active = pw.BooleanField(default=True)
    authority_ends = UtcDateTimeField(null=True)
    failures = pw.IntegerField(default=0)
    locked_until = UtcDateTimeField(null=True)
    session_key = pw.CharField(32)
    theme = pw.CharField(8, default="auto")
    locale = pw.CharField(8, default="zh")
    demo = pw.BooleanField(default=False)
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "user_account"


class Deputation(Model):
    """A 委托书: ``deputy`` may decide for ``principal`` in ``actions`` from ``starts`` until ``ends``."""

    principal = pw.ForeignKeyField(User, backref="deputations_given")
    deputy = pw.ForeignKeyField(User, backref="deputations_held")
    actions = pw.CharField(200)
    starts = UtcDateTimeField()
    ends = UtcDateTimeField()
    paper_reference = pw.CharField(100)
    created_by = pw.CharField(64)
    created_at = UtcDateTimeField()
    revoked_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "deputation"


class AccountUse(Model):
    """That an account was used from an address by a browser (the hash of its name): first and last time."""

    id = pw.BigAutoField()
    user = pw.ForeignKeyField(User, backref="uses")
    address = pw.CharField(64)
    agent = pw.CharField(16)
    first_at = UtcDateTimeField()
    seen_at = UtcDateTimeField()

    class Meta:
        table_name = "account_use"
        indexes = ((("user", "address", "agent"), True), (("seen_at",), False))


TABLES = (ArchiveUnit, RuleBookVersion, Department, User, Deputation, AccountUse)
