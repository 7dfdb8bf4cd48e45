"""Shelving at the desk: place then folders, folders then place, undo, repeats, and what is refused."""

from __future__ import annotations

import itertools
from datetime import timedelta
from types import SimpleNamespace

import pytest

from archive_app.desk import queries as desk_queries
from archive_app.desk import service as desk_service
from archive_app.loans import service as lending
from archive_app.loans.models import Loan
from archive_app.printing.barcode import BarcodeType, payload, qr_text
from archive_app.stacks import queries, service
from archive_app.stacks.models import Placement
from archive_app.stacks.sheets import payload_of

pytest_plugins = ["tests.stacks"]


@pytest.fixture
def desk(stacks, people, at):
    """A desk with a clock that goes on five seconds with each scan."""
    counter = itertools.count()

    def scan(code, after=5, request_id=None, name="1", who=None):
        desk.now += timedelta(seconds=after)
        row = desk_service.scan(
            code, desk=name, request_id=request_id or f"r{next(counter)}", actor=who or people.archivist,
            at=desk.now,
        )  # fmt: skip
        desk.last = row
        return desk_queries.shown(row).answer

    def folder(row):
        return scan(payload(BarcodeType.FOLDER, row.id))

    def place(row, **more):
        return scan(payload_of(row), **more)

    def undo():
        return desk_service.undo(desk.last.id, desk="1", actor=people.archivist, at=desk.now)

    desk = SimpleNamespace(scan=scan, folder=folder, place=place, undo=undo, now=at)
    return desk


@pytest.mark.requirement("STO-11")
def test_place_first_then_any_number_of_folders(desk, stacks):
    shelf, folders = stacks.shelves[0][1], [stacks.folder() for _n in range(3)]
    answer = desk.place(shelf)
    assert (answer.kind, answer.verb, answer.number) == ("ok", "上架到", "A01-2")
    for each in folders:
        answer = desk.folder(each)
        assert (answer.kind, answer.verb, answer.number) == ("ok", "已上架", each.file_number)
        assert (answer.sentence, answer.sound, answer.undo) == ("一号库房 A01 柜 2 格", "done", "shelve")
    assert {stacks.words(each) for each in folders} == {"一号库房 A01 柜 2 格"}
    held = desk_queries.place_in_hand("1", desk.now)
    assert (held.code, held.folders) == ("A01-2", [each.file_number for each in folders[::-1]])


@pytest.mark.requirement("STO-11")
def test_folders_first_then_their_place(desk, stacks):
    folders = [stacks.folder() for _n in range(3)]
    for each in folders:
        assert desk.folder(each).verb == "请扫借阅人"
    answer = desk.place(stacks.boxes[1])
    assert (answer.verb, answer.number, answer.sentence) == ("已上架", "3 份", "一号库房 A01 柜 1 格 盒 02")
    assert {stacks.words(each) for each in folders} == {"一号库房 A01 柜 1 格 盒 02"}
    # the group is done: a folder scanned now waits again, it does not follow silently
    later = stacks.folder()
    assert desk.folder(later).verb == "请扫借阅人" and stacks.words(later) == ""


def test_a_single_folder_then_its_place_is_named_with_its_neighbours(desk, stacks):
    first, second, third = (stacks.folder() for _n in range(3))
    service.shelve(
        stacks.boxes[0].id, [("folder", first.id), ("folder", third.id)], via="screen", **stacks.keeper
    )
    desk.folder(second)
    answer = desk.place(stacks.boxes[0])
    assert answer.number == second.file_number
    assert first.file_number in answer.why and third.file_number in answer.why


def test_only_folders_scanned_just_before_follow_the_place(desk, stacks):
    old, recent = stacks.folder(), stacks.folder()
    desk.folder(old)
    desk.scan("不是条码")  # any other scan ends the group
    desk.folder(recent)
    desk.place(stacks.boxes[0])
    assert (stacks.words(old), bool(stacks.words(recent))) == ("", True)
    slow = stacks.folder()
    desk.folder(slow)
    assert desk.place(stacks.boxes[1], after=121).verb == "上架到"
    assert stacks.words(slow) == ""


@pytest.mark.parametrize("order", ["place first", "folders first"])
def test_an_undo_puts_everything_back(desk, stacks, order):
    kept, other = stacks.folder(place="窗台"), stacks.folder()
    service.shelve(stacks.boxes[0].id, [("folder", other.id)], via="screen", **stacks.keeper)
    if order == "place first":
        desk.place(stacks.boxes[1])
        desk.folder(kept)
        assert desk.undo().undone_at is not None
        assert stacks.words(kept) == "窗台"
    else:
        desk.folder(kept)
        desk.folder(other)
        desk.place(stacks.boxes[1])
        desk.undo()
        assert (stacks.words(kept), stacks.words(other)) == ("窗台", "一号库房 A01 柜 1 格 盒 01")
        assert queries.standing_of("folder", kept.id) is None
    assert Placement.select().where(Placement.undone_at.is_null(False)).exists()


