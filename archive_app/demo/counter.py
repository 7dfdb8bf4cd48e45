"""What else lies at the counter today: a basket to decide, an extension, kept copies, a loss and a damage."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from archive_app.demo.room import Room
from archive_app.loans import copies, extending, incidents, service
from archive_app.loans.models import Loan
from archive_app.notices import service as notices
from archive_app.people import service as people


def plan(here: Room) -> None:
    """Write the scenes of `[counter]` in room.toml into the diary."""
    words, diary = here.words["counter"], here.diary
    diary.note(diary.day(1, 9, 10), partial(_overseers, here))
    for number, row in enumerate(words["copies"]):
        diary.note(diary.day(12, 10, number), partial(_copies, here, row))
    diary.note(diary.day(9, 15, 40), partial(_damage, here, words["damage"]))
    diary.note(diary.day(2, 16, 5), partial(_missing, here, words["missing"]))
    for back in range(1, 30):
        diary.note(diary.day(back, 17, 20), partial(_read, here))
    diary.note(diary.now - timedelta(minutes=26), partial(_basket, here, words["basket"]))
    diary.note(diary.now - timedelta(minutes=9), partial(_extension, here, words["extension"]))


def _overseers(here: Room, at: datetime) -> None:
    """Which officer is in charge of which department (分管)."""
    manager = next(here.actor(name, at) for name in here.people if here.actor(name, at).can("people.manage"))
    for code, name in here.words["overseers"].items():
        people.set_overseer(here.departments[code].id, here.people[name].id, actor=manager, at=at)


def _read(here: Room, at: datetime) -> None:
    """At the end of the day everybody has read what they were told."""
    for name in here.people:
        notices.read_all(actor=here.actor(name, at), at=at)


def _copies(here: Room, row: dict[str, str], at: datetime) -> None:
    """Copies of what is often asked for, kept for lending."""
    folder = here.keyed[row["folder"]]
    copies.make(
        folder.id, pages=int(row["pages"]), extent=row["extent"], remark=row["remark"],
        actor=here.archivist(at), at=at,
    )  # fmt: skip


def _damage(here: Room, row: dict[str, str], at: datetime) -> None:
    """A damage of last week: reported, approved, mended."""
    keeper = here.archivist(at)
    found = incidents.report(
        "damage", folder_id=here.keyed[row["folder"]].id, pages=1, facts=row["facts"], actor=keeper, at=at
    )
    decider = here.actor(row["decider"], at)
    incidents.decide(found.id, "granted", "", actor=decider, at=at + timedelta(hours=1))

    def settle(at: datetime) -> None:
        incidents.settle(found.id, row["settlement"], measure="repaired", actor=here.archivist(at), at=at)

    here.diary.note(at + timedelta(days=1), settle)


def _missing(here: Room, row: dict[str, str], at: datetime) -> None:
    """A page that is missing, waiting for a decision."""
    incidents.report(
        "missing_pages", folder_id=here.keyed[row["folder"]].id, pages=1, facts=row["facts"],
        actor=here.archivist(at), at=at,
    )  # fmt: skip


def _basket(here: Room, row: dict[str, str], at: datetime) -> None:
    """Several folders asked for at once."""
    items = [(here.keyed[key].id, kind) for key, kind in zip(row["folders"], row["kinds"], strict=True)]
    service.request_loans(
        items, purpose=row["purpose"], purpose_class=row["purpose_class"], reason=row["reason"],
        undertaking=True, actor=here.actor(row["borrower"], at), at=at,
    )  # fmt: skip


def _extension(here: Room, row: dict[str, str], at: datetime) -> None:
    """A reader who needs the folder until tomorrow."""
    loan = Loan.get((Loan.folder == here.keyed[row["folder"]].id) & (Loan.state == "out"))
    extending.ask_extension(loan.id, row["reason"], actor=here.actor(row["borrower"], at), at=at)
