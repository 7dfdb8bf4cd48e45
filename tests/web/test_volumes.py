"""The pages of the yearly binding as a person meets them, with and without scripts."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from archive_app.core import clock
from archive_app.people import rulebook
from archive_app.people import service as accounts
from archive_app.records.models import Folder
from archive_app.records.service import add_document, edit_folder, register_folder
from archive_app.volumes import queries, service
from archive_app.volumes.models import Acceptance, Unbinding, Volume, VolumeItem, YearRuling
from archive_app.volumes.shelf import columns, spine
from tests.conftest import PASSWORD
from tests.lending import words

pytest_plugins = ["tests.lending"]

YEAR = "/volumes/YW/2025"


@pytest.fixture
def paper(people, at):
    """Register a folder with its documents: (title, pages, what else is known)."""

    def make(title, *documents, category="YW", year=2025, secrecy="open"):
        folder = register_folder(
            category, year, title, secrecy=secrecy, department_id=people.departments["XS"].id,
            actor=people.archivist, at=at,
        )  # fmt: skip
        for number, (name, pages, more) in enumerate(documents, start=1):
            values = {"dated": date(year, 3, number)} | more
            add_document(folder.id, title=name, pages=pages, actor=people.archivist, at=at, **values)
        return folder

    return make


@pytest.fixture
def checker(people, at):
    """A second keeper, who checks what the archivist arranged."""
    user = accounts.create_user(
        "second",
        "罗佳",
        "档案管理员",
        PASSWORD,
        department=people.departments["ZB"],
        actor=people.admin,
        at=at,
    )
    return accounts.actor_of(user, at)


@pytest.fixture
def year(paper):
    """Three folders of 2025: a request with its reply, a report with an attachment, a letter."""
    return (
        paper(
            "质保期事项",
            ("关于延长质保期的请示", 3, {"part": "request", "group": "质保", "dated": date(2025, 8, 11)}),
            ("关于同意延长质保期的批复", 2, {"part": "reply", "group": "质保", "dated": date(2025, 9, 1)}),
        ),
        paper(
            "经营报告",
            ("年中经营报告", 6, {"group": "报告"}),
            ("附表", 4, {"part": "attachment", "group": "报告"}),
        ),
        paper("来往信函", ("询价函", 1, {}), ("报价函", 2, {}), ("回复函", 1, {})),
    )


@pytest.fixture
def volume(year, people, at):
    (made,) = service.propose("YW", 2025, actor=people.archivist, at=at)
    return made


def lines(volume):
    return queries.contents(Volume.get_by_id(volume.id))


def titles(volume):
    return [line.document.title for line in lines(volume)]


def item(volume, title):
    return next(line.item_id for line in lines(volume) if line.document.title == title)


def revision(volume):
    return Volume.get_by_id(volume.id).revision


# The years


@pytest.mark.requirement("ARR-16")
def test_the_years_say_how_far_each_is_and_lead_to_the_wizard(sign_in, volume):
    page = sign_in("archivist").get("/volumes")
    assert "2025 YW" in words(page)
    assert "待整理 1" in words(page)
    assert "7 件中 0 件已装订，7 件已入卷" in page.text
    assert f'href="{YEAR}"' in page.text


def test_an_open_year_offers_to_propose_its_volumes_and_a_second_click_changes_nothing(sign_in, post, year):
    page = sign_in("archivist").get(YEAR)
    assert "按制度组卷" in words(page)
    assert "3 份还没有入卷" in words(page)
    answer = post(f"{YEAR}/propose", YEAR)
    assert answer.status_code == 303
    assert "已组成 1 卷" in words(sign_in("archivist").get(answer.location))
    before = Volume.select().where(Volume.state == "open").count()
    post(f"{YEAR}/propose", YEAR)
    assert Volume.select().where(Volume.state == "open").count() == before


@pytest.mark.requirement("ARR-09")
def test_every_position_shows_its_reason_and_its_clause(sign_in, volume):
    page = sign_in("archivist").get(f"{YEAR}?volume={volume.id}")
    text = words(page)
    assert text.index("关于同意延长质保期的批复") < text.index("关于延长质保期的请示")
    for line in lines(volume):
        assert line.reason in text
        assert line.clause in text
    assert len(re.findall(r"<tr id=\"item-", page.text)) == 7


def test_the_spine_on_the_shelf_says_what_it_is_to_who_cannot_see_it(sign_in, volume):
    page = sign_in("archivist").get(YEAR + "?stage=volumes")
    assert "第 1 卷" in words(page)
    assert "毫米，待整理" in words(page)
    assert "style=" not in page.text


# Moving by hand


def test_the_order_can_be_changed_without_scripts_and_the_reason_stays(sign_in, post, volume):
    sign_in("archivist")
    which = item(volume, "回复函")
    page = f"/volume-items/{which}"
    assert "为什么在这里" in words(sign_in("archivist").get(page))
    place = titles(volume).index("询价函") + 1
    answer = post(f"{page}/move", page, place=place, reason="回复在前便于查找", revision=revision(volume))
    assert answer.status_code == 303
    assert titles(volume)[place - 1] == "回复函"
    shown = words(sign_in("archivist").get(answer.location))
    assert "陈静宜 手工移动：回复在前便于查找" in shown


@pytest.mark.requirement("ARR-02")
def test_a_group_is_not_torn_the_refusal_quotes_the_clause_and_nothing_moved(sign_in, post, volume):
    sign_in("archivist")
    before = titles(volume)
    page = f"/volume-items/{item(volume, '附表')}"
    answer = post(
        f"{page}/move",
        page,
        place=before.index("关于延长质保期的请示") + 1,
        reason="试",
        revision=revision(volume),
    )
    assert answer.status_code == 409
    assert 'class="refuse"' in answer.text
    assert "<blockquote>" in answer.text
    assert 'value="试"' in answer.text  # what was typed stays
    assert titles(volume) == before


def test_a_move_without_a_reason_is_asked_for_it_and_keeps_the_place(sign_in, post, volume):
    sign_in("archivist")
    page = f"/volume-items/{item(volume, '回复函')}"
    answer = post(f"{page}/move", page, place=5, reason="", revision=revision(volume))
    assert answer.status_code == 422
    assert "请写理由" in words(answer)
    assert 'value="5"' in answer.text


def test_scripts_get_the_refusal_as_four_parts(sign_in, client, volume):
    sign_in("archivist")
    which = item(volume, "附表")
    token = re.search(r'csrf-token" content="([^"]+)', client.get(YEAR).text)[1]
    answer = client.post(
        f"/volume-items/{which}/move", data={"place": 1, "reason": "试", "revision": revision(volume)},
        headers={"Accept": "application/json", "X-CSRFToken": token},
    )  # fmt: skip
    assert answer.status_code == 409
    assert set(answer.json) >= {"message", "rule", "clause", "may_decide", "next_step"}
    assert answer.json["rule"]
    silent = client.post(
        f"/volume-items/{which}/move", data={"place": 1, "reason": "", "revision": revision(volume)},
        headers={"Accept": "application/json", "X-CSRFToken": token},
    )  # fmt: skip
    assert (silent.status_code, list(silent.json["fields"])) == (422, ["reason"])


def test_of_two_archivists_on_one_volume_the_second_is_told_and_changes_nothing(sign_in, post, volume):
    sign_in("archivist")
    seen = revision(volume)
    page = f"/volume-items/{item(volume, '回复函')}"
    place = titles(volume).index("询价函") + 1
    assert post(f"{page}/move", page, place=place, reason="先看到的", revision=seen).status_code == 303
    after = titles(volume)
    late = post(f"{page}/move", page, place=place + 2, reason="晚一步", revision=seen)
    assert late.status_code == 409
    assert titles(volume) == after
    again = sign_in("archivist").get(f"{YEAR}?volume={volume.id}")  # Back, then reload: the new order
    assert f'data-revision="{revision(volume)}"' in again.text


# Adjusting volumes


def test_a_volume_is_split_at_a_folder_and_merged_again(sign_in, post, volume):
    sign_in("archivist")
    page = f"/volume-items/{item(volume, '询价函')}"
    answer = post(f"{page}/split", page, revision=revision(volume))
    assert answer.status_code == 303
    first, second = Volume.select().where(Volume.state == "open").order_by(Volume.place_in_year)
    assert titles(second) == ["询价函", "报价函", "回复函"]
    wizard = f"{YEAR}?volume={first.id}"
    assert "与后一卷并成一卷" in words(sign_in("archivist").get(wizard))
    answer = post(f"/volumes/{first.id}/merge", wizard, next=second.id, revision=revision(first))
    assert answer.status_code == 303
    assert len(titles(first)) == 7


def test_a_folder_moves_to_another_volume_or_out_with_a_reason(sign_in, post, volume):
    sign_in("archivist")
    page = f"/volume-items/{item(volume, '询价函')}"
    post(f"{page}/split", page, revision=revision(volume))
    first, second = Volume.select().where(Volume.state == "open").order_by(Volume.place_in_year)
    page = f"/volume-items/{item(first, '年中经营报告')}"
    values = {"reason": "与信函同案", "revision": revision(first)}
    assert post(f"{page}/folder", page, to=second.id, **values).status_code == 303
    assert "年中经营报告" in titles(second)
    page = f"/volume-items/{item(second, '询价函')}"
    post(f"{page}/folder", page, to="out", reason="等客户补件", revision=revision(second))
    assert "询价函" not in titles(second)
    assert "1 份还没有入卷" in words(sign_in("archivist").get(f"{YEAR}?stage=collect"))


@pytest.mark.requirement("ARR-03")
def test_a_top_secret_folder_is_not_moved_among_ordinary_ones(sign_in, post, year, paper, people, at):
    paper("并购底价", ("底价测算", 4, {}), secrecy="top_secret")
    ordinary, alone = service.propose("YW", 2025, actor=people.archivist, at=at)
    sign_in("archivist")
    assert "绝密 单独立卷" in sign_in("archivist").get(f"{YEAR}?stage=volumes").text
    page = f"/volume-items/{item(alone, '底价测算')}"
    answer = post(f"{page}/folder", page, to=ordinary.id, reason="试", revision=revision(alone))
    assert answer.status_code == 409
    assert "<blockquote>" in answer.text
    assert titles(alone) == ["底价测算"]


def test_the_title_of_a_volume_can_be_changed_until_it_is_checked(sign_in, post, volume):
    sign_in("archivist")
    page = f"/volumes/{volume.id}"
    empty = post(f"{page}/name", page, title="", remark="", revision=revision(volume))
    assert empty.status_code == 422
    assert "请填案卷题名" in words(empty)
    values = {"title": "2025 年业务往来", "remark": "原卷两件为复印件", "revision": revision(volume)}
    assert post(f"{page}/name", page, to="page", **values).location == page
    assert "2025 年业务往来" in words(sign_in("archivist").get(page))


# Which year


@pytest.mark.requirement("ARR-05")
def test_another_year_needs_a_reason_and_is_shown_with_it(sign_in, post, volume, year):
    sign_in("archivist")
    document = next(line.document for line in lines(volume) if line.document.title == "询价函")
    page = f"/documents/{document.id}/year"
    assert post(page, page, year=2026, reason="").status_code == 422
    assert YearRuling.select().count() == 0
    answer = post(page, page, year=2026, reason="合同次年履行")
    assert answer.status_code == 303
    assert "合同次年履行" in words(sign_in("archivist").get(f"{YEAR}?stage=collect"))
    wrong = post(page, page, year=20261, reason="打错")
    assert wrong.status_code == 422


# What holds a volume back


@pytest.mark.requirement("ARR-12")
def test_what_holds_a_volume_back_is_listed_with_the_place_to_mend_it(sign_in, post, paper, people, at):
    folder = paper("设备合同", ("购销合同", 6, {}), category="HT")
    (volume,) = service.propose("HT", 2025, actor=people.archivist, at=at)
    page = "/volumes/HT/2025"
    text = words(sign_in("archivist").get(page + "?stage=volumes"))
    assert "没有扫描件" in text
    assert folder.file_number in text
    assert "补扫" in text
    assert (
        post(
            f"/folders/{folder.id}/accept", page + "?stage=volumes", problem="no_scan", reason=""
        ).status_code
        == 422
    )
    answer = post(
        f"/folders/{folder.id}/accept",
        page + "?stage=volumes",
        problem="no_scan",
        reason="本年度后补扫",
        back=2025,
    )
    assert answer.status_code == 303
    assert Acceptance.get().reason == "本年度后补扫"
    assert "陈静宜 接受：本年度后补扫" in words(sign_in("archivist").get(page + "?stage=volumes"))
    assert volume.id


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


@pytest.fixture
def bound(volume, people, checker, at, app, monkeypatch):
    """The volume bound at ten; what follows happens an hour later."""
    service.arrange(volume.id, actor=people.archivist, at=at)
    service.check_volume(volume.id, actor=checker, at=at)
    done = service.bind_now(volume.id, actor=people.archivist, at=at)
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(hours=1))
    return done


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
    assert "案卷封面 印过 1 次 案卷封面： 第 2 次" in again
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
    from archive_app.printing import barcode
    from archive_app.stacks import service as stacks

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


# The drawing


def test_spines_are_drawn_to_scale_and_thin_ones_can_still_be_hit():
    assert spine(33, "销售合同 二", "0014–0029", flagged=False).width == 118.8
    thin = spine(0.4, "销售合同", "0001", flagged=False)
    assert thin.slot >= 24
    assert thin.tail == ()
    assert spine(33, "销售合同", "0014–0029", flagged=False).tail == ("0014–0029",)
    assert spine(14, "销售合同", "0014–0029", flagged=False).tail == ("0014", "–0029")


def test_a_long_title_ends_in_an_ellipsis_and_a_short_one_is_whole():
    assert columns("销售合同 二", 1, 8) == ["销售合同 二"]
    assert columns("质保期事项及往来信函汇编", 1, 8) == ["质保期事项及往…"]
    assert "".join(columns("质保期事项及往来信函汇编", 3, 8)) == "质保期事项及往来信函汇编"


def test_a_released_item_has_no_page(sign_in, volume, people, at):
    which = item(volume, "询价函")
    service.dissolve(volume.id, actor=people.archivist, at=at)
    assert VolumeItem.get_by_id(which).released_at is not None
    assert sign_in("archivist").get(f"/volume-items/{which}").status_code == 404
