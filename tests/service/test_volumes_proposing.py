"""The year is proposed: who belongs to it, what stands apart, what is loose and why, what holds it back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive_app.core.errors import Invalid, NotFound
from archive_app.people import rulebook
from archive_app.records.models import Folder
from archive_app.records.service import (
    add_document,
    move_custody,
    note_condition,
    remove_document,
    reserve_block,
    void_number,
)
from archive_app.scans.models import ElectronicFile
from archive_app.volumes import queries, service, sheets
from archive_app.volumes.models import Volume, VolumeItem
from tests.conftest import AT
from tests.volumes import (
    actors,
    checked,
    documents,
    folder,
    fresh,
    last_event,
    plan,
    propose,
    refused,
    scan,
    titles,
)


@pytest.fixture
def room(people):
    """Make a folder of the year as the archivist."""

    def make(*told, **more) -> Folder:
        return folder(*told, actor=people.archivist, **more)

    return make


# Proposal


@pytest.mark.requirement("ARR-16")
@pytest.mark.requirement("CAT-25")
def test_the_year_becomes_volumes_in_file_number_order_none_thicker_than_the_rule_book_allows(both):
    people = actors()
    made = [folder("合同", "附件", actor=people.archivist, pages=70) for _ in range(6)]
    volumes = propose(people)
    assert [titles(volume) for volume in volumes] == [["合同", "附件"] * 2] * 3
    assert [volume.sheets for volume in volumes] == [280] * 3
    assert [(volume.thickness_mm, volume.box_mm) for volume in volumes] == [(28.0, 40)] * 3
    shown = plan(people)
    assert [facts.tail for facts in shown.volumes] == ["0001–0002", "0003–0004", "0005–0006"]
    assert [facts.name for facts in shown.volumes] == ["合同类 一", "合同类 二", "合同类 三"]
    assert (shown.folders, shown.documents, shown.pages) == (6, 12, 840)
    assert volumes[0].title == "2025年度合同类档案（HT-2025-0001至HT-2025-0002）"
    assert made[0].file_number == shown.volumes[0].first_number


@pytest.mark.requirement("ARR-03")
def test_a_top_secret_folder_gets_a_volume_of_its_own_behind_the_others(people, room):
    room("合同")
    room("绝密协议", secrecy="top_secret")
    room("合同二")
    ordinary, apart = propose(people)
    assert (titles(ordinary), ordinary.apart, ordinary.secrecy) == (["合同", "合同二"], False, "open")
    assert (titles(apart), apart.apart, apart.secrecy) == (["绝密协议"], True, "top_secret")


def test_the_same_proposal_again_changes_nothing(people, room):
    room("合同")
    first = propose(people)
    again = propose(people)
    assert [volume.id for volume in again] == [volume.id for volume in first]
    assert Volume.select().count() == 1


def test_a_proposal_after_new_papers_makes_untouched_volumes_anew_and_leaves_adjusted_ones(people, room):
    one, _two = room("甲"), room("乙")
    propose(people)
    room("丙")
    propose(people)
    (volume,) = queries.listed(people.archivist, AT)
    assert titles(volume) == ["甲", "乙", "丙"]
    service.move_folder(volume.id, one.id, None, "另行处理", volume.revision, actor=people.archivist, at=AT)
    service.rename(volume.id, "亲手写的题名", "", fresh(volume).revision, actor=people.archivist, at=AT)
    room("丁")
    propose(people)
    made, kept = queries.listed(people.archivist, AT)
    assert [titles(made), titles(kept)] == [["甲", "丁"], ["乙", "丙"]]
    assert (kept.id, kept.title) == (volume.id, "亲手写的题名")


def test_documents_added_to_a_folder_join_its_adjusted_volume_at_the_next_proposal(people, room):
    one, _two = room("甲"), room("乙")
    (volume,) = propose(people)
    items = [line.item_id for line in queries.contents(volume)]
    service.split(volume.id, items[1], volume.revision, actor=people.archivist, at=AT)
    add_document(one.id, title="甲的附件", part="attachment", pages=2, actor=people.archivist, at=AT)
    propose(people)
    first, second = queries.listed(people.archivist, AT)
    assert (titles(first), first.pages) == (["甲", "甲的附件"], 5)
    assert titles(second) == ["乙"]


def test_void_reserved_and_empty_folders_are_not_bound_and_the_empty_one_is_listed(people, room):
    kept, gone, empty = room("合同"), room("作废的"), room()
    void_number(gone.id, "重复登记", actor=people.archivist, at=AT)
    reserve_block("HT", 2025, 2, "预留", actor=people.archivist, at=AT)
    (volume,) = propose(people)
    assert titles(volume) == ["合同"]
    loose = plan(people).loose
    assert [(row.folder.id, row.why) for row in loose] == [(empty.id, "no_documents")]
    assert kept.id not in {row.folder.id for row in loose}


def test_nothing_to_bind_is_said_and_nonsense_is_refused_by_field(people):
    assert refused("volumes.nothing", propose, people).next_step == "先登记档案和卷内文件。"
    with pytest.raises(Invalid) as caught:
        propose(people, "XX", 3000)
    assert set(caught.value.fields) == {"category", "year"}
    with pytest.raises(NotFound):
        plan(people, "XX")


def test_a_folder_too_thick_for_one_volume_is_split_between_groups_and_only_it(people, room):
    room("小")
    room(
        {"title": "主件", "pages": 300},
        {"title": "附件", "part": "attachment", "pages": 50},
        {"title": "另件", "pages": 200},
    )
    room("尾")
    volumes = propose(people)
    assert [titles(volume) for volume in volumes] == [["小"], ["主件", "附件"], ["另件", "尾"]]


@pytest.mark.requirement("ARR-17")
def test_every_customer_manager_has_volumes_of_his_own_when_the_rule_book_says_so(people, room, at):
    text = rulebook.profile_text("default").replace(
        'volume_key = ["category", "year"]', 'volume_key = ["category", "year", "manager"]'
    )
    rulebook.adopt(text, "default", actor=people.director, at=at)
    for manager in (people.borrower, people.colleague, people.borrower):
        room("合同", manager_id=manager.user_id)
    room("没有经理")
    volumes = propose(people)
    assert [len(titles(volume)) for volume in volumes] == [2, 1, 1]
    assert [volume.manager_id for volume in volumes] == [
        people.borrower.user_id,
        people.colleague.user_id,
        None,
    ]
    shown = plan(people, manager_id=people.colleague.user_id)
    assert [facts.volume.manager_id for facts in shown.volumes] == [people.colleague.user_id]
    assert dict(shown.managers) == {people.borrower.user_id: "王静娟", people.colleague.user_id: "孙丽"}


# Years


@pytest.mark.requirement("ARR-04")
@pytest.mark.requirement("ARR-05")
@pytest.mark.requirement("ARR-06")
def test_documents_that_cross_years_go_as_a_group_into_the_year_of_the_rule_and_the_screen_says_why(
    people, room
):
    home = room(
        {"title": "请示", "part": "request", "group": "质保", "dated": "2024-12-20"},
        {"title": "批复", "part": "reply", "group": "质保", "dated": "2025-01-08"},
        "合同",
        {"title": "规划", "nature": "plan", "covers_from": 2026, "covers_to": 2028},
        year=2024,
    )
    (later,) = propose(people)
    assert titles(later) == ["批复", "请示"]
    lines = queries.contents(later)
    assert {line.year_reason for line in lines} == {"跨年请示与批复归复文年"}
    assert {line.year_clause for line in lines} == {"客户档案管理制度 第14条第1项"}
    (own,) = propose(people, year=2024)
    assert titles(own) == ["合同"]
    away = {row.documents[0].title: row for row in plan(people, year=2024).loose if row.why == "other_year"}
    assert (away["规划"].year, away["规划"].clause) == (2026, "客户档案管理制度 第14条第2项")
    assert (away["请示"].year, len(away["请示"].documents)) == (2025, 2)
    assert away["规划"].folder.id == home.id


@pytest.mark.requirement("ARR-04")
def test_the_archivist_overrules_the_year_with_a_reason_and_the_group_leaves_its_open_volume(people, room):
    home = room("合同", {"title": "附件", "part": "attachment"}, "另一份")
    (volume,) = propose(people)
    main = documents(home)[0]
    with pytest.raises(Invalid) as caught:
        service.rule_year(main.id, 2024, " ", actor=people.archivist, at=AT)
    assert "reason" in caught.value.fields
    service.rule_year(main.id, 2024, "合同 2024 年已履行完", actor=people.archivist, at=AT)
    assert titles(fresh(volume)) == ["另一份"]
    assert [line.pages for line in queries.contents(fresh(volume))] == ["1–3"]
    (earlier,) = propose(people, year=2024)
    assert titles(earlier) == ["合同", "附件"]
    assert queries.contents(earlier)[0].year_reason == "按裁定归年"
    (row,) = [each for each in plan(people).loose if each.why == "other_year"]
    assert (row.ruled, row.year) == ("合同 2024 年已履行完", 2024)


def test_the_year_of_a_document_in_a_checked_volume_is_not_changed(people, room):
    home = room("合同")
    (volume,) = checked(people)
    refused(
        "volumes.not_open",
        service.rule_year,
        documents(home)[0].id,
        2024,
        "错年",
        actor=people.archivist,
        at=AT,
    )
    assert titles(fresh(volume)) == ["合同"]


# Problems


def problem(people, code: str):
    return next((each for each in plan(people).problems if each.code == code), None)


def test_a_lent_folder_is_in_the_proposal_but_holds_its_volume_back_and_says_who_has_it(people, room):
    away = room("合同")
    (volume,) = propose(people)
    move_custody(away.id, "lent", holder="孙丽", actor=people.archivist, at=AT)
    found = problem(people, "lent")
    assert (found.open, found.volume_id, found.text) == (True, volume.id, "孙丽 借出未还，还回后才能装订")
    assert plan(people).volumes[0].holding == 1
    auditor = next(each for each in plan(people, actor=people.director).problems if each.code == "lent")
    assert auditor.open
    refused(
        "volumes.not_acceptable", service.accept, away.id, "lent", "不等了", actor=people.archivist, at=AT
    )


@pytest.mark.requirement("DUAL-03")
def test_pages_that_differ_hold_back_until_mended_or_accepted_with_a_reason_and_only_while_the_facts_stay(
    people, room
):
    home = room("合同", scanned=False)
    scan(documents(home)[0], pages=2)
    propose(people)
    found = problem(people, "pages_differ")
    assert (found.open, found.text) == (True, "纸 3 页，扫描 2 页")
    service.accept(home.id, "pages_differ", "第 3 页是空白背面", actor=people.archivist, at=AT)
    accepted = problem(people, "pages_differ")
    assert (accepted.open, accepted.accepted.reason) == (False, "第 3 页是空白背面")
    ElectronicFile.update(removed_at=AT).execute()
    scan(documents(home)[0], pages=1)
    assert problem(people, "pages_differ").open


@pytest.mark.requirement("ARR-14")
@pytest.mark.requirement("DUAL-06")
def test_what_is_not_scanned_failed_damaged_uncounted_or_only_electronic_holds_back(people, room):
    room("没扫", scanned=False)
    failed = room("坏页", scanned=False)
    scan(documents(failed)[0], state="failed")
    torn = room("破的")
    note_condition(torn.id, None, "damaged", remark="右下角撕裂", actor=people.archivist, at=AT)
    room({"title": "没数", "pages": 0})
    room("合同", {"title": "电子合同", "medium": "electronic", "pages": 2}, retention="permanent")
    propose(people)
    shown = {each.code: each for each in plan(people).problems if each.open}
    assert set(shown) == {"no_scan", "scan_failed", "damaged", "pages_missing", "electronic_only"}
    assert shown["electronic_only"].text == "重要电子文件缺纸质件：《电子合同》"
    note_condition(torn.id, None, "repaired", remark="已裱糊", actor=people.archivist, at=AT)
    assert problem(people, "damaged") is None
    refused("volumes.no_problem", service.accept, torn.id, "damaged", "已修", actor=people.archivist, at=AT)


def test_paper_and_scans_of_a_folder_are_compared_as_a_whole_though_it_is_split_over_years(people, room):
    room({"title": "规划", "nature": "plan", "covers_from": 2024, "covers_to": 2026}, "合同")
    assert [titles(volume) for volume in propose(people)] == [["合同"]]
    assert [titles(volume) for volume in propose(people, year=2024)] == [["规划"]]
    assert (plan(people).problems, plan(people, year=2024).problems) == ((), ())


def test_a_document_of_1949_is_pointed_out_but_holds_nothing_back(people, room):
    room({"title": "老地契", "dated": "1949"})
    (volume,) = propose(people)
    found = problem(people, "date_far")
    assert (found.holds, found.text) == (False, "《老地契》 的日期是 1949 年，请核对")
    assert plan(people).volumes[0].holding == 0
    assert queries.contents(volume)[0].document.dated_known == "year"


def test_a_document_changed_between_arranging_and_binding_holds_the_volume_back_until_it_is_arranged_again(
    people, room
):
    home = room("合同", "补充协议")
    (volume,) = propose(people)
    service.arrange(volume.id, actor=people.archivist, at=AT)
    add_document(home.id, title="新来的", pages=1, actor=people.archivist, at=AT)
    remove_document(documents(home)[1].id, "放错了", actor=people.archivist, at=AT)
    found = problem(people, "stale")
    assert found.open and "新增 1 件" in found.text and "移出《补充协议》" in found.text
    assert [row.why for row in plan(people).loose] == ["added"]
    refused("volumes.held", service.check_volume, volume.id, actor=people.director, at=AT)
    service.reopen(volume.id, actor=people.archivist, at=AT)
    service.arrange(volume.id, actor=people.archivist, at=AT)
    assert titles(fresh(volume)) == ["合同", "新来的"]
    assert problem(people, "stale") is None


# What one may not know


@pytest.mark.requirement("SEC-16")
def test_who_may_not_know_a_top_secret_folder_knows_nothing_of_its_volume_not_even_the_count(people, room):
    room("合同")
    room("绝密协议", secrecy="top_secret")
    apart = propose(people)[1]
    clerk = replace(people.borrower, permissions=people.borrower.permissions | {"volume.view"})
    assert [facts.name for facts in plan(people, actor=clerk).volumes] == ["合同类 一"]
    (row,) = queries.years(clerk, AT)
    assert (row.folders, row.documents, row.total) == (1, 1, 1)
    with pytest.raises(NotFound):
        queries.volume_for(clerk, apart.id, AT)
    service.dissolve(apart.id, actor=people.archivist, at=AT)
    with pytest.raises(NotFound):
        queries.volume_for(clerk, apart.id, AT)
    assert sheets.lists.list_key(clerk, "HT", 2025, AT) == "HT-2025-open.secret"


def test_the_years_show_how_far_each_is(people, room):
    room("合同", "附件")
    room("标书", category="YW")
    propose(people)
    rows = {row.category: row for row in queries.years(people.archivist, AT)}
    assert (rows["HT"].documents, rows["HT"].loose, rows["HT"].volumes) == (2, 0, {"open": 1})
    assert (rows["YW"].documents, rows["YW"].loose, rows["YW"].total) == (1, 1, 0)


def test_the_stages_name_what_is_left(people, room):
    room("合同")
    assert [stage.state for stage in plan(people).stages] == ["current", *["later"] * 5]
    (volume,) = propose(people)
    assert [stage.code for stage in plan(people).stages if stage.state == "current"] == ["volumes"]
    service.arrange(volume.id, actor=people.archivist, at=AT)
    shown = plan(people)
    assert [stage.state for stage in shown.stages] == ["done", "done", "done", "current", "later", "later"]


def test_dissolving_frees_the_papers_and_is_audited(people, room):
    room("合同")
    (volume,) = propose(people)
    service.dissolve(volume.id, actor=people.archivist, at=AT)
    assert VolumeItem.select().where(VolumeItem.released_at.is_null()).count() == 0
    assert last_event("volume.dissolve").key == str(volume.id)
    assert len(propose(people)) == 1
