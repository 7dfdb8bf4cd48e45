"""The command line: what it prints, for people and for scripts, and its exit codes."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from archive_app.cli import archive as commands
from archive_app.core import audit, db
from archive_app.core.audit import AuditEvent
from archive_app.people.models import User
from archive_app.people.sign_in import sign_in
from archive_app.records.models import Folder

STRONG = "一句足够长的新密码"


@pytest.fixture
def run(terminal, people, monkeypatch: pytest.MonkeyPatch):
    """Call the program with arguments, on the archive of the test."""
    monkeypatch.delenv("ARCHIVE_AS", raising=False)

    def call(*arguments: str, **options) -> Result:
        return CliRunner().invoke(commands, arguments, **options)

    return call


def lines(result: Result) -> list[dict]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def register(run, title: str = "采购合同", *more: str) -> dict:
    return lines(run("register", "HT", title, "--as", "archivist", "--json", *more))[0]


def test_every_command_helps(run):
    def walk(group, path=()):
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from walk(command, (*path, name))
            else:
                yield (*path, name)

    found = list(walk(commands))
    for path in found:
        result = run(*path, "--help")
        assert result.exit_code == 0 and "--json" in result.output and "--as" in result.output, path
    names = {" ".join(path) for path in found}
    assert names >= {
        "register", "void", "reserve", "numbers", "label", "scan add", "ocr", "search", "loan request",
        "loan approve", "loan hand-over", "loan return", "verify-audit", "serve", "init", "seed", "doctor",
        "policy ask",
    }  # fmt: skip


@pytest.mark.requirement("CAT-02")
def test_register_answers_scripts_with_id_number_and_barcode(run):
    answer = register(run)
    assert answer["file_number"] == "HT-2026-0001"
    assert set(answer) == {"id", "file_number", "barcode"} and len(answer["barcode"]) == 12


def test_what_changes_things_needs_an_account_and_is_audited_in_its_name(run):
    nobody = run("register", "HT", "采购合同")
    assert nobody.exit_code == 2 and "--as" in nobody.stderr
    assert Folder.select().count() == 0
    register(run)
    used = AuditEvent.get(AuditEvent.action == "cli.run")
    assert used.actor == "archivist" and '"command":"register"' in used.data


def test_the_account_may_come_from_the_environment(run):
    result = run("register", "HT", "采购合同", "--json", env={"ARCHIVE_AS": "archivist"})
    assert lines(result)[0]["file_number"] == "HT-2026-0001"


def test_an_unknown_account_is_wrong_use(run):
    assert run("register", "HT", "采购合同", "--as", "ghost").exit_code == 2


def test_a_refusal_prints_its_four_parts_and_exits_with_1(run):
    register(run, "绝密合同", "--secrecy", "top_secret")
    result = run("loan", "request", "HT-2026-0001", "--purpose", "看", "--undertaking", "--as", "gm")
    assert result.exit_code == 1
    what, rule, clause, _step = result.stderr.splitlines()
    assert what.startswith("不能外借") and rule == "「绝密级档案禁止调阅。」"
    assert "七.3" in clause and "没有人可以破例批准" in clause
    assert AuditEvent.select().where(AuditEvent.action == "refusal").count() == 1


def test_a_refusal_is_json_for_scripts(run):
    result = run("register", "HT", "采购合同", "--as", "borrower", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refused"]["code"] == "permission"


def test_bad_input_names_its_field_and_exits_with_2(run):
    result = run("register", "XX", " ", "--as", "archivist", "--json")
    assert result.exit_code == 2
    assert "title" in json.loads(result.stdout)["fields"]


def test_numbers_explain_every_number_given_out(run):
    register(run)
    block = lines(run("reserve", "HT", "3", "--purpose", "下周", "--as", "archivist", "--json"))[0]
    assert (block["first"], block["last"], block["count"]) == ("HT-2026-0002", "HT-2026-0004", 3)
    register(run, "补登", "--number", "HT-2026-0003")
    assert run("void", "HT-2026-0004", "--reason", "写错", "--as", "archivist").exit_code == 0
    told = [(part["state"], part["count"]) for part in lines(run("numbers", "--json"))]
    assert told == [("active", 1), ("reserved", 1), ("active", 1), ("void", 1)]


def test_a_number_is_understood_in_any_form(run):
    register(run)
    for text in ("HT-2026-0001", "ＨＴ－２０２６－０００１", "ht 2026 1", "1"):
        assert run("policy", "ask", "borrower", text, "loan").exit_code == 0, text
    assert run("policy", "ask", "borrower", "HT-2026-0999", "loan").exit_code == 1


def test_labels_are_written_to_a_file_and_audited(run, tmp_path: Path):
    register(run)
    out = tmp_path / "labels.zpl"
    arguments = ("label", "1", "--stock", "roll-50x30", "--zpl", "--out", str(out))
    assert lines(run(*arguments, "--as", "archivist", "--json")) == [{"file": str(out), "labels": 1}]
    assert out.read_bytes().startswith(b"^XA")
    assert AuditEvent.select().where(AuditEvent.action == "label.print").count() == 1


@pytest.mark.requirement("LOAN-01")
def test_a_loan_lives_from_request_to_return(run):
    register(run, "秘密合同", "--secrecy", "secret")
    asked = lines(
        run("loan", "request", "1", "--purpose", "核对", "--undertaking", "--as", "borrower", "--json")
    )[0]
    assert asked["state"] == "requested"
    loan = str(asked["id"])
    assert lines(run("loan", "approve", loan, "--as", "gm", "--json"))[0]["state"] == "approved"
    out = lines(run("loan", "hand-over", loan, "--as", "archivist", "--json"))[0]
    assert out["state"] == "out" and out["due_at"].startswith("2026-11-19T")
    assert lines(run("loan", "list", "--json"))[0]["file_number"] == "HT-2026-0001"
    assert (
        lines(run("loan", "return", "HT-2026-0001", "--as", "archivist", "--json"))[0]["state"] == "returned"
    )
    assert run("loan", "return", "HT-2026-0001", "--as", "archivist").exit_code == 1


def test_a_scan_is_taken_in_and_found_by_its_number(run, tmp_path: Path):
    register(run)
    picture = tmp_path / "page.png"
    Image.new("L", (1240, 1754), 255).save(picture, dpi=(150, 150))
    added = lines(run("scan", "add", "1", str(picture), "--as", "archivist", "--json"))[0]
    assert added["pages"] == 1 and added["file_number"] == "HT-2026-0001"
    assert lines(run("ocr", "--json"))[0]["waiting"] == 0


@pytest.mark.requirement("SEC-16")
def test_search_answers_scripts_and_hides_what_the_account_may_not_know(run):
    register(run, "铣床购销合同")
    register(run, "铣床绝密合同", "--secrecy", "top_secret")
    answer = lines(run("search", "铣床", "--as", "borrower", "--json"))[0]
    assert answer["total"] == 1
    (hit,) = answer["hits"]
    assert hit["file_number"] == "HT-2026-0001" and "铣床" in hit["snippet"] and hit["page"] is None
    assert lines(run("search", "铣床", "--as", "archivist", "--json"))[0]["total"] == 2


def test_policy_ask_says_what_would_happen_by_which_clause(run):
    register(run, "秘密合同", "--secrecy", "secret")
    question = ("policy", "ask", "borrower", "1", "loan", "--moment", "2026-11-19T15:00", "--json")
    answer = lines(run(*question))[0]
    assert answer["verdict"] == "needs_approval" and "七.3" in answer["clause"]
    assert answer["chain"] == ["总经理或分管副总经理批准"]
    assert answer["due_at"] == "2026-11-19T09:30:00+00:00"  # closing at 17:30 comes before four hours


def test_a_rule_book_is_checked_before_it_is_adopted(run, tmp_path: Path):
    bad = tmp_path / "bad.toml"
    bad.write_text("[meta]\nname = 3\n")
    result = run("policy", "check", str(bad))
    assert result.exit_code == 2 and "meta" in result.stderr


def test_verify_audit_exits_with_1_when_a_row_was_edited(run):
    assert run("verify-audit").exit_code == 0
    seq, digest = audit.head()
    assert run("verify-audit", "--anchor", f"{seq}:{digest[:12]}").exit_code == 0
    assert run("verify-audit", "--anchor", f"{seq}:{'0' * 12}").exit_code == 1
    db.db.execute_sql("DROP TRIGGER audit_no_update")
    AuditEvent.update(actor="x").where(AuditEvent.seq == 3).execute()
    result = run("verify-audit", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout.splitlines()[0])["seq"] == 3


def test_init_makes_an_empty_archive_that_its_administrator_can_enter(run, tmp_path: Path, monkeypatch, at):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new' / 'archive.db'}")
    before = run("register", "HT", "合同", "--as", "root")
    assert before.exit_code == 2 and "init" in before.stderr
    assert run("init", "--yes").exit_code == 2  # nobody's account, nobody's password
    made = run("init", "--yes", "--admin", "root", "--password", STRONG)
    assert made.exit_code == 0, made.output
    assert sign_in("root", STRONG, at).title == "档案室负责人"
    again = lines(run("init", "--yes", "--json"))[0]
    assert again == {"migrations": [], "made": []}
    added = run("person", "add", "chen", "档案管理员", "--password", STRONG, "--as", "root")
    assert added.exit_code == 0, added.output
    assert register_as(run, "chen")["file_number"] == "HT-2026-0001"
    assert User.select().count() == 2


def register_as(run, username: str) -> dict:
    return lines(run("register", "HT", "合同", "--as", username, "--json"))[0]


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql://nobody@127.0.0.1:1/nothing"])
def test_a_database_that_does_not_answer_is_told_in_one_line(run, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    answer = run("numbers")
    assert answer.exit_code == 2
    assert "DATABASE_URL" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_port_that_is_taken_is_told_with_the_way_out(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = run("serve", "--no-worker", "--port", str(port))
    assert answer.exit_code == 2
    assert f"--port {port + 1}" in answer.stderr


def test_init_asks_for_what_was_not_said(run, tmp_path: Path, monkeypatch, at):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'asked.db'}")
    answers = "某某公司\nZ09\n档案室\nroot\n" + f"{STRONG}\n{STRONG}\n"
    made = run("init", input=answers)
    assert made.exit_code == 0, made.output
    assert sign_in("root", STRONG, at)


def test_the_doctor_names_the_one_command_that_mends_a_missing_archive(run, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'absent.db'}")
    result = run("doctor", "--json")
    assert result.exit_code == 1
    found = {finding["name"]: finding for finding in map(json.loads, result.stdout.splitlines())}
    assert not found["database"]["ok"] and found["database"]["mend"] == "python -m archive_app init"
    assert not (tmp_path / "absent.db").exists()  # looking changes nothing


def test_the_doctor_names_what_to_install_when_a_program_is_missing(run, monkeypatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run("doctor", "--json")
    found = {finding["name"]: finding for finding in map(json.loads, result.stdout.splitlines())}
    assert result.exit_code == 1
    assert "tesseract-ocr-chi-sim" in found["ocr"]["mend"] and "fonts-noto-cjk" in found["fonts"]["mend"]
    assert found["database"]["ok"] and found["queue"]["ok"] and found["storage"]["ok"]
