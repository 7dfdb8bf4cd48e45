"""Last year's loans under another rule book: what would have been refused, decided or due otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from archive_app.policy import Event, FolderFacts, Person, Replayed, RuleBook, load, load_profile, replay
from archive_app.policy.replay import FINDINGS, WORDS, Example
from tests.unit.policy.cases import BOOK, THURSDAY, at

NOW = at("2026-11-30 12:00")
CLOSES, BACK = at("2026-11-19 17:30"), at("2026-11-19 17:00")
ASKED = frozenset({"department_manager", "office_director"})


def event(
    number: str = "HT-2026-0012",
    title: str = "客户经理",
    level: str = "open",
    kind: str = "loan",
    *,
    handed: datetime = THURSDAY,
    due: datetime | None = CLOSES,
    returned: datetime | None = BACK,
    agreed: frozenset[str] = ASKED,
    ends: datetime | None = None,
    department: str = "销售部",
    manager: int | None = None,
) -> Event:
    """A loan that was in order under the default rule book, unless told otherwise."""
    who = Person(frozenset(), title, "销售部", title, ends, 7)
    folder = FolderFacts(number, "HT", level, department=department, manager=manager)
    return Event(number, who, folder, kind, handed, due, returned, agreed)


def found(book: RuleBook, *events: Event) -> dict[str, int]:
    """The findings that are there at all."""
    return {name: number for name, number in replay(book, events, now=NOW).counts.items() if number}


def only(replayed: Replayed) -> Example:
    (group,) = replayed.groups
    (example,) = group.examples
    return example


def test_the_book_that_judged_a_loan_finds_nothing_in_it() -> None:
    same = [
        event(),
        event(title="总经理", agreed=frozenset()),
        event(level="secret", agreed=frozenset({"general_manager"})),
        event(kind="photocopy", due=at("2026-11-25 17:30"), agreed=frozenset({"back_office_manager"})),
        event(title="销售部经理", agreed=frozenset({"office_director"})),
    ]
    result = replay(BOOK, same, now=NOW)
    assert (result.events, result.changed, result.groups) == (5, 0, ())
    assert dict(result.counts) == dict.fromkeys(FINDINGS, 0)


def test_a_loan_that_the_level_forbids_is_told_with_its_clause() -> None:
    result = replay(BOOK, [event(level="confidential", due=None)], now=NOW)
    assert found(BOOK, event(level="confidential")) == {"refused": 1}
    (group,) = result.groups
    assert (group.finding, group.code) == ("refused", "loan.confidential")
    assert group.clause == "销售客户档案管理制度 七.3"
    example = only(result)
    assert example.number == "HT-2026-0012"
    assert example.words == "不能外借：HT-2026-0012 是机密级档案。"


def test_every_example_names_its_own_folder() -> None:
    numbers = ["HT-2026-0001", "HT-2026-0002"]
    result = replay(BOOK, [event(n, level="top_secret") for n in numbers], now=NOW)
    (group,) = result.groups
    assert group.count == 2
    assert [example.words for example in group.examples] == [f"不能外借：{n} 是绝密级档案。" for n in numbers]


def test_who_would_have_had_to_agree_is_said_when_nobody_of_them_did() -> None:
    secret = event(level="secret", agreed=frozenset({"office_director"}))
    result = replay(BOOK, [secret], now=NOW)
    assert dict(result.counts)["approval"] == 1
    assert only(result).words == "总经理或分管副总经理批准"
    assert result.groups[0].clause == "销售客户档案管理制度 七.3"
    assert found(BOOK, replace(secret, agreed=frozenset({"office_director", "deputy_general_manager"}))) == {}


def test_titles_of_those_who_agreed_count_as_their_roles() -> None:
    secret = event(level="secret", agreed=frozenset({"营销副总经理"}))
    assert found(BOOK, secret) == {}
    assert found(BOOK, replace(secret, agreed=frozenset({"营销总监"}))) == {"approval": 1}


def test_an_approval_that_is_no_longer_needed_is_told() -> None:
    direct = event(title="总监")
    assert found(BOOK, direct) == {"spared": 1}
    assert found(BOOK, replace(direct, agreed=frozenset())) == {}


def test_a_shorter_limit_makes_it_due_earlier_and_perhaps_late() -> None:
    text = BOOK.text.replace('where = "company"\nhours = 4', 'where = "company"\nhours = 1')
    book, agreed = load(text), frozenset({"general_manager"})
    quick = event(level="secret", agreed=agreed, returned=at("2026-11-19 15:00"))
    slow = replace(quick, number="HT-2026-0013", returned_at=at("2026-11-19 17:00"))
    assert found(book, quick) == {"earlier": 1}
    assert found(book, slow) == {"earlier": 1, "late": 1}
    result = replay(book, [quick, slow], now=NOW)
    assert (result.events, result.changed) == (2, 2)
    late = next(group for group in result.groups if group.finding == "late")
    (example,) = late.examples
    assert (example.number, example.was, example.would_be) == (
        "HT-2026-0013", at("2026-11-19 17:30"), at("2026-11-19 15:32"),
    )  # fmt: skip
    assert example.words == "最长 1 小时，今日 15:32 前归还。"


def test_a_longer_limit_forgives() -> None:
    text = BOOK.text.replace(
        'where = "company"\nrule = "same_day"', 'where = "company"\ndays = 5\nrule = "same_day"'
    )
    forgiven = event(returned=at("2026-11-20 09:00"))
    assert found(load(text), forgiven) == {"longer": 1, "in_time": 1}
    assert found(load(text), event()) == {"longer": 1}


def test_what_is_still_out_has_been_out_until_now() -> None:
    text = BOOK.text.replace(
        'where = "company"\nrule = "same_day"', 'where = "company"\ndays = 5\nrule = "same_day"'
    )
    assert found(load(text), event(returned=None)) == {"longer": 1}
    out = event(due=at("2026-12-24 17:30"), returned=None)
    assert found(BOOK, out) == {"earlier": 1, "late": 1}


def test_handing_over_while_closed_or_after_the_authority_would_have_been_refused() -> None:
    night = event(handed=at("2026-11-19 20:00"), due=at("2026-11-19 21:00"), returned=at("2026-11-19 20:30"))
    over = event(ends=at("2026-11-19 09:00"))
    groups = replay(BOOK, [night, over], now=NOW).groups
    assert [(group.finding, group.code) for group in groups] == [
        ("refused", "loan.closed"), ("refused", "loan.authority_ended"),
    ]  # fmt: skip


def test_authority_counts_for_each_loan_by_itself_though_the_answer_is_shared() -> None:
    free = event(agreed=ASKED)
    bound = event(ends=at("2026-11-19 16:00"), due=at("2026-11-19 16:00"), returned=at("2026-11-19 15:00"))
    assert found(BOOK, free, bound) == {}
    assert found(BOOK, bound, free) == {}
    over = event(ends=at("2026-11-19 09:00"))
    assert found(BOOK, over, free, over) == found(BOOK, free, over, over) == {"refused": 2}


def test_a_company_with_other_levels_and_titles_is_told_apart() -> None:
    owner = event(title="客户经理", level="secret", kind="consult", agreed=frozenset(), manager=7)
    hotel = load_profile("S11")
    assert found(hotel, owner) == {}
    assert found(hotel, event(level="open")) == {"unknown": 1}
    stranger = replace(owner, folder=replace(owner.folder, manager=8))
    assert found(hotel, stranger) == {"refused": 1}
    assert found(hotel, owner, stranger, owner) == {"refused": 1}


def test_the_examples_are_the_first_and_the_most_frequent_group_comes_first() -> None:
    forbidden = [event(f"HT-2026-{n:04d}", level="confidential") for n in range(1, 9)]
    result = replay(BOOK, [event(title="总监"), *forbidden], now=NOW, examples=3)
    assert [(group.finding, group.count, len(group.examples)) for group in result.groups] == [
        ("refused", 8, 3), ("spared", 1, 1),
    ]  # fmt: skip
    assert [example.number for example in result.groups[0].examples] == [
        "HT-2026-0001", "HT-2026-0002", "HT-2026-0003",
    ]  # fmt: skip


def test_events_may_come_one_by_one_and_every_finding_has_a_word() -> None:
    assert replay(BOOK, (event() for _ in range(10)), now=NOW).events == 10
    assert set(WORDS) == set(FINDINGS)


@pytest.mark.parametrize("name", ["S08", "S09", "S11", "S14", "S45", "S63", "S64", "default"])
def test_any_book_takes_any_loan(name: str) -> None:
    levels = ["open", "secret", "confidential", "top_secret", "cosmic"]
    events = [
        event(level=level, kind=kind)
        for level in levels
        for kind in ("loan", "consult", "photocopy", "excerpt")
    ]
    result = replay(load_profile(name), events, now=NOW)
    assert result.events == len(events)
    assert result.counts["unknown"] >= 4
    assert sum(group.count for group in result.groups) == sum(result.counts.values())
