"""Whatever people do in whatever order, nothing is lent beyond the rule (generated sequences).

The bounds are written here again, straight from the documents, and ask no rule book.
"""

from __future__ import annotations

import contextlib
from datetime import date, datetime, time, timedelta

import hypothesis
import pytest
from hypothesis import strategies as st

from archive_app.approvals import service as deciding
from archive_app.approvals.models import Approval, ApprovalStep, Decision
from archive_app.approvals.queries import waits_for
from archive_app.core import clock
from archive_app.core.audit import verify
from archive_app.core.db import db
from archive_app.core.errors import ArchiveError
from archive_app.loans import extending, service
from archive_app.loans.flow import ACTIVE
from archive_app.loans.models import Extension, Loan
from archive_app.people.models import User
from archive_app.people.service import actor_of
from archive_app.records.models import Folder
from archive_app.records.service import register_folder
from tests.conftest import AT

LEVELS = ("open", "secret", "confidential", "top_secret")
KINDS = ("consult", "loan", "photocopy", "excerpt")
WHO = ("borrower", "manager", "back_office", "director", "deputy_gm", "gm", "archivist")

people_of = st.sampled_from(WHO)
folders = st.integers(0, 3)
loans = st.integers(0, 5)
STEPS = st.one_of(
    st.tuples(st.just("request"), people_of, folders, st.sampled_from(KINDS)),
    st.tuples(st.just("decide"), people_of, loans, st.sampled_from(("granted", "granted", "refused"))),
    st.tuples(st.just("agree"), loans),
    st.tuples(st.just("give_out"), loans),
    st.tuples(st.just("extend"), loans),
    st.tuples(st.just("prolong"), loans),
    st.tuples(st.just("borrow"), people_of, folders, st.sampled_from(KINDS)),
    st.tuples(st.just("borrow"), people_of, st.integers(0, 1), st.sampled_from(("loan", "consult"))),
    st.tuples(st.just("give_back"), loans),
    st.tuples(st.just("time"), st.sampled_from((1, 30, 120, 300, 1440))),
    st.tuples(st.just("level"), folders, st.sampled_from(LEVELS)),
    st.tuples(st.just("title"), people_of, st.sampled_from(("业务员", "部门经理", "总经理"))),
)  # fmt: skip


class House:
    """The people acting one after the other on a clock of their own; what is refused is refused."""

    def __init__(self, people) -> None:
        self.people, self.at = people, AT
        self.folders = [
            register_folder(
                "HT", 2026, f"第 {n} 份", secrecy=level, department_id=people.departments["XS"].id,
                actor=people.archivist, at=AT - timedelta(days=1),
            ).id
            for n, level in enumerate(("open", "secret", "confidential", "open"))
        ]  # fmt: skip
        self.level_when_out: dict[int, str] = {}

    def actor(self, name):
        return actor_of(User.get(User.username == name), self.at)

    def act(self, verb, *what) -> None:
        with contextlib.suppress(ArchiveError):
            getattr(self, verb)(*what)

    def request(self, who, folder, kind):
        service.request_loan(
            self.folders[folder], kind, purpose="对账", undertaking=True, actor=self.actor(who), at=self.at
        )

    def decide(self, who, number, verdict):
        rows = list(Approval.select().where(Approval.state == "open").order_by(Approval.id))
        if rows:
            approval = rows[number % len(rows)]
            deciding.decide(approval.id, verdict, "看过", actor=self.actor(who), at=self.at)

    def agree(self, number):
        """All who can decide a question say yes, one after the other."""
        rows = list(Approval.select().where(Approval.state == "open").order_by(Approval.id))
        if not rows:
            return
        for _step in range(4):
            waiting = waits_for([rows[number % len(rows)].id], self.at)
            for approval, found in waiting.items():
                for each in found[:1]:
                    deciding.decide(approval, "granted", actor=self.actor(each.user.username), at=self.at)

    def borrow(self, who, folder, kind):
        """From the request to the hand-over, without a slip."""
        self.request(who, folder, kind)
        self.agree(-1)
        self.give_out(-1)

    def prolong(self, number):
        self.extend(number)
        self.agree(-1)

    def give_out(self, number):
        if loan := self._one(number, "approved"):
            keeper = self.people.archivist
            for verb in (service.hand_over, service.seat_reader):
                try:
                    verb(loan.id, actor=keeper, at=self.at)
                    self.level_when_out[loan.id] = Folder.get_by_id(loan.folder_id).secrecy
                    return
                except ArchiveError:
                    continue

    def extend(self, number):
        if loan := self._one(number, *ACTIVE):
            extending.ask_extension(loan.id, "没有看完", actor=self.actor(loan.borrower.username), at=self.at)

    def give_back(self, number):
        if loan := self._one(number, *ACTIVE):
            service.give_back(loan.id, actor=self.people.archivist, at=self.at)

    def time(self, minutes):
        self.at += timedelta(minutes=minutes)
        service.mark_overdue(self.at)
        extending.drop_late(self.at)

    def level(self, folder, level):
        Folder.update(secrecy=level).where(Folder.id == self.folders[folder]).execute()

    def title(self, who, title):
        User.update(title=title).where(User.username == who).execute()

    def _one(self, number, *states):
        rows = list(Loan.select().where(Loan.state.in_(states)).order_by(Loan.id))
        return rows[number % len(rows)] if rows else None


