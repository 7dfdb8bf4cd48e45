"""What the tests of lending share: folders, requests, a desk, the office's wall clock, a form to post."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from archive_app.core import clock
from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Refused
from archive_app.loans import service
from archive_app.loans.models import Loan
from archive_app.records.models import Folder
from archive_app.records.service import register_folder

LEVEL = "销售客户档案管理制度 七.3"


@pytest.fixture
def folder(people, at):
    """Register a folder of a level, made by a department."""

    def make(secrecy="secret", department="XS", title="无锡恒泰机电客户资信档案"):
        return register_folder(
            "HT", 2026, title, secrecy=secrecy, place="A 柜 3 格",
            department_id=people.departments[department].id, actor=people.archivist, at=at,
        )  # fmt: skip

    return make


@pytest.fixture
def ask(at):
    def request(folder, actor, kind="loan", **more):
        values = {"purpose": "年度对账", "undertaking": True} | more
        return service.request_loan(folder.id, kind, actor=actor, at=at, **values)

    return request


@pytest.fixture
def decide(at):
    def say(loan, actor, verdict="granted", reason="", at=at, **more):
        return service.decide_loan(loan.id, verdict, reason, actor=actor, at=at, **more)

    return say


def actions():
    return [event.action for event in AuditEvent.select().order_by(AuditEvent.seq)]


def last_event(action):
    return AuditEvent.select().where(AuditEvent.action == action).order_by(AuditEvent.seq.desc()).first()


@pytest.fixture
def approved(people, at, folder):
    """A request that has gone through its chain."""

    def make(secrecy="secret", kind="loan", who=None, kept=None, at=at):
        kept = kept or folder(secrecy)
        loan = service.request_loan(
            kept.id, kind, purpose="续约谈判", undertaking=True, actor=who or people.borrower, at=at
        )
        for person in (people.manager, people.back_office, people.director, people.deputy_gm):
            if Loan.get_by_id(loan.id).state == "requested":
                try:
                    service.decide_loan(loan.id, "granted", actor=person, at=at)
                except Refused:
                    continue
        assert Loan.get_by_id(loan.id).state == "approved"
        return loan

    return make


@pytest.fixture
def desk(people):
    class Desk:
        def hand(self, loan, at):
            return service.hand_over(loan.id, actor=people.archivist, at=at)

        def seat(self, loan, at, seat=None):
            return service.seat_reader(loan.id, seat, actor=people.archivist, at=at)

        def back(self, loan, at, **more):
            return service.give_back(loan.id, actor=people.archivist, at=at, **more)

    return Desk()


def wall(hour, minute=0, day=19):
    return datetime(2026, 11, day, hour, minute, tzinfo=clock.LOCAL)


def custody(loan):
    folder = Folder.get_by_id(loan.folder_id)
    return folder.custody, folder.holder


def snapshot(loan):
    return Loan.select().where(Loan.id == loan.id).dicts().get(), Folder.select().where(
        Folder.id == loan.folder_id
    ).dicts().get()


@pytest.fixture
def post(client):
    """Post a form with its CSRF token, taken from the page at ``page`` (or the address itself)."""

    def send(path, page=None, **values):
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page or path).text)
        assert found, "the page has no form"
        return client.post(path, data={"csrf_token": found[1]} | values)

    return send


def asked(folder, actor, at, kind="loan"):
    return service.request_loan(
        folder.id, kind, purpose="年度对账与续约谈判", undertaking=True, actor=actor, at=at
    )


def words(page):
    """The text of a page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
