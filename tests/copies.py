"""What the tests of photocopies share: making one, an approved photocopy, the scanner of the desk."""

from __future__ import annotations

import pytest

from archive_app.desk import service as desk_service
from archive_app.desk.answers import Answer
from archive_app.loans import copies
from archive_app.printing.barcode import payload
from archive_app.records.service import edit_folder, get_folder

GUIDE = "公司客户档案建档及管理规范 三.3"  # S45: what LOAN-09 and LOAN-11 quote


@pytest.fixture
def make(people, at):
    def copy(folder, **more):
        return copies.make(folder.id, actor=people.archivist, at=at, **{"pages": 6} | more)

    return copy


@pytest.fixture
def photocopy(approved, people):
    """An approved request for a photocopy of an open folder."""
    return approved("open", "photocopy", who=people.borrower)


@pytest.fixture
def scan(people, at):
    count = iter(range(1, 1000))

    def send(kind, row, at=at):
        text = payload(kind, row.id)
        done = desk_service.scan(
            text, desk="前台", request_id=f"r{next(count)}", actor=people.archivist, at=at
        )
        return done, Answer.from_json(done.answer)

    return send


def raise_secrecy(folder, level, people, at):
    changes, revision = {"secrecy": level}, get_folder(folder.id).revision
    return edit_folder(folder.id, changes, "定密审查", revision, actor=people.archivist, at=at)
