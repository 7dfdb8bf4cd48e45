"""What the rule book is asked about and what it answers, as plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from archive_app.core.errors import Refused
from archive_app.policy import words
from archive_app.policy.parts import ChainStep, Limit, Rule


@dataclass(frozen=True)
class Person:
    """A person as the rules see one; ``authority_ends`` is the end of the person's own authority (UTC)."""

    roles: frozenset[str]
    title: str = ""
    department: str = ""
    username: str = ""
    authority_ends: datetime | None = None
    user_id: int = 0


@dataclass(frozen=True)
class FolderFacts:
    """A folder as the rules see one; ``department`` made it, ``manager`` (user id) has its customer."""

    file_number: str
    category: str
    secrecy: str
    tier: str = ""
    department: str = ""
    custody: str = "on_shelf"
    state: str = "active"
    manager: int | None = None

    def made_in_department_of(self, person: Person) -> bool:
        """Tell whether the person's own department made the folder; a folder without one is nobody's."""
        return bool(self.department) and self.department == person.department

    def of_customer_of(self, person: Person) -> bool:
        """Tell whether the folder is of a customer for whom the person is responsible."""
        return self.manager is not None and self.manager == person.user_id


@dataclass(frozen=True)
class ChainFacts:
    """The chain for one person: what is still to be decided, and what the application itself has done."""

    steps: tuple[ChainStep, ...]
    done_by_application: tuple[ChainStep, ...]
    never: bool
    rule: Rule


@dataclass(frozen=True)
class Due:
    """When a folder must be back: ``reason`` is limit, closing, session or authority.

    ``handed_over`` is the moment it counts from, ``term`` the longest time by the rule.
    """

    at: datetime
    reason: str
    rule: Rule
    handed_over: datetime
    term: Limit

    @property
    def words(self) -> str:
        """When to give back and why, in the language of who reads it."""
        return words.due(self.term, self.at, self.reason, self.handed_over)

    @property
    def limit(self) -> timedelta | None:
        """The longest time by the rule; None: the same day."""
        return self.term.length


@dataclass(frozen=True)
class Scope:
    """Levels a person may see: everywhere, in the person's own department, of the person's own customers.

    For folders of a tier in ``by_tier`` only the scope that stands there counts.
    """

    levels: frozenset[str]
    own_department_levels: frozenset[str]
    own_customer_levels: frozenset[str] = frozenset()
    by_tier: Mapping[str, Scope] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def everywhere(self) -> frozenset[str]:
        """Levels of which the person may see every folder, of whatever tier, department or customer."""
        return self.levels.intersection(*(narrower.levels for narrower in self.by_tier.values()))

    def shows(self, folder: FolderFacts, person: Person) -> bool:
        """Tell for one folder what the scope says for lists."""
        here = self.by_tier.get(folder.tier, self)
        return (
            folder.secrecy in here.levels
            or (folder.secrecy in here.own_department_levels and folder.made_in_department_of(person))
            or (folder.secrecy in here.own_customer_levels and folder.of_customer_of(person))
        )


@dataclass(frozen=True)
class Answer:
    """What would happen, and by which clause; nothing is done by asking.

    verdict: allowed (at once, by the keeper), needs_approval (by ``chain``), refused (by nobody).
    ``due`` is as if handed over at the moment asked about, or at the next opening when closed.
    ``may_decide`` and ``next_step`` are words; ``alternatives`` are actions open to this person instead.
    """

    verdict: str
    action: str
    rule: Rule
    message: str
    where: str | None = None
    chain: tuple[ChainStep, ...] = ()
    done_by_application: tuple[ChainStep, ...] = ()
    due: Due | None = None
    may_decide: str = ""
    next_step: str = ""
    alternatives: tuple[str, ...] = ()
    code: str = ""

    @property
    def allowed(self) -> bool:
        return self.verdict == "allowed"

    @property
    def refused(self) -> bool:
        return self.verdict == "refused"

    @property
    def due_at(self) -> datetime | None:
        return self.due.at if self.due else None

    @property
    def due_reason(self) -> str:
        return self.due.words if self.due else ""

    def refusal(self) -> Refused:
        """Return the refusal with its four parts; for needs_approval it says whose decision is missing."""
        if self.allowed:
            raise ValueError("an allowed action is not refused")
        return Refused(
            self.code, self.message, self.rule.text, self.rule.clause, self.may_decide, self.next_step
        )
