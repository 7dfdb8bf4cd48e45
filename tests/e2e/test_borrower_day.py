"""A borrower's day: see what will happen, ask, be approved or refused with the clause."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import IN_CHROMIUM
from tests.e2e.lending import ask

pytestmark = IN_CHROMIUM

BORROWER, APPROVER = "王静娟", "沈慧敏"
SECRET, TOP_SECRET, CONFIDENTIAL = "质量异议往来信函", "核心客户底价表", "独家供货合同"
REPORT, TRAINING = "应收账款分析报告", "新员工档案业务培训"


@pytest.mark.requirement("SEC-04")
@pytest.mark.requirement("LOAN-01")
def test_a_secret_folder_is_asked_for_with_chain_and_time_in_view_and_approved_on_a_phone(page_for, served):
    borrower = page_for(BORROWER)
    folder = served.folder(SECRET)
    borrower.goto("/folders")
    borrower.get_by_role("link", name=folder["file_number"]).click()
    borrower.get_by_role("link", name="申请借阅").click()
    outcome = borrower.get_by_label("每份会怎样")
    expect(outcome).to_contain_text("最长 4 小时")
    expect(outcome).to_contain_text("17:30")
    expect(outcome.locator(".chain")).to_contain_text("沈慧敏")
    expect(outcome).to_contain_text("销售客户档案管理制度 七.3")
    borrower.get_by_role("textbox", name="目的").fill("核对质量异议的来往日期")
    borrower.get_by_label("我会遵守").check()
    borrower.get_by_role("button", name="提交 1 份").click()
    expect(borrower.locator("main")).to_contain_text(folder["file_number"])

    approver = page_for(APPROVER, phone=True)
    approver.goto("/approvals")
    approver.get_by_role("link", name=f"{BORROWER} 外借 {folder['file_number']}").click()
    expect(approver.get_by_role("heading", level=1)).to_contain_text("王静娟 申请外借 1 份秘密级档案")
    approver.get_by_role("button", name="批准 1 份").click()
    expect(approver.locator(".flashes")).to_contain_text("批准")

    borrower.goto("/loans/mine")
    expect(borrower.locator("li", has_text=folder["file_number"])).to_contain_text("已批准")


@pytest.mark.requirement("LOAN-03")
def test_a_request_without_the_promise_keeps_what_was_typed(page_for, served):
    page = page_for(BORROWER)
    page.goto(f"/loans/new?folder={served.folder('2026年度投标授权委托书')['id']}")
    page.get_by_role("textbox", name="目的").fill("投标资格预审")
    page.get_by_role("button", name="提交 1 份").click()
    expect(page.get_by_role("alert")).to_contain_text("没有提交")
    expect(page.get_by_role("textbox", name="目的")).to_have_value("投标资格预审")


@pytest.mark.requirement("LOAN-02")
def test_a_confidential_folder_is_refused_with_its_clause_and_the_reading_room_offered(page_for, served):
    page = page_for(BORROWER)
    folder = served.folder(CONFIDENTIAL)
    page.goto(f"/loans/new?folder={folder['id']}")
    card = page.locator(".refuse")
    expect(card).to_contain_text(f"不能外借：{folder['file_number']} 是机密级档案")
    expect(card.locator("blockquote")).to_contain_text("只能在档案室阅览")
    expect(card).to_contain_text("销售客户档案管理制度 七.3")
    expect(card).to_contain_text("没有人可以破例批准")
    expect(page.get_by_role("button", name="提交 1 份")).to_have_count(0)
    card.get_by_role("button", name="预约阅览室").click()
    expect(page.locator(".refuse")).to_have_count(0)
    expect(page.get_by_role("button", name="查阅", pressed=True)).to_be_visible()
    expect(page.get_by_role("button", name="提交 1 份")).to_be_visible()


@pytest.mark.requirement("SEC-01")
def test_a_top_secret_folder_is_refused_in_every_way_even_to_the_deputy_general_manager(page_for, served):
    page = page_for(APPROVER)
    folder = served.folder(TOP_SECRET)
    for kind in ("loan", "consult", "photocopy"):
        page.goto(f"/loans/new?folder={folder['id']}&kind={kind}")
        card = page.locator(".refuse")
        expect(card).to_contain_text("绝密")
        expect(card).to_contain_text("七.3")
        expect(card).to_contain_text("没有人可以破例批准")
        expect(page.get_by_role("button", name="提交 1 份")).to_have_count(0)


@pytest.mark.requirement("SEC-16")
def test_a_borrower_gets_no_hint_that_a_top_secret_folder_exists(page_for, served, watch):
    watch.expected.add(404)
    page = page_for(BORROWER)
    answer = page.goto(f"/folders/{served.folder(TOP_SECRET)['id']}")
    assert answer is not None and answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("没有找到这一页")
    page.goto("/search?q=底价表")
    expect(page.locator("main")).to_contain_text("没有找到")


@pytest.mark.requirement("SEC-05")
def test_a_deputy_decides_in_the_principals_name_and_says_why_not(page_for, served):
    borrower = page_for("林志远")
    ask(borrower, served, [REPORT], "核对回款")
    loan = served.loan("林志远", REPORT)
    director = page_for("吴文清")
    director.goto(f"/loans/{loan}/decision")
    expect(director.locator("main")).to_contain_text("你代 周建国 总经理 审批")
    expect(director.locator("main")).to_contain_text("WT-2026-07")
    director.get_by_role("button", name="不批准").click()
    expect(director.get_by_role("alert")).to_contain_text("没有记下决定")
    director.get_by_label("理由").fill("先看电子文件")
    director.get_by_role("button", name="不批准").click()
    expect(director.locator(".flashes")).to_contain_text("没有批准")
    borrower.goto(f"/loans/{loan}")
    expect(borrower.locator("main")).to_contain_text("先看电子文件")
    expect(borrower.locator("main")).to_contain_text("代 周建国")


def test_a_request_can_be_taken_back(page_for, served):
    page = page_for("孙丽")
    ask(page, served, [TRAINING], "培训备课")
    page.goto(f"/loans/{served.loan('孙丽', TRAINING)}")
    page.get_by_role("button", name="撤回申请").click()
    expect(page.locator("main")).to_contain_text("已撤回")


def test_what_is_in_hand_shows_how_long_it_may_stay(page_for):
    page = page_for(BORROWER)
    page.goto("/loans/mine")
    row = page.locator("table.outs tbody tr").first
    expect(row.locator(".cd")).to_contain_text(":")
    expect(row.locator("svg.ax .now")).to_have_count(1)


def test_the_pages_of_a_confidential_folder_stay_closed_to_who_has_no_loan(page_for, served, watch):
    watch.expected.update({403, 404})
    page = page_for("黄志强")
    image = served.one("select id from scan_page order by id limit 1")
    answer = page.goto(f"/pages/{image}")
    assert answer is not None and answer.status in (403, 404, 409)
    assert page.context.request.get(f"/pages/{image}/image").status in (403, 404, 409)
