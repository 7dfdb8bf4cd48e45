"""A notice as a letter: address, subject, text and a number that stays the same when it is sent again."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from archive_app.core.db import ROOT
from archive_app.core.mail import Letter
from archive_app.notices.models import Notice
from archive_app.people.models import ArchiveUnit

FOLDER = ROOT / "templates" / "mail"


def letter(notice: Notice, unit: ArchiveUnit | None, sender: str) -> Letter:
    """The letter of a notice; the unit's name and phone stand at its end."""
    values = {
        "name": notice.user.name,
        "title": notice.title,
        "text": notice.text,
        "unit": unit.name if unit else "档案室",
        "phone": unit.phone if unit else "",
    }
    text = _environment().get_template("notice.txt").render(values)
    return Letter(notice.user.email, notice.title, text, message_id(notice, sender))


def message_id(notice: Notice, sender: str) -> str:
    """The Message-ID of a notice: who gets the letter twice sees that it is the same (RFC 5322)."""
    digest = hashlib.sha256(f"{notice.user_id} {notice.key}".encode()).hexdigest()[:16]
    return f"notice.{notice.id}.{digest}@{sender.partition('@')[2]}"


@cache
def _environment() -> Any:
    # Plain text: nothing is escaped, because nothing is ever read as markup.
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
    )
