"""The served demo room and browsers on it: every test fails on a page fault, whatever else it looks at."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from archive_app.printing.barcode import BarcodeType, payload
from tests.conftest import ROOT
from tests.e2e.browser import DESK, PHONE, launch

START = 180  # s: a slow machine that fills the room while other tests run
GROUP = pytest.mark.xdist_group("e2e")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder need Chromium, and share one server in one process."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(GROUP)


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

    def custody(self, title: str) -> str:
        """Where the folder is now."""
        return str(self.folder(title)["custody"])


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The program in a process of its own, with a filled room; stopped as Ctrl-C stops it."""
    home = tmp_path_factory.mktemp("served")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {
        "DATABASE_URL": f"sqlite:///{home / 'archive.db'}",
        "QUEUE_URL": f"sqlite:///{home / 'queue.db'}",
        "STORAGE_URL": str(home / "store"),
        "SECRET_KEY": "browser tests",
        "DEMO": "1",
    }
    log = home / "log"
    with log.open("w") as out:
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.served", str(port)], cwd=ROOT, env=env, stdout=out, stderr=out
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", program, log)
        yield Served(f"http://127.0.0.1:{port}", home / "archive.db")
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 0, log.read_text()[-3000:]
        assert "Traceback" not in log.read_text(), log.read_text()[-6000:]
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()


def _wait_for(url: str, program: subprocess.Popen[bytes], log: Path) -> None:
    for _turn in range(START * 5):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            assert program.poll() is None, log.read_text()[-3000:]
            time.sleep(0.2)
    pytest.fail(f"the program does not answer: {log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What went wrong on the pages of a test; statuses in ``expected`` belong to what the test does."""

    url: str
    faults: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=lambda: {409, 422})

    def over(self, context: BrowserContext) -> None:
        """Note every page error, console error or warning, bad answer, and request that leaves the server."""
        context.on("weberror", lambda error: self.faults.append(f"page error: {error.error}"))
        context.on("console", self._console)
        context.on("request", lambda request: self._request(request.url))
        context.on("response", self._response)

    def _console(self, message: Any) -> None:
        by_status = message.text.startswith("Failed to load resource")  # told by _response, with its address
        if message.type in ("error", "warning") and not by_status:
            self.faults.append(f"console: {message.text}")

    def _request(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:", "chrome:", "chrome-extension:")):
            self.faults.append(f"request to {url}")

    def _response(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.status} of {response.url}")


@pytest.fixture(scope="session")
def signed_in(served: Served, chromium: Browser) -> Callable[[str], Any]:
    """The cookies of a demo person, signed in once for all tests by the button of the sign-in page."""
    known: dict[str, Any] = {}

    def state(name: str) -> Any:
        if name not in known:
            context = chromium.new_context(base_url=served.url)
            page = context.new_page()
            page.goto("/sign-in")
            page.locator(".demo button", has_text=name).click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
            known[name] = context.storage_state()
            context.close()
        return known[name]

    return state


@pytest.fixture
def watch(served: Served) -> Watch:
    """The faults of this test; more statuses may be expected."""
    return Watch(served.url)


@pytest.fixture
def page_for(
    served: Served, chromium: Browser, signed_in: Callable[[str], Any], watch: Watch
) -> Iterator[Callable[..., Page]]:
    """``page_for("陈静宜", phone=True, dark=True)``: a watched page of a person, or of a stranger."""
    contexts: list[BrowserContext] = []

    def open_page(name: str | None = None, *, phone: bool = False, dark: bool = False) -> Page:
        context = chromium.new_context(
            base_url=served.url,
            storage_state=signed_in(name) if name else None,
            color_scheme="dark" if dark else "light",
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **(PHONE if phone else DESK),
        )
        context.set_default_timeout(15_000)
        watch.over(context)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert watch.faults == []
