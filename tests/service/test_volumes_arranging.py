"""Inside a volume: the rule's order, moves by hand with a reason, splitting, merging, the check."""

from __future__ import annotations

import pytest

from archive_app.core.errors import Invalid, NotFound
from archive_app.records.models import Folder
from archive_app.records.service import edit_document
from archive_app.volumes import queries, service
from archive_app.volumes.models import VolumeItem
from tests.conftest import AT
from tests.volumes import actors, documents, folder, fresh, last_event, propose, refused, titles


@pytest.fixture
def room(people):
    def make(*told, **more) -> Folder:
        return folder(*told, actor=people.archivist, **more)

    return make


def items(volume) -> dict[str, int]:
    return {line.document.title: line.item_id for line in queries.contents(volume)}


# Order and pages


@pytest.mark.requirement("ARR-09")
@pytest.mark.requirement("ARR-10")
@pytest.mark.requirement("ARR-18")
def test_a_volume_is_arranged_by_rule_numbered_through_and_says_why(both):
    people = actors()
    folder(
        {"title": "补充协议", "dated": "20251009", "pages": 2},
        {"title": "关于延长质保期的请示", "part": "request", "group": "质保", "dated": "20250811"},
        {"title": "同意延长质保期的批复", "part": "reply", "group": "质保", "dated": "20250901", "pages": 2},
        {"title": "购销合同", "dated": "20250904", "pages": 6},
        {"title": "附件一", "part": "attachment", "dated": "20250904", "pages": 0},
        actor=people.archivist,
    )  # fmt: skip
    (volume,) = propose(people)
    volume = service.arrange(volume.id, actor=people.archivist, at=AT)
    lines = queries.contents(volume)
    shown = [(line.document.title, line.pages, line.reason, line.clause) for line in lines]
    assert shown == [
        ("同意延长质保期的批复", "1–2", "批复在前", "客户档案管理制度 第15条第1项"),
        ("关于延长质保期的请示", "3–5", "请示在后，不分开", "客户档案管理制度 第15条第1项"),
        ("购销合同", "6–11", "正件在前", "客户档案管理制度 第15条第2项"),
        ("附件一", "", "附件在后", "客户档案管理制度 第15条第2项"),
        ("补充协议", "12–13", "按签订时间先后", "营销部门大客户资料管理制度 二"),
    ]
    assert (volume.state, volume.arranged_by, volume.pages) == ("arranged", "archivist", 13)


@pytest.mark.requirement("ARR-09")
def test_a_move_by_hand_is_kept_with_its_reason_and_undone_by_restoring_the_order(people, room):
    room(
        {"title": "甲", "dated": "20250101"},
        {"title": "乙", "dated": "20250201"},
        {"title": "丙", "dated": "20250301"},
    )
    (volume,) = propose(people)
    at = items(volume)
    moved = service.move_item(
        at["丙"], at["甲"], "丙是主合同", volume.revision, actor=people.archivist, at=AT
    )
    assert titles(moved) == ["丙", "甲", "乙"]
    first = queries.contents(moved)[0]
    assert (first.reason, first.clause, first.moved, first.moved_by) == (
        "手工排列",
        "本室设定",
        "丙是主合同",
        "陈静宜",
    )
    assert [line.pages for line in queries.contents(moved)] == ["1–3", "4–6", "7–9"]
    assert '"reason":"丙是主合同"' in last_event("volume.move").data
    service.arrange(volume.id, actor=people.archivist, at=AT)
    assert titles(fresh(volume)) == ["丙", "甲", "乙"]
    restored = service.restore_order(volume.id, fresh(volume).revision, actor=people.archivist, at=AT)
    assert titles(restored) == ["甲", "乙", "丙"]
    assert queries.contents(restored)[2].moved == ""


