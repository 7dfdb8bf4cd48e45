"""Arranged, checked, bound, boxed, opened again: the pages of a volume, and who never sees one."""

from __future__ import annotations

import re

import pytest

from archive_app.people import rulebook
from archive_app.printing import barcode
from archive_app.records.models import Folder
from archive_app.records.service import edit_folder
from archive_app.stacks import service as stacks
from archive_app.volumes import service
from archive_app.volumes.models import Unbinding, Volume
from tests.lending import words
from tests.web.binding import YEAR

pytest_plugins = ["tests.lending", "tests.web.binding"]


# Arranging, checking


@pytest.mark.requirement("ARR-12")
def test_who_arranged_is_asked_to_let_another_check(sign_in, post, volume, checker):
    sign_in("archivist")
    answer = post(f"{YEAR}/arrange", YEAR + "?stage=volumes", volume=volume.id)
    assert answer.status_code == 303
    text = words(sign_in("archivist").get(answer.location))
    assert "已排定 1 卷" in text
    assert "请另一人检查" in text
    refused = post(f"/volumes/{volume.id}/check", f"/volumes/{volume.id}")
    assert refused.status_code == 409
    assert "立卷人和检查人不是同一人" in words(refused)
    assert Volume.get_by_id(volume.id).state == "arranged"
    assert "检查 1 卷" in words(sign_in("second").get(YEAR))
    post(f"{YEAR}/check", YEAR, volume=volume.id)
    assert Volume.get_by_id(volume.id).checked_by == "second"
    assert "打印 1 卷装订包" in words(sign_in("second").get(YEAR))


def test_a_checked_volume_can_be_sent_back_and_then_has_to_be_checked_again(
    sign_in, post, volume, people, checker, at
):
    service.arrange(volume.id, actor=people.archivist, at=at)
    service.check_volume(volume.id, actor=checker, at=at)
    sign_in("archivist")
    post(f"/volumes/{volume.id}/reopen", f"/volumes/{volume.id}", to="page", reason="补一件")
    row = Volume.get_by_id(volume.id)
    assert (row.state, row.checked_by) == ("open", "")


# Binding


@pytest.mark.requirement("ARR-16")
def test_one_button_orders_the_packs_and_a_double_click_orders_each_once(
    sign_in, post, volume, people, checker, at
):
    service.arrange(volume.id, actor=people.archivist, at=at)
    service.check_volume(volume.id, actor=checker, at=at)
    sign_in("archivist")
    answer = post(f"{YEAR}/bind", YEAR, volume=volume.id)
    post(f"{YEAR}/bind", f"{YEAR}?stage=collect", volume=volume.id)
    assert answer.location == f"{YEAR}?stage=bind"
    page = sign_in("archivist").get(answer.location)
    assert "装订包正在画" in words(page)
    assert page.text.count("不画了") == 1
    told = sign_in("archivist").get(f"{YEAR}/progress", headers={"Accept": "application/json"}).json
    assert told["done"] is False
    assert "排队中" in told["html"]


def test_the_page_of_a_bound_volume_says_what_was_frozen_and_counts_its_prints(sign_in, post, bound):
    page = f"/volumes/{bound.id}"
    text = words(sign_in("archivist").get(page))
    assert bound.number in text
    assert bound.digest in text
    assert "备考表" in text
    answer = post(f"{page}/print/volume_cover", page)
    assert answer.data.startswith(b"%PDF")
    again = words(sign_in("archivist").get(page))
    assert "案卷封面 印过 1 次 案卷封面： 打印第 2 次" in again
    assert post(f"{page}/print/loan_slip", page).status_code == 404


@pytest.mark.requirement("ARR-12")
def test_a_change_after_binding_is_written_into_the_change_record(sign_in, post, bound):
    sign_in("archivist")
    page = f"/volumes/{bound.id}"
    assert post(f"{page}/addenda", page, kind="repaired", text="").status_code == 422
    answer = post(f"{page}/addenda", page, kind="repaired", text="第 3 页裱糊")
    assert answer.location == f"{page}#changes"
    text = words(sign_in("archivist").get(page))
    assert "第 3 页裱糊" in text
    assert "修复" in text


