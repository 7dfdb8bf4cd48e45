"""Text in a box: broken as Chinese is, shrunk before it is cut, never wider or higher than the box."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from archive_app.printing import fit

unhurried = settings(deadline=None)  # a busy machine is no fault of the code
anything = st.text(max_size=200)


@unhurried
@given(anything, st.floats(3, 40), st.booleans())
def test_no_line_is_wider_than_the_box(text: str, em: float, bold: bool) -> None:
    for line in fit.wrap(fit.clean(text), em, bold):
        assert fit.width(line, bold) <= em + 1.01  # one character alone may stand out of a tiny box
        assert line == line.strip()


@unhurried
@given(anything, st.floats(3, 40))
def test_wrapping_loses_and_changes_nothing(text: str, em: float) -> None:
    clean = fit.clean(text)
    assert "".join("".join(fit.wrap(clean, em, False)).split()) == "".join(clean.split())


@unhurried
@given(st.text("合同档案（），。abc -01", min_size=1, max_size=300), st.integers(1, 3))
def test_what_is_cut_ends_in_an_ellipsis_and_keeps_to_its_lines(text: str, lines: int) -> None:
    _size, broken = fit.fit(fit.clean(text), (40, 3.6 * lines), (2.8, 2.5), lines, bold=False, cut=True)
    assert len(broken) <= lines
    kept = "".join("".join(broken).split())
    whole = "".join(text.split())
    assert kept == whole or (kept.endswith("…") and whole.startswith(kept[:-1]))


@unhurried
@given(st.text("ABC-·0123456789", min_size=1, max_size=80))
def test_a_number_is_shrunk_until_it_stands_there_whole(number: str) -> None:
    size, broken = fit.fit(number, (23.8, 4.0), (3.35, 3.0), 1, bold=True, cut=False)
    assert "".join(broken) == number
    assert len(broken) == 1 and fit.width(broken[0], True) * size <= 23.81


def test_the_largest_type_that_fits_is_taken() -> None:
    assert fit.fit("合同", (30, 10), (3.0, 2.0), 2, bold=False, cut=True) == (3.0, ("合同",))
    assert fit.fit("合" * 22, (30, 7), (3.0, 2.5, 2.0), 2, bold=False, cut=True)[0] == 2.5


def test_punctuation_never_begins_a_line_and_brackets_never_end_one() -> None:
    lines = fit.wrap("甲乙丙丁，戊己庚辛（壬癸）子丑", 4, False)
    assert not any(line[0] in "，）" or line[-1] == "（" for line in lines)


def test_latin_words_stay_whole_and_only_a_monster_is_broken() -> None:
    assert fit.wrap("合同 Agreement 终稿", 6, False) == ["合同", "Agreement", "终稿"]
    assert len(fit.wrap("W" * 50, 6, False)) > 1


def test_line_ends_controls_and_direction_overrides_become_plain_text() -> None:
    assert fit.clean("第一行\r\n第二行\t\x00\u202eabc\u202c\ud800 ") == "第一行 第二行 abc"
    assert fit.clean("\u3000 \n") == ""


def test_brackets_of_a_reference_stay_with_what_they_enclose():
    for em in (6, 7, 8, 9):
        lines = fit.wrap("恒远纪〔2025〕20号", em, False)
        assert not any(line.startswith("〕") or line.endswith("〔") for line in lines), lines


def test_a_file_number_stays_on_one_line_where_it_fits_on_one():
    title = "2025年度业务记录类档案（YW-2025-0001至YW-2025-0010）"
    for em in (10, 12, 15, 20):
        text = "\n".join(fit.wrap(title, em, True))
        assert "YW-2025-0001" in text
        assert "YW-2025-0010" in text
    assert "".join(fit.wrap(title, 4, True)).replace(" ", "") == title
