"""What is kept is in Chinese, whatever language the screen of the person speaks who did it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from archive_app.alarms import watching as alarms
from archive_app.approvals import service as approvals
from archive_app.approvals import watching
from archive_app.core import i18n
from archive_app.core.db import db
from archive_app.loans import extending, reminding, room
from archive_app.loans import service as loans
from archive_app.people import rulebook
from archive_app.people import service as people_service
from archive_app.revisions import service as revisions
from tests.lending import wall

pytest_plugins = ["tests.lending"]
FOREIGN = "ENGLISH "


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A screen on which every text of the program is foreign."""
    monkeypatch.setattr(i18n, "_translate", lambda text: FOREIGN + text)
    yield


def foreign() -> set[tuple[str, str]]:
    """Table and column of every kept text that a screen has coloured."""
    found = set()
    for table in db.obj.get_tables():
        for column in db.obj.get_columns(table):
            if column.data_type.upper().startswith(("VARCHAR", "TEXT", "CHAR")):
                sql = f'SELECT COUNT(*) FROM "{table}" WHERE "{column.name}" LIKE ?'
                if db.obj.execute_sql(sql, (f"%{FOREIGN}%",)).fetchone()[0]:
                    found.add((table, column.name))
    return found


def test_a_loan_with_its_extension_notices_and_alarms(english, people, at, folder, approved, desk):
    asked = approved(kept=folder("secret"))
    desk.hand(asked, wall(10))
    loans.undo_hand_over(asked.id, "拿错了", actor=people.archivist, at=wall(10))
    desk.hand(asked, wall(10))
    opened = desk.hand(approved("open"), wall(10))
    extension = extending.ask_extension(opened.id, "还没看完", actor=people.borrower, at=wall(11))
    reminding.remind(wall(13, 30))
    approvals.decide(extension.approval_id, "refused", "有人在等", actor=people.director, at=wall(14))
    extending.ask_extension(opened.id, "还没看完", actor=people.borrower, at=wall(15))
    desk.back(opened, wall(16))
    approved(kept=asked.folder, who=people.colleague)
    desk.back(asked, wall(16))
    loans.undo_give_back(asked.id, "扫错了", actor=people.archivist, at=wall(16))
    seated = desk.seat(approved("confidential", "consult"), wall(16))
    room.sign_out(seated.session, left=True, reason="叫不住", actor=people.archivist, at=wall(16, 10))
    waiting = loans.request_loan(
        folder("secret").id, "loan", purpose="对账", undertaking=True, actor=people.borrower, at=wall(16)
    )
    for person in (people.gm, people.deputy_gm):
        people_service.deactivate(person.user_id, "离职", actor=people.admin, at=wall(16))
    watching.watch(wall(16) + timedelta(days=5))
    reminding.tell_digests(wall(16, day=20))
    alarms.watch(wall(16, day=20))
    loans.withdraw(waiting.id, actor=people.borrower, at=wall(16, day=20))
    assert foreign() == set()


def test_a_new_rule_book(english, people, at):
    text = rulebook.current(at).book.text.replace("failures = 5", "failures = 3")
    row = revisions.draft(text, "三次就锁定", actor=people.admin, at=at)
    revisions.propose(row.id, actor=people.admin, at=at)
    revisions.withdraw(row.id, actor=people.admin, at=at)
    row = revisions.draft(text, "三次就锁定", actor=people.admin, at=at)
    row = revisions.propose(row.id, actor=people.admin, at=at)
    later = at + timedelta(minutes=1)
    revisions.refresh(row.id, actor=people.admin, at=later)
    row = revisions.propose(row.id, actor=people.admin, at=later)
    approvals.expire(row.approval_id, at=later)
    assert foreign() == set()
