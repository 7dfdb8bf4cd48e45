"""The parts of a rule book about lending beyond the chain: clock, queue, loss, copies, alarms, reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from types import MappingProxyType

from archive_app.policy.parts import ChainStep, Limit, Rule

OFFENCES = (
    "loss", "damage", "missing_pages", "unapproved_reading", "account_lent", "unapproved_copy",
    "unapproved_deletion",
)  # fmt: skip
ALARMS = ("refusals", "sign_in_failures", "mass_views", "mass_downloads", "outside_hours", "two_places")
TWO_PLACES = "two_places"
OF_PEOPLE = ("sign_in_failures", TWO_PLACES)  # kinds of alarms that no folder has a part in


@dataclass(frozen=True)
class Extension:
    """How often and by how much a running loan may be prolonged (续借), and who decides.

    ``limit`` counts from the due time that is prolonged; without a row in the book nothing is prolonged.
    """

    times: int
    limit: Limit
    steps: tuple[ChainStep, ...]
    rule: Rule


@dataclass(frozen=True)
class Reminders:
    """When a borrower is warned: ``before`` due, at due, ``after`` due; at most ``cap`` times after due.

    ``escalate`` tells the roles as well from that long after due on. ``digest`` is when the one mail a
    day about all that is late goes out (office wall clock).
    """

    before: tuple[timedelta, ...]
    after: tuple[timedelta, ...]
    escalate: tuple[tuple[timedelta, tuple[str, ...]], ...]
    cap: int
    digest: time
    rule: Rule


@dataclass(frozen=True)
class Waiting:
    """What becomes of a request that nobody decides, counted in opening time: remind, tell others, expire."""

    remind: timedelta
    escalate: timedelta
    escalate_to: tuple[str, ...]
    expire: timedelta | None
    rule: Rule


@dataclass(frozen=True)
class Queue:
    """How long (opening time) a folder is kept for the one who is first in the row of those who wait."""

    hold: timedelta
    rule: Rule


@dataclass(frozen=True)
class Penalty:
    """What an offence costs by the table: reported, never collected. Cents, least and most."""

    offence: str
    least: int
    most: int
    dismissal: bool
    rule: Rule


@dataclass(frozen=True)
class Loss:
    """Who decides about a reported loss or damage."""

    steps: tuple[ChainStep, ...]
    rule: Rule


@dataclass(frozen=True)
class Copies:
    """Photocopies: may some be kept for lending, and after how many loans in 90 days is it proposed."""

    kept: bool
    propose_after: int
    rule: Rule
    kept_rule: Rule


@dataclass(frozen=True)
class AlarmRule:
    """When something is unusual: ``count`` times within ``within``; ``levels`` narrows to these levels."""

    kind: str
    count: int
    within: timedelta
    levels: tuple[str, ...]
    rule: Rule


@dataclass(frozen=True)
class Alarms:
    """What raises an alarm and whom it tells (AUD-01)."""

    rows: tuple[AlarmRule, ...]
    tell: tuple[str, ...]
    rule: Rule


@dataclass(frozen=True)
class Reports:
    """The list of what is out (去向列表): up to which day of the month, to whom (LOAN-12)."""

    outstanding_day: int
    outstanding_to: tuple[str, ...]
    rule: Rule


@dataclass(frozen=True)
class Adoption:
    """Who approves a new version of the rule book (AUD-19)."""

    steps: tuple[ChainStep, ...]
    rule: Rule


@dataclass(frozen=True)
class Lending:
    """All of these; a part that the book does not have is None or empty, and then is not done.

    ``purposes`` and ``effects`` are the words to choose from in a request and at the return (利用效果).
    """

    purposes: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    reminders: Reminders | None = None
    waiting: Waiting | None = None
    queue: Queue | None = None
    loss: Loss | None = None
    penalties: Mapping[str, Penalty] = field(default_factory=lambda: MappingProxyType({}))
    copies: Copies | None = None
    alarms: Alarms | None = None
    reports: Reports | None = None
    adoption: Adoption | None = None
