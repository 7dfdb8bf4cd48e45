"""The page of both sets: chart with figures, filters, the one button that mends, electronic catalogs."""

from __future__ import annotations

import re

import pytest

from archive_app.people.models import User
from archive_app.prints.models import Print
from archive_app.scans.models import ElectronicFile, ScanPage
from tests.dual import folder, line, scan


def text_of(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return answer.get_data(as_text=True)


def row_of(page, number):
    (row,) = [part for part in page.split("<tr>") if f">{number}</a>" in part]
    return row.split("</tr>")[0]


def csrf(page):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)


@pytest.mark.requirement("DUAL-01")
@pytest.mark.requirement("DUAL-07")
def test_the_page_shows_progress_in_figures_and_every_folder_with_its_mending(sign_in, people, at):
    good, bare, short = folder(people, at), folder(people, at), folder(people, at)
    for one in (good, bare, short):
        line(one, people, at)
    scan(good)
    scan(short, ("read", "read"))
    page = text_of(sign_in("archivist").get("/dual"))
    chart = page.split('class="t ptable"')[1].split("</table>")[0]
    assert "33%" in chart and "1/3" in chart and "2026" in chart and 'aria-hidden="true"' in chart
    assert "两套齐全" in row_of(page, good.file_number) and "btn" not in row_of(page, good.file_number)
    assert "缺扫描件" in row_of(page, bare.file_number)
    assert f"/folders/{bare.id}/scans" in row_of(page, bare.file_number)
    assert "补扫" in row_of(page, bare.file_number)
    assert "页数不符" in row_of(page, short.file_number) and "3 页" in row_of(page, short.file_number)
    assert "A03 柜 2 格" in row_of(page, short.file_number)


@pytest.mark.requirement("DUAL-06")
def test_a_missing_hard_copy_leads_to_the_document(sign_in, people, at):
    one = folder(people, at)
    document = line(one, people, at, medium="electronic")
    scan(one, document=document)
    row = row_of(text_of(sign_in("archivist").get("/dual?wrong=missing_paper")), one.file_number)
    assert "缺纸质" in row and f"/documents/{document.id}/edit" in row and "补纸质" in row


def test_the_filters_narrow_the_list_and_the_links_to_the_work_list(sign_in, people, at):
    old, new = folder(people, at, year=2025), folder(people, at)
    client = sign_in("archivist")
    page = text_of(client.get("/dual?category=HT&year=2025&wrong=missing_scan"))
    assert old.file_number in page and new.file_number not in page
    assert "/scans?category=HT&amp;year=2025" in page
    page = text_of(client.get("/dual?wrong=nonsense&year=x"))
    assert old.file_number in page and new.file_number in page
    assert "没有这样的档案" in text_of(client.get("/dual?category=HT&year=1999"))


def test_a_failed_scan_is_tried_again_from_its_row_and_one_comes_back_to_the_same_list(sign_in, people, at):
    one = folder(people, at)
    line(one, people, at)
    scan(one, (), state="failed")
    client = sign_in("archivist")
    page = text_of(client.get("/dual?wrong=scan_failed&year=2026"))
    action = re.search(r'action="([^"]+retry[^"]*)"', row_of(page, one.file_number)).group(1)
    action = action.replace("&amp;", "&")
    answer = client.post(action, data={"csrf_token": csrf(page), "back": "dual"})
    assert (answer.status_code, answer.location) == (303, "/dual?year=2026&wrong=scan_failed")
    assert ElectronicFile.get().state == "received"
    assert "没有这样的档案" in text_of(client.get(answer.location))


@pytest.mark.requirement("SEC-16")
def test_what_may_not_be_known_is_not_on_the_page_for_anybody_with_the_permission(sign_in, people, at):
    seen = folder(people, at, "看得见的合同")
    hidden = folder(people, at, "藏起来的合同", secrecy="top_secret")
    for one in (seen, hidden):
        scan(one, document=line(one, people, at))
    client = sign_in("archivist")
    assert "藏起来的合同" in text_of(client.get("/dual"))
    from archive_app.records import queries as records
    from archive_app.scans import reconcile

    for name, actor in people.by_name.items():
        known = {row.folder.id for row in reconcile.folders(actor, at, reconcile.Filters()).rows}
        page = sign_in(name).get("/dual").get_data(as_text=True)
        assert ("藏起来的合同" in page) == (hidden.id in known and actor.can("dual.view")), name
        assert known == {row.id for row in records.list_folders(actor, at, records.Filters()).rows}, name


def test_a_reader_without_the_right_to_the_text_gets_no_link_to_the_page(sign_in, people, at):
    one = folder(people, at, secrecy="confidential")
    scan(one, document=line(one, people, at), sure=50.0)
    page = ScanPage.get()
    row = row_of(text_of(sign_in("gm").get("/dual")), one.file_number)
    assert "最低 50%" in row and f"/pages/{page.id}" not in row


def test_the_buttons_follow_the_permissions(sign_in, people, at):
    one = folder(people, at)
    line(one, people, at)
    scan(one, (), state="failed")
    row = row_of(text_of(sign_in("auditor").get("/dual")), one.file_number)
    assert "扫描没办成" in row and "<form" not in row
    assert sign_in("borrower").get("/dual").status_code in (403, 409)


@pytest.mark.requirement("DUAL-04")
def test_the_remark_of_the_electronic_files_follows_the_paper(sign_in, people, at):
    from archive_app.records.service import set_place

    one = folder(people, at)
    scan(one, document=line(one, people, at))
    client = sign_in("archivist")
    assert f"纸质 {one.file_number}，A03 柜 2 格" in text_of(client.get(f"/folders/{one.id}/scans"))
    set_place(one.id, "B01 柜 1 格", actor=people.archivist, at=at)
    assert f"纸质 {one.file_number}，B01 柜 1 格" in text_of(client.get(f"/folders/{one.id}/scans"))


@pytest.mark.slow
@pytest.mark.requirement("DUAL-04")
def test_the_catalogs_of_a_folder_and_of_a_year_are_printed_and_registered(sign_in, people, at):
    one = folder(people, at)
    scan(one, document=line(one, people, at))
    client = sign_in("archivist")
    token = csrf(text_of(client.get(f"/folders/{one.id}/scans")))
    first = client.post(f"/folders/{one.id}/scans/catalog", data={"csrf_token": token})
    assert first.status_code == 303
    second = client.post("/dual/catalog", data={"csrf_token": token, "category": "HT", "year": "2026"})
    assert second.status_code == 303
    rows = list(Print.select().order_by(Print.id))
    assert [(row.kind, row.number) for row in rows] == [("folder", 1), ("electronic_year", 1)]
    assert {row.state for row in rows} == {"done"}
    assert rows[1].key == "HT/2026/3" and rows[0].key == str(one.id)
    assert client.get(f"/prints/{rows[0].id}/pdf").data.startswith(b"%PDF")
    assert client.post("/dual/catalog", data={"csrf_token": token, "category": "HT"}).status_code == 404
    assert User.get(User.username == rows[0].printed_by).username == "archivist"
