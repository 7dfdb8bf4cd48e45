"""The demo room while it is being lived through: its texts, its people, what is registered so far."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from random import Random
from typing import Any

from archive_app import demo
from archive_app.demo.diary import Diary
from archive_app.people import service
from archive_app.people.actor import Actor
from archive_app.people.models import Department, User
from archive_app.records.models import Folder


@dataclass
class Room:
    """What every part of the seed needs; ``keyed`` finds folders by the key of room.toml.

    ``places`` finds the id of a place by the codes that lead to it.
    """

    words: dict[str, Any]
    diary: Diary
    departments: dict[str, Department] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    folders: list[Folder] = field(default_factory=list)
    keyed: dict[str, Folder] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    dice: Random = field(default_factory=lambda: Random(2026))
    scanned: int = 0

    def actor(self, name: str, at: datetime) -> Actor:
        """The person with this name as who acts."""
        return service.actor_of(self.people[name], at)

    def archivist(self, at: datetime) -> Actor:
        """The first person of the room whose title may register folders."""
        actors = (self.actor(name, at) for name in self.people)
        return next(actor for actor in actors if actor.can("folder.register"))


def words() -> dict[str, Any]:
    """The texts of the demo room."""
    return tomllib.loads((files(demo) / "room.toml").read_text("utf-8"))
