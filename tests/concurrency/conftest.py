"""The same archive on both engines: an SQLite file, and a PostgreSQL that the tests start themselves."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from archive_app.core import db, jobs, migrate, storage
from tests.conftest import found_archive
from tests.postgres import cluster


@pytest.fixture(scope="session")
def postgres():
    """A throw-away PostgreSQL cluster."""
    with cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request, tmp_path, template_db):
    """A founded archive on SQLite, then on PostgreSQL; the database is open."""
    if request.param == "sqlite":
        shutil.copy(template_db, tmp_path / "archive.db")
        real = db.connect(f"sqlite:///{tmp_path / 'archive.db'}")
        url = f"sqlite:///{tmp_path / 'archive.db'}"
    else:
        url = request.getfixturevalue("postgres").fresh_database()
        real = db.connect(url)
        migrate.up()
        found_archive()
    jobs.open_queue("memory:")
    storage.open_storage(str(tmp_path / "store"))
    real.connect(reuse_if_open=True)
    yield SimpleNamespace(url=url, engine=request.param, db=real)
    if not real.is_closed():
        real.close()
