"""The clock's work on revisions: replays whose nudge or worker was lost are sent again."""

from archive_app.core import clock
from archive_app.core.jobs import sweep
from archive_app.revisions import replaying


@sweep
def nudge_replays() -> int:
    """Send nudges for replays that wait or whose worker has died; return how many."""
    found = replaying.waiting(clock.now())
    for replay_id in found:
        replaying.run_replay(replay_id)
    return len(found)
