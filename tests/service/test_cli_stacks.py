"""Places and printers on the command line: for people and for scripts, refused with words."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from archive_app.cli import archive as commands
from archive_app.printing.barcode import parse


@pytest.fixture
def run(terminal, people):
    """Call the program as the archivist and read its JSON lines."""

    def call(*arguments: str, code: int = 0) -> list[dict]:
        result = CliRunner().invoke(commands, [*arguments, "--as", "archivist", "--json"])
        assert result.exit_code == code, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return call


@pytest.fixture
def room(run):
    run("place", "add", "room", "K1", "--name", "一号库房")
    run("place", "add", "cabinet", "A03", "--in", "一号库房")
    run("place", "add", "shelf", "1", "--in", "A03", "--count", "4")
    return run("place", "add", "box", "04", "--in", "A03-2", "--width", "40")[0]


@pytest.mark.requirement("STO-14")
def test_a_room_is_furnished_and_shown_as_a_tree(run, room):
    assert (room["code"], room["path"]) == ("A03-2-04", "一号库房 A03 柜 2 格 盒 04")
    assert parse(room["barcode"]).id == room["id"]
    assert [row["code"] for row in run("place", "tree")] == [
        "K1", "A03", "A03-1", "A03-2", "A03-2-04", "A03-3", "A03-4",
    ]  # fmt: skip


@pytest.mark.requirement("STO-11")
def test_folders_are_shelved_shown_and_move_with_their_box(run, room):
    numbers = [run("register", "HT", f"合同 {n}")[0]["file_number"] for n in range(3)]
    done = run("place", "shelve", room["barcode"], *numbers)
    assert {row["place"] for row in done} == {room["path"]}
    assert [row["number"] for row in run("place", "show", "A03-2-04")] == numbers
    assert run("place", "move", "A03-2-04", "A03-4")[0]["path"] == "一号库房 A03 柜 4 格 盒 04"
    assert run("place", "shelve", "A03-1", numbers[0], "--seen")[0]["home"] is False
    states = {row["number"]: row["state"] for row in run("place", "show", "A03-4-04")}
    assert [states[number] for number in numbers] == ["away", "here", "here"]
    assert run("place", "show", "A03-1")[0]["state"] == "stranger"


def test_what_is_not_empty_or_unknown_is_refused(run, room):
    assert run("place", "close", "A03-2", code=1)[0]["refused"]["code"] == "stacks.not_empty"
    assert run("place", "close", "A03-1")[0]["closed"] is True
    run("place", "show", "A03-1", code=1)
    run("place", "shelve", "Z9", "HT-2026-0001", code=1)
    run("place", "add", "shelf", "2", "--in", "A03", code=2)


def test_folder_labels_go_to_a_kept_printer_and_move_its_next_free_label(run, tmp_path):
    number = run("register", "HT", "购销合同")[0]["file_number"]
    run("printer", "add", "前台", "--stock", "L7160")
    run("printer", "set", "前台", "--next", "20")
    for _again in range(2):
        run("label", number, "--printer", "前台", "--out", str(tmp_path / "labels.pdf"))
    assert run("printer", "list")[0]["next_start"] == 1


def test_labels_of_a_cabinet_follow_one_another_on_the_printers_sheet(run, room, tmp_path):
    sheet = tmp_path / "calibration.pdf"
    made = run("printer", "add", "前台", "--stock", "L7160", "--sheet", str(sheet))[0]
    assert made["next_start"] == 1 and sheet.read_bytes().startswith(b"%PDF")
    mended = run("printer", "calibrate", "前台", "21", "19", "191", "276")[0]
    assert (mended["offset_mm"], mended["scale"]) == ([-1.0, 1.0], 1.0)
    out = tmp_path / "labels.pdf"
    assert run("place", "label", "A03", "--below", "--printer", "前台", "--out", str(out))[0]["labels"] == 6
    assert out.read_bytes().startswith(b"%PDF")
    assert run("printer", "list")[0]["next_start"] == 7
    assert run("printer", "set", "前台", "--next", "21", "--offset", "-0.5", "0.25")[0]["offset_mm"] == [
        -0.5,
        0.25,
    ]
    run("printer", "set", "前台", "--next", "22", code=2)
    run("printer", "set", "后台", "--next", "2", code=1)
