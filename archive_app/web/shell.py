"""What every page shows around its content: navigation by permission, counts, the person, the hour."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, g, request, url_for

from archive_app.approvals import queries as approvals
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans import queries as loans
from archive_app.people import access, queries, rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.scans import queries as scans
from archive_app.web import language

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Link:
    """An entry of the navigation, for holders of the permission."""

    icon: str
    text: L
    endpoint: str
    permission: str
    count: str = ""
    hot: bool = False
    unless: str = ""  # a permission whose holders have a better entry


RULE = None
# The staff of the archive room work through the whole list; borrowers see only what they come for.
STAFF: tuple[Link | None, ...] = (
    Link("calendar3", L("今日工作台"), "home.dashboard", "dashboard.view"),
    Link("upc-scan", L("扫码台"), "desk.index", "desk.use"),
    Link("search", L("检索"), "desk.search_page", "search.use"),
    RULE,
    Link("folder2", L("档案"), "records.folders", "folder.view"),
    Link("box-arrow-up-right", L("借阅"), "loans.index", "loan.view_all", "out"),
    Link("clock-history", L("我的借阅"), "loans.mine", "loan.request", "mine", unless="loan.desk"),
    Link("check2-square", L("审批"), "approvals.index", "loan.decide", "approvals", hot=True),
    Link("book", L("组卷装订"), "volumes.index", "volume.view"),
    Link("file-earmark-image", L("数字化"), "scans.index", "scan.add", "scans"),
    Link("link-45deg", L("纸电核对"), "scans.dual", "dual.view"),
    Link("bookshelf", L("库房"), "stacks.index", "place.view"),
    Link("printer", L("打印登记"), "prints.index", "print.view"),
    RULE,
    Link("journal-text", L("制度"), "policy.index", "policy.view"),
    Link("people", L("人员"), "people.index", "people.view"),
    Link("person-badge", L("委托"), "deputations.index", "deputation.manage"),
    Link("shield-check", L("审计"), "audit.index", "audit.view"),
)
BORROWER: tuple[Link | None, ...] = (
    Link("search", L("检索"), "desk.search_page", "search.use"),
    Link("folder2", L("档案"), "records.folders", "folder.view"),
    Link("clock-history", L("我的借阅"), "loans.mine", "loan.request", "mine"),
    Link("check2-square", L("待我审批"), "approvals.index", "loan.decide", "approvals", hot=True),
    RULE,
    Link("journal-text", L("借阅须知"), "policy.index", "policy.view"),
    Link("people", L("人员"), "people.index", "people.view"),
    Link("person-badge", L("委托"), "deputations.index", "deputation.own"),
)
HOME = {"home.start": "home.dashboard"}
STAFF_TABS = ("home.dashboard", "desk.index", "approvals.index", "desk.search_page", "records.folders")
BORROWER_TABS = ("desk.search_page", "loans.mine", "approvals.index", "policy.index")

# The figures beside the links, a query or two each.
counts: dict[str, Callable[[Actor, datetime], int]] = {
    "out": loans.count_away,
    "approvals": approvals.count_waiting,
    "scans": lambda _actor, _at: scans.waiting_total(),
    "mine": loans.count_open,
}


def is_staff(actor: Actor) -> bool:
    """Whether the person works with the whole room rather than borrowing from it."""
    return actor.can("dashboard.view") or actor.can("people.manage")


def shell() -> dict[str, Any]:
    """The values of base.html for the present request."""
    user = access.current_user()
    values = {"now": access.now(), "locale": language.code(), "theme": request.cookies.get("theme", "auto")}
    if user is None:
        return values | {"urls": {"home": "/"}}
    actor = access.current_actor()
    return values | _frame(actor) | {"theme": user.theme, "user": _person(user)}


def _person(user: User) -> dict[str, str]:
    return {"name": user.name, "title": user.title, "initial": user.name[:1]}


def _frame(actor: Actor) -> dict[str, Any]:
    staff = is_staff(actor)
    links = STAFF if staff else BORROWER
    nav = _tidy([_entry(link, actor) for link in links])
    shown = {entry["endpoint"]: entry for entry in nav if "endpoint" in entry}
    _mark_current(shown)
    tabs = [shown[name] for name in (STAFF_TABS if staff else BORROWER_TABS) if name in shown]
    menu = {"url": "#menu", "icon": "list", "text": _("更多")}
    return {"nav": nav, "tabs": [*tabs[:4], menu], "urls": _urls(actor), "unit": _unit(actor)}


def _entry(link: Link | None, actor: Actor) -> dict[str, Any] | None:
    if link is None:
        return {"rule": True}
    if not actor.can(link.permission) or (link.unless and actor.can(link.unless)):
        return None
    count = _count(link.count, actor)
    return {
        "endpoint": link.endpoint,
        "url": url_for(link.endpoint),
        "icon": link.icon,
        "text": str(link.text),
        "count": count,
        "hot": link.hot and count > 0,
        "current": False,
    }


def _mark_current(shown: dict[str, dict[str, Any]]) -> None:
    """Mark the entry of this page, else the first one of its room (a loan's page belongs to 借阅)."""
    if (request.endpoint or "").startswith("people.me"):
        return  # one's own card is in the menu of the person, not under 人员
    endpoint = HOME.get(request.endpoint or "", request.endpoint)
    room = [name for name in shown if name.split(".")[0] == request.blueprint]
    for name in [endpoint] if endpoint in shown else room[:1]:
        shown[str(name)]["current"] = True


def _count(name: str, actor: Actor) -> int:
    """A count beside a link; one that fails is left out, because no page may fail for it."""
    if not name:
        return 0
    try:
        return counts[name](actor, access.now())
    except Exception:
        log.exception("count %s failed", name)
        return 0


def _tidy(entries: list[dict[str, Any] | None]) -> list[dict[str, Any]]:
    """Leave out what is not shown, hairlines at the ends and double hairlines."""
    nav: list[dict[str, Any]] = []
    for entry in entries:
        if entry and not ("rule" in entry and (not nav or "rule" in nav[-1])):
            nav.append(entry)
    return nav[:-1] if nav and "rule" in nav[-1] else nav


def _urls(actor: Actor) -> dict[str, str]:
    wanted = {
        "home": "home.start",
        "search": "desk.search_page",
        "desk": "desk.index" if actor.can("desk.use") else "",
        "me": "people.me",
        "theme": "people.preferences",
        "language": "people.preferences",
        "sign_out": "people.sign_out",
    }
    return {name: url_for(endpoint) for name, endpoint in wanted.items() if endpoint}


def _unit(actor: Actor) -> dict[str, Any] | None:
    unit = queries.company(actor.unit_id)
    if unit is None:
        return None
    version = rulebook.current(access.now(), actor.unit_id).version
    return {
        "name": unit.name,
        "fonds": unit.fonds_code,
        "company": unit.fonds_name,
        "phone": unit.phone,
        "policy_version": version,
    }


def install(app: Flask) -> None:
    """Give every template its frame; a page that reports a broken database is shown without one."""

    @app.context_processor
    def frame() -> dict[str, Any]:
        if "shell" not in g:  # parts of a page are rendered on their own; the frame is built once
            g.shell = _built()
        return {"shell": g.shell}


def _built() -> dict[str, Any]:
    try:
        return shell()
    except Exception:
        log.exception("the frame of the page could not be built")
        return {}
