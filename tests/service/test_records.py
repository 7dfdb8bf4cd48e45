"""Folders and documents: edited with a reason, nothing lost, nobody sees what is not theirs to know."""

from datetime import date

import pytest

from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.records import queries, service
from archive_app.records.models import Change, Folder


@pytest.fixture
def folder(people, at):
    return service.register_folder(
        "HT", 2026, "成都天府食品购销合同", secrecy="secret", department_id=people.departments["XS"].id,
        actor=people.archivist, at=at,
    )  # fmt: skip


@pytest.mark.requirement("MOD-01")
@pytest.mark.requirement("MOD-09")
def test_an_edit_keeps_old_and_new_value_reason_and_name(people, at, folder):
    service.edit_folder(
        folder.id, {"title": "成都天府食品供货合同"}, "题名写错", 0, actor=people.archivist, at=at
    )
    change = Change.get()
    assert (change.old, change.new) == ("成都天府食品购销合同", "成都天府食品供货合同")
    assert (change.reason, change.changed_by, change.field) == ("题名写错", "archivist", "title")


@pytest.mark.requirement("MOD-01")
def test_an_edit_without_a_reason_changes_nothing(people, at, folder):
    with pytest.raises(Invalid) as error:
        service.edit_folder(folder.id, {"title": "别的"}, " ", 0, actor=people.archivist, at=at)
    assert "reason" in error.value.fields
    assert Folder.get_by_id(folder.id).title == "成都天府食品购销合同"


def test_two_people_editing_the_same_folder_do_not_overwrite_each_other(people, at, folder):
    service.edit_folder(folder.id, {"title": "甲"}, "改", 0, actor=people.archivist, at=at)
    with pytest.raises(Refused, match="刚被别人改过"):
        service.edit_folder(folder.id, {"title": "乙"}, "改", 0, actor=people.archivist, at=at)
    assert Folder.get_by_id(folder.id).title == "甲"


def test_the_file_number_cannot_be_edited(people, at, folder):
    service.edit_folder(
        folder.id, {"file_number": "HT-2026-9999", "year": 1999}, "试", 0, actor=people.archivist, at=at
    )
    row = Folder.get_by_id(folder.id)
    assert (row.file_number, row.year) == ("HT-2026-0001", 2026)


def test_documents_stand_in_the_order_they_were_added(people, at, folder):
    for title in ("请示", "批复", "合同"):
        service.add_document(
            folder.id, title=title, pages=2, dated=date(2025, 9, 4), actor=people.archivist, at=at
        )
    page = queries.folder_page(people.archivist, folder.id, at)
    assert [(d.position, d.title) for d in page.documents] == [(1, "请示"), (2, "批复"), (3, "合同")]
    assert page.pages == 6


def test_a_removed_document_leaves_the_catalog_but_not_the_record(people, at, folder):
    document = service.add_document(folder.id, title="误归文件", actor=people.archivist, at=at)
    service.remove_document(document.id, "不属于本卷", actor=people.archivist, at=at)
    page = queries.folder_page(people.archivist, folder.id, at)
    assert page.documents == []
    assert page.changes[0].reason == "不属于本卷"
    with pytest.raises(NotFound):
        service.get_document(document.id)


@pytest.mark.requirement("SEC-16")
def test_a_list_shows_only_what_the_person_may_know(people, at):
    for level in ("open", "secret", "confidential", "top_secret"):
        service.register_folder(
            "HT", 2026, f"{level} 卷", secrecy=level, department_id=people.departments["KF"].id,
            actor=people.archivist, at=at,
        )  # fmt: skip
    seen = {row.secrecy for row in queries.list_folders(people.borrower, at, queries.Filters()).rows}
    all_ = {row.secrecy for row in queries.list_folders(people.archivist, at, queries.Filters()).rows}
    assert "top_secret" not in seen
    assert seen < all_ == {"open", "secret", "confidential", "top_secret"}


def test_a_hidden_folder_and_no_folder_look_the_same(people, at):
    hidden = service.register_folder(
        "HT", 2026, "绝密卷", secrecy="top_secret", actor=people.archivist, at=at
    )
    messages = []
    for folder_id in (hidden.id, 99_999):
        with pytest.raises(NotFound) as error:
            queries.folder_for(people.borrower, folder_id, at)
        messages.append(str(error.value))
    assert messages[0] == messages[1]


def test_pages_by_key_show_every_folder_once_both_ways(people, at):
    made = [
        service.register_folder("HT", 2026, f"第{n}卷", actor=people.archivist, at=at).id for n in range(23)
    ]
    seen, key, pages = [], None, []
    while True:
        page = queries.list_folders(people.archivist, at, queries.Filters(), older=key, limit=5)
        seen += [row.id for row in page.rows]
        pages.append([row.id for row in page.rows])
        if page.older is None:
            break
        key = page.older
    assert seen == made[::-1]
    back = queries.list_folders(people.archivist, at, queries.Filters(), newer=page.newer, limit=5)
    assert [row.id for row in back.rows] == pages[-2]


def test_filters_narrow_by_category_year_secrecy_and_custody(people, at, folder):
    service.register_folder("KH", 2025, "客户资料", secrecy="open", actor=people.archivist, at=at)
    service.move_custody(folder.id, "lent", holder="王静娟", actor=people.archivist, at=at)

    def found(**filters):
        return [
            r.file_number for r in queries.list_folders(people.archivist, at, queries.Filters(**filters)).rows
        ]

    assert found(categories=("KH",)) == ["KH-2025-0001"]
    assert found(years=(2026,)) == ["HT-2026-0001"]
    assert found(secrecy=("secret",)) == ["HT-2026-0001"]
    assert found(custody=("lent",)) == ["HT-2026-0001"]
    assert found(custody=("on_shelf",), categories=("HT",)) == []


def test_a_folder_that_is_out_cannot_go_out_again(people, at, folder):
    service.move_custody(folder.id, "lent", holder="王静娟", actor=people.archivist, at=at)
    with pytest.raises(Refused, match="不在应在的地方"):
        service.move_custody(folder.id, "reading_room", actor=people.archivist, at=at)


@pytest.mark.parametrize("typed", ["HT-2026-0001", "ｈｔ２０２６０００１", "0001", "2026-1", "ht-1"])
def test_a_folder_is_found_by_its_number_typed_in_any_form(people, at, folder, typed):
    assert [row.id for row in queries.by_number(people.archivist, typed, at)] == [folder.id]
