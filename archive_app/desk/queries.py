"""What stands beside the scan box: the day's scans, and the person or place in hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from archive_app.core import clock
from archive_app.desk import hands, placing
from archive_app.desk.answers import Answer
from archive_app.desk.models import DeskScan, Hand
from archive_app.loans import queries as loans
from archive_app.loans.models import Loan
from archive_app.people.models import User
from archive_app.stacks import queries as stacks
from archive_app.stacks.models import Place


@dataclass(frozen=True)
class Shown:
    """A scan with its answer, as the list shows it."""

    row: DeskScan
    answer: Answer


@dataclass(frozen=True)
class InHand:
    """The person at the desk, what was handed over today, and what is still on the shelf."""

    person: User
    held: list[Loan]
    waiting: list[Loan]


@dataclass(frozen=True)
class PlaceInHand:
    """The place that folders are being put into, and those that were put there this time."""

    place: Place
    code: str
    folders: list[str]


def last_scan(desk: str) -> Shown | None:
    """The newest scan of the desk."""
    rows = DeskScan.select().where(DeskScan.desk == desk)
    row = rows.order_by(
        DeskScan.at.desc(), DeskScan.id.desc()
    ).first()  # by the index, however many there are
    return shown(row) if row else None


def scans_of_today(desk: str, at: datetime, limit: int = 12) -> tuple[list[Shown], int]:
    """The newest scans of the desk since midnight, and how many there were."""
    today = clock.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = (DeskScan.desk == desk) & (DeskScan.at >= today)
    every: Any = DeskScan.alias()
    count = every.select(pw.fn.COUNT(every.id)).where((every.desk == desk) & (every.at >= today))
    rows = DeskScan.select(DeskScan, count.alias("count")).where(wanted).order_by(DeskScan.id.desc())
    found = list(rows.limit(limit))
    return [shown(row) for row in found], found[0].count if found else 0


def in_hand(desk: str, at: datetime) -> InHand | None:
    """The person in hand at the desk with the folders that concern them now."""
    return person_held(hands.of(desk), at)


def person_held(hand: Hand | None, at: datetime) -> InHand | None:
    """The person in hand with the folders that concern them now."""
    if hand is None or hand.person is None:
        return None
    recent = at - timedelta(hours=12)
    held, waiting = loans.of_person(hand.person_id, at)
    return InHand(hand.person, [loan for loan in held if loan.handed_at >= recent], waiting)


def place_in_hand(desk: str, at: datetime) -> PlaceInHand | None:
    """The place in hand at the desk with the folders shelved since it was scanned, newest first."""
    return place_held(hands.of(desk), at)


def place_held(hand: Hand | None, at: datetime) -> PlaceInHand | None:
    """The place in hand with the folders shelved since it was scanned, newest first."""
    place = placing.held(hand, at) if hand else None
    if hand is None or place is None:
        return None
    today = (DeskScan.desk == hand.desk) & (DeskScan.at > at - timedelta(hours=12))
    rows = DeskScan.select().where(today & DeskScan.undone_at.is_null())
    done = []
    for row in rows.order_by(DeskScan.id.desc()).limit(100):
        answer = Answer.from_json(row.answer)
        if row.undo == "shelve":
            done.append(answer.number)
        elif answer.chip[1] == placing.PLACE_CHIP:
            break  # the scan that took the place in hand
    return PlaceInHand(place, stacks.short_of(place), done)


def shown(row: DeskScan) -> Shown:
    """The scan with its stored answer."""
    return Shown(row, Answer.from_json(row.answer))
