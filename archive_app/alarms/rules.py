"""What is unusual: pure functions over events of the audit chain and the thresholds of the rule book."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive_app.core.errors import too_long
from archive_app.core.i18n import _
from archive_app.policy.lending_parts import AlarmRule

VIEWS = frozenset({"folder.view", "scan.view"})
DOWNLOADS = frozenset({"scan.download", "print.download", "report.export"})
LEFT_ROOM = "left_room"  # a reader walked off with folders: an alarm whatever the thresholds say
ACTIONS = {
    "refusals": frozenset({"refusal"}),
    "sign_in_failures": frozenset({"people.sign_in_refused"}),
    "mass_views": VIEWS,
    "mass_downloads": DOWNLOADS,
    "outside_hours": VIEWS | DOWNLOADS,
    LEFT_ROOM: frozenset({"loan.left_room"}),
}
READ = frozenset().union(*ACTIONS.values())
# Refusals that only say "not now" or "not this seat" are no attempt at anything.
HARMLESS = (
    "wrong_state",
    ".closed",
    ".no_seat",
    ".seat_taken",
    ".no_extension",
    ".session_ended",
    ".not_first",
)
REMARK_MAX = 500
UNKNOWN = "0"  # the key of sign-in failures under names that do not exist


@dataclass(frozen=True)
class Event:
    """An audit event as plain values; ``thing`` is what was seen or taken."""

    seq: int
    at: datetime
    actor: str
    action: str
    key: str
    data: dict[str, Any]

    @property
    def thing(self) -> str:
        """The file number, or what else was seen, taken or tried."""
        return str(self.data.get("file_number") or self.data.get("folder") or self.key)

    @property
    def address(self) -> str:
        """Where the attempt came from, if the event says so."""
        return str(self.data.get("address") or "")


@dataclass
class Run:
    """Events of one kind by one subject that belong together: an alarm, or one that goes on."""

    events: list[Event]
    alarm_id: int | None = None

    @property
    def first(self) -> Event:
        return self.events[0]

    @property
    def last(self) -> Event:
        return self.events[-1]


@dataclass(frozen=True)
class Ringing:
    """The newest alarm of a subject: whether it is still open, and where its events end."""

    id: int
    is_open: bool
    last_at: datetime


def counts_for(event: Event, rule: AlarmRule, is_open: Callable[[datetime], bool]) -> bool:
    """Whether an event counts for a rule; ``is_open`` says whether the archive room was open at a moment."""
    by_house = event.actor == "system" and rule.kind != "sign_in_failures"
    if event.action not in ACTIONS[rule.kind] or by_house:
        return False
    if rule.kind == "refusals":
        return _is_attempt(event)
    if rule.kind == "outside_hours" and is_open(event.at):
        return False
    return not rule.levels or _level_fits(event, rule.levels)


def _is_attempt(event: Event) -> bool:
    """A rule said no, and the person wanted something: the keeper at the scan desk does not."""
    code, endpoint = str(event.data.get("code") or ""), str(event.data.get("endpoint") or "")
    if code in ("permission", "not_found"):  # numbers tried in the address of a page
        return True
    by_rule = bool(event.data.get("clause")) and not code.endswith(HARMLESS)
    return by_rule and not endpoint.startswith("desk.")


def _level_fits(event: Event, levels: Sequence[str]) -> bool:
    level = event.data.get("secrecy")
    return level in levels if level else bool(event.data.get("classified"))


def subjects(event: Event, accounts: dict[str, str]) -> list[str]:
    """Whom an event speaks of: an account, for sign-in failures the account tried and the address.

    ``accounts``: the account name of each user id, as a sign-in failure names it.
    """
    if event.action == "people.sign_in_refused":
        found = [f"account:{accounts[event.key]}"] if event.key in accounts else []
        return [*found, f"address:{event.address}"] if event.address else found
    if event.action in ACTIONS[LEFT_ROOM]:
        return [f"account:{event.data.get('reader') or event.actor}"]
    return [f"account:{event.actor}"]


def runs(events: Iterable[Event], rule: AlarmRule, subject: str, last: Ringing | None) -> list[Run]:
    """The alarms that these events of one subject make, in the order of the chain.

    ``events`` are all that count and come after ``last``. They join an alarm that is open as long as they
    follow within the time of the rule; otherwise so many must come together anew. The order is that of
    the chain, and only distances of time count, so a clock put back makes and hides nothing.
    """
    found: list[Run] = []
    ringing = Run([], last.id) if last is not None and last.is_open else None
    ringing_at = last.last_at if last is not None else None
    window: list[Event] = []
    for event in events:
        if ringing is not None and ringing_at is not None and abs(event.at - ringing_at) <= rule.within:
            ringing.events.append(event)
            ringing_at, window = event.at, []  # what came before is looked at and counts for nothing new
            continue
        window = [each for each in window if abs(event.at - each.at) <= rule.within] + [event]
        if weight(window, rule, subject) >= rule.count:
            found += [ringing] if ringing is not None and ringing.events else []
            ringing, ringing_at, window = Run(window), event.at, []
    return found + ([ringing] if ringing is not None and ringing.events else [])


def weight(window: Sequence[Event], rule: AlarmRule, subject: str) -> int:
    """How much a run of events weighs against the threshold.

    Pages of one folder are one view. Failures from one address under one known account are that
    account's alarm, not the address's.
    """
    if rule.kind == "mass_views":
        return len({event.thing for event in window})
    if rule.kind == "sign_in_failures" and subject.startswith("address:"):
        names = {event.key for event in window}
        return len(window) if len(names) > 1 or UNKNOWN in names else 0
    return len(window)


def check_remark(remark: str) -> dict[str, str]:
    """What is wrong with the remark of who looked into an alarm."""
    if not remark:
        return {"remark": _("请写查实的情况和处理。")}
    return too_long("remark", remark, REMARK_MAX)
