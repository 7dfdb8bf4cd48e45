"""The verbs of notices: tell a person something once, and mark it read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.notices.models import Notice
from archive_app.people.actor import Actor, system


def tell(
    user_ids: Iterable[int],
    code: str,
    key: str,
    title: str,
    text: str = "",
    *,
    endpoint: str = "",
    about: Mapping[str, Any] | None = None,
    mail: bool = True,
    at: datetime,
    actor: Actor | None = None,
) -> int:
    """Tell each person once about one occasion; return how many had not been told before.

    ``key`` names the occasion, e.g. ``loan:12:due:2026-11-19T09:30`` — telling again under the same key
    does nothing. ``endpoint`` with ``about`` (route values) is the page it links to. Texts name file
    numbers, never titles: a notice outlives the right to know of a folder.
    """
    told = 0
    with work(actor or system(), at):
        for user_id in dict.fromkeys(user_ids):
            row = Notice.insert(
                user=user_id, code=code, key=key[:120], title=title[:200], text=text[:1000],
                endpoint=endpoint, about=_about(about or {}), at=at,
                mail="pending" if mail else "none",
            )  # fmt: skip
            told += bool(row.on_conflict_ignore().as_rowcount().execute())
    return told


def _about(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), sort_keys=True)


def settle(
    codes: Iterable[str], about: Mapping[str, Any], *, at: datetime, user_id: int | None = None
) -> int:
    """What people were told to do is done: their notices about it are read, and no letter goes out any more.

    ``about`` is exactly what it was told with; ``user_id``: it is done for this person only. Return how many
    were not read yet. Joins the open work.
    """
    with work(system(), at):
        told = (Notice.about == _about(about)) & Notice.code.in_(list(codes)) & Notice.read_at.is_null()
        if user_id is not None:
            told &= Notice.user == user_id
        unsent = pw.Case(None, [(Notice.mail == "pending", "skipped")], Notice.mail)
        return int(Notice.update(read_at=at, mail=unsent).where(told).execute())


def read(notice_id: int, *, actor: Actor, at: datetime) -> Notice:
    """Mark one's own notice read. Raises NotFound — also for the notice of somebody else."""
    notice = Notice.get_or_none((Notice.id == notice_id) & (Notice.user == actor.user_id))
    if notice is None:
        raise NotFound(_("没有这条通知。"))
    if notice.read_at is None:
        with work(actor, at):  # nothing of the archive changes: no note
            Notice.update(read_at=at).where((Notice.id == notice_id) & Notice.read_at.is_null()).execute()
    return notice


def read_all(*, actor: Actor, at: datetime) -> int:
    """Mark all of one's own notices read; return how many were not."""
    return _read(actor, at, Notice.at <= at)


def read_older(user_id: int, code: str, *, at: datetime) -> int:
    """Mark a person's older notices of one code read, because a new one says all that they said."""
    with work(system(), at):
        old = (Notice.user == user_id) & Notice.read_at.is_null() & (Notice.code == code) & (Notice.at < at)
        return int(Notice.update(read_at=at).where(old).execute())


def _read(actor: Actor, at: datetime, which: Any) -> int:
    with work(actor, at):
        unread = (Notice.user == actor.user_id) & Notice.read_at.is_null() & which
        return int(Notice.update(read_at=at).where(unread).execute())
