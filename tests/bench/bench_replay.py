"""A year of loans replayed under other rule books: CPU seconds for 100,000 events (budget 10 s)."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from random import Random

from archive_app.core import clock
from archive_app.policy import Event, FolderFacts, Person, load_profile, replay
from tests.bench import Figure

EVENTS, BUDGET = 100_000, 10.0
BOOKS = ("default", "S09", "S14")
START = datetime(2026, 1, 5, 8, 0, tzinfo=clock.LOCAL)
KINDS = ("loan", "loan", "loan", "consult", "photocopy", "excerpt")
LEVELS = ("open",) * 6 + ("secret",) * 3 + ("confidential",)


def run() -> list[Figure]:
    """One figure a book; what was found is printed, so that nobody measures an empty loop."""
    events, figures = year(EVENTS), []
    for name in BOOKS:
        book = load_profile(name)
        began = time.process_time()
        found = replay(book, events, now=START + timedelta(days=400))
        used = time.process_time() - began
        print(
            f"{name}: {used:.1f} s CPU, {found.changed} of {found.events} differ, {len(found.groups)} groups"
        )
        words = f"replay of {EVENTS:,} loans under {name}, CPU"
        figures.append(Figure(words, f"≤ {BUDGET:.0f} s", f"{used:.1f} s", used <= BUDGET))
    return figures


def year(number: int) -> list[Event]:
    """Loans of 400 people and 20,000 folders over a year, at any minute of the day."""
    chance = Random(4)
    titles = sorted(load_profile("default").titles)
    people = [
        Person(frozenset(), chance.choice(titles), chance.choice("甲乙丙丁"), f"u{n}", user_id=n)
        for n in range(400)
    ]
    folders = [
        FolderFacts(
            f"HT-2026-{n:05d}", "HT", chance.choice(LEVELS), chance.choice(("", "部门级", "个人级")),
            chance.choice("甲乙丙丁"), manager=chance.randrange(400),
        )
        for n in range(20_000)
    ]  # fmt: skip
    return [_event(n, chance, people, folders) for n in range(number)]


def _event(number: int, chance: Random, people: list[Person], folders: list[FolderFacts]) -> Event:
    handed = START + timedelta(days=chance.randrange(360), seconds=chance.randrange(10 * 3600))
    agreed = chance.sample(("general_manager", "office_director", "department_manager"), chance.randrange(3))
    return Event(
        number=f"{number}", person=chance.choice(people), folder=chance.choice(folders),
        kind=chance.choice(KINDS), handed_at=handed,
        due_at=handed + timedelta(hours=chance.choice((1, 4, 8))),
        returned_at=handed + timedelta(minutes=chance.randrange(900)), agreed=frozenset(agreed),
    )  # fmt: skip
