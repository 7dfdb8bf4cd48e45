"""The clock's work on reports: once a month the list of what is out is made and told."""

from archive_app.core import clock
from archive_app.core.jobs import sweep
from archive_app.reports import service


@sweep
def make_monthly() -> None:
    """Make what is due now; safe to run twice."""
    service.make_monthly(clock.now())
