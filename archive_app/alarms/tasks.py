"""The clock's work on alarms."""

from archive_app.alarms import watching
from archive_app.core import clock
from archive_app.core.jobs import sweep


@sweep
def watch() -> None:
    """Raise what is unusual; safe to run twice."""
    watching.watch(clock.now())
