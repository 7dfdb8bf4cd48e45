"""Three people's days: who borrows, who decides for a manager who is away, who keeps the archive.

With E2E_SHOTS set to a folder, every stop of the days leaves its pictures there (see browser.see).
"""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import IN_CHROMIUM, band, scanned, see
from tests.e2e.lending import ask, grant
from tests.e2e.served import Served

pytestmark = IN_CHROMIUM

BORROWER, MANAGER, AWAY, DEPUTY, OFFICER = "王静娟", "林志远", "周建国", "吴文清", "沈慧敏"
ARCHIVIST, BACK_OFFICE, CLERK = "陈静宜", "许明", "孙丽"

# A borrower

OPEN, SECRET, CONFIDENTIAL = "联轴器产品购销合同", "联轴器断裂投诉及处理", "独家供货合同"
READ = "天府食品销售有限公司数控铣床"


@pytest.mark.requirement("LOAN-01")
@pytest.mark.requirement("LOAN-02")
@pytest.mark.requirement("LOAN-03")
@pytest.mark.requirement("LOAN-08")
@pytest.mark.requirement("SEC-03")
@pytest.mark.requirement("SEC-04")
def test_a_borrowers_day_from_the_search_to_what_the_folder_was_good_for(page_for, served):
    numbers = {title: served.folder(title)["file_number"] for title in (OPEN, SECRET, CONFIDENTIAL)}
    page = page_for(BORROWER)
    fills_the_basket(page, served, numbers)
    sends_it_once(page, served, numbers)
    is_decided_and_handed_over(page_for, served)
    phone = page_for(BORROWER, phone=True)
    counts_down_and_asks_for_more(phone, served, numbers)
    reads_a_page_and_takes_none(page_for, served)
    brings_it_back(page_for, phone, served, numbers)


def fills_the_basket(page: Page, served: Served, numbers: dict[str, str]) -> None:
    """By a hit of the search, by the folder's page, by a number that is typed."""
    count = page.locator(".rail a[href='/loans/basket'] .c")
    page.goto("/search?q=联轴器")
    hit = page.locator("article.hit", has_text=numbers[OPEN])
    hit.get_by_role("button", name="加入借阅车").click()
    expect(hit.get_by_role("link", name="已在借阅车")).to_be_focused()
    expect(count).to_have_text("1")
    see(page, "a1-search")
    page.goto(f"/folders/{served.folder(SECRET)['id']}")
    see(page, "a2-folder")
    page.get_by_role("button", name="加入借阅车").click()
    expect(count).to_have_text("2")
    page.goto("/loans/basket")
    page.get_by_label("按档号加").fill(numbers[CONFIDENTIAL].lower().replace("-", "－"))
    page.get_by_role("button", name="加入", exact=True).click()
    expect(count).to_have_text("3")


def sends_it_once(page: Page, served: Served, numbers: dict[str, str]) -> None:
    """One folder is refused with its clause and read in the room instead; a double click sends once."""
    items = {title: page.locator(".req .item", has_text=number) for title, number in numbers.items()}
    refusal = items[CONFIDENTIAL].locator(".refuse")
    expect(refusal.locator("blockquote")).to_contain_text("只能在档案室阅览，不准外借")
    expect(refusal).to_contain_text("销售客户档案管理制度 七.3")
    expect(page.get_by_role("button", name="提交 2 份")).to_be_visible()
    see(page, "a3-basket-refused")
    refusal.get_by_role("button", name="预约阅览室").click()
    expect(items[CONFIDENTIAL].locator(".refuse")).to_have_count(0)
    expect(items[CONFIDENTIAL].get_by_role("combobox")).to_have_value("consult")
    expect(items[OPEN].locator(".chain")).to_contain_text(MANAGER)
    expect(items[OPEN].locator(".chain")).to_contain_text(DEPUTY)
    expect(items[SECRET].locator(".chain")).to_contain_text(OFFICER)
    expect(items[SECRET]).to_contain_text("最长 4 小时")
    expect(items[CONFIDENTIAL]).to_contain_text("阅览室")
    page.get_by_label("目的类别").select_option("客户服务")
    page.get_by_role("textbox", name="目的").fill("答复禾丰联轴器断裂的投诉")
    page.get_by_label("何时要").fill("2026-11-19T16:30")
    page.get_by_label("用到何时").fill("2026-11-19T17:20")
    page.get_by_label("我会遵守").check()
    see(page, "a4-basket")
    page.get_by_role("button", name="提交 3 份").dblclick()
    expect(page.locator(".flashes")).to_contain_text("已提交 3 份")
    see(page, "a5-mine")
    loans = sorted(served.loan(BORROWER, title) for title in numbers)
    rows = served.rows("select * from loan where basket = ? order by id", loans[0])
    assert [row["id"] for row in rows] == loans
    wished = {(row["wished_from"], row["purpose_class"]) for row in rows}
    assert wished == {("2026-11-19 08:30:00", "客户服务")}


