"""Where accounts are used from: a row for each account, address and browser, written once a minute."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import peewee as pw

from archive_app.core.db import db
from archive_app.core.work import work
from archive_app.people.actor import Actor
from archive_app.people.models import AccountUse

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=1)
MOST = 10_000
# What this process wrote last, per database: most requests then cost nothing.
_written: WeakKeyDictionary[pw.Database, dict[tuple[int, str, str], datetime]] = WeakKeyDictionary()


def place_of(address: str) -> str:
    """An address as one place: an IPv6 network is one, because machines change their last half daily."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((int(known), 64), strict=False))


def note_use(actor: Actor, address: str, agent: str, at: datetime) -> None:
    """Remember that the account is used now from here; a failure is logged: no page may fail for it."""
    use = (actor.user_id, place_of(address), hashlib.sha256(agent.encode()).hexdigest()[:16])
    known = _written.setdefault(db.obj, {})
    last = known.get(use)
    if last is not None and timedelta(0) <= at - last < EVERY:
        return
    if len(known) >= MOST:
        known.clear()
    try:
        _write(actor, use, at)
    except pw.PeeweeException:
        log.exception("the use of account %s could not be noted", actor.user_id)
    known[use] = at


def _write(actor: Actor, use: tuple[int, str, str], at: datetime) -> None:
    user_id, place, agent = use
    with work(actor, at):  # nothing of the archive changes: no note
        row = AccountUse.insert(user=user_id, address=place, agent=agent, first_at=at, seen_at=at)
        same = [AccountUse.user, AccountUse.address, AccountUse.agent]
        row.on_conflict(conflict_target=same, update={AccountUse.seen_at: at}).execute()
