"""Everybody can use it: axe-core on every main page, keys alone, English and the dark."""

import re
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page, expect

from tests.e2e.browser import DESK, IN_CHROMIUM, PHONE
from tests.e2e.screens import screens

pytestmark = IN_CHROMIUM

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Without preload: the two rules that need it are about films and sound, and one that is switched off.
FAST = {"resultTypes": ["violations"], "preload": False}
CONTRAST = FAST | {"runOnly": ["color-contrast"]}
EVERYTHING = FAST | {"runOnly": LEVELS}
BUT_CONTRAST = EVERYTHING | {"rules": {"color-contrast": {"enabled": False}}}
SEEN = "for (const each of document.querySelectorAll('body *')) each.seen = each.checkVisibility()"
ONLY_HERE = "[...document.querySelectorAll('body *')].filter(each => !each.seen && each.checkVisibility())"
"""What is shown at this size and was not at the last one."""
ARCHIVIST = "陈静宜"


def violations(page: Page, options: dict, where: str = "[document]") -> Iterator[str]:
    """What axe-core finds wrong with the page as it is now, or with some elements of it."""
    ask = f"options => {{ const include = {where}; return include.length && axe.run({{include}}, options) }}"
    result = page.evaluate(ask, options) or {"violations": []}
    for rule in result["violations"]:
        for node in rule["nodes"]:
            yield f"{rule['id']} {node['target']}: {node['failureSummary'].splitlines()[-1].strip()}"


def look(page: Page, path: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a page at a desk, in the dark, and on a phone; a colour is looked at once."""
    page.set_viewport_size(DESK["viewport"])
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(path)
    page.evaluate(AXE)
    yield from (("at a desk", each) for each in violations(page, EVERYTHING))
    page.emulate_media(color_scheme="dark")
    yield from (("in the dark", each) for each in violations(page, CONTRAST))
    page.emulate_media(color_scheme="light")
    page.evaluate(SEEN)
    page.set_viewport_size(PHONE["viewport"])
    yield from (("on a phone", each) for each in violations(page, BUT_CONTRAST))
    yield from (("on a phone", each) for each in violations(page, CONTRAST, ONLY_HERE))


def test_no_main_page_breaks_a_wcag_rule_in_the_light_or_dark_on_desk_or_phone(page_for, served):
    found = []
    pages = {}
    for screen in screens(served):
        if screen.alike:
            continue
        page = pages[screen.person] = pages.get(screen.person) or page_for(screen.person)
        found += [f"{screen.name} {where}: {wrong}" for where, wrong in look(page, screen.path)]
    assert found == [], "\n".join(found)


def test_the_first_tab_jumps_to_the_content(page_for):
    page = page_for(ARCHIVIST)
    page.goto("/folders")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_main_actions_are_reached_by_tab_alone_and_in_reading_order(page_for):
    page = page_for(ARCHIVIST)
    page.goto("/folders")
    reached = []
    for _turn in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText || document.activeElement.name"))
        if "登记档案" in reached[-1]:
            break
    assert any("扫码台" in text for text in reached)
    assert "登记档案" in reached[-1]
    page.keyboard.press("Enter")
    expect(page).to_have_url("/folders/new")


def test_a_folder_is_registered_without_a_mouse(page_for):
    page = page_for(ARCHIVIST)
    page.goto("/folders/new")
    page.get_by_label("类别").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("只用键盘登记的一份")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("只用键盘登记的一份")


def test_slash_finds_the_search_box_and_a_question_mark_shows_the_keys(page_for):
    page = page_for(ARCHIVIST)
    page.goto("/folders")
    page.keyboard.press("/")
    expect(page.locator("[data-find]").first).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).not_to_be_visible()


def test_english_changes_language_and_navigation_and_chinese_brings_them_back(page_for):
    page = page_for("许明")
    page.goto("/folders")
    nav = page.locator("nav.rail")
    for button, lang, word in (("English", "en", "Folders"), ("中文", "zh-CN", "档案")):
        page.locator("details.me summary").click()
        page.get_by_role("button", name=button).click()
        expect(page.locator("html")).to_have_attribute("lang", lang)
        expect(nav).to_contain_text(re.compile(word, re.IGNORECASE))


def test_the_dark_is_a_persons_choice_and_stays(page_for):
    page = page_for("徐倩")
    page.goto("/folders")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("details.me summary").click()
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto("/search")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.locator("details.me summary").click()
    page.get_by_role("button", name="随系统").click()
