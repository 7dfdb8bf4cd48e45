"""People, folders and moments that the tests of the rule book share."""

from __future__ import annotations

from datetime import UTC, datetime

from archive_app.core import clock
from archive_app.policy import FolderFacts, Person, RuleBook, load_profile

BOOK: RuleBook = load_profile("default")


def at(text: str) -> datetime:
    """An office moment such as ``2026-11-19 14:32`` as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.LOCAL).astimezone(UTC)


def person(title: str, department: str = "销售部", ends: datetime | None = None) -> Person:
    """A person with the roles of a title."""
    return Person(BOOK.roles_of(title), title, department, title, ends)


def folder(level: str, department: str = "销售部", **more: str) -> FolderFacts:
    """A folder of a level, made by a department."""
    return FolderFacts("HT-2026-0012", "HT", level, department=department, **more)


THURSDAY = at("2026-11-19 14:32")
