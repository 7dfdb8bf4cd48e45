"""What is edited between proposal, order, check and afterwards: nothing torn or untold is ever bound."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.records.models import Folder
from archive_app.records.service import add_document, edit_document, edit_folder, get_document, void_number
from archive_app.volumes import queries, service
from archive_app.volumes.models import VolumeItem
from tests.conftest import AT
from tests.volumes import documents, folder, fresh, plan, propose, refused, titles

LATER = AT + timedelta(hours=1)


@pytest.fixture
def room(people):
    def make(*told, **more) -> Folder:
        return folder(*told, actor=people.archivist, **more)

    return make


@pytest.fixture
def arranged(people):
    def make():
        (volume,) = propose(people)
        return service.arrange(volume.id, actor=people.archivist, at=AT)

    return make


@pytest.fixture
def edit(people):
    def one(document_id: int, **values) -> None:
        revision = get_document(document_id).revision
        edit_document(document_id, values, "更正", revision, actor=people.archivist, at=LATER)

    return one


@pytest.fixture
def edit_whole(people):
    def one(home: Folder, **values) -> None:
        revision = Folder.get_by_id(home.id).revision
        edit_folder(home.id, values, "更正", revision, actor=people.archivist, at=LATER)

    return one


def again(volume, people):
    service.reopen(volume.id, actor=people.archivist, at=LATER)
    return service.arrange(volume.id, actor=people.archivist, at=LATER)


def check(volume, people):
    return service.check_volume(volume.id, actor=people.director, at=LATER)


def bound(volume, people):
    check(volume, people)
    return service.bind_now(volume.id, actor=people.archivist, at=AT)


@pytest.mark.requirement("ARR-02")
def test_a_group_marked_after_arranging_is_not_checked_until_it_stands_together(people, room, arranged, edit):
    home = room("甲", "乙", "丙")
    volume = arranged()
    for n in (0, 2):
        edit(documents(home)[n].id, group="一组")
    assert "同组标记由“空”改为“一组”" in refused("volumes.held", check, volume, people).message
    again(volume, people)
    assert titles(fresh(volume)) == ["甲", "丙", "乙"]
    assert check(volume, people).state == "checked"


@pytest.mark.requirement("ARR-02")
def test_a_paper_that_joins_a_group_goes_to_it_though_the_order_was_made_by_hand(people, room, arranged):
    home = room({"title": "请示", "part": "request", "group": "g"}, "乙", "丙")
    volume = arranged()
    first, *_rest, last = queries.contents(volume)
    volume = service.move_item(
        last.item_id, first.item_id, "丙先看", volume.revision, actor=people.archivist, at=AT
    )
    add_document(home.id, title="批复", part="reply", group="g", pages=1, actor=people.archivist, at=LATER)
    again(volume, people)
    assert titles(fresh(volume)) == ["丙", "请示", "批复", "乙"]
    assert next(line for line in queries.contents(fresh(volume)) if line.document.title == "丙").moved


@pytest.mark.requirement("ARR-03")
def test_a_folder_made_top_secret_after_arranging_leaves_for_a_volume_of_its_own(
    people, room, arranged, edit_whole
):
    room("甲")
    secret = room("乙")
    volume = arranged()
    edit_whole(secret, secrecy="top_secret")
    assert "密级由“非密”改为“绝密”" in refused("volumes.held", check, volume, people).message
    again(volume, people)
    assert (titles(fresh(volume)), fresh(volume).secrecy) == (["甲"], "open")
    (own,) = propose(people)
    assert (titles(own), own.apart, own.secrecy) == (["乙"], True, "top_secret")


@pytest.mark.requirement("ARR-06")
def test_a_document_whose_year_changes_leaves_a_volume_that_was_looked_at(people, room, arranged, edit):
    home = room("甲", "规划")
    volume = arranged()
    edit(documents(home)[1].id, nature="plan", covers_from=2024, covers_to=2027)
    refused("volumes.held", check, volume, people)
    again(volume, people)
    assert titles(fresh(volume)) == ["甲"]
    (other,) = propose(people, year=2024)
    assert (titles(other), VolumeItem.get(VolumeItem.volume == other.id).year_rule) == (["规划"], "plan_year")


@pytest.mark.parametrize("what", [{"retention": "permanent"}, {"secrecy": "secret"}])
def test_a_cover_is_never_printed_with_a_level_or_retention_that_was_changed_since(
    people, room, arranged, edit_whole, what
):
    home = room("甲")
    volume = arranged()
    edit_whole(home, **what)
    refused("volumes.held", check, volume, people)
    volume = again(volume, people)
    assert {name: getattr(volume, name) for name in what} == what


@pytest.mark.requirement("ARR-05")
def test_a_request_of_1949_without_reply_can_be_bound_in_its_year(people, room):
    room({"title": "请示", "part": "request", "dated": "1949"}, "别的")
    assert [titles(volume) for volume in propose(people)] == [["别的"]]
    assert [(row.why, row.year) for row in plan(people).loose] == [("other_year", 1949)]
    assert [titles(volume) for volume in propose(people, year=1949)] == [["请示"]]


def test_a_folder_thicker_than_a_volume_is_pointed_out_before_binding(people, room):
    home = room({"title": "厚", "pages": 900}, {"title": "薄", "pages": 100})
    room("别的")
    propose(people)
    found = [each for each in plan(people).problems if each.code == "too_thick"]
    assert [(each.folder.id, each.holds) for each in found] == [(home.id, False)]
    assert found[0].text == "1000 张约 100 mm，一卷装不下"


# After binding


def test_the_change_record_speaks_in_words_not_in_codes(people, room, arranged, edit, edit_whole):
    home = room("甲")
    volume = bound(arranged(), people)
    edit_whole(home, secrecy="secret", department=people.departments["XS"].id)
    edit(documents(home)[0].id, part="attachment")
    said = " ".join(line.text for line in queries.changes(fresh(volume)))
    for words in ("密级由“非密”改为“秘密”", "形成部门由“空”改为“销售部”", "组成由“正件”改为“附件”"):
        assert words in said


@pytest.mark.requirement("ARR-12")
def test_a_number_voided_after_binding_is_told_in_the_change_record(people, room, arranged):
    home = room("甲")
    volume = bound(arranged(), people)
    void_number(home.id, "重复登记", actor=people.archivist, at=LATER + timedelta(hours=1))
    said = [(line.kind, line.text) for line in queries.changes(fresh(volume))]
    assert said == [("noted", f"{home.file_number} 作废：重复登记")]