def is_decided_and_handed_over(page_for, served: Served) -> None:
    """Each step by whose turn it is, then the desk hands both over."""
    grant(page_for(MANAGER), served, BORROWER, OPEN)
    grant(page_for(DEPUTY), served, BORROWER, OPEN)
    grant(page_for(OFFICER), served, BORROWER, SECRET)
    desk = page_for(ARCHIVIST)
    desk.goto("/desk")
    scanned(desk, served.person_code(BORROWER), "ok", BORROWER)
    for title in (OPEN, SECRET):
        scanned(desk, served.folder_code(title), "ok", served.folder(title)["file_number"])


def counts_down_and_asks_for_more(phone: Page, served: Served, numbers: dict[str, str]) -> None:
    """The bell told of it; what is in hand counts down; an open folder may be kept longer."""
    phone.goto("/loans/mine")
    row = phone.locator("table.outs tbody tr", has_text=numbers[OPEN])
    expect(row.locator(".cd")).to_have_text(re.compile(r"\d:\d\d"))
    see(phone, "a6-mine-in-hand")
    phone.locator("header .bell").click()
    told = phone.locator("ul.told li", has_text=numbers[SECRET])
    expect(told.first).to_contain_text("批准")
    see(phone, "a7-notices")
    phone.goto("/loans/mine")
    secret = phone.locator("table.outs tbody tr", has_text=numbers[SECRET])
    expect(secret.get_by_role("link", name="申请续借")).to_have_count(0)
    row.get_by_role("link", name="申请续借").click()
    expect(phone.locator("main")).to_contain_text("同意后可用到 11-20 17:30")
    expect(phone.locator(".chain")).to_contain_text(DEPUTY)
    phone.get_by_label("理由").fill("客户明早再来一次")
    see(phone, "a8-extend")
    phone.get_by_role("button", name="申请续借 1 份").click()
    expect(phone.locator(".flashes")).to_contain_text("批准前仍按")
    see(phone, "a9-loan")


def reads_a_page_and_takes_none(page_for, served: Served) -> None:
    """A confidential page is read on the screen while it is on the table; her name and loan stand on it."""
    loan = served.loan(BORROWER, READ)
    pages = f"select id from scan_page where folder_id = {served.folder(READ)['id']}"
    image = served.until(f"{pages} and state = 'read' order by id")
    page = page_for(BORROWER)
    page.goto(f"/pages/{image}")
    expect(page.locator(".vbar")).to_contain_text("只在屏幕上看，每页带水印")
    page.locator(".canvas img").evaluate("image => image.decode()")
    see(page, "a10-watermark")
    mine = page.context.request.get(f"/pages/{image}/image")
    theirs = page_for(ARCHIVIST).context.request.get(f"/pages/{image}/image")
    assert mine.body() != theirs.body()
    assert "no-store" in mine.headers["cache-control"]
    file = served.one("select file_id from scan_page where id = ?", image)
    page.goto(f"/folders/{served.folder(READ)['id']}/scans")
    expect(page.locator("a[href*='/original']")).to_have_count(0)
    taken = page.context.request.get(f"/files/{file}/original")
    assert taken.status == 409
    assert "机密" in taken.text() and f"JY-2026-{loan:04d}" not in taken.text()


