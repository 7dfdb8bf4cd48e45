"""On a phone nothing scrolls sideways and every target is large enough for a thumb."""

from playwright.sync_api import expect

from tests.e2e.browser import IN_CHROMIUM, PHONE
from tests.e2e.screens import screens

pytestmark = IN_CHROMIUM

WIDTH = PHONE["viewport"]["width"]
THUMB = 44
SMALL_TARGETS = """least => [...document.querySelectorAll(
    "main .btn:not(.btn-sm), main input:not([type=hidden], [type=checkbox], [type=radio]), main select, " +
    ".tabs a"
  )].filter(target => target.getClientRects().length && !target.closest(".visually-hidden, [hidden], .hide-p")
    && !target.matches(".visually-hidden"))
    .map(target => [target.textContent.trim() || target.name, (target.closest(".scanbox, .find") || target)])
    .map(([name, target]) => [name, target.getBoundingClientRect()])
    .filter(([, box]) => box.width && box.height < least - 0.5)
    .map(([name, box]) => `${name} is ${Math.round(box.height)} px high`)"""


def test_no_page_scrolls_sideways_and_main_targets_are_44_pixels_high(page_for, served):
    wrong, pages = [], {}
    for screen in screens(served):
        page = pages[screen.person] = pages.get(screen.person) or page_for(screen.person, phone=True)
        page.goto(screen.path)
        width = page.evaluate("Math.max(document.documentElement.scrollWidth, innerWidth)")
        if width > WIDTH:
            wrong.append(f"{screen.name} is {width} px wide")
        wrong += [f"{screen.name}: {each}" for each in page.evaluate(SMALL_TARGETS, THUMB)]
    assert wrong == [], "\n".join(wrong)


def test_the_tabs_and_the_menu_lead_everywhere(page_for):
    page = page_for("陈静宜", phone=True)
    page.goto("/")
    tabs = page.locator("nav.tabs a")
    expect(tabs).to_have_count(5)
    tabs.filter(has_text="更多").click()
    page.locator("#menu").get_by_role("link", name="借阅").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("借阅")


def test_an_approver_has_the_decisions_at_the_thumb(page_for):
    page = page_for("沈慧敏", phone=True)
    page.goto("/")
    page.locator("nav.tabs a", has_text="审批").click()
    page.locator("main li a").first.click()
    box = page.get_by_role("button", name="批准 1 份").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["viewport"]["height"]
    assert box["height"] >= THUMB
