"""An afternoon of binding: from an open year to a bound volume in its box, in the browser."""

from __future__ import annotations

import re

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Locator, Page, expect

from archive_app.printing.barcode import BarcodeType, payload
from tests.e2e.browser import IN_CHROMIUM, scan_at_once
from tests.e2e.served import Served

pytestmark = IN_CHROMIUM

ARCHIVIST, COLLEAGUE = "陈静宜", "宋佳"
YEAR = "/volumes/YW/2024"
REQUEST, REPLY = "关于延长质保期的请示", "关于同意延长质保期的批复"
FOLDERS = {
    "东海机床质保期事项": [
        (REQUEST, "2024-08-11", 3, "请示", "质保"),
        (REPLY, "2024-09-01", 2, "批复", "质保"),
    ],
    "东海机床来往信函": [
        ("询价函", "2024-03-01", 1, "正件", ""),
        ("报价函", "2024-03-05", 2, "正件", ""),
        ("回复函", "2024-03-09", 1, "正件", ""),
    ],
}


def register(page: Page, title: str, documents: list[tuple[str, str, int, str, str]]) -> None:
    page.goto("/folders/new")
    page.get_by_label("类别").select_option("YW")
    page.get_by_label("归档年度").select_option("2024")
    page.get_by_label("题名").fill(title)
    page.get_by_role("button", name="登记 1 份").click()
    page.get_by_role("link", name="加第一件").click()
    for name, dated, pages, part, group in documents:
        page.get_by_label("题名").fill(name)
        page.get_by_label("日期").fill(dated)
        page.get_by_label("页数").fill(str(pages))
        page.get_by_label("组成").select_option(part)
        page.get_by_label("同组标记").fill(group)
        page.get_by_role("button", name="加 1 件，再加下一件").click()
        expect(page.get_by_label("题名")).to_have_value("")


def row(page: Page, title: str) -> Locator:
    return page.locator("table.order tbody tr", has_text=title)


def order(page: Page) -> list[str]:
    return page.locator("table.order [data-title]").all_inner_texts()


def expect_order(page: Page, titles: list[str]) -> None:
    """The order behind the request and its reply, once the page is there again."""
    expect(page.locator("table.order [data-title]")).to_have_text([REPLY, REQUEST, *titles])
    expect(page.get_by_role("dialog")).not_to_be_visible()
    expect(page.locator("table.order[data-ready]")).to_be_visible()


def press(page: Page, button: str) -> None:
    """The button with these words; the main one stands first."""
    page.get_by_role("button", name=button).first.click()


@pytest.fixture(scope="module")
def year(served, signed_in, chromium) -> str:
    """Two folders of 2024, registered as the archivist does it."""
    context = chromium.new_context(base_url=served.url, storage_state=signed_in(ARCHIVIST))
    page = context.new_page()
    for title, documents in FOLDERS.items():
        register(page, title, documents)
    context.close()
    return YEAR


def codes(pdf: bytes) -> set[str]:
    """All that a scanner reads on the pages of a PDF."""
    found: set[str] = set()
    for sheet in pypdfium2.PdfDocument(pdf):
        picture = sheet.render(scale=200 / 72).to_pil().convert("L")
        found |= {code.text for code in zxingcpp.read_barcodes(picture)}
    return found


def chosen_volume(served: Served) -> int:
    return int(served.one("select id from volume where category='YW' and year=2024 and state <> 'dissolved'"))


@pytest.mark.requirement("ARR-16")
def test_from_an_open_year_to_a_bound_volume_in_its_box(page_for, served, year):
    page = page_for(ARCHIVIST)
    page.goto("/volumes")
    page.get_by_role("link", name="2024 YW").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2024 年度 YW 业务记录类 装订")
    press(page, "按制度组卷")
    expect(page.locator(".flashes")).to_contain_text("已组成 1 卷")
    assert order(page)[:2] == [REPLY, REQUEST]

    by_keyboard(page)
    nothing_is_torn(page)
    by_hand(page)
    by_menu(page)

    press(page, "排定 1 卷并编页")
    expect(page.locator("main")).to_contain_text("请另一人检查")
    other = page_for(COLLEAGUE)
    other.goto(year)
    press(other, "检查 1 卷")
    expect(other.locator(".flashes")).to_contain_text("已检查 1 卷")

    page.goto(year)
    press(page, "打印 1 卷装订包")
    volume = chosen_volume(served)
    served.until(f"select id from volume where id = {volume} and state = 'bound'")
    expect(page.get_by_role("link", name="取 PDF")).to_be_visible()
    number = served.one("select number from volume where id = ?", volume)
    expect(page.locator(".shelf")).to_contain_text(number)
    address = page.get_by_role("link", name="取 PDF").get_attribute("href")
    pdf = page.context.request.get(str(address)).body()
    assert pdf.startswith(b"%PDF")
    read = codes(pdf)
    assert payload(BarcodeType.VOLUME, volume) in read
    assert any(text.startswith("DA1;") for text in read)

    into_its_box(page, served, volume)


