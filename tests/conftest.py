"""Fixtures of the house: a fresh archive, its people, the office hour, and a browser-less client."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import hypothesis
import peewee as pw
import pytest
from flask import Flask

pytest.register_assert_rewrite("tests.lending", "tests.alarms", "tests.copies", "tests.web.binding")

from archive_app.core import clock, db, jobs, migrate, storage
from archive_app.people import rulebook, service
from archive_app.people.actor import system
from tests.postgres import cluster

# A loaded machine is slow, not wrong.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT.parent / "shared" / "pages"
# A Thursday in the open hours of the default rule book.
AT = datetime(2026, 11, 19, 10, 0, tzinfo=clock.LOCAL)
PASSWORD = "纸在柜里-影在库里-1"
# The database, queue and store that the fixtures have opened stay as they are.
TESTING = {
    "TESTING": True,
    "SECRET_KEY": "test",
    "DATABASE_URL": None,
    "QUEUE_URL": None,
    "STORAGE_URL": None,
    "DEMO": False,
    "RATELIMIT_ENABLED": False,
}
DEPARTMENTS = {"ZB": "总经理办公室", "XS": "销售部", "KF": "客户服务部", "NQ": "内勤部"}
# one person for each role: username -> (name, title, department)
PEOPLE = {
    "archivist": ("陈静宜", "档案管理员", "ZB"),
    "borrower": ("王静娟", "客户经理", "XS"),
    "colleague": ("孙丽", "客户经理", "KF"),
    "manager": ("林志远", "销售部经理", "XS"),
    "back_office": ("许明", "内勤部经理", "NQ"),
    "director": ("吴文清", "总经理办公室主任", "ZB"),
    "deputy_gm": ("沈慧敏", "分管副总经理", "ZB"),
    "gm": ("周建国", "总经理", "ZB"),
    "supervisor": ("何秀兰", "监销人", "KF"),
    "auditor": ("郑凯", "审计", "ZB"),
    "admin": ("赵晓彤", "系统管理员", "ZB"),
}


def found_archive() -> SimpleNamespace:
    """An archive unit with the default rule book and one person for each role, in the open database."""
    house = system()
    text = rulebook.profile_text("default")
    unit = service.create_unit("总经理办公室档案室", "Z01", "上海恒远机械设备有限公司", actor=house, at=AT)
    rulebook.adopt(text, "default", actor=house, at=datetime(2025, 1, 1, tzinfo=clock.LOCAL), unit=unit)
    departments = {
        code: service.create_department(code, name, actor=house, at=AT) for code, name in DEPARTMENTS.items()
    }
    users = {
        username: service.create_user(
            username, name, title, PASSWORD, department=departments[code], actor=house, at=AT
        )
        for username, (name, title, code) in PEOPLE.items()
    }
    actors = {username: service.actor_of(user, AT) for username, user in users.items()}
    return SimpleNamespace(
        unit=unit, departments=departments, users=SimpleNamespace(**users), **actors, by_name=actors
    )


@pytest.fixture(scope="session")
def template_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated and founded SQLite archive, made once; every test gets a copy."""
    path = tmp_path_factory.mktemp("template") / "archive.db"
    db.connect(f"sqlite:///{path}")
    migrate.up()
    found_archive()
    db.db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.db.close()
    return path


@contextmanager
def opened_copy(template: Path, folder: Path) -> Iterator[pw.Database]:
    """A copy of a SQLite archive in a folder, opened with a queue and a store of its own."""
    path = folder / "archive.db"
    shutil.copy(template, path)
    real = db.connect(f"sqlite:///{path}")
    real.connect(reuse_if_open=True)
    # Tests need no power-cut safety, and the disk of a CI machine is slow.
    real.execute_sql("PRAGMA synchronous=OFF")
    jobs.open_queue("memory:")
    storage.open_storage(str(folder / "store"))
    try:
        yield real
    finally:
        if not real.is_closed():
            real.close()


@pytest.fixture
def archive(tmp_path: Path, template_db: Path) -> Iterator[SimpleNamespace]:
    """A fresh archive in a file of its own, with queue and store beside it; the database is open."""
    with opened_copy(template_db, tmp_path):
        path = tmp_path / "archive.db"
        os.environ["ARCHIVE_TEST_URL"] = url = f"sqlite:///{path}"
        yield SimpleNamespace(url=url, path=path, store=tmp_path / "store")


@pytest.fixture
def people(archive: SimpleNamespace) -> SimpleNamespace:
    """The people of `archive`: one Actor for each role by username, and ``users`` as rows."""
    return people_there()


def people_there() -> SimpleNamespace:
    """The people of the open database, as the fixture `people` gives them."""
    from archive_app.people.models import ArchiveUnit, Department, User

    users = {user.username: user for user in User.select()}
    actors = {name: service.actor_of(user, AT) for name, user in users.items()}
    departments = {row.code: row for row in Department.select()}
    return SimpleNamespace(
        unit=ArchiveUnit.get(),
        departments=departments,
        users=SimpleNamespace(**users),
        **actors,
        by_name=actors,
    )


@pytest.fixture
def at() -> datetime:
    """Thursday 2026-11-19, 10:00 in the office."""
    return AT


@cache
def application(**settings: object) -> Flask:
    """The web application with more settings, built once a process: nothing of a test stays in it."""
    from archive_app.web.app import create_app

    return create_app(TESTING | settings)


@pytest.fixture
def app(archive: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, at: datetime) -> Flask:
    """The web application on the fresh archive, its clock standing at `at`."""
    monkeypatch.setattr(clock, "now", lambda: at)
    return application()


@pytest.fixture
def terminal(archive: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    """The command line would find the fresh archive here, and its clock stands at `at`."""
    monkeypatch.setattr(clock, "now", lambda: at)
    monkeypatch.setenv("DATABASE_URL", archive.url)
    monkeypatch.setenv("QUEUE_URL", "memory:")
    monkeypatch.setenv("STORAGE_URL", str(archive.store))


@pytest.fixture
def client(app):
    """A browser without a screen."""
    return app.test_client()


@pytest.fixture
def sign_in(client, people):
    """Sign a person in by username: ``sign_in("archivist")``; posting needs ``csrf(client)``."""

    def sign(username: str):
        from archive_app.people.models import User

        user = User.get(User.username == username)
        with client.session_transaction() as session:
            session["_user_id"] = f"{user.id}.{user.session_key}"
            session["_fresh"] = True
        return client

    return sign


@pytest.fixture(scope="session")
def postgres():
    """A throw-away PostgreSQL cluster."""
    with cluster() as running:
        yield running


@pytest.fixture(scope="session")
def template_postgres(postgres) -> str:
    """The name of a migrated and founded PostgreSQL archive, made once; every test gets a copy."""
    real = db.connect(postgres.fresh_database())
    migrate.up()
    found_archive()
    real.close()
    return str(real.database)


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request, tmp_path, template_db):
    """A founded archive on SQLite, then on PostgreSQL; the database is open."""
    if request.param == "sqlite":
        shutil.copy(template_db, tmp_path / "archive.db")
        url = f"sqlite:///{tmp_path / 'archive.db'}"
    else:
        template = request.getfixturevalue("template_postgres")
        url = request.getfixturevalue("postgres").fresh_database(template)
    real = db.connect(url)
    jobs.open_queue("memory:")
    storage.open_storage(str(tmp_path / "store"))
    real.connect(reuse_if_open=True)
    yield SimpleNamespace(url=url, engine=request.param, db=real)
    if not real.is_closed():
        real.close()
