"""Tables of reports: the monthly lists that the house made on its own."""

from __future__ import annotations

import peewee as pw

from archive_app.core.db import Model, UtcDateTimeField
from archive_app.people.models import ArchiveUnit
from archive_app.prints.models import Print


class ReportRun(Model):
    """The list of what is out of one month (去向列表); ``late`` when it was made after its day (LOAN-12).

    ``rows`` is how many things it lists. A month has one run, whatever was restarted.
    """

    id = pw.BigAutoField()
    unit = pw.ForeignKeyField(ArchiveUnit)
    report = pw.CharField(32)
    month = pw.CharField(7)
    made_at = UtcDateTimeField()
    late = pw.BooleanField(default=False)
    rows = pw.IntegerField(default=0)
    print = pw.ForeignKeyField(Print)

    class Meta:
        table_name = "report_run"
        indexes = ((("unit", "report", "month"), True),)


TABLES = (ReportRun,)
