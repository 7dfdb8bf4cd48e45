"""Borrowing from the command line: basket, several folders at once, looking first, extension, effect."""

from __future__ import annotations

from archive_app.core import clock
from archive_app.loans.models import Loan
from tests.lending import wall
from tests.service.test_cli import lines, run

__all__ = ["run"]

pytest_plugins = ["tests.lending"]

ASK = ("--purpose", "核对", "--undertaking", "--as", "borrower", "--json")


def test_several_folders_of_several_kinds_are_asked_for_at_once(run, folder):
    one, two = folder("open"), folder("open")
    found = lines(run("loan", "request", one.file_number, f"{two.file_number}=consult", *ASK))
    assert [(row["kind"], row["state"]) for row in found] == [("loan", "requested"), ("consult", "requested")]
    assert {row.basket for row in Loan.select()} == {found[0]["id"]}


def test_all_or_none_and_the_clause_is_printed(run, folder):
    one, two = folder("open"), folder("confidential")
    result = run("loan", "request", one.file_number, two.file_number, *ASK[:-2], "gm", "--json")
    assert result.exit_code == 1
    assert "七.3" in result.output
    assert Loan.select().count() == 0


def test_looking_first_says_who_decides_and_asks_for_nothing(run, folder):
    kept = folder("secret")
    (found,) = lines(
        run("loan", "request", kept.file_number, *ASK, "--dry-run", "--until", "2026-11-19T17:00")
    )
    assert (found["verdict"], found["where"]) == ("chain", "company")
    assert found["chain"] == [["周建国", "沈慧敏"]]
    assert "按制度最晚" in found["shorter"]
    assert Loan.select().count() == 0


def test_the_basket_is_filled_listed_asked_for_and_empty_again(run, folder):
    one, two = folder("open"), folder("open")
    run("loan", "basket", "add", one.file_number, "0002", "--as", "borrower")
    assert run("loan", "basket", "add", "XX-1", "--as", "borrower").exit_code != 0
    listed = lines(run("loan", "basket", "list", "--as", "borrower", "--json"))
    assert [row["file_number"] for row in listed] == [one.file_number, two.file_number]
    lines(run("loan", "basket", "remove", two.file_number, "--as", "borrower", "--json"))
    assert [row["file_number"] for row in lines(run("loan", "request", "--basket", *ASK))] == [
        one.file_number
    ]
    assert lines(run("loan", "basket", "clear", "--as", "borrower", "--json")) == [{"removed": 0}]


def test_an_extension_and_an_effect_are_said_by_command(run, approved, desk, at, monkeypatch):
    loan = desk.hand(approved("open"), at)
    as_borrower = ("--as", "borrower", "--json")
    assert lines(run("loan", "mine", *as_borrower))[0]["state"] == "out"
    asked = lines(run("loan", "extend", str(loan.id), "--reason", "没有看完", *as_borrower))[0]
    assert asked["state"] == "requested"
    taken = lines(run("loan", "extend", str(loan.id), "--take-back", *as_borrower))[0]
    assert taken["state"] == "withdrawn"
    assert lines(run("loan", "show", str(loan.id), *as_borrower))[0]["extensions"][0][1] == "withdrawn"
    early = run("loan", "effect", str(loan.id), "提供依据", *as_borrower)
    assert early.exit_code == 1
    desk.back(loan, wall(11))
    monkeypatch.setattr(clock, "now", lambda: wall(12))
    assert lines(run("loan", "effect", str(loan.id), "提供依据", *as_borrower))[0]["effect"] == "提供依据"
    assert lines(run("loan", "mine", "--past", *as_borrower))[0]["state"] == "returned"


def test_a_request_is_taken_back_by_command(run, folder):
    kept = folder("open")
    (found,) = lines(run("loan", "request", kept.file_number, *ASK))
    shown = lines(run("loan", "show", str(found["id"]), "--as", "borrower", "--json"))[0]
    assert shown["waits_for"] == "林志远 部门经理"
    assert (
        lines(run("loan", "withdraw", str(found["id"]), "--as", "borrower", "--json"))[0]["state"]
        == "withdrawn"
    )
