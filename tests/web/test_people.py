"""The screens of people, deputations, rule book and audit, as a person meets them."""

from __future__ import annotations

import ast
import re
from datetime import timedelta

import pytest

from archive_app.core import audit, clock
from archive_app.core.audit import AuditEvent
from archive_app.people import queries, rulebook, service
from archive_app.people.models import Deputation, User
from archive_app.people.sign_in import sign_in as check_password
from archive_app.records import service as records
from tests.conftest import PASSWORD

NEW_PASSWORD = "又一句足够长的密码"


def csrf(client, path: str = "/me") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def post(client, path: str, **form):
    return client.post(path, data=form | {"csrf_token": csrf(client)})


def test_the_list_of_people_names_title_department_and_roles(sign_in):
    page = sign_in("archivist").get("/people").text
    for words in ("陈静宜", "档案管理员", "总经理办公室", "分管副总经理", "系统管理员"):
        assert words in page


def test_only_an_administrator_sees_the_buttons_that_change_accounts(sign_in):
    assert "/people/new" not in sign_in("archivist").get("/people").text
    assert "/people/new" in sign_in("admin").get("/people").text


def test_an_administrator_opens_an_account_that_can_sign_in_at_once(sign_in, people, at):
    form = dict(
        name="刘晓", title="客户经理", department_id="2", username="liu", password=NEW_PASSWORD, phone=""
    )
    answer = post(sign_in("admin"), "/people/new", **form)
    assert (answer.status_code, answer.location) == (303, "/people")
    user = check_password("liu", NEW_PASSWORD, at)
    assert (user.name, user.department_id) == ("刘晓", 2)


def test_a_form_with_faults_keeps_what_was_typed_except_the_password(sign_in, people):
    form = dict(name="刘晓", title="客户经理", department_id="2", username="gm", password="short")
    answer = post(sign_in("admin"), "/people/new", **form)
    assert answer.status_code == 422
    assert 'value="刘晓"' in answer.text and "short" not in answer.text
    assert "#password" in answer.text  # a link to the field
    assert not User.select().where(User.name == "刘晓").exists()


def test_the_last_day_of_an_authority_is_a_whole_day(sign_in, people):
    user = people.users.borrower
    form = dict(name=user.name, title=user.title, department_id="2", authority_ends="2026-11-30")
    assert post(sign_in("admin"), f"/people/{user.id}", **form).status_code == 303
    ends = clock.local(queries.user(user.id).authority_ends)
    assert f"{ends:%Y-%m-%d %H:%M}" == "2026-12-01 00:00"
    assert 'value="2026-11-30"' in sign_in("admin").get(f"/people/{user.id}").text


def test_a_locked_account_is_shown_and_unlocked(sign_in, people, at):
    User.update(locked_until=at + timedelta(minutes=9)).where(User.username == "borrower").execute()
    client, user_id = sign_in("admin"), people.users.borrower.id
    assert "锁定到 10:09" in client.get("/people").text
    assert post(client, f"/people/{user_id}/unlock").status_code == 303
    assert check_password("borrower", PASSWORD, at)


def test_an_account_is_closed_with_a_reason_only(sign_in, people):
    client, user_id = sign_in("admin"), people.users.colleague.id
    post(client, f"/people/{user_id}/close", reason="")
    assert queries.user(user_id).active
    post(client, f"/people/{user_id}/close", reason="离职")
    assert not queries.user(user_id).active
    client.get("/me")  # takes the message that names the person off the next page
    assert "孙丽" not in client.get("/people").text
    assert "孙丽" in client.get("/people?closed=1").text


def test_one_finds_the_own_card_roles_and_deputations_on_the_own_page(sign_in, people, at):
    service.deputise(
        people.users.gm.id, people.users.director.id, ["loan"], at, at + timedelta(days=3), "WT-2026-07",
        actor=people.gm, at=at,
    )  # fmt: skip
    page = sign_in("director").get("/me").text
    assert "吴文清" in page and "总经理办公室主任" in page
    assert "周建国" in page and "WT-2026-07" in page
    assert "<path" in page  # the bars of the card


