"""The scan desk: a scanner types fast, anywhere, past any input method; every scan says what it did."""

import pytest
from playwright.sync_api import Page, expect

from archive_app.printing.barcode import BarcodeType, payload
from tests.e2e.browser import IN_CHROMIUM, scan, scan_at_once

pytestmark = IN_CHROMIUM

ARCHIVIST = "陈静宜"


@pytest.fixture
def desk(page_for) -> Page:
    page = page_for(ARCHIVIST)
    page.goto("/desk")
    expect(page.locator("#scan")).to_be_focused()
    return page


def band(page: Page, kind: str):
    return page.locator(f"#band .band.{kind}")


@pytest.mark.requirement("LOAN-10")
def test_person_then_folder_hands_over_and_escape_takes_it_back(desk, served):
    folder = "宏图汽车零部件有限公司客户资信档案"
    scan(desk, served.person_code("王静娟"))
    expect(band(desk, "ok")).to_contain_text("王静娟")
    expect(desk.locator("#hand")).to_contain_text("还差这份")
    scan(desk, served.folder_code(folder))
    expect(band(desk, "ok")).to_contain_text("已借出")
    expect(band(desk, "ok")).to_contain_text(served.folder(folder)["file_number"])
    expect(desk.locator("#log tr").first).to_contain_text("已借出")
    assert served.custody(folder) == "lent"
    desk.keyboard.press("Escape")
    expect(desk.locator("#band")).to_contain_text("已撤销")
    assert served.custody(folder) == "on_shelf"


@pytest.mark.requirement("LOAN-07")
def test_folder_then_person_hands_over_a_click_takes_it_back_and_a_scan_brings_it_home(desk, served):
    folder = "年度供货框架协议"
    code = served.folder_code(folder)
    scan(desk, code)
    expect(band(desk, "ask")).to_contain_text("请扫借阅人")
    scan(desk, served.person_code("王静娟"))
    expect(band(desk, "ok")).to_contain_text("已借出")
    desk.locator("#band form[data-undo] button").click()
    expect(desk.locator("#band")).to_contain_text("已撤销")
    assert served.custody(folder) == "on_shelf"
    scan(desk, code)
    expect(band(desk, "ok")).to_contain_text("已借出")
    scan(desk, code)
    expect(band(desk, "ok")).to_contain_text("已归还")
    assert served.custody(folder) == "on_shelf"


def test_the_slip_says_what_to_fetch_and_the_folder_completes_it(desk, served):
    folder = served.folder("上半年应收账款分析报告")
    loan = served.one("select min(id) from loan where folder_id = ? and state = 'approved'", folder["id"])
    scan(desk, payload(BarcodeType.LOAN, loan))
    expect(band(desk, "ask")).to_contain_text(folder["place"])
    scan(desk, payload(BarcodeType.FOLDER, folder["id"]))
    expect(band(desk, "ok")).to_contain_text("马国栋")
    expect(band(desk, "ok")).to_contain_text("17:30")
    scan(desk, payload(BarcodeType.FOLDER, folder["id"]))
    expect(band(desk, "ok")).to_contain_text("已归还")


def test_an_overdue_folder_comes_home_and_the_desk_says_that_it_is_late(desk, served):
    folder = "恒泰机电有限公司区域经销框架协议"
    scan(desk, served.folder_code(folder))
    expect(band(desk, "ok")).to_contain_text("已逾期")
    desk.keyboard.press("Escape")
    expect(desk.locator("#band")).to_contain_text("已撤销")
    assert served.custody(folder) == "lent"


@pytest.mark.requirement("SEC-01")
def test_a_top_secret_folder_is_refused_in_red_with_its_clause(desk, served):
    scan(desk, served.person_code("周建国"))
    expect(band(desk, "ok")).to_contain_text("周建国")
    scan(desk, served.folder_code("重大资产重组顾问保密协议"))
    expect(band(desk, "no")).to_contain_text("绝密")
    expect(band(desk, "no")).to_contain_text("七.3")
    expect(band(desk, "no")).to_contain_text("没有改动任何记录")
    assert served.custody("重大资产重组顾问保密协议") == "on_shelf"


