"""The wizard of the yearly binding as a person meets it, with and without scripts."""

from __future__ import annotations

import re

import pytest

from archive_app.volumes import service
from archive_app.volumes.models import Acceptance, Volume, VolumeItem, YearRuling
from tests.lending import words
from tests.web.binding import YEAR, item, lines, revision, titles

pytest_plugins = ["tests.lending", "tests.web.binding"]


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


def test_one_reason_accepts_the_same_difference_of_a_whole_year(sign_in, post, paper, people, at):
    for number in range(5):
        paper(f"设备合同{number}", ("购销合同", 6, {}), category="HT")
    service.propose("HT", 2025, actor=people.archivist, at=at)
    page = "/volumes/HT/2025"
    assert "5 份都照此装订" in words(sign_in("archivist").get(page + "?stage=volumes"))
    no_reason = post(page + "/accept", page + "?stage=volumes", problem="no_scan", reason=" ")
    assert no_reason.status_code == 422
    assert Acceptance.select().count() == 0
    answer = post(page + "/accept", page + "?stage=volumes", problem="no_scan", reason="先装订，次年补扫")
    assert answer.status_code == 303
    assert Acceptance.select().count() == 5
    assert "没有挡住装订的问题" in words(sign_in("archivist").get(page + "?stage=volumes"))
    again = post(page + "/accept", page + "?stage=volumes", problem="no_scan", reason="先装订，次年补扫")
    assert again.status_code == 409
    assert Acceptance.select().count() == 5


def test_a_released_item_has_no_page(sign_in, volume, people, at):
    which = item(volume, "询价函")
    service.dissolve(volume.id, actor=people.archivist, at=at)
    assert VolumeItem.get_by_id(which).released_at is not None
    assert sign_in("archivist").get(f"/volume-items/{which}").status_code == 404
