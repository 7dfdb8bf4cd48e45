"""``python -m tests.requirements`` writes docs/: which test shows which requirement, and the flows."""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from archive_app.core.flow import Flow

ROOT = Path(__file__).resolve().parents[1]
TESTS, DOCS = ROOT / "tests", ROOT / "docs"
REGISTER = DOCS / "requirements.toml"


@dataclass(frozen=True)
class Requirement:
    """One line of the register: id, tag (CORE, NEAR, PERIPHERAL) and what is required."""

    id: str
    tag: str
    statement: str


@dataclass(frozen=True)
class Mark:
    """A mark in a test file: the requirement it names, and the test (or file) that carries it."""

    requirement: str
    file: str
    test: str
    line: int


def register() -> dict[str, list[Requirement]]:
    """The requirements by chapter."""
    chapters = tomllib.loads(REGISTER.read_text("utf-8"))["chapters"]
    return {each["title"]: [Requirement(**row) for row in each["requirements"]] for each in chapters}


def marks(folder: Path = TESTS) -> list[Mark]:
    """Every ``requirement`` mark in the test files, read without running them."""
    found = []
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for id_, test, line in _in_tree(tree, ""):
            found.append(Mark(id_, str(path.relative_to(folder.parent)), test, line))
    return found


def _in_tree(node: ast.AST, test: str) -> Iterator[tuple[str, str, int]]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        test = node.name
    if isinstance(node, ast.Call) and _is_mark(node.func):
        for argument in node.args:
            if not isinstance(argument, ast.Constant):
                raise ValueError(f"line {node.lineno}: name the requirement itself, so that it can be found")
            yield str(argument.value), test, node.lineno
    for child in ast.iter_child_nodes(node):
        yield from _in_tree(child, test)


def _is_mark(function: ast.expr) -> bool:
    """Whether this is ``….mark.requirement``."""
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "requirement"
        and isinstance(function.value, ast.Attribute)
        and function.value.attr == "mark"
    )


def page(chapters: dict[str, list[Requirement]], found: list[Mark]) -> str:
    """docs/requirements.md: each requirement with the tests that show it, or open."""
    shown: dict[str, list[Mark]] = defaultdict(list)
    for mark in found:
        shown[mark.requirement].append(mark)
    lines = [
        "# Requirements",
        "",
        "Written by `make requirements` from the marks in the tests. A requirement counts as shown when",
        "a test that would fail without it carries its id; the others are open.",
        "",
        *_counts(chapters, shown),
    ]
    for title, rows in chapters.items():
        done = sum(row.id in shown for row in rows)
        lines += ["", f"## {title} ({done} of {len(rows)})", ""]
        lines += ["| id | | requirement | tests |", "|---|---|---|---|"]
        lines += [_row(row, shown[row.id]) for row in rows]
    return "\n".join(lines) + "\n"


def _counts(chapters: dict[str, list[Requirement]], shown: dict[str, list[Mark]]) -> list[str]:
    every = [row for rows in chapters.values() for row in rows]
    lines = ["| tag | shown | open | all |", "|---|---|---|---|"]
    for tag in (*dict.fromkeys(row.tag for row in every), "all"):
        rows = [row for row in every if tag in (row.tag, "all")]
        done = sum(bool(shown.get(row.id)) for row in rows)
        lines.append(f"| {tag} | {done} | {len(rows) - done} | {len(rows)} |")
    return lines


def _row(row: Requirement, found: list[Mark]) -> str:
    tests = dict.fromkeys(f"[{m.test.removeprefix('test_') or m.file}](../{m.file})" for m in found)
    statement = row.statement.replace("|", "\\|")
    return f"| {row.id} | {row.tag} | {statement} | {'<br>'.join(tests) or 'open'} |"


def flows() -> list[Flow]:
    """Every flow of every room."""
    modules = [import_module(f"archive_app.{path.parent.name}.flow") for path in _flow_files()]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Flow)]


def _flow_files() -> list[Path]:
    return sorted((ROOT / "archive_app").glob("*/flow.py"))


def diagrams() -> str:
    """docs/flows.md: the state tables as Mermaid diagrams, with who may take each step."""
    lines = ["# Flows", "", "Written by `make requirements` from the tables in `archive_app/*/flow.py`."]
    for flow in flows():
        lines += ["", f"## {flow.name}", "", "```mermaid", flow.diagram(), "```", ""]
        lines += ["| step | from | to | permission |", "|---|---|---|---|"]
        for step in flow.steps.values():
            lines.append(f"| {step.verb} | {', '.join(step.sources)} | {step.target} | {step.permission} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write both pages and say how far we are."""
    chapters, found = register(), marks()
    (DOCS / "requirements.md").write_text(page(chapters, found), "utf-8")
    (DOCS / "flows.md").write_text(diagrams(), "utf-8")
    known = {row.id for rows in chapters.values() for row in rows}
    shown = {mark.requirement for mark in found} & known
    print(f"{len(shown)} of {len(known)} requirements are shown by tests")
    for mark in found:
        if mark.requirement not in known:
            print(f"unknown: {mark.requirement} in {mark.file}:{mark.line}")


if __name__ == "__main__":
    main()
