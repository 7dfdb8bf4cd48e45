"""The pages of borrowing: one's own, the register, one loan, its slip, the decision."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from archive_app.core import clock
from archive_app.core.audit import AuditEvent
from archive_app.core.db import count_queries
from archive_app.loans import service
from archive_app.loans.models import Loan
from archive_app.people import service as people_service
from archive_app.records.service import register_folder
from tests.lending import asked, words

pytest_plugins = ["tests.lending"]


# 我的借阅、登记簿、一份借阅


def test_my_loans_show_what_is_due_and_whom_a_request_waits_for(sign_in, people, folder, at):
    held = asked(folder("secret"), people.borrower, at)
    service.decide_loan(held.id, "granted", actor=people.gm, at=at)
    service.hand_over(held.id, actor=people.archivist, at=at)
    asked(folder("open"), people.borrower, at)
    text = words(sign_in("borrower").get("/loans/mine"))
    assert "4:00" in text
    assert "等 林志远 部门经理" in text


def test_nothing_of_others_is_on_my_page(sign_in, people, folder, at):
    loan = asked(folder("secret"), people.borrower, at)
    assert loan.folder.file_number not in sign_in("colleague").get("/loans/mine").text
    assert sign_in("colleague").get(f"/loans/{loan.id}").status_code == 404


def test_the_register_is_for_its_keepers_and_filters(sign_in, people, folder, at, monkeypatch):
    loan = asked(folder("open"), people.gm, at)
    service.hand_over(loan.id, actor=people.archivist, at=at)
    assert sign_in("borrower").get("/loans").status_code == 403
    assert loan.folder.file_number in sign_in("archivist").get("/loans?state=out").text
    assert loan.folder.file_number not in sign_in("archivist").get("/loans?state=overdue").text
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(hours=8))
    late = sign_in("archivist").get("/loans?state=overdue")
    assert loan.folder.file_number in late.text
    assert "逾期" in words(late)
    assert "没有符合的借阅" in words(sign_in("archivist").get("/loans?q=没有这个人"))


@pytest.mark.requirement("LOAN-07")
def test_the_desks_steps_have_buttons_too(sign_in, post, people, folder, at):
    loan = asked(folder("open"), people.gm, at)
    sign_in("archivist")
    page = f"/loans/{loan.id}"
    assert post(f"{page}/hand-over", page).status_code == 303
    assert "应还 17:30" in words(sign_in("archivist").get(page))
    assert post(f"{page}/undo", page).status_code == 303
    assert Loan.get().state == "approved"
    post(f"{page}/hand-over", page)
    assert post(f"{page}/return", page, pages="x").status_code == 422
    assert post(f"{page}/return", page, pages="5", remark="完好").status_code == 303
    loan = Loan.get()
    assert (loan.state, loan.folder.custody) == ("returned", "on_shelf")
    assert "清点 5 页；完好" in words(sign_in("archivist").get(page))


@pytest.mark.requirement("LOAN-02")
def test_a_reader_is_seated_by_button(sign_in, post, people, folder, at):
    loan = asked(folder("open"), people.gm, at, "consult")
    sign_in("archivist")
    page = f"/loans/{loan.id}"
    text = sign_in("archivist").get(page).text
    assert "hand-over" not in text
    assert post(f"{page}/seat", page, seat="2 号").status_code == 303
    assert Loan.get().seat == "2 号"
    assert "阅览室 2 号" in words(sign_in("archivist").get(page))


def test_a_step_that_is_not_open_shows_a_refusal_page(sign_in, post, people, folder, at):
    loan = asked(folder("secret"), people.borrower, at)
    sign_in("archivist")
    answer = post(f"/loans/{loan.id}/hand-over", f"/loans/new?folder={loan.folder_id}")
    assert answer.status_code == 409
    assert "秘密级档案的借阅必须由总经理或分管副总经理批准。" in answer.text
    assert AuditEvent.select().where(AuditEvent.action == "refusal").count() == 1


def test_the_borrower_takes_his_request_back(sign_in, post, people, folder, at):
    loan = asked(folder("secret"), people.borrower, at)
    sign_in("borrower")
    assert post(f"/loans/{loan.id}/withdraw", f"/loans/{loan.id}").status_code == 303
    assert Loan.get().state == "withdrawn"


@pytest.mark.parametrize("verb", ["hand-over", "seat", "return", "undo"])
def test_the_desks_buttons_are_for_the_desk(sign_in, post, people, folder, at, verb):
    loan = asked(folder("open"), people.gm, at)
    sign_in("gm")
    assert post(f"/loans/{loan.id}/{verb}", f"/loans/{loan.id}").status_code == 403


@pytest.mark.parametrize(
    ("username", "path"),
    [("archivist", "/loans"), ("gm", "/approvals"), ("borrower", "/loans/mine")],
)
def test_lists_need_no_more_queries_for_more_rows(sign_in, people, folder, at, username, path):
    def queries():
        with count_queries() as counted:
            assert sign_in(username).get(path).status_code == 200
        return counted()

    def lend():
        loan = asked(folder("secret"), people.borrower, at)
        service.decide_loan(loan.id, "granted", actor=people.deputy_gm, at=at)
        service.hand_over(loan.id, actor=people.archivist, at=at)
        asked(folder("secret"), people.borrower, at)
        asked(folder("open"), people.borrower, at)

    lend()
    before = queries()
    for _ in range(4):
        lend()
    assert queries() <= before <= 30


# 借阅单


@pytest.mark.requirement("LOAN-06")
def test_the_slip_prints_counts_and_is_audited(sign_in, people, folder, at):
    loan = asked(folder("secret"), people.borrower, at)
    service.decide_loan(loan.id, "granted", actor=people.gm, at=at)
    service.hand_over(loan.id, actor=people.archivist, at=at)
    for name in ("slip", "slip", "out-card"):
        answer = sign_in("archivist").get(f"/loans/{loan.id}/{name}.pdf")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert answer.data.startswith(b"%PDF")
    prints = [e.data for e in AuditEvent.select().where(AuditEvent.action == "loan_slip.print")]
    assert [re.search(r'"copy":(\d)', data)[1] for data in prints] == ["1", "2"]
    assert sign_in("borrower").get(f"/loans/{loan.id}/slip.pdf").status_code == 403


def test_there_is_no_slip_before_the_approval(sign_in, people, folder, at):
    loan = asked(folder("secret"), people.borrower, at)
    assert sign_in("archivist").get(f"/loans/{loan.id}/slip.pdf").status_code == 409


# 档案页


@pytest.mark.parametrize(
    ("level", "username", "says", "button"),
    [
        ("open", "borrower", "可外借，今日 17:30 前归还。", "申请借阅"),
        ("secret", "borrower", "最长 4 小时", "申请借阅"),
        ("confidential", "gm", "机密级档案只能在档案室阅览，不准外借。", "预约阅览室"),
        ("top_secret", "gm", "绝密级档案禁止调阅。", "禁止调阅"),
    ],
)
def test_the_folders_page_says_how_it_can_be_borrowed(sign_in, folder, level, username, says, button):
    text = words(sign_in(username).get(f"/folders/{folder(level).id}"))
    assert says in text
    assert button in text
    assert ("申请借阅" in text) is (level in ("open", "secret"))


def test_the_folders_page_shows_its_last_loans_to_the_keepers_only(sign_in, people, folder, at):
    loan = asked(folder("open"), people.gm, at)
    assert "年度对账与续约谈判" in sign_in("archivist").get(f"/folders/{loan.folder_id}").text
    assert "年度对账与续约谈判" not in sign_in("borrower").get(f"/folders/{loan.folder_id}").text


# 审批


def test_the_inbox_leads_to_the_decision_and_the_decision_to_the_next(sign_in, post, people, folder, at):
    first, second = (asked(folder("secret"), people.borrower, at) for _ in range(2))
    inbox = sign_in("gm").get("/approvals")
    assert f"/approvals/{first.approval_id}" in inbox.text
    assert sign_in("gm").get(f"/approvals/{first.approval_id}").location == f"/loans/{first.id}/decision"
    text = words(sign_in("gm").get(f"/loans/{first.id}/decision"))
    assert "王静娟 申请外借 1 份秘密级档案" in text
    assert "第 1 / 2 件" in text
    assert "近 90 天借阅 0 次，逾期 0 次" in text
    answer = post(f"/loans/{first.id}/decision", position=1, verdict="granted")
    assert answer.location == f"/approvals/{second.approval_id}"
    assert Loan.get_by_id(first.id).state == "approved"


def test_a_refusal_without_a_reason_is_asked_for_one(sign_in, post, people, folder, at):
    loan = asked(folder("secret"), people.borrower, at)
    sign_in("gm")
    page = f"/loans/{loan.id}/decision"
    answer = post(page, position=1, verdict="refused")
    assert answer.status_code == 422
    assert "不批准要写明理由" in answer.text
    assert post(page, position=1, verdict="refused", reason="用途不明").status_code == 303
    assert Loan.get().state == "refused"
    assert "没有批准：用途不明" in words(sign_in("borrower").get(f"/loans/{loan.id}"))


@pytest.mark.requirement("SEC-05")
def test_a_deputy_is_told_for_whom_he_decides_and_both_names_stand_on_the_page(
    sign_in, post, people, folder, at
):
    people_service.deputise(
        people.gm.user_id, people.director.user_id, ["loan"], at - timedelta(hours=1),
        at + timedelta(days=1), "WT-2026-07", actor=people.gm, at=at,
    )  # fmt: skip
    loan = asked(folder("secret"), people.borrower, at)
    shown = words(sign_in("borrower").get(f"/loans/{loan.id}"))
    assert "吴文清 代总经理" in shown
    text = words(sign_in("director").get(f"/loans/{loan.id}/decision"))
    assert "你代 周建国 总经理 审批。" in text
    assert "WT-2026-07" in text
    assert "代 周建国 决定" in words(sign_in("director").get("/approvals"))
    post(f"/loans/{loan.id}/decision", position=1, verdict="granted")
    assert "代 周建国，委托书 WT-2026-07" in words(sign_in("archivist").get(f"/loans/{loan.id}"))


def test_who_may_not_decide_sees_no_buttons_and_a_sent_decision_changes_nothing(
    sign_in, post, people, folder, at
):
    loan = asked(folder("secret"), people.borrower, at)
    page = f"/loans/{loan.id}/decision"
    assert sign_in("borrower").get(page).status_code == 403
    assert sign_in("manager").get(page).status_code == 404
    text = sign_in("director").get(page).text
    assert 'name="verdict"' not in text
    sign_in("director")
    answer = post(page, "/me", position=1, verdict="granted")
    assert answer.status_code == 409
    assert "可以决定的人" in answer.text
    noted = AuditEvent.select().where(AuditEvent.action == "refusal").order_by(AuditEvent.seq.desc()).get()
    assert (noted.actor, '"code":"approval.not_yours"' in noted.data) == ("director", True)
    assert Loan.get().state == "requested"


def test_a_decision_sent_twice_is_one_decision(sign_in, post, people, folder, at):
    loan = asked(folder("open"), people.borrower, at)
    sign_in("manager")
    page = f"/loans/{loan.id}/decision"
    post(page, position=1, verdict="granted")
    again = post(page, "/me", position=1, verdict="granted")
    assert again.status_code == 409
    assert Loan.get().state == "requested"


def test_texts_typed_by_people_are_never_markup(sign_in, people, at):
    hostile = register_folder(
        "HT", 2026, "<script>alert(1)</script>", secrecy="open", actor=people.archivist, at=at
    )
    loan = service.request_loan(
        hostile.id, "loan", purpose="<img src=x onerror=alert(1)>", undertaking=True, actor=people.gm, at=at
    )
    for path in (f"/loans/{loan.id}", f"/loans/new?folder={hostile.id}", "/loans", "/loans/mine"):
        text = sign_in("gm").get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
