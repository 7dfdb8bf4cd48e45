"""The parts of a rule book as frozen values: what each table of the TOML file becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive_app.policy.lending_parts import Extension

ACTIONS = ("know", "read_content", "consult", "loan", "photocopy", "excerpt")
USES = ACTIONS[2:]  # what a chain decides about and what a loan can be
DECIDED = (*USES, "extend", "incident", "unbind", "adopt")  # what a deputy may be asked to decide about
# How the documents of a category are ordered, and the key of the rule of arrangement that says so.
SORT_RULES: Mapping[str, str] = MappingProxyType(
    {
        "signing_date": "signing_date",
        "dated_ascending": "dated",
        "dated_descending": "newest_first",
        "group_order": "others",
        "as_filed": "as_filed",
        "by_hand": "by_hand",
    }
)
SORTS = tuple(SORT_RULES)


@dataclass(frozen=True)
class Rule:
    """One rule in its own words, with the clause it stands in and its id in the register of requirements."""

    key: str
    clause: str
    text: str
    requirement: str = ""


@dataclass(frozen=True)
class Meta:
    """Whose rule book this is."""

    name: str
    title: str
    fonds_code: str
    fonds_name: str
    archive_unit: str
    phone: str


@dataclass(frozen=True)
class Role:
    """A role: its name for people and its permissions in the program."""

    code: str
    name: str
    permissions: frozenset[str]


@dataclass(frozen=True)
class Separation:
    """Roles of which one person may hold only one."""

    roles: frozenset[str]
    rule: Rule


@dataclass(frozen=True)
class Category:
    """A class of archives with what a new folder of it starts with (门类)."""

    code: str
    name: str
    contents: str
    retention: str
    secrecy: str
    dual_track_required: bool
    sort: str
    page_corner: str
    catalog_columns: tuple[str, ...]
    catalog_form: str
    rule: Rule


@dataclass(frozen=True)
class Numbering:
    """How a file number is built; ``scope`` is what one serial runs through without gap."""

    template: str
    scope: tuple[str, ...]
    year_from: int
    years_ahead: int
    presets: Mapping[str, str]
    rule: Rule


@dataclass(frozen=True)
class Retention:
    """A retention class (保管期限); ``years`` is None for ever. ``mark`` is its letter code, e.g. D30."""

    code: str
    name: str
    years: int | None
    label: str
    mark: str
    rule: Rule


@dataclass(frozen=True)
class Limit:
    """How long a use may last: ``hours``, ``days`` or, with neither, until closing of the same day."""

    hours: int | None = None
    days: int | None = None
    clock: str = "wall"

    @property
    def same_day(self) -> bool:
        return self.hours is None and self.days is None

    @property
    def length(self) -> timedelta | None:
        if self.hours is not None:
            return timedelta(hours=self.hours)
        return timedelta(days=self.days) if self.days is not None else None


@dataclass(frozen=True)
class Use:
    """One permitted way of using folders of a level: where the paper may be and for how long.

    ``extension`` None: a running loan of this kind is never prolonged.
    """

    action: str
    where: str | None
    limit: Limit
    rule: Rule
    extension: Extension | None = None


@dataclass(frozen=True)
class Sight:
    """Who may know of or read the folders of a level without a loan.

    ``roles`` in the whole company, ``own_department`` those of one's department, ``own_customer`` those of
    customers one is responsible for. A folder of a tier in ``by_tier`` has only the sight that stands there.
    """

    roles: frozenset[str]
    own_department: frozenset[str]
    rule: Rule
    own_customer: frozenset[str] = frozenset()
    by_tier: Mapping[str, Sight] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, tier: str) -> Sight:
        """The sight that counts for a folder of this tier."""
        return self.by_tier.get(tier, self)


@dataclass(frozen=True)
class Level:
    """A level of secrecy (密级). Every use is either in ``uses`` or in ``refused``, never in neither.

    On the screen: ``watermark`` puts the reader's name on each page, ``download`` lets files be taken,
    ``screen_rule`` says why.
    """

    code: str
    rank: int
    name: str
    label: str
    label_note: str
    rule: Rule
    known: Sight
    on_screen: bool
    read: Sight
    read_while: frozenset[str]
    uses: Mapping[str, Use]
    refused: Mapping[str, Rule]
    download: bool
    watermark: bool
    screen_rule: Rule

    @property
    def classified(self) -> bool:
        return self.rank > 0

    @property
    def retrieve(self) -> bool:
        """Whether the paper may be taken from its place for a reader at all."""
        return bool(self.uses)

    @property
    def lend(self) -> bool:
        return "loan" in self.uses

    @property
    def room_only(self) -> bool:
        return "consult" in self.uses and not self.lend


@dataclass(frozen=True)
class ChainStep:
    """One step of a chain: decided by any of or all of ``roles`` (``mode``).

    At most one of four narrows the deciders. ``own_department``: to the asker's department;
    ``folder_department``: to the department that made the folder; ``in_charge``: to who is in charge of the
    asker's department (分管), where somebody is; ``customer_manager``: to the one who is responsible for the
    folder's customer. ``verb``: 核批, 批准, 同意 …
    ``by_application``: done by applying when the asker holds one of the roles.
    """

    roles: tuple[str, ...]
    mode: str
    own_department: bool
    verb: str
    by_application: bool
    rule: Rule
    in_charge: bool = False
    customer_manager: bool = False
    folder_department: bool = False


@dataclass(frozen=True)
class Chain:
    """A row of the table of chains; an empty tuple in a column stands for everything.

    No steps: the keeper decides at once. ``never``: nobody may decide. ``own_customer``: only for folders
    of the asker's own customers; ``own_department``: only for folders that the asker's department made;
    ``kept_copy``: only for copies kept for lending (LOAN-09).
    """

    name: str
    actions: tuple[str, ...]
    levels: tuple[str, ...]
    tiers: tuple[str, ...]
    borrowers: tuple[str, ...]
    steps: tuple[ChainStep, ...]
    never: bool
    rule: Rule
    own_customer: bool = False
    kept_copy: bool = False
    own_department: bool = False


@dataclass(frozen=True)
class Arrangement:
    """How a year's documents become bound volumes (组卷、排列、装订); lengths in mm.

    ``volume_key``: what must be equal in one volume; ``number`` the template of 案卷号 (`numbers.build`).
    A box of ``boxes_mm`` takes ``box_fill`` of its width in paper; one volume takes at most the paper of
    a box of ``volume_mm``. Levels in ``apart`` have volumes of their own; a problem in ``holds`` keeps a
    volume from being bound. ``rules`` gives for each key of RULE_KEYS the rule that says so; ``unbinding``
    is the chain that opens a bound volume again.
    """

    volume_key: tuple[str, ...]
    number: str
    sheet_mm: float
    boxes_mm: tuple[int, ...]
    box_fill: float
    volume_mm: int
    binding: str
    apart: tuple[str, ...]
    holds: tuple[str, ...]
    rules: Mapping[str, Rule]
    unbinding: tuple[ChainStep, ...]

    def sort_rule(self, sort: str) -> Rule:
        """Return the rule behind a category's ``sort``. Raises KeyError."""
        return self.rules[SORT_RULES[sort]]


