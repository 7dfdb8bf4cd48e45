"""Background drawing: a nudge names a print; a sweep finds those whose nudge or worker was lost."""

from __future__ import annotations

from archive_app.core import clock
from archive_app.core.jobs import sweep, task
from archive_app.prints import drawing

NUDGES = 20


@task
def draw(print_id: int) -> None:
    """Draw one print, if it still waits."""
    drawing.draw(print_id, clock.now())


@sweep
def nudge_waiting() -> int:
    """Send nudges for prints that wait or whose worker has died; return how many."""
    found = drawing.waiting(clock.now(), NUDGES)
    for print_id in found:
        draw(print_id)
    return len(found)
