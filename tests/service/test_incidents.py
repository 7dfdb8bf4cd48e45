"""Loss and damage: reported, decided, settled or found again; the folder is never hidden."""

from __future__ import annotations

import re

import pytest

from archive_app.approvals import service as approvals
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.work import work
from archive_app.loans import copies, incident_rows, incidents, queries, service
from archive_app.loans.models import Copy, Incident, Loan
from archive_app.notices.models import Notice
from archive_app.people import rulebook
from archive_app.people.actor import system
from archive_app.records.models import ConditionEvent, CustodyEvent, Folder
from archive_app.records.queries import Filters as FolderFilters
from archive_app.records.queries import folder_for, list_folders
from archive_app.records.rules import unmended

pytest_plugins = ["tests.lending"]
LOSS = "出差途中公文包被窃，已报案，合同原件在包内。"


@pytest.fixture
def report(people, at):
    def make(kind, folder, who=None, **more):
        actor = who or people.archivist
        values = {"facts": LOSS, "pages": 0} | more
        return incidents.report(kind, folder_id=folder.id, actor=actor, at=at, **values)

    return make


@pytest.fixture
def lent(people, at, approved):
    """Hand a folder out: to the department's manager, or to ``who``."""

    def make(thing, who=None):
        loan = approved("open", who=who or people.manager, kept=thing)
        return service.hand_over(loan.id, actor=people.archivist, at=at)

    return make


@pytest.fixture
def out(people, at, folder, lent):
    """An open folder in the manager's hands."""
    return lent(folder("open"))


def settled(row, people, at, **more):
    return incidents.settle(
        row.id, more.pop("text", "已上报，照此记录"), actor=people.archivist, at=at, **more
    )


# Reported


@pytest.mark.requirement("LOAN-15")
@pytest.mark.requirement("AUD-05")
def test_a_loss_closes_the_loan_quotes_the_table_and_hides_nothing(people, at, out, report):
    row = report("loss", out.folder)
    assert (row.state, row.penalty, row.person.username) == ("reported", "罚款 500 元", "manager")
    assert row.loan_id == out.id
    assert Loan.get_by_id(out.id).state == "lost"
    found = folder_for(people.borrower, out.folder_id, at)
    assert (found.custody, found.holder) == ("missing", "林志远")
    listed = list_folders(people.borrower, at, FolderFilters()).rows
    assert out.folder_id in [each.id for each in listed]
    assert CustodyEvent.select().order_by(CustodyEvent.id.desc()).first().custody == "missing"


@pytest.mark.requirement("AUD-05")
def test_missing_pages_cost_fifty_to_five_hundred_and_stand_on_the_remark_sheet(out, report):
    row = report("missing_pages", out.folder, pages=2, facts="第 3、4 页不见了")
    assert row.penalty == "罚款 50—500 元"
    event = ConditionEvent.get()
    assert (event.kind, event.pages, event.remark) == ("missing", 2, "第 3、4 页不见了")
    assert Loan.get_by_id(out.id).state == "out"


def test_the_borrower_reports_his_own_loss_and_nobody_elses(people, out, report, folder):
    with pytest.raises(Refused) as no:
        report("loss", out.folder, people.borrower)
    assert no.value.code == "incident.not_yours"
    assert report("loss", out.folder, people.manager).reported_by == "manager"


def test_a_folder_one_may_not_know_is_not_there(people, folder, report):
    with pytest.raises(NotFound):
        report("damage", folder("top_secret"), people.borrower)


def test_damage_found_after_the_return_still_knows_whose_loan_it_was(people, at, out, report):
    service.give_back(out.id, actor=people.archivist, at=at)
    row = report("damage", out.folder, loan_id=out.id, facts="次日发现封面撕破")
    assert row.person.username == "manager"
    assert Loan.get_by_id(out.id).state == "returned"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"facts": ""}, "facts"),
        ({"facts": "丢" * 10_000}, "facts"),
        ({"kind": "theft"}, "kind"),
        ({"kind": "missing_pages", "pages": 0}, "pages"),
        ({"pages": -1}, "pages"),
    ],
)
def test_a_report_that_says_too_little_or_too_much_is_not_taken(folder, report, values, field):
    values = {"kind": "loss"} | values
    with pytest.raises(Invalid) as no:
        report(values.pop("kind"), folder("open"), **values)
    assert field in no.value.fields
    assert Incident.select().count() == 0