def by_keyboard(page: Page) -> None:
    """Alt+↑ moves the row that has the focus; the reason is asked when the keys are let go."""
    expect(page.locator("table.order[data-ready]")).to_be_visible()
    row(page, "回复函").focus()
    page.keyboard.down("Alt")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.up("Alt")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("第几位")).to_have_value("3")
    expect(dialog.get_by_label("移动的理由")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("请写移动的理由")
    dialog.get_by_label("移动的理由").fill("先看结果")
    page.keyboard.press("Enter")
    expect(page.locator(".flashes")).to_contain_text("已移动 1 件")
    expect_order(page, ["回复函", "询价函", "报价函"])
    expect(row(page, "回复函")).to_contain_text("先看结果")
    expect(row(page, "回复函")).to_be_focused()


def nothing_is_torn(page: Page) -> None:
    """A row between request and reply comes back, with the clause; Escape brings one back unasked."""
    before = order(page)
    row(page, "回复函").focus()
    page.keyboard.press("Alt+ArrowUp")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("移动的理由").fill("试一试")
    press(page, "移动 1 件")
    expect(dialog.locator(".refuse blockquote")).not_to_be_empty()
    expect(dialog.locator(".refuse .src")).to_contain_text("条")
    assert order(page) == before
    press(page, "知道了")
    expect(dialog).not_to_be_visible()
    row(page, "报价函").focus()
    page.keyboard.press("Alt+ArrowUp")
    assert order(page) != before
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    assert order(page) == before


def by_hand(page: Page) -> None:
    """Dragging by the handle does the same."""
    row(page, "报价函").locator(".drag").hover()
    page.mouse.down()
    target = row(page, "询价函").bounding_box()
    assert target is not None
    page.mouse.move(target["x"] + 20, target["y"] + 5, steps=8)
    page.mouse.up()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("移动的理由").fill("报价在前")
    press(page, "移动 1 件")
    expect_order(page, ["回复函", "报价函", "询价函"])


def by_menu(page: Page) -> None:
    """And so does the menu of the row."""
    row(page, "询价函").locator("a.dots").click()
    press(page, "移到…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("第几位").fill("4")
    dialog.get_by_label("移动的理由").fill("按收到先后")
    press(page, "移动 1 件")
    expect_order(page, ["回复函", "询价函", "报价函"])


def into_its_box(page: Page, served: Served, volume: int) -> None:
    """The volume's label is scanned, then the box's."""
    page.goto("/places/new")
    page.get_by_label("代号").fill("B9")
    page.get_by_label("名称").fill("装订间")
    press(page, "建立位置")
    room = served.one("select id from place where code = 'B9'")
    for kind, code in (("cabinet", "C1"), ("shelf", "1"), ("box", "7")):
        page.goto(f"/places/new?parent={room}")
        page.get_by_label("种类").select_option(kind)
        page.get_by_label("代号").fill(code)
        press(page, "建立位置")
        room = served.one("select max(id) from place")
    page.goto(f"{YEAR}?stage=box")
    expect(page.locator("[data-boxing][data-ready]")).to_be_visible()
    scan_at_once(page, payload(BarcodeType.VOLUME, volume))
    expect(page.locator("[data-boxing] li.on")).to_have_count(1)
    scan_at_once(page, payload(BarcodeType.BOX, room))
    expect(page.locator(".flashes")).to_contain_text("已放入")
    assert served.one("select state from volume where id = ?", volume) == "boxed"
    expect(page.locator("[data-boxing]")).to_contain_text("C1")


def test_on_a_phone_the_year_reads_without_sideways_scroll(page_for, year):
    page = page_for(ARCHIVIST, phone=True)
    for path in ("/volumes", f"{year}?stage=volumes", f"{year}?stage=check", f"{year}?stage=box", "/lists"):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
    expect(page.locator("nav.tabs")).to_be_visible()


def test_a_person_without_the_permission_is_not_shown_the_way(page_for, watch):
    watch.expected |= {403}
    page = page_for("王静娟")
    page.goto("/folders")
    expect(page.get_by_role("link", name=re.compile("组卷装订"))).to_have_count(0)
    page.goto(YEAR)
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("装订")
