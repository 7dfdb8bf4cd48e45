"""Fill an empty archive with a believable room: people, folders, scans and loans, all by the real verbs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from archive_app.core import clock
from archive_app.core.db import db
from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.demo import binding, counter, holdings, lending, room
from archive_app.demo.diary import Diary
from archive_app.demo.room import Room
from archive_app.people import queries, rulebook, service
from archive_app.people.actor import system
from archive_app.scans import pipeline

# One for all demo people; the sign-in page needs it only when somebody types a name.
PASSWORD = "demo-room-2026"
PROFILE = "default"
HISTORY = timedelta(days=600)
PAGES_AT_MOST = 200


def run(*, at: datetime, progress: Callable[[str], object] = print, ocr_now: bool = False) -> Room:
    """Found the demo company and live through its last two years up to ``at``.

    Scanned pages wait for the worker, which reads them at about 5 s of CPU a page, unless ``ocr_now``.
    Raises Refused: demo.not_empty.
    """
    if queries.company() is not None:
        raise Refused(
            "demo.not_empty",
            _("档案库里已有数据，不能再装演示数据。没有改动任何记录。"),
            next_step=_("请换一个空的数据库（DATABASE_URL）。"),
        )
    with db.atomic():  # all or nothing: a seed that is interrupted leaves the archive empty
        here = found(at - HISTORY - timedelta(days=1), at)
        progress(_("%(company)s：%(n)s 人", company=here.words["company"]["name"], n=len(here.people)))
        holdings.plan(here)
        lending.plan(here)
        counter.plan(here)
        binding.plan(here)
        _plan_deputation(here)
        _plan_opening(here)
        here.diary.live()
    progress(_("档案 %(n)s 份，扫描件 %(p)s 页", n=len(here.folders), p=here.scanned))
    if ocr_now:
        progress(_("识别扫描件……"))
        pipeline.work_queue(PAGES_AT_MOST, at)
    return here


def found(founded: datetime, now: datetime) -> Room:
    """Company, rule book, departments and people of the demo, in an empty and migrated archive."""
    words, house = room.words(), system()
    company, text = words["company"], rulebook.profile_text(PROFILE)
    unit = service.create_unit(
        company["unit"], company["fonds_code"], company["name"], phone=company["phone"],
        actor=house, at=founded,
    )  # fmt: skip
    rulebook.adopt(text, PROFILE, actor=house, at=founded, unit=unit)
    here = Room(words, Diary(rulebook.current(founded).book, now))
    for code, name in words["departments"].items():
        here.departments[code] = service.create_department(code, name, actor=house, at=founded)
    for username, person in words["people"].items():
        here.people[person["name"]] = service.create_user(
            username, person["name"], person["title"], PASSWORD, phone=person["phone"], demo=True,
            department=here.departments[person["department"]], actor=house, at=founded,
        )  # fmt: skip
    return here


def _plan_deputation(here: Room) -> None:
    """The general manager is away and deputised in writing."""
    paper, starts = here.words["deputation"], here.diary.day(1, 8, 35)

    def deputise(at: datetime) -> None:
        principal, deputy = here.people[paper["principal"]], here.people[paper["deputy"]]
        service.deputise(
            principal.id, deputy.id, paper["actions"], starts, here.diary.now + timedelta(days=paper["days"]),
            paper["reference"], actor=here.actor(paper["principal"], at), at=at,
        )  # fmt: skip

    here.diary.note(starts, deputise)


def _plan_opening(here: Room) -> None:
    """Whoever tries the demo at night or on a Sunday finds the room open: a second version of the rules."""
    if here.diary.book.is_open(here.diary.now):
        return
    midnight = clock.local(here.diary.now).replace(hour=0, minute=0, second=0, microsecond=0)

    def adopt(at: datetime) -> None:
        text = open_all_day(rulebook.profile_text(PROFILE))
        director = here.actor(here.words["deputation"]["deputy"], at)
        rulebook.adopt(text, PROFILE, actor=director, at=at, effective_from=midnight)

    here.diary.note(here.diary.day(1, 17, 5), adopt)


def open_all_day(text: str) -> str:
    """The rule book with the room open on every day from 00:00 to 23:59."""
    text = re.sub(r"(?m)^(\w+day|hours) = \[.*\]$", r'\1 = ["00:00-23:59"]', text)
    return re.sub(r"\[\[due\.closed\]\]\n(?:.+\n)+", "", text)
