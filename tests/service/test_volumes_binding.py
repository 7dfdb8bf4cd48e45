"""Binding: a number for ever, everything or nothing, frozen content, changes afterwards, opening again."""

from __future__ import annotations

import json

import pytest

from archive_app.approvals.queries import waiting_for
from archive_app.core import audit
from archive_app.core.errors import Invalid
from archive_app.prints import queries as prints
from archive_app.prints import service as printing
from archive_app.prints.models import Print
from archive_app.records.models import Folder
from archive_app.records.service import (
    add_document,
    edit_document,
    get_document,
    move_custody,
    note_condition,
    remove_document,
    void_number,
)
from archive_app.stacks import queries as stacks
from archive_app.stacks.service import add_place
from archive_app.volumes import content, queries, service
from archive_app.volumes.models import Binding, Volume
from tests.conftest import AT
from tests.volumes import actors, checked, documents, folder, fresh, last_event, plan, refused, scan, titles


@pytest.fixture
def room(people):
    def make(*told, **more) -> Folder:
        return folder(*told, actor=people.archivist, **more)

    return make


def bound(people, **more) -> Volume:
    (volume,) = checked(people)
    return service.bind_now(volume.id, actor=people.archivist, at=AT)


def edit(document_id: int, people, reason="更正", **values):
    document = get_document(document_id)
    return edit_document(document_id, values, reason, document.revision, actor=people.archivist, at=later())


def later():
    from datetime import timedelta

    return AT + timedelta(hours=1)


# Binding


@pytest.mark.requirement("ARR-16")
@pytest.mark.requirement("ARR-27")
def test_a_checked_volume_is_bound_with_its_number_its_pack_and_its_frozen_content(both):
    people = actors()
    folder("合同", {"title": "附件", "part": "attachment"}, actor=people.archivist)
    (volume,) = checked(people)
    pack = service.bind(volume.id, actor=people.archivist, at=AT)
    assert (fresh(volume).state, fresh(volume).pack, pack.state) == ("checked", pack.id, "queued")
    pack = printing.draw(pack.id, AT)
    assert (pack.state, pack.error) == ("done", "")
    volume = fresh(volume)
    assert (volume.state, volume.number, volume.serial) == ("bound", "Z01-HT·2025-0001", 1)
    (binding,) = Binding.select()
    assert (binding.digest, binding.pack, binding.version) == (pack.digest, pack.id, 1)
    frozen = json.loads(binding.content)
    assert [line["title"] for line in frozen["lines"]] == ["合同", "附件"]
    assert [line["start_page"] for line in frozen["lines"]] == ["1", "4-6"]
    assert prints.check(pack.id, pack.digest[:12], people.archivist, AT).state == "current"
    assert last_event("volume.bind").key == str(volume.id)
    assert audit.verify() == []


def test_the_numbers_of_a_year_run_on_and_stay_with_their_volumes(people, room):
    for n in range(3):
        room(f"合同{n}", pages=200)
    volumes = checked(people)
    for volume in (volumes[1], volumes[0]):
        service.bind_now(volume.id, actor=people.archivist, at=AT)
    assert [fresh(volume).serial for volume in volumes] == [2, 1, None]


def test_binding_ordered_twice_is_one_pack_and_one_number(people, room):
    room("合同")
    (volume,) = checked(people)
    first = service.bind(volume.id, actor=people.archivist, at=AT)
    assert service.bind(volume.id, actor=people.archivist, at=AT).id == first.id
    assert Print.select().count() == 1
    printing.draw(first.id, AT)
    refused("wrong_state", service.bind, volume.id, actor=people.archivist, at=AT)
    assert fresh(volume).number == "Z01-HT·2025-0001"


def test_a_volume_that_was_not_checked_or_has_open_problems_is_not_bound(people, room):
    home = room("合同")
    (volume,) = checked(people)
    move_custody(home.id, "lent", holder="孙丽", actor=people.archivist, at=AT)
    error = refused("volumes.held", service.bind, volume.id, actor=people.archivist, at=AT)
    assert "孙丽 借出未还" in error.message
    service.reopen(volume.id, actor=people.archivist, at=AT)
    refused("wrong_state", service.bind, volume.id, actor=people.archivist, at=AT)
    refused("permission", service.bind, volume.id, actor=people.director, at=AT)
    assert (fresh(volume).number, Print.select().count()) == (None, 0)


def test_a_number_voided_after_the_check_holds_the_volume_back(people, room):
    home = room("合同")
    room("另一份")
    (volume,) = checked(people)
    void_number(home.id, "重复登记", actor=people.archivist, at=AT)
    error = refused("volumes.held", service.bind, volume.id, actor=people.archivist, at=AT)
    assert f"{home.file_number} 移出《合同》" in error.message


