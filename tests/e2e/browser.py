"""Debian's Chromium, the two screens everything is looked at on, and a scanner's way of typing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

IN_CHROMIUM = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]
"""Marks of every test module here: all share one server, so one process runs them."""
DESK: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOTS = os.environ.get("E2E_SHOTS")
"""A folder that exists: pictures of the tests lie there, for people to look at; unset: none are taken."""


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium of this machine; nothing is downloaded."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")  # Ubuntu's name
    return playwright.chromium.launch(executable_path=program, args=ARGUMENTS)


def scan(page: Page, code: str) -> None:
    """Type a code as a scanner does: keys without a pause, then Enter, wherever the focus is."""
    for sign in code:
        page.keyboard.press(f"Digit{sign}" if sign.isdigit() else sign)
    page.keyboard.press("Enter")


def scan_at_once(page: Page, code: str) -> None:
    """The same within one millisecond, for machines on which a press takes longer than a scanner's pause."""
    page.evaluate(
        """code => {
          for (const sign of [...code, "Enter"]) {
            const at = document.activeElement || document.body;
            const code = /\\d/.test(sign) ? `Digit${sign}` : sign;
            const key = new KeyboardEvent("keydown", {key: sign, code, bubbles: true, cancelable: true});
            at.dispatchEvent(key);
          }
        }""",
        code,
    )


def band(page: Page, kind: str) -> Locator:
    """What the desk answered to a scan, when it is of this kind: ok, no, ask, or none."""
    return page.locator(f"#band .band.{kind}")


def scanned(page: Page, code: str, kind: str, *words: str) -> Locator:
    """Scan a code and wait for the answer with these words, of which one was not in the answer before."""
    scan(page, code)
    found = band(page, kind)
    for word in words:
        expect(found).to_contain_text(word)
    return found


def see(page: Page, name: str) -> None:
    """Leave two pictures of the page as it is now, as wide as a desk and as a phone, if they are wanted."""
    before = page.viewport_size
    if not SHOTS or before is None:
        return
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    for screen in sorted((DESK, PHONE), key=lambda each: each["viewport"] != before):
        page.set_viewport_size(screen["viewport"])
        path = Path(SHOTS) / f"{name}-{screen['viewport']['width']}.png"
        page.screenshot(path=path, full_page=True, animations="disabled")
    page.set_viewport_size(before)
