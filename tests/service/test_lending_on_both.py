"""What lending does on SQLite and on PostgreSQL: the same verbs, the same rows, one audit chain."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.approvals import inbox
from archive_app.approvals import service as deciding
from archive_app.approvals.models import Approval
from archive_app.approvals.service import Choice
from archive_app.core import audit, jobs
from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Refused
from archive_app.loans import carriers, incident_rows, incidents, outcome, service, volume_away
from archive_app.loans.models import Incident, Loan
from archive_app.notices import mailing
from archive_app.people import rulebook
from archive_app.people.models import RuleBookVersion, User
from archive_app.records.models import Folder
from archive_app.records.service import add_document, register_folder
from archive_app.reports import service as reporting
from archive_app.reports.models import ReportRun
from archive_app.revisions import replaying
from archive_app.revisions import service as revising
from archive_app.revisions.models import Replay
from tests.catcher import catcher
from tests.concurrency.test_loans import at_once
from tests.conftest import people_there
from tests.lending import wall
from tests.volumes import bound_together
from tests.volumes import folder as filed


def registered(people, at, secrecy="open", pages=12):
    folder = register_folder("HT", 2026, "两库同样", secrecy=secrecy, actor=people.archivist, at=at)
    add_document(folder.id, title="正本", pages=pages, actor=people.archivist, at=at)
    return folder


def asked(people, folders, at, kind="loan"):
    pairs = [(each.id, kind) for each in folders]
    return service.request_loans(pairs, purpose="对账", undertaking=True, actor=people.borrower, at=at)


@pytest.mark.requirement("AUD-05")
def test_a_basket_approved_in_part_goes_out_comes_back_with_pages_missing_and_is_settled(both, at):
    people = people_there()
    loans = asked(people, [registered(people, at) for _n in range(3)], at)
    page = inbox.basket_page(people.manager, loans[0].id, at)
    rows = [row for row, _item in page.group.rows]
    choices = [Choice(row.id, 1, "granted", "") for row in rows[:2]]
    done = deciding.decide_many(
        [*choices, Choice(rows[2].id, 1, "refused", "不需要")], actor=people.manager, at=at
    )
    assert len(done.done) == 3
    inbox.note_seen(rows, people.manager, at)
    for loan in loans[:2]:
        if Loan.get_by_id(loan.id).state == "requested":
            deciding.decide(loan.approval_id, "granted", actor=people.director, at=at)
    assert [Loan.get_by_id(loan.id).state for loan in loans] == ["approved", "approved", "refused"]
    service.hand_over(loans[0].id, actor=people.archivist, at=at)
    service.give_back(
        loans[0].id, pages=10, condition="missing_pages", remark="缺末两页", actor=people.archivist,
        at=wall(11),
    )  # fmt: skip
    row = Incident.get()
    assert (row.loan_id, row.pages, row.person_id) == (loans[0].id, 2, people.borrower.user_id)
    for who in (people.director, people.gm):
        if Incident.get_by_id(row.id).state == "reported":
            incidents.decide(row.id, "granted", actor=who, at=wall(12))
    incidents.settle(row.id, "补了复印件", actor=people.archivist, at=wall(13))
    assert incident_rows.get_incident(row.id).state == "settled"
    assert audit.verify() == []


def test_a_bound_folder_is_judged_by_its_volume_and_drawn_with_it(both, at):
    people = people_there()
    department = people.departments["XS"].id
    folders = [
        filed("文件", actor=people.archivist, secrecy=level, department_id=department)
        for level in ("open", "secret", "open")
    ]
    bound_together(folders[:2])
    found = carriers.bound_with([each.id for each in folders])
    assert sorted(found) == [folders[0].id, folders[1].id]
    assert {each.secrecy for each in found[folders[0].id].companions} == {"open", "secret"}
    said = outcome.outcome(people.borrower, Folder.get_by_id(folders[0].id), "loan", at)
    assert "按秘密级办" in said.text
    loan, other = (asked(people, [each], at, "loan")[0] for each in folders[:2])
    for each in (loan, other):
        Loan.update(state="approved").where(Loan.id == each.id).execute()
        Approval.update(state="granted").where(Approval.id == each.approval_id).execute()
    with pytest.raises(Refused):  # nobody has agreed to it
        service.hand_over(loan.id, actor=people.archivist, at=at)
    Folder.update(custody="lent").where(Folder.id == folders[1].id).execute()  # drawn to be copied
    with pytest.raises(Refused, match="整卷现在不在架上"):
        volume_away.check(Loan.get_by_id(loan.id), found[folders[0].id].carriers, people.archivist, at)


@pytest.mark.requirement("AUD-19")
def test_a_new_rule_book_is_tried_on_what_was_lent_and_adopted(both, at):
    people = people_there()
    (loan,) = service.request_loans(
        [(registered(people, at).id, "loan")], purpose="对账", undertaking=True, actor=people.gm, at=at
    )
    service.hand_over(loan.id, actor=people.archivist, at=at)
    service.give_back(loan.id, actor=people.archivist, at=wall(12))
    text = rulebook.current(at).book.text.replace("failures = 5", "failures = 3")
    row = revising.draft(text, "三次就锁定", actor=people.admin, at=at)
    tried = replaying.ask_replay(f"r{row.id}", actor=people.admin, at=at + timedelta(days=1))
    jobs.work_off()
    tried = Replay.get_by_id(tried.id)
    assert (tried.state, replaying.result_of(tried)["events"]) == ("done", 1), tried.error
    revising.propose(row.id, actor=people.admin, at=at)
    later = at + timedelta(minutes=1)
    assert revising.decide(row.id, "granted", actor=people.gm, at=later).state == "adopted"
    assert rulebook.current(later).book.sign_in.failures == 3


@pytest.mark.requirement("LOAN-12")
def test_two_clocks_make_the_list_of_the_month_once_and_send_each_letter_once(both, at, monkeypatch):
    people = people_there()
    RuleBookVersion.update(adopted_at=wall(9, day=1)).execute()
    (loan,) = service.request_loans(
        [(registered(people, at).id, "loan")], purpose="对账", undertaking=True, actor=people.gm, at=at
    )
    service.hand_over(loan.id, actor=people.archivist, at=at)
    month = wall(9, day=30) + timedelta(days=6)
    User.update(email="gm@example.com").where(User.username == "gm").execute()
    at_once(*[lambda: reporting.make_monthly(month)] * 2)
    assert ReportRun.select().where(ReportRun.month == "2026-12").count() == 1
    with catcher() as server:
        monkeypatch.setenv("SMTP_URL", server.url)
        at_once(*[lambda: mailing.send_waiting(month)] * 3)
        subjects = [str(letter["Subject"]) for letter in server.letters]
    assert len(subjects) == len(set(subjects)) > 0
    assert audit.verify() == []


@pytest.mark.requirement("AUD-01")
def test_who_has_a_classified_request_before_him_is_in_the_audit(people, at):
    asked(people, [registered(people, at, "secret"), registered(people, at)], at)
    for who in (people.manager, people.gm):  # the open one waits for the manager
        rows = [row for group in inbox.groups(who, at) for row, _item in group.rows]
        assert len(rows) == 1
        inbox.note_seen(rows, who, at)
    views = AuditEvent.select().where(AuditEvent.action == "folder.view")
    assert [row.actor for row in views] == ["gm"]
