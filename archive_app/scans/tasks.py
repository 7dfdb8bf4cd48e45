"""Background work on scans: a nudge does the most urgent piece, then passes the nudge on.

A nudge names no row: whoever gets one takes what has waited longest, so 300 pages of one folder
never hold up the single page of another, and a lost nudge loses nothing.
"""

from __future__ import annotations

import os

from archive_app.core import clock
from archive_app.core.jobs import sweep, task
from archive_app.scans import pipeline


@task
def advance() -> None:
    """Draw or read the most urgent piece that waits; ask for the next one if more waits."""
    if pipeline.advance(clock.now()) and pipeline.waiting(clock.now(), 1):
        advance()


@sweep
def nudge_waiting() -> int:
    """Send nudges for pieces that wait or whose worker has died; return how many."""
    count = pipeline.waiting(clock.now(), os.cpu_count() or 1)
    for _number in range(count):
        advance()
    return count