def test_a_book_that_says_nothing_of_losses_refuses(people, at, folder, report):
    text = rulebook.profile_text("default")
    rulebook.adopt(re.sub(r"\n\[loss\]\n.*\n.*\n", "\n", text), "default", actor=system(), at=at)
    with pytest.raises(Refused) as no:
        report("loss", folder("open"))
    assert no.value.code == "incident.no_rule"


# Accidents


def test_what_is_lost_is_not_lost_twice(people, out, report):
    first = report("loss", out.folder)
    with pytest.raises(Refused) as no:
        report("loss", out.folder, facts="第二个台也报了")
    assert no.value.code == "incident.already"
    assert incident_rows.number_of(first) in no.value.next_step
    with pytest.raises(Refused):
        report("damage", out.folder, facts="封面破了")
    assert Incident.select().count() == 1


def test_a_report_sent_twice_is_one_report(out, report):
    first = report("damage", out.folder, facts="封面撕破")
    assert report("damage", out.folder, facts="封面撕破").id == first.id
    assert Incident.select().count() == ConditionEvent.select().count() == 1


def test_a_process_that_dies_between_the_writes_leaves_nothing(people, at, out, report):
    with pytest.raises(RuntimeError), work(people.archivist, at):
        report("loss", out.folder)
        raise RuntimeError("killed")
    assert Incident.select().count() == 0
    assert Loan.get_by_id(out.id).state == "out"
    assert Folder.get_by_id(out.folder_id).custody == "lent"


# Decided


@pytest.mark.requirement("AUD-05")
def test_a_report_is_decided_by_the_chain_and_settled_with_what_was_done(people, at, out, report):
    row = report("missing_pages", out.folder, pages=2)
    with pytest.raises(Refused) as no:
        settled(row, people, at)
    assert no.value.code == "wrong_state"
    row = incidents.decide(row.id, "granted", actor=people.director, at=at)
    assert row.state == "approved"
    row = settled(row, people, at, measure="made_good", text="当事人当日从电子副本打印 2 页补入")
    assert (row.state, row.settlement) == ("settled", "补齐：当事人当日从电子副本打印 2 页补入")
    events = list(ConditionEvent.select().order_by(ConditionEvent.id))
    assert [each.kind for each in events] == ["missing", "restored"]
    assert unmended(events, "missing") == []


def test_sent_back_with_a_reason_it_is_reported_again(people, at, out, report):
    row = report("damage", out.folder)
    with pytest.raises(Invalid):
        incidents.decide(row.id, "refused", actor=people.director, at=at)
    row = incidents.decide(row.id, "refused", "没有写清哪几页", actor=people.director, at=at)
    assert row.state == "sent_back"
    row = incidents.report_again(row.id, "第 3 页撕去一角", actor=people.archivist, at=at)
    assert (row.state, row.facts) == ("reported", "第 3 页撕去一角")
    assert incidents.decide(row.id, "granted", actor=people.gm, at=at).state == "approved"


def test_a_report_nobody_decided_in_time_comes_back_to_be_reported_again(people, at, out, report):
    row = report("damage", out.folder)
    approvals.expire(row.approval_id, at=at)
    assert incident_rows.get_incident(row.id).state == "sent_back"
    assert incidents.report_again(row.id, LOSS, actor=people.archivist, at=at).state == "reported"


def test_keepers_hear_of_a_borrowers_report_and_of_every_decision(people, at, out, report):
    row = report("loss", out.folder, people.manager)
    incidents.decide(row.id, "granted", actor=people.director, at=at)
    told = Notice.select().where(Notice.code.startswith("incident.")).order_by(Notice.id)
    assert [(each.code, each.user.username) for each in told] == [
        ("incident.reported", "archivist"), ("incident.decided", "archivist"),
    ]  # fmt: skip
    assert "已审批，请处理" in told[1].title


