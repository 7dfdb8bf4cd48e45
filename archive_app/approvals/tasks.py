"""The clock's work on approvals, each minute."""

from archive_app.approvals import watching
from archive_app.core import clock
from archive_app.core.jobs import sweep


@sweep
def watch_approvals() -> None:
    """Remind, escalate, expire, and report vacant steps; safe to run twice."""
    watching.watch(clock.now())
