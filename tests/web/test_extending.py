"""Prolonging, place in the row, effect and history on the borrower's pages."""

from __future__ import annotations

import pytest

from archive_app.core import clock
from archive_app.loans.models import Extension, Loan
from archive_app.records.models import Folder
from archive_app.records.service import edit_folder
from tests.lending import asked, wall, words

pytest_plugins = ["tests.lending"]


@pytest.fixture
def out(approved, desk, at):
    def make(secrecy="open"):
        return desk.hand(approved(secrecy), at)

    return make


def test_an_extension_is_asked_for_agreed_to_and_shown(sign_in, post, people, out):
    loan = out()
    mine = sign_in("borrower").get("/loans/mine")
    assert f"/loans/{loan.id}/extend" in mine.text
    text = words(sign_in("borrower").get(f"/loans/{loan.id}/extend"))
    assert "同意后可用到 11-20 17:30" in text
    assert "吴文清 总经理办公室主任 或 周建国 总经理 一人批准即可" in text
    answer = post(f"/loans/{loan.id}/extend", reason="客户明天来核对")
    assert (answer.status_code, answer.location) == (303, f"/loans/{loan.id}")
    assert "批准前仍按 今日 17:30 归还" in words(sign_in("borrower").get(answer.location))
    assert "续借等审批" in words(sign_in("borrower").get("/loans/mine"))
    extension = Extension.get()
    inbox = words(sign_in("director").get("/approvals"))
    assert "王静娟 续借" in inbox
    page = f"/approvals/{extension.approval_id}"
    shown = words(sign_in("director").get(page))
    assert "客户明天来核对" in shown
    assert "同意后 11-20 周五 17:30 前归还" in shown
    assert post(page, verdict="granted", position=1).status_code == 303
    assert Loan.get_by_id(loan.id).due_at == wall(17, 30, day=20)
    done = words(sign_in("borrower").get(f"/loans/{loan.id}"))
    assert "续借到 11-20 17:30" in done
    assert f"/loans/{loan.id}/extend" not in sign_in("borrower").get("/loans/mine").text


@pytest.mark.requirement("LOAN-01")
def test_a_secret_loan_offers_no_extension_and_the_address_quotes_the_clause(sign_in, post, out):
    loan = out("secret")
    assert f"/loans/{loan.id}/extend" not in sign_in("borrower").get("/loans/mine").text
    page = sign_in("borrower").get(f"/loans/{loan.id}/extend")
    assert page.status_code == 409
    assert "不得超过4小时" in words(page)
    assert "七.3" in words(page)
    assert Extension.select().count() == 0


def test_a_missing_or_long_reason_keeps_the_form(sign_in, post, out):
    loan = out()
    sign_in("borrower")
    empty = post(f"/loans/{loan.id}/extend", reason=" ")
    assert (empty.status_code, "请写明" in words(empty)) == (422, True)
    long = post(f"/loans/{loan.id}/extend", reason="长" * 10_000)
    assert long.status_code == 422
    assert "太长：10000 字" in words(long)
    assert Extension.select().count() == 0


def test_an_extension_is_taken_back_by_its_button(sign_in, post, out):
    loan = out()
    sign_in("borrower")
    post(f"/loans/{loan.id}/extend", reason="没有看完")
    answer = post(f"/extensions/{Extension.get().id}/withdraw", f"/loans/{loan.id}")
    assert answer.status_code == 303
    assert Extension.get().state == "withdrawn"


def test_what_another_has_out_cannot_be_prolonged_by_its_number(sign_in, client, out):
    loan = out()
    assert sign_in("colleague").get(f"/loans/{loan.id}/extend").status_code == 404


