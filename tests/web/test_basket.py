"""The basket on the web: put in from lists, asked for together, each in its own way; nothing twice."""

from __future__ import annotations

import re

import pytest

from archive_app.core.db import count_queries
from archive_app.loans import basket
from archive_app.loans.models import Loan
from archive_app.records.service import edit_folder
from tests.lending import words

pytest_plugins = ["tests.lending"]

FORM = {"kind": "loan", "purpose": "年度对账", "undertaking": "y"}
BUDGET = 25  # queries of the request page, whatever lies in the basket


def hidden(page, name):
    return re.findall(rf'name="{name}" value="([^"]*)"', page.text)


@pytest.fixture
def fill(people, at):
    def put(folders, who="borrower"):
        basket.add([each.id for each in folders], actor=people.by_name[who], at=at)

    return put


def test_search_results_and_the_folders_page_have_a_button_for_the_basket(sign_in, post, people, folder, at):
    kept = folder("open", title="苏州瑞丰供货合同")
    sign_in("borrower")
    page = "/search?q=瑞丰"
    assert "加入借阅车" in words(sign_in("borrower").get(page))
    answer = post("/loans/basket/add", page, folder=kept.id, next="/search?q=瑞丰")
    assert (answer.status_code, answer.headers["Location"][:7]) == (303, "/search")
    assert "已在借阅车" in words(sign_in("borrower").get(page))
    assert "已在借阅车" in words(sign_in("borrower").get(f"/folders/{kept.id}"))
    assert basket.count(people.borrower, at) == 1


def test_the_button_tells_scripts_the_new_count(sign_in, client, post, folder):
    kept = folder("open")
    sign_in("borrower")
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/loans/basket").text)[1]
    answer = client.post(
        "/loans/basket/add", data={"csrf_token": token, "folder": kept.id},
        headers={"Accept": "application/json"},
    )  # fmt: skip
    assert answer.json == {"added": 1, "count": 1, "text": "已加入借阅车，共 1 份。"}


def test_the_way_back_never_leads_out_of_the_house(sign_in, post, folder):
    kept = folder("open")
    sign_in("borrower")
    for foreign in ("https://example.com/", "//example.com", "/\\example.com"):
        answer = post("/loans/basket/add", "/loans/basket", folder=kept.id, next=foreign)
        assert answer.location == "/loans/basket"


def test_numbers_typed_or_pasted_go_in_and_what_is_wrong_is_said(sign_in, post, people, folder, at):
    folder("open")
    folder("secret")
    sign_in("borrower")
    answer = post("/loans/basket/add", "/loans/basket", numbers="ＨＴ２０２６０００１\n0002 XX-1")
    text = words(sign_in("borrower").get(answer.location))
    assert "加入 2 份。" in text
    assert "XX-1：没有找到" in text
    assert basket.count(people.borrower, at) == 2


def test_every_folder_of_the_basket_says_what_will_happen_to_it(sign_in, fill, folder, client):
    fill([folder("open"), folder("secret")])
    text = words(sign_in("borrower").get("/loans/basket"))
    assert "2 份档案，提交前先看每份会怎样" in text
    assert "可外借，今日 17:30 前归还。" in text
    assert "4 小时" in text
    assert "周建国 总经理" in text
    assert "在公司内用，不带出公司" in text
    assert "提交 2 份" in text


@pytest.mark.requirement("LOAN-02")
def test_one_folder_is_changed_to_the_reading_room_and_the_others_stay(sign_in, post, fill, folder):
    open_one, closed = folder("open"), folder("confidential")
    fill([open_one, closed], "gm")
    sign_in("gm")
    page = post("/loans/basket", kind="loan", look=f"{closed.id}:consult", purpose="续约谈判")
    text = words(page)
    assert "可在阅览室查阅" in text
    assert "提交 2 份" in text
    assert "续约谈判" in page.text
    assert hidden(page, "seen") == ["", f"{open_one.id}.loan", f"{closed.id}.consult"]
    assert Loan.select().count() == 0
    more = {f"kind-{closed.id}": "consult", "seen": hidden(page, "seen")}
    answer = post("/loans/basket", **FORM, **more)
    assert answer.status_code == 303
    assert [(loan.folder_id, loan.kind) for loan in Loan.select().order_by(Loan.id)] == [
        (open_one.id, "loan"), (closed.id, "consult"),
    ]  # fmt: skip
    assert len({loan.basket for loan in Loan.select()}) == 1


def test_a_new_kind_for_all_leaves_alone_what_was_chosen_for_one(sign_in, post, fill, folder):
    one, two, three = folder("open"), folder("open"), folder("open")
    fill([one, two, three])
    sign_in("borrower")
    kinds = {f"kind-{one.id}": "loan", f"kind-{two.id}": "photocopy", f"kind-{three.id}": "loan"}
    page = post("/loans/basket", kind="loan", look="consult", **kinds)
    assert hidden(page, "seen")[1:] == [f"{one.id}.consult", f"{two.id}.photocopy", f"{three.id}.consult"]


