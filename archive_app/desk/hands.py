"""What is in hand at a desk: a person, a place, or a folder that waits for either."""

from __future__ import annotations

from datetime import datetime

import peewee as pw

from archive_app.desk.models import Hand
from archive_app.people.models import Department, User


def of(desk: str) -> Hand | None:
    """What is in hand at a desk, with the person and the person's department, in one query."""
    return (
        Hand.select(Hand, User, Department)
        .join(User, pw.JOIN.LEFT_OUTER)
        .join(Department, pw.JOIN.LEFT_OUTER, on=(User.department == Department.id))
        .where(Hand.desk == desk)
        .first()
    )


def person_in(desk: str) -> User | None:
    """The person in hand."""
    hand = of(desk)
    return hand.person if hand else None


def take(
    desk: str,
    at: datetime,
    *,
    person: User | None = None,
    folder: int | None = None,
    place: int | None = None,
) -> None:
    """Take one of them in hand; what was in hand before is put down."""
    values = {Hand.person: person, Hand.folder: folder, Hand.place: place, Hand.since: at}
    row = Hand.insert({Hand.desk: desk} | values)
    row.on_conflict(conflict_target=[Hand.desk], update=values).execute()


def put_down(desk: str) -> None:
    """Nothing is in hand any more."""
    Hand.delete().where(Hand.desk == desk).execute()
