"""The tokeniser and the highlighter: what is searched, and where the hit stands in the original."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive_app.search import BREAK, highlight, snippet
from archive_app.search.terms import MAX_TERMS, parse
from archive_app.search.text import EDGE, mapped, normalise, storable, tokens

WRITTEN = st.text(
    st.sampled_from(
        "合同甲方档案㛃𬭎𠮷々〇㎡①⑫Ⅳ½ﬁﾊﾞｶﾞéｅ́Ａｂ９Yz40/-－ ·，。“”《》\u3000\n\t\u200b\ufe0f\U000e0100"
    )
    | st.characters(exclude_categories=["Cs"])
)


def plain(text: str) -> str:
    """The searchable form without the marks around ASCII words."""
    return normalise(text).replace(EDGE, "")


def cut(text: str, query: str) -> list[str]:
    return [text[start:end] for start, end in highlight(text, query)]


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("ＨＴ－２０２６－０００１", "ht-2026-0001"),
        ("合 同\u3000书\n第二页", "合同书第二页"),
        ("甲方：  北京 ABC 公司", "甲方:北京abc公司"),
        ("XK7132A  machine\ttool", "xk7132a machine tool"),
        ("面积 15㎡ ①", "面积15m2 1"),
        ("⼈事檔案", "人事檔案"),
        ("葛\U000e0100城\ufe0f", "葛城"),
        ("ﾊﾞｰｺｰﾄﾞ", "バーコード"),
        ("合\u200b同", "合同"),
    ],
)
def test_text_is_folded_the_way_people_search(written: str, searched: str) -> None:
    assert plain(written) == searched


def test_no_word_reaches_across_the_fields_of_a_record() -> None:
    text = normalise(f"设备合{BREAK}同济公司")
    assert "合同" not in tokens(text)
    assert highlight(f"设备合{BREAK}同济公司", "合同") == []


def test_tokens_are_words_heads_characters_and_pairs() -> None:
    assert tokens(normalise("合同XK7132A")) == {"合", "同", "合同", "xk", "xk…", "7132", "71…", "a", "a…"}


@given(WRITTEN)
def test_the_map_knows_the_same_text_as_the_index(text: str) -> None:
    source = mapped(text)
    assert source.norm == normalise(text)
    assert len(source.norm) == len(source.starts) == len(source.ends)
    assert all(0 <= start <= end <= len(text) for start, end in zip(source.starts, source.ends, strict=True))
    letters = [at for at, char in zip(source.starts, source.norm, strict=True) if char != EDGE]
    assert letters == sorted(letters)


@given(WRITTEN)
def test_what_is_stored_can_be_stored_anywhere(text: str) -> None:
    assert "\x00" not in storable(text + "\x00")
    storable(text + "\ud800").encode()


def cuts_a_word(text: str, start: int, length: int) -> bool:
    """Whether one of the two cuts lies between two letters or digits of an ASCII word."""
    pairs = (text[cut - 1 : cut + 1] for cut in (start, start + length) if 0 < cut < len(text))
    folded = (unicodedata.normalize("NFKC", pair) for pair in pairs)
    return any(pair.isascii() and pair.isalnum() for pair in folded)


@given(WRITTEN, st.integers(0, 30), st.integers(1, 6))
@example("AA0A", 0, 1)
def test_a_word_cut_from_a_text_is_found_where_it_was_cut(text: str, start: int, length: int) -> None:
    piece = text[start : start + length]
    terms = parse(piece.replace('"', ""))
    if len(terms) != 1 or terms[0].norm not in normalise(text) or cuts_a_word(text, start, length):
        return  # an ASCII word cut in two is another word
    assert any(s < start + length and e > start for s, e in highlight(text, piece.replace('"', "")))


@pytest.mark.parametrize(
    ("text", "query", "hits"),
    [
        ("购销合同和合 同书", "合同", ["合同", "合 同"]),
        ("面积１５㎡，单价", "15m2", ["１５㎡"]),
        ("①合同②", "合同", ["合同"]),
        ("型号ＸＫ７１３２Ａ", "xk7132a", ["ＸＫ７１３２Ａ"]),
        ("第⑫条 ﬁnal 合同", "合同 final", ["ﬁnal", "合同"]),
        ("人名 𠮷野㛃、𬭎", "𠮷野 𬭎", ["𠮷野", "𬭎"]),
        ("甲方： 北京恒远", "甲方:北京", ["甲方： 北京"]),
        ("合同合同", "合同", ["合同合同"]),
        ("HT-2026-0001 and HTML", "HT", ["HT", "HT"]),
        ("HT-2026-0001 and HTML", '"HT"', ["HT"]),
        ("right HT", "HT", ["HT"]),
        ("café 1e\u0301", "café", ["café"]),
        ("没有", "合同", []),
        ("合同", "", []),
        ("", "合同", []),
    ],
)
def test_hits_are_marked_in_the_original_text(text: str, query: str, hits: list[str]) -> None:
    assert cut(text, query) == hits


def test_a_snippet_shows_the_hits_in_context() -> None:
    text = "前" * 100 + "甲方 与 乙方订立购销 合同。" + "后" * 100
    parts = snippet(text, "合同", width=40)
    assert [piece for piece, hit in parts if hit] == ["合同"]
    shown = "".join(piece for piece, _ in parts)
    assert shown.startswith("…前") and shown.endswith("后…")
    assert "甲方与乙方订立购销合同。" in shown
    assert len(shown) <= 42


def test_a_snippet_of_a_record_separates_its_fields() -> None:
    parts = snippet(f"HT-2026-0001{BREAK}购销合同", "购销")
    assert parts == [("HT-2026-0001 · ", False), ("购销", True), ("合同", False)]


def test_a_snippet_prefers_the_place_with_most_hits() -> None:
    text = "合同" + "一" * 200 + "合同甲合同乙合同"
    assert [hit for _, hit in snippet(text, "合同", width=20)].count(True) == 3


def test_a_snippet_without_a_hit_is_the_beginning() -> None:
    assert snippet("一二三四五", "没有", width=3) == [("一二三", False), ("…", False)]


def test_the_whole_text_can_be_marked() -> None:
    text = "一" * 100 + "合同" + "二" * 100
    assert snippet(text, "合同", width=None) == [("一" * 100, False), ("合同", True), ("二" * 100, False)]


@given(WRITTEN, WRITTEN, st.integers(1, 80))
def test_marking_never_fails_and_never_loses_letters(text: str, query: str, width: int) -> None:
    snippet(text, query, width)
    marked = "".join(piece for piece, _ in snippet(text, query, width=None))
    kept = [c for c in marked.replace("·", "") if not c.isspace()]
    assert kept == [c for c in text.replace("·", "") if not c.isspace() and c not in (BREAK, EDGE)]


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("合同 客户", ["合同", "客户"]),
        ("合同\u3000客户 合同", ["合同", "客户"]),
        ("“设备 合同” 恒远", ["设备合同", "恒远"]),
        ('"设备合同', ["设备合同"]),
        ("， 。 -", []),
        ("ＨＴ－２０２６", ["|ht|-|2026"]),
        ('"HT-2026"', ["|ht|-|2026|"]),
        ("7", ["|7|"]),
        ("XK7132A型", ["|xk|7132|a|型"]),
    ],
)
def test_a_query_is_words_and_phrases(query: str, terms: list[str]) -> None:
    assert [term.norm.replace(EDGE, "|") for term in parse(query)] == terms


def test_an_endless_query_is_cut() -> None:
    assert len(parse(" ".join(chr(0x4E00 + n) for n in range(1000)))) == MAX_TERMS


@given(WRITTEN, WRITTEN)
def test_the_index_never_misses_a_term_and_what_it_settles_is_true(text: str, query: str) -> None:
    norm = normalise(text)
    found = tokens(norm)
    for term in parse(query + " " + text[:3]):
        candidate = set(term.tokens) <= found and any(token.startswith(term.prefix) for token in found)
        if term.norm in norm:
            assert candidate
        if term.settled and candidate:
            assert term.norm in norm


def test_normal_forms_of_python_agree_with_the_map() -> None:
    # guards the assumption behind the fast path: these characters map one to one
    for char in (chr(n) for n in (*range(0x4E00, 0x9FFF, 97), *range(0xFF01, 0xFF5F))):
        assert len(unicodedata.normalize("NFKC", char).casefold()) == 1
