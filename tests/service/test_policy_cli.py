"""The rule book and approvals on the command line, with and without --json."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from archive_app.approvals.models import Approval
from archive_app.cli import archive as commands
from archive_app.people import rulebook
from archive_app.revisions.models import Revision
from tests.lending import asked

pytest_plugins = ["tests.lending"]


@pytest.fixture
def run(terminal):
    def call(*words, who=None):
        line = [*words, *(["--as", who] if who else [])]
        return CliRunner().invoke(commands, line)

    return call


@pytest.fixture
def file(tmp_path, people, at):
    text = rulebook.current(at).book.text.replace("failures = 5", "failures = 3")
    path = tmp_path / "new.toml"
    path.write_text(text, "utf-8")
    return path


def rows(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


@pytest.mark.requirement("AUD-19")
def test_a_new_rule_book_goes_from_file_to_force_on_the_command_line(run, file, at):
    (change,) = rows(run("policy", "diff", str(file), "--json"))
    assert (change["key"], change["old"], change["new"]) == ("sign_in.failures", "5", "3")
    (made,) = rows(run("policy", "propose", str(file), "--reason", "三次", "--json", who="admin"))
    assert made["state"] == "proposed"
    assert run("policy", "approve", "r1", who="borrower").exit_code == 1
    (done,) = rows(run("policy", "approve", f"r{made['draft']}", "--json", who="gm"))
    assert (done["state"], done["version"]) == ("adopted", 2)
    assert rulebook.current(at).book.sign_in.failures == 3
    newest, first = rows(run("policy", "versions", "--json"))
    assert (newest["state"], newest["approved_by"], first["state"]) == ("in_force", "周建国", "past")


def test_a_file_is_not_adopted_past_those_whom_the_rule_book_names(run, file):
    result = run("policy", "adopt", str(file), who="gm")
    assert result.exit_code == 1
    assert "不能直接启用" in result.output
    assert Revision.select().count() == 0


def test_what_is_coming_is_taken_back(run, file):
    reason = ("--reason", "三次", "--from", "2026-12-01T00:00")
    run("policy", "propose", str(file), *reason, who="admin")
    run("policy", "approve", "r1", who="gm")
    assert rows(run("policy", "versions", "--json"))[0]["state"] == "coming"
    assert run("policy", "withdraw", "v2", who="gm").exit_code == 0
    assert rows(run("policy", "versions", "--json"))[0]["state"] == "withdrawn"


def test_a_draft_is_proposed_later_and_a_wrong_date_leaves_none_behind(run, file):
    past = run("policy", "propose", str(file), "--reason", "三次", "--from", "2026-01-01T00:00", who="admin")
    assert past.exit_code == 2
    assert "施行日期要晚于现在" in past.output
    assert Revision.select().count() == 0
    run("policy", "propose", str(file), "--reason", "三次", "--draft", who="admin")
    again = run("policy", "propose", str(file), "--reason", "三次", who="director")
    assert (again.exit_code, "请看第 1 号草案" in again.output) == (1, True)
    (row,) = rows(run("policy", "propose", "r1", "--json", who="admin"))
    assert row["state"] == "proposed"
    assert run("policy", "propose", "nowhere.toml", "--reason", "三次", who="admin").exit_code == 2


def test_drafts_profiles_and_versions_can_be_read_asked_and_replayed(run, file, people, folder):
    row = folder("secret")
    run("policy", "propose", str(file), "--reason", "三次", "--draft", who="admin")
    assert rows(run("policy", "profiles", "--json"))[-1]["name"] == "default"
    assert "总经理" in run("policy", "show", "p:S45").output
    assert "failures = 3" in run("policy", "show", "r1", "--text", who="admin").output
    assert run("policy", "show", "r1", who="borrower").exit_code != 0, "no drafts for borrowers"
    ask = ("policy", "ask", "borrower", row.file_number, "loan", "--json", "--book")
    assert rows(run(*ask, "r1", who="admin"))[0]["verdict"] == "needs_approval"
    assert rows(run("policy", "replay", "r1", "--json", who="admin"))[0]["loans"] == 0
    assert run("policy", "withdraw", "r1", who="admin").exit_code == 0


def test_what_waits_is_listed_shown_and_decided(run, people, folder, at):
    one, two = (asked(folder("secret"), people.borrower, at) for _n in range(2))
    Approval.update(basket=one.id).execute()
    waiting = rows(run("approval", "list", "--json", who="gm"))
    assert [row["basket"] for row in waiting] == [one.id, one.id]
    shown = rows(run("approval", "show", str(one.approval_id), "--json", who="borrower"))
    assert shown[1]["candidates"] == ["gm", "deputy_gm"]
    assert run("approval", "show", str(one.approval_id), who="colleague").exit_code == 1
    refuse = ("approval", "basket", str(one.id), "--refuse", str(two.approval_id), "--leave")
    assert run(*refuse, who="gm").exit_code != 0, "a refusal needs a reason"
    (no,) = rows(run(*refuse, "--reason", "没有必要", "--json", who="gm"))
    assert (no["id"], no["state"]) == (two.approval_id, "refused")
    (yes,) = rows(run("approval", "decide", str(one.approval_id), "granted", "--json", who="gm"))
    assert yes["state"] == "granted"
    assert run("approval", "decide", str(one.approval_id), "granted", who="deputy_gm").exit_code == 1
