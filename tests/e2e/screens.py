"""The main pages of the program, each with the person who looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.e2e.served import Served


@dataclass(frozen=True)
class Screen:
    """A page as a person sees it."""

    name: str
    person: str | None
    path: str


def screens(served: Served) -> list[Screen]:
    """Every main page, on rows of the demo room."""
    kept = served.folder("成都天府食品销售有限公司数控铣床")["id"]
    reserved = served.one("select min(id) from folder where state = 'reserved'")
    void = served.one("select min(id) from folder where state = 'void'")
    secret = served.one("select id from folder where title like '%船用齿轮箱%' and year = 2026")
    reading = served.one("select min(id) from loan where folder_id = ? and state = 'reading'", kept)
    asked = served.one(
        "select min(id) from loan where state = 'requested' and folder_id in "
        "(select id from folder where title like '%恒泰机电有限公司客户资信%')"
    )
    drawn = served.until("select id from scan_page where state = 'read' order by id")
    volume = served.rows("select id from volume where state in ('bound', 'boxed') limit 1")
    item = served.rows("select id from volume_item where released_at is null limit 1")
    binding = {"volume": f"/volumes/{volume[0]['id']}"} if volume else {}
    binding |= {"document in a volume": f"/volume-items/{item[0]['id']}"} if item else {}
    archivist = binding | {
        "dashboard": "/",
        "desk": "/desk",
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
        "account": "/me",
    }
    others = [
        Screen("sign-in", None, "/sign-in"),
        Screen("request", "王静娟", f"/loans/new?folder={secret}"),
        Screen("refusal", "王静娟", f"/loans/new?folder={kept}"),
        Screen("mine", "王静娟", "/loans/mine"),
        Screen("folder of a borrower", "王静娟", f"/folders/{secret}"),
        Screen("approvals", "沈慧敏", "/approvals"),
        Screen("decision", "沈慧敏", f"/loans/{asked}/decision"),
        Screen("deputations", "周建国", "/deputations"),
        Screen("deputation", "周建国", "/deputations/new"),
        Screen("people", "赵晓彤", "/people"),
        Screen("person", "赵晓彤", "/people/new"),
        Screen("audit", "郑凯", "/audit"),
    ]
    return [Screen(name, "陈静宜", path) for name, path in archivist.items()] + others