def test_another_person_cannot_change_ones_password_or_preferences(sign_in, people, at):
    client = sign_in("borrower")
    user_id = people.users.gm.id
    assert post(client, f"/people/{user_id}/password", password=NEW_PASSWORD).status_code == 403
    assert check_password("gm", PASSWORD, at)


@pytest.mark.requirement("SEC-05")
def test_the_archivist_registers_a_deputation_from_the_paper(sign_in, people):
    form = dict(
        principal=people.users.gm.id, deputy=people.users.director.id, actions=["consult", "loan"],
        starts="2026-11-19", ends="2026-11-21", paper_reference="WT-2026-07",
    )  # fmt: skip
    client = sign_in("archivist")
    assert post(client, "/deputations/new", **form).status_code == 303
    row = Deputation.get()
    assert row.actions == "consult loan"
    assert clock.local(row.ends).isoformat() == "2026-11-22T00:00:00+08:00"
    assert "WT-2026-07" in client.get("/deputations").text
    post(client, f"/deputations/{row.id}/revoke", reason="提前回来")
    assert Deputation.get().revoked_at is not None


@pytest.mark.requirement("SEC-05")
def test_a_wrong_deputy_is_refused_on_the_form_with_the_clause_and_nothing_is_lost(sign_in, people):
    form = dict(
        principal=people.users.gm.id, deputy=people.users.borrower.id, actions=["loan"],
        starts="2026-11-19", ends="2026-11-21", paper_reference="WT-2026-08",
    )  # fmt: skip
    answer = post(sign_in("archivist"), "/deputations/new", **form)
    assert answer.status_code == 409
    assert "七.3" in answer.text and 'value="WT-2026-08"' in answer.text
    assert Deputation.select().count() == 0


def test_the_general_manager_gives_only_the_own_authority_away(sign_in, people):
    page = sign_in("gm").get("/deputations/new").text
    principals = re.search(r'<select[^>]*name="principal".*?</select>', page, re.S)[0]
    assert "周建国" in principals and "沈慧敏" not in principals


def test_a_deputation_of_others_is_seen_by_who_registers_them_only(sign_in, people, at):
    service.deputise(
        people.users.gm.id, people.users.director.id, ["loan"], at, at + timedelta(days=3), "WT-2026-07",
        actor=people.gm, at=at,
    )  # fmt: skip
    assert "WT-2026-07" in sign_in("gm").get("/deputations").text
    assert sign_in("borrower").get("/deputations").status_code == 403


# The rule book


@pytest.mark.requirement("SEC-01")
def test_everybody_reads_the_rules_with_their_clauses(sign_in, people):
    page = sign_in("borrower").get("/policy").text
    for words in ("绝密", "不准", "最长 4 小时", "销售客户档案管理制度 七.3", "严禁涂改", "08:30–17:30"):
        assert words in page


def ask(client, people, folder, action: str, who: str = "borrower", moment: str = ""):
    user = getattr(people.users, who).id
    args = {"person": user, "folder": folder.file_number, "action": action, "moment": moment}
    return client.get("/policy/ask", query_string=args)


@pytest.fixture
def folders(people, at):
    return {
        level: records.register_folder(
            "HT", 2026, f"{level} 合同", secrecy=level, actor=people.archivist, at=at
        )
        for level in rulebook.current(at).book.levels
    }


@pytest.mark.requirement("SEC-01")
@pytest.mark.parametrize(
    ("level", "words"),
    [
        ("top_secret", ("不能外借", "绝密级档案禁止调阅", "没有人可以破例批准")),
        ("confidential", ("不能外借", "机密级档案只能在档案室阅览")),
        ("secret", ("要先经批准", "总经理或分管副总经理批准", "最长 4 小时", "公司内")),
        ("open", ("要先经批准", "核批", "今日 17:30", "公司内")),
    ],
)
def test_the_tester_says_what_would_happen_and_by_which_clause(sign_in, people, folders, level, words):
    before = audit.head()[0]
    page = ask(sign_in("archivist"), people, folders[level], "loan").text
    for each in (*words, "七."):
        assert each in page, each
    done = [event.action for event in AuditEvent.select().where(AuditEvent.seq > before)]
    assert done == ([] if level == "open" else ["folder.view"])  # asking does nothing; it showed the title


