"""File numbers: category, filing year, serial; gap-free, never doubled, never reissued."""

import pytest

from archive_app.core import audit
from archive_app.core.errors import Invalid, Refused
from archive_app.records import queries, service
from archive_app.records.models import Counter, Folder


def register(people, at, category="HT", year=2026, title="购销合同", **more):
    return service.register_folder(category, year, title, actor=people.archivist, at=at, **more)


@pytest.mark.requirement("CAT-04")
@pytest.mark.requirement("CAT-02")
@pytest.mark.requirement("CAT-23")
def test_each_category_and_year_counts_for_itself(people, at):
    numbers = [
        register(people, at, category, year).file_number
        for category, year in [("HT", 2026), ("HT", 2026), ("HT", 2025), ("KH", 2026), ("HT", 2026)]
    ]
    assert numbers == ["HT-2026-0001", "HT-2026-0002", "HT-2025-0001", "KH-2026-0001", "HT-2026-0003"]


def test_the_year_is_the_filing_year_chosen_not_todays(people, at):
    assert register(people, at, year=2024).file_number == "HT-2024-0001"


@pytest.mark.parametrize("year", [0, 26, 20261331, 2099])
def test_an_impossible_year_is_refused_and_uses_up_no_number(people, at, year):
    with pytest.raises(Invalid) as error:
        register(people, at, year=year)
    assert "year" in error.value.fields
    assert Counter.select().count() == 0


@pytest.mark.requirement("CAT-01")
def test_category_gives_default_secrecy_and_retention(people, at):
    from archive_app.people import rulebook

    folder = register(people, at)
    category = rulebook.current(at).book.category("HT")
    assert (folder.secrecy, folder.retention) == (category.secrecy, category.retention)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "  \n "}, "title"),
        ({"title": "长" * 10_000}, "title"),
        ({"category": "XX"}, "category"),
        ({"secrecy": "ultra"}, "secrecy"),
        ({"retention": "never"}, "retention"),
    ],
)
def test_wrong_details_name_their_field_and_use_up_no_number(people, at, values, field):
    with pytest.raises(Invalid) as error:
        register(people, at, **values)
    assert list(error.value.fields) == [field]
    assert register(people, at).serial == 1


def test_the_same_form_sent_twice_registers_one_folder(people, at):
    first = register(people, at, request_id="form-1")
    again = register(people, at, request_id="form-1")
    assert first.id == again.id
    assert Counter.get().last == 1


def test_reserved_numbers_are_filled_later_and_the_series_goes_on_behind_them(people, at):
    block = service.reserve_block("HT", 2026, 3, "扫描前贴标签", actor=people.archivist, at=at)
    after = register(people, at)
    assert (block.first, block.last, after.serial) == (1, 3, 4)
    reserved = queries.block_folders(block.id)
    filled = service.fill_reserved(reserved[1].id, title="补录合同", actor=people.archivist, at=at)
    assert (filled.file_number, filled.state, filled.title) == ("HT-2026-0002", "active", "补录合同")
    with pytest.raises(Refused, match="办不了"):
        service.fill_reserved(filled.id, title="再来一次", actor=people.archivist, at=at)


@pytest.mark.requirement("CAT-21")
def test_a_void_number_stays_as_a_tombstone_and_is_never_reissued(people, at):
    folder = register(people, at)
    service.void_number(folder.id, "重复登记", actor=people.archivist, at=at)
    assert register(people, at).file_number == "HT-2026-0002"
    tomb = Folder.get_by_id(folder.id)
    assert (tomb.state, tomb.void_reason, tomb.voided_by) == ("void", "重复登记", "archivist")


def test_voiding_needs_a_reason(people, at):
    folder = register(people, at)
    with pytest.raises(Invalid) as error:
        service.void_number(folder.id, "  ", actor=people.archivist, at=at)
    assert "reason" in error.value.fields
    assert Folder.get_by_id(folder.id).state == "active"


def test_the_gap_report_explains_every_number(people, at):
    for _ in range(3):
        register(people, at)
    void = register(people, at)
    service.void_number(void.id, "题名写错", actor=people.archivist, at=at)
    service.reserve_block("HT", 2026, 2, "年底补录", actor=people.archivist, at=at)
    (series,) = queries.gap_report(people.archivist, at)
    assert [(run.state, run.first, run.last) for run in series.runs] == [
        ("active", 1, 3),
        ("void", 4, 4),
        ("reserved", 5, 6),
    ]
    assert "题名写错" in series.runs[1].explanation
    assert "年底补录" in series.runs[2].explanation
    assert series.unexplained == 0


def test_the_gap_report_tells_a_number_that_was_lost(people, at):
    register(people, at)
    register(people, at)
    Counter.update(last=5).execute()
    (series,) = queries.gap_report(people.archivist, at)
    assert series.unexplained == 3
    assert series.runs[-1].first_number == "HT-2026-0003"


def test_a_borrower_may_not_register_and_the_refusal_quotes_where_it_stands(people, at):
    with pytest.raises(Refused) as refused:
        service.register_folder("HT", 2026, "x", actor=people.borrower, at=at)
    assert refused.value.clause
    assert Counter.select().count() == 0


def test_a_number_remembers_the_rule_book_that_judged_it(people, at):
    from archive_app.people import rulebook

    assert register(people, at).rule_book == rulebook.current(at).id


def test_giving_out_a_number_is_on_the_audit_chain(people, at):
    folder = register(people, at)
    event = audit.AuditEvent.select().order_by(audit.AuditEvent.seq.desc()).get()
    assert (event.action, event.kind, event.key, event.actor) == (
        "folder.register", "folder", str(folder.id), "archivist",
    )  # fmt: skip
    assert "HT-2026-0001" in event.data
    assert audit.verify() == []
