"""Every Chinese text of the program has its English, and the English says the same things."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from tests.conftest import ROOT

CATALOG = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = DEFAULT_KEYWORDS | {"L": None, "Lazy": None}
PLACES = {"archive_app", "templates"}
VALUE = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+")
# Quotes around a clause of the rule book, and the name of a language in that language.
STAYS = {"「", "」", "中文"}


def program_texts() -> dict[str, set[str]]:
    """Every translatable text, and the files it stands in."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = extract_from_dir(
        str(ROOT), methods, options, KEYWORDS,
        directory_filter=lambda path: Path(path).relative_to(ROOT).parts[0] in PLACES,
    )  # fmt: skip
    texts: dict[str, set[str]] = {}
    for file, _line, text, *_rest in found:
        texts.setdefault(text, set()).add(file)
    return texts


@pytest.fixture(scope="module")
def texts():
    return program_texts()


@pytest.fixture(scope="module")
def english():
    with CATALOG.open("rb") as file:
        return {message.id: message for message in read_po(file, locale="en") if message.id}


def test_texts_are_found_in_python_under_both_names_and_in_pages(texts):
    where = set().union(*texts.values())
    assert {"archive_app/loans/words.py", "archive_app/scans/guard.py"} <= where
    assert "templates/pages/base.html" in where
    assert not any(file.startswith("templates/print") for file in where)


def test_every_text_has_its_english(texts, english):
    missing = {
        text: files for text, files in texts.items() if text not in english or not english[text].string
    }
    assert missing == {}, "run make translations, then fill in the new texts"


def test_no_english_is_a_guess(english):
    assert [text for text, message in english.items() if message.fuzzy] == []


def test_no_english_is_kept_for_a_text_that_is_gone(texts, english):
    assert sorted(english.keys() - texts.keys()) == []


def test_the_english_fills_in_the_same_values(english):
    differ = {
        text: message.string
        for text, message in english.items()
        if sorted(VALUE.findall(text)) != sorted(VALUE.findall(message.string))
    }
    assert differ == {}


def test_the_english_has_no_chinese_left_in_it(english):
    assert {text: m.string for text, m in english.items() if CHINESE.search(m.string)} == {}


def test_pages_say_nothing_that_cannot_be_translated():
    left = {}
    for path in sorted((ROOT / "templates" / "pages").rglob("*.html")):
        if path.name == "gallery.html":  # its sample people and companies are data
            continue
        page = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        page = re.sub(r"""\b_\(\s*("[^"]*"|'[^']*')""", "", page)
        if words := set(CHINESE.findall(page)) - STAYS:
            left[str(path.relative_to(ROOT))] = words
    assert left == {}
