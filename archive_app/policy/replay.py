"""Loans that really went, judged by another rule book: what would have been refused or due otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from archive_app.core.errors import Refused
from archive_app.core.i18n import Lazy, _
from archive_app.policy import due, words
from archive_app.policy.facts import Answer, Due, FolderFacts, Person

if TYPE_CHECKING:
    from archive_app.policy.book import RuleBook
    from archive_app.policy.parts import ChainStep

WORDS: Mapping[str, Lazy] = MappingProxyType(
    {
        "refused": Lazy("不会借出"),
        "approval": Lazy("要另外的人批准"),
        "spared": Lazy("不必再批准"),
        "earlier": Lazy("要更早归还"),
        "longer": Lazy("可以更晚归还"),
        "late": Lazy("会成为逾期"),
        "in_time": Lazy("不再算逾期"),
        "unknown": Lazy("新制度没有这个密级"),
    }
)
FINDINGS = tuple(WORDS)
NUMBER = "\N{OBJECT REPLACEMENT CHARACTER}"  # stands for the file number in an answer that many folders share


@dataclass(frozen=True)
class Event:
    """One loan as it really went, as plain values.

    The person has the roles that the replayed book gives to the title. ``agreed`` are the titles or role
    codes in which people said yes (a deputy: those of the principal). ``due_at`` is what was fixed at the
    handing over, before any extension (None: not known); ``returned_at`` None: still out.
    """

    number: str
    person: Person
    folder: FolderFacts
    kind: str
    handed_at: datetime
    due_at: datetime | None
    returned_at: datetime | None
    agreed: frozenset[str] = frozenset()
    kept_copy: bool = False


@dataclass(frozen=True)
class Example:
    """One loan of a group: what was, what would be, and one sentence why."""

    number: str
    kind: str
    level: str
    title: str
    handed_at: datetime
    was: datetime | None
    would_be: datetime | None
    words: str


@dataclass(frozen=True)
class Group:
    """Everything of one finding under one rule; ``examples`` are the first of ``count``."""

    finding: str
    code: str
    clause: str
    rule: str
    count: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Replayed:
    """What the replay found: how many loans, how often each finding, and the groups, most frequent first."""

    events: int
    changed: int
    counts: Mapping[str, int]
    groups: tuple[Group, ...]


def replay(book: RuleBook, events: Iterable[Event], *, now: datetime, examples: int = 5) -> Replayed:
    """Judge every loan by ``book`` at the moment when it was handed over; nothing is changed by it.

    ``now`` is until when a loan that is not back has been out.
    """
    judge, tally, total, changed = _Judge(book, now), _Tally(examples), 0, 0
    for event in events:
        total += 1
        found = False
        for finding in judge.findings(event):
            tally.add(event, finding)
            found = True
        changed += found
    return Replayed(total, changed, tally.counts(), tally.groups())


@dataclass(frozen=True)
class _Finding:
    name: str
    code: str
    clause: str
    rule: str
    words: str
    would_be: datetime | None = None


class _Judge:
    """Asks the book once for everything that is alike: people by roles, folders by level, days by closing."""

    def __init__(self, book: RuleBook, now: datetime) -> None:
        self.book, self.now = book, now
        self.roles: dict[frozenset[str], frozenset[str]] = {}
        self.answers: dict[tuple[object, ...], Answer] = {}

    def findings(self, event: Event) -> Iterator[_Finding]:
        """Yield what this book would have said differently about one loan."""
        if event.folder.secrecy not in self.book.levels:
            yield _Finding(
                "unknown", "unknown", "", "", _("新制度没有密级 %(code)s。", code=event.folder.secrecy)
            )
            return
        person = self._person(event.person)
        answer = self._answer(person, event)
        if answer.refused:
            why = answer.message.replace(NUMBER, event.folder.file_number)
            yield _Finding("refused", answer.code, answer.rule.clause, answer.rule.text, why)
            return
        try:
            back = due.due_at(self.book, person, event.folder.secrecy, event.kind, event.handed_at)
        except Refused as refused:
            yield _Finding("refused", refused.code, refused.clause, refused.rule, refused.message)
            return
        yield from self._about_chain(answer, event)
        yield from self._about_due(back, event)

    def _person(self, person: Person) -> Person:
        return replace(person, roles=self._roles_of(frozenset({person.title}))) if person.title else person

    def _roles_of(self, said: frozenset[str]) -> frozenset[str]:
        """The roles behind titles and role codes."""
        if said not in self.roles:
            titled = (self.book.roles_of(each) for each in said)
            self.roles[said] = said.union(*titled)
        return self.roles[said]

    def _answer(self, person: Person, event: Event) -> Answer:
        """The verdict alone: whose department, whose customer, which level; the moment comes in later."""
        folder = event.folder
        key = (
            person.roles, folder.secrecy, folder.tier, folder.custody, folder.state, event.kind,
            event.kept_copy, folder.made_in_department_of(person), folder.of_customer_of(person),
        )  # fmt: skip
        if key not in self.answers:
            lasting, any_folder = replace(person, authority_ends=None), replace(folder, file_number=NUMBER)
            at, kept = event.handed_at, event.kept_copy
            self.answers[key] = self.book.ask(lasting, any_folder, event.kind, at, kept_copy=kept)
        return self.answers[key]

    def _about_chain(self, answer: Answer, event: Event) -> Iterator[_Finding]:
        rule = answer.rule
        if missing := [step for step in answer.chain if not self._agreed(step, event.agreed)]:
            who = words.deciders(self.book, missing)
            yield _Finding("approval", answer.code, missing[0].rule.clause, missing[0].rule.text, who)
        elif not answer.chain and event.agreed and not answer.done_by_application:
            yield _Finding("spared", "spared", rule.clause, rule.text, answer.message)

    def _agreed(self, step: ChainStep, agreed: frozenset[str]) -> bool:
        held = self._roles_of(agreed)
        return held.issuperset(step.roles) if step.mode == "all" else not held.isdisjoint(step.roles)

    def _about_due(self, back: Due, event: Event) -> Iterator[_Finding]:
        if event.due_at is None:
            return

        def told(name: str) -> _Finding:
            return _Finding(name, name, back.rule.clause, back.rule.text, back.words, back.at)

        returned = event.returned_at or self.now
        if back.at != event.due_at:
            yield told("earlier" if back.at < event.due_at else "longer")
        if back.at < returned <= event.due_at:
            yield told("late")
        if event.due_at < returned <= back.at:
            yield told("in_time")


@dataclass
class _Tally:
    """Counts by finding and rule, and keeps the first examples of each."""

    most: int
    numbers: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    firsts: dict[tuple[str, str, str, str], list[Example]] = field(default_factory=dict)

    def add(self, event: Event, found: _Finding) -> None:
        key = (found.name, found.code, found.clause, found.rule)
        self.numbers[key] += 1
        kept = self.firsts.setdefault(key, [])
        if len(kept) < self.most:
            kept.append(
                Example(
                    event.number, event.kind, event.folder.secrecy, event.person.title,
                    event.handed_at, event.due_at, found.would_be, found.words,
                )
            )  # fmt: skip

    def counts(self) -> Mapping[str, int]:
        found = Counter(dict.fromkeys(FINDINGS, 0))
        for (name, *_rest), number in self.numbers.items():
            found[name] += number
        return MappingProxyType(dict(found))

    def groups(self) -> tuple[Group, ...]:
        return tuple(
            Group(*key, count=number, examples=tuple(self.firsts[key]))
            for key, number in self.numbers.most_common()
        )
