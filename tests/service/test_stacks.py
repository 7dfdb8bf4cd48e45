"""Places and what stands in them: shelving, moving boxes, history, neighbours, who may know of what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.core import audit
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.loans import service as lending
from archive_app.records import service as records
from archive_app.records.models import Folder
from archive_app.stacks import printers, queries, service
from archive_app.stacks.models import Place, Placement, Standing
from archive_app.stacks.queries import Named

pytest_plugins = ["tests.stacks"]


def put(stacks, place, *folders, **more):
    things = [("folder", each.id) for each in folders]
    return service.shelve(place.id, things, via="screen", **(stacks.keeper | more))


@pytest.mark.requirement("STO-11")
@pytest.mark.requirement("STO-14")
def test_a_shelved_folder_has_the_place_as_its_home_and_says_so_in_words(stacks):
    kept = stacks.folder()
    put(stacks, stacks.boxes[1], kept)
    assert stacks.words(kept) == "一号库房 A01 柜 1 格 盒 02"
    standing = queries.standing_of("folder", kept.id)
    assert (standing.home_id, standing.seen_in_id) == (stacks.boxes[1].id, stacks.boxes[1].id)
    shown = queries.contents(stacks.keeper["actor"], stacks.boxes[1].id, stacks.keeper["at"])
    assert [thing.named.text for thing in shown.things] == [kept.file_number]


def test_several_folders_go_in_at_once_or_none_does(stacks, people, at):
    kept, lent = stacks.folder(), stacks.folder()
    records.move_custody(lent.id, "lent", holder="王", actor=people.archivist, at=at)
    with pytest.raises(Refused) as caught:
        put(stacks, stacks.shelves[0][1], kept, lent)
    assert caught.value.code == "stacks.away" and lent.file_number in caught.value.message
    assert Placement.select().count() == 0 and stacks.words(kept) == ""


def test_only_people_who_shelve_may_shelve_and_only_keepers_set_up_places(stacks, people, at):
    with pytest.raises(Refused) as caught:
        put(stacks, stacks.shelves[0][0], stacks.folder(), actor=people.borrower)
    assert caught.value.code == "permission"
    with pytest.raises(Refused):
        service.add_place("room", "K9", actor=people.borrower, at=at)


def test_a_room_holds_no_folder_itself(stacks):
    with pytest.raises(Refused) as caught:
        put(stacks, stacks.room, stacks.folder())
    assert caught.value.code == "stacks.not_here"


def test_what_is_not_there_cannot_be_shelved(stacks, people, at):
    with pytest.raises(NotFound):
        service.shelve(stacks.boxes[0].id, [("folder", 999)], via="screen", **stacks.keeper)
    with pytest.raises(NotFound):
        service.shelve(999, [], via="screen", **stacks.keeper)


@pytest.mark.requirement("STO-11")
def test_moving_a_box_moves_all_that_is_in_it(stacks):
    first, second, outside = stacks.folder(), stacks.folder(), stacks.folder()
    put(stacks, stacks.boxes[0], first, second)
    put(stacks, stacks.shelves[0][0], outside)
    service.move_place(stacks.boxes[0].id, stacks.shelves[1][2].id, **stacks.keeper)
    assert {stacks.words(each) for each in (first, second)} == {"一号库房 A02 柜 3 格 盒 01"}
    assert stacks.words(outside) == "一号库房 A01 柜 1 格"
    assert queries.short_of(Place.get_by_id(stacks.boxes[0].id)) == "A02-3-01"


def test_renaming_a_room_reaches_the_words_of_every_folder_below(stacks):
    kept = stacks.folder()
    put(stacks, stacks.boxes[0], kept)
    service.rename(stacks.room.id, "K1", "东楼二层库房", **stacks.keeper)
    assert stacks.words(kept) == "东楼二层库房 A01 柜 1 格 盒 01"
    assert Place.get_by_id(stacks.shelves[1][0].id).path == "东楼二层库房 A02 柜 1 格"


@pytest.mark.parametrize("code", ["", " ", "1234567890123"])
def test_a_code_that_cannot_stand_on_a_label_is_refused_by_name(stacks, code):
    with pytest.raises(Invalid) as caught:
        service.add_place("shelf", code, stacks.cabinets[0].id, **stacks.keeper)
    assert "code" in caught.value.fields


def test_two_siblings_never_share_a_code_but_a_closed_one_frees_it(stacks):
    shelf = stacks.shelves[0][2]
    with pytest.raises(Invalid) as caught:
        service.add_place("shelf", "3", stacks.cabinets[0].id, **stacks.keeper)
    assert "code" in caught.value.fields
    with pytest.raises(Invalid):
        service.add_place("room", "K1", **stacks.keeper)
    service.close_place(shelf.id, **stacks.keeper)
    again = service.add_place("shelf", "3", stacks.cabinets[0].id, **stacks.keeper)
    assert again.id != shelf.id  # the barcode of the closed one is never used again


def test_a_box_cannot_be_moved_to_where_its_code_is_taken_or_to_a_room(stacks):
    other = service.add_place("box", "01", stacks.shelves[1][0].id, **stacks.keeper)
    with pytest.raises(Invalid) as caught:
        service.move_place(other.id, stacks.shelves[0][0].id, **stacks.keeper)
    assert "code" in caught.value.fields
    with pytest.raises(Invalid) as caught:
        service.move_place(other.id, stacks.room.id, **stacks.keeper)
    assert "parent" in caught.value.fields


def test_a_place_is_closed_only_when_it_is_empty(stacks):
    put(stacks, stacks.boxes[0], kept := stacks.folder())
    for place in (stacks.boxes[0], stacks.shelves[0][0], stacks.room):
        with pytest.raises(Refused) as caught:
            service.close_place(place.id, **stacks.keeper)
        assert caught.value.code == "stacks.not_empty"
    put(stacks, stacks.boxes[1], kept)
    service.close_place(stacks.boxes[0].id, **stacks.keeper)
    with pytest.raises(Refused) as caught:
        put(stacks, stacks.boxes[0], kept)
    assert caught.value.code == "stacks.closed"


@pytest.mark.requirement("CAT-25")
def test_a_place_lists_its_folders_by_class_and_number_and_names_the_neighbours(stacks, people, at):
    third, other, first, second = (
        stacks.folder(year=2026),
        stacks.folder(category="YW"),
        stacks.folder(year=2025),
        stacks.folder(year=2025),
    )
    put(stacks, stacks.shelves[0][0], third, other, second, first)
    shown = queries.contents(people.archivist, stacks.shelves[0][0].id, at)
    assert [thing.key for thing in shown.things] == [first.id, second.id, third.id, other.id]
    left, right = queries.neighbours(third, people.archivist, at)
    assert (left.id, right.id) == (second.id, other.id)
    assert queries.neighbours(first, people.archivist, at)[0] is None
    assert queries.neighbours(stacks.folder(), people.archivist, at) == (None, None)


@pytest.mark.requirement("STO-16")
def test_what_is_away_and_what_belongs_elsewhere_is_told_apart(stacks, people, at):
    lent, lost, here = stacks.folder(), stacks.folder(), stacks.folder()
    put(stacks, stacks.boxes[0], lent, lost, here)
    records.move_custody(lent.id, "lent", holder="王", actor=people.archivist, at=at)
    service.seen(stacks.boxes[1].id, [("folder", lost.id)], via="screen", **stacks.keeper)
    home = queries.contents(people.archivist, stacks.boxes[0].id, at)
    assert {thing.key for thing in home.things if thing.away} == {lent.id, lost.id}
    other = queries.contents(people.archivist, stacks.boxes[1].id, at)
    assert [thing.key for thing in other.strangers] == [lost.id] and other.things == []
    assert stacks.words(lost).endswith("盒 01")  # its home did not change


def test_the_history_of_a_folder_names_every_place_and_who_put_it_there(stacks, at):
    kept = stacks.folder()
    put(stacks, stacks.boxes[0], kept)
    put(stacks, stacks.shelves[1][0], kept, at=at + timedelta(hours=1))
    history = queries.history_of("folder", kept.id)
    assert [row.place.path for row in history] == ["一号库房 A02 柜 1 格", "一号库房 A01 柜 1 格 盒 01"]
    assert {row.placed_by for row in history} == {"陈静宜"}


def test_last_seen_is_the_newest_of_placing_lending_and_giving_back(stacks, people, at):
    placed, given_back, never = stacks.folder(), stacks.folder(place="A 柜"), stacks.folder()
    put(stacks, stacks.boxes[0], placed, given_back)
    records.move_custody(given_back.id, "lent", actor=people.archivist, at=at + timedelta(hours=1))
    back = at + timedelta(hours=2)
    records.move_custody(given_back.id, "on_shelf", actor=people.archivist, at=back)
    seen = queries.last_seen([placed.id, given_back.id, never.id, 999])
    assert seen[placed.id] == (at, "一号库房 A01 柜 1 格 盒 01", "陈静宜")
    assert seen[given_back.id][0] == back
    assert 999 not in seen


def test_an_undo_brings_back_home_sight_and_words(stacks, at):
    kept = stacks.folder(place="临时放在窗台")
    first = put(stacks, stacks.boxes[0], kept)
    service.undo_shelve([row.id for row in first], **stacks.keeper)
    assert stacks.words(kept) == "临时放在窗台" and queries.standing_of("folder", kept.id) is None
    put(stacks, stacks.boxes[0], kept)
    second = put(stacks, stacks.boxes[1], kept, at=at + timedelta(seconds=5))
    service.undo_shelve([row.id for row in second], **stacks.keeper)
    standing = queries.standing_of("folder", kept.id)
    assert standing.home_id == standing.seen_in_id == stacks.boxes[0].id and standing.seen_at == at
    assert stacks.words(kept) == "一号库房 A01 柜 1 格 盒 01"
    assert len(queries.history_of("folder", kept.id)) == 1


def test_an_undo_after_the_folder_moved_on_is_refused(stacks, at):
    kept = stacks.folder()
    first = put(stacks, stacks.boxes[0], kept)
    put(stacks, stacks.boxes[1], kept, at=at + timedelta(seconds=5))
    with pytest.raises(Refused) as caught:
        service.undo_shelve([row.id for row in first], **stacks.keeper)
    assert caught.value.code == "wrong_state"
    assert stacks.words(kept).endswith("盒 02")


@pytest.mark.requirement("SEC-16")
def test_a_place_never_shows_or_counts_what_one_may_not_know_of(stacks, people, at):
    open_one, hidden, right = stacks.folder("open"), stacks.folder("top_secret"), stacks.folder("open")
    put(stacks, stacks.boxes[0], open_one, hidden, right)
    reader = people.back_office
    shown = queries.contents(reader, stacks.boxes[0].id, at)
    assert [thing.key for thing in shown.things] == [open_one.id, right.id]
    assert shown.node.total == 2 and queries.tree(reader, at)[0].total == 2
    assert queries.neighbours(open_one, reader, at)[1].id == right.id
    assert [named.text for _row, named in queries.placements_in(stacks.boxes[0], reader, at)] == [
        right.file_number, open_one.file_number,
    ]  # fmt: skip
    assert queries.tree(people.archivist, at)[0].total == 3


def test_other_kinds_of_things_stand_beside_folders_by_their_own_names(stacks, people, at, monkeypatch):
    def name_volumes(ids, actor, at):
        return {key: Named(f"案卷 {key}", "销售合同", "stacks.index", {}) for key in ids if key != 13}

    monkeypatch.setitem(queries.names, "volume", name_volumes)
    service.shelve(stacks.boxes[0].id, [("volume", 10), ("volume", 9), ("folder", stacks.folder().id)],
                   via="boxing", **stacks.keeper)  # fmt: skip
    shown = queries.contents(people.archivist, stacks.boxes[0].id, at)
    assert [thing.named.text for thing in shown.things][1:] == ["案卷 9", "案卷 10"]
    assert shown.node.total == 3
    with pytest.raises(NotFound):
        service.shelve(stacks.boxes[0].id, [("volume", 13)], via="boxing", **stacks.keeper)


@pytest.mark.parametrize("typed", ["A01-1-02", "a01 1 02", "一号库房 A01 柜 1 格 盒 02", "K1-A01-1-02"])
def test_a_place_is_found_by_its_code_or_its_way(stacks, people, typed):
    assert [place.id for place in queries.find(people.archivist, typed)] == [stacks.boxes[1].id]


def test_one_code_in_two_rooms_finds_both(stacks, people):
    room = service.add_place("room", "K2", name="二号库房", **stacks.keeper)
    service.add_place("cabinet", "A01", room.id, **stacks.keeper)
    assert len(queries.find(people.archivist, "A01")) == 2
    assert len(queries.find(people.archivist, "K2-A01")) == 1
    assert queries.find(people.archivist, " - ") == []


def test_every_change_of_the_stacks_is_audited(stacks):
    before = audit.head()[0]
    put(stacks, stacks.boxes[0], stacks.folder())
    service.move_place(stacks.boxes[0].id, stacks.shelves[0][1].id, **stacks.keeper)
    events = audit.AuditEvent.select().where(audit.AuditEvent.seq > before).order_by(audit.AuditEvent.seq)
    actions = [event.action for event in events]
    assert actions.count("place.shelve") == actions.count("place.move") == 1
    assert actions.count("folder.place") == 2
    assert audit.verify() == []


def test_the_count_of_queries_does_not_grow_with_the_folders(stacks, people, at):
    from archive_app.core.db import count_queries

    def cost():
        with count_queries() as counted:
            queries.tree(people.archivist, at)
            queries.contents(people.archivist, stacks.boxes[0].id, at)
        return counted()

    put(stacks, stacks.boxes[0], stacks.folder())
    few = cost()
    put(stacks, stacks.boxes[0], *[stacks.folder() for _n in range(12)])
    assert cost() == few


def test_places_work_the_same_on_both_engines(both, at):
    from archive_app.people import service as people
    from archive_app.people.models import User

    actor = people.actor_of(User.get(User.username == "archivist"), at)
    keeper = {"actor": actor, "at": at}
    room = service.add_place("room", "K1", name="一号库房", **keeper)
    cabinet = service.add_place("cabinet", "A01", room.id, **keeper)
    shelf, box = service.add_place("shelf", "1", cabinet.id, **keeper), None
    box = service.add_place("box", "01", shelf.id, width_mm=30, **keeper)
    rows = [records.register_folder("HT", 2026, f"合同 {n}", actor=actor, at=at) for n in range(3)]
    made = service.shelve(box.id, [("folder", row.id) for row in rows], via="screen", **keeper)
    service.undo_shelve([made[2].id], **keeper)
    shown = queries.contents(actor, box.id, at)
    assert [thing.key for thing in shown.things] == [rows[0].id, rows[1].id]
    assert queries.neighbours(rows[0], actor, at)[1].id == rows[1].id
    assert queries.last_seen([row.id for row in rows])[rows[1].id][1] == box.path
    with pytest.raises(Invalid):
        service.add_place("box", "01", shelf.id, **keeper)


# Printers


def test_a_printer_keeps_its_stock_offset_scale_and_next_label(people, at):
    keeper = {"actor": people.archivist, "at": at}
    row = printers.add_printer(" 前台激光机 ", "L7160", **keeper)
    assert (row.name, row.next_start) == ("前台激光机", 1)
    row = printers.set_printer(
        row.id, name="前台", stock="L7651", next_start=65, offset_mm=(1.5, -0.5), scale=1.01, **keeper
    )
    setting = printers.setting_of(row)
    assert (setting.stock.name, setting.start, setting.offset_mm, setting.scale) == (
        "L7651",
        65,
        (1.5, -0.5),
        1.01,
    )
    assert setting.next_start(1) == 1 and setting.next_start(2) == 2
    with pytest.raises(Invalid):
        printers.add_printer("前台", "L7160", **keeper)
    printers.close_printer(row.id, **keeper)
    assert printers.printers(people.archivist) == []
    printers.add_printer("前台", "L7160", **keeper)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"next_start": 22}, "next_start"), ({"next_start": 0}, "next_start"), ({"name": ""}, "name"),
        ({"stock": "nothing"}, "stock"), ({"scale": 2.0}, "scale"), ({"scale": float("nan")}, "scale"),
        ({"offset_mm": (99.0, 0.0)}, "offset_mm"), ({"offset_mm": (float("nan"), 0.0)}, "offset_mm"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_by_name(people, at, wrong, field):
    row = printers.add_printer("前台", "L7160", actor=people.archivist, at=at)
    values = {
        "name": "前台",
        "stock": "L7160",
        "next_start": 1,
        "offset_mm": (0.0, 0.0),
        "scale": 1.0,
    } | wrong
    with pytest.raises(Invalid) as caught:
        printers.set_printer(row.id, **values, actor=people.archivist, at=at)
    assert list(caught.value.fields) == [field]


def test_measured_crosses_become_offset_and_scale(people, at):
    from archive_app.printing.labels import Measured

    row = printers.add_printer("前台", "L7160", actor=people.archivist, at=at)
    row, mended = printers.calibrate(row.id, Measured((21, 19), (191, 276)), actor=people.archivist, at=at)
    assert (row.offset_x_mm, row.offset_y_mm, row.scale) == (-1.0, 1.0, 1.0)
    assert row.calibrated_at == at and not mended.uneven


@pytest.mark.parametrize("first", [(2.0, 20.0), (20.0, 200.0), (float("nan"), 20.0)])
def test_a_number_in_the_wrong_field_is_no_deviation(people, at, first):
    from archive_app.printing.labels import Measured

    row = printers.add_printer("前台", "L7160", actor=people.archivist, at=at)
    with pytest.raises(Invalid) as caught:
        printers.calibrate(row.id, Measured(first, (190.0, 277.0)), actor=people.archivist, at=at)
    assert list(caught.value.fields) == ["first"]
    assert printers.printer_for(people.archivist, row.id).calibrated_at is None


def test_a_lent_folder_keeps_its_home_and_comes_back_to_it(stacks, people, at):
    kept = stacks.folder("open")
    put(stacks, stacks.boxes[0], kept)
    loan = lending.request_loan(
        kept.id, "loan", purpose="对账", undertaking=True, actor=people.director, at=at
    )
    lending.hand_over(loan.id, actor=people.archivist, at=at)
    with pytest.raises(Refused):
        put(stacks, stacks.boxes[1], kept)
    lending.give_back(loan.id, actor=people.archivist, at=at + timedelta(hours=1))
    assert Folder.get_by_id(kept.id).place.endswith("盒 01")
    assert Standing.get(Standing.key == kept.id).home_id == stacks.boxes[0].id
