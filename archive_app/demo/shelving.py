"""Where the demo room's folders stand: places are set up as they are first needed, then filled."""

from __future__ import annotations

import re
from datetime import datetime

from archive_app.demo.room import Room
from archive_app.records.models import Folder
from archive_app.stacks import service

_WAY = re.compile(r"(?P<room>\S+) (?P<cabinet>\S+) 柜 (?P<shelf>\S+) 格 盒 (?P<box>\S+)")
WIDTHS_MM = {"cabinet": 900, "shelf": 850, "box": 50}


def stand(here: Room, folder: Folder, way: str, at: datetime) -> None:
    """Put a folder into the box that ``way`` (一号库房 A01 柜 2 格 盒 04) names."""
    box = place(here, way, at)
    service.shelve(box, [("folder", folder.id)], via="screen", actor=here.archivist(at), at=at)


def place(here: Room, way: str, at: datetime) -> int:
    """The id of the box that ``way`` names, set up with all above it when it is not there."""
    match = _WAY.fullmatch(way)
    assert match, way
    above: int | None = None
    so_far = ""
    for kind, code in match.groupdict().items():
        so_far += f"/{code}"
        if so_far not in here.places:
            name = code if kind == "room" else ""
            here.places[so_far] = service.add_place(
                kind, "1" if kind == "room" else code, above, name=name, width_mm=WIDTHS_MM.get(kind),
                actor=here.archivist(at), at=at,
            ).id  # fmt: skip
        above = here.places[so_far]
    assert above
    return above