def test_unknown_damaged_and_foreign_codes_are_told_apart_and_do_nothing(desk, served):
    before = served.one("select count(*) from custody_event")
    good = served.folder_code("春季经销商会议纪要")
    damaged = good[:-1] + str((int(good[-1]) + 1) % 10)
    for code, words in (
        (payload(BarcodeType.FOLDER, 999_999), "本室没有登记它"),
        (damaged, "校验不符"),
        ("6901234567892", "不是本室条码"),
    ):
        scan(desk, code)
        expect(band(desk, "none")).to_contain_text(words)
        expect(band(desk, "none")).to_contain_text("没有改动任何记录")
    expect(desk.locator("#log tr")).to_have_count(3)
    assert served.one("select count(*) from custody_event") == before


def test_full_width_digits_are_the_same_code(desk, served):
    wide = served.person_code("许明").translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    desk.keyboard.insert_text(wide)
    desk.keyboard.press("Enter")
    expect(band(desk, "ok")).to_contain_text("许明")
    expect(desk.locator("#scan")).to_have_value("")


def test_a_number_typed_by_hand_is_taken_in_any_form(desk, served):
    number = served.folder("客户服务热线录音选存")["file_number"]
    desk.keyboard.insert_text(number.lower().replace("-", "－"))
    desk.keyboard.press("Enter")
    expect(band(desk, "ask")).to_contain_text(number)


def test_a_chinese_input_method_swallows_no_digit(desk, served):
    keys = desk.context.new_cdp_session(desk)
    keys.send("Input.imeSetComposition", {"text": "ni", "selectionStart": 2, "selectionEnd": 2})
    for digit in served.person_code("刘雅琴"):
        press = {"key": "Process", "code": f"Digit{digit}", "windowsVirtualKeyCode": 229}
        keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **press})
        keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **press})
    desk.keyboard.press("Enter")
    expect(band(desk, "ok")).to_contain_text("刘雅琴")


def test_the_box_has_the_focus_again_after_a_click_elsewhere(desk):
    desk.locator("#log h2").click()
    expect(desk.locator("#scan")).to_be_focused()
    desk.get_by_role("button", name="静音").or_(desk.locator("[data-mute]")).first.click()
    expect(desk.locator("#scan")).to_be_focused()


def test_a_scan_counts_wherever_the_focus_is(desk, served):
    desk.evaluate("document.activeElement.blur()")
    scan(desk, served.person_code("孙丽"))
    expect(band(desk, "ok")).to_contain_text("孙丽")
    desk.locator(".rail a").nth(3).focus()
    scan_at_once(desk, served.person_code("徐倩"))
    expect(band(desk, "ok")).to_contain_text("徐倩")


def test_several_scans_in_a_row_are_done_in_their_order(desk, served):
    for name in ("唐伟", "何秀兰", "郑凯"):
        scan(desk, served.person_code(name))
    expect(desk.locator("#log tr")).to_have_count(3)
    expect(desk.locator("#log tr").first).to_contain_text("郑凯")
    expect(band(desk, "ok")).to_contain_text("郑凯")


def test_a_scan_on_another_page_is_done_at_the_desk(page_for, served):
    page = page_for(ARCHIVIST)
    page.goto("/folders")
    scan_at_once(page, served.person_code("赵晓彤"))
    expect(page).to_have_url("/desk")
    expect(band(page, "ok")).to_contain_text("赵晓彤")


def test_a_scan_throws_away_no_half_filled_form(page_for, served):
    page = page_for(ARCHIVIST)
    page.goto("/folders/new")
    page.get_by_label("题名").fill("写到一半")
    scan_at_once(page, served.person_code("赵晓彤"))
    expect(page.locator(".flashes")).not_to_be_empty()
    expect(page).to_have_url("/folders/new")
    expect(page.get_by_label("题名")).to_have_value("写到一半")


def test_another_person_is_taken_in_hand_by_f2(desk, served):
    scan(desk, served.person_code("黄志强"))
    expect(desk.locator("#hand")).to_contain_text("黄志强")
    desk.keyboard.press("F2")
    expect(desk.locator("#hand")).not_to_contain_text("黄志强")
    expect(desk.locator("#scan")).to_be_focused()


def test_after_ten_seconds_a_scan_cannot_be_taken_back_any_more(desk, served):
    folder = "华东机床展客户访谈录像"
    scan(desk, served.person_code("周建国"))
    scan(desk, served.folder_code(folder))
    undo = desk.locator("#band form[data-undo]")
    expect(undo).to_be_visible()
    expect(undo).to_be_hidden(timeout=15_000)
    desk.keyboard.press("Escape")
    expect(band(desk, "ok")).to_contain_text("已借出")
    assert served.custody(folder) == "lent"