def test_nobody_decides_about_his_own_loss_nor_about_his_own_report(people, at, folder, lent, report):
    loan = lent(folder("open"), people.director)
    row = report("loss", loan.folder)
    with pytest.raises(Refused) as no:
        incidents.decide(row.id, "granted", actor=people.director, at=at)
    assert no.value.code == "approval.own"
    row = incidents.decide(row.id, "granted", actor=people.gm, at=at)
    assert row.state == "approved"


def test_a_settled_repair_is_noted_on_the_paper(people, at, out, report):
    row = incidents.decide(report("damage", out.folder).id, "granted", actor=people.director, at=at)
    settled(row, people, at, measure="repaired", text="裱糊第 3 页")
    assert unmended(list(ConditionEvent.select()), "damaged") == []


def test_a_loss_that_cannot_be_made_good_stays_missing_for_ever(people, at, out, report):
    row = incidents.decide(report("loss", out.folder).id, "granted", actor=people.director, at=at)
    settled(row, people, at, measure="compensated", text="罚款 500 元已报财务部")
    assert Folder.get_by_id(out.folder_id).custody == "missing"


# Found again


def test_a_lost_folder_that_is_found_is_as_before(people, at, out, report):
    row = report("loss", out.folder)
    row = incidents.close_found(row.id, "在他抽屉里", actor=people.archivist, at=at)
    assert (row.state, row.approval.state) == ("found", "withdrawn")
    assert Folder.get_by_id(out.folder_id).custody == "on_shelf"
    assert Loan.get_by_id(out.id).state == "returned"
    assert queries.open_of_folder(out.folder_id) == []


def test_found_after_it_was_settled_the_settlement_stands(people, at, out, report):
    row = incidents.decide(report("loss", out.folder).id, "granted", actor=people.director, at=at)
    settled(row, people, at, measure="compensated")
    assert incidents.found(out.folder_id, actor=people.archivist, at=at) == []
    assert incident_rows.get_incident(row.id).state == "settled"
    assert Folder.get_by_id(out.folder_id).custody == "on_shelf"
    assert Loan.get_by_id(out.id).state == "returned"


def test_what_was_never_lost_is_not_found(people, at, folder):
    with pytest.raises(Refused) as no:
        incidents.found(folder("open").id, actor=people.archivist, at=at)
    assert no.value.code == "incident.not_lost"


def test_a_missing_folder_is_lent_to_nobody_with_the_clause(people, at, out, report, ask):
    report("loss", out.folder)
    shown = queries.outcome(people.gm, Folder.get_by_id(out.folder_id), "loan", at)
    assert shown.refused
    assert "丢失" in shown.text
    assert shown.clause


# Copies


def test_a_lost_copy_does_not_touch_the_original(people, at, folder, report):
    thing = folder("open")
    copy = copies.make(thing.id, pages=3, actor=people.archivist, at=at)
    row = report("loss", thing, copy_id=copy.id)
    assert Copy.get_by_id(copy.id).state == "lost"
    assert Folder.get_by_id(thing.id).custody == "on_shelf"
    assert ConditionEvent.select().count() == 0
    with pytest.raises(Refused):
        report("loss", thing, copy_id=copy.id, facts="又报一次")
    incidents.found_copy(copy.id, actor=people.archivist, at=at)
    assert Copy.get_by_id(copy.id).state == "kept"
    assert incident_rows.get_incident(row.id).state == "found"


def test_the_loss_of_a_photocopys_loan_is_the_loss_of_the_copy(people, at, approved, report):
    loan = approved("open", "photocopy", who=people.borrower)
    service.hand_over(loan.id, actor=people.archivist, at=at)
    row = report("loss", loan.folder, people.borrower, loan_id=loan.id)
    assert row.copy_id == Loan.get_by_id(loan.id).copy_id
    assert Folder.get_by_id(loan.folder_id).custody == "on_shelf"
    assert Copy.get_by_id(row.copy_id).state == "lost"
