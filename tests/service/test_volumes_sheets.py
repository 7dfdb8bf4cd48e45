"""What the sheets say: the remark sheet fills itself, both sets name each other, lists leak nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from archive_app.core import db as database
from archive_app.core.errors import NotFound
from archive_app.core.i18n import set_translator
from archive_app.printing import barcode, render
from archive_app.prints import queries as prints
from archive_app.prints import service as printing
from archive_app.prints.register import SHEETS, Stamp, digest_of
from archive_app.records.models import Folder
from archive_app.records.service import note_condition, remove_document
from archive_app.scans.cross_reference import remarks
from archive_app.volumes import content, lists, queries, service, sheets
from archive_app.volumes.models import Volume
from tests.conftest import AT
from tests.volumes import checked, documents, folder, fresh, propose, scan


@pytest.fixture
def room(people):
    def make(*told, **more) -> Folder:
        return folder(*told, actor=people.archivist, **more)

    return make


def bound(people) -> list[Volume]:
    return [service.bind_now(volume.id, actor=people.archivist, at=AT) for volume in checked(people)]


def facts(volume: Volume) -> dict[str, str]:
    return {fact["name"]: fact["text"] for fact in content.content_of(fresh(volume))["remark"]["facts"]}


# The remark sheet


@pytest.mark.requirement("ARR-12")
@pytest.mark.requirement("ARR-14")
def test_the_remark_sheet_fills_itself_from_what_happened(people, room):
    home = room(
        {"title": "合同", "pages": 6},
        {"title": "复印件", "text_form": "copy", "pages": 2},
        {"title": "电子附件", "medium": "electronic", "pages": 4},
        "错放的",
    )
    number = home.file_number
    main, *_rest, wrong = documents(home)
    remove_document(wrong.id, "属于另一客户", actor=people.archivist, at=AT)
    note_condition(
        home.id,
        main.id,
        "missing",
        pages=1,
        where="第 3 页",
        remark="原件即缺",
        actor=people.archivist,
        at=AT,
    )
    note_condition(home.id, None, "repaired", remark="封面已裱糊", actor=people.archivist, at=AT)
    service.accept(home.id, "pages_missing", "客户处也没有这一页", actor=people.archivist, at=AT)
    (volume,) = propose(people)
    items = {line.document.title: line.item_id for line in queries.contents(volume)}
    service.move_item(
        items["复印件"], items["合同"], "先看复印件", volume.revision, actor=people.archivist, at=AT
    )
    service.rename(
        volume.id, "瑞丰设备合同", "本卷另有录音一份。", fresh(volume).revision, actor=people.archivist, at=AT
    )
    assert facts(volume) == {
        "件数页数": "3 件 8 页，8 张，1 份档案",
        "扫描": "扫描 8 页，与纸质相符",
        "文本和载体": "原件 2 件、复印件 1 件；纸质 2 件、电子 1 件",
        "缺页": f"{number} 1 页（第 3 页）原件即缺",
        "已修裱": f"{number}封面已裱糊",
        "移出": f"20261119 {number}《错放的》属于另一客户",
        "调整": "第 1 件 手工排列：先看复印件",
        "接受的差异": f"{number} 缺页：客户处也没有这一页",
    }
    said = content.content_of(fresh(volume))
    assert said["remark"]["text"] == "本卷另有录音一份。"
    assert said["volume"]["title"] == "瑞丰设备合同"
    assert f"{number}《电子附件》只有电子文件，没有纸页" in said["instructions"]["warnings"]


def test_without_anything_to_say_the_remark_sheet_has_counts_and_the_names_of_those_in_charge(people, room):
    room("合同")
    (volume,) = checked(people)
    remark = content.content_of(volume)["remark"]
    assert [fact["name"] for fact in remark["facts"]] == ["件数页数", "扫描", "文本和载体"]
    assert (remark["arranged_by"], remark["checked_by"], remark["version"]) == ("陈静宜", "吴文清", 1)


# Catalog and cover


@pytest.mark.requirement("ARR-11")
@pytest.mark.requirement("DUAL-03")
def test_the_catalog_names_every_document_with_its_pages_and_its_electronic_twin(people, room):
    home = room(
        {
            "title": "合同",
            "reference": "瑞合12号",
            "author": "恒远",
            "dated": "2025-09-04",
            "note": "有折痕",
        },
        {"title": "老地契", "dated": "1949", "pages": 1},
    )
    (volume,) = checked(people)
    said = content.content_of(volume)
    old, new = said["lines"]
    assert (old["serial"], old["dated"], old["start_page"], old["page_count"]) == ("1", "19490000", "1", 1)
    assert (new["serial"], new["dated"], new["start_page"]) == ("2", "20250904", "2-4")
    assert (new["reference"], new["author"], new["file_number"]) == (
        "瑞合12号",
        "恒远",
        home.file_number,
    )
    file = home.electronic_files.order_by("serial").first()
    assert new["remark"].startswith(f"电0001-01 {file.sha256[:2]}/{file.sha256[2:4]}/")
    assert new["remark"].endswith("；有折痕")
    (twin,) = said["remark"]["electronic"]
    assert (twin["code"], twin["pages"], twin["file_number"]) == (
        f"DZ-{home.file_number}",
        4,
        home.file_number,
    )
    cover = said["volume"]
    assert (cover["cross_reference"], cover["dated_from"], cover["dated_to"]) == (
        f"DZ-{home.file_number}",
        "1949年01月",
        "2025年09月",
    )
    assert barcode.parse(cover["payload"]).kind is barcode.BarcodeType.VOLUME
    assert said["preset"] == "gbt9705"


@pytest.mark.requirement("DUAL-04")
def test_the_electronic_catalog_says_in_which_bound_volume_and_on_which_pages_the_paper_is(people, room):
    home = room("合同", "附件")
    file = home.electronic_files.order_by("serial")[1]
    assert "Z01-HT" not in remarks([file])[file.id]
    bound(people)
    assert remarks([file])[file.id].endswith(f"{home.file_number}，Z01-HT·2025-0001 第 4–6 页")


@pytest.mark.requirement("ARR-10")
@pytest.mark.requirement("ARR-13")
def test_the_instructions_name_every_step_with_its_clause(people, room):
    room("合同")
    (volume,) = checked(people)
    steps = content.content_of(volume)["instructions"]["steps"]
    assert any("正面右上角、背面左上角" in step["text"] and "第16条" in step["clause"] for step in steps)
    assert any("三孔一线" in step["text"] and "第20条" in step["clause"] for step in steps)
    assert any("封底（含备考表）" in step["text"] and "第19条" in step["clause"] for step in steps)


def test_the_content_is_the_same_in_every_language_and_at_every_time(people, room):
    room("合同")
    (volume,) = checked(people)
    sheet = SHEETS["volume_pack"]
    first = digest_of(sheet.content(str(volume.id), {}, AT))
    set_translator(lambda text: f"<{text}>")
    try:
        assert digest_of(sheet.content(str(volume.id), {}, AT + timedelta(days=9))) == first
    finally:
        set_translator(lambda text: text)


# All sheets can be printed


@pytest.mark.requirement("ARR-11")
@pytest.mark.requirement("ARR-13")
def test_every_sheet_has_the_values_that_its_form_asks_for(people, room):
    room("合同")
    (volume,) = bound(people)
    keys = dict.fromkeys(sheets.PARTS, str(volume.id)) | dict.fromkeys(YEARLY, "HT-2025")
    for form, key in keys.items():
        row = printing.issue(form, "any", key, title=form, actor=people.archivist, at=AT)
        drawn = list(SHEETS[form].draw(prints.content_of(row), STAMP))
        for part in drawn:
            render.check_fields(part.values["form"], part.values["data"])
        assert drawn, form


YEARLY = ("item_list", "volume_list", "full_list", "year_pack")
STAMP = Stamp(1, 1, "700000000197", "DA1;x;y", "0" * 12, "2026-11-19 10:00", "陈静宜", "1", "0" * 16)


@pytest.mark.requirement("ARR-15")
def test_the_lists_of_a_year_name_bound_volumes_and_all_documents(people, room):
    home = room("合同", "附件")
    room("绝密协议", secrecy="top_secret")
    key = lists.list_key(people.archivist, "HT", 2025, AT)
    assert lists.volume_list(key, {}, AT)["lines"] == []
    bound(people)
    listed = lists.volume_list(key, {}, AT)
    assert [(line["serial"], line["items"], line["secrecy"]) for line in listed["lines"]] == [
        ("0001", 2, ""),
        ("0002", 1, "绝密"),
    ]
    full = lists.full_list(key, {}, AT)
    assert [[line["title"] for line in volume["lines"]] for volume in full["volumes"]] == [
        ["合同", "附件"],
        ["绝密协议"],
    ]
    items = lists.item_list(key, {}, AT)
    assert [line["file_number"] for line in items["lines"]] == [home.file_number] * 2 + ["HT-2025-0002"]
    assert items["head"]["total"] == "共 3 件 9 页"
    assert items["classified"] == ["HT-2025-0002"]


@pytest.mark.requirement("SEC-16")
def test_a_list_for_who_may_not_know_a_level_does_not_name_or_count_it(people, room):
    room("合同")
    room("绝密协议", secrecy="top_secret")
    bound(people)
    clerk = replace(people.borrower, permissions=people.borrower.permissions | {"volume.view"})
    whole, own = (lists.list_key(actor, "HT", 2025, AT) for actor in (people.archivist, clerk))
    assert (whole, own) == ("HT-2025", "HT-2025-open.secret")
    for form, rows in (("volume_list", "lines"), ("full_list", "volumes"), ("item_list", "lines")):
        sheet = SHEETS[form]
        assert not sheet.visible(whole, clerk, AT)
        assert sheet.visible(own, clerk, AT)
        assert len(sheet.content(own, {}, AT)[rows]) == 1
    assert lists.item_list(own, {}, AT)["head"]["total"] == "共 1 件 3 页"
    with pytest.raises(NotFound):
        printing.issue("volume_list", "year", whole, title="x", actor=clerk, at=AT)


@pytest.mark.requirement("SEC-16")
def test_a_print_of_a_top_secret_volume_is_not_seen_by_who_may_not_know_it(people, room):
    room("绝密协议", secrecy="top_secret")
    (volume,) = bound(people)
    clerk = replace(people.borrower, permissions=people.borrower.permissions | {"volume.view", "print.view"})
    assert not SHEETS["volume_pack"].visible(str(volume.id), clerk, AT)
    assert prints.list_prints(clerk, AT).rows == []


def test_a_list_of_many_volumes_costs_no_query_a_volume(people, room):
    for n in range(4):
        room(f"合同{n}", pages=200)
    volumes = checked(people)
    service.bind_now(volumes[0].id, actor=people.archivist, at=AT)
    with database.count_queries() as count:
        lists.full_list("HT-2025", {}, AT)
    one = count()
    for volume in volumes[1:]:
        service.bind_now(volume.id, actor=people.archivist, at=AT)
    with database.count_queries() as count:
        assert len(lists.full_list("HT-2025", {}, AT)["volumes"]) == 4
    assert count() == one


def test_the_screens_and_sheets_of_a_volume_cost_no_query_a_document(people, room):
    def queries_of(documents_: int) -> tuple[int, ...]:
        home = room(*(f"件{n}" for n in range(documents_)), pages=1)
        (volume,) = propose(people)
        with database.count_queries() as count:
            content.content_of(volume)
        first = count()
        with database.count_queries() as count:
            queries.year_plan(people.archivist, "HT", 2025, AT)
        service.dissolve(volume.id, actor=people.archivist, at=AT)
        return first, count(), bool(home.id)

    queries_of(1)  # what is looked up once a process
    assert queries_of(2) == queries_of(30)


def test_a_scan_taken_back_is_no_longer_named(people, room):
    home = room("合同")
    (volume,) = checked(people)
    file = scan(documents(home)[0], pages=0)
    assert content.content_of(volume)["lines"][0]["remark"].startswith("电0001-01 等 2 个")
    type(file).update(removed_at=AT).where(type(file).folder == home.id).execute()
    assert content.content_of(volume)["lines"][0]["remark"] == ""
