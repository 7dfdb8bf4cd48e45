"""The program started for browsers in a process of its own, and a view into its database."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive_app.printing.barcode import BarcodeType, payload
from tests.conftest import ROOT

PATIENCE = 180  # s: a slow machine that fills the room while other tests run


@dataclass
class Served:
    """The running program: its address, and its database to look things up in."""

    url: str
    path: Path

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Read from the served archive, which is opened read-only."""
        base = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        base.row_factory = sqlite3.Row
        try:
            return base.execute(sql, values).fetchall()
        finally:
            base.close()

    def one(self, sql: str, *values: object) -> Any:
        """The first column of the only row."""
        (row,) = self.rows(sql, *values)
        return row[0]

    def until(self, sql: str) -> Any:
        """The first column of the first row, as soon as the background worker has made it."""
        for _turn in range(600):
            if rows := self.rows(sql):
                return rows[0][0]
            time.sleep(0.2)
        raise AssertionError(f"nothing came for {sql}")

    def folder(self, title: str) -> sqlite3.Row:
        """The folder whose title holds these words."""
        (row,) = self.rows("select * from folder where title like ?", f"%{title}%")
        return row

    def folder_code(self, title: str) -> str:
        """The 12 digits of its label."""
        return payload(BarcodeType.FOLDER, self.folder(title)["id"])

    def person_code(self, name: str) -> str:
        """The 12 digits of a person's card."""
        return payload(BarcodeType.PERSON, self.one("select id from user_account where name = ?", name))

    def loan(self, person: str, title: str) -> int:
        """The newest loan of a person, of the folder whose title holds these words."""
        asked = (
            "select max(loan.id) from loan join user_account on user_account.id = loan.borrower_id "
            "where name = ? and folder_id = ?"
        )
        return int(self.one(asked, person, self.folder(title)["id"]))

    def custody(self, title: str) -> str:
        """Where the folder is now."""
        return str(self.folder(title)["custody"])


@contextmanager
def running(home: Path, *, all_scans: bool = False) -> Iterator[Served]:
    """Serve a filled demo room from ``home``, and stop it as Ctrl-C does; it must end cleanly."""
    port, log = _free_port(), home / "log"
    command = [sys.executable, "-m", "tests.e2e.program", str(port)] + ["--all-scans"] * all_scans
    with log.open("w") as out:
        program = subprocess.Popen(command, cwd=ROOT, env=_environment(home), stdout=out, stderr=out)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", program, log, PATIENCE * (5 if all_scans else 1))
        yield Served(f"http://127.0.0.1:{port}", home / "archive.db")
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 0, log.read_text()[-3000:]
        assert "Traceback" not in log.read_text(), log.read_text()[-6000:]
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": f"sqlite:///{home / 'archive.db'}",
        "QUEUE_URL": f"sqlite:///{home / 'queue.db'}",
        "STORAGE_URL": str(home / "store"),
        "SECRET_KEY": "browser tests",
        "DEMO": "1",
    }


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(url: str, program: subprocess.Popen[bytes], log: Path, patience: int) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert program.poll() is None, log.read_text()[-3000:]
            time.sleep(0.2)
    raise AssertionError(f"the program does not answer: {log.read_text()[-3000:]}")
