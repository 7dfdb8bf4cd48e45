"""What the tests of the pages of binding share: three folders, their volume, a second keeper."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from archive_app.core import clock
from archive_app.people import service as accounts
from archive_app.records.service import add_document, register_folder
from archive_app.volumes import queries, service
from archive_app.volumes.models import Volume
from tests.conftest import PASSWORD

YEAR = "/volumes/YW/2025"


@pytest.fixture
def paper(people, at):
    """Register a folder with its documents: (title, pages, what else is known)."""

    def make(title, *documents, category="YW", year=2025, secrecy="open"):
        folder = register_folder(
            category, year, title, secrecy=secrecy, department_id=people.departments["XS"].id,
            actor=people.archivist, at=at,
        )  # fmt: skip
        for number, (name, pages, more) in enumerate(documents, start=1):
            values = {"dated": date(year, 3, number)} | more
            add_document(folder.id, title=name, pages=pages, actor=people.archivist, at=at, **values)
        return folder

    return make


@pytest.fixture
def checker(people, at):
    """A second keeper, who checks what the archivist arranged."""
    user = accounts.create_user(
        "second",
        "罗佳",
        "档案管理员",
        PASSWORD,
        department=people.departments["ZB"],
        actor=people.admin,
        at=at,
    )
    return accounts.actor_of(user, at)


@pytest.fixture
def year(paper):
    """Three folders of 2025: a request with its reply, a report with an attachment, a letter."""
    return (
        paper(
            "质保期事项",
            ("关于延长质保期的请示", 3, {"part": "request", "group": "质保", "dated": date(2025, 8, 11)}),
            ("关于同意延长质保期的批复", 2, {"part": "reply", "group": "质保", "dated": date(2025, 9, 1)}),
        ),
        paper(
            "经营报告",
            ("年中经营报告", 6, {"group": "报告"}),
            ("附表", 4, {"part": "attachment", "group": "报告"}),
        ),
        paper("来往信函", ("询价函", 1, {}), ("报价函", 2, {}), ("回复函", 1, {})),
    )


@pytest.fixture
def volume(year, people, at):
    (made,) = service.propose("YW", 2025, actor=people.archivist, at=at)
    return made


def lines(volume):
    return queries.contents(Volume.get_by_id(volume.id))


def titles(volume):
    return [line.document.title for line in lines(volume)]


def item(volume, title):
    return next(line.item_id for line in lines(volume) if line.document.title == title)


def revision(volume):
    return Volume.get_by_id(volume.id).revision


@pytest.fixture
def bound(volume, people, checker, at, app, monkeypatch):
    """The volume bound at ten; what follows happens an hour later."""
    service.arrange(volume.id, actor=people.archivist, at=at)
    service.check_volume(volume.id, actor=checker, at=at)
    done = service.bind_now(volume.id, actor=people.archivist, at=at)
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(hours=1))
    return done