def test_what_was_sent_leaves_the_basket_and_the_rest_stays(sign_in, post, people, fill, folder, at):
    sent, left = folder("open"), folder("confidential")
    fill([sent, left], "gm")
    sign_in("gm")
    answer = post("/loans/basket", **FORM)
    assert answer.location == f"/loans/{Loan.get().id}"
    assert [each.id for each in basket.of(people.gm, at)] == [left.id]


def test_enter_in_a_field_sends_the_request_and_takes_nothing_out(sign_in, fill, folder):
    fill([folder("open"), folder("open")])
    page = sign_in("borrower").get("/loans/basket").text
    buttons = re.findall(r'<button[^>]*type="submit"[^>]*form="request"[^>]*>', page)
    assert len(buttons) == 3
    assert "name=" not in buttons[0]  # the first in the page is what Enter presses


def test_a_folder_is_taken_out_and_what_was_typed_stays(sign_in, post, people, fill, folder, at):
    one, two = folder("open"), folder("open")
    fill([one, two])
    sign_in("borrower")
    page = post("/loans/basket", kind="loan", drop=str(one.id), purpose="年度对账，未写完")
    assert (page.status_code, "年度对账，未写完" in page.text) == (200, True)
    assert [each.id for each in basket.of(people.borrower, at)] == [two.id]
    post("/loans/basket/remove", "/loans/basket", all="1")
    assert basket.count(people.borrower, at) == 0


def test_the_same_form_sent_twice_is_one_request(sign_in, post, fill, folder):
    fill([folder("open"), folder("secret")])
    sign_in("borrower")
    page = sign_in("borrower").get("/loans/basket")
    seen = hidden(page, "seen")
    ids = [text.partition(".")[0] for text in seen if text]
    for n in range(3):  # the second is the second click, the third comes after Back
        answer = post("/loans/new", f"/loans/new?folder={ids[0]}", folder=ids, seen=seen, **FORM)
        assert (answer.status_code, answer.location) == (303, "/loans/mine"), n
    assert Loan.select().count() == 2
    assert "没有再提交一次" in words(sign_in("borrower").get("/loans/mine"))


def test_nothing_is_sent_when_a_folder_was_raised_after_the_page_was_shown(
    sign_in, post, people, fill, folder, at
):
    one, two = folder("open"), folder("open")
    fill([one, two])
    sign_in("borrower")
    seen = hidden(sign_in("borrower").get("/loans/basket"), "seen")
    edit_folder(two.id, {"secrecy": "secret"}, "定密", two.revision, actor=people.archivist, at=at)
    assert post("/loans/basket", **FORM, seen=seen).status_code == 303  # secret may still be asked for
    Loan.delete().execute()
    basket.add([one.id, two.id], actor=people.borrower, at=at)
    edit_folder(one.id, {"secrecy": "confidential"}, "定密", one.revision, actor=people.archivist, at=at)
    page = post("/loans/basket", **FORM, seen=seen)
    assert page.status_code == 409
    assert "情况变了，一份也没有提交" in words(page)
    assert Loan.select().count() == 0


def test_a_kind_changed_without_looking_is_shown_before_it_is_sent(sign_in, post, fill, folder):
    kept = folder("open")
    fill([kept])
    sign_in("borrower")
    seen = hidden(sign_in("borrower").get("/loans/basket"), "seen")
    page = post("/loans/basket", **FORM, seen=seen, **{f"kind-{kept.id}": "photocopy"})
    assert page.status_code == 409
    assert "还没有提交" in words(page)
    assert "许明 内勤部经理" in words(page)
    assert Loan.select().count() == 0


def test_two_tabs_ask_for_the_same_folder_once(sign_in, post, fill, folder):
    fill([folder("open")])
    sign_in("borrower")
    first = post("/loans/basket", **FORM)
    second = post("/loans/new", "/loans/new?folder=1", folder="1", seen=["", "1.loan"], **FORM)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert Loan.select().count() == 1


def test_the_page_costs_no_query_a_folder(sign_in, people, fill, folder, at):
    sign_in("borrower").get("/loans/basket")  # what is asked once a process
    fill([folder("secret" if n % 3 else "open") for n in range(50)])
    client = sign_in("borrower")
    with count_queries() as asked:
        page = client.get("/loans/basket")
    assert "50 份档案" in words(page)
    assert asked() <= BUDGET


def test_fifty_are_sent_at_once(sign_in, post, people, fill, folder, at):
    fill([folder("secret") for _n in range(50)])
    sign_in("borrower")
    answer = post("/loans/basket", **FORM)
    assert answer.status_code == 303
    assert Loan.select().count() == 50
    assert basket.count(people.borrower, at) == 0
    assert "已提交 50 份" in words(sign_in("borrower").get("/loans/mine"))