@pytest.mark.requirement("ARR-02")
def test_a_move_that_separates_a_group_is_refused_with_the_clause_and_the_whole_group_may_go(people, room):
    room(
        {"title": "请示", "part": "request", "group": "g", "dated": "20250101"},
        {"title": "批复", "part": "reply", "group": "g", "dated": "20250102"},
        {"title": "合同", "dated": "20250201"},
    )
    (volume,) = propose(people)
    at = items(volume)
    error = refused(
        "arrange.separates",
        service.move_item,
        at["请示"],
        None,
        "放后面",
        volume.revision,
        actor=people.archivist,
        at=AT,
    )
    assert error.clause == "客户档案管理制度 第12条"
    assert "《请示》、《批复》" in error.message
    assert titles(fresh(volume)) == ["批复", "请示", "合同"]
    moved = service.move_item(
        at["请示"], None, "合同在先", fresh(volume).revision, whole=True, actor=people.archivist, at=AT
    )
    assert titles(moved) == ["合同", "批复", "请示"]


def test_documents_of_two_folders_are_not_mixed_by_hand(people, room):
    room("甲", "乙")
    room("丙", "丁")
    (volume,) = propose(people)
    at = items(volume)
    error = refused(
        "arrange.separates",
        service.move_item,
        at["丁"],
        at["乙"],
        "近",
        volume.revision,
        actor=people.archivist,
        at=AT,
    )
    assert error.clause == "客户业务档案管理制度 第八条（三）"


def test_two_archivists_arranging_one_volume_the_second_is_refused_and_nothing_is_lost(both):
    people = actors()
    folder("甲", "乙", "丙", actor=people.archivist)
    (volume,) = propose(people)
    at, seen = items(volume), volume.revision
    service.move_item(at["丙"], at["甲"], "先到", seen, actor=people.archivist, at=AT)
    error = refused(
        "arrange.stale", service.move_item, at["乙"], at["丙"], "后到", seen, actor=people.archivist, at=AT
    )
    assert error.next_step == "请看新的排列，再移一次。"
    assert titles(fresh(volume)) == ["丙", "甲", "乙"]


def test_moving_needs_a_reason_and_something_to_move(people, room):
    room("甲", "乙")
    (volume,) = propose(people)
    at = items(volume)
    with pytest.raises(Invalid) as caught:
        service.move_item(at["乙"], at["甲"], "  ", volume.revision, actor=people.archivist, at=AT)
    assert "reason" in caught.value.fields
    with pytest.raises(NotFound):
        service.move_item(99_999, None, "x", volume.revision, actor=people.archivist, at=AT)
    refused(
        "permission",
        service.move_item,
        at["乙"],
        at["甲"],
        "x",
        volume.revision,
        actor=people.borrower,
        at=AT,
    )
    assert titles(fresh(volume)) == ["甲", "乙"]


# Which folder stands where


@pytest.mark.requirement("ARR-03")
def test_an_ordinary_folder_may_go_with_the_top_secret_one_and_never_the_other_way(people, room):
    tied, secret = room("往来函"), room("绝密协议", secrecy="top_secret")
    room("合同")
    ordinary, apart = propose(people)
    error = refused(
        "volumes.apart", service.move_folder, apart.id, secret.id, ordinary.id, "合并", apart.revision,
        actor=people.archivist, at=AT,
    )  # fmt: skip
    assert error.clause == "客户档案管理制度 第13条"
    assert [titles(fresh(v)) for v in (ordinary, apart)] == [["往来函", "合同"], ["绝密协议"]]
    service.move_folder(
        ordinary.id, tied.id, apart.id, "谈判往来，与绝密协议相关", fresh(ordinary).revision,
        actor=people.archivist, at=AT,
    )  # fmt: skip
    assert [titles(fresh(v)) for v in (ordinary, apart)] == [["合同"], ["往来函", "绝密协议"]]
    line = queries.contents(fresh(apart))[0]
    assert (line.reason, line.clause) == ("与绝密文件有密切联系，随同立卷", "客户档案管理制度 第13条")
    merged = fresh(ordinary)
    refused(
        "volumes.apart", service.merge, merged.id, apart.id, merged.revision, actor=people.archivist, at=AT
    )