@pytest.mark.parametrize("what", ["edited", "lent", "reopened"])
def test_what_changes_while_the_pack_is_drawn_binds_nothing_and_the_print_says_what(people, room, what):
    home = room("合同")
    (volume,) = checked(people)
    pack = service.bind(volume.id, actor=people.archivist, at=AT)
    if what == "edited":
        edit(documents(home)[0].id, people, title="购销合同")
    elif what == "lent":
        move_custody(home.id, "lent", holder="孙丽", actor=people.archivist, at=AT)
    else:
        service.reopen(volume.id, actor=people.archivist, at=AT)
    pack = printing.draw(pack.id, AT)
    words = {"edited": "由“合同”改为“购销合同”", "lent": "借出未还", "reopened": "案卷已退回调整"}
    assert pack.state == "failed"
    assert words[what] in pack.error
    assert fresh(volume).state in ("checked", "open")
    assert Binding.select().count() == 0
    assert fresh(volume).number == "Z01-HT·2025-0001"  # given once, kept


def test_a_failed_pack_is_bound_with_the_same_number_after_it_was_checked_again(people, room):
    home = room("合同")
    (volume,) = checked(people)
    pack = service.bind(volume.id, actor=people.archivist, at=AT)
    edit(documents(home)[0].id, people, title="购销合同")
    printing.draw(pack.id, AT)
    refused("volumes.held", service.bind, volume.id, actor=people.archivist, at=AT)
    service.reopen(volume.id, actor=people.archivist, at=AT)
    service.arrange(volume.id, actor=people.archivist, at=later())
    service.check_volume(volume.id, actor=people.director, at=later())
    done = service.bind_now(volume.id, actor=people.archivist, at=later())
    assert (done.state, done.number) == ("bound", "Z01-HT·2025-0001")


# After binding


@pytest.mark.requirement("ARR-12")
def test_the_catalog_of_a_bound_volume_is_never_rewritten_and_changes_go_into_the_change_record(people, room):
    home = room("合同", "附录")
    volume = bound(people)
    first, second = documents(home)
    edit(first.id, people, title="新题名", reason="写错字")
    remove_document(second.id, "退回销售部", actor=people.archivist, at=later())
    added = add_document(home.id, title="补充协议", pages=2, actor=people.archivist, at=later())
    note_condition(home.id, first.id, "repaired", remark="第 2 页已裱糊", actor=people.archivist, at=later())
    service.note_addendum(volume.id, "appraised", "鉴定后延长保管", actor=people.archivist, at=later())
    lines = queries.changes(fresh(volume))
    assert {(line.kind, line.text) for line in lines} == {
        ("changed", f"{home.file_number}《新题名》题名由“合同”改为“新题名”：写错字"),
        ("moved_out", f"{home.file_number}《附录》移出：退回销售部"),
        ("supplement", f"{home.file_number} 补充《补充协议》2 页"),
        ("repaired", f"{home.file_number} 已修裱：第 2 页已裱糊"),
        ("appraised", "鉴定后延长保管"),
    }
    assert [line.version for line in lines] == [2, 3, 4, 5, 6]
    now = content.content_of(fresh(volume))
    assert [line["title"] for line in now["lines"]] == ["合同", "附录"]
    assert (now["remark"]["version"], len(now["remark"]["changes"])) == (6, 5)
    assert [row.why for row in plan(people).loose if row.documents == (added,)] == ["added"]
    pack = Print.get_by_id(volume.pack)
    answer = prints.check(pack.id, pack.digest[:12], people.archivist, later())
    assert answer.state == "changed"
    assert {each.where.split("·")[0] for each in answer.changes} == {"备考表"}


def test_a_document_added_after_binding_and_taken_away_again_is_told_both_times(people, room):
    home = room("合同")
    volume = bound(people)
    added = add_document(home.id, title="补充协议", actor=people.archivist, at=later())
    remove_document(added.id, "放错了", actor=people.archivist, at=later())
    assert [line.kind for line in queries.changes(fresh(volume))] == ["moved_out", "supplement"]


def test_a_scan_made_after_binding_is_told_on_the_remark_sheet_not_in_the_catalog(people, room):
    home = room("合同", scanned=False)
    service.accept(home.id, "no_scan", "扫描仪在修", actor=people.archivist, at=AT)
    volume = bound(people)
    file = scan(documents(home)[0])
    type(file).update(uploaded_at=later()).execute()
    now = content.content_of(fresh(volume))
    assert now["lines"][0]["remark"] == ""
    assert now["remark"]["changes"][0]["text"] == f"{home.file_number} 补充电子文件 {file.code}"


