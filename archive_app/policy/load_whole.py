"""What only the whole rule book can tell: gaps in the chains, deciders without the right, and the like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from archive_app.core.i18n import _
from archive_app.policy import chains
from archive_app.policy.load_levels import PLACES
from archive_app.policy.parts import Chain, ChainStep, Level, Sight
from archive_app.policy.reader import Table

if TYPE_CHECKING:
    from archive_app.policy.load import Loader

LOANS, VOLUMES = "loan.decide", "volume.decide"
INCIDENTS, RULES = "incident.decide", "policy.decide"
ALARMS, REPORTS = "alarm.view", "report.view"
ROOM = "reading_room"
WITH_PLACE = ("consult", "loan")
DECIDED = {"unbind": VOLUMES, "incident": INCIDENTS, "adopt": RULES}  # any other action: LOANS
CODE, CLAUSE, TEXT = 16, 200, 500  # of the columns in which they are kept
COLUMNS = ("levels", "tiers", "borrowers")
FLAGS = ("own_customer", "own_department", "kept_copy")


def check(loader: Loader, values: Mapping[str, Any]) -> None:
    """Note what no single key can show."""
    whole = Whole(loader, values)
    whole.deciders()
    whole.deputies()
    whole.told()
    whole.lengths()
    for level in values["levels"].values():
        whole.chains_of(level)
        whole.uses_of(level)
        whole.sights_of(level)
    whole.order()
    whole.seats()
    whole.titles()


class Whole:
    """The parts of one book, held against each other."""

    def __init__(self, loader: Loader, values: Mapping[str, Any]) -> None:
        self.loader, self.values = loader, values
        self.everyone: frozenset[str] = values["everyone"]

    def deciders(self) -> None:
        """Whoever stands in a chain must have the permission to decide there."""
        for steps, permission, table, key in self._chains():
            for role in sorted({role for step in steps for role in step.roles}):
                if permission not in self.loader.roles[role].permissions:
                    told = {"role": role, "permission": permission}
                    table.fault(key, _("%(role)s 在审批链中，却没有 %(permission)s 权限。", **told))

    def deputies(self) -> None:
        """Whoever may stand in for somebody must have the permission to decide himself."""
        for number, row in enumerate(self.values["stand_ins"]):
            needed = {DECIDED.get(action, LOANS) for action in row.actions}
            for role in sorted(row.deputies):
                for permission in sorted(needed - self.loader.roles[role].permissions):
                    told = {"role": role, "permission": permission}
                    message = _("%(role)s 可以受托，却没有 %(permission)s 权限。", **told)
                    self._at("deputation", number).fault("deputies", message)

    def lengths(self) -> None:
        """What records keep of the book fits into their columns."""
        for key, rule in self.loader.rules.items():
            for name, text, most in (("clause", rule.clause, CLAUSE), ("text", rule.text, TEXT)):
                if len(text) > most:
                    self._at("rules", key).fault(name, _("太长。"), _("1 到 %(n)s 个字", n=most))
        codes = {"secrecy": (self.values["levels"], CODE), "roles": (self.loader.roles, 2 * CODE)}
        for table, (found, most) in codes.items():
            for code in found:
                if len(code) > most:
                    self._at(table).fault(code, _("代码太长。"), _("1 到 %(n)s 个字", n=most))
        for seat in self.values["reading_room"].seats:
            if len(seat) > CODE:
                self._at("reading_room").fault("seats", _("太长。"), _("1 到 %(n)s 个字", n=CODE))

    def _chains(self) -> Iterator[tuple[tuple[ChainStep, ...], str, Table, str]]:
        lending = self.values["lending"]
        for number, row in enumerate(self.values["chains"]):
            yield row.steps, LOANS, self._at("chains", number), "steps"
        if arranged := self.values["arranged"]:
            yield arranged.unbinding, VOLUMES, self._at("arrangement"), "unbinding"
        if lending.loss:
            yield lending.loss.steps, INCIDENTS, self._at("loss"), "steps"
        if lending.adoption:
            yield lending.adoption.steps, RULES, self._at("adoption"), "steps"
        for level in self.values["levels"].values():
            for action, use in level.uses.items():
                if use.extension:
                    table = self._at("secrecy", level.code, "use", action, "extension")
                    yield use.extension.steps, LOANS, table, "steps"

    def told(self) -> None:
        """Whoever is told about alarms and lists must be able to open them."""
        lending = self.values["lending"]
        if lending.alarms:
            self._told(lending.alarms.tell, ALARMS, "alarms", "tell")
        if lending.reports:
            self._told(lending.reports.outstanding_to, REPORTS, "reports", "outstanding_to")

    def _told(self, roles: tuple[str, ...], permission: str, table: str, key: str) -> None:
        able = [role.code for role in self.loader.roles.values() if permission in role.permissions]
        for role in roles:
            if role not in able:
                words = _("%(role)s 没有 %(permission)s 权限，看不到。", role=role, permission=permission)
                self._at(table).fault(key, words, "、".join(able))

    def chains_of(self, level: Level) -> None:
        """Every use has a chain that asks for no borrower, no tier and nothing else."""
        for action in level.uses:
            case = chains.Case(self.everyone, level.code, action)
            if not any(chains.fits(row, case) for row in self.values["chains"]):
                message = _("%(level)s 的 %(action)s 没有审批链。", level=level.code, action=action)
                self.loader.top.fault("chains", message, _("加一条 borrowers、tiers 不限的"))

    def uses_of(self, level: Level) -> None:
        """Paper in somebody's hands has a place, and what is read in the room is back the same day."""
        for action, use in level.uses.items():
            table = self._at("secrecy", level.code, "use", action)
            if use.where is None and action in WITH_PLACE:
                table.fault("where", _("缺少这个键。"), "、".join(PLACES))
            for key, value in (("days", use.limit.days), ("extension", use.extension)):
                if use.where == ROOM and value:
                    table.fault(key, _("在阅览室看的，当天闭馆前交回。"), _("不写这个键"))
        if not level.on_screen and (level.download or level.read_while):
            key = "download" if level.download else "read_while"
            message = _("on_screen = false 时屏幕上什么也看不到。")
            self._at("secrecy", level.code).fault(key, message, _("不写这个键"))

    def order(self) -> None:
        """The first row that fits decides: a row behind one that takes all its cases would never be asked."""
        rows: tuple[Chain, ...] = self.values["chains"]
        for number, row in enumerate(rows):
            if hidden := next((each for each in rows[:number] if _takes_all_of(each, row)), None):
                message = _("轮不到这一条，前面的“%(name)s”已经包括它。", name=hidden.name)
                self._at("chains", number).fault(None, message, _("把它移到前面，或删去"))

    def sights_of(self, level: Level) -> None:
        """Who may read a folder must be allowed to know that it exists, in every tier."""
        table = self._at("secrecy", level.code)
        for tier in ("", *self.loader.tier_codes):
            if missing := sorted(self._blind(level.known.of(tier), level.read.of(tier))):
                message = _("%(role)s 可以看内容，却查不到条目。", role="、".join(missing))
                table.fault("read", message, _("known 中已有的角色"))
                return

    def _blind(self, known: Sight, read: Sight) -> frozenset[str]:
        """The roles that may read but not know."""

        def blind(readers: frozenset[str], knowers: frozenset[str]) -> frozenset[str]:
            return frozenset() if knowers & self.everyone else readers - knowers

        return (
            blind(read.roles, known.roles)
            | blind(read.own_department, known.roles | known.own_department)
            | blind(read.own_customer, known.roles | known.own_customer)
        )

    def seats(self) -> None:
        """Reading in the room needs at least one seat."""
        uses = [use for level in self.values["levels"].values() for use in level.uses.values()]
        if not self.values["reading_room"].seats and any(use.where == ROOM for use in uses):
            self._at("reading_room").fault("seats", _("不能为空。"), _("至少一个座位"))

    def titles(self) -> None:
        """No title brings roles together that one person may not hold together."""
        for title, held in self.values["titles"].items():
            for each in self.values["separations"]:
                if len(each.roles & (held | self.everyone)) > 1:
                    message = _("角色不能兼任：%(rule)s", rule=each.rule.text)
                    self._at("titles", "roles").fault(title, message)

    def _at(self, *path: str | int) -> Table:
        """A place in the file about which something is to be said."""
        return Table({}, path, self.loader.top.lines, self.loader.top.faults)


def _takes_all_of(row: Chain, later: Chain) -> bool:
    """Whether every case of ``later`` fits ``row`` already; an empty column takes everything."""
    return (
        set(later.actions) <= set(row.actions)
        and all(
            not getattr(row, key) or set() < set(getattr(later, key)) <= set(getattr(row, key))
            for key in COLUMNS
        )
        and all(getattr(later, key) or not getattr(row, key) for key in FLAGS)
    )
