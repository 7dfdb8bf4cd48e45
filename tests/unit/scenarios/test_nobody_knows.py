"""No code knows which rule book is in force: no profile, title, role, tier or clause stands in it."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from archive_app.policy import ChainStep, load_profile, profiles

ROOT = Path(__file__).resolve().parents[3]
# The demo plays one company under the default book, so it must name people of that company.
CODE = [path for path in sorted((ROOT / "archive_app").rglob("*.py")) if "demo" not in path.parts]
PAGES = [path for path in sorted((ROOT / "templates").rglob("*")) if path.suffix in {".html", ".typ", ".txt"}]
BOOKS = [load_profile(name) for name in profiles()]

OTHER_PROFILES = {name for name in profiles() if name != "default"}
COLUMNS = {each.name for each in fields(ChainStep)}  # customer_manager is also how a step may be narrowed
ROLES = {role for book in BOOKS for role in book.roles} - COLUMNS
# Words of the screens that are titles in some company as well: a field of a folder, a page, whom to ask.
LABELS = {"客户经理", "审计", "系统管理员"}
TITLES = {title for book in BOOKS for title in book.titles} - LABELS
TIERS = {tier for book in BOOKS for tier in book.tiers}
LEVELS = {level for book in BOOKS for level in book.levels} - {"open"}  # requests and books are open, too
CLAUSES = {rule.clause for book in BOOKS for rule in book.rules.values()}
DOCUMENTS = {document.title for book in BOOKS for document in book.documents.values()}


@cache
def texts(path: Path) -> list[tuple[int, str]]:
    """Every text in a program file, with its line; docstrings are not used by the program."""
    nodes = [*ast.walk(ast.parse(path.read_text("utf-8")))]
    docs = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return [
        (node.lineno, node.value)
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("profile", OTHER_PROFILES), ("role", ROLES), ("title", TITLES), ("tier", TIERS), ("level", LEVELS),
        ("clause", CLAUSES), ("document", DOCUMENTS),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_no_code_names(what: str, words: set[str]) -> None:
    assert words
    found = [
        f"{path.relative_to(ROOT)}:{line} {text}"
        for path in CODE
        for line, text in texts(path)
        if text.strip() in words
    ]
    assert found == []


def test_no_code_asks_for_a_clause_or_quotes_a_document() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {text}"
        for path in CODE
        for line, text in texts(path)
        if any(title in text for title in DOCUMENTS)
    ]
    assert found == []


def test_no_page_names_a_profile_or_a_role() -> None:
    quoted = re.compile("[\"'](" + "|".join(map(re.escape, sorted(OTHER_PROFILES | ROLES))) + ")[\"']")
    found = [str(path.relative_to(ROOT)) for path in PAGES if quoted.search(path.read_text("utf-8"))]
    assert found == []
