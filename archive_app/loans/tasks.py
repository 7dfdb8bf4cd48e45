"""The clock's work on loans: what is late is marked so, and everybody is told what is due in time."""

from archive_app.core import clock
from archive_app.core.jobs import sweep
from archive_app.loans import extending, queue, reminding, room, service


@sweep
def mark_overdue() -> None:
    """Mark what is late now; safe to run twice."""
    service.mark_overdue(clock.now())


@sweep
def drop_extensions() -> None:
    """End questions for an extension whose loan is due or back; safe to run twice."""
    extending.drop_late(clock.now())


@sweep
def remind() -> None:
    """Tell who is to be told now; safe to run twice."""
    reminding.remind(clock.now())


@sweep
def tell_digests() -> None:
    """Write the digests of the day after the hour of the rule book; safe to run twice."""
    reminding.tell_digests(clock.now())


@sweep
def tell_whose_turn() -> None:
    """Tell those whose turn for a folder has come; safe to run twice."""
    queue.tell_whose_turn(clock.now())


@sweep
def end_sessions() -> None:
    """Close sessions in the reading room that are over, tell the desk of the others; safe to run twice."""
    room.end_sessions(clock.now())
