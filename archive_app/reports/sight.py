"""Whose eyes a register is for: titles of levels that they may not know are withheld, numbers stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.people import rulebook, service
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.policy import RuleBook
from archive_app.records.models import Folder
from archive_app.records.queries import among, person_of

ALL = "*"


@dataclass(frozen=True)
class Sight:
    """What may be named: all (both None), folders of some levels, or what one person may know of.

    ``text`` is the sight as a key of the register of prints carries it: ``*``, ``open.secret``, ``@12``.
    """

    text: str
    levels: frozenset[str] | None = None
    actor: Actor | None = None

    def withheld(self, rows: Iterable[Any], at: datetime) -> set[int]:
        """Ids of the folders whose titles must not be named; rows have ``folder_id`` and ``secrecy``."""
        found = {row.folder_id: row.secrecy for row in rows}
        if self.levels is not None:
            return {folder for folder, level in found.items() if level not in self.levels}
        if self.actor is None or not found:
            return set()
        known: Any = Folder.select(Folder.id).where(among(list(found), self.actor, at))
        return set(found) - {folder for (folder,) in known.tuples()}


def knows_all(actor: Actor, book: RuleBook) -> bool:
    """Whether the person may know of folders of every level, whoever made them."""
    scope = book.scope(person_of(actor), "know")
    return scope.levels >= set(book.levels) and not scope.by_tier


def sight_of(actor: Actor, at: datetime) -> Sight:
    """What this person may be told."""
    book = rulebook.current(at, actor.unit_id).book
    return Sight(ALL) if knows_all(actor, book) else Sight(f"@{actor.user_id}", actor=actor)


def sight_for(actors: Iterable[Actor], at: datetime, unit: int) -> Sight:
    """What all these people may be told: the levels that each of them may know in full."""
    book, people = rulebook.current(at, unit).book, list(actors)
    if all(knows_all(actor, book) for actor in people):
        return Sight(ALL)
    scopes = [book.scope(person_of(actor), "know") for actor in people]
    common = set(book.levels).intersection(*(scope.levels for scope in scopes))
    if any(scope.by_tier for scope in scopes):
        common = set()
    return Sight(".".join(code for code in book.levels if code in common) or "-", frozenset(common))


def read(text: str, at: datetime) -> Sight:
    """The sight of a key. Raises NotFound: the person is gone."""
    if text == ALL:
        return Sight(ALL)
    if not text.startswith("@"):
        return Sight(text, frozenset(text.split(".")))
    user = User.get_or_none((User.id == int(text[1:])) & User.active)
    if user is None:
        raise NotFound(_("没有这份登记簿。"))
    return Sight(text, actor=service.actor_of(user, at))


def covers(text: str, actor: Actor, at: datetime) -> bool:
    """Whether a print made for this sight tells the person nothing that he may not know."""
    book = rulebook.current(at, actor.unit_id).book
    if actor.is_system or knows_all(actor, book):
        return True  # the house makes the monthly list; nobody can sign in as it
    if text.startswith("@"):
        return text == f"@{actor.user_id}"
    scope = book.scope(person_of(actor), "know")
    return text != ALL and not scope.by_tier and scope.levels >= set(text.split(".")) - {"-"}
