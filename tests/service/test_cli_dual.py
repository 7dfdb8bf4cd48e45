"""The two sets on the command line: report and electronic catalog."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from archive_app.cli import archive as commands
from tests.dual import folder, line, scan


@pytest.mark.slow
def test_report_and_catalog_on_the_command_line(terminal, people, at, tmp_path):
    def run(*arguments):
        result = CliRunner().invoke(commands, arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    good, bare = folder(people, at), folder(people, at)
    scan(good, document=line(good, people, at))
    line(bare, people, at)
    (told,) = map(json.loads, run("dual", "report", "--year", "2026", "--json").splitlines())
    assert (told["category"], told["percent"], told["whole"], told["missing_scan"]) == ("HT", 50, 1, 1)
    (told,) = map(json.loads, run("dual", "report", "--wrong", "missing_scan", "--json").splitlines())
    assert (told["file_number"], told["wrong"], told["paper"]) == (bare.file_number, ["missing_scan"], True)
    assert "50%" in run("dual", "report")
    target = tmp_path / "catalog.pdf"
    told = json.loads(run("dual", "catalog", "HT/2026", "--pdf", str(target), "--as", "archivist", "--json"))
    assert told["state"] == "done" and told["pages"] >= 1 and target.read_bytes().startswith(b"%PDF")
    assert CliRunner().invoke(commands, ["dual", "catalog", "HT/x", "--as", "archivist"]).exit_code == 2
