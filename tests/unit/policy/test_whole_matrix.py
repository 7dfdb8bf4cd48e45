"""Every role × level × tier × own department × own customer × action of every profile, read twice.

Once by the rule book, once by a plain walk through the TOML that shares no code with it: both give the
same verdict by the same clause, and nothing that a level refuses is ever given to anybody.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_app.approvals.rules import covers
from archive_app.policy import ACTIONS, USES, FolderFacts, Person, load_profile, profile_text, profiles
from tests.unit.policy.cases import THURSDAY, at

ME, OTHER = 7, 8
Toml = Mapping[str, Any]
MOMENTS = [
    THURSDAY,
    at("2026-11-19 08:30"),
    at("2026-11-19 17:29"),
    at("2026-12-31 17:00"),
    at("2026-09-30 16:59"),
    at("2026-11-20 12:00"),
]


@dataclass(frozen=True)
class Case:
    """One cell of the matrix."""

    roles: tuple[str, ...]
    level: str
    tier: str
    own_department: bool
    own_customer: bool
    action: str
    kept_copy: bool = False


@lru_cache
def data(name: str) -> Toml:
    return tomllib.loads(profile_text(name))


def cells(name: str) -> Iterator[Case]:
    """All of them: a role alone is that role beside those that everybody has."""
    book = data(name)
    tiers = ["", *book.get("tiers", {})]
    for cell in product(book["roles"], book["secrecy"], tiers, (True, False), (True, False), ACTIONS):
        role, *rest = cell
        yield Case((role,), *rest)
        if cell[-1] == "photocopy":
            yield Case((role,), *rest, kept_copy=True)


# The second reading


def by_hand(book: Toml, case: Case) -> tuple[str, str]:
    """(verdict, clause) by the text alone."""
    level = book["secrecy"][case.level]
    verdict, rule = _verdict(book, level, case)
    return verdict, book["rules"][rule]["clause"]


def _roles(book: Toml, case: Case) -> set[str]:
    return {*case.roles, *book["titles"]["everyone"]}


def _tiered(sight: Toml, case: Case) -> Toml:
    return {"rule": sight["rule"], **sight.get("tier", {}).get(case.tier, sight)}


def _sees(book: Toml, sight: Toml, case: Case) -> bool:
    allowed = set(sight["roles"])
    if case.own_department:
        allowed |= set(sight.get("own_department", []))
    if case.own_customer:
        allowed |= set(sight.get("own_customer", []))
    return bool(allowed & _roles(book, case))


def _verdict(book: Toml, level: Toml, case: Case) -> tuple[str, str]:
    known, read = _tiered(level["known"], case), _tiered(level["read"], case)
    if case.action == "know":
        return ("allowed" if _sees(book, known, case) else "refused"), known["rule"]
    if case.action != "read_content":
        return _use(book, level, case, case.action)
    if not level["on_screen"]:
        return "refused", level["rule"]
    if not _sees(book, known, case):
        return "refused", known["rule"]
    if _sees(book, read, case):
        return "allowed", read["rule"]
    consult, why = _use(book, level, case, "consult")
    return ("refused", why) if consult == "refused" else ("needs_approval", read["rule"])


def _use(book: Toml, level: Toml, case: Case, action: str) -> tuple[str, str]:
    if action in level.get("refused", {}):
        return "refused", level["refused"][action]
    known = _tiered(level["known"], case)
    if not _sees(book, known, case):
        return "refused", known["rule"]
    row = next(row for row in book["chains"] if _fits(book, row, case, action))
    if row.get("never"):
        return "refused", row["rule"]
    left = [step for step in row["steps"] if not _applied(book, step, case)]
    return ("needs_approval" if left else "allowed"), row["rule"]


def _fits(book: Toml, row: Toml, case: Case, action: str) -> bool:
    narrow = {
        "own_customer": case.own_customer,
        "own_department": case.own_department,
        "kept_copy": case.kept_copy,
    }
    return (
        action in row["actions"]
        and case.level in row.get("levels", [case.level])
        and case.tier in row.get("tiers", [case.tier])
        and bool(_roles(book, case) & set(row.get("borrowers", _roles(book, case))))
        and all(value or not row.get(key) for key, value in narrow.items())
    )


def _applied(book: Toml, step: Toml, case: Case) -> bool:
    narrow = {"folder_department": case.own_department, "customer_manager": case.own_customer}
    if not step.get("by_application") or any(step.get(key) and not value for key, value in narrow.items()):
        return False
    held = _roles(book, case)
    return held >= set(step["all"]) if "all" in step else bool(held & set(step["any"]))


# The first reading


def asked(name: str, case: Case) -> tuple[Person, FolderFacts]:
    book = load_profile(name)
    person = Person(book.everyone.union(case.roles), department="甲部", user_id=ME)
    folder = FolderFacts(
        "KH-2026-0001", "KH", case.level, case.tier, "甲部" if case.own_department else "乙部",
        manager=ME if case.own_customer else OTHER,
    )  # fmt: skip
    return person, folder


@pytest.mark.requirement("SEC-16")
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("name", profiles())
def test_two_readings_of_one_book_agree_in_every_cell(name: str, action: str) -> None:
    book, found = load_profile(name), Counter[str]()
    for case in (case for case in cells(name) if case.action == action):
        person, folder = asked(name, case)
        answer = book.ask(person, folder, action, THURSDAY, kept_copy=case.kept_copy)
        assert (answer.verdict, answer.rule.clause) == by_hand(data(name), case), case
        assert bool(answer.may_decide) is (answer.verdict == "needs_approval"), case
        assert bool(answer.chain) <= (answer.verdict == "needs_approval"), case
        found[answer.verdict] += 1
    assert found.total() >= len(book.roles) * len(book.levels) * 4
    assert set(found) <= {"allowed", "needs_approval", "refused"}


def any_case(seed: int) -> tuple[str, Case]:
    """A person with one to four roles, before any folder of any company."""
    chance = Random(seed)
    name = chance.choice(profiles())
    book = data(name)
    roles = chance.sample(sorted(book["roles"]), chance.randint(1, 4))
    tier = chance.choice(["", *book.get("tiers", {})])
    action, level = chance.choice(ACTIONS), chance.choice([*book["secrecy"]])
    own, customer, kept = (chance.random() < 0.5 for _ in range(3))
    return name, Case(tuple(roles), level, tier, own, customer, action, kept and action == "photocopy")


@pytest.mark.requirement("SEC-16")
@settings(max_examples=3000)
@given(st.integers(0, 2**48).map(any_case))
def test_people_with_several_roles_have_the_first_row_that_fits_any_of_them(made: tuple[str, Case]) -> None:
    name, case = made
    book = load_profile(name)
    person, folder = asked(name, case)
    answer = book.ask(person, folder, case.action, THURSDAY, kept_copy=case.kept_copy)
    assert (answer.verdict, answer.rule.clause) == by_hand(data(name), case)
    if case.action not in book.level(case.level).uses:
        return
    facts = book.chain_for(
        person, case.level, case.action, case.tier,
        own_customer=case.own_customer, kept_copy=case.kept_copy, own_department=case.own_department,
    )  # fmt: skip
    told = {*facts.steps, *facts.done_by_application}
    assert any(told == {*row.steps} for row in book.chains if row.rule == facts.rule), "no step is lost"
    assert not {*facts.steps} & {*facts.done_by_application}
    for step in facts.done_by_application:
        assert step.by_application
        assert not person.roles.isdisjoint(step.roles)
    agreed = {role for step in facts.steps for role in step.roles}
    assert covers(agreed, facts.steps)
    for step in facts.steps:
        assert not covers(agreed.difference(step.roles), facts.steps), "a step nobody agreed to is open"


@pytest.mark.requirement("LOAN-02")
@pytest.mark.parametrize("name", profiles())
def test_nothing_is_given_beyond_the_rule_in_any_cell(name: str) -> None:
    """A refused use is refused to all, and what is not refused has a due time within every bound."""
    book, given = load_profile(name), 0
    for case in (case for case in cells(name) if case.action in USES):
        person, folder = asked(name, case)
        answer = book.ask(person, folder, case.action, THURSDAY, kept_copy=case.kept_copy)
        if case.action in data(name)["secrecy"][case.level].get("refused", {}):
            assert answer.refused, case
            assert answer.due is None
        elif not answer.refused:
            assert answer.due is not None, case
            assert answer.due.at > THURSDAY
            given += 1
    assert given


@pytest.mark.requirement("LOAN-01")
@pytest.mark.parametrize("name", profiles())
def test_no_use_of_any_level_is_due_later_than_a_bound(name: str) -> None:
    book = load_profile(name)
    for level, action, moment in product(book.levels.values(), USES, MOMENTS):
        if action not in level.uses:
            continue
        closing, text = book.closing(moment), data(name)["secrecy"][level.code]["use"][action]
        assert closing is not None
        for ends in (None, at("2026-11-19 15:00"), at("2027-06-01 09:00")):
            if ends is not None and ends <= moment:
                continue
            person = Person(book.everyone, authority_ends=ends)
            due = book.due_at(person, level.code, action, moment, session_ends=closing)
            bounds = [ends] if ends else []
            if "days" in text:
                assert (due.at - moment).days <= text["days"] or text.get("clock") == "working"
            else:
                bounds.append(closing)
            if "hours" in text:
                assert (due.at - moment).total_seconds() <= text["hours"] * 3600
            assert moment < due.at <= min(bounds, default=due.at)


def test_the_matrix_is_as_large_as_it_should_be() -> None:
    total = {name: sum(1 for _case in cells(name)) for name in profiles()}
    print(f"{sum(total.values())} cells: {total}")
    for name, number in total.items():
        book = load_profile(name)
        tiers, asked_for = len(book.tiers) + 1, len(ACTIONS) + 1  # photocopies new and kept
        assert number == len(book.roles) * len(book.levels) * tiers * 4 * asked_for
