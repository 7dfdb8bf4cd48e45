"""The desk and the reading room from the command line, for scripts and for trying things out."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from archive_app.cli import archive as commands
from archive_app.loans.models import Incident, Loan
from archive_app.printing.barcode import BarcodeType, payload

pytest_plugins = ["tests.lending"]


@pytest.fixture
def run(terminal):
    def call(*arguments: str, code: int = 0) -> list[dict]:
        result = CliRunner().invoke(commands, [*arguments, "--as", "archivist", "--json"])
        assert result.exit_code == code, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return call


def test_a_folder_is_fetched_handed_over_and_taken_back_by_scans(run, people, approved):
    loan = approved("open")
    label, card = payload(BarcodeType.FOLDER, loan.folder_id), payload(BarcodeType.PERSON, loan.borrower_id)
    (line,) = run("desk", "picks")
    assert (line["loan"], line["where"], line["picked"]) == (loan.id, "hand_over", False)
    assert run("desk", "scan", label, "--mode", "pick")[0]["verb"] == "取到了"
    assert run("desk", "picks")[0]["picked"] is True
    run("desk", "scan", card, "--desk", "1")
    out = run("desk", "scan", label, "--desk", "1", "--id", "once")[0]
    assert (out["verb"], out["loan"], out["undo"]) == ("已借出", loan.id, True)
    assert run("desk", "scan", label, "--desk", "1", "--id", "once")[0]["scan"] == out["scan"]
    run("desk", "undo", str(out["scan"]), "--desk", "1")
    assert Loan.get_by_id(loan.id).state == "approved"
    run("desk", "scan", label, "--desk", "1")
    assert run("desk", "scan", label, "--desk", "2")[0]["verb"] == "已归还"
    checked = run("desk", "check", str(loan.id), "--pages", "3", "--effect", "供参考")[0]
    assert (checked["condition"], checked["pages_back"]) == ("good", 3)


def test_what_does_not_come_back_is_reported_lost(run, approved, desk, at):
    loan = desk.hand(approved(), at)
    line = run("desk", "lost", str(loan.id), "--facts", "出租车上遗失")[0]
    assert line["incident"] == Incident.get().id
    run("desk", "lost", str(loan.id), "--facts", "再报一次", code=1)


def test_readers_are_signed_in_and_out_and_the_register_is_kept(run, people, approved, desk, at):
    assert run("room", "sign-in", "borrower", "--seat", "2 号")[0]["seat"] == "2 号"
    loan = desk.seat(approved("secret", "consult"), at)
    seats = {row["seat"]: row for row in run("room", "list")}
    assert seats["2 号"]["folders"] == [loan.folder.file_number]
    assert seats["1 号"]["reader"] is None
    run("room", "sign-out", "borrower", code=1)
    desk.back(loan, at)
    run("room", "sign-out", "borrower")
    run("room", "sign-out", "borrower", code=1)
    (line,) = run("room", "sessions", "--day", "2026-11-19", "--reader", "王")
    assert line["read"] == [loan.folder.file_number]
    assert run("room", "sessions", "--day", "2026-11-18") == []


@pytest.mark.requirement("LOAN-02")
def test_a_reader_who_is_gone_with_a_folder_is_registered(run, people, approved, desk, at):
    loan = desk.seat(approved("confidential", "consult", people.gm), at)
    run("room", "sign-out", "gm", "--left", "--reason", "开会带走")
    assert Loan.get_by_id(loan.id).state == "overdue"
