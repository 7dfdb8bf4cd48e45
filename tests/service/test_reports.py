"""Registers and reports: who had what, why, from whom, until when; nobody learns a title above his level."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.core.audit import AuditEvent
from archive_app.core.db import count_queries
from archive_app.core.errors import NotFound, Refused
from archive_app.loans import copies, incidents, originals, room
from archive_app.loans import service as loans
from archive_app.loans.models import Loan, RoomSession
from archive_app.notices.models import Notice
from archive_app.people.models import ArchiveUnit, User
from archive_app.prints import queries as prints
from archive_app.reports import queries, service, sheets, sight
from archive_app.reports.filters import Filters, read
from tests.bench.loan_books import fill
from tests.conftest import people_there
from tests.lending import wall

pytest_plugins = ["tests.lending"]


@pytest.fixture
def rows(people):
    """The rows of a register as somebody sees them at an hour."""

    def of(name, at=None, who=None, **args):
        ask = queries.ask_of(who or people.archivist, read(args), at or wall(18))
        return list(queries.every(queries.register_of(name), ask))

    return of


@pytest.fixture
def blind(people, at):
    """A person who may see registers and knows nothing of what is confidential."""
    from dataclasses import replace

    more = people.borrower.permissions | {"report.view"}
    return replace(people.borrower, permissions=more, department_id=None, department="")


@pytest.mark.requirement("LOAN-06")
@pytest.mark.requirement("LOAN-07")
def test_the_loan_register_says_name_copies_time_reason_and_cancels_at_the_return(approved, desk, rows):
    loan = desk.hand(approved(), wall(9))
    (row,) = rows("loans", wall(10))
    assert row["number"] == f"JY-2026-{loan.id:04d}"
    assert (row["title"], row["copies"], row["secrecy"]) == ("无锡恒泰机电客户资信档案", 1, "秘密")
    assert (row["borrower"], row["department"], row["purpose"]) == ("王静娟", "销售部", "续约谈判")
    assert (row["handed_at"], row["handed_by"], row["due_at"]) == (wall(9), "陈静宜", wall(13))
    assert row["approved_by"] == "沈慧敏" and row["clause"] == "销售客户档案管理制度 七.3"
    assert (row["returned_at"], row["state"], row["overdue"]) == (None, "外借", None)
    desk.back(loan, wall(15), pages=12)
    (row,) = rows("loans")
    assert (row["returned_at"], row["received_by"], row["pages_back"]) == (wall(15), "陈静宜", 12)
    assert (row["state"], row["overdue"], row["overdue_words"]) == (
        "已归还",
        timedelta(hours=2),
        "逾期 2 小时",
    )


def test_a_request_that_was_never_handed_over_is_no_loan(approved, rows):
    approved()
    assert rows("loans") == [] and rows("consults") == [] and rows("outstanding") == []


@pytest.mark.requirement("LOAN-14")
@pytest.mark.requirement("SEC-19")
def test_the_consult_register_says_purpose_seat_use_and_the_session(people, approved, desk, rows):
    loan = approved("confidential", "consult", people.gm)
    room.sign_in(people.gm.user_id, "2 号", actor=people.archivist, at=wall(9))
    desk.seat(loan, wall(9, 10))
    desk.back(loan, wall(10))
    Loan.update(purpose_class="工作查考", effect="解决问题", effect_note="定了价").execute()
    room.sign_out(RoomSession.get().id, actor=people.archivist, at=wall(10, 5))
    (row,) = rows("consults")
    assert (row["purpose_class"], row["purpose"], row["use"]) == ("工作查考", "续约谈判", "解决问题·定了价")
    assert (row["seat"], row["came_at"], row["left_at"]) == ("2 号", wall(9), wall(10, 5))
    (stay,) = rows("sessions")
    assert (stay["borrower"], stay["seat"], stay["count"]) == ("周建国", "2 号", 1)
    assert stay["read"] == loan.folder.file_number
    assert stay["classified_numbers"] == [loan.folder.file_number]


@pytest.mark.requirement("LOAN-11")
def test_the_photocopy_register_follows_a_copy_until_it_is_destroyed(people, approved, desk, rows):
    loan = approved("open", "photocopy")
    originals.draw_original(loan.id, 4, actor=people.archivist, at=wall(10))
    (out,) = rows("outstanding", wall(10, 1))
    assert (out["thing"], out["where"]) == ("原件", "取去影印")
    originals.put_back_original(loan.id, actor=people.archivist, at=wall(10, 5))
    assert rows("outstanding", wall(10, 6)) == []
    assert [row["thing"] for row in rows("outstanding", wall(10, 2))] == ["原件"], "as it was at that moment"
    loans.hand_over(loan.id, actor=people.archivist, at=wall(10, 10))
    (row,) = rows("copies", wall(10, 11))
    assert (row["name"], row["pages"], row["borrower"], row["where"]) == (
        "影印件 1",
        4,
        "王静娟",
        "在王静娟处",
    )
    (out,) = rows("outstanding", wall(10, 11))
    assert (out["thing"], out["where"]) == ("影印件 1", "在王静娟处")
    desk.back(loan, wall(11))
    copies.destroy(row["copy_id"], "用完了", actor=people.archivist, at=wall(12))
    (row,) = rows("copies")
    assert (row["state"], row["ended_by"], row["returned_at"]) == ("已销毁", "陈静宜", wall(11))


@pytest.mark.requirement("LOAN-12")
@pytest.mark.requirement("REP-01")
def test_the_list_of_what_is_out_tells_where_everything_is_as_of_the_moment(people, approved, desk, rows):
    lent, read_ = desk.hand(approved(), wall(9)), approved("confidential", "consult", people.gm)
    desk.seat(read_, wall(9, 30), "3 号")
    found = rows("outstanding", wall(14))
    assert {(row["file_number"], row["where"], row["late"]) for row in found} == {
        (lent.folder.file_number, "在王静娟处", True), (read_.folder.file_number, "阅览室 3 号", False),
    }  # fmt: skip
    desk.back(lent, wall(15))
    assert [row["file_number"] for row in rows("outstanding", wall(16))] == [read_.folder.file_number]
    assert len(rows("outstanding", wall(14, 30))) == 2, "both were out then"
    assert rows("outstanding", wall(8)) == []


def test_a_lost_folder_stays_on_the_list_until_the_loss_is_settled(people, approved, desk, rows):
    loan = desk.hand(approved(), wall(9))
    incidents.report(
        "loss", folder_id=loan.folder_id, loan_id=loan.id, person_id=people.borrower.user_id,
        facts="外出途中遗失", actor=people.archivist, at=wall(10),
    )  # fmt: skip
    Loan.update(state="lost").execute()
    assert [row["where"] for row in rows("outstanding")] == ["丢失"]
    (row,) = rows("penalties")
    assert (row["kind"], row["borrower"], row["facts"]) == ("丢失", "王静娟", "外出途中遗失")
    assert (row["least"], row["most"]) == (50000, 50000) and "元" in row["penalty"]
    from archive_app.loans.models import Incident

    Incident.update(state="settled").execute()
    assert rows("outstanding") == []


def test_the_overdue_register_says_how_long_and_how_often_one_was_reminded(people, approved, desk, rows):
    User.update(phone="138 0013 8000").execute()
    loan = desk.hand(approved(), wall(9))
    assert rows("overdue", wall(13)) == []
    for n, code in enumerate(("loan.due_soon", "loan.due", "loan.overdue")):
        Notice.create(
            user=people.borrower.user_id, code=code, key=f"loan:{loan.id}:due:x:{n}", title="x", at=wall(13)
        )
    (row,) = rows("overdue", wall(15, 30))
    assert (row["overdue_words"], row["reminded"], row["phone"]) == ("逾期 2 小时 30 分", 2, "138 0013 8000")
    desk.back(loan, wall(16))
    assert rows("overdue", wall(17)) == []
    assert [row["id"] for row in rows("overdue", wall(17), state="returned")] == [loan.id]


def test_use_is_counted_by_purpose_effect_department_category_and_month(people, approved, desk, rows):
    for n, effect in enumerate(("解决问题", "解决问题", "")):
        loan = desk.hand(approved(), wall(9, n))
        desk.back(loan, wall(10))
        Loan.update(purpose_class="工作查考", effect=effect).where(Loan.id == loan.id).execute()
    found = {(row["group"], row["name"], row["effect"]): row["loans"] for row in rows("use")}
    assert found == {
        ("purpose", "工作查考", "解决问题"): 2, ("purpose", "工作查考", "还没有反馈"): 1,
        ("department", "销售部", ""): 3, ("category", "HT 合同类", ""): 3, ("kind", "外借", ""): 3,
        ("month", "2026-11", ""): 3,
    }  # fmt: skip


@pytest.mark.requirement("AUD-08")
def test_the_timeline_of_a_folder_says_where_it_was_and_with_whom(people, approved, desk, rows, at):
    loan = approved(at=at)
    desk.hand(loan, wall(11))
    desk.back(loan, wall(12))
    stretches = rows("timeline", folder=str(loan.folder_id))
    assert [(row["where"], row["holder"], row["begins"]) for row in stretches] == [
        ("在架", "", wall(12)), ("外借", "王静娟", wall(11)), ("在架", "", at),
    ]  # fmt: skip
    assert [row["until"] for row in stretches] == [None, wall(12), wall(11)]
    assert rows("timeline", folder="999999") == []


# 谁看得见


@pytest.mark.requirement("SEC-16")
def test_titles_above_ones_level_are_withheld_and_the_numbers_stay(people, approved, desk, rows, blind):
    secret = desk.seat(approved("confidential", "consult", people.gm), wall(9))
    open_ = desk.hand(approved("open"), wall(9))
    found = {row["file_number"]: row for row in rows("loans", who=blind)}
    row = found[secret.folder.file_number]
    assert (row["title"], row["purpose"], row["withheld"]) == ("—（无权查看）", "", True)
    assert found[open_.folder.file_number]["title"] == "无锡恒泰机电客户资信档案"
    for name in ("consults", "outstanding", "overdue"):
        assert [row["title"] for row in rows(name, who=blind) if row["classified"]] == ["—（无权查看）"]
    assert rows("timeline", who=blind, folder=str(secret.folder_id)) == []


def test_who_may_not_see_reports_sees_none(people, at):
    with pytest.raises(Refused) as no:
        queries.ask_of(people.manager, Filters(), at)
    assert no.value.code == "permission"
    with pytest.raises(Refused):
        service.order_pdf("loans", Filters(), actor=people.manager, at=at)


def test_a_print_made_for_other_eyes_is_not_shown_to_fewer(people, at, blind):
    whole = service.order_pdf("loans", Filters(), actor=people.archivist, at=at)
    mine = service.order_pdf("loans", Filters(), actor=blind, at=at)
    assert whole.key == "loans:1:*" and mine.key == f"loans:1:@{blind.user_id}"
    assert not sheets.seen(whole.key, blind, at) and sheets.seen(mine.key, blind, at)
    assert sheets.seen(mine.key, people.gm, at) and not sheets.seen(whole.key, people.manager, at)
    with pytest.raises(NotFound):
        prints.print_for(blind, whole.id, at)
    assert sight.covers("open.secret", blind, at) and not sight.covers("open.confidential", blind, at)


def test_a_list_for_several_people_names_what_all_of_them_may_know(people, at):
    assert sight.sight_for([people.gm, people.archivist], at, 1).text == "*"
    common = sight.sight_for([people.gm, people.borrower], at, 1)
    assert common.levels == {"open", "secret"} and sight.covers(common.text, people.borrower, at)


# 筛选、翻页、审计


def test_a_register_is_narrowed_by_everything_in_the_address(people, approved, desk, rows):
    first = desk.hand(approved(), wall(9))
    second = desk.hand(approved("open", who=people.gm), wall(9))
    ids = [row["id"] for row in rows("loans")]
    assert ids == [second.id, first.id]
    for args, wanted in (
        ({"person": "王静"}, [first.id]), ({"person": "gm"}, [second.id]), ({"level": "secret"}, [first.id]),
        ({"department": str(people.departments["ZB"].id)}, [second.id]), ({"kind": "consult"}, []),
        ({"state": "returned"}, []), ({"state": "away"}, ids), ({"period": "this_month"}, ids),
        ({"period": "last_month"}, []), ({"from": "2026-11-19", "to": "2026-11-19"}, ids),
        ({"from": "2026-11-20"}, []), ({"to": "2026-11-18"}, []), ({"person": "100%"}, []),
        ({"person": "O'Brien\"; --"}, []),
    ):  # fmt: skip
        assert [row["id"] for row in rows("loans", **args)] == wanted, args


def test_pages_go_back_and_forth_without_losing_or_repeating_a_row(archive, people, at):
    fill(120, list(User.select()), ArchiveUnit.get().id, at)
    register = queries.register_of("loans")
    ask = queries.ask_of(people.archivist, Filters(), at)
    whole = [row["id"] for row in queries.every(register, ask)]
    seen, pages, older = [], [], ""
    while True:
        page = queries.page(register, ask, older=older)
        pages.append(page)
        seen += [row["id"] for row in page.rows]
        if page.older is None:
            break
        older = page.older
    assert seen == whole and [len(page.rows) for page in pages] == [50, 50, 20]
    assert [page.newer is None for page in pages] == [True, False, False]
    back = queries.page(register, ask, newer=pages[2].newer)
    assert [row["id"] for row in back.rows] == whole[50:100] and back.newer and back.older
    assert queries.page(register, ask, newer=back.newer).newer is None
    with pytest.raises(NotFound):
        queries.page(register, ask, older="x-1")


def test_no_page_costs_more_queries_when_there_is_more_to_show(archive, people, at):
    fill(200, list(User.select()), ArchiveUnit.get().id, at)
    for register in queries.LISTED:
        ask = queries.ask_of(people.archivist, Filters(), at)
        with count_queries() as made:
            queries.page(register, ask)
            register.figures(ask)
        assert made() <= 12, register.name


@pytest.mark.slow
def test_every_register_reads_the_same_on_both_engines(both, at):
    house = people_there()
    fill(130, list(User.select()), house.unit.id, at)
    for register in queries.REGISTERS.values():
        ask = queries.ask_of(
            house.archivist, read({"folder": "5"} if register.name == "timeline" else {}), at
        )
        whole = [row["id"] for row in queries.every(register, ask)]
        first = queries.page(register, ask)
        second = queries.page(register, ask, older=first.older) if first.older else first
        assert [row["id"] for row in first.rows] == whole[: len(first.rows)], register.name
        assert second is first or [row["id"] for row in second.rows] == whole[50 : 50 + len(second.rows)]
        assert register.figures(ask)[0].n >= 0
        narrow = read(
            {"period": "this_year", "person": "王", "level": "secret", "state": "returned", "kind": "loan"}
        )
        queries.page(register, queries.ask_of(house.archivist, narrow, at))


def test_every_export_is_audited_with_the_classified_numbers_it_names(people, approved, desk, at, tmp_path):
    secret = desk.hand(approved(), wall(9))
    desk.hand(approved("open"), wall(9))
    service.export_excel("loans", read({"state": "away"}), tmp_path / "a.xlsx", actor=people.archivist, at=at)
    service.order_pdf("loans", Filters(), actor=people.archivist, at=at)
    list(service.read_out("loans", Filters(), actor=people.archivist, at=at))
    import json

    found = [json.loads(row.data) for row in AuditEvent.select().where(AuditEvent.action == "report.export")]
    assert [row["format"] for row in found] == ["xlsx", "pdf", "rows"]
    assert all(row["count"] == 2 and row["classified"] == [secret.folder.file_number] for row in found)
    assert found[0]["filters"] == {"state": "away"}


def test_a_paper_tells_whether_it_is_still_true(people, approved, desk, at):
    loan = desk.hand(approved(), wall(9))
    desk.back(loan, wall(10))
    row = service.order_pdf("loans", Filters(), actor=people.archivist, at=wall(11))
    before = sheets.content(row.key, prints.json.loads(row.args), wall(12))
    assert prints.digest_of(before) == row.digest, "time passing changes nothing"
    Loan.update(purpose="别的").execute()
    assert prints.digest_of(sheets.content(row.key, prints.json.loads(row.args), wall(12))) != row.digest
