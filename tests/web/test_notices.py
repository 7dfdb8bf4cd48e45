"""Pages of notices: the bell, the list, opening what a notice is about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.approvals import watching
from archive_app.approvals.models import Approval
from archive_app.notices import service
from archive_app.notices.models import Notice
from archive_app.records.models import Folder
from tests.lending import asked, words

pytest_plugins = ["tests.lending"]


@pytest.fixture
def told(people, at):
    def tell(who="borrower", n=1, **more):
        user = people.by_name[who].user_id
        for i in range(n):
            service.tell([user], "loan.due_soon", f"k{i}", f"HT-2026-{i:04d} 11-19 13:00 到期", at=at, **more)
        return Notice.select().order_by(Notice.id.desc()).first()

    return tell


def test_the_bell_counts_what_was_not_read_on_every_page(sign_in, told):
    client = sign_in("borrower")
    assert 'aria-label="通知"' in client.get("/loans/mine").text
    told(n=3)
    page = client.get("/loans/mine").text
    assert 'aria-label="通知，3 条未读"' in page


def test_the_list_shows_the_newest_first_and_only_the_own_ones(sign_in, told):
    told("colleague")
    told("borrower", n=2)
    text = words(sign_in("borrower").get("/notices"))
    assert text.index("HT-2026-0001") < text.index("HT-2026-0000")
    assert "2 条未读" in text


def test_only_what_was_not_read_can_be_shown(sign_in, told, people, at):
    told(n=2)
    service.read(Notice.get(Notice.key == "k0").id, actor=people.borrower, at=at)
    text = words(sign_in("borrower").get("/notices?show=unread"))
    assert "HT-2026-0001" in text and "HT-2026-0000" not in text


def test_one_and_all_are_marked_read_by_buttons(sign_in, told, post):
    told(n=3)
    client = sign_in("borrower")
    first = Notice.get(Notice.key == "k0")
    assert post(f"/notices/{first.id}/read", page="/notices").status_code == 303
    assert Notice.select().where(Notice.read_at.is_null()).count() == 2
    assert post("/notices/read-all", page="/notices").status_code == 303
    assert Notice.select().where(Notice.read_at.is_null()).count() == 0
    assert "都看过了" in client.get("/notices").text


def test_opening_a_notice_reads_it_and_goes_where_it_leads(sign_in, told, folder, people, at):
    seen = folder("open")
    row = told(endpoint="records.folder_page", about={"folder_id": seen.id})
    answer = sign_in("borrower").get(f"/notices/{row.id}")
    assert (answer.status_code, answer.location) == (303, f"/folders/{seen.id}")
    assert Notice.get_by_id(row.id).read_at is not None


def test_a_notice_leads_nowhere_once_the_folder_may_not_be_known(sign_in, told, folder, people, at):
    hidden = folder("open", department="KF")
    row = told("colleague", endpoint="records.folder_page", about={"folder_id": hidden.id})
    client = sign_in("colleague")
    assert f'href="/notices/{row.id}"' in client.get("/notices").text
    Folder.update(secrecy="top_secret").where(Folder.id == hidden.id).execute()
    page = client.get("/notices")
    assert f'href="/notices/{row.id}"' not in page.text
    assert hidden.title not in page.text
    assert client.get(f"/notices/{row.id}").location == "/notices"


def test_a_notice_of_a_page_one_may_not_enter_or_that_is_gone_leads_nowhere(sign_in, told):
    told(endpoint="alarms.alarm_page", about={"alarm_id": 1})
    client = sign_in("borrower")
    assert 'href="/notices/1"' not in client.get("/notices").text
    Notice.update(endpoint="long.gone").execute()
    assert client.get("/notices").status_code == 200
    Notice.update(endpoint="records.folder_page", about='{"other": "x"}').execute()
    assert client.get("/notices").status_code == 200


def test_a_notice_of_a_basket_leads_to_it_only_while_one_has_a_part_in_it(sign_in, told, folder, people, at):
    loan = asked(folder("secret"), people.borrower, at)
    Approval.update(basket=7).where(Approval.id == loan.approval_id).execute()
    rows = {who: told(who, endpoint="approvals.basket", about={"basket_id": 7}) for who in ("gm", "director")}
    assert sign_in("gm").get(f"/notices/{rows['gm'].id}").location == "/approvals/basket/7"
    assert sign_in("director").get(f"/notices/{rows['director'].id}").location == "/notices"


def test_who_is_told_that_nobody_decides_can_look_at_the_request(sign_in, folder, people, at):
    loan = asked(folder("secret"), people.borrower, at)
    watching.watch(at + timedelta(days=3))
    row = Notice.get((Notice.user == people.director.user_id) & (Notice.code == "approval.escalated"))
    client = sign_in("director")
    assert client.get(f"/notices/{row.id}").location == f"/approvals/{loan.approval_id}"
    assert client.get(f"/approvals/{loan.approval_id}", follow_redirects=True).status_code == 200


def test_the_notice_of_somebody_else_is_not_there(sign_in, told):
    row = told("colleague")
    client = sign_in("borrower")
    assert client.get(f"/notices/{row.id}").status_code == 404
    assert Notice.get_by_id(row.id).read_at is None


def test_a_hundred_notices_are_paged_there_and_back(sign_in, told):
    told(n=70)
    client = sign_in("borrower")
    text = client.get("/notices").text
    older = text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(older).text
    assert "HT-2026-0039" in second and "HT-2026-0040" not in second
    newer = second.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "HT-2026-0069" in client.get(newer).text


def test_nonsense_in_the_address_is_the_first_page(sign_in, told):
    told()
    client = sign_in("borrower")
    for query in ("?older=x", "?newer=-1", "?older=99999999999999999999", "?show=nothing"):
        assert client.get(f"/notices{query}").status_code == 200


@pytest.mark.requirement("LOAN-01")
def test_the_start_page_of_staff_says_what_was_not_read(sign_in, told):
    told("archivist", n=2)
    assert "2 条通知没有看" in sign_in("archivist").get("/today").text


def test_an_address_is_set_in_the_form_of_a_person_and_a_wrong_one_is_said_beside_its_field(
    sign_in, people, post
):
    sign_in("admin")
    user = people.users.borrower
    values = {"name": user.name, "title": user.title, "department_id": user.department_id}
    path = f"/people/{user.id}"
    answer = post(path, **values, email="wang@@example")
    assert answer.status_code == 422 and "不像邮件地址" in answer.text
    assert "wang@@example" in answer.text
    assert post(path, **values, email="wang@example.com").status_code == 303
    assert type(user).get_by_id(user.id).email == "wang@example.com"
