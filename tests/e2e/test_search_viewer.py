"""From a scanned page to the word on it: upload, reading in the background, search, marks on the image."""

import re
import time

import pytest
from playwright.sync_api import expect

from archive_app.demo import pages
from tests.e2e.browser import IN_CHROMIUM

pytestmark = IN_CHROMIUM

ARCHIVIST = "陈静宜"
FOUND_WITHIN = 2.0
WRITINGS = ("天", "天府", "数控铣床购销", "KH-2026-0001", "ＫＨ２０２６０００１", "0001")


def word_on(truth: str, read: str) -> str:
    """Four characters that stand on the page and were read."""
    words = (run[n : n + 4] for run in re.findall(r"[\u4e00-\u9fff]{4,}", truth) for n in range(len(run) - 3))
    return next(word for word in words if word in read)


def test_an_uploaded_page_is_read_in_the_background_found_and_marked_on_its_image(page_for, served, tmp_path):
    sheet = pages.policy_page(1)
    path = pages.save(sheet, tmp_path)
    folder = served.folder("货物破损投诉及处理")
    page = page_for(ARCHIVIST)
    page.goto(f"/folders/{folder['id']}/scans")
    expect(page.locator("main")).to_contain_text("还没有扫描件")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="上传").click()
    states = page.locator("table .st")
    expect(states).to_have_text(re.compile("排队中|正在分页|识别中|已识别"))
    expect(states).to_have_text("已识别", timeout=120_000)  # by itself: nobody reloads

    row = served.rows("select id, text from scan_page where folder_id = ?", folder["id"])[0]
    word = word_on(sheet.truth, "".join(row["text"].split()))
    deadline = time.monotonic() + FOUND_WITHIN
    hit = page.locator("article.hit", has_text=folder["file_number"])
    while True:
        page.goto(f"/search?q={word}")
        if hit.count() or time.monotonic() > deadline:
            break
    expect(hit.locator("mark").first).to_have_text(word)

    hit.get_by_role("link", name="看命中页").click()
    expect(page.locator(".ocr mark").first).to_have_text(re.compile(f"^[{word}]+$"))
    box = page.locator(".canvas svg rect").first
    size = box.bounding_box()
    assert size is not None and size["width"] > 5 and size["height"] > 5
    width = page.locator(".canvas img").evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert width > 500
    page.keyboard.press("n")
    expect(page.locator(".canvas svg rect.cur").first).to_be_attached()


def test_an_upload_that_is_no_page_says_why_and_keeps_nothing(page_for, served, tmp_path):
    path = tmp_path / "清单.pdf"
    path.write_bytes(b"not a page at all")
    folder = served.folder("客户服务热线录音选存")
    page = page_for(ARCHIVIST)
    page.goto(f"/folders/{folder['id']}/scans")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="上传").click()
    expect(page.locator(".upl .form-err")).to_be_visible()
    assert served.one("select count(*) from electronic_file where folder_id = ?", folder["id"]) == 0


@pytest.mark.requirement("CAT-23")
@pytest.mark.parametrize("query", WRITINGS)
def test_one_box_finds_characters_words_and_numbers_in_any_writing(page_for, query):
    page = page_for(ARCHIVIST)
    page.goto("/search")
    page.locator("main [name=q]").fill(query)
    page.keyboard.press("Enter")
    expect(page.locator("article.hit").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("2026-0001")


def test_filters_narrow_the_hits(page_for):
    page = page_for(ARCHIVIST)
    page.goto("/search?q=天府")
    every = page.locator("article.hit").count()
    page.locator("[name=category][value=KH]").check()
    expect(page).to_have_url(re.compile("category=KH"))
    expect(page.locator("main [name=q]")).to_have_value("天府")
    numbers = page.locator("article.hit .fno").all_inner_texts()
    assert 0 < len(numbers) < every
    assert all(number.startswith("KH-") for number in numbers)


def test_nothing_found_says_what_to_try(page_for):
    page = page_for(ARCHIVIST)
    page.goto("/search?q=龘靐齉")
    expect(page.locator(".empty")).to_contain_text("换一个词")
