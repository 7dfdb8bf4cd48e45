"""Tables of revisions: a new text of the rule book on its way, and replays of past loans under a text."""

from __future__ import annotations

import peewee as pw

from archive_app.approvals.models import Approval
from archive_app.core.db import Model, UtcDateTimeField
from archive_app.people.models import ArchiveUnit, RuleBookVersion
from archive_app.revisions.flow import OPEN


class Revision(Model):
    """A new text of the rule book: draft, proposed, adopted; or refused, withdrawn.

    ``base`` is the version in force against which it was written. ``edition`` counts the changes of its text,
    so that two administrators do not overwrite each other. ``effective_from``: the wished date, None for at
    once. ``version`` is what it became.
    """

    id = pw.BigAutoField()
    unit = pw.ForeignKeyField(ArchiveUnit)
    profile = pw.CharField(64)
    text = pw.TextField()
    sha256 = pw.CharField(64)
    reason = pw.CharField(500)
    base = pw.ForeignKeyField(RuleBookVersion)
    state = pw.CharField(16)
    edition = pw.IntegerField(default=1)
    approval = pw.ForeignKeyField(Approval, null=True)
    version = pw.ForeignKeyField(RuleBookVersion, null=True)
    effective_from = UtcDateTimeField(null=True)
    created_by = pw.CharField(64)
    created_at = UtcDateTimeField()
    changed_by = pw.CharField(64)
    changed_at = UtcDateTimeField()
    closed_at = UtcDateTimeField(null=True)
    closed_by = pw.CharField(64, default="")
    closed_reason = pw.CharField(500, default="")

    class Meta:
        table_name = "rule_book_revision"
        indexes = ((("unit", "state"), False),)


class Replay(Model):
    """A run of past loans through a text (of a revision or a version): waiting, running, done, failed.

    ``done`` of ``total`` loans are judged; ``result`` is what was found, as JSON.
    """

    id = pw.BigAutoField()
    revision = pw.ForeignKeyField(Revision, null=True)
    version = pw.ForeignKeyField(RuleBookVersion, null=True)
    sha256 = pw.CharField(64)
    since = UtcDateTimeField()
    until = UtcDateTimeField()
    state = pw.CharField(16)
    done = pw.IntegerField(default=0)
    total = pw.IntegerField(default=0)
    result = pw.TextField(default="")
    error = pw.CharField(500, default="")
    tries = pw.IntegerField(default=0)
    lease_until = UtcDateTimeField(null=True)
    asked_by = pw.CharField(64)
    asked_at = UtcDateTimeField()
    finished_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "rule_book_replay"
        indexes = ((("state", "lease_until"), False),)


# The same text is on its way once.
open_ = Revision.state.in_(OPEN)
Revision.add_index(
    Revision.index(Revision.unit, Revision.sha256, unique=True, where=open_, name="revision_one_open_text")
)

TABLES = (Revision, Replay)
