"""Lines of the catalog and their paper: partly known dates, leaves, years covered, condition, place."""

from __future__ import annotations

import json
from datetime import date

import pytest

from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.people import service as people_service
from archive_app.people.models import User
from archive_app.records import queries, rules, service
from archive_app.records.models import Change, ConditionEvent, Document, Folder


@pytest.fixture
def folder(people, at):
    return service.register_folder("YW", 2026, "销售部请示与批复", actor=people.archivist, at=at)


@pytest.fixture
def add(people, at, folder):
    """Add a line to the folder's catalog."""

    def make(title="关于增设代理点的请示", **fields):
        return service.add_document(folder.id, title=title, actor=people.archivist, at=at, **fields)

    return make


@pytest.fixture
def edit(people, at):
    """Change a line of the catalog."""

    def change(document, reason="按原件改正", **changes):
        return service.edit_document(
            document.id, changes, reason, Document.get_by_id(document.id).revision,
            actor=people.archivist, at=at,
        )  # fmt: skip

    return change


@pytest.mark.parametrize(
    ("typed", "printed"),
    [("1949", "19490000"), ("１９４９１０", "19491000"), ("1949-10-01", "19491001"), ("", "")],
)
def test_a_date_is_kept_as_far_as_it_is_known(add, typed, printed):
    row = Document.get_by_id(add(dated=typed).id)
    assert rules.dated_words(row.dated, row.dated_known) == printed


def test_a_date_that_does_not_exist_is_refused_by_its_name_and_nothing_is_added(add):
    with pytest.raises(Invalid) as error:
        add(dated="20261331")
    assert "20261331" in error.value.fields["dated"]
    assert Document.select().count() == 0


def test_all_that_is_wrong_with_a_line_is_told_at_once(add):
    with pytest.raises(Invalid) as error:
        add("", dated="20261331", pages=3, sheets=5, covers_from=2026, covers_to=2024, nature="party")
    assert set(error.value.fields) == {"title", "dated", "sheets", "covers_to", "nature"}


def test_programs_give_dates_as_dates(add):
    assert (add(dated=date(2025, 9, 4)).dated_known, add(dated=date(2025, 9, 4)).dated) == (
        "day",
        date(2025, 9, 4),
    )
    partly = add(dated=date(2025, 9, 4), dated_known="month")
    assert (partly.dated, partly.dated_known) == (date(2025, 9, 1), "month"), "no day that nobody knows"
    with pytest.raises(Invalid):
        add(dated=date(2025, 9, 4), dated_known="hour")


def test_a_date_found_out_later_is_one_line_of_the_change_record(add, edit, folder):
    document = add(dated="1949")
    edit(document, dated="1949-10")
    edit(document, dated=date(1949, 10, 1))
    changes = Change.select().order_by(Change.id)
    assert [(c.field, c.old, c.new) for c in changes] == [
        ("dated", "1949", "1949-10"),
        ("dated", "1949-10", "1949-10-01"),
    ]


def test_saving_a_line_unchanged_keeps_a_partly_known_date(add, edit):
    document = add(dated="1949", pages=4, sheets=2)
    edit(document, title="新题名", dated="1949", pages=4, sheets=2)
    row = Document.get_by_id(document.id)
    assert (row.dated_known, row.sheets) == ("year", 2)
    assert [change.field for change in Change.select()] == ["title"]
    edit(document, title="又改")
    assert Document.get_by_id(document.id).dated_known == "year", "what was not sent stays"


def test_leaves_and_pages_must_agree_also_after_a_recount(add, edit):
    document = add(pages=4, sheets=2)
    with pytest.raises(Invalid) as error:
        edit(document, pages=9)
    assert "sheets" in error.value.fields
    edit(document, pages=3)
    edit(document, sheets=None, pages=9)
    assert Document.get_by_id(document.id).sheets is None


def test_a_plan_says_which_years_it_covers(add):
    row = Document.get_by_id(add("2026—2028 年销售规划", nature="plan", covers_from=2026, covers_to=2028).id)
    assert (row.nature, row.covers_from, row.covers_to) == ("plan", 2026, 2028)
    assert Document.get_by_id(add().id).nature == "", "most documents cross no years"


def test_a_text_in_another_language_is_a_part_of_its_own(add):
    assert add(part="translation", group="合同甲").part == "translation"


# What was found or done on the paper


@pytest.fixture
def note(people, at, folder):
    """Note something about the paper of the folder."""

    def make(kind="damaged", document=None, who=None, remark="右下角撕去一块", **more):
        return service.note_condition(
            folder.id, document.id if document else None, kind, remark=remark,
            actor=who or people.archivist, at=at, **more,
        )  # fmt: skip

    return make


@pytest.mark.requirement("ARR-14")
def test_what_is_found_on_the_paper_is_kept_with_name_and_time_and_audited(add, note, at, folder):
    document = add()
    note("damaged", document, pages=2, where="第 3、4 页")
    note("missing", remark="附件一缺 1 页", pages=1)
    first, second = queries.conditions_of([folder.id])
    assert (first.kind, first.pages, first.where, first.document.title) == (
        "damaged", 2, "第 3、4 页", document.title,
    )  # fmt: skip
    assert (first.noted_by, first.noted_at) == ("archivist", at)
    assert (second.kind, second.document_id) == ("missing", None)
    event = AuditEvent.select().where(AuditEvent.action == "condition.note").order_by(AuditEvent.seq).first()
    assert json.loads(event.data)["remark"] == "右下角撕去一块"
    assert (event.kind, event.key) == ("folder", str(folder.id))


