"""What a print and today's content differ in, in words: rows by their id, values by their names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive_app.core.i18n import Lazy
from archive_app.prints.differences import Difference, compare
from archive_app.prints.register import digest_of

NAMES = {"lines": Lazy("卷内文件"), "title": Lazy("题名"), "remark": Lazy("备注"), "rank": None}


def told(old, new):
    return [(d.where, d.old, d.new) for d in compare(old, new, NAMES)]


def line(id, title="函", **more):
    return {"id": id, "serial": str(id), "title": title} | more


def test_equal_contents_differ_in_nothing():
    assert compare({"lines": [line(1)]}, {"lines": [line(1)]}, NAMES) == []


def test_a_changed_value_is_told_with_its_name_and_row():
    assert told({"lines": [line(1), line(2)]}, {"lines": [line(1), line(2, "复函")]}) == [
        ("卷内文件·2·题名", "函", "复函")
    ]


def test_a_row_that_came_and_a_row_that_went_are_one_line_each():
    assert told({"lines": [line(1), line(2)]}, {"lines": [line(1), line(3, "附件")]}) == [
        ("卷内文件·2", "2 函", ""),
        ("卷内文件·3", "", "3 附件"),
    ]


def test_rows_are_matched_by_id_and_a_new_order_is_one_difference():
    rows = [{"id": n, "title": title} for n, title in enumerate("甲乙丙", 1)]
    assert told({"lines": rows}, {"lines": [rows[2], *rows[:2]]}) == [
        ("卷内文件·次序", "甲、乙、丙", "丙、甲、乙")
    ]


def test_rows_without_an_id_are_matched_by_position():
    assert told({"facts": [{"text": "甲"}, {"text": "乙"}]}, {"facts": [{"text": "甲"}]}) == [
        ("facts·乙", "乙", "")
    ]
    assert told({"facts": [{"n": 1}]}, {"facts": [{"n": 2}]}) == [("facts·第 1 行·n", "1", "2")]


def test_a_value_that_follows_from_another_is_not_told_twice():
    assert told({"title": "甲", "rank": 1}, {"title": "乙", "rank": 2}) == [("题名", "甲", "乙")]
    assert told({"lines": []}, {"lines": [line(1, rank=3)]}) == [("卷内文件·1", "", "1 函")]


def test_an_empty_value_that_was_filled_in_and_one_that_was_cleared():
    assert told({"remark": ""}, {"remark": "缺第 3 页"}) == [("备注", "", "缺第 3 页")]
    assert told({"remark": "缺第 3 页"}, {}) == [("备注", "缺第 3 页", "")]
    assert told({"remark": ["甲", "乙"], "bound": False}, {"remark": ["甲"], "bound": True}) == [
        ("备注", "甲、乙", "甲"), ("bound", "否", "是"),
    ]  # fmt: skip


def test_rows_of_one_id_twice_are_matched_by_position_and_nothing_is_lost():
    old, new = [line(1), line(1, "乙")], [line(1)]
    assert told({"lines": old}, {"lines": new}) == [("卷内文件·1", "1 乙", "")]


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(max_size=4), plain, max_size=4),
    st.dictionaries(st.text(max_size=4), plain, max_size=4),
)
def test_any_two_contents_can_be_compared(old, new):
    found = compare(old, new, {})
    assert all(isinstance(each, Difference) for each in found)
    if old == new:
        assert found == []


@given(st.dictionaries(st.text(max_size=4), plain, max_size=4))
def test_the_digest_does_not_depend_on_the_order_of_the_names(content):
    assert digest_of(dict(reversed(content.items()))) == digest_of(content)