def test_a_volume_is_split_at_a_folder_and_put_together_again(people, room):
    one, two = room("甲", "甲附"), room("乙")
    (volume,) = propose(people)
    at = items(volume)
    error = refused(
        "arrange.separates",
        service.split,
        volume.id,
        at["甲附"],
        volume.revision,
        actor=people.archivist,
        at=AT,
    )
    assert one.file_number in error.message
    new = service.split(volume.id, at["乙"], fresh(volume).revision, actor=people.archivist, at=AT)
    assert [titles(fresh(volume)), titles(new)] == [["甲", "甲附"], ["乙"]]
    assert [fresh(volume).place_in_year, new.place_in_year] == [1, 2]
    assert new.title == f"2025年度合同类档案（{two.file_number}）"
    whole = service.merge(volume.id, new.id, fresh(volume).revision, actor=people.archivist, at=AT)
    assert (titles(whole), fresh(new).state) == (["甲", "甲附", "乙"], "dissolved")
    assert [line.pages for line in queries.contents(whole)] == ["1–3", "4–6", "7–9"]


def test_a_folder_moved_out_stands_in_no_volume(people, room):
    gone, _stays = room("甲"), room("乙")
    (volume,) = propose(people)
    left = service.move_folder(
        volume.id, gone.id, None, "退回补件", volume.revision, actor=people.archivist, at=AT
    )
    assert (titles(left), left.pages, left.adjusted) == (["乙"], 3, True)
    assert VolumeItem.select().where(VolumeItem.released_at.is_null(False)).count() == 1


# The check


@pytest.mark.requirement("ARR-12")
def test_the_checker_is_not_the_arranger_nor_who_moved_something(people, room):
    room("甲", "乙")
    (volume,) = propose(people)
    service.arrange(volume.id, actor=people.archivist, at=AT)
    error = refused("volumes.own_check", service.check_volume, volume.id, actor=people.archivist, at=AT)
    assert (error.clause, error.rule) == ("本室设定", "立卷人和检查人不是同一人。")
    assert "check" not in queries.volume_page(people.archivist, volume.id, AT).steps
    done = service.check_volume(volume.id, actor=people.director, at=AT)
    assert (done.state, done.checked_by) == ("checked", "director")
    refused(
        "volumes.not_open",
        service.rename,
        volume.id,
        "新题名",
        "",
        done.revision,
        actor=people.archivist,
        at=AT,
    )
    reopened = service.reopen(volume.id, actor=people.archivist, at=AT)
    assert (reopened.state, reopened.checked_by) == ("open", "")


def test_who_checks_does_not_sign_an_order_that_was_changed_after_it_was_seen(people, room):
    room("甲", "乙")
    (volume,) = propose(people)
    seen = service.arrange(volume.id, actor=people.archivist, at=AT)
    first, second = queries.contents(seen)
    moved = service.move_item(
        second.item_id, first.item_id, "先看", seen.revision, actor=people.archivist, at=AT
    )
    refused("arrange.stale", service.check_volume, volume.id, seen.revision, actor=people.director, at=AT)
    assert fresh(volume).state == "arranged"
    done = service.check_volume(volume.id, moved.revision, actor=people.director, at=AT)
    assert done.state == "checked"


def test_the_check_list_says_what_is_right_and_what_is_not(people, room):
    home = room("甲", {"title": "乙", "pages": 0})
    (volume,) = propose(people)
    volume = service.arrange(volume.id, actor=people.archivist, at=AT)
    wrong = {point.name: point for point in queries.check_list(people.archivist, volume, AT) if not point.ok}
    assert set(wrong) == {"没有缺页"}
    assert wrong["没有缺页"].text == f"{home.file_number} 1 件没有登记页数：《乙》"
    first = documents(home)[0]
    edit_document(first.id, {"pages": 5}, "数错了", first.revision, actor=people.archivist, at=AT)
    wrong = {point.name for point in queries.check_list(people.archivist, volume, AT) if not point.ok}
    assert {"整理后没有改动", "纸质和电子相符"} <= wrong
