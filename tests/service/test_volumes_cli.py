"""The yearly binding without a browser: every verb on the command line, for people and for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive_app.cli import archive as commands
from archive_app.stacks.service import add_place
from tests.conftest import AT
from tests.volumes import folder


@pytest.fixture
def run(terminal, people):
    """Call the program as somebody with --json; gives exit code and the objects it printed."""

    def call(who: str, *arguments: object) -> tuple[int, list[dict]]:
        told = ["volume", *map(str, arguments), "--as", who, "--json"]
        result = CliRunner().invoke(commands, told)
        return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]

    return call


@pytest.mark.requirement("ARR-16")
def test_a_year_goes_from_proposal_to_the_box_on_the_command_line(run, people, tmp_path: Path):
    home = folder("合同", "附件", actor=people.archivist)
    folder(actor=people.archivist, title="空的")
    room = add_place("room", "1", None, name="库房", actor=people.archivist, at=AT)
    cabinet = add_place("cabinet", "A", room.id, actor=people.archivist, at=AT)
    shelf = add_place("shelf", "3", cabinet.id, actor=people.archivist, at=AT)
    box = add_place("box", "07", shelf.id, actor=people.archivist, at=AT)

    _code, ((made),) = run("archivist", "propose", "HT", 2025)
    assert (made["state"], made["items"], made["number"]) == ("open", 2, None)
    volume = made["id"]
    _code, rows = run("archivist", "year", "HT", 2025)
    assert [row.get("loose") for row in rows] == [None, "no_documents"]
    run("archivist", "move", volume, 2, "--before", 1, "--reason", "附件在先")
    run("archivist", "order", volume)
    code, (refusal,) = run("archivist", "check", volume)
    assert (code, refusal["refused"]["code"]) == (1, "volumes.own_check")
    run("director", "check", volume)
    _code, (bound,) = run("archivist", "bind", volume)
    assert (bound["state"], bound["number"]) == ("bound", "Z01-HT·2025-0001")
    _code, (boxed,) = run("archivist", "box", "Z01-HT·2025-0001", box.path)
    assert (boxed["state"], boxed["place"]) == ("boxed", box.path)
    run("archivist", "note", volume, "appraised", "鉴定后延长保管")
    _code, shown = run("archivist", "show", bound["barcode"])
    assert [row["title"] for row in shown[1:3]] == ["附件", "合同"]
    assert shown[1]["file_number"] == home.file_number
    assert (shown[-1]["change"], shown[-1]["version"]) == ("appraised", 2)
    for form in ("item-list", "volume-list", "full-list", "year-pack"):
        target = tmp_path / f"{form}.pdf"
        _code, (printed,) = run("archivist", form, "HT", 2025, "--out", target)
        assert target.read_bytes().startswith(b"%PDF"), printed
    target = tmp_path / "pack.pdf"
    _code, (printed,) = run("archivist", "pack", volume, "--out", target)
    assert (printed["number"], target.read_bytes()[:4]) == (2, b"%PDF")
    _code, (asked,) = run("archivist", "unbind", volume, "--reason", "夹错一页")
    _code, (decided,) = run("gm", "decide", asked["id"], "granted")
    assert (decided["state"], decided["number"]) == ("open", "Z01-HT·2025-0001")


def test_the_command_line_moves_folders_rules_years_and_accepts(run, people):
    home = folder("合同", actor=people.archivist, scanned=False)
    other = folder("另一份", actor=people.archivist)
    _code, (made,) = run("archivist", "propose", "HT", 2025)
    code, (accepted,) = run("archivist", "accept", home.file_number, "no_scan", "--reason", "不用扫描")
    assert (code, accepted["problem"]) == (0, "no_scan")
    _code, (left,) = run("archivist", "folder", made["id"], other.file_number, "--reason", "待补")
    assert left["items"] == 1
    run("archivist", "rule-year", other.file_number, 1, 2024, "--reason", "2024 年办结")
    _code, (earlier,) = run("archivist", "propose", "HT", 2024)
    assert (earlier["year"], earlier["items"]) == (2024, 1)
    code, (error,) = run("archivist", "show", "没有的卷")
    assert (code, error["error"]) == (1, "没有案卷 没有的卷。")


def test_the_command_line_splits_merges_renames_dissolves_and_takes_a_request_back(run, people):
    for title in ("合同", "另一份"):
        folder(title, actor=people.archivist)
    _code, (made,) = run("archivist", "propose", "HT", 2025)
    _code, (second,) = run("archivist", "split", made["id"], 2)
    assert (second["items"], second["place_in_year"]) == (1, 2)
    _code, (whole,) = run("archivist", "merge", made["id"], second["id"])
    _code, (named,) = run("archivist", "rename", made["id"], "购销合同", "--remark", "已核对")
    assert (whole["items"], named["title"]) == (2, "购销合同")
    for verb, who in (("order", "archivist"), ("check", "director"), ("bind", "archivist")):
        run(who, verb, made["id"])
    _code, (asked,) = run("archivist", "unbind", made["id"], "--reason", "夹错一页")
    _code, (back,) = run("archivist", "withdraw", asked["id"])
    assert (back["decided"], back["state"]) == ("withdrawn", "bound")
    folder("第三份", actor=people.archivist)
    _code, (third,) = run("archivist", "propose", "HT", 2025)
    _code, (gone,) = run("archivist", "dissolve", third["id"])
    assert gone["state"] == "dissolved"
