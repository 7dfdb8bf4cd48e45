"""What borrowers and approvers do on the pages of every lending test."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.served import Served


def ask(page: Page, served: Served, titles: list[str], purpose: str, kind: str = "loan") -> None:
    """Ask for some folders on one form."""
    folders = "&".join(f"folder={served.folder(title)['id']}" for title in titles)
    page.goto(f"/loans/new?{folders}&kind={kind}")
    page.get_by_role("textbox", name="目的").fill(purpose)
    page.get_by_label("我会遵守").check()
    page.get_by_role("button", name=f"提交 {len(titles)} 份").click()
    expect(page.locator(".flashes .note.ok")).to_be_visible()


def grant(page: Page, served: Served, person: str, title: str) -> None:
    """Decide the request of a person on its own page."""
    page.goto(f"/loans/{served.loan(person, title)}/decision")
    page.locator("button[name=verdict][value=granted]").click()
    expect(page.locator(".flashes .note.ok")).to_be_visible()