def test_the_same_scan_sent_twice_shelves_once(desk, stacks):
    kept = stacks.folder()
    desk.place(stacks.boxes[0])
    code = payload(BarcodeType.FOLDER, kept.id)
    first = desk.scan(code, request_id="same")
    assert desk.scan(code, request_id="same") == first
    assert Placement.select().count() == 1


def test_the_same_place_again_or_the_change_key_ends_it(desk, stacks, people):
    desk.place(stacks.boxes[0])
    assert desk.place(stacks.boxes[0]).verb == "放下了"
    assert desk.folder(stacks.folder()).verb == "请扫借阅人"
    desk.scan("结束这一组")
    desk.place(stacks.boxes[0])
    desk_service.put_down(desk="1", actor=people.archivist, at=desk.now)
    assert desk_queries.place_in_hand("1", desk.now) is None


def test_another_place_takes_over_and_a_person_too(desk, stacks, people):
    one, two = stacks.folder(), stacks.folder()
    desk.place(stacks.boxes[0])
    desk.folder(one)
    desk.place(stacks.shelves[1][0])
    desk.folder(two)
    assert (stacks.words(one)[-4:], stacks.words(two)) == ("盒 01", "一号库房 A02 柜 1 格")
    desk.scan(payload(BarcodeType.PERSON, people.borrower.user_id))
    assert desk_queries.place_in_hand("1", desk.now) is None


def test_a_box_scanned_with_a_shelf_in_hand_offers_to_move_the_whole_box(desk, stacks):
    desk.place(stacks.shelves[1][0])
    answer = desk.place(stacks.boxes[0])
    assert answer.step["endpoint"] == "stacks.move"
    assert answer.step["values"] == {"place_id": stacks.boxes[0].id, "to": stacks.shelves[1][0].id}
    assert queries.place_for(stacks.keeper["actor"], stacks.boxes[0].id).parent_id == stacks.shelves[0][0].id


def test_a_forgotten_place_is_put_down_by_itself(desk, stacks):
    kept = stacks.folder()
    desk.place(stacks.boxes[0])
    desk.now += timedelta(minutes=10)
    assert desk.folder(kept).verb == "请扫借阅人"
    assert stacks.words(kept) == ""


@pytest.mark.requirement("LOAN-07")
def test_a_lent_folder_is_given_back_first_and_its_home_is_told(desk, stacks, people):
    kept = stacks.folder()
    service.shelve(stacks.boxes[0].id, [("folder", kept.id)], via="screen", **stacks.keeper)
    loan = lending.request_loan(
        kept.id, "loan", purpose="对账", undertaking=True, actor=people.director, at=desk.now
    )
    lending.hand_over(loan.id, actor=people.archivist, at=desk.now)
    desk.place(stacks.boxes[1])
    answer = desk.folder(kept)
    assert answer.verb == "已归还" and "一号库房 A01 柜 1 格 盒 01" in answer.sentence
    assert Loan.get_by_id(loan.id).state == "returned" and stacks.words(kept).endswith("盒 01")
    assert desk.folder(kept).verb == "已上架"
    assert stacks.words(kept).endswith("盒 02")


def test_what_is_already_at_home_is_only_dated(desk, stacks):
    kept = stacks.folder()
    desk.place(stacks.boxes[0])
    desk.folder(kept)
    assert "本来就在" in desk.folder(kept).sentence
    assert stacks.words(kept).endswith("盒 01")


def test_wrong_places_are_told_apart_and_change_nothing(desk, stacks):
    kept = stacks.folder()
    assert desk.scan(payload(BarcodeType.PLACE, 999)).kind == "none"
    # the type on the label must be the place's own: a box is no shelf
    assert desk.scan(payload(BarcodeType.PLACE, stacks.boxes[0].id)).kind == "none"
    service.close_place(stacks.boxes[0].id, **stacks.keeper)
    closed = desk.place(stacks.boxes[0])
    assert (closed.kind, closed.verb, closed.unchanged) == ("no", "已停用", True)
    room = desk.place(stacks.room)
    assert (room.kind, room.unchanged) == ("ask", True)
    desk.folder(kept)
    refused = desk.place(stacks.room)
    assert refused.kind == "no" and stacks.words(kept) == ""


def test_a_volume_is_not_shelved_by_its_folder_barcode_way(desk, stacks):
    desk.place(stacks.boxes[0])
    assert desk.scan(payload(BarcodeType.VOLUME, 1)).kind in ("none", "ask")
    assert Placement.select().count() == 0


def test_a_place_can_be_typed_and_its_qr_scanned(desk, stacks):
    kept = stacks.folder()
    assert desk.scan("a01 2").number == "A01-2"
    assert desk.folder(kept).verb == "已上架"
    assert desk.scan(qr_text("A01-1-02", payload_of(stacks.boxes[1]))).number == "A01-1-02"


def test_two_desks_have_each_their_own_place(desk, stacks):
    desk.place(stacks.boxes[0], name="1")
    assert desk_queries.place_in_hand("2", desk.now) is None
    answer = desk.scan(payload(BarcodeType.FOLDER, stacks.folder().id), name="2")
    assert answer.verb == "请扫借阅人"
