"""The catalog and the condition of the paper on the command line, for people and for scripts."""

from __future__ import annotations

import pytest

from archive_app.records.models import Change, ConditionEvent, Document
from tests.service.test_cli import lines, register, run  # noqa: F401 - the fixture

AS = ("--as", "archivist", "--json")


@pytest.fixture
def number(run):  # noqa: F811
    return register(run)["file_number"]


def test_a_document_is_added_edited_listed_and_removed(run, number):  # noqa: F811
    (added,) = lines(
        run("document", "add", number, "三年销售规划", "--dated", "194910", "--pages", "5", "--sheets", "3",
            "--nature", "plan", "--covers-from", "2026", "--covers-to", "2028", *AS)
    )  # fmt: skip
    assert (added["dated"], added["sheets"], added["covers_to"]) == ("19491000", 3, 2028)
    (changed,) = lines(
        run("document", "edit", str(added["id"]), "--dated", "1949", "--reason", "月份看不清", *AS)
    )
    assert changed["dated"] == "19490000"
    assert changed["pages"] == 5, "what was not named stays"
    assert Change.get().reason == "月份看不清"
    listed = run("document", "list", number)
    assert "19490000  三年销售规划  5 页" in listed.stdout
    assert lines(run("document", "list", number, "--json")) == [changed]
    lines(run("document", "remove", str(added["id"]), "--reason", "误归", *AS))
    assert lines(run("document", "list", number, "--json")) == []


def test_a_wrong_date_names_its_field_and_changes_nothing(run, number):  # noqa: F811
    result = run("document", "add", number, "请示", "--dated", "20261331", *AS)
    assert result.exit_code == 2
    assert "20261331" in result.stdout
    assert Document.select().count() == 0


def test_what_one_may_not_know_of_is_not_found_either(run):  # noqa: F811
    hidden = register(run, "绝密合同", "--secrecy", "top_secret")["file_number"]
    (added,) = lines(run("document", "add", hidden, "绝密附件", *AS))
    answers = [
        run("document", "remove", key, "--reason", "试", "--as", "borrower")
        for key in (str(added["id"]), "999999")
    ]
    assert [answer.exit_code for answer in answers] == [1, 1]
    assert answers[0].stderr == answers[1].stderr


@pytest.mark.requirement("ARR-14")
def test_the_condition_of_the_paper_is_noted_and_listed(run, number):  # noqa: F811
    (document,) = lines(run("document", "add", number, "请示", "--pages", "4", *AS))
    of = ("--document", str(document["id"]))
    (torn,) = lines(
        run("condition", "note", number, "damaged", "右下角撕裂", *of, "--pages=1", "--where=第 2 页", *AS)
    )
    assert (torn["pages"], torn["where"], torn["document"]) == (1, "第 2 页", document["id"])
    told = run("condition", "list", number)
    assert "破损  请示  第 2 页  右下角撕裂" in told.stdout
    assert [row["unmended"] for row in lines(run("condition", "list", number, "--json"))] == [True]
    lines(run("condition", "note", number, "repaired", "已托裱", *of, *AS))
    assert [row["unmended"] for row in lines(run("condition", "list", number, "--json"))] == [False, False]


def test_the_command_line_asks_the_same_permission(run, number):  # noqa: F811
    result = run("condition", "note", number, "faded", "洇开", "--as", "borrower")
    assert result.exit_code == 1
    assert ConditionEvent.select().count() == 0
