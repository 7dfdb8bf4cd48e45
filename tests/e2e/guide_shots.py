"""The pictures of the guide, taken from the program itself: `python -m tests.e2e.guide_shots [NAME…]`.

They lie in docs/guide/img; without names all are taken. The whole demo room is scanned and read first, so it
takes some minutes. Pictures that change the room come after those that show it as it is.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from archive_app.printing.barcode import BarcodeType, payload, qr_text
from tests.conftest import ROOT
from tests.e2e.browser import DESK, PHONE, launch, scan
from tests.e2e.served import Served, running

TARGET = ROOT / "docs" / "guide" / "img"
SHARP = DESK | {"device_scale_factor": 1}
TALL = SHARP | {"viewport": {"width": 1366, "height": 1160}}
LONG = PHONE | {"viewport": {"width": 390, "height": 1180}}
COLOURS, APART = 256, 10
ARCHIVIST = "陈静宜"
BOUND = "select id from volume where state = 'boxed' order by id limit 1"
PACK = "select pack from volume where state = 'boxed' order by id limit 1"
NEW_YEAR = "/volumes/HT/2026"
"""A year nobody has proposed yet: the pictures of the order are taken there."""
SHEETS = (("sheet-cover", 0), ("sheet-catalog", 1), ("sheet-remark", -5), ("sheet-label", -2))
"""Pages of the pack of a bound volume, counted from its front or its end."""
DOTS_PER_INCH = 96
Act = Callable[[Page, Served], object]


def desk_with_a_hand_over(page: Page, served: Served) -> None:
    """Person, folder: handed over; the ring still counts."""
    page.goto("/desk")
    band = page.locator("#band .band.ok")
    scan(page, served.person_code("马国栋"))
    expect(band).to_contain_text("马国栋")
    scan(page, served.folder_code("上半年应收账款分析报告"))
    expect(band).to_contain_text("已借出")
    scan(page, served.person_code("王静娟"))
    expect(band).to_contain_text("王静娟")
    scan(page, served.folder_code("宏图汽车零部件有限公司客户资信档案"))
    expect(band).to_contain_text("已借出")


def desk_with_a_refusal(page: Page, served: Served) -> None:
    """A confidential folder that may not leave the room."""
    page.goto("/desk")
    scan(page, served.person_code("林志远"))
    expect(page.locator("#band .band.ok")).to_contain_text("林志远")
    scan(page, served.folder_code("独家供货合同"))
    expect(page.locator("#band .band.no")).to_be_visible()


def filled_form(page: Page, _served: Served) -> None:
    """A registration before it is saved."""
    page.goto("/folders/new")
    page.get_by_label("题名").fill("成都天府食品销售有限公司数控铣床维修服务合同")
    page.get_by_label("客户或对方").fill("成都天府食品销售有限公司")
    page.get_by_label("存址").fill("一号库房 A03 柜 2 格 盒 04")


def at(path: str) -> Act:
    """Open an address; ``{words}`` in it is the id of the folder with these words in its title."""

    def act(page: Page, served: Served) -> None:
        before, _brace, rest = path.partition("{")
        words, _brace, after = rest.partition("}")
        page.goto(f"{before}{served.folder(words)['id']}{after}" if words else path)

    return act


def hit(page: Page, _served: Served) -> None:
    """The page of a hit, its words marked."""
    page.goto("/search?q=数控铣床")
    page.get_by_role("link", name="看命中页").first.click()
    page.locator(".canvas img").evaluate("image => image.decode()")


def basket(page: Page, served: Served) -> None:
    """Three folders asked for together: what will happen to each, one of them not as it was wished."""
    page.goto("/loans/basket")
    titles = ("联轴器产品购销合同", "独家供货合同", "联轴器断裂投诉及处理")
    page.get_by_label("按档号加").fill("\n".join(served.folder(each)["file_number"] for each in titles))
    page.get_by_role("button", name="加入", exact=True).click()
    expect(page.locator(".req .item")).to_have_count(3)
    page.goto("/loans/basket")  # without the message


def reading(page: Page, served: Served) -> None:
    """A confidential page on the screen of its reader, her name and loan on it."""
    folder = served.folder("天府食品销售有限公司数控铣床")["id"]
    page.goto(f"/pages/{served.one('select min(id) from scan_page where folder_id = ?', folder)}")
    page.locator(".canvas img").evaluate("image => image.decode()")
    page.keyboard.press("t")  # the text beside it is put away


def decision(page: Page, served: Served) -> None:
    """What was asked for together, as its approver sees it; one folder is left out."""
    page.goto("/approvals")
    page.locator("main li", has_text="3 份").get_by_role("link").first.click()
    page.locator("label.pick").last.get_by_role("checkbox").uncheck()


def check(page: Page, served: Served) -> None:
    """A folder that comes back with a page less."""
    folder = served.folder("瑞丰设备有限公司设备验收")["id"]
    loan = served.one("select id from loan where folder_id = ? and state = 'out'", folder)
    page.goto(f"/desk/check/{loan}")
    page.get_by_label("清点页数").fill("13")
    page.get_by_label("缺页", exact=True).check()
    page.get_by_label("说明", exact=True).fill("付款往来函缺第 3 页")


def incident(page: Page, served: Served) -> None:
    """A page that is missing, before whom it waits for."""
    page.goto(f"/incidents/{served.one('select max(id) from incident')}")


def alarm(page: Page, served: Served) -> None:
    """Five wrong passwords in a row, with the trail."""
    stranger = page.context.browser
    assert stranger is not None
    other = stranger.new_page(base_url=served.url, locale="zh-CN")
    for _turn in range(5):
        other.goto("/sign-in")
        other.locator("input[name=name]").fill("tangwei")
        other.locator("input[name=password]").fill("2026tangwei")
        with other.expect_navigation():
            other.locator("input[name=password]").press("Enter")
    other.close()
    page.goto(f"/alarms/{served.until('select max(id) from alarm having max(id) > 0')}")


SECRET_LOAN = "[secrecy.secret.use.loan]"
HOURS = "hours = 4"


def revision(page: Page, _served: Served) -> None:
    """A draft of the rule book beside the one in force."""
    page.goto("/revisions/new")
    text = page.locator("textarea[name=text]")
    whole = text.input_value()
    head, tail = whole.split(SECRET_LOAN)
    text.evaluate("(field, value) => {field.value = value}", head.replace(
        "借阅时间不得超过4小时", "借阅时间不得超过2小时"
    ) + SECRET_LOAN + tail.replace(HOURS, "hours = 2", 1))  # fmt: skip
    page.get_by_label("为什么改").fill("秘密级外借缩短到两小时")
    page.get_by_role("button", name="存成草案").click()
    expect(page.locator("main")).to_contain_text("改了什么")


def volume_bound(page: Page, served: Served) -> None:
    """The page of a bound volume."""
    page.goto(f"/volumes/{served.one(BOUND)}")


def print_check(page: Page, served: Served) -> None:
    """The QR of a pack that was printed before something changed, scanned at the desk."""
    printed = served.one(PACK)
    digest = served.one("select digest from print where id = ?", printed)
    page.goto("/desk")
    scan(page, qr_text(digest[:12], payload(BarcodeType.PRINT, printed)))
    expect(page.locator("#band .band.ask")).to_contain_text("已有改动")


def box(page: Page, served: Served) -> None:
    """The box in which the bound volume stands."""
    page.goto(f"/places/{served.one('select box from volume where id = ?', served.one(BOUND))}")


def shelving(page: Page, served: Served) -> None:
    """A box in hand, and two folders that were put into it."""
    here, there = "2026年度投标授权委托书", "福州闽江包装机械有限公司减速机"
    home = served.one(
        "select home_id from standing where kind = 'folder' and key = ?", served.folder(here)["id"]
    )
    page.goto("/desk")
    scan(page, payload(BarcodeType.BOX, home))
    expect(page.locator("#band .band.ok")).to_contain_text("上架到")
    for title in (here, there):
        scan(page, served.folder_code(title))
        expect(page.locator("#band .band.ok")).to_contain_text(served.folder(title)["file_number"])


def printer(page: Page, _served: Served) -> None:
    """A label printer whose calibration sheet was measured."""
    page.goto("/printers")
    page.get_by_label("名称").fill("前台激光机")
    page.get_by_role("button", name="登记 1 台").click()
    for label, found in (
        ("左上十字，距左边", "20.6"), ("左上十字，距上边", "19.7"),
        ("右下十字，距左边", "190.1"), ("右下十字，距上边", "276.2"),
    ):  # fmt: skip
        page.get_by_label(label).fill(found)
    page.get_by_role("button", name="算出偏移和缩放").click()
    expect(page.locator(".flashes")).to_be_visible()


def proposed(page: Page, _served: Served) -> None:
    """The volumes of a year, proposed by the rule book."""
    page.goto(NEW_YEAR)
    page.get_by_role("button", name="按制度组卷").click()
    expect(page.locator(".flashes")).to_contain_text("已组成")


def order(page: Page, _served: Served) -> None:
    """A document moved by the keyboard, the reason asked for."""
    page.goto(f"{NEW_YEAR}?stage=volumes")
    expect(page.locator("table.order[data-ready]")).to_be_visible()
    page.locator("table.order tbody tr", has_text="配件清单及验收标准").focus()
    page.keyboard.press("Alt+ArrowUp")
    page.get_by_role("dialog").get_by_label("移动的理由").fill("验收标准先于供货清单签订")
    page.wait_for_timeout(300)  # the page follows the row that is moved
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")


def order_refused(page: Page, _served: Served) -> None:
    """A document that would tear request and reply, with the clause."""
    page.goto(f"{NEW_YEAR}?stage=volumes")
    expect(page.locator("table.order[data-ready]")).to_be_visible()
    page.locator("table.order tbody tr", has_text="请示在后").first.locator("+ tr").focus()
    page.keyboard.press("Alt+ArrowUp")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("移动的理由").fill("合同放在批复之后")
    dialog.get_by_role("button", name="移动 1 件").click()
    expect(dialog.locator(".refuse blockquote")).not_to_be_empty()


SHOTS: tuple[tuple[str, str | None, dict[str, Any], Act], ...] = (
    ("sign-in", None, SHARP, at("/sign-in")),
    ("today", ARCHIVIST, SHARP, at("/")),
    ("register", ARCHIVIST, SHARP, filled_form),
    ("folder", ARCHIVIST, SHARP, at("/folders/{天府食品销售有限公司数控铣床}")),
    ("numbers", ARCHIVIST, SHARP, at("/numbers?year=2026&category=HT")),
    ("labels", ARCHIVIST, SHARP, at("/labels?id={天府食品销售有限公司数控铣床}")),
    ("scans", ARCHIVIST, SHARP, at("/folders/{天府食品销售有限公司数控铣床}/scans")),
    ("search", ARCHIVIST, SHARP, at("/search?q=合同 铣床")),
    ("viewer", ARCHIVIST, SHARP, hit),
    ("request", "王静娟", SHARP | {"viewport": {"width": 1366, "height": 960}}, basket),
    ("reading", "王静娟", SHARP, reading),
    ("mine", "王静娟", PHONE, at("/loans/mine")),
    ("decision", "林志远", LONG, decision),
    ("picks", ARCHIVIST, SHARP, at("/desk/picks")),
    ("check", ARCHIVIST, SHARP, check),
    ("room", ARCHIVIST, SHARP, at("/room")),
    ("copies", ARCHIVIST, SHARP, at("/copies")),
    ("incident", "吴文清", SHARP, incident),
    ("outstanding", ARCHIVIST, SHARP, at("/reports/outstanding")),
    ("desk", ARCHIVIST, SHARP, desk_with_a_hand_over),
    ("desk-refused", ARCHIVIST, SHARP, desk_with_a_refusal),
    ("binding-years", ARCHIVIST, SHARP, at("/volumes")),
    ("binding", ARCHIVIST, TALL, at("/volumes/HT/2025?stage=volumes")),
    ("binding-phone", ARCHIVIST, PHONE, at("/volumes/HT/2025?stage=volumes")),
    ("binding-check", ARCHIVIST, TALL, at("/volumes/HT/2025?stage=check")),
    ("volume", ARCHIVIST, TALL, volume_bound),
    ("lists", ARCHIVIST, SHARP, at("/lists")),
    ("print-check", ARCHIVIST, SHARP, print_check),
    ("places", ARCHIVIST, SHARP, at("/places")),
    ("box", ARCHIVIST, SHARP, box),
    ("shelving", ARCHIVIST, SHARP, shelving),
    ("printer", ARCHIVIST, SHARP, printer),
    ("dual", ARCHIVIST, SHARP, at("/dual")),
    ("condition", ARCHIVIST, SHARP, at("/folders/{天府食品销售有限公司数控铣床}/condition")),
    ("alarm", "郭平", SHARP, alarm),
    ("revision", "赵晓彤", SHARP, revision),
    ("binding-proposed", ARCHIVIST, SHARP, proposed),
    ("order", ARCHIVIST, SHARP, order),
    ("order-refused", ARCHIVIST, SHARP, order_refused),
)


def main() -> None:
    """Take every picture, or those that are named."""
    wanted = set(sys.argv[1:]) or {shot[0] for shot in SHOTS} | {name for name, _number in SHEETS}
    TARGET.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        running(Path(home), all_scans=True) as served,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        take_all(browser, served, wanted)
        browser.close()


def take_all(browser: Browser, served: Served, wanted: set[str]) -> None:
    """Take the pictures with these names."""
    for shot in SHOTS:
        if shot[0] in wanted:
            take(browser, served, *shot)
    sheets(browser, served, wanted)


def take(
    browser: Browser, served: Served, name: str, person: str | None, screen: dict[str, Any], act: Act
) -> None:
    """Take one picture as this person sees the page, and pack it small."""
    context = signed_in(browser, served, person, screen)
    page = context.pages[0]
    act(page, served)
    page.wait_for_load_state("networkidle")
    path = TARGET / f"{name}.png"
    page.screenshot(path=path)
    context.close()
    pack(path)


def signed_in(browser: Browser, served: Served, person: str | None, screen: dict[str, Any]) -> BrowserContext:
    """A browser with one page, in which this person (or nobody) is signed in."""
    context = browser.new_context(base_url=served.url, locale="zh-CN", timezone_id="Asia/Shanghai", **screen)
    page = context.new_page()
    if person:
        page.goto("/sign-in")
        page.locator(".demo button", has_text=person).click()
    return context


def sheets(browser: Browser, served: Served, wanted: set[str]) -> None:
    """Turn pages of a bound volume's pack into pictures."""
    context = signed_in(browser, served, ARCHIVIST, SHARP)
    printed = served.one(PACK)
    pdf = pypdfium2.PdfDocument(context.request.get(f"/prints/{printed}/pdf").body())
    for name, number in SHEETS:
        if name not in wanted:
            continue
        page = pdf[number % len(pdf)]
        picture = page.render(scale=DOTS_PER_INCH / 72).to_pil().convert("L")
        picture.save(TARGET / f"{name}.png", optimize=True)
    context.close()


def pack(path: Path) -> None:
    """Reduce a picture to 256 colours: the screens have few, and the common ones stay exact."""
    from PIL import Image

    with Image.open(path) as image:
        picture = image.convert("RGB")
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in main_colours(picture) for part in colour])
    picture.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)


def main_colours(picture: Any) -> list[tuple[int, int, int]]:
    """The commonest colours, each clearly different from the ones before it."""
    chosen: list[tuple[int, int, int]] = []
    for _count, colour in sorted(picture.getcolors(picture.width * picture.height), reverse=True):
        if all(sum(abs(a - b) for a, b in zip(colour, other, strict=True)) > APART for other in chosen):
            chosen.append(colour)
        if len(chosen) == COLOURS:
            break
    return chosen


if __name__ == "__main__":
    main()
