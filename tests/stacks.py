"""What the tests of the stacks share: a furnished room and folders to put into it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from archive_app.records import service as records
from archive_app.records.models import Folder
from archive_app.stacks import service


@pytest.fixture
def stacks(people, at):
    """One room, two cabinets of three shelves, two boxes on shelf A01-1; ``folder()`` registers one."""
    keeper = {"actor": people.archivist, "at": at}
    room = service.add_place("room", "K1", name="一号库房", **keeper)
    cabinets = service.add_places("cabinet", "A01", room.id, 2, **keeper)
    shelves = [
        service.add_places("shelf", "1", cabinet.id, 3, width_mm=800, **keeper) for cabinet in cabinets
    ]
    boxes = service.add_places("box", "01", shelves[0][0].id, 2, width_mm=40, **keeper)

    def folder(secrecy="open", title="购销合同", category="HT", year=2026, place=""):
        return records.register_folder(
            category, year, title, secrecy=secrecy, place=place,
            department_id=people.departments["XS"].id, **keeper,
        )  # fmt: skip

    def words(folder):
        return Folder.get_by_id(folder.id).place

    return SimpleNamespace(
        words=words, room=room, cabinets=cabinets, shelves=shelves, boxes=boxes, keeper=keeper, folder=folder
    )
