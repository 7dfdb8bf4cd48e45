"""Pages of alarms: the list, the trail, what came of it; and what raises them through the web."""

from __future__ import annotations

import pytest

from archive_app.alarms import watching
from archive_app.alarms.models import Alarm
from archive_app.core.work import work
from archive_app.people.models import AccountUse
from tests.lending import words

pytest_plugins = ["tests.lending"]


@pytest.fixture
def alarm(people, at, folder):
    """The borrower was refused five times, at a folder whose title nobody here may read."""
    hidden = folder("top_secret", title="绝不外传的题名")
    for _n in range(5):
        with work(people.borrower, at) as w:
            w.note(
                "refusal", ("folder", str(hidden.id)), code="permission", clause="制度 权限表",
                file_number=hidden.file_number, title=hidden.title, endpoint="records.folder_page",
            )  # fmt: skip
    watching.watch(at)
    return Alarm.get()


@pytest.mark.requirement("AUD-01")
def test_the_list_names_person_and_kind_and_the_thresholds_of_the_rule_book(sign_in, alarm):
    text = words(sign_in("director").get("/alarms"))
    assert "王静娟 多次被拒绝" in text
    assert "1 小时内 5 次" in text
    assert "1 条没有查实" in text


@pytest.mark.requirement("AUD-01")
@pytest.mark.requirement("AUD-02")
def test_the_trail_names_numbers_and_never_titles_and_quotes_the_penalty(sign_in, alarm):
    page = sign_in("director").get(f"/alarms/{alarm.id}")
    text = words(page)
    assert text.count("拒绝办理") == 5
    assert "HT-2026-0001" in text
    assert "绝不外传的题名" not in page.text
    assert "罚款 50 元" in text


def test_what_came_of_it_is_written_down(sign_in, alarm, post):
    client = sign_in("director")
    path = f"/alarms/{alarm.id}/handle"
    answer = post(path, page=f"/alarms/{alarm.id}", remark=" ")
    assert answer.status_code == 422 and "请写查实的情况" in answer.text
    assert post(path, page=f"/alarms/{alarm.id}", remark="已约谈本人").status_code == 303
    text = words(client.get(f"/alarms/{alarm.id}"))
    assert "已约谈本人" in text and "吴文清" in text
    assert "没有待查实的报警" in client.get("/alarms").text
    assert "多次被拒绝" in client.get("/alarms?show=all").text


def test_alarms_are_for_who_looks_into_them(sign_in, alarm):
    client = sign_in("borrower")
    for path in ("/alarms", f"/alarms/{alarm.id}"):
        assert client.get(path).status_code == 403
    assert "/alarms" not in client.get("/loans/mine").text


def test_what_does_not_exist_is_not_found(sign_in, alarm):
    assert sign_in("director").get("/alarms/999").status_code == 404


@pytest.mark.requirement("AUD-01")
def test_pages_used_from_two_addresses_raise_an_alarm(sign_in, at, monkeypatch):
    client = sign_in("borrower")
    for address in ("10.0.0.7", "203.0.113.40"):
        client.get("/loans/mine", environ_overrides={"REMOTE_ADDR": address})
        client.get("/notices", environ_overrides={"REMOTE_ADDR": address})
    assert AccountUse.select().count() == 2
    watching.watch(at)
    row = Alarm.get()
    assert row.kind == "two_places"
    page = sign_in("director").get(f"/alarms/{row.id}")
    assert "203.0.113.40" in page.text and "10.0.0.7" in page.text


@pytest.mark.requirement("AUD-01")
def test_asking_for_pages_one_may_not_enter_five_times_raises_an_alarm(sign_in, at):
    client = sign_in("borrower")
    for _n in range(5):
        assert client.get("/audit").status_code == 403
    watching.watch(at)
    assert [(row.kind, row.count) for row in Alarm.select()] == [("refusals", 5)]


def test_a_refusal_keeps_the_address_it_came_from(sign_in, people, at):
    from archive_app.core.audit import AuditEvent

    sign_in("borrower").get("/audit", environ_overrides={"REMOTE_ADDR": "10.0.0.7"})
    assert '"address":"10.0.0.7"' in AuditEvent.select().order_by(AuditEvent.seq.desc()).get().data


@pytest.mark.requirement("AUD-01")
def test_trying_numbers_in_the_address_raises_an_alarm_and_the_trail_says_which(sign_in, at, folder):
    hidden = folder("top_secret")
    client = sign_in("borrower")
    for number in (hidden.id, 990, 991, 992, 993):
        assert client.get(f"/folders/{number}").status_code == 404
    watching.watch(at)
    row = Alarm.get()
    assert (row.kind, row.count) == ("refusals", 5)
    page = sign_in("director").get(f"/alarms/{row.id}").text
    assert "folder_id 990" in page and hidden.title not in page
