"""Walking through the borrowing rules of one document: who asks, what happens, who decides, who not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

import pytest

from archive_app.policy import USES, Answer, ChainStep, FolderFacts, Person, RuleBook, load_profile
from tests.unit.policy.cases import THURSDAY

HOME, ELSEWHERE = "销售部", "财务部"
ALLOWED, REFUSED = "allowed", "refused"
Titles = frozenset[str]
Result = str | list[set[str]]  # the verdict, or for each step that is left the titles that may decide it
ME, COLLEAGUE = 7, 8  # user ids


@dataclass(frozen=True)
class Company:
    """One company under its rule book; ``level`` is the level of its folders unless said otherwise."""

    name: str
    level: str

    @property
    def book(self) -> RuleBook:
        return load_profile(self.name)

    def person(self, title: str, department: str = HOME, ends: datetime | None = None) -> Person:
        assert title in self.book.titles or title == "临时工", f"{title} is no title of {self.name}"
        return Person(self.book.roles_of(title), title, department, title, ends, ME)

    def folder(
        self, *, other: bool = False, own: bool = False, tier: str = "", level: str = ""
    ) -> FolderFacts:
        """A folder of the asker's department, or of an ``other``; of the asker's ``own`` customer or not."""
        department, manager = ELSEWHERE if other else HOME, ME if own else COLLEAGUE
        return FolderFacts("KH-2026-0012", "KH", level or self.level, tier, department, manager=manager)

    def ask(self, title: str, action: str, *, kept_copy: bool = False, **folder: Any) -> Answer:
        asker, about = self.person(title), self.folder(**folder)
        return self.book.ask(asker, about, action, THURSDAY, kept_copy=kept_copy)

    def deciders(self, step: ChainStep) -> set[str]:
        """All titles of the company whose holders may decide a step."""
        return {title for title, roles in self.book.titles.items() if not roles.isdisjoint(step.roles)}

    def nobody_stands_in(self) -> bool:
        """Whether no title may decide in another's place, in no action."""
        pairs = product(self.book.titles, self.book.titles, USES)
        return not any(
            self.book.may_stand_in(self.book.titles[principal], self.book.titles[deputy], action)
            for principal, deputy, action in pairs
        )

    def penalties(self) -> dict[str, tuple[int, int, bool]]:
        """Offence → least and most yuan, and whether the person is dismissed."""
        table = self.book.lending.penalties.values()
        return {row.offence: (row.least // 100, row.most // 100, row.dismissal) for row in table}


@dataclass(frozen=True)
class Case:
    """One sentence of the document, put as a question."""

    clause: str
    title: str
    action: str
    result: Result
    facts: dict[str, Any]

    @property
    def words(self) -> str:
        """What the test is called: the clause first."""
        facts = [
            name if value is True else str(value) for name, value in self.facts.items() if value is not False
        ]
        return " ".join([self.clause, self.title, self.action, *facts])


def case(clause: str, requirement: str, title: str, action: str, result: Result, **facts: Any) -> Any:
    """One row of a walk, as a parameter with the clause as its id."""
    row = Case(clause, title, action, result, facts)
    return pytest.param(row, id=row.words, marks=pytest.mark.requirement(requirement))


def check(company: Company, row: Case) -> None:
    """Ask the book, and compare the verdict, the clause, and for every step who may decide it."""
    answer = company.ask(row.title, row.action, **row.facts)
    verdict = row.result if isinstance(row.result, str) else "needs_approval"
    assert answer.verdict == verdict
    assert clause_of(answer) == row.clause
    expected = [] if isinstance(row.result, str) else row.result
    assert [company.deciders(step) for step in answer.chain] == expected
    if verdict == REFUSED:
        assert answer.refusal().may_decide == ""
        assert answer.refusal().rule == answer.rule.text


def clause_of(answer: Answer) -> str:
    """The clause without the title of its document."""
    return answer.rule.clause.split(" ", 1)[-1]


def verbs(steps: Sequence[ChainStep]) -> list[str]:
    """What the deciders do, in order."""
    return [step.verb for step in steps]