@pytest.mark.requirement("ARR-14")
def test_a_repair_follows_the_damage_and_both_stay(add, note, folder):
    torn, other = add(), add("附件")
    note("damaged", torn)
    note("damaged", other)
    note("repaired", torn, remark="已托裱")
    events = queries.conditions_of([folder.id])
    assert [event.kind for event in events] == ["damaged", "damaged", "repaired"]
    assert [event.document_id for event in rules.unmended(events)] == [other.id]


def test_conditions_of_several_folders_come_in_one_list_by_folder(people, at, note, folder):
    second = service.register_folder("YW", 2026, "另一份", actor=people.archivist, at=at)
    service.note_condition(second.id, None, "faded", remark="字迹洇开", actor=people.archivist, at=at)
    note()
    assert [e.folder_id for e in queries.conditions_of([second.id, folder.id])] == [folder.id, second.id]
    assert queries.conditions_of([]) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "eaten"}, "kind"),
        ({"remark": " \n "}, "remark"),
        ({"remark": "长" * 501}, "remark"),
        ({"where": "长" * 101}, "where"),
        ({"pages": -1}, "pages"),
        ({"pages": 10**6}, "pages"),
    ],
)
def test_a_note_that_says_nothing_or_nonsense_is_refused(note, wrong, field):
    with pytest.raises(Invalid) as error:
        note(**wrong)
    assert set(error.value.fields) == {field}
    assert ConditionEvent.select().count() == 0


def test_a_note_is_never_put_on_a_document_of_another_folder(people, at, note, add):
    other = service.register_folder("YW", 2026, "另一份", actor=people.archivist, at=at)
    stranger = service.add_document(other.id, title="别处的", actor=people.archivist, at=at)
    gone = add("误归")
    service.remove_document(gone.id, "不属于本卷", actor=people.archivist, at=at)
    for document in (stranger, gone):
        with pytest.raises(NotFound):
            note(document=document)


def test_only_who_may_note_conditions_does(people, note):
    with pytest.raises(Refused) as no:
        note(who=people.borrower)
    assert no.value.code == "permission"
    assert ConditionEvent.select().count() == 0


def test_the_paper_of_a_void_number_has_no_condition(people, at, note, folder):
    service.void_number(folder.id, "重复登记", actor=people.archivist, at=at)
    with pytest.raises(Refused) as no:
        note()
    assert no.value.code == "wrong_state"


# The home place


def test_shelving_sets_the_place_and_says_so_in_the_audit(people, at, folder):
    service.set_place(folder.id, " 一号库房 A03 柜 2 格 ", actor=people.archivist, at=at)
    assert Folder.get_by_id(folder.id).place == "一号库房 A03 柜 2 格"
    event = AuditEvent.get(AuditEvent.action == "folder.place")
    assert json.loads(event.data)["new"] == "一号库房 A03 柜 2 格"
    service.set_place(folder.id, "一号库房 A03 柜 2 格", actor=people.archivist, at=at)
    assert AuditEvent.select().where(AuditEvent.action == "folder.place").count() == 1, "nothing moved"


def test_a_form_opened_before_shelving_does_not_put_the_old_place_back(people, at, folder):
    service.set_place(folder.id, "一号库房 A03 柜", actor=people.archivist, at=at)
    old_form = {"title": "新题名", "place": ""}
    with pytest.raises(Refused) as no:
        service.edit_folder(folder.id, old_form, "题名写错", folder.revision, actor=people.archivist, at=at)
    assert no.value.code == "records.stale"
    assert Folder.get_by_id(folder.id).place == "一号库房 A03 柜"


def test_a_place_too_long_for_its_label_is_refused(people, at, folder):
    with pytest.raises(Invalid):
        service.set_place(folder.id, "柜" * 201, actor=people.archivist, at=at)
    with pytest.raises(NotFound):
        service.set_place(99_999, "柜", actor=people.archivist, at=at)


def test_dates_and_conditions_are_kept_alike_on_both_databases(both, at):
    archivist = people_service.actor_of(User.get(User.username == "archivist"), at)
    folder = service.register_folder("YW", 2026, "请示与批复", actor=archivist, at=at)
    document = service.add_document(
        folder.id, title="规划", dated="1949-10", nature="plan", covers_from=2026, actor=archivist, at=at
    )
    for of in (document.id, None):
        service.note_condition(
            folder.id, of, "damaged", pages=1, where="第 1 页", remark="撕裂", actor=archivist, at=at
        )
    row = Document.get_by_id(document.id)
    assert rules.dated_words(row.dated, row.dated_known) == "19491000"
    first, second = queries.conditions_of([folder.id])
    assert (first.document.title, second.document, first.where) == ("规划", None, "第 1 页")
