"""The verbs of notices: tell a person something once, and mark it read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

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
    does nothing. ``endpoint`` with ``about`` (route values) is the page it links to.
    """
    told = 0
    with work(actor or system(), at):
        for user_id in dict.fromkeys(user_ids):
            row = Notice.insert(
                user=user_id, code=code, key=key[:120], title=title[:200], text=text[:1000],
                endpoint=endpoint, about=json.dumps(dict(about or {}), sort_keys=True), at=at,
                mail="pending" if mail else "none",
            )  # fmt: skip
            told += bool(row.on_conflict_ignore().as_rowcount().execute())
    return told
