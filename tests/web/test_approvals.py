"""The pages of deciding: the inbox by basket, a basket in part, any kind, and what goes wrong there."""

from __future__ import annotations

import re

import pytest

from archive_app.approvals.models import Approval, Decision
from archive_app.approvals.service import AFTER
from archive_app.loans.models import Loan
from archive_app.people import rulebook
from archive_app.people import service as people_service
from archive_app.policy import ChainStep, Rule
from tests.lending import asked, words

pytest_plugins = ["tests.lending"]


@pytest.fixture
def basket(people, folder, at):
    """Three secret folders asked for together by the borrower; the number of the basket."""
    rows = [asked(folder("secret", title=f"恒泰第 {n} 卷"), people.borrower, at) for n in range(3)]
    Loan.update(basket=rows[0].id).where(Loan.id.in_(rows)).execute()
    Approval.update(basket=rows[0].id).where(Approval.key.in_([row.id for row in rows])).execute()
    return rows[0].id


def picks(page):
    return re.findall(r'name="pick" value="([^"]+)" checked', page.text)


def states():
    return [row.state for row in Approval.select().order_by(Approval.id)]


def test_the_inbox_groups_what_was_asked_for_together(sign_in, basket):
    text = words(sign_in("gm").get("/approvals"))
    assert "王静娟 的申请，3 份" in text
    assert "HT-2026-0001" in text
    assert "恒泰第 0 卷" in text
    assert "年度对账与续约谈判" in text


def test_a_basket_is_approved_in_part_and_the_rest_refused(sign_in, post, basket):
    url = f"/approvals/basket/{basket}"
    page = sign_in("gm").get(url)
    assert "近 90 天借阅 0 次，逾期 0 次" in words(page)
    first, second, _third = picks(page)
    seen = picks(page)
    answer = post(url, pick=[first, second], seen=seen, rest="refuse", verdict="granted", reason="这份不需要")
    assert answer.status_code == 303
    assert states() == ["granted", "granted", "refused"]
    text = words(sign_in("gm").get("/approvals"))
    assert "已批准 2 份" in text
    assert "没有批准 1 份" in text


def test_refusing_without_a_reason_keeps_the_page_and_decides_nothing(sign_in, post, basket):
    url = f"/approvals/basket/{basket}"
    first, *_rest = picks(sign_in("gm").get(url))
    answer = post(url, pick=[first], verdict="refused")
    assert answer.status_code == 422
    assert "不批准要写明理由" in words(answer)
    assert picks(answer) == [first], "what was ticked stays ticked"
    assert states() == ["open"] * 3


def test_nothing_ticked_decides_nothing(sign_in, post, basket):
    sign_in("gm")
    assert post(f"/approvals/basket/{basket}", verdict="granted").status_code == 422
    assert states() == ["open"] * 3


def test_the_form_sent_twice_decides_once(sign_in, post, basket, client):
    url = f"/approvals/basket/{basket}"
    page = sign_in("gm").get(url)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    form = {"csrf_token": token, "pick": picks(page), "verdict": "granted"}
    assert client.post(url, data=form).status_code == 303
    assert client.post(url, data=form).status_code == 303
    assert Decision.select().count() == 3
    assert "没有再记一次" in words(client.get("/approvals"))


def test_ids_of_other_baskets_are_not_decided_here(sign_in, post, basket, people, folder, at):
    other = asked(folder("secret"), people.colleague, at)
    sign_in("gm")
    post(f"/approvals/basket/{basket}", pick=[f"{other.approval_id}.1", "x.y", "9"], verdict="granted")
    assert states() == ["open"] * 4


def test_strangers_see_no_basket(sign_in, basket):
    assert sign_in("director").get(f"/approvals/basket/{basket}").status_code == 404
    assert sign_in("borrower").get(f"/approvals/basket/{basket}").status_code == 403


def test_a_title_that_changed_while_the_page_was_open_is_refused_kindly(sign_in, post, basket, people, at):
    url = f"/approvals/basket/{basket}"
    page = sign_in("deputy_gm").get(url)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    people_service.edit_user(
        people.deputy_gm.user_id, {"title": "总经理办公室主任"}, actor=people.admin, at=at
    )
    answer = sign_in("deputy_gm").post(
        url, data={"csrf_token": token, "pick": picks(page), "verdict": "granted"}
    )
    assert answer.status_code == 409
    assert "总经理办公室主任" in words(answer)
    assert "没有改动任何记录" in words(answer)
    assert states() == ["open"] * 3


def test_the_deputy_reads_for_whom_he_decides_and_both_names_stay(sign_in, post, basket, people, at):
    from datetime import timedelta

    people_service.deputise(
        people.gm.user_id, people.director.user_id, ["loan"], at - timedelta(days=1), at + timedelta(days=1),
        "WT-2026-07", actor=people.gm, at=at,
    )  # fmt: skip
    url = f"/approvals/basket/{basket}"
    page = sign_in("director").get(url)
    assert "你代 周建国 总经理 审批" in words(page)
    assert "WT-2026-07" in words(page)
    post(url, pick=picks(page), verdict="granted")
    assert {(d.user.username, d.principal) for d in Decision.select()} == {("director", "周建国")}


def test_any_kind_is_decided_on_one_page_and_its_asker_sees_how_far_it_is(
    sign_in, post, people, at, monkeypatch
):
    from archive_app.approvals import service

    moved = []
    monkeypatch.setitem(AFTER, "thing", lambda approval, _actor, _at: moved.append(approval.state))
    rule = Rule("test", "制度 一", "由主任批准")
    step = ChainStep(("office_director",), "any", False, "同意", False, rule)
    row = service.open_approval(
        "extend", "thing", 1, "王静娟 续借 HT-2026-0001", [step], requester=people.users.borrower,
        department_id=None, adopted=rulebook.current(at), rule=rule, actor=people.borrower, at=at,
    )  # fmt: skip
    url = f"/approvals/{row.id}"
    assert sign_in("colleague").get(url).status_code == 404
    assert "吴文清" in words(sign_in("borrower").get(url))
    assert 'name="verdict"' not in sign_in("borrower").get(url).text
    assert "由主任批准" in words(sign_in("director").get(url))
    assert post(url, position="1", verdict="granted").status_code == 303
    assert moved == ["granted"]
    assert "已批准" in words(sign_in("borrower").get(url))


def test_departments_have_somebody_in_charge(sign_in, post, people):
    assert sign_in("borrower").get("/departments").status_code == 403
    sign_in("admin")
    row = people.departments["XS"]
    address = f"/departments/{row.id}/overseer"
    assert post(address, "/departments", overseer=str(people.gm.user_id)).status_code == 303
    assert f'value="{people.gm.user_id}" selected' in sign_in("admin").get("/departments").text