def test_an_addendum_needs_a_bound_volume_a_kind_and_words(people, room):
    room("合同")
    (volume,) = checked(people)
    refused(
        "volumes.not_bound", service.note_addendum, volume.id, "changed", "x", actor=people.archivist, at=AT
    )
    volume = service.bind_now(volume.id, actor=people.archivist, at=AT)
    with pytest.raises(Invalid) as caught:
        service.note_addendum(volume.id, "noted", " ", actor=people.archivist, at=AT)
    assert set(caught.value.fields) == {"kind", "text"}


# Opening again


def test_a_bound_volume_is_opened_only_with_a_reason_and_the_approval_of_the_rule_book(both):
    people = actors()
    folder("合同", actor=people.archivist)
    volume = bound(people)
    with pytest.raises(Invalid):
        service.ask_unbinding(volume.id, "", actor=people.archivist, at=AT)
    asked = service.ask_unbinding(volume.id, "夹错一页", actor=people.archivist, at=AT)
    refused("volumes.asked", service.ask_unbinding, volume.id, "再问", actor=people.archivist, at=AT)
    refused("permission", service.decide_unbinding, asked.id, "granted", actor=people.archivist, at=AT)
    refused("permission", service.decide_unbinding, asked.id, "granted", actor=people.manager, at=AT)
    assert [row.kind for row in waiting_for(people.gm, AT)] == ["unbinding"]
    done = service.decide_unbinding(asked.id, "granted", actor=people.gm, at=later())
    volume = fresh(volume)
    assert (done.state, volume.state, volume.number) == ("granted", "open", "Z01-HT·2025-0001")
    assert Binding.get().ended_at == later()
    assert last_event("volume.unbind").actor == "gm"


def test_a_refused_request_leaves_the_volume_bound(people, room):
    room("合同")
    volume = bound(people)
    asked = service.ask_unbinding(volume.id, "想换线", actor=people.archivist, at=AT)
    done = service.decide_unbinding(asked.id, "refused", "没有必要", actor=people.director, at=AT)
    assert (done.state, fresh(volume).state) == ("refused", "bound")
    again = service.ask_unbinding(volume.id, "夹错一页", actor=people.archivist, at=AT)
    service.withdraw_unbinding(again.id, actor=people.archivist, at=AT)
    assert waiting_for(people.gm, AT) == []


def test_a_volume_bound_again_keeps_its_number_and_has_a_second_binding(people, room):
    home = room("合同")
    volume = bound(people)
    service.note_addendum(volume.id, "supplement", "还要补一件", actor=people.archivist, at=AT)
    asked = service.ask_unbinding(volume.id, "补一件", actor=people.archivist, at=AT)
    service.decide_unbinding(asked.id, "granted", actor=people.gm, at=AT)
    scan(add_document(home.id, title="补充协议", pages=2, actor=people.archivist, at=later()))
    service.arrange(volume.id, actor=people.archivist, at=later())
    service.check_volume(volume.id, actor=people.director, at=later())
    again = service.bind_now(volume.id, actor=people.archivist, at=later())
    assert (titles(again), again.number) == (["合同", "补充协议"], "Z01-HT·2025-0001")
    assert [(row.version, row.ended_at is None) for row in Binding.select().order_by(Binding.id)] == [
        (1, False),
        (2, True),
    ]
    assert Print.get_by_id(again.pack).number == 2
    assert queries.changes(again) == []


# The box


@pytest.mark.requirement("ARR-13")
def test_a_bound_volume_is_put_into_a_box_with_its_folders(people, room):
    home = room("合同")
    volume = bound(people)
    rack = add_place("room", "1", None, name="库房", actor=people.archivist, at=AT)
    cabinet = add_place("cabinet", "A", rack.id, actor=people.archivist, at=AT)
    shelf = add_place("shelf", "3", cabinet.id, actor=people.archivist, at=AT)
    box = add_place("box", "07", shelf.id, width_mm=20, actor=people.archivist, at=AT)
    with pytest.raises(Invalid):
        service.box(volume.id, shelf.id, actor=people.archivist, at=AT)
    boxed = service.box(volume.id, box.id, actor=people.archivist, at=AT)
    assert (boxed.state, boxed.box) == ("boxed", box.id)
    assert Folder.get_by_id(home.id).place == box.path
    assert stacks.standing_of("volume", volume.id).home_id == box.id
    inside = stacks.contents(people.archivist, box.id, AT)
    assert "Z01-HT·2025-0001" in {thing.named.text for thing in inside.things}
    assert queries.place_of(boxed) == box.path