def test_the_effect_of_a_use_is_said_after_the_return(sign_in, post, people, out, desk, app, monkeypatch):
    loan = out()
    desk.back(loan, wall(11))
    monkeypatch.setattr(clock, "now", lambda: wall(12))
    sign_in("borrower")
    assert "填写效果" in words(sign_in("borrower").get("/loans/mine"))
    page = f"/loans/{loan.id}"
    wrong = post(f"/loans/{loan.id}/effect", page, effect="很好")
    assert (wrong.status_code, "请从列表中选" in words(wrong)) == (422, True)
    assert post(f"/loans/{loan.id}/effect", page, effect="避免损失", note="追回货款").status_code == 303
    assert Loan.get_by_id(loan.id).effect == "避免损失"
    assert "避免损失" in words(sign_in("borrower").get("/loans/mine"))


def test_who_waits_reads_his_place_and_when(sign_in, people, folder, approved, desk, at):
    kept = folder("open")
    desk.hand(approved(kept=kept, who=people.gm), at)
    asked(kept, people.back_office, at)
    loan = asked(kept, people.borrower, at)
    assert "第 2 位，预计 17:30 后" in words(sign_in("borrower").get("/loans/mine"))
    assert "第 2 位，预计 17:30 后" in words(sign_in("borrower").get(f"/loans/{loan.id}"))


def test_ones_past_loans_are_narrowed_by_number_kind_and_state(sign_in, people, folder, desk, approved, at):
    first, second = approved("open"), approved("secret")
    for loan in (first, second):
        desk.hand(loan, at)
        desk.back(loan, wall(11))
    both = words(sign_in("borrower").get("/loans/mine"))
    assert "HT-2026-0001" in both
    assert "HT-2026-0002" in both
    one = words(sign_in("borrower").get("/loans/mine?q=0002&state=returned"))
    assert ("HT-2026-0001" in one, "HT-2026-0002" in one) == (False, True)
    none = words(sign_in("borrower").get("/loans/mine?state=refused"))
    assert "没有符合的借阅" in none


@pytest.mark.requirement("SEC-01")
@pytest.mark.parametrize(("state", "said"), [("out", "请马上交回档案室"), ("requested", "现在不能办理")])
def test_a_folder_that_becomes_top_secret_is_said_on_its_loan(
    sign_in, people, folder, approved, desk, at, state, said
):
    if state == "out":
        loan = desk.hand(approved("secret"), at)
    else:
        loan = asked(folder("secret"), people.borrower, at)
    kept = Folder.get_by_id(loan.folder_id)
    edit_folder(kept.id, {"secrecy": "top_secret"}, "定密", kept.revision, actor=people.archivist, at=at)
    text = words(sign_in("borrower").get(f"/loans/{loan.id}"))
    assert said in text
    assert "绝密级档案禁止调阅" in text


@pytest.mark.parametrize("name", ["wished_from", "wished_until"])
@pytest.mark.parametrize(
    "text", ["明天", "2026-13-45T99:99", "0001-01-01T00:00", "99999-01-01T00:00", "2026-11-21T10:00"]
)
def test_a_wish_that_is_none_is_said_beside_its_field(sign_in, post, folder, name, text):
    kept = folder("open")
    sign_in("borrower")
    page = post(
        "/loans/new", f"/loans/new?folder={kept.id}", folder=kept.id, kind="loan", purpose="对账",
        undertaking="y", **{name: text},
    )  # fmt: skip
    assert page.status_code == 422
    assert text in page.text
    assert Loan.select().count() == 0


def test_the_decider_reads_class_and_wished_time(sign_in, post, people, folder):
    kept = folder("secret")
    sign_in("borrower")
    post(
        "/loans/new", f"/loans/new?folder={kept.id}", folder=kept.id, kind="loan", purpose="对账",
        purpose_class="合同履行", wished_from="2026-11-20T09:00", wished_until="2026-11-20T16:00",
        undertaking="y",
    )  # fmt: skip
    text = words(sign_in("gm").get(f"/loans/{Loan.get().id}/decision"))
    assert "合同履行，对账" in text
    assert "11-20 09:00 至 11-20 16:00" in text
    assert "按制度最晚 11-20 周五 13:00 归还" in text
