"""The archivist's screens for folders, as the browser sees them."""

import re

import pytest

from archive_app.core.errors import Invalid
from archive_app.people import rulebook
from archive_app.people.actor import system
from archive_app.people.models import User
from archive_app.records import service
from archive_app.records.models import Document, Folder


def csrf(client, path: str) -> str:
    page = client.get(path).get_data(as_text=True)
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def post(client, path: str, form_path: str | None = None, **values):
    return client.post(path, data={"csrf_token": csrf(client, form_path or path)} | values)


@pytest.fixture
def folder(people, at):
    return service.register_folder(
        "HT", 2026, "成都天府食品购销合同", secrecy="secret", actor=people.archivist, at=at
    )


def test_the_archivist_registers_a_folder_and_lands_on_its_page(app, sign_in):
    client = sign_in("archivist")
    answer = post(client, "/folders/new", category="HT", year="2026", title="购销合同", request_id="r1")
    assert answer.status_code == 303
    page = client.get(answer.location).get_data(as_text=True)
    assert "HT-2026-0001" in page
    assert "购销合同" in page


def test_a_form_with_mistakes_keeps_what_was_typed_and_says_what_is_wrong(app, sign_in):
    client = sign_in("archivist")
    answer = post(
        client, "/folders/new", category="HT", year="2026", title="", party="天府食品", dated_from="20261331"
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="天府食品"' in page
    assert "没有这一天" in page
    assert "20261331" in page
    assert Folder.select().count() == 0


def test_a_double_click_registers_once(app, sign_in):
    client = sign_in("archivist")
    for _ in range(2):
        answer = post(client, "/folders/new", category="HT", year="2026", title="甲", request_id="same")
        assert answer.status_code == 303
    assert Folder.select().count() == 1


def test_a_form_without_its_token_changes_nothing(app, sign_in):
    client = sign_in("archivist")
    answer = client.post("/folders/new", data={"category": "HT", "year": "2026", "title": "甲"})
    assert answer.status_code == 400
    assert Folder.select().count() == 0


@pytest.mark.requirement("MOD-01")
@pytest.mark.requirement("MOD-09")
def test_an_edit_asks_for_a_reason_and_shows_in_the_change_record(app, sign_in, folder):
    client = sign_in("archivist")
    path = f"/folders/{folder.id}/edit"
    values = {"title": "新题名", "secrecy": "secret", "retention": folder.retention, "revision": "0"}
    assert post(client, path, **values).status_code == 422
    assert post(client, path, reason="题名写错", **values).status_code == 303
    history = client.get(f"/folders/{folder.id}/history").get_data(as_text=True)
    assert "成都天府食品购销合同" in history
    assert "题名写错" in history


@pytest.mark.requirement("SEC-06")
def test_the_tier_of_a_customer_file_is_chosen_from_the_rule_books_own(app, sign_in, people, at):
    client = sign_in("archivist")
    assert 'name="tier"' not in client.get("/folders/new").get_data(as_text=True), "this rule book has none"
    rulebook.adopt(rulebook.profile_text("S09"), "S09", actor=system(), at=at)
    User.update(title="档案管理负责人").where(User.username == "archivist").execute()
    values = {"category": "JXS", "year": "2026", "title": "经销商甲"}
    assert post(client, "/folders/new", **values, tier="私人级").status_code == 422
    answer = post(client, "/folders/new", **values, tier="部门级", request_id="tier")
    folder = Folder.get()
    assert folder.tier == "部门级" and "部门级" in client.get(answer.location).get_data(as_text=True)
    edited = {"title": "经销商甲", "secrecy": "confidential", "retention": "long", "tier": "个人级"}
    path = f"/folders/{folder.id}/edit"
    assert (
        post(client, path, **edited, revision=str(folder.revision), reason="转给销售人员").status_code == 303
    )
    assert Folder.get().tier == "个人级"


@pytest.mark.requirement("SEC-06")
def test_a_tier_that_no_rule_book_knows_is_refused_and_an_older_one_may_stay(people, at, folder):
    actor = people.archivist
    with pytest.raises(Invalid) as wrong:
        service.register_folder("HT", 2026, "甲", tier="部门级", actor=actor, at=at)
    assert set(wrong.value.fields) == {"tier"}
    Folder.update(tier="部门级").where(Folder.id == folder.id).execute()
    kept = service.edit_folder(
        folder.id, {"title": "乙", "tier": "部门级"}, "更名", folder.revision, actor=actor, at=at
    )
    assert (kept.title, kept.tier) == ("乙", "部门级")


def test_documents_are_added_line_by_line(app, sign_in, folder):
    client = sign_in("archivist")
    path = f"/folders/{folder.id}/documents/new"
    values = {"title": "请示", "pages": "３", "copies": "1", "medium": "paper", "text_form": "original"}
    answer = post(client, path, part="request", **values)
    assert answer.status_code == 303
    assert (Document.get().title, Document.get().pages, Document.get().part) == ("请示", 3, "request")


def test_numbers_are_reserved_and_lead_to_their_labels(app, sign_in):
    client = sign_in("archivist")
    answer = post(client, "/numbers/reserve", category="HT", year="2026", count="5", purpose="年底移交")
    assert answer.status_code == 303
    assert "5 枚" in client.get(answer.location).get_data(as_text=True)
    assert "年底移交" in client.get("/numbers").get_data(as_text=True)


def test_a_borrower_sees_no_button_that_changes_and_no_hidden_folder(app, sign_in, people, at, folder):
    hidden = service.register_folder(
        "HT", 2026, "绝密卷", secrecy="top_secret", actor=people.archivist, at=at
    )
    client = sign_in("borrower")
    page = client.get(f"/folders/{folder.id}").get_data(as_text=True)
    assert "更改" not in page
    assert client.get(f"/folders/{hidden.id}").status_code == 404
    assert client.get("/folders/new").status_code == 403
    assert "绝密卷" not in client.get("/folders").get_data(as_text=True)


@pytest.mark.requirement("AUD-01")
def test_every_view_of_a_classified_folder_is_on_the_audit_chain(app, sign_in, folder):
    from archive_app.core.audit import AuditEvent

    sign_in("manager").get(f"/folders/{folder.id}")
    event = AuditEvent.select().where(AuditEvent.action == "folder.view").get()
    assert (event.actor, event.key) == ("manager", str(folder.id))


@pytest.mark.parametrize("stock", ["L7160", "L7651", "roll-50x30"])
def test_labels_print_as_pdf_and_each_one_is_audited(app, sign_in, folder, stock):
    from archive_app.core.audit import AuditEvent

    client = sign_in("archivist")
    answer = post(client, "/labels", f"/labels?id={folder.id}", ids=str(folder.id), stock=stock, start="1")
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF")
    assert AuditEvent.select().where(AuditEvent.action == "label.print").count() == 1


def test_titles_from_outside_cannot_become_markup(app, sign_in, people, at):
    folder = service.register_folder(
        "HT", 2026, '<script>alert(1)</script> & "Co." 😀 㛃𬭎', actor=people.archivist, at=at
    )
    page = sign_in("archivist").get(f"/folders/{folder.id}").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "㛃𬭎" in page