def closing(day: date) -> datetime:
    return datetime.combine(day, time(17, 30), tzinfo=clock.LOCAL)


def next_open(day: date) -> date:
    """The next opening day: these weeks have no holidays."""
    later = (day + timedelta(days=n) for n in range(1, 8))
    return next(each for each in later if each.weekday() < 5)


def last_moment(level: str, kind: str, handed: datetime, extensions: int) -> datetime:
    """Until when it may be kept at the very most, from the documents themselves."""
    day = clock.local_date(handed)
    if kind == "photocopy":
        return handed + timedelta(days=7 * (1 + extensions) if level == "open" else 1)
    if level == "secret":
        return min(handed + timedelta(hours=4), closing(day))  # 七.3: 不得超过4小时
    if kind == "loan" and extensions:
        return closing(next_open(day))
    return closing(day)  # 三.3: 当天借阅须当天归还


def check(house: House) -> None:
    away = [loan.folder_id for loan in Loan.select().where(Loan.state.in_(ACTIVE) & Loan.takes_folder)]
    assert len(away) == len(set(away)), "one folder is in two hands"
    for loan in Loan.select().where(Loan.handed_at.is_null(False)):
        level = house.level_when_out[loan.id]
        assert level != "top_secret"
        assert level != "confidential" or (loan.kind == "consult" and loan.seat)
        assert loan.extensions <= 1
        assert level == "open" or loan.kind == "photocopy" or loan.extensions == 0
        assert loan.due_at <= last_moment(level, loan.kind, loan.handed_at, loan.extensions)
        if level in ("secret", "confidential"):
            said = {row.role for row in decisions(loan.approval_id)}
            assert said & {"general_manager", "deputy_general_manager"}
    for row in Decision.select(Decision, ApprovalStep, Approval).join(ApprovalStep).join(Approval):
        assert row.user_id != row.step.approval.requester_id, "somebody decided for himself"
    for extension in Extension.select().where(Extension.state == "granted"):
        assert extension.closed_at <= extension.due_before, "a late loan was prolonged"


def decisions(approval_id):
    mine = (ApprovalStep.approval == approval_id) & (Decision.verdict == "granted")
    return Decision.select().join(ApprovalStep).where(mine)


@pytest.mark.requirement("SEC-01")
@pytest.mark.requirement("LOAN-01")
@pytest.mark.requirement("LOAN-02")
@pytest.mark.requirement("LOAN-08")
@hypothesis.settings(
    max_examples=20, deadline=None, derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)  # fmt: skip
@hypothesis.given(steps=st.lists(STEPS, min_size=15, max_size=30))
@hypothesis.example(steps=[
    ("request", "gm", 0, "loan"), ("give_out", 0), ("extend", 0), ("decide", "director", 0, "granted"),
    ("extend", 0), ("time", 1440), ("give_back", 0),
])  # fmt: skip
@hypothesis.example(steps=[
    ("request", "borrower", 1, "loan"), ("decide", "gm", 0, "granted"), ("level", 1, "confidential"),
    ("give_out", 0), ("level", 1, "secret"), ("give_out", 0), ("extend", 0), ("time", 300), ("give_back", 0),
])  # fmt: skip
def test_no_sequence_of_steps_lends_beyond_the_rule(people, steps):
    with db.atomic() as everything:
        house = House(people)
        for verb, *what in steps:
            house.act(verb, *what)
            check(house)
        assert verify() == []
        everything.rollback()
