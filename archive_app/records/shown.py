"""The words of a value in the change record, as they are at the change: 机密 for secret, a name for an id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archive_app.people.models import Department, User
from archive_app.policy import RuleBook
from archive_app.records.words import MEDIA, NATURES, PARTS, TEXT_FORMS

CODES: Mapping[str, Mapping[str, Any]] = {
    "medium": MEDIA, "text_form": TEXT_FORMS, "part": PARTS, "nature": NATURES,
}  # fmt: skip
NAMED = {"department": Department, "manager": User}


def words_of(book: RuleBook, field: str, value: Any) -> str:
    """What people read and what is printed, in the source language; nothing known about it: the value."""
    if value is None:
        return ""
    if field in NAMED:
        row = NAMED[field].get_or_none(NAMED[field].id == value)
        return str(row.name) if row else str(value)
    if field == "secrecy" and value in book.levels:
        return book.levels[value].name
    if field == "retention" and value in book.retentions:
        return book.retentions[value].label
    word = CODES.get(field, {}).get(value)
    return word.text if word else str(value)
