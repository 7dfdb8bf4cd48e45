"""The rule book: data read from one TOML file, and the questions that may be put to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from archive_app.core import clock
from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.policy import chains, due, hours, numbers, questions
from archive_app.policy.facts import Answer, ChainFacts, Due, FolderFacts, Person, Scope

if TYPE_CHECKING:
    from archive_app.policy import lending_parts, parts


@dataclass(frozen=True, eq=False)
class RuleBook:
    """One version of the rules of an archive unit; immutable, and the same text has the same ``sha256``."""

    text: str
    source: str
    sha256: str
    meta: parts.Meta
    documents: Mapping[str, parts.Document]
    rules: Mapping[str, parts.Rule]
    roles: Mapping[str, parts.Role]
    titles: Mapping[str, frozenset[str]]
    everyone: frozenset[str]
    separations: tuple[parts.Separation, ...]
    categories: Mapping[str, parts.Category]
    numbering: parts.Numbering
    arranged: parts.Arrangement | None
    retentions: Mapping[str, parts.Retention]
    levels: Mapping[str, parts.Level]
    unavailable: tuple[parts.Unavailable, ...]
    week: parts.Week
    closing_rule: parts.Rule
    authority_rule: parts.Rule
    chains: tuple[parts.Chain, ...]
    stand_ins: tuple[parts.StandIn, ...]
    reading_room: parts.ReadingRoom
    desk: parts.Desk
    sign_in: parts.SignIn
    undertaking: parts.Rule
    tiers: Mapping[str, str]
    lending: lending_parts.Lending

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RuleBook) and other.sha256 == self.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        return f"<RuleBook {self.meta.name} {self.sha256[:12]}>"

    # People

    def roles_of(self, title: str) -> frozenset[str]:
        """Return the roles of a company title; a title not in the table has only those of everyone."""
        return self.titles.get(title.strip(), frozenset()) | self.everyone

    def permissions_of(self, roles: Iterable[str]) -> frozenset[str]:
        """Return what holders of ``roles`` may do in the program; unknown roles may do nothing."""
        granted = [self.roles[role].permissions for role in roles if role in self.roles]
        return frozenset().union(*granted)

    def role_name(self, role: str) -> str:
        """Return a role's name for people, or its code when the book does not know it."""
        return self.roles[role].name if role in self.roles else role

    def conflict(self, roles: Iterable[str]) -> parts.Rule | None:
        """Return the rule by which one person may not hold these roles together, if any."""
        held = frozenset(roles)
        return next((each.rule for each in self.separations if len(each.roles & held) > 1), None)

    # Holdings

    def category(self, code: str) -> parts.Category:
        """Return the category with this code. Raises KeyError."""
        return self.categories[code]

    def retention(self, code: str) -> parts.Retention:
        """Return the retention class with this code. Raises KeyError."""
        return self.retentions[code]

    def level(self, code: str) -> parts.Level:
        """Return the level of secrecy with this code. Raises KeyError."""
        return self.levels[code]

    def use(self, level: str, kind: str) -> parts.Use | None:
        """Return how a level may be used in this way; None when it may not, or the level is not known."""
        found = self.levels.get(level)
        return found.uses.get(kind) if found else None

    def retention_end(self, code: str, year: int) -> date | None:
        """Return the first day after the retention of a folder filed in ``year``; None is for ever."""
        years = self.retentions[code].years
        return None if years is None else date(year + 1 + years, 1, 1)

    def number(self, category: str, year: int, serial: int, **more: str) -> str:
        """Return the file number; ``more`` gives fonds, retention or department if the template asks."""
        return numbers.build(self.numbering.template, category, year, serial, **more)

    def parse_number(self, text: str) -> tuple[str, int, int] | None:
        """Return (category, year, serial) of a file number in canonical form, else None."""
        return numbers.parse(self.numbering.template, tuple(self.categories), text)

    def scope_key(self, fonds: str, category: str, year: int) -> str:
        """Return the key of the counter through which serials of this fonds, category and year run."""
        values = {"fonds": fonds, "category": category, "year": str(year)}
        return "/".join(values[name] for name in self.numbering.scope)

    def years(self, at: datetime) -> range:
        """Return the filing years that may be chosen at registration."""
        last = clock.local(at).year + self.numbering.years_ahead
        return range(self.numbering.year_from, last + 1)

    @property
    def arrangement(self) -> parts.Arrangement:
        """How volumes are arranged and bound. Raises Refused: policy.no_arrangement — an older book."""
        if self.arranged is None:
            raise Refused(
                "policy.no_arrangement",
                _("现行制度没有组卷规则，不能组卷和装订。没有改动任何记录。"),
                next_step=_("请先启用带组卷规则的新版制度。"),
            )
        return self.arranged

    # Opening hours

    def is_open(self, at: datetime) -> bool:
        """Tell whether the archive room is open."""
        return hours.is_open(self.week, at)

    def closing(self, at: datetime) -> datetime | None:
        """Return when the room closes for the day (UTC); None when the day is over or has no opening."""
        return hours.closing(self.week, at)

    def opens_next(self, at: datetime) -> datetime | None:
        """Return the next opening after ``at`` (UTC); None when none comes within two years."""
        return hours.opens_next(self.week, at)

    # Questions

    def ask(
        self,
        person: Person,
        folder: FolderFacts,
        action: str,
        at: datetime,
        holding: str | None = None,
        *,
        kept_copy: bool = False,
    ) -> Answer:
        """Answer what would happen if ``person`` wanted ``action`` with ``folder``, and by which clause.

        ``holding`` is the kind of the loan that this person has running on this folder, if any;
        ``kept_copy``: a photocopy kept for lending is asked for, not a new one.
        Raises KeyError: an action or level that the book does not know.
        """
        return questions.ask(self, person, folder, action, at, holding=holding, kept_copy=kept_copy)

    def scope(self, person: Person, action: str) -> Scope:
        """Return the levels that ``person`` may know of ("know") or read without a loan ("read_content")."""
        return questions.scope(self, person, action)

    def due_at(
        self, person: Person, level: str, action: str, at: datetime, session_ends: datetime | None = None
    ) -> Due:
        """Return when a folder handed over at ``at`` is due.

        The earliest of limit, closing, the end of the person's authority and of the session in the
        reading room. Raises Refused: loan.closed, loan.authority_ended, loan.never.
        """
        return due.due_at(self, person, level, action, at, session_ends)

    def prolonged(self, person: Person, level: str, action: str, due_now: datetime) -> Due:
        """Return the due time after an extension of a loan that is due at ``due_now``.

        Raises Refused: loan.no_extension — the book prolongs no loan of this kind.
        """
        return due.prolonged(self, person, level, action, due_now)

    def session_end(self, at: datetime) -> datetime | None:
        """Return when a session in the reading room that begins at ``at`` ends; None when it is closed."""
        return due.session_end(self, at)

    def chain_for(
        self,
        person: Person,
        level: str,
        action: str,
        tier: str = "",
        *,
        own_customer: bool = False,
        kept_copy: bool = False,
        own_department: bool = False,
    ) -> ChainFacts:
        """Return who must decide before ``person`` may use a folder of ``level``; no steps: the keeper.

        ``own_customer``, ``own_department``: the folder is of the person's own customer, or department.
        """
        case = chains.Case(person.roles, level, action, tier, own_customer, kept_copy, own_department)
        return chains.chain_for(self, case)

    def may_stand_in(self, principal_roles: Iterable[str], deputy_roles: Iterable[str], action: str) -> bool:
        """Tell whether a deputy with these roles may decide about ``action`` for such a principal."""
        return self.stand_in_rule(principal_roles, deputy_roles, action) is not None

    def stand_in_rule(
        self, principal_roles: Iterable[str], deputy_roles: Iterable[str], action: str
    ) -> parts.Rule | None:
        """Return the rule that lets the deputy stand in for the principal, or None."""
        return chains.stand_in_rule(self, frozenset(principal_roles), frozenset(deputy_roles), action)