def test_a_bound_volume_is_opened_again_only_after_an_approval(sign_in, post, bound):
    sign_in("archivist")
    page = f"/volumes/{bound.id}"
    assert post(f"{page}/unbinding", page, reason="").status_code == 422
    answer = post(f"{page}/unbinding", page, reason="漏装一件合同附件")
    request = Unbinding.get()
    assert answer.location == f"/unbindings/{request.id}"
    assert "这份申请现在不由你决定" in words(sign_in("archivist").get(answer.location))
    inbox = sign_in("director").get("/approvals")
    assert "拆" in words(inbox)
    decision = f"/unbindings/{request.id}"
    text = words(sign_in("director").get(decision))
    assert "陈静宜 申请拆开 1 卷已装订的案卷" in text
    assert "漏装一件合同附件" in text
    position = re.search(r'name="position" value="(\d+)"', sign_in("director").get(decision).text)[1]
    silent = post(decision, decision, verdict="refused", reason="", position=position)
    assert silent.status_code == 422
    assert Volume.get_by_id(bound.id).state == "bound"
    assert post(decision, decision, verdict="granted", position=position).location == "/approvals"
    assert Volume.get_by_id(bound.id).state == "open"
    assert "已批准，案卷可以重新整理" in words(sign_in("director").get(decision))


def test_a_volume_goes_into_the_box_whose_label_is_scanned(sign_in, post, bound, people, at):
    room = stacks.add_place("room", "1", None, name="一号库房", actor=people.archivist, at=at)
    cabinet = stacks.add_place("cabinet", "A03", room.id, actor=people.archivist, at=at)
    shelf = stacks.add_place("shelf", "2", cabinet.id, actor=people.archivist, at=at)
    box = stacks.add_place("box", "4", shelf.id, width_mm=40, actor=people.archivist, at=at)
    sign_in("archivist")
    page = f"/volumes/{bound.id}"
    wrong = post(f"{page}/box", page, box="没有的盒")
    assert wrong.status_code == 422
    assert "没有找到这个盒" in words(wrong)
    assert "没有的盒" in wrong.text
    post(f"{page}/box", page, box=barcode.payload(barcode.BarcodeType.BOX, box.id), to="page")
    assert Volume.get_by_id(bound.id).state == "boxed"
    assert box.path in words(sign_in("archivist").get(page))
    assert box.path in words(sign_in("archivist").get(f"{YEAR}?stage=box"))


# The folder's page, lists, what is hidden


def test_the_folder_says_in_which_volume_and_on_which_pages_it_is_bound(sign_in, bound, year):
    folder = year[0]
    text = words(sign_in("archivist").get(f"/folders/{folder.id}"))
    assert f"已装订 {bound.number}" in text
    assert "2 件·第 1–5 页" in text
    assert bound.number not in words(sign_in("borrower").get(f"/folders/{folder.id}"))


def test_the_lists_of_a_year_are_ordered_in_the_background(sign_in, post, bound):
    page = sign_in("archivist").get("/lists")
    for name in ("归档文件目录", "案卷目录", "全引目录"):
        assert name in words(page)
    answer = post("/lists/volume_list/YW/2025", "/lists")
    assert re.fullmatch(r"/prints/\d+", answer.location)
    assert "案卷目录 YW 2025" in words(sign_in("archivist").get("/lists"))


@pytest.mark.requirement("SEC-16")
def test_a_volume_with_a_folder_one_may_not_know_is_not_there_at_all(sign_in, paper, people, at):
    paper("并购底价", ("底价测算", 4, {}), secrecy="top_secret")
    (alone,) = service.propose("YW", 2025, actor=people.archivist, at=at)
    text = rulebook.profile_text("default")
    roles = '"archivist", "office_director", "deputy_general_manager", "general_manager", "auditor"]'
    everybody = f"[secrecy.top_secret.known]\nroles = [{roles}"
    narrower = text.replace(everybody, everybody.replace(', "auditor"', ""))
    assert narrower != text
    rulebook.adopt(narrower, "default", actor=people.director, at=at)
    assert sign_in("auditor").get(f"/volumes/{alone.id}").status_code == 404
    for page in ("/volumes", f"{YEAR}?stage=volumes", f"{YEAR}?stage=collect", "/lists"):
        answer = sign_in("auditor").get(page)
        assert "并购底价" not in answer.text
        assert "底价测算" not in answer.text


def test_a_renamed_folder_in_a_checked_volume_is_pointed_out(sign_in, volume, people, checker, year, at):
    service.arrange(volume.id, actor=people.archivist, at=at)
    service.check_volume(volume.id, actor=checker, at=at)
    changed = year[2]
    seen = Folder.get_by_id(changed.id).revision
    edit_folder(changed.id, {"title": "来往信函（补）"}, "改正题名", seen, actor=people.archivist, at=at)
    assert changed.file_number in words(sign_in("archivist").get(f"{YEAR}?stage=volumes"))
