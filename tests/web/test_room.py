"""The reading room, the pick list and the steps of the desk over HTTP, with and without JavaScript."""

from __future__ import annotations

import pytest

from archive_app.loans.models import Copy, Incident, Loan, RoomSession
from archive_app.printing.barcode import BarcodeType, payload
from tests.lending import words
from tests.web.test_desk import scan
from tests.web.test_records import csrf

pytest_plugins = ["tests.lending"]


def card(actor):
    return payload(BarcodeType.PERSON, actor.user_id)


def label(loan):
    return payload(BarcodeType.FOLDER, loan.folder_id)


def send(client, path, page, data):
    return client.post(path, data={"csrf_token": csrf(client, page)} | data)


@pytest.fixture
def reading(people, at, approved, desk):
    return desk.seat(approved("confidential", "consult", people.gm), at)


@pytest.mark.requirement("LOAN-02")
def test_a_card_at_the_door_signs_in_and_the_plan_shows_it(sign_in, people):
    client = sign_in("archivist")
    page = client.get("/room").text
    assert page.count("空座") == 4
    token = csrf(client, "/room")
    headers = {"Accept": "application/json", "X-CSRFToken": token}
    answer = client.post(
        "/room/scan", json={"code": card(people.gm), "scan_id": "a"}, headers=headers
    ).get_json()
    assert "已入室" in answer["band_html"]
    assert "周建国" in answer["side_html"]
    assert answer["side_html"].count("空座") == 3


