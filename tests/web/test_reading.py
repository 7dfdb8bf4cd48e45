"""Reading scans on the screen: marked pictures for one reader alone, no file where the level forbids it."""

from __future__ import annotations

import json

import pytest

from archive_app.core.audit import AuditEvent
from archive_app.loans.sheets import number_of
from archive_app.people import rulebook
from archive_app.scans.models import ElectronicFile
from tests.reading import marked, scanned

pytest_plugins = ["tests.lending"]
JSON = {"Accept": "application/json"}


def events(action):
    return AuditEvent.select().where(AuditEvent.action == action).count()


@pytest.fixture
def lent(at, approved, desk):
    """A secret folder that the borrower has taken home, its one page, and the loan."""
    loan = desk.hand(approved(), at)
    return scanned(loan.folder, at), loan


@pytest.mark.requirement("ELE-12")
def test_the_borrower_reads_pictures_with_name_time_and_loan_burned_in(sign_in, lent):
    page, loan = lent
    client, mark = sign_in("borrower"), f"王静娟 2026-11-19 10:00 {number_of(loan)}"
    assert client.get(f"/pages/{page.id}/image").data == marked(page.view, mark)
    assert client.get(f"/pages/{page.id}/thumb").data == marked(page.thumb, mark)
    assert "只在屏幕上看，每页带水印" in client.get(f"/pages/{page.id}").text


def test_every_reader_gets_a_picture_of_his_own_that_nobody_keeps(sign_in, lent):
    page, _loan = lent
    for part, stored in (("image", page.view), ("thumb", page.thumb)):
        answers = [sign_in(name).get(f"/pages/{page.id}/{part}") for name in ("borrower", "archivist")]
        assert answers[0].data != answers[1].data
        assert answers[1].data == marked(stored, "陈静宜 2026-11-19 10:00")
        for answer in answers:
            assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))
            assert "ETag" not in answer.headers and "Last-Modified" not in answer.headers
    again = sign_in("borrower").get(f"/pages/{page.id}/image", headers={"If-None-Match": f'"{page.view}"'})
    assert again.status_code == 200


def test_an_open_page_is_the_stored_picture_and_may_be_kept_by_its_reader(sign_in, folder, at):
    page = scanned(folder("open"), at)
    answer = sign_in("archivist").get(f"/pages/{page.id}/image")
    assert answer.get_etag()[0] == page.view and "no-store" not in answer.headers["Cache-Control"]
    assert "private" in answer.headers["Cache-Control"]
    assert "水印" not in sign_in("archivist").get(f"/pages/{page.id}").text


@pytest.mark.requirement("SEC-01")
@pytest.mark.parametrize("name", ["borrower", "archivist"])
def test_no_reader_takes_the_original_of_a_level_for_the_screen_only(sign_in, lent, name):
    page, _loan = lent
    client = sign_in(name)
    told = client.get(f"/files/{page.file_id}/original", headers=JSON)
    assert told.status_code == 409
    assert all(told.get_json()[part] for part in ("code", "message", "clause", "next_step"))
    assert events("scan.download") == 0 and events("refusal") == 1
    assert f"/files/{page.file_id}/original" not in client.get(f"/folders/{page.folder_id}/scans").text


def test_the_refusal_page_says_why_in_the_words_of_the_rule(sign_in, folder, at):
    page = scanned(folder("confidential"), at)
    answer = sign_in("archivist").get(f"/files/{page.file_id}/original")
    assert answer.status_code == 409
    rule = rulebook.current(at).book.levels["confidential"].screen_rule
    assert rule.text in answer.text and rule.clause in answer.text and "不能下载" in answer.text


def test_an_open_original_is_taken_and_the_taking_noted(sign_in, folder, at):
    page = scanned(folder("open"), at)
    client = sign_in("archivist")
    assert f"/files/{page.file_id}/original" in client.get(f"/folders/{page.folder_id}/scans").text
    assert client.get(f"/files/{page.file_id}/original").status_code == 200
    assert events("scan.download") == 1


def test_the_level_in_the_rule_book_decides_not_the_program(sign_in, people, folder, at):
    page = scanned(folder("secret"), at)
    as_it_is = 'screen_rule = "screen_secret"\n'
    free = as_it_is + "download = true\nwatermark = false\n"
    text = rulebook.profile_text("default").replace(as_it_is, free, 1)
    rulebook.adopt(text, "default", actor=people.director, at=at)
    client = sign_in("archivist")
    assert client.get(f"/pages/{page.id}/image").data != marked(page.view, "陈静宜 2026-11-19 10:00")
    assert "no-store" in client.get(f"/pages/{page.id}/image").headers["Cache-Control"]  # still classified
    assert f"/files/{page.file_id}/original" in client.get(f"/folders/{page.folder_id}/scans").text
    assert client.get(f"/files/{page.file_id}/original").status_code == 200


def test_who_has_no_loan_sees_neither_picture_nor_thumbnail_nor_text(sign_in, people, folder, at):
    page = scanned(folder("secret"), at)
    ElectronicFile.update(filename="底价.png").execute()
    client = sign_in("colleague")
    for path in ("", "/image", "/thumb"):
        answer = client.get(f"/pages/{page.id}{path}", headers=JSON)
        assert answer.status_code == 409 and answer.get_json()["clause"]
    assert client.get(f"/files/{page.file_id}/original", headers=JSON).status_code == 409


def test_every_view_of_a_classified_page_is_noted_once_and_a_thumbnail_is_no_view(sign_in, lent):
    page, _loan = lent
    client = sign_in("borrower")
    client.get(f"/pages/{page.id}/thumb")
    assert events("scan.view") == 0
    client.get(f"/pages/{page.id}")
    client.get(f"/pages/{page.id}/image")
    (event,) = AuditEvent.select().where(AuditEvent.action == "scan.view")
    assert event.actor == "borrower" and json.loads(event.data)["page"] == 1
