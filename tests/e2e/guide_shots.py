"""The pictures of the guide, taken from the program itself: `python -m tests.e2e.guide_shots`.

They lie in docs/guide/img. The whole demo room is scanned and read first, so it takes some minutes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import ROOT
from tests.e2e.browser import DESK, PHONE, launch, scan
from tests.e2e.served import Served, running

TARGET = ROOT / "docs" / "guide" / "img"
SHARP = DESK | {"device_scale_factor": 1}
COLOURS, APART = 256, 10
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


def decision(page: Page, served: Served) -> None:
    """A request as its approver sees it."""
    folder = served.folder("恒泰机电有限公司客户资信档案")["id"]
    loan = served.one("select max(id) from loan where folder_id = ? and state = 'requested'", folder)
    page.goto(f"/loans/{loan}/decision")


SHOTS: tuple[tuple[str, str | None, dict[str, Any], Act], ...] = (
    ("sign-in", None, SHARP, at("/sign-in")),
    ("today", "陈静宜", SHARP, at("/")),
    ("register", "陈静宜", SHARP, filled_form),
    ("folder", "陈静宜", SHARP, at("/folders/{天府食品销售有限公司数控铣床}")),
    ("numbers", "陈静宜", SHARP, at("/numbers?year=2026&category=HT")),
    ("labels", "陈静宜", SHARP, at("/labels?id={天府食品销售有限公司数控铣床}")),
    ("scans", "陈静宜", SHARP, at("/folders/{天府食品销售有限公司数控铣床}/scans")),
    ("search", "陈静宜", SHARP, at("/search?q=合同 铣床")),
    ("viewer", "陈静宜", SHARP, hit),
    ("request", "王静娟", SHARP, at("/loans/new?folder={质量异议往来信函}")),
    ("refusal", "王静娟", SHARP, at("/loans/new?folder={独家供货合同}")),
    ("mine", "王静娟", PHONE, at("/loans/mine")),
    ("decision", "沈慧敏", PHONE, decision),
    ("desk", "陈静宜", SHARP, desk_with_a_hand_over),
    ("desk-refused", "陈静宜", SHARP, desk_with_a_refusal),
    ("desk-phone", "陈静宜", PHONE, desk_with_a_refusal),
    ("desk-dark", "陈静宜", SHARP | {"color_scheme": "dark"}, desk_with_a_refusal),
)


def main() -> None:
    """Take every picture."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        running(Path(home), all_scans=True) as served,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        for shot in SHOTS:
            take(browser, served, *shot)
        browser.close()


def take(
    browser: Browser, served: Served, name: str, person: str | None, screen: dict[str, Any], act: Act
) -> None:
    """Take one picture as this person sees the page, and pack it small."""
    context = browser.new_context(base_url=served.url, locale="zh-CN", timezone_id="Asia/Shanghai", **screen)
    page = context.new_page()
    if person:
        page.goto("/sign-in")
        page.locator(".demo button", has_text=person).click()
    act(page, served)
    page.wait_for_load_state("networkidle")
    path = TARGET / f"{name}.png"
    page.screenshot(path=path)
    context.close()
    pack(path)


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
