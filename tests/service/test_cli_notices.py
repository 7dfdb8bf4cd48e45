"""Notices and alarms on the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from archive_app.alarms import watching
from archive_app.cli import archive as commands
from archive_app.cli.doctor import post
from archive_app.core import jobs
from archive_app.core.errors import Misconfigured
from archive_app.core.work import work
from archive_app.notices import service
from archive_app.notices.models import Notice
from archive_app.people.models import User
from tests.catcher import catcher


@pytest.fixture
def run(terminal, people, monkeypatch):
    monkeypatch.delenv("SMTP_URL", raising=False)

    def call(*arguments):
        return CliRunner().invoke(commands, arguments)

    return call


def lines(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def told(people, at):
    for key in ("a", "b"):
        service.tell([people.borrower.user_id], "loan.due", key, f"{key} 到期了", at=at)


def test_notices_are_listed_and_marked_read(run, told):
    rows = lines(run("notice", "list", "--as", "borrower", "--json"))
    assert [(row["title"], row["read"]) for row in rows] == [("b 到期了", False), ("a 到期了", False)]
    assert lines(run("notice", "read", str(rows[0]["id"]), "--as", "borrower", "--json")) == [{"read": 1}]
    assert len(lines(run("notice", "list", "--unread", "--as", "borrower", "--json"))) == 1
    assert lines(run("notice", "read", "--all", "--as", "borrower", "--json")) == [{"read": 1}]
    assert run("notice", "read", "--as", "borrower").exit_code == 2
    assert run("notice", "read", "1", "--as", "colleague").exit_code == 1


def test_letters_are_sent_by_hand(run, told, monkeypatch):
    User.update(email="wang@example.com").where(User.username == "borrower").execute()
    assert "没有设 SMTP_URL" in run("notice", "send").output
    with catcher() as server:
        monkeypatch.setenv("SMTP_URL", server.url)
        assert lines(run("notice", "send", "--json"))[0]["sent"] == 2
        assert len(server.letters) == 2
    assert Notice.select().where(Notice.mail == "sent").count() == 2


def test_a_wrong_mail_server_is_said_with_what_is_allowed(run, monkeypatch):
    monkeypatch.setenv("SMTP_URL", "mail.example.com")
    result = run("notice", "send")
    assert result.exit_code == 2
    assert "smtp://user:password@host:port" in result.output


def test_the_doctor_says_whether_mail_can_go_out(run, monkeypatch):
    assert (post().ok, post().found) == (True, "没有设 SMTP_URL，不发邮件")
    with catcher() as server:
        monkeypatch.setenv("SMTP_URL", server.url)
        assert post().ok
    found = {row["name"]: row for row in map(json.loads, run("doctor", "--json").stdout.splitlines())}
    assert not found["mail"]["ok"] and "smtp://" in found["mail"]["mend"]
    monkeypatch.setenv("SMTP_URL", "nonsense")
    with pytest.raises(Misconfigured):
        post()


def test_an_address_is_set_by_hand(run):
    assert lines(run("person", "email", "borrower", "wang@example.com", "--as", "admin", "--json"))
    assert User.get(User.username == "borrower").email == "wang@example.com"
    assert run("person", "email", "borrower", "nonsense", "--as", "admin").exit_code == 2


@pytest.mark.requirement("AUD-01")
def test_alarms_are_listed_shown_and_handled(run, people, at):
    for _n in range(5):
        with work(people.borrower, at) as w:
            w.note("refusal", ("user_account", "2"), code="permission", clause="制度 权限表")
    watching.watch(at)
    [row] = lines(run("alarm", "list", "--json"))
    assert (row["kind"], row["subject"], row["count"]) == ("refusals", "account:borrower", 5)
    shown = lines(run("alarm", "show", str(row["id"]), "--json"))
    assert [step.get("action") for step in shown[1:]] == ["refusal"] * 5
    assert run("alarm", "list", "--as", "borrower").exit_code == 1
    done = run("alarm", "handle", str(row["id"]), "--remark", "已约谈", "--as", "director", "--json")
    assert lines(done)[0]["state"] == "handled"
    assert lines(run("alarm", "list", "--json")) == []
    assert len(lines(run("alarm", "list", "--all", "--json"))) == 1


def test_the_worker_knows_the_jobs_of_every_room():
    from archive_app.cli.serve import know_jobs

    know_jobs()
    names = set(jobs._sweeps) | set(jobs._tasks)
    assert {name.split(".")[1] for name in names} >= {"alarms", "loans", "notices", "prints", "scans"}


def test_the_ticker_sweeps_at_once_and_stops(monkeypatch):
    swept = []
    monkeypatch.setattr(jobs, "run_sweeps", lambda: swept.append(1))
    ticker = jobs.Ticker(every=0.01)
    ticker.start()
    while len(swept) < 3:
        ticker._over.wait(0.01)
    ticker.stop()
    assert not ticker.is_alive()
