"""Photocopies, losses and damage on the command line, with the same verbs and refusals as the screens."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from archive_app.cli import archive as commands
from archive_app.records.service import register_folder


@pytest.fixture
def run(terminal, people, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def call(*arguments, fails=0):
        result = CliRunner().invoke(commands, [*arguments, "--json"])
        assert result.exit_code == fails, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return call


@pytest.fixture
def thing(run, people, at):
    return register_folder("HT", 2026, "年度框架协议", secrecy="open", actor=people.archivist, at=at)


@pytest.mark.requirement("LOAN-09")
def test_a_copy_is_made_lost_found_and_destroyed(run, people, at, thing, tmp_path):
    (made,) = run("copy", "make", thing.file_number, "--pages", "6", "--as", "archivist")
    assert (made["serial"], made["state"], made["kept"]) == (1, "kept", True)
    assert made["barcode"].startswith("0000000001")
    (refused,) = run("copy", "make", thing.file_number, "--pages", "6", "--as", "borrower", fails=1)
    assert refused["refused"]["code"] == "permission"
    (lost,) = run("copy", "lose", f"{thing.file_number}/1", "--facts", "盒中没有", "--as", "archivist")
    assert (lost["state"], lost["report"]) == ("lost", "DS-2026-0001")
    (back,) = run("copy", "find", made["barcode"], "--remark", "在抽屉里", "--as", "archivist")
    assert back["state"] == "kept"
    (label,) = run("copy", "label", str(made["id"]), "--as", "archivist")
    assert (tmp_path / label["file"]).read_bytes().startswith(b"%PDF")
    (gone,) = run("copy", "destroy", str(made["id"]), "--reason", "换新的", "--as", "archivist")
    assert gone["state"] == "destroyed"
    assert [row["id"] for row in run("copy", "list", "--state", "destroyed")] == [made["id"]]
    assert run("copy", "list", "--recall") == run("copy", "list", "--propose") == []
    assert run("copy", "show", "999", fails=1)[0]["error"]


@pytest.mark.requirement("AUD-05")
def test_a_loss_is_reported_decided_settled_and_found_again(run, people, at, thing, tmp_path):
    (row,) = run("incident", "report", "loss", thing.file_number, "--facts", "不在架", "--as", "archivist")
    assert (row["state"], row["penalty"]) == ("reported", "罚款 500 元")
    (again,) = run(
        "incident", "report", "loss", thing.file_number, "--facts", "x", "--as", "archivist", fails=1
    )
    assert again["refused"]["code"] == "incident.already"
    key = str(row["id"])
    (row,) = run("incident", "decide", key, "--refuse", "--reason", "没有写明何时", "--as", "director")
    assert row["state"] == "sent_back"
    run("incident", "again", key, "--facts", "11 月 18 日清点时不在架", "--as", "archivist")
    (row,) = run("incident", "decide", key, "--as", "director")
    assert row["state"] == "approved"
    run("incident", "settle", key, "--measure", "compensated", "--what", "已报财务部", "--as", "archivist")
    assert [each["state"] for each in run("incident", "list", "--kind", "loss")] == ["settled"]
    (row,) = run("incident", "found", thing.file_number, "--remark", "错架", "--as", "archivist")
    assert row["state"] == "settled"  # what was settled stands; the folder is on its shelf again
    (form,) = run("incident", "print", key, "--as", "archivist")
    assert (tmp_path / form["file"]).read_bytes().startswith(b"%PDF")
    assert run("incident", "show", key)[0]["settlement"] == "赔偿已上报：已报财务部"
