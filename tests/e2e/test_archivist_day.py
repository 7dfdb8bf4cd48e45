"""An archivist's day: register, add documents, label, reserve, explain every number."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import IN_CHROMIUM

pytestmark = IN_CHROMIUM

ARCHIVIST = "陈静宜"


def fill_folder(page: Page, title: str) -> None:
    page.goto("/folders/new")
    page.get_by_label("类别").select_option("YW")
    page.get_by_label("归档年度").select_option("2026")
    page.get_by_label("题名").fill(title)
    page.get_by_label("存址").fill("一号库房 A13 柜 4 格 盒 30")


def save(page: Page, name: str = "登记 1 份") -> None:
    page.get_by_role("button", name=name).click()


def shown_pdf(page: Page, button: str) -> bytes:
    """The PDF that a form opens in a new tab, fetched by the same post."""
    with page.context.expect_event("response", lambda answer: answer.request.method == "POST") as answer:
        page.get_by_role("button", name=button).click()
    request = answer.value.request
    again = page.context.request.post(request.url, data=request.post_data, headers=request.headers)
    assert answer.value.status == 200
    assert answer.value.headers["content-type"] == "application/pdf"
    return again.body()


def test_this_year_is_offered_first_because_a_number_cannot_be_changed_later(page_for):
    page = page_for(ARCHIVIST)
    page.goto("/folders/new")
    expect(page.get_by_label("归档年度")).to_have_value("2026")
    page.goto("/numbers/reserve")
    expect(page.get_by_label("归档年度")).to_have_value("2026")


def test_a_form_with_a_mistake_keeps_everything_that_was_typed(page_for):
    page = page_for(ARCHIVIST)
    fill_folder(page, "")
    page.get_by_label("客户或对方").fill("宁波测试阀门有限公司")
    page.get_by_label("备注").fill("随合同附光盘一张")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("其余内容都还在")
    expect(page.get_by_label("客户或对方")).to_have_value("宁波测试阀门有限公司")
    expect(page.get_by_label("备注")).to_have_value("随合同附光盘一张")
    expect(page.get_by_label("类别")).to_have_value("YW")
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(page.get_by_label("题名")).to_be_focused()


def test_a_double_click_registers_once_and_going_back_registers_nothing(page_for, served):
    title = "双击登记的会议纪要"
    page = page_for(ARCHIVIST)
    fill_folder(page, title)
    page.get_by_role("button", name="登记 1 份").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator(".phead .fno")).to_have_text(re.compile(r"YW-2026-\d{4}"))
    page.go_back()
    page.go_forward()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert len(served.rows("select id from folder where title = ?", title)) == 1


def test_documents_are_added_one_after_another_and_then_labelled(page_for, served):
    title = "宁波港集装箱提货通知"
    page = page_for(ARCHIVIST)
    fill_folder(page, title)
    save(page)
    page.get_by_role("link", name="加第一件").click()
    for name, pages, button in (("提货通知单", "2", "加 1 件，再加下一件"), ("装箱单", "3", "加 1 件")):
        page.get_by_label("题名").fill(name)
        page.get_by_label("页数").fill(pages)
        page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("table.docs")).to_contain_text("提货通知单")
    expect(page.get_by_label("两套对照")).to_contain_text("2 件 5 页")
    page.get_by_role("link", name="打印标签").click()
    expect(page.locator("main")).to_contain_text("1 枚")
    assert shown_pdf(page, "打印 1 枚").startswith(b"%PDF")
    folder = served.folder(title)
    assert served.rows(
        "select 1 from audit_event where action = 'label.print' and key = ?", str(folder["id"])
    )


def test_reserved_numbers_are_labelled_first_filled_later_and_explained_meanwhile(page_for, served):
    page = page_for(ARCHIVIST)
    page.goto("/numbers/reserve")
    page.get_by_label("类别").select_option("QT")
    page.get_by_label("几个号").fill("3")
    page.get_by_label("用途").fill("展会资料集中登记")
    save(page, "预留并打印标签")
    expect(page.locator("main")).to_contain_text("3 枚")
    assert shown_pdf(page, "打印 3 枚").startswith(b"%PDF")
    page.goto("/numbers?year=2026&category=QT")
    expect(page.locator("main")).to_contain_text("展会资料集中登记")
    expect(page.locator("main")).to_contain_text("没有缺号")
    folder = served.one("select max(id) from folder where state = 'reserved' and category = 'QT'")
    page.goto(f"/folders/{folder}")
    page.get_by_role("link", name="补登内容").click()
    page.get_by_label("题名").fill("机床展参展资料")
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("机床展参展资料")


def test_a_change_needs_a_reason_and_the_history_keeps_both_values(page_for, served):
    page = page_for(ARCHIVIST)
    folder = served.folder("春季经销商会议纪要")["id"]
    page.goto(f"/folders/{folder}/edit")
    page.get_by_label("客户或对方").fill("华东区经销商")
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("alert")).to_contain_text("更改原因")
    page.get_by_label("更改原因").fill("登记时漏写")
    page.locator("main form button[type=submit]").first.click()
    page.goto(f"/folders/{folder}/history")
    expect(page.locator("main")).to_contain_text("登记时漏写")
    expect(page.locator("main")).to_contain_text("华东区经销商")


def test_a_void_number_stays_with_its_reason(page_for, served):
    page = page_for(ARCHIVIST)
    fill_folder(page, "误登的一份")
    save(page)
    page.get_by_role("link", name="作废").click()
    page.locator("main [name=reason]").fill("与另一份重复")
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("这个号不会再用")
    page.goto("/numbers?year=2026&category=YW")
    expect(page.locator("main")).to_contain_text("与另一份重复")


@pytest.mark.requirement("LOAN-01")
def test_the_desk_work_of_the_day_is_counted_and_what_is_away_counts_down(page_for):
    page = page_for(ARCHIVIST)
    page.goto("/")
    row = page.locator("table.outs tr", has_text="恒泰机电")
    expect(row).to_contain_text("逾期")
    expect(row.locator("svg.ax .late")).to_have_count(1)
    running = page.locator("table.outs tr", has_text="瑞丰设备有限公司设备验收")
    expect(running.locator(".cd")).to_have_text(re.compile(r"\d:\d\d"))
    page.goto("/loans?state=overdue")
    expect(page.locator("main table tbody tr")).to_have_count(1)


def test_the_slip_of_a_loan_is_a_pdf(page_for, served):
    page = page_for(ARCHIVIST)
    loan = served.one("select id from loan where state = 'reading'")
    page.goto(f"/loans/{loan}")
    address = page.get_by_role("link", name="借阅单").get_attribute("href")
    assert page.context.request.get(address).body().startswith(b"%PDF")
