"""The request form: what will happen is said before sending."""

from __future__ import annotations

import pytest

from archive_app.loans.models import Loan
from archive_app.records.models import Folder
from tests.lending import words

pytest_plugins = ["tests.lending"]


FORM = {"kind": "loan", "purpose": "年度对账", "undertaking": "y"}


@pytest.mark.requirement("SEC-03")
def test_the_form_says_who_will_decide_and_until_when(sign_in, folder):
    page = sign_in("borrower").get(f"/loans/new?folder={folder('open').id}")
    text = words(page)
    assert page.status_code == 200
    assert "可外借，今日 17:30 前归还。" in text
    assert text.index("林志远 部门经理 申请") < text.index("吴文清 总经理办公室主任 核批")
    assert "销售客户档案管理制度 七.2" in text


@pytest.mark.requirement("LOAN-02")
def test_a_refused_folder_shows_its_clause_and_the_reading_room_instead(sign_in, folder):
    kept = folder("confidential")
    page = sign_in("gm").get(f"/loans/new?folder={kept.id}")
    text = words(page)
    assert "机密级档案只能在档案室阅览，不准外借。" in text
    assert "没有人可以破例批准" in text
    assert f'name="look" value="{kept.id}:consult"' in page.text
    assert "提交 1 份" not in text
    reading = sign_in("gm").get(f"/loans/new?folder={kept.id}&kind=consult")
    assert "可在阅览室查阅" in words(reading)
    assert "提交 1 份" in words(reading)


def test_looking_at_another_kind_sends_nothing_and_keeps_what_was_typed(sign_in, post, folder):
    kept = folder("confidential")
    sign_in("gm")
    page = post("/loans/new", f"/loans/new?folder={kept.id}&kind=consult", folder=kept.id, look="loan",
                kind="consult", purpose="续约谈判核对授信")  # fmt: skip
    assert page.status_code == 200
    assert "续约谈判核对授信" in page.text
    assert "不准外借" in page.text
    assert Loan.select().count() == 0


@pytest.mark.requirement("LOAN-03")
@pytest.mark.requirement("LOAN-14")
def test_without_purpose_or_undertaking_nothing_is_sent_and_the_rest_is_kept(sign_in, post, folder):
    wanted = folder("open")
    sign_in("borrower")
    page = post(
        "/loans/new", f"/loans/new?folder={wanted.id}", folder=wanted.id, kind="loan", reason="核对回款"
    )
    text = words(page)
    assert page.status_code == 422
    assert "没有提交，2 处要改" in text
    assert "请写明查阅目的、用途" in text
    assert "爱护档案，保持整洁，严禁涂改" in text
    assert "核对回款" in text
    assert Loan.select().count() == 0


def test_a_request_is_sent_once_and_leads_to_its_page(sign_in, post, folder):
    wanted = folder("open")
    sign_in("borrower")
    page = f"/loans/new?folder={wanted.id}"
    answer = post("/loans/new", page, folder=wanted.id, **FORM)
    loan = Loan.get()
    assert (answer.status_code, answer.location) == (303, f"/loans/{loan.id}")
    again = sign_in("borrower").get(page)
    assert "已有同样的申请在办" in words(again)


def test_several_folders_go_in_one_request_and_the_refused_one_stays_out(sign_in, post, people, folder, at):
    ids = [folder("open").id, folder("secret").id, folder("confidential").id]
    sign_in("gm")
    page = "/loans/new?" + "&".join(f"folder={n}" for n in ids)
    text = words(sign_in("gm").get(page))
    assert "提交 2 份" in text
    assert f"{Folder.get_by_id(ids[2]).file_number} 不在其中。" in text
    answer = post("/loans/new", page, folder=ids, **FORM)
    assert answer.status_code == 303
    assert [loan.folder_id for loan in Loan.select().order_by(Loan.id)] == ids[:2]


@pytest.mark.requirement("LOAN-13")
def test_the_archivist_keys_a_request_for_the_person_at_the_counter(sign_in, post, people, folder):
    wanted = folder("open")
    sign_in("archivist")
    query = f"/loans/new?folder={wanted.id}&borrower={people.manager.user_id}"
    answer = post("/loans/new", query, folder=wanted.id, borrower=people.manager.user_id, **FORM)
    loan = Loan.get()
    assert (answer.status_code, loan.borrower.name, loan.requested_by) == (303, "林志远", "archivist")
    assert "由 陈静宜 在柜台代为登记" in words(sign_in("archivist").get(f"/loans/{loan.id}"))


def test_a_name_that_is_nobodys_is_never_taken_for_the_archivists_own(sign_in, post, folder):
    wanted = folder("open")
    sign_in("archivist")
    form = f"/loans/new?folder={wanted.id}"
    page = post("/loans/new", form, folder=wanted.id, borrower="", borrower_text="王小明", **FORM)
    assert page.status_code == 422
    assert "没有找到“王小明”" in words(page)
    assert Loan.select().count() == 0
    post("/loans/new", form, folder=wanted.id, borrower="", borrower_text="林志远", **FORM)
    assert Loan.get().borrower.username == "manager"


def test_too_long_a_purpose_is_said_beside_its_field(sign_in, post, folder):
    wanted = folder("open")
    sign_in("borrower")
    form = f"/loans/new?folder={wanted.id}"
    page = post("/loans/new", form, **FORM | {"folder": wanted.id, "purpose": "长" * 201})
    assert page.status_code == 422
    assert "太长：201 字，最多 200 字" in words(page)


def test_a_borrower_cannot_key_for_another(sign_in, post, people, folder):
    wanted = folder("open")
    sign_in("borrower")
    post("/loans/new", f"/loans/new?folder={wanted.id}", folder=wanted.id, borrower=people.gm.user_id, **FORM)
    assert Loan.get().borrower.username == "borrower"


@pytest.mark.requirement("SEC-16")
def test_a_folder_one_may_not_know_of_is_a_404(sign_in, folder):
    hidden = folder("top_secret")
    page = sign_in("borrower").get(f"/loans/new?folder={hidden.id}")
    assert page.status_code == 404
    assert hidden.file_number not in page.text
