"""What every page shows around its content: navigation by permission, counts, the person, the hour."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import Flask, current_app, g, request, url_for
from werkzeug.local import LocalProxy

from archive_app.alarms import queries as alarms
from archive_app.approvals import queries as approvals
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans import queries as loans
from archive_app.loans.models import BasketItem, RoomSession
from archive_app.loans.penalties import words as penalty_words
from archive_app.notices import queries as notices
from archive_app.people import access, queries, rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.scans import queries as scans
from archive_app.web import language, notice_targets
from archive_app.web.audit_words import action_name

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Link:
    """An entry of the navigation, for holders of the permission.

    ``children`` are shown below it while one is there; who may not enter it sees them in its place.
    """

    icon: str
    text: L
    endpoint: str
    permission: str
    count: str = ""
    hot: bool = False
    unless: str = ""  # a permission whose holders have a better entry
    children: tuple[Link, ...] = ()


RULE = None
COPIES = Link("files", L("影印件"), "copies.index", "copy.manage")
INCIDENTS = Link("exclamation-diamond", L("丢失损坏"), "incidents.index", "incident.report")
PICKS = Link("list-check", L("取档单"), "desk.picks", "loan.desk")
PRINTS = Link("printer", L("打印登记"), "prints.index", "print.view")
REVISIONS = Link("pencil-square", L("制度修订"), "revisions.index", "policy.propose")
POLICY = Link("journal-text", L("制度"), "policy.index", "policy.view", children=(REVISIONS,))
ALARMS = Link("shield-exclamation", L("报警"), "alarms.index", "alarm.view", "alarms", hot=True)
AUDIT = Link("shield-check", L("审计"), "audit.index", "audit.view")
PEOPLE = Link("people", L("人员"), "people.index", "people.view")
BASKET = Link("basket", L("借阅车"), "loans.basket", "loan.request", "basket")
REPORTS = Link("bar-chart", L("登记簿"), "reports.index", "report.view", children=(PRINTS,))
# The staff of the archive room work through the whole list; borrowers see only what they come for.
STAFF: tuple[Link | None, ...] = (
    Link("calendar3", L("今日工作台"), "home.dashboard", "dashboard.view"),
    Link("upc-scan", L("扫码台"), "desk.index", "desk.use"),
    Link("search", L("检索"), "desk.search_page", "search.use"),
    RULE,
    Link("folder2", L("档案"), "records.folders", "folder.view"),
    Link(
        "box-arrow-up-right", L("借阅"), "loans.index", "loan.view_all", "out",
        children=(PICKS, BASKET, COPIES, INCIDENTS),
    ),
    Link("clock-history", L("我的借阅"), "loans.mine", "loan.request", "mine", unless="loan.desk"),
    Link("lamp", L("阅览室"), "room.index", "loan.desk", "room"),
    Link("check2-square", L("审批"), "approvals.index", "loan.decide", "approvals", hot=True),
    Link("book", L("组卷装订"), "volumes.index", "volume.view"),
    Link("file-earmark-image", L("数字化"), "scans.index", "scan.add", "scans"),
    Link("link-45deg", L("纸电核对"), "scans.dual", "dual.view"),
    Link("bookshelf", L("库房"), "stacks.index", "place.view"),
    RULE,
    REPORTS,
    POLICY,
    PEOPLE,
    Link("person-badge", L("委托"), "deputations.index", "deputation.manage"),
    ALARMS,
    AUDIT,
)  # fmt: skip
BORROWER: tuple[Link | None, ...] = (
    Link("search", L("检索"), "desk.search_page", "search.use"),
    Link("folder2", L("档案"), "records.folders", "folder.view"),
    BASKET,
    Link("clock-history", L("我的借阅"), "loans.mine", "loan.request", "mine"),
    Link("check2-square", L("待我审批"), "approvals.index", "loan.decide", "approvals", hot=True),
    RULE,
    INCIDENTS,
    REPORTS,
    Link("journal-text", L("借阅须知"), "policy.index", "policy.view", children=(REVISIONS,)),
    PEOPLE,
    Link("person-badge", L("委托"), "deputations.index", "deputation.own"),
    ALARMS,
    AUDIT,
)
HOME = {"home.start": "home.dashboard", "loans.request_form": BASKET.endpoint}
STAFF_TABS = ("home.dashboard", "desk.index", "approvals.index", "desk.search_page", "records.folders")
BORROWER_TABS = ("desk.search_page", BASKET.endpoint, "loans.mine", "approvals.index", "policy.index")

# The figures beside the links, a query or two each.
counts: dict[str, Callable[[Actor, datetime], int]] = {
    "out": loans.count_away,
    "approvals": approvals.count_waiting,
    "scans": lambda _actor, _at: scans.waiting_total(),
    "mine": loans.count_open,
    "alarms": alarms.count_open,
    "notices": lambda actor, _at: notices.count_unread(actor.user_id),
    "basket": lambda actor, _at: BasketItem.select().where(BasketItem.user == actor.user_id).count(),
    "room": lambda _actor, _at: RoomSession.select().where(RoomSession.signed_out_at.is_null()).count(),
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
    nav: list[dict[str, Any]] = []
    current = _current(links, actor)
    for link in links:
        nav += [_entry(each, current, actor, below) for each, below in _offered(link, current, actor)]
    nav = _tidy(nav)
    shown = {entry["endpoint"]: entry for entry in nav if "endpoint" in entry}
    tabs = [shown[name] for name in (STAFF_TABS if staff else BORROWER_TABS) if name in shown]
    menu = {"url": "#menu", "icon": "list", "text": _("更多")}
    frame = {"nav": nav, "tabs": [*tabs[:4], menu], "urls": _urls(actor), "unit": _unit(actor)}
    return frame | {"bell": {"url": url_for("notices.index"), "count": _count("notices", actor)}}


def _offered(link: Link | None, current: Link | None, actor: Actor) -> list[tuple[Link | None, bool]]:
    """The entry, with its children below it while one is there; or the children alone, or nothing."""
    if link is None:
        return [(None, False)]
    children = [each for each in link.children if _may(each, actor)]
    if not _may(link, actor):
        return [(each, False) for each in children]
    here = current is link or current in link.children
    return [(link, False), *((each, True) for each in children if here)]


def _may(link: Link, actor: Actor) -> bool:
    hidden = link.unless and actor.can(link.unless)
    return link.endpoint in current_app.view_functions and actor.can(link.permission) and not hidden


def _entry(link: Link | None, current: Link | None, actor: Actor, below: bool) -> dict[str, Any]:
    if link is None:
        return {"rule": True}
    count = _count(link.count, actor)
    return {
        "endpoint": link.endpoint,
        "url": url_for(link.endpoint),
        "icon": link.icon,
        "text": str(link.text),
        "count": count,
        "hot": link.hot and count > 0,
        "current": link is current,
        "below": below,
    }


def _current(links: tuple[Link | None, ...], actor: Actor) -> Link | None:
    """The entry of this page, else the first one of its room (a loan's page belongs to 借阅)."""
    if (request.endpoint or "").startswith("people.me"):
        return None  # one's own card is in the menu of the person, not under 人员
    known = [each for link in links if link for each in (link, *link.children) if _may(each, actor)]
    endpoint = HOME.get(request.endpoint or "", request.endpoint)
    room = [each for each in known if each.endpoint.split(".")[0] == request.blueprint and each is not BASKET]
    return next((each for each in known if each.endpoint == endpoint), room[0] if room else None)


def _count(name: str, actor: Actor) -> int:
    """A count beside a link; one that fails is left out, because no page may fail for it."""
    if not name:
        return 0
    try:
        return counts[name](actor, access.now())
    except Exception:
        log.exception("count %s failed", name)
        return 0


def _tidy(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out hairlines at the ends and double hairlines."""
    nav: list[dict[str, Any]] = []
    for entry in entries:
        if not ("rule" in entry and (not nav or "rule" in nav[-1])):
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
    notice_targets.install()
    app.jinja_env.globals.update(action_name=action_name, penalty_words=penalty_words)

    # Parts of a page, as the desk's answers are, never ask for it and so never build it.
    app.context_processor(lambda: {"shell": LocalProxy(_built)})


def _built() -> dict[str, Any]:
    """The frame of this request, built when a template first asks for it."""
    if "shell" not in g:
        g.shell = _tried()
    return cast(dict[str, Any], g.shell)


def _tried() -> dict[str, Any]:
    try:
        return shell()
    except Exception:
        log.exception("the frame of the page could not be built")
        return {}
