"""The house as drawn: rooms in one order, small files, pure rules, and a schema that the migrations make."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import peewee as pw
import pytest

from archive_app.core import db as database
from archive_app.core import migrate
from archive_app.core.db import Model
from tests import requirements
from tests.conftest import ROOT
from tests.postgres import cluster

PROGRAM = ROOT / "archive_app"
LONGEST = 400
PURE = ("rules.py", "flow.py")
DIGNIFIED = {"util.py", "utils.py", "helpers.py", "helper.py", "manager.py", "common.py", "misc.py"}


def sources(*folders: str, endings: tuple[str, ...] = (".py",)) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in endings and path.is_file() and "__pycache__" not in path.parts:
                yield path


def imported(path: Path) -> set[str]:
    """The top packages that a file imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


# Rooms and files


@pytest.mark.slow
def test_the_import_contracts_hold():
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_stands_in_the_order():
    contract = (ROOT / "pyproject.toml").read_text("utf-8")
    rooms = {path.parent.name for path in PROGRAM.glob("*/__init__.py")}
    assert rooms == set(re.findall(r"archive_app\.(\w+)", contract.split("layers = [")[1].split("]")[0]))


def test_rules_and_flows_know_neither_the_web_nor_the_database():
    for path in sources("archive_app"):
        if path.name in PURE or path.parent.name == "policy":
            assert not imported(path) & {"flask", "peewee", "playhouse"}, path


def test_only_the_clock_reads_the_clock():
    reads = re.compile(r"datetime\.(utc)?now\(|\bdate\.today\(|\btime\.time\(")
    found = [path for path in sources("archive_app") if reads.search(path.read_text("utf-8"))]
    assert found == [PROGRAM / "core" / "clock.py"]


def test_no_file_of_the_program_is_longer_than_a_person_reads():
    endings = (".py", ".html", ".js", ".typ")
    paths = sources("archive_app", "templates", "labels", "migrations", endings=endings)
    long = {
        str(path.relative_to(ROOT)): lines
        for path in paths
        if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_no_file_is_a_drawer_for_odds_and_ends():
    assert [path for path in sources("archive_app", "tests") if path.name in DIGNIFIED] == []


def test_every_module_says_in_its_first_line_what_it_is():
    for path in sources("archive_app", "migrations", "tests"):
        text = path.read_text("utf-8")
        assert not text.strip() or ast.get_docstring(ast.parse(text)), path


def test_nothing_names_a_folder_of_one_machine():
    homes = re.compile(r"(?<![\w}])/" + r"(work/|root/|home/\w|Users/\w|tmp/team)")
    endings = (".py", ".html", ".js", ".css", ".toml", ".md", ".typ", ".sh", ".po", ".txt")
    folders = ("archive_app", "templates", "labels", "migrations", "tests", "docs", "translations", ".ci")
    paths = [*sources(*folders, endings=endings), *ROOT.glob("*.md"), *ROOT.glob("*.toml"), ROOT / "Makefile"]
    assert [path for path in paths if homes.search(path.read_text("utf-8"))] == []


# The register of requirements


def test_every_requirement_that_a_test_claims_is_in_the_register():
    known = {row.id for rows in requirements.register().values() for row in rows}
    unknown = [mark for mark in requirements.marks() if mark.requirement not in known]
    assert len(known) == 351
    assert unknown == []


def test_the_page_of_requirements_names_tests_and_open_ones(tmp_path):
    both = ("A-01", "CORE", "one | two"), ("A-02", "NEAR", "three")
    rows = [requirements.Requirement(*each) for each in both]
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_x.py").write_text("@pytest.mark.requirement('A-01')\ndef test_it_does():\n    pass\n")
    page = requirements.page({"Part": rows}, requirements.marks(folder))
    assert "| A-01 | CORE | one \\| two | [it_does](../tests/test_x.py) |" in page
    assert "| A-02 | NEAR | three | open |" in page
    assert "| all | 1 | 1 | 2 |" in page


def test_a_mark_that_does_not_spell_its_requirement_out_is_an_error(tmp_path):
    (tmp_path / "test_x.py").write_text("@pytest.mark.requirement(NAME)\ndef test_it():\n    pass\n")
    with pytest.raises(ValueError, match="line 1"):
        requirements.marks(tmp_path)


def test_every_flow_has_a_diagram():
    text = requirements.diagrams()
    assert {flow.name for flow in requirements.flows()} >= {"loan", "number", "approval", "scan_page"}
    assert all(flow.diagram() in text for flow in requirements.flows())


# The schema


def models() -> list[type[Model]]:
    """Every table of every room."""
    for path in sources("archive_app"):
        if path.name in ("models.py", "audit.py"):
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))

    def below(model: type[Model]) -> Iterator[type[Model]]:
        for child in model.__subclasses__():
            yield child
            yield from below(child)

    return [model for model in dict.fromkeys(below(Model)) if model.__module__.startswith("archive_app.")]


def schema(real: pw.Database, tables: list[str]) -> dict[str, Any]:
    """Columns and indexes by table, as the engine itself describes them."""
    found: dict[str, Any] = {}
    for table in tables:
        columns = {c.name: (c.data_type.upper(), c.null, c.primary_key) for c in real.get_columns(table)}
        indexes = {(i.name, tuple(i.columns), i.unique, _where(i.sql)) for i in real.get_indexes(table)}
        keys = {(k.column, k.dest_table, k.dest_column) for k in real.get_foreign_keys(table)}
        found[table] = {"columns": columns, "indexes": indexes, "keys": keys}
    return found


def _where(sql: str | None) -> str:
    """The condition of a partial index, however it is quoted and spaced."""
    return re.sub(r'["`\s()]', "", (sql or "").upper().partition(" WHERE ")[2])


@pytest.fixture
def bound() -> Iterator[None]:
    """Whatever database the house is bound to is bound again afterwards."""
    before = database.db.obj
    yield
    database.db.initialize(before)


@pytest.mark.usefixtures("bound")
def test_the_migrations_make_exactly_the_tables_of_the_models(tmp_path):
    tables = sorted(model._meta.table_name for model in models())
    migrated = database.connect(f"sqlite:///{tmp_path / 'migrated.db'}")
    migrate.up()
    by_migrations = schema(migrated, tables)
    rest = set(migrated.get_tables()) - set(tables)
    migrated.close()
    drawn = database.connect(f"sqlite:///{tmp_path / 'drawn.db'}")
    drawn.create_tables(models())
    by_models = schema(drawn, tables)
    drawn.close()
    assert by_migrations == by_models
    # what no model knows: the full-text index and the history of migrations
    assert {name for name in rest if not name.startswith(("search_index", "sqlite_"))} == {"schema_migration"}


def up_down_up(real: pw.Database) -> None:
    first = migrate.up()
    tables = set(real.get_tables())
    described = schema(real, sorted(tables))
    assert migrate.pending() == []
    down = migrate.down(first[0])
    assert down == first[::-1]
    assert len(real.get_tables()) <= 1  # the history itself
    assert migrate.up() == first
    assert schema(real, sorted(tables)) == described


@pytest.mark.usefixtures("bound")
def test_migrations_go_up_down_and_up_again_on_sqlite(tmp_path):
    real = database.connect(f"sqlite:///{tmp_path / 'archive.db'}")
    up_down_up(real)
    real.close()


@pytest.mark.slow
@pytest.mark.usefixtures("bound")
def test_migrations_go_up_down_and_up_again_on_postgresql():
    with cluster() as running:
        real = database.connect(running.fresh_database())
        up_down_up(real)
        real.close()