@dataclass(frozen=True)
class StandIn:
    """Who may stand in for a role, in which actions (委托)."""

    principal: str
    deputies: frozenset[str]
    actions: frozenset[str]
    rule: Rule


@dataclass(frozen=True)
class Unavailable:
    """A state or custody in which a folder is used by nobody, whatever its level."""

    fact: str
    value: str
    words: str
    rule: Rule


@dataclass(frozen=True)
class Span:
    """Opening hours without a break, on the office wall clock; ``closes`` is exclusive."""

    opens: time
    closes: time


@dataclass(frozen=True)
class Week:
    """Opening hours by weekday, closed days by name, and make-up workdays with hours of their own."""

    days: tuple[tuple[Span, ...], ...]
    closed: Mapping[date, str]
    workdays: Mapping[date, tuple[Span, ...]]
    rule: Rule


@dataclass(frozen=True)
class ReadingRoom:
    """The reading room: its seats; ``session`` is how long one reader may stay, None till closing."""

    seats: tuple[str, ...]
    rule: Rule
    session: timedelta | None = None


@dataclass(frozen=True)
class Desk:
    """Settings of the scan desk; a return of ``count_from`` pages or more asks for their number."""

    undo: timedelta
    count_from: int


@dataclass(frozen=True)
class SignIn:
    """When an account is locked after wrong passwords, and for how long."""

    failures: int
    lock: timedelta


@dataclass(frozen=True)
class Document:
    """A source of rules, by its true name."""

    key: str
    title: str
    note: str = field(default="")