def brings_it_back(page_for, phone: Page, served: Served, numbers: dict[str, str]) -> None:
    """After the return she says what it was good for."""
    desk = page_for(ARCHIVIST)
    desk.goto("/desk")
    for title in (OPEN, SECRET):
        scanned(desk, served.folder_code(title), "ok", numbers[title], "已归还")
    phone.goto("/loans/mine")
    phone.locator("tr", has_text=numbers[SECRET]).get_by_role("link", name="填写效果").click()
    phone.get_by_label("利用效果").select_option("解决问题")
    phone.get_by_label("说明").fill("查到断裂批次，当天答复客户")
    phone.get_by_role("button", name="登记利用效果").click()
    expect(phone.locator(".flashes")).to_contain_text("已登记利用效果")
    see(phone, "a11-effect")


# A deputy

THREE = ["瑞丰设备有限公司客户资信档案", "天府食品销售有限公司客户资信档案", "顺昌阀门有限公司经销框架协议"]
NOT_HIS, OWN = "包装机械有限公司减速机产品购销合同", "海纳泵业有限公司客户信息登记"


@pytest.mark.requirement("SEC-04")
@pytest.mark.requirement("SEC-05")
def test_a_deputys_day_with_part_of_a_basket_an_extension_and_what_is_not_hers(page_for, served):
    borrower = page_for(BORROWER)
    ask(borrower, served, THREE, "年度授信复核")
    phone = page_for(DEPUTY, phone=True)
    decides_part_of_the_basket(phone, served)
    borrower.goto("/notices")
    expect(borrower.locator("ul.told")).to_contain_text("框架协议的价格未定，先看资信")
    see(borrower, "b4-told")
    prolongs(phone, served)
    does_not_decide_what_is_not_hers(phone, served)


def decides_part_of_the_basket(phone: Page, served: Served) -> None:
    """Two are approved in the manager's name; the third is refused, which needs a reason."""
    phone.goto("/approvals")
    group = phone.locator("main li", has_text=f"{BORROWER} 的申请，3 份")
    expect(group).to_contain_text(f"代 {AWAY} 决定")
    see(phone, "b1-inbox")
    group.get_by_role("link").first.click()
    expect(phone.locator("main")).to_contain_text(f"你代 {AWAY} 总经理 审批")
    expect(phone.locator("main")).to_contain_text("WT-2026-07")
    number = served.folder(THREE[2])["file_number"]
    phone.locator("label.pick", has_text=number).get_by_role("checkbox").uncheck()
    phone.get_by_label("一并不批准").check()
    see(phone, "b2-basket")
    phone.get_by_role("button", name="批准勾选的", exact=True).click()
    expect(phone.get_by_role("alert")).to_contain_text("没有记下决定")
    see(phone, "b3-basket-reason")
    phone.get_by_label("不批准的理由").fill("框架协议的价格未定，先看资信")
    phone.get_by_role("button", name="批准勾选的", exact=True).click()
    expect(phone.locator(".flashes")).to_contain_text("已批准 2 份")
    expect(phone.locator(".flashes")).to_contain_text("没有批准 1 份")
    phone.goto(f"/loans/{served.loan(BORROWER, THREE[0])}")
    expect(phone.locator("main")).to_contain_text(f"代 {AWAY}，委托书 WT-2026-07")
    state = "select state from loan where id = ?"
    states = [served.one(state, served.loan(BORROWER, title)) for title in THREE]
    assert states == ["approved", "approved", "refused"]


def prolongs(phone: Page, served: Served) -> None:
    """A folder that is out may be kept until the next opening day."""
    phone.goto("/approvals")
    phone.locator("main li", has_text="续借").get_by_role("link").first.click()
    see(phone, "b5-extension")
    phone.get_by_role("button", name="同意").last.click()
    expect(phone.locator(".flashes .note.ok")).to_be_visible()


def does_not_decide_what_is_not_hers(phone: Page, served: Served) -> None:
    """Neither a step of somebody else, nor her own request, though she stands in for who decides it."""
    cannot_decide(phone, served.loan("黄志强", NOT_HIS))
    see(phone, "b6-not-hers")
    ask(phone, served, [OWN], "核对客户信息")
    phone.goto("/approvals")
    expect(phone.locator("main")).not_to_contain_text(served.folder(OWN)["file_number"])
    cannot_decide(phone, served.loan(DEPUTY, OWN))
    see(phone, "b7-own")
    assert served.one("select state from loan where id = ?", served.loan(DEPUTY, OWN)) == "requested"


