"""Notices by e-mail: claimed, sent and marked one by one, so that a killed worker loses none.

Between the server's yes and our COMMIT a killed worker leaves a letter that was sent and is not marked:
it goes out once more after its lease, under the same Message-ID, by which it is known as the same one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from archive_app.core import mail
from archive_app.core.work import work
from archive_app.notices.letters import letter
from archive_app.notices.models import Notice
from archive_app.people.actor import system
from archive_app.people.models import ArchiveUnit, User

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=15)
BACKOFF = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60, 240, 720))  # then it has failed
MOST_TRIES = 2 * len(BACKOFF)  # a letter at which the worker dies each time is not tried for ever
STALE = timedelta(days=3)  # mail that was set up, or mended, late does not tell what nobody needs any more
BATCH = 50


@dataclass
class Sent:
    """What one pass did; ``why`` when the server could not be reached."""

    sent: int = 0
    failed: int = 0
    put_off: int = 0
    why: str = ""


def send_waiting(at: datetime, limit: int = BATCH) -> Sent:
    """Send what waits, oldest first; nothing when SMTP_URL is not set. Raises Misconfigured."""
    done, server = Sent(), mail.server()
    if server is None:
        return done
    _skip_stale(at)
    if not waiting(at):
        return done
    unit = ArchiveUnit.select().order_by(ArchiveUnit.id).first()
    try:
        with mail.line(server) as line:
            for notice in _claimed(at, limit):
                _send(line, notice, letter(notice, unit, server.sender), done, at)
    except mail.Unreachable as error:
        done.why = str(error)
        log.warning("mail waits: %s", error)
        _wait_all(at)
    return done


def waiting(at: datetime) -> int:
    """How many letters could go out now."""
    return int(Notice.select().where(_ready(at)).count())


def _skip_stale(at: datetime) -> None:
    with work(system(), at):
        Notice.update(mail="skipped").where(_ready(at) & (Notice.at <= at - STALE)).execute()


def _wait_all(at: datetime) -> None:
    """A server that does not answer is asked again after a minute, not with each letter."""
    with work(system(), at):
        Notice.update(lease_until=at + BACKOFF[0]).where(_ready(at) & (Notice.mail == "pending")).execute()


def _ready(at: datetime) -> Any:
    """Waiting and due, or held by a worker that is gone; a moment far ahead is from a clock put back."""
    free = Notice.lease_until.is_null() | (Notice.lease_until <= at) | (Notice.lease_until > at + _FARTHEST)
    return Notice.mail.in_(("pending", "sending")) & free


_FARTHEST = max(LEASE, *BACKOFF)


def _claimed(at: datetime, limit: int) -> Iterator[Notice]:
    """Take one notice after the other, each only when it is its turn; skip those nobody can be sent."""
    rows = Notice.select(Notice.id).where(_ready(at)).order_by(Notice.id).limit(limit)
    for row in [*rows]:
        if (notice := _claim(row.id, at)) is not None:
            yield notice


def _claim(notice_id: int, at: datetime) -> Notice | None:
    """Make one letter ours by compare-and-swap; None: another worker was first, or nobody is to get it."""
    with work(system(), at):
        notice = Notice.select(Notice, User).join(User).where(Notice.id == notice_id).get()
        wanted = notice.user.active and mail.is_address(notice.user.email) and notice.tries < MOST_TRIES
        held = {"mail": "sending" if wanted else "skipped", "lease_until": at + LEASE if wanted else None}
        mine = (Notice.id == notice_id) & _ready(at) & (Notice.tries == notice.tries)
        taken = Notice.update(**held, tries=Notice.tries + wanted).where(mine).execute()
    notice.tries += wanted
    return notice if taken and wanted else None


def _send(line: mail.Line, notice: Notice, ready: mail.Letter, done: Sent, at: datetime) -> None:
    with _given_back(notice, at):
        try:
            line.send(ready, at)
        except mail.NotTaken as error:
            _not_taken(notice, error, done, at)
            return
    _mark(notice, at, mail="sent", mailed_at=at, lease_until=None, fault="")
    done.sent += 1


@contextmanager
def _given_back(notice: Notice, at: datetime) -> Iterator[None]:
    """Put a letter back as it was when the line broke: the server's fault is no try of the letter."""
    try:
        yield
    except mail.Unreachable as error:
        why = str(error)[:200]
        _mark(notice, at, mail="pending", lease_until=at + BACKOFF[0], tries=notice.tries - 1, fault=why)
        raise


def _not_taken(notice: Notice, error: mail.NotTaken, done: Sent, at: datetime) -> None:
    fault = str(error)[:200]
    if error.for_good or notice.tries > len(BACKOFF):
        _mark(notice, at, mail="failed", lease_until=None, fault=fault)
        done.failed += 1
        return
    _mark(notice, at, mail="pending", lease_until=at + BACKOFF[notice.tries - 1], fault=fault)
    done.put_off += 1


def _mark(notice: Notice, at: datetime, **values: object) -> None:
    """Only the worker that holds the letter marks it: after its lease another one may have taken it."""
    with work(system(), at):
        held = (Notice.id == notice.id) & (Notice.mail == "sending") & (Notice.tries == notice.tries)
        Notice.update(values).where(held).execute()
