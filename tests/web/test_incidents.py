"""Screens of losses and damage: reported, decided on the same page, settled; the folder is never hidden."""

from __future__ import annotations

import pytest

from archive_app.loans import incidents, service
from archive_app.loans.models import Incident, Loan
from archive_app.records.models import Folder
from tests.lending import words

pytest_plugins = ["tests.lending"]
FACTS = "出差途中公文包被窃，已报案。"


@pytest.fixture
def out(people, at, approved):
    loan = approved("open", who=people.manager)
    return service.hand_over(loan.id, actor=people.archivist, at=at)


@pytest.mark.requirement("LOAN-15")
def test_the_borrower_reports_his_loss_and_sees_what_the_table_says(sign_in, post, out):
    sign_in("manager")
    page = f"/incidents/new?loan={out.id}"
    answer = post(page, kind="loss", facts="")
    assert answer.status_code == 422 and "请写明经过" in answer.text
    answer = post(page, kind="loss", facts=FACTS)
    assert answer.status_code == 303
    shown = words(sign_in("manager").get(answer.location))
    assert "丢失 HT-2026-0001" in shown and "待审批" in shown
    assert "罚款 500 元" in shown and "只列出，不由本系统收" in shown and "经营部客户档案管理制度" in shown
    assert FACTS in shown
    assert "打印报告" not in shown  # the keeper prints


@pytest.mark.requirement("AUD-05")
def test_the_lost_folder_is_on_its_page_in_the_list_and_in_the_search(sign_in, people, at, out):
    incidents.report("loss", folder_id=out.folder_id, facts=FACTS, actor=people.archivist, at=at)
    client = sign_in("borrower")
    for path in (f"/folders/{out.folder_id}", "/folders", "/search?q=无锡"):
        page = words(client.get(path))
        assert "HT-2026-0001" in page and "丢失" in page, path
    assert FACTS not in words(client.get(f"/folders/{out.folder_id}"))  # why is for keepers
    page = words(sign_in("archivist").get(f"/folders/{out.folder_id}"))
    assert "DS-2026-0001" in page and "登记为丢失，正在查找" in page


@pytest.mark.requirement("AUD-05")
def test_a_report_goes_its_way_on_its_page(sign_in, post, people, at, out):
    row = incidents.report(
        "missing_pages", folder_id=out.folder_id, pages=2, facts="少第 3、4 页", actor=people.archivist, at=at
    )
    page = f"/incidents/{row.id}"
    client = sign_in("director")
    assert "批准 1 份报告" in client.get(page).text
    answer = post(f"{page}/decide", page, verdict="refused", reason="", position="1")
    assert answer.status_code == 422 and "不批准要写明理由" in answer.text
    assert post(f"{page}/decide", page, verdict="granted", position="1").status_code == 303
    assert post(f"{page}/found", page, remark="").status_code == 403  # deciders do not settle
    sign_in("archivist")
    answer = post(f"{page}/settle", page, measure="made_good", settlement="")
    assert answer.status_code == 422
    answer = post(f"{page}/settle", page, measure="made_good", settlement="当日从电子副本打印 2 页补入")
    assert answer.status_code == 303
    shown = words(client.get(page))
    assert "补齐：当日从电子副本打印 2 页补入" in shown and "已处理" in shown
    assert "已补齐" in words(client.get(f"/folders/{out.folder_id}"))


def test_sent_back_it_is_reported_again_and_a_second_loss_is_refused_with_the_first(
    sign_in, post, people, at, out
):
    row = incidents.report("loss", folder_id=out.folder_id, facts=FACTS, actor=people.archivist, at=at)
    incidents.decide(row.id, "refused", "没有写清何时", actor=people.director, at=at)
    sign_in("archivist")
    page = f"/incidents/{row.id}"
    assert post(f"{page}/again", page, facts="11 月 18 日晚在成都", pages="").status_code == 303
    assert Incident.get_by_id(row.id).state == "reported"
    answer = post(f"/incidents/new?folder={out.folder_id}", kind="loss", facts="第二个台也报")
    assert answer.status_code == 409 and "DS-2026-0001" in answer.text
    answer = post(f"{page}/found", page, remark="在抽屉里")
    assert answer.status_code == 303
    assert Folder.get_by_id(out.folder_id).custody == "on_shelf"
    assert Loan.get_by_id(out.id).state == "returned"


def test_the_register_shows_each_what_he_may_know(sign_in, people, at, out, folder):
    incidents.report("loss", folder_id=out.folder_id, facts=FACTS, actor=people.manager, at=at)
    secret = folder("top_secret", title="绝密合同")
    incidents.report("damage", folder_id=secret.id, facts="封面破", actor=people.archivist, at=at)
    mine = words(sign_in("manager").get("/incidents"))
    assert "HT-2026-0001" in mine and "绝密合同" not in mine
    assert "没有丢失和损坏" in words(sign_in("colleague").get("/incidents"))
    every = words(sign_in("archivist").get("/incidents?state=reported"))
    assert "HT-2026-0001" in every and "绝密合同" in every
    assert "绝密合同" not in words(sign_in("archivist").get("/incidents?kind=loss"))


def test_one_form_is_printed_with_its_hash_and_counted(sign_in, people, at, out):
    row = incidents.report("loss", folder_id=out.folder_id, facts=FACTS, actor=people.archivist, at=at)
    answer = sign_in("archivist").get(f"/incidents/{row.id}/report.pdf")
    assert answer.data.startswith(b"%PDF") and "DS-2026-0001.pdf" in answer.headers["Content-Disposition"]
    assert "丢失（损坏）报告 DS-2026-0001" in words(sign_in("archivist").get("/prints"))
