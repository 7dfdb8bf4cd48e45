"""Arrangement as pure rules: groups stay whole, the order is the rule's, years go by clause, paper fits."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_app.records.rules import PARTS
from archive_app.volumes import rules, thickness, years
from archive_app.volumes.rules import Paper

SORTS = list(rules.SORT_RULES)


def paper(id: int, part: str = "main", *, folder: int = 1, dated: str = "", **more) -> Paper:
    day = date.fromisoformat(dated) if dated else None
    return Paper(id, folder, ("HT", 2025, folder), id, part, dated=day, **more)


def ids(groups: list[list[rules.Placed]]) -> list[int]:
    return [placed.paper.id for group in groups for placed in group]


def said(groups: list[list[rules.Placed]]) -> dict[int, tuple[str, str]]:
    return {placed.paper.id: (placed.rule, placed.reason) for group in groups for placed in group}


papers = st.builds(
    Paper,
    id=st.integers(1, 10_000),
    folder=st.integers(1, 5),
    shelf=st.just(("HT", 2025, 0)),
    position=st.integers(1, 20),
    part=st.sampled_from(PARTS),
    group=st.sampled_from(["", "", "", "甲", "乙"]),
    dated=st.none() | st.dates(date(1949, 1, 1), date(2026, 12, 31)),
    pages=st.integers(0, 300),
)
sets_of_papers = st.lists(papers, max_size=40, unique_by=lambda p: p.id).map(
    lambda found: [
        Paper(**{**p.__dict__, "shelf": ("HT", 2025, p.folder), "sheets": (p.pages + 1) // 2}) for p in found
    ]
)


# Groups and order


@pytest.mark.requirement("ARR-02")
@pytest.mark.requirement("ARR-09")
@given(sets_of_papers, st.sampled_from(SORTS))
def test_no_document_is_lost_or_doubled_and_every_group_stands_together(found, sort):
    ordered = rules.order(found, sort)
    assert sorted(ids(ordered)) == sorted(p.id for p in found)
    by_id = {p.id: p for p in found}
    assert rules.torn([by_id[each] for each in ids(ordered)]) is None


@pytest.mark.requirement("ARR-09")
@given(sets_of_papers, st.sampled_from(SORTS), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_the_papers_come_in(found, sort, dice: random.Random):
    shuffled = list(found)
    dice.shuffle(shuffled)
    assert said(rules.order(found, sort)) == said(rules.order(shuffled, sort))
    assert ids(rules.order(found, sort)) == ids(rules.order(shuffled, sort))


@given(sets_of_papers, st.sampled_from(SORTS))
def test_every_position_can_say_which_rule_put_it_there(found, sort):
    keys = {"groups", "reply_first", "main_first", "print_first", *rules.SORT_RULES.values()}
    for rule, reason in said(rules.order(found, sort)).values():
        assert rule in keys
        assert reason


@pytest.mark.requirement("ARR-09")
def test_the_reply_stands_before_the_request_the_main_before_its_attachment_the_print_before_the_draft():
    ordered = rules.order(
        [
            paper(1, "request", group="质保", dated="2025-08-11"),
            paper(2, "attachment", dated="2025-08-11"),
            paper(3, "reply", group="质保", dated="2025-09-01"),
            paper(4, dated="2025-09-04"),
            paper(5, "attachment", dated="2025-09-04"),
            paper(6, "print", dated="2025-10-01"),
            paper(7, "final_draft", dated="2025-09-28"),
            paper(8, "duplicate", dated="2025-10-01"),
            paper(9, "translation", dated="2025-10-02"),
        ],
        "signing_date",
    )
    assert ids(ordered) == [3, 1, 2, 4, 5, 6, 7, 8, 9]
    assert [len(group) for group in ordered] == [3, 2, 4]
    assert said(ordered) == {
        3: ("reply_first", "批复在前"),
        1: ("reply_first", "请示在后，不分开"),
        2: ("main_first", "附件在后"),
        4: ("main_first", "正件在前"),
        5: ("main_first", "附件在后"),
        6: ("print_first", "印件在前"),
        7: ("print_first", "定稿在后"),
        8: ("groups", "副本随正本，不分开"),
        9: ("groups", "各种文字不分开"),
    }


@pytest.mark.requirement("ARR-09")
@pytest.mark.parametrize(
    ("first", "then"), [("attachment", "main"), ("final_draft", "print"), ("duplicate", "main")]
)
def test_what_was_filed_in_front_of_its_main_paper_stands_behind_it_all_the_same(first, then):
    filed = [paper(1, first, group="g"), paper(2, then, group="g"), paper(3, "attachment", group="g")]
    assert ids(rules.order(filed, "as_filed"))[0] == 2


@pytest.mark.requirement("ARR-02")
def test_an_order_made_by_hand_is_kept_as_far_as_nothing_is_torn():
    one, two = paper(1, group="g"), paper(4, group="g")
    by_hand = [paper(3), one, paper(2), two, paper(5, folder=2), paper(6)]
    assert [each.id for each in rules.gathered(by_hand)] == [3, 1, 4, 2, 6, 5]
    assert rules.torn(rules.gathered(by_hand)) is None


@pytest.mark.requirement("ARR-02")
def test_the_forwarding_paper_and_the_original_are_one_group():
    ordered = rules.order([paper(1, group="a"), paper(2), paper(3, "forwarded", group="a")], "as_filed")
    assert ids(ordered) == [3, 1, 2]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        pytest.param("signing_date", [2, 3, 1, 4], marks=pytest.mark.requirement("ARR-18")),
        pytest.param("dated_ascending", [2, 3, 1, 4], marks=pytest.mark.requirement("ARR-20")),
        pytest.param("dated_descending", [1, 3, 2, 4], marks=pytest.mark.requirement("ARR-19")),
        ("as_filed", [1, 2, 3, 4]),
        ("by_hand", [1, 2, 3, 4]),
        ("group_order", [1, 2, 3, 4]),
    ],
)
def test_the_category_says_in_which_order_the_rest_stands_and_undated_ones_come_last(sort, order):
    found = [
        paper(1, dated="2025-12-01"),
        paper(2, dated="1949-01-01"),
        paper(3, dated="2025-03-01"),
        paper(4),
    ]
    ordered = rules.order(found, sort)
    assert ids(ordered) == order
    assert {rule for rule, _reason in said(ordered).values()} == {rules.SORT_RULES[sort]}


@pytest.mark.requirement("CAT-25")
def test_folders_stand_by_category_year_and_serial_and_are_not_mixed():
    one = [paper(1, folder=2, dated="2025-01-01"), paper(2, folder=1, dated="2025-12-01")]
    assert ids(rules.order(one, "signing_date")) == [2, 1]


@pytest.mark.requirement("ARR-02")
def test_a_move_that_tears_a_group_or_mixes_folders_is_found():
    request, reply = paper(1, "request", group="g"), paper(2, "reply", group="g")
    other, strange = paper(3), paper(4, folder=2)
    assert rules.torn([reply, request, other, strange]) is None
    assert rules.torn([reply, other, request, strange]) == rules.Torn("groups", (1, 2))
    assert rules.torn([reply, request, strange, other]) == rules.Torn("number_order", (2, 1, 3))


# Years


def year_of(*group: Paper, rulings: dict[int, int] | None = None) -> tuple[int, str]:
    found = years.year_of(group, rulings)
    return found.year, found.rule


@pytest.mark.requirement("ARR-05")
def test_request_and_reply_go_into_the_year_of_the_reply_and_a_request_alone_into_its_own():
    request, reply = paper(1, "request", dated="2024-12-20"), paper(2, "reply", dated="2026-01-08")
    assert year_of(request, reply) == (2026, "reply_year")
    assert year_of(request) == (2024, "request_year")
    assert year_of(request, paper(2, "reply")) == (2025, "one_year")  # the reply has no date yet


@pytest.mark.requirement("ARR-06")
def test_a_plan_goes_into_the_first_year_it_is_for():
    assert year_of(paper(1, nature="plan", covers_from=2026, covers_to=2028)) == (2026, "plan_year")


@pytest.mark.requirement("ARR-07")
def test_a_summary_goes_into_the_last_year_it_is_for():
    assert year_of(paper(1, nature="summary", covers_from=2023, covers_to=2024)) == (2024, "summary_year")


@pytest.mark.requirement("ARR-08")
def test_papers_of_a_meeting_go_into_the_year_it_was_opened():
    meeting = paper(1, nature="meeting", covers_from=2024, covers_to=2025, dated="2025-01-10")
    assert year_of(meeting, paper(2, "attachment")) == (2024, "meeting_year")


@pytest.mark.requirement("ARR-04")
def test_everything_else_stays_in_the_filing_year_and_the_archivist_may_overrule():
    assert year_of(paper(1, dated="1949-10-01")) == (2025, "one_year")
    assert year_of(paper(1), paper(2, "attachment"), rulings={2: 2024}) == (2024, "by_hand")


def test_a_rule_on_years_is_named_only_where_something_crosses_a_year():
    same = paper(1, "request", dated="2025-03-01"), paper(2, "reply", dated="2025-04-01")
    assert year_of(*same) == (2025, "one_year")
    crossed = paper(1, "request", dated="2024-12-30"), paper(2, "reply", dated="2025-01-05")
    assert year_of(*crossed) == (2025, "reply_year")


# Thickness and pages

sizes = st.lists(st.lists(st.integers(0, 250), min_size=1, max_size=8), max_size=30)
loads = sizes.map(lambda found: [thickness.Load(n, tuple(groups)) for n, groups in enumerate(found, start=1)])


@pytest.mark.requirement("ARR-16")
@given(loads, st.integers(1, 400))
def test_volumes_lose_no_group_keep_the_order_and_split_only_a_folder_that_is_too_thick(found, limit):
    piles = thickness.pack(found, limit)
    flat = [(key, n) for pile in piles for key, first, behind in pile.runs for n in range(first, behind)]
    assert flat == [(load.folder, n) for load in found for n in range(len(load.groups))]
    by_folder = {load.folder: load for load in found}
    for pile in piles:
        sheets = sum(sum(by_folder[key].groups[first:behind]) for key, first, behind in pile.runs)
        assert sheets == pile.sheets
        assert sheets <= limit or (
            pile.over and len(pile.runs) == 1 and pile.runs[0][2] - pile.runs[0][1] == 1
        )
    homes = {key: sum(key == run[0] for pile in piles for run in pile.runs) for key in by_folder}
    assert all(homes[key] == 1 or by_folder[key].sheets > limit for key in by_folder)


def test_a_group_alone_too_thick_stays_whole_and_is_said():
    piles = thickness.pack([thickness.Load(7, (100, 500, 20))], 360)
    assert [pile.sheets for pile in piles] == [100, 500, 20]
    assert [pile.over for pile in piles] == [[], [7], []]
    assert [pile.cut for pile in piles] == [[7], [7], []]


@pytest.mark.requirement("ARR-10")
@given(st.lists(st.integers(0, 500), max_size=100))
def test_page_numbers_run_on_without_gap_over_every_page_with_writing(pages):
    numbers = thickness.number_pages(pages)
    covered = [
        n for first, count in zip(numbers, pages, strict=True) if first for n in range(first, first + count)
    ]
    assert covered == list(range(1, sum(pages) + 1))


def test_paper_is_measured_in_tenths_and_the_thinnest_box_is_taken():
    assert thickness.sheets_in(40, 0.9, 0.10) == 360
    assert thickness.millimetres(331, 0.10) == 33.1
    boxes = (20, 30, 40, 50)
    assert [thickness.box_for(mm, boxes, 0.9) for mm in (0, 18.0, 18.1, 33.1, 36.0, 99.0)] == [
        20,
        20,
        30,
        40,
        40,
        50,
    ]
    assert [thickness.page_words(*each) for each in ((1, 2), (7, 1), (None, 0))] == ["1–2", "7", ""]
