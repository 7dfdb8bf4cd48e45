"""From TOML text to a rule book: every key is checked, and all faults are told at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from archive_app.core.i18n import _
from archive_app.policy import (
    compose,
    lending_parts,
    load_arrangement,
    load_lending,
    load_levels,
    load_week,
    load_whole,
    numbers,
    parts,
)
from archive_app.policy.book import RuleBook
from archive_app.policy.permissions import PERMISSIONS
from archive_app.policy.reader import RuleBookError, Table, open_text

CORNERS = ("upper", "lower")
COLUMNS = ("serial", "reference", "author", "title", "dated", "start_page", "page_count", "copies", "remark")
CATALOG_FORMS = ("gbt9705", "practice", "gbt11822")
SCOPE = ("fonds", "category", "year")
TIER_LENGTH = 16  # of the column of a folder
NARROWINGS = ("own_department", "folder_department", "in_charge", "customer_manager")


def load(text: str, source: str = "…", *, adopted: bool = False) -> RuleBook:
    """Return the rule book that ``text`` (TOML) describes.

    ``adopted``: it was found good once and has judged; what a later release forbids does not make it void.
    Raises RuleBookError: with key, line and what is allowed for every fault found.
    """
    top = open_text(text, source)
    loader = Loader(top)
    values = loader.read()
    top.done()
    if not (top.faults or adopted):
        load_whole.check(loader, values)
    if top.faults:
        raise RuleBookError(source, top.faults)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return RuleBook(text=text, source=source, sha256=digest, **values)


@lru_cache(maxsize=16)
def load_profile(name: str) -> RuleBook:
    """Return a rule book that comes with the program. Raises KeyError: there is no such profile."""
    return load(compose.profile_text(name), f"{name}.toml")


class Loader:
    """Reads one file in the order in which its parts refer to each other."""

    def __init__(self, top: Table) -> None:
        self.top = top
        self.rules = self._rules()
        self.roles = self._roles()
        self.level_codes = tuple(
            top.data.get("secrecy", {}) if isinstance(top.data.get("secrecy"), dict) else ()
        )
        self.tiers = self._tiers(top.table("tiers", optional=True))
        self.tier_codes = tuple(self.tiers)

    def read(self) -> dict[str, Any]:
        """Return the fields of the rule book."""
        top = self.top
        documents = _texts(top.table("documents", optional=True))
        retentions = {code: self._retention(code, each) for code, each in top.table("retention").each()}
        return {
            "meta": top.table("meta").whole_of(_meta),
            "documents": frozen({key: parts.Document(key, text) for key, text in documents.items()}),
            "rules": frozen(self.rules),
            "roles": frozen(self.roles),
            **self._titles(top.table("titles")),
            "separations": tuple(self._separation(each) for each in top.tables("separations", optional=True)),
            "categories": frozen(
                {
                    code: self._category(code, each, tuple(retentions))
                    for code, each in top.table("categories").each()
                }
            ),
            "numbering": top.table("numbering").whole_of(self._numbering),
            "arranged": self._arrangement(),
            "retentions": frozen(retentions),
            "levels": frozen(load_levels.levels(top.table("secrecy"), self)),
            "unavailable": tuple(
                self._unavailable(each) for each in top.tables("unavailable", optional=True)
            ),
            **self._due(top.table("due")),
            "chains": tuple(self._chain(each) for each in top.tables("chains")),
            "stand_ins": tuple(self._stand_in(each) for each in top.tables("deputation", optional=True)),
            "reading_room": top.table("reading_room").whole_of(self._reading_room),
            "desk": top.table("desk").whole_of(_desk),
            "sign_in": top.table("sign_in").whole_of(_sign_in),
            "undertaking": top.table("undertaking").whole_of(self.rule),
            "tiers": frozen(self.tiers),
            "lending": load_lending.lending(top, self),
        }

    # References

    def rule(self, table: Table, key: str = "rule") -> parts.Rule:
        """Return the rule named under ``key``; every part of the book must name one."""
        name = table.choice(key, tuple(self.rules))
        return self.rules.get(name) or parts.Rule(name, "", "")

    def role_list(self, table: Table, key: str, optional: bool = False) -> tuple[str, ...]:
        """Return the roles listed under ``key``."""
        return table.choices(key, tuple(self.roles), [] if optional else None)

    def template(self, table: Table, key: str) -> str:
        """Return a template of numbers that gives every number one meaning."""
        template = table.text(key)
        if template and (wrong := numbers.fault(template)):
            allowed = "、".join(f"{{{token}}}" for token in numbers.TOKENS)
            table.fault(key, _("%(why)s。", why=wrong), allowed)
        return template

    def step(self, table: Table, rule: parts.Rule) -> parts.ChainStep:
        """Return one step of a chain; without a rule of its own it stands under ``rule``."""
        if "any" in table.data and "all" in table.data:
            table.fault(None, _("每一步只写 any、all 中的一个。"))
        mode = "all" if "all" in table.data else "any"
        deciders = self.role_list(table, mode)
        if table.data.get(mode) == []:
            table.fault(mode, _("不能为空。"), "、".join(self.roles))
        made = parts.ChainStep(
            roles=deciders,
            mode=mode,
            verb=table.text("verb"),
            by_application=table.flag("by_application", False),
            rule=self.rule(table) if "rule" in table.data else rule,
            **{key: table.flag(key, False) for key in NARROWINGS},
        )
        if sum(getattr(made, key) for key in NARROWINGS) > 1:
            table.fault(None, _("只能写一个：%(keys)s。", keys="、".join(NARROWINGS)), "、".join(NARROWINGS))
        table.done()
        return made

    def extension(self, table: Table) -> lending_parts.Extension:
        """Return how a running loan of one use may be prolonged."""
        return load_lending.extension(table, self)

    # Parts

    def _rules(self) -> dict[str, parts.Rule]:
        found = {}
        for key, each in self.top.table("rules").each():
            found[key] = parts.Rule(key, each.text("clause"), each.text("text"), each.text("requirement", ""))
            each.done()
        return found

    def _roles(self) -> dict[str, parts.Role]:
        found = {}
        for code, each in self.top.table("roles").each():
            granted = frozenset(each.choices("permissions", PERMISSIONS, []))
            found[code] = parts.Role(code, each.text("name"), granted)
            each.done()
        return found

    def _tiers(self, table: Table) -> dict[str, str]:
        for code in table.data:
            if len(code) > TIER_LENGTH:
                table.fault(code, _("代码太长。"), _("1 到 %(n)s 个字", n=TIER_LENGTH))
        return _texts(table)

    def _titles(self, table: Table) -> dict[str, Any]:
        everyone = frozenset(self.role_list(table, "everyone", optional=True))
        listed = table.table("roles")
        titles = {title: frozenset(self.role_list(listed, title)) for title in listed.data}
        table.done()
        return {"everyone": everyone, "titles": frozen(titles)}

    def _separation(self, table: Table) -> parts.Separation:
        made = parts.Separation(frozenset(self.role_list(table, "roles")), self.rule(table))
        table.done()
        return made

    def _retention(self, code: str, table: Table) -> parts.Retention:
        years = table.whole("years", 0, 200)
        made = parts.Retention(
            code, table.text("name"), years or None, table.text("label"), table.text("mark"), self.rule(table)
        )
        table.done()
        return made

    def _category(self, code: str, table: Table, retentions: tuple[str, ...]) -> parts.Category:
        if not (code.isascii() and code.isalnum() and len(code) <= 8):
            table.fault(None, _("%(code)s 不能作门类代码。", code=code), _("1 到 8 个拉丁字母或数字"))
        made = parts.Category(
            code=code,
            name=table.text("name"),
            contents=table.text("contents"),
            retention=table.choice("retention", retentions),
            secrecy=table.choice("secrecy", self.level_codes),
            dual_track_required=table.flag("dual_track_required"),
            sort=table.choice("sort", parts.SORTS),
            page_corner=table.choice("page_corner", CORNERS),
            catalog_columns=table.choices("catalog_columns", COLUMNS),
            catalog_form=table.choice("catalog_form", CATALOG_FORMS, CATALOG_FORMS[0]),
            rule=self.rule(table),
        )
        table.done()
        return made

    def _numbering(self, table: Table) -> parts.Numbering:
        presets = table.table("presets", optional=True)
        return parts.Numbering(
            template=self.template(table, "template"),
            scope=table.choices("scope", SCOPE),
            year_from=table.whole("year_from", 1800, 2200),
            years_ahead=table.whole("years_ahead", 0, 5),
            presets=frozen({name: self.template(presets, name) for name in presets.data}),
            rule=self.rule(table),
        )

    def _arrangement(self) -> parts.Arrangement | None:
        """A book adopted before there were volumes has no such part, and stays what it was."""
        if "arrangement" not in self.top.data:
            return None
        return load_arrangement.arrangement(self.top.table("arrangement"), self)

    def _unavailable(self, table: Table) -> parts.Unavailable:
        made = parts.Unavailable(
            table.choice("fact", ("state", "custody")),
            table.text("value"),
            table.text("words"),
            self.rule(table),
        )
        table.done()
        return made

    def _due(self, table: Table) -> dict[str, Any]:
        made = {
            "week": load_week.week(table, self),
            "closing_rule": self.rule(table, "closing_rule"),
            "authority_rule": self.rule(table, "authority_rule"),
        }
        table.done()
        return made

    def _chain(self, table: Table) -> parts.Chain:
        rule = self.rule(table)
        made = parts.Chain(
            name=table.text("name"),
            actions=table.choices("actions", parts.USES),
            levels=table.choices("levels", self.level_codes, []),
            tiers=table.choices("tiers", self.tier_codes, []),
            borrowers=self.role_list(table, "borrowers", optional=True),
            steps=tuple(self.step(each, rule) for each in table.tables("steps", optional=True)),
            never=table.flag("never", False),
            rule=rule,
            own_customer=table.flag("own_customer", False),
            kept_copy=table.flag("kept_copy", False),
            own_department=table.flag("own_department", False),
        )
        if made.never and made.steps:
            table.fault("never", _("never = true 时不能再有 steps。"))
        table.done()
        return made

    def _stand_in(self, table: Table) -> parts.StandIn:
        made = parts.StandIn(
            table.choice("principal", tuple(self.roles)),
            frozenset(self.role_list(table, "deputies")),
            frozenset(table.choices("actions", parts.DECIDED)),
            self.rule(table),
        )
        table.done()
        return made

    def _reading_room(self, table: Table) -> parts.ReadingRoom:
        hours = table.whole("session_hours", 1, 24) if "session_hours" in table.data else None
        longest = timedelta(hours=hours) if hours is not None else None
        return parts.ReadingRoom(table.choices("seats", None), self.rule(table), longest)


def frozen(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a read-only view, so that nobody changes the rules in passing."""
    return MappingProxyType(dict(values))


def _texts(table: Table) -> dict[str, str]:
    return {key: table.text(key) for key in table.data}


def _meta(table: Table) -> parts.Meta:
    return parts.Meta(
        name=table.text("name"),
        title=table.text("title"),
        fonds_code=table.text("fonds_code"),
        fonds_name=table.text("fonds_name"),
        archive_unit=table.text("archive_unit"),
        phone=table.text("phone", ""),
    )


def _desk(table: Table) -> parts.Desk:
    undo = timedelta(seconds=table.whole("undo_seconds", 0, 120))
    return parts.Desk(undo, table.whole("count_pages_from", 1, 100_000, 100))


def _sign_in(table: Table) -> parts.SignIn:
    return parts.SignIn(
        table.whole("failures", 1, 100), timedelta(minutes=table.whole("lock_minutes", 1, 1440))
    )