def cannot_decide(page: Page, loan: int) -> None:
    """No decision is offered, and one that is sent all the same is refused."""
    page.goto(f"/loans/{loan}/decision")
    expect(page.get_by_role("button", name="批准")).to_have_count(0)
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    sent = page.request.post(page.url, form={"verdict": "granted", "csrf_token": token or ""})
    assert sent.status == 409


# The archivist

FIRST, SECOND, COPIED = "液压站产品购销合同", "轴承产品购销合同", "铁源铸造有限公司设备维护服务合同"


@pytest.mark.requirement("LOAN-06")
@pytest.mark.requirement("LOAN-10")
@pytest.mark.requirement("LOAN-11")
@pytest.mark.requirement("LOAN-13")
@pytest.mark.requirement("LOAN-14")
@pytest.mark.requirement("AUD-05")
def test_an_archivists_day_from_the_walk_along_the_shelves_to_the_registers(page_for, served):
    is_asked_for(page_for, served)
    page = page_for(ARCHIVIST)
    walks_along_the_shelves(page, served)
    hands_over_in_any_order(page, served)
    seats_a_reader_and_lets_him_go_with_an_empty_table(page, served)
    tells_the_next_in_the_row(page_for, page, served)
    finds_a_page_missing(page, served)
    registers_a_copy(page, served)
    reads_the_registers(page, served)


def is_asked_for(page_for, served: Served) -> None:
    """Two officers ask for the same folder and need nobody; a confidential one and a copy are approved."""
    officer, director, clerk = page_for(OFFICER), page_for(DEPUTY), page_for(CLERK)
    ask(officer, served, [FIRST, SECOND], "核对付款条款")
    ask(director, served, [FIRST], "检查合同履行")
    grant(officer, served, MANAGER, CONFIDENTIAL)
    ask(clerk, served, [COPIED], "答复客户投诉", "photocopy")
    grant(page_for(BACK_OFFICE), served, CLERK, COPIED)


def walks_along_the_shelves(page: Page, served: Served) -> None:
    """The list is sorted as she walks, printed with barcodes, and each folder is ticked by its scan."""
    page.goto("/desk/picks")
    walk = page.locator(".pick .fno").all_inner_texts()
    wanted = [served.folder(title)["file_number"] for title in (FIRST, SECOND, CONFIDENTIAL)]
    assert set(wanted) <= set(walk)
    address = page.get_by_role("link", name="打印").get_attribute("href")
    assert page.context.request.get(address).body().startswith(b"%PDF")
    for title in (FIRST, SECOND, CONFIDENTIAL):
        scanned(page, served.folder_code(title), "ok", served.folder(title)["file_number"])
    expect(page.locator(".pick.done")).to_have_count(3)
    scanned(page, served.folder_code("投标授权委托书"), "no", "没有人等这一份")
    see(page, "c1-picks")


def hands_over_in_any_order(page: Page, served: Served) -> None:
    """First the folder, then the card; the next folder needs no card. Slip and out-card come in one PDF."""
    page.goto("/desk")
    scanned(page, served.folder_code(FIRST), "ask", "请扫借阅人")
    scanned(page, served.person_code(OFFICER), "ok", "已借出")
    expect(page.locator("#hand")).to_contain_text("还差这份")
    given = scanned(page, served.folder_code(SECOND), "ok", served.folder(SECOND)["file_number"])
    expect(given).to_contain_text("17:30")
    see(page, "c3-desk-given")
    papers = given.get_by_role("link", name="打印借阅单").get_attribute("href")
    assert page.context.request.get(papers).body().startswith(b"%PDF")
    assert (served.custody(FIRST), served.custody(SECOND)) == ("lent", "lent")


