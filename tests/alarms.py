"""What the tests of alarms share: a security officer, secret folders, attempts, guesses, uses of accounts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.alarms import watching
from archive_app.alarms.models import Alarm
from archive_app.core.errors import Refused
from archive_app.core.work import work
from archive_app.notices.models import Notice
from archive_app.people import service as people_service
from archive_app.people import sign_in, uses
from archive_app.records.service import register_folder
from tests.conftest import PASSWORD
from tests.lending import wall

SECURITY = ("保密员", "ZB")


@pytest.fixture
def room(people, at):
    """The archive with a security officer; what happened while it was set up is looked at already."""
    title, code = SECURITY
    user = people_service.create_user(
        "guard", "方慧", title, PASSWORD, department=people.departments[code], actor=people.admin, at=at
    )
    people.guard = people_service.actor_of(user, at)
    watching.watch(at)
    Notice.delete().execute()
    return people


@pytest.fixture
def folders(people, at):
    """Many secret folders of the sales department."""

    def make(n, secrecy="secret"):
        return [
            register_folder(
                "HT", 2026, f"密件标题{i}", secrecy=secrecy, department_id=people.departments["XS"].id,
                actor=people.archivist, at=at,
            )
            for i in range(n)
        ]  # fmt: skip

    return make


def refuse(actor, at, code="consult.top_secret", clause="七.2", endpoint="loans.request_page"):
    with work(actor, at) as w:
        w.note("refusal", ("user_account", str(actor.user_id)), code=code, clause=clause, endpoint=endpoint)


def guess(name, at, address="10.0.0.7", password="nonsense-1"):
    with pytest.raises(Refused):
        sign_in.sign_in(name, password, at, address=address)


def alarms():
    return list(Alarm.select().order_by(Alarm.id))


def minute(n, hour=10):
    return wall(hour) + timedelta(minutes=n)


def use(who, address, at, agent="Firefox"):
    uses._written.clear()
    uses.note_use(who, address, agent, at)
