"""How the demo room closed last year: one category bound and boxed, one half done, the others proposed."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from archive_app.core import clock
from archive_app.core.errors import Refused
from archive_app.demo import shelving
from archive_app.demo.room import Room
from archive_app.people.actor import Actor
from archive_app.volumes import service
from archive_app.volumes.models import Volume

SEASON = (1, 19)
"""Month and day on which the room began to bind last year."""
UNSCANNED = "先装订，扫描排在第二季度"
BOXES = "一号库房 C01 柜 1 格 盒 {n:02d}"


def plan(here: Room) -> None:
    """Write the yearly binding into the diary, if its season has come."""
    now = clock.local(here.diary.now)
    season = now.replace(month=SEASON[0], day=SEASON[1], hour=9, minute=30, second=0, microsecond=0)
    if season + timedelta(days=7) > now:
        return
    here.diary.note(here.diary.in_hours(season), partial(_close, here, "YW", now.year - 1))
    later = here.diary.in_hours(season + timedelta(days=2))
    here.diary.note(later, partial(_prepare, here, "HT", now.year - 1))


def _close(here: Room, category: str, year: int, at: datetime) -> None:
    """Propose, arrange, check by the second person, bind, box."""
    for number, volume in enumerate(_prepare(here, category, year, at), start=1):
        if volume.state != "checked":
            continue
        service.bind_now(volume.id, actor=here.archivist(at), at=at + timedelta(minutes=20))
        box = shelving.place(here, BOXES.format(n=number), at)
        service.box(volume.id, box, actor=here.archivist(at), at=at + timedelta(minutes=90))


def _prepare(here: Room, category: str, year: int, at: datetime) -> list[Volume]:
    """Propose and arrange all volumes of the year, and have the first ones checked."""
    checker = here.actor(here.words["last_year"]["checker"], at)
    volumes = service.propose(category, year, actor=here.archivist(at), at=at)
    with suppress(Refused):  # nothing is held back
        service.accept_all(category, year, "no_scan", UNSCANNED, actor=here.archivist(at), at=at)
    for volume in volumes[:-1] or volumes:
        service.arrange(volume.id, actor=here.archivist(at), at=at)
        _check(volume, checker, at + timedelta(minutes=15))
    return [Volume.get_by_id(volume.id) for volume in volumes]


def _check(volume: Volume, checker: Actor, at: datetime) -> None:
    """Check what can be checked; what is held back stays arranged, as it would in a real room."""
    with suppress(Refused):
        service.check_volume(volume.id, actor=checker, at=at)