def seats_a_reader_and_lets_him_go_with_an_empty_table(page: Page, served: Served) -> None:
    """A confidential folder goes to a seat; at the door it is said what still lies on the table."""
    page.goto("/room")
    scanned(page, served.person_code(MANAGER), "ok", "已入室")
    scanned(page, served.folder_code(CONFIDENTIAL), "ok", "已入座")
    seat = page.locator("li.seat", has_text=MANAGER)
    expect(seat).to_contain_text(served.folder(CONFIDENTIAL)["file_number"])
    assert served.custody(CONFIDENTIAL) == "reading_room"
    see(page, "c4-room")
    seat.get_by_role("button", name="签退").click()
    expect(band(page, "ask")).to_contain_text("桌上还有 1 份")
    expect(band(page, "ask")).to_contain_text(served.folder(CONFIDENTIAL)["file_number"])
    expect(page.locator("li.seat")).to_have_count(4)
    see(page, "c5-room-not-yet")
    back = scanned(page, served.folder_code(CONFIDENTIAL), "ok", "已归还")
    back.get_by_role("button", name=f"{MANAGER} 签退").click()
    expect(band(page, "ok")).to_contain_text("已签退")
    expect(page.locator("li.seat")).to_have_count(4)
    expect(page.locator("li.seat", has_text=MANAGER)).to_have_count(0)
    page.goto("/room/sessions")
    expect(page.locator("table tbody tr", has_text=MANAGER).first).to_contain_text("1 号")
    see(page, "c6-sessions")


def tells_the_next_in_the_row(page_for, page: Page, served: Served) -> None:
    """One of two folders comes back: what is still out is said, and it stays at the desk for who waits."""
    page.goto("/desk")
    back = scanned(page, served.folder_code(FIRST), "ok", "已归还")
    expect(back).to_contain_text(f"留在台上，{DEPUTY} 在等")
    expect(back).to_contain_text(re.compile(rf"{OFFICER} 还有 \d 份未还"))
    see(page, "c7-next")
    director = page_for(DEPUTY, phone=True)
    director.goto("/notices")
    expect(director.locator("ul.told")).to_contain_text(f"{served.folder(FIRST)['file_number']} 可以来取了")


def finds_a_page_missing(page: Page, served: Served) -> None:
    """The check of a return finds a page missing: a report goes to who decides, the folder stays in view."""
    number = served.folder(SECOND)["file_number"]
    back = scanned(page, served.folder_code(SECOND), "ok", number, "已归还")
    back.get_by_role("link", name="检查").click()
    page.get_by_label("清点页数").fill("2")
    page.get_by_role("radio", name="缺页").check()
    page.get_by_label("说明", exact=True).fill("少供货清单 1 页，已问借阅人。")
    see(page, "c8-check")
    page.get_by_role("button", name="记下检查结果").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    expect(page.locator("main")).to_contain_text("罚款 50—500 元")
    expect(page.locator(".chain")).to_contain_text(DEPUTY)
    see(page, "c9-incident")
    page.goto(f"/folders/{served.folder(SECOND)['id']}")
    expect(page.locator("main")).to_contain_text("缺页")
    see(page, "c10-folder")


def registers_a_copy(page: Page, served: Served) -> None:
    """A photocopy is registered with its pages before it goes."""
    page.goto("/desk")
    scanned(page, served.person_code(CLERK), "ok", CLERK)
    asks = scanned(page, served.folder_code(COPIED), "ask", "影印几页")
    asks.get_by_role("link", name="填页数并交付").click()
    page.get_by_label("影印页数").fill("3")
    see(page, "c11-copy")
    page.get_by_role("button", name="登记并交付 1 份").click()
    expect(band(page, "ok")).to_contain_text("影印 3 页")
    page.goto("/copies")
    copy = page.locator("main tr", has_text=served.folder(COPIED)["file_number"])
    expect(copy).to_contain_text(CLERK)
    see(page, "c12-copies")


def reads_the_registers(page: Page, served: Served) -> None:
    """A page and an Excel sheet; what is late, and what she was told, stand on their pages."""
    number = served.folder(FIRST)["file_number"]
    page.goto("/reports")
    page.get_by_role("link", name="借阅登记簿", exact=True).click()
    expect(page.locator("table tbody tr", has_text=number).first).to_contain_text(OFFICER)
    see(page, "c13-register")
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    sheet = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).worksheets[0]
    rows = [" ".join(str(cell) for cell in row if cell) for row in sheet.iter_rows(values_only=True)]
    assert any(number in row and OFFICER in row for row in rows)
    page.goto("/reports/overdue")
    expect(page.locator("main table")).to_contain_text(
        served.folder("恒泰机电有限公司区域经销框架协议")["file_number"]
    )
    see(page, "c14-overdue")
    page.goto("/notices")
    expect(page.locator("ul.told")).to_contain_text("逾期未还")
    see(page, "c15-notices")
