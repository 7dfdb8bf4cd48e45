"""The main pages of the program, each with the person who looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.e2e.served import Served


@dataclass(frozen=True)
class Screen:
    """A page as a person sees it; ``alike``: made of parts that another page shows too."""

    name: str
    person: str | None
    path: str
    alike: bool = False


ALIKE = {
    "accept", "binding box", "binding check", "binding collect", "deputation", "document", "edit", "history",
    "folder of a borrower", "lists", "new place", "person", "prints", "reserve", "reserved", "void",
}  # fmt: skip


def screens(served: Served) -> list[Screen]:
    """Every main page, on rows of the demo room."""
    found = [*_archivist(served), *_others(served)]
    return [Screen(name, person, path, name in ALIKE) for name, person, path in found]


Found = tuple[str, str | None, str]


def _archivist(served: Served) -> list[Found]:
    kept = served.folder("成都天府食品销售有限公司数控铣床")["id"]
    reserved = served.one("select min(id) from folder where state = 'reserved'")
    void = served.one("select min(id) from folder where state = 'void'")
    reading = served.one("select min(id) from loan where folder_id = ? and state = 'reading'", kept)
    drawn = served.until("select id from scan_page where state = 'read' order by id")
    copy = served.one("select min(id) from folder_copy")
    incident = served.one("select min(id) from incident")
    volume = served.rows("select id from volume where state in ('bound', 'boxed') limit 1")
    item = served.rows("select id from volume_item where released_at is null limit 1")
    binding = {"volume": f"/volumes/{volume[0]['id']}"} if volume else {}
    binding |= {"document in a volume": f"/volume-items/{item[0]['id']}"} if item else {}
    pages = binding | {
        "dashboard": "/",
        "desk": "/desk",
        "picks": "/desk/picks",
        "return check": f"/desk/check/{reading}",
        "room": "/room",
        "room sessions": "/room/sessions",
        "search": "/search?q=天府",
        "folders": "/folders",
        "register": "/folders/new",
        "folder": f"/folders/{kept}",
        "reserved": f"/folders/{reserved}",
        "void": f"/folders/{void}",
        "edit": f"/folders/{kept}/edit",
        "history": f"/folders/{kept}/history",
        "document": f"/folders/{kept}/documents/new",
        "numbers": "/numbers",
        "reserve": "/numbers/reserve",
        "labels": f"/labels?id={kept}",
        "folder scans": f"/folders/{kept}/scans",
        "scans": "/scans",
        "viewer": f"/pages/{drawn}?q=合同",
        "loans": "/loans",
        "loan": f"/loans/{reading}",
        "copies": "/copies",
        "copy": f"/copies/{copy}",
        "incidents": "/incidents",
        "incident": f"/incidents/{incident}",
        "notices": "/notices",
        "reports": "/reports",
        "loan register": "/reports/loans",
        "report of use": "/reports/use",
        "timeline": f"/reports/folder/{kept}",
        "binding years": "/volumes",
        "binding collect": "/volumes/YW/2025?stage=collect",
        "binding": "/volumes/HT/2025?stage=volumes",
        "binding check": "/volumes/HT/2025?stage=check",
        "binding print": "/volumes/HT/2025?stage=bind",
        "binding box": "/volumes/HT/2025?stage=box",
        "lists": "/lists",
        "accept": f"/folders/{kept}/accept?problem=no_scan",
        "places": "/places",
        "new place": "/places/new",
        "printers": "/printers",
        "prints": "/prints",
        "dual": "/dual",
        "rules": "/policy",
        "ask": "/policy/ask",
        "replays": "/policy/replay",
        "revisions": "/revisions",
        "account": "/me",
    }
    return [(name, "陈静宜", path) for name, path in pages.items()]


def _others(served: Served) -> list[Found]:
    contract = served.folder("独家供货合同")["id"]
    secret = served.one("select id from folder where title like '%船用齿轮箱%' and year = 2026")
    asked = served.one(
        "select min(id) from loan where state = 'requested' and folder_id in "
        "(select id from folder where title like '%恒泰机电有限公司客户资信%')"
    )
    copied = served.loan("黄志强", "明达自动化有限公司伺服电机")
    basket = served.one("select min(basket) from approval where state = 'open'")
    return [
        ("sign-in", None, "/sign-in"),
        ("request", "王静娟", f"/loans/new?folder={secret}&folder={contract}"),
        ("basket", "王静娟", "/loans/basket"),
        ("mine", "王静娟", "/loans/mine"),
        ("folder of a borrower", "王静娟", f"/folders/{secret}"),
        ("extend", "黄志强", f"/loans/{copied}/extend"),
        ("approvals", "沈慧敏", "/approvals"),
        ("decision", "沈慧敏", f"/loans/{asked}/decision"),
        ("basket to decide", "林志远", f"/approvals/basket/{basket}"),
        ("deputations", "周建国", "/deputations"),
        ("deputation", "周建国", "/deputations/new"),
        ("people", "赵晓彤", "/people"),
        ("person", "赵晓彤", "/people/new"),
        ("alarms", "郭平", "/alarms"),
        ("audit", "郑凯", "/audit"),
    ]
