"""Debian's Chromium, the two screens everything is looked at on, and a scanner's way of typing."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

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
