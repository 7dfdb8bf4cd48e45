"""The served demo room and browsers on it: every test fails on a page fault, whatever else it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.browser import DESK, PHONE, launch
from tests.e2e.served import Served, running


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The program with a filled room, one for all tests."""
    with running(tmp_path_factory.mktemp("served")) as program:
        yield program


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