def test_the_door_works_without_javascript(sign_in, people):
    client = sign_in("archivist")
    answer = send(client, "/room/scan", "/room", {"code": card(people.gm)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/room")
    assert "已入室" in client.get("/room").text


def test_only_the_desk_sees_who_sits_there(sign_in, people, reading):
    page = sign_in("archivist").get("/room").text
    assert "周建国" in page
    assert reading.folder.file_number in page
    page = words(sign_in("borrower").get("/room"))
    assert page.count("有人") == 1
    assert page.count("空座") == 3
    assert "周建国" not in page
    assert reading.folder.file_number not in page
    assert sign_in("borrower").post("/room/scan").status_code in (400, 403)


@pytest.mark.requirement("LOAN-14")
def test_the_register_of_the_room_is_read_by_day_and_reader(sign_in, reading):
    client = sign_in("auditor")
    assert reading.folder.file_number in client.get("/room/sessions?day=2026-11-19&q=周").text
    assert reading.folder.file_number not in client.get("/room/sessions?day=2026-11-20").text
    assert client.get("/room/sessions?day=yesterday&older=x").status_code == 200
    assert "1 号" in client.get(f"/room/sessions/{reading.session}").text
    assert client.get("/room/sessions/999").status_code == 404
    assert sign_in("borrower").get("/room/sessions").status_code == 403


def test_a_reader_who_is_gone_with_a_folder_is_registered_with_what_happened(sign_in, reading):
    client = sign_in("archivist")
    path = f"/room/sessions/{reading.session}/left"
    assert reading.folder.file_number in client.get(path).text
    assert send(client, path, path, {"reason": ""}).status_code == 422
    answer = send(client, path, path, {"reason": "下班时人不在"})
    assert answer.status_code == 303
    assert Loan.get_by_id(reading.id).state == "overdue"
    assert "下班时人不在" in client.get(f"/room/sessions/{reading.session}").text


def test_signing_out_by_the_button_says_what_lies_on_the_table(sign_in, reading):
    client = sign_in("archivist")
    answer = send(client, f"/desk/sign-out/{reading.session}", "/room", {})
    assert answer.status_code == 303
    assert "还不能走" in client.get("/desk").text
    assert RoomSession.get().signed_out_at is None
    back = scan(client, label(reading), "back", csrf(client, "/desk"))
    assert f"/desk/sign-out/{reading.session}" in back["band_html"]
    send(client, f"/desk/sign-out/{reading.session}", "/desk", {})
    assert RoomSession.get().signed_out_at is not None


def test_a_person_at_the_desk_is_signed_in_by_one_press(sign_in, people):
    client = sign_in("archivist")
    answer = scan(client, card(people.gm), "a", csrf(client, "/desk"))
    assert f"/desk/sign-in/{people.gm.user_id}" in answer["band_html"]
    send(client, f"/desk/sign-in/{people.gm.user_id}", "/desk", {"scan_id": "in"})
    send(client, f"/desk/sign-in/{people.gm.user_id}", "/desk", {"scan_id": "in"})
    assert RoomSession.select().count() == 1


# 取档单


def test_the_pick_list_marks_what_was_scanned(sign_in, approved):
    loan = approved("open")
    client = sign_in("archivist")
    assert loan.folder.file_number in client.get("/desk/picks").text
    answer = send(client, "/desk/picks/scan", "/desk/picks", {"code": label(loan)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/picks")
    page = words(client.get("/desk/picks"))
    assert "1 / 1 份已取" in page
    send(client, f"/desk/picks/{loan.id}/put-back", "/desk/picks", {})
    assert "0 / 1 份已取" in words(client.get("/desk/picks"))
    assert sign_in("borrower").get("/desk/picks").status_code == 403


def test_an_empty_pick_list_says_when_it_will_fill(sign_in):
    assert "没有要取的档案" in sign_in("archivist").get("/desk/picks").text


# 检查，影印


@pytest.mark.requirement("LOAN-10")
def test_the_check_behind_a_return_asks_for_the_pages_and_opens_a_report(sign_in, approved, desk, at):
    loan = desk.hand(approved(), at)
    client = sign_in("archivist")
    back = scan(client, label(loan), "back", csrf(client, "/desk"))
    path = f"/desk/check/{loan.id}"
    assert path in back["band_html"]
    assert "/desk/undo/" in back["band_html"]
    assert send(client, path, path, {"condition": "damage"}).status_code == 422
    answer = send(client, path, path, {"condition": "damage", "remark": "封面撕破", "pages": "12"})
    assert answer.headers["Location"] == f"/incidents/{Incident.get().id}"
    assert send(client, path, path, {"condition": "good"}).status_code == 409


def test_a_folder_still_out_is_given_back_and_checked_in_one_step(sign_in, approved, desk, at):
    loan = desk.hand(approved(), at)
    client = sign_in("archivist")
    path = f"/desk/check/{loan.id}"
    assert "归还并检查" in client.get(path).text
    answer = send(client, path, path, {"condition": "good", "pages": "12", "effect": "提供依据"})
    assert answer.headers["Location"] == "/desk"
    loan = Loan.get_by_id(loan.id)
    assert (loan.state, loan.condition, loan.effect) == ("returned", "good", "提供依据")


@pytest.mark.requirement("LOAN-11")
@pytest.mark.parametrize(
    ("pages", "status", "made"), [("3", 303, 1), ("0", 422, 0), ("", 422, 0), ("x", 422, 0)]
)
def test_the_pages_of_a_photocopy_are_asked_for(sign_in, approved, pages, status, made):
    loan = approved("open", "photocopy")
    client = sign_in("archivist")
    path = f"/desk/copy/{loan.id}"
    assert send(client, path, path, {"pages": pages}).status_code == status
    assert Copy.select().count() == made


def test_papers_that_cannot_be_drawn_leave_the_loan_and_say_how_to_go_on(
    sign_in, approved, desk, at, monkeypatch
):
    loan = desk.hand(approved("open"), at)
    client = sign_in("archivist")
    monkeypatch.setattr("archive_app.prints.drawing.PRESS", None)  # the printer is off
    answer = client.get(f"/desk/papers/{loan.id}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/loans/{loan.id}")
    assert "单子没有印出来" in client.get(f"/loans/{loan.id}").text
    assert Loan.get_by_id(loan.id).state == "out"
