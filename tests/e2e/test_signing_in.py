"""Coming in: by a demo person, with a wrong password, and after too many of them."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import IN_CHROMIUM

pytestmark = IN_CHROMIUM

MAIN = "主导航"


@pytest.mark.requirement("ELE-16")
def test_a_newcomer_signs_in_as_a_demo_person_by_one_click(page_for):
    page = page_for()
    page.goto("/")
    expect(page).to_have_url("/sign-in")
    page.locator(".demo button", has_text="陈静宜").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("今日工作台")
    expect(page.get_by_role("navigation", name=MAIN)).to_contain_text("扫码台")


def test_after_signing_in_one_is_where_one_wanted_to_go(page_for):
    page = page_for()
    page.goto("/search?q=合同")
    page.locator(".demo button", has_text="孙丽").click()
    expect(page.locator("main [name=q]")).to_have_value("合同")


def test_a_wrong_password_says_so_keeps_the_name_and_locks_after_the_fifth(page_for):
    page = page_for()
    page.goto("/sign-in")
    for turn in range(5):
        page.get_by_label("工号或姓名").fill("唐伟")
        page.get_by_label("密码").fill(f"不对的密码{turn}")
        page.get_by_role("button", name="登录", exact=True).click()
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("姓名或密码不对" if turn < 4 else "已锁定到")
        expect(page.get_by_label("工号或姓名")).to_have_value("唐伟")
    page.get_by_label("密码").fill("demo-room-2026")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("已锁定到")


def test_signing_out_ends_what_one_could_see(page_for):
    page = page_for()
    page.goto("/sign-in?next=/folders")
    page.locator(".demo button", has_text="刘雅琴").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("档案")
    page.locator("details.me summary").click()
    page.get_by_role("button", name="退出").click()
    expect(page).to_have_url("/sign-in")
    page.go_back()
    page.goto("/folders")
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
