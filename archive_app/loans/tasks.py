"""The clock's work on loans: each minute, running loans past their due time are marked overdue."""

from archive_app.core import clock
from archive_app.core.jobs import sweep
from archive_app.loans import service


@sweep
def mark_overdue() -> None:
    """Mark what is late now; safe to run twice."""
    service.mark_overdue(clock.now())
