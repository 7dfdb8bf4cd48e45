"""The pages of registers and reports: narrowed by the address, the same rows as Excel and as PDF."""

from __future__ import annotations

import io
import re
from urllib.parse import urlsplit

import pytest
from openpyxl import load_workbook

from archive_app.core import clock
from archive_app.loans.models import Loan
from archive_app.people.models import ArchiveUnit, User
from archive_app.prints import queries as prints
from archive_app.prints.models import Print
from archive_app.records.models import Folder
from archive_app.reports import queries
from tests.bench.loan_books import fill
from tests.lending import wall, words

pytest_plugins = ["tests.lending"]
NAMES = [register.name for register in queries.LISTED]


@pytest.fixture
def later(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: wall(15))


def test_every_register_has_a_page_when_there_is_nothing_to_show(sign_in):
    client = sign_in("archivist")
    index = words(client.get("/reports"))
    for register in queries.LISTED:
        assert str(register.title) in index
        page = client.get(f"/reports/{register.name}")
        assert page.status_code == 200 and ("还没有记录" in words(page)), register.name
    assert "每月 5 日自动编制" in index
    assert client.get("/reports/nonsense").status_code == client.get("/reports/timeline").status_code == 404


@pytest.mark.parametrize("name", ["", *NAMES])
def test_reports_are_for_those_whose_role_has_them(sign_in, name):
    address = f"/reports/{name}".rstrip("/")
    assert sign_in("manager").get(address).status_code == 403
    assert sign_in("auditor").get(address).status_code == 200


@pytest.mark.requirement("LOAN-06")
def test_the_screen_the_excel_file_and_the_paper_have_the_same_rows(sign_in, post, later, approved, desk):
    desk.back(desk.hand(approved(), wall(9)), wall(10))
    out = desk.hand(approved("open"), wall(9))
    client = sign_in("archivist")
    page = client.get("/reports/loans?state=away&period=this_month")
    shown = set(re.findall(r"HT-2026-\d{4}", page.text))
    assert shown == {out.folder.file_number}
    link = re.search(r'href="(/reports/loans\.xlsx[^"]*)"', page.text)[1].replace("&amp;", "&")
    sheet = load_workbook(io.BytesIO(client.get(link).data)).active
    assert [row[1].value for row in sheet.iter_rows(min_row=4)] == [out.folder.file_number]
    form = page.text.partition('action="/reports/loans/print"')[2].partition("</form>")[0]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    hidden.pop("csrf_token", None)
    assert hidden == {"state": "away", "period": "this_month"}
    answer = post("/reports/loans/print", "/reports/loans", **hidden)
    assert answer.status_code == 303
    row = Print.get_by_id(int(urlsplit(answer.location).path.split("/")[-1]))
    lines = prints.content_of(row)["lines"]
    assert len(lines) == 1 and out.folder.file_number in str(lines)
    assert client.get(answer.location).status_code == 200


def test_a_wrong_date_is_said_and_narrows_nothing(sign_in):
    page = sign_in("archivist").get("/reports/loans?from=2026-99-99")
    assert page.status_code == 422 and "请写成 2026-11-19 这样的日期" in words(page)
    assert sign_in("archivist").get("/reports/loans.xlsx?period=x").status_code == 422
    assert sign_in("archivist").get("/reports/loans?older=nonsense").status_code == 404


def test_pages_follow_each_other_and_keep_what_they_are_narrowed_to(archive, people, sign_in, at):
    fill(120, list(User.select()), ArchiveUnit.get().id, at)
    client, seen, url = sign_in("archivist"), [], "/reports/loans?period=all&state=returned"
    while url:
        page = client.get(url)
        seen += re.findall(r"JY-\d{4}-\d{4}", page.text)
        assert 'value="returned" selected' in page.text
        found = re.search(r'rel="next" href="([^"]+)"', page.text)
        url = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 90


@pytest.mark.requirement("SEC-16")
def test_nothing_in_a_title_becomes_markup(sign_in, later, approved, desk):
    loan = desk.hand(approved(), wall(9))
    evil = '<script>alert(1)</script> "㛃𬭎" 😀 ' + "长" * 400
    Folder.update(title=evil).where(Folder.id == loan.folder_id).execute()
    Loan.update(purpose=evil[:60]).execute()
    for name in ("loans", "outstanding", "overdue"):
        text = sign_in("archivist").get(f"/reports/{name}").text
        assert "<script>alert" not in text and "㛃𬭎" in text
        assert " style=" not in text, "the policy of the pages allows no inline style"


def test_use_is_drawn_and_its_numbers_can_be_unfolded(sign_in, later, approved, desk):
    loan = desk.hand(approved("open"), wall(9))
    desk.back(loan, wall(10))
    Loan.update(purpose_class="工作查考", effect="解决问题").execute()
    page = sign_in("archivist").get("/reports/use")
    assert page.text.count('<svg class="chart"') >= 4 and " style=" not in page.text
    assert re.search(r"工作查考 1 1", words(page)), "one loan with this purpose and effect"


@pytest.mark.requirement("AUD-08")
def test_a_folders_timeline_is_drawn_and_linked_from_its_page(sign_in, later, approved, desk):
    loan = desk.hand(approved(), wall(11))
    address = f"/reports/folder/{loan.folder_id}"
    assert address in sign_in("archivist").get(f"/folders/{loan.folder_id}").text
    page = sign_in("archivist").get(address)
    assert 'class="k-lent"' in page.text and "王静娟" in words(page)
    sheet = load_workbook(io.BytesIO(sign_in("archivist").get(f"{address}.xlsx").data)).active
    assert [row[2].value for row in sheet.iter_rows(min_row=4)] == ["外借", "在架"]
    assert sign_in("archivist").get("/reports/folder/999999").status_code == 404
    assert address not in sign_in("borrower").get(f"/folders/{loan.folder_id}").text


@pytest.mark.requirement("AUD-02")
def test_the_penalty_table_stands_below_what_was_reported(sign_in):
    text = words(sign_in("archivist").get("/reports/penalties"))
    assert "制度的处罚表" in text and "罚款 50" in text and "不在这里收取" in text