def test_the_tester_counts_the_due_time_from_the_moment_asked_about(sign_in, people, folders):
    page = ask(sign_in("archivist"), people, folders["secret"], "loan", moment="2026-11-19T15:00").text
    assert "闭馆更早" in page and "17:30" in page


def test_the_tester_never_tells_of_a_folder_that_the_asker_may_not_know(sign_in, people, folders):
    client = sign_in("admin")
    hidden = ask(client, people, folders["top_secret"], "loan")
    folders["top_secret"].file_number = "HT-2026-9999"
    absent = ask(client, people, folders["top_secret"], "loan")
    assert hidden.status_code == absent.status_code == 422
    for page in (hidden, absent):
        assert "没有找到这个档号" in page.text


# The audit chain


def test_the_audit_page_filters_by_person_action_and_record(sign_in, people, folders):
    client = sign_in("auditor")
    page = client.get("/audit?action=folder.&actor=archivist").text
    assert page.count("folder.register") >= 4 and "people.create_user" not in page
    key = folders["open"].id
    page = client.get(f"/audit?kind=folder&key={key}").text
    assert "登记档案" in page and "陈静宜" in page


def test_the_audit_pages_follow_each_other_without_gap_or_repeat(sign_in, people, at):
    for n in range(70):
        service.edit_user(people.users.borrower.id, {"phone": str(n)}, actor=people.admin, at=at)
    client, seen, address = sign_in("auditor"), [], "/audit"
    while address:
        page = client.get(address).text
        seen += [int(n) for n in re.findall(r'<td class="r mm s hide-p">(\d+)</td>', page)]
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older and older[1].replace("&amp;", "&")
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == audit.head()[0]


def test_the_check_of_the_chain_reports_a_sound_chain_and_an_edited_row(sign_in, people):
    client = sign_in("auditor")
    assert "首尾相接" in post(client, "/audit/verify").text
    db = AuditEvent._meta.database
    db.execute_sql("DROP TRIGGER audit_no_update")
    AuditEvent.update(actor="somebody").where(AuditEvent.seq == 2).execute()
    page = post(client, "/audit/verify").text
    assert "第 2 条" in page and "保护现场" in page


def test_the_check_against_a_head_on_paper_finds_a_rewritten_chain(sign_in, people):
    client = sign_in("auditor")
    seq, digest = audit.head()
    assert "首尾相接" in post(client, "/audit/verify", anchor=f"{seq}:{digest[:12]}").text
    assert "保护现场" in post(client, "/audit/verify", anchor=f"{seq}:{'0' * 12}").text
    assert post(client, "/audit/verify", anchor="nonsense").status_code == 422


def test_a_head_typed_with_full_width_signs_is_understood():
    from archive_app.web.audit_views import parse_anchor

    assert parse_anchor("12：ABCDEF012345") == (12, "abcdef012345")
    assert parse_anchor("12:xyz") is None


def name_of(call):
    """The name of a called function, without the underscore of a private one."""
    return getattr(call.func, "id", "").lstrip("_")


def test_every_action_that_the_code_audits_has_words():
    from archive_app.core.db import ROOT
    from archive_app.web.audit_words import ACTIONS

    notes = {
        arg.value
        for file in (ROOT / "archive_app").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call) and "note" in (getattr(call.func, "attr", ""), name_of(call))
        for arg in call.args[:2]
        if isinstance(arg, ast.Constant) and re.fullmatch(r"refusal|[a-z_]+\.[a-z_]+", str(arg.value))
    }
    assert len(notes) > 20
    assert notes - ACTIONS.keys() == set()


def test_cards_with_barcodes_are_printed_for_the_chosen_and_audited(sign_in, people):
    answer = sign_in("archivist").get(f"/people/cards.pdf?id={people.users.borrower.id}")
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF")
    (event,) = AuditEvent.select().where(AuditEvent.action == "person_card.print")
    assert '"username":"borrower"' in event.data


def test_who_may_not_see_the_audit_is_refused(sign_in, people):
    assert sign_in("archivist").get("/audit").status_code == 403
    assert post(sign_in("borrower"), "/audit/verify").status_code == 403
