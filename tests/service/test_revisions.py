"""A new text of the rule book: drafted, compared, approved, given a date, taken back; the old one stays."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from archive_app.approvals import service as approvals
from archive_app.approvals.models import Approval
from archive_app.core.db import count_queries
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.work import work
from archive_app.notices.models import Notice
from archive_app.people import rulebook
from archive_app.people.actor import system
from archive_app.revisions import queries, service
from archive_app.revisions.models import Revision
from tests.lending import actions

pytest_plugins = ["tests.lending"]


@pytest.fixture
def text(archive, at):
    return rulebook.current(at).book.text


@pytest.fixture
def stricter(text):
    return text.replace("failures = 5", "failures = 3")


@pytest.fixture
def draft(people, at, stricter):
    def make(new=stricter, reason="三次就锁定", actor=people.admin, at=at):
        return service.draft(new, reason, actor=actor, at=at)

    return make


@pytest.mark.requirement("AUD-19")
def test_a_draft_becomes_the_rule_book_when_those_it_names_approve(people, at, draft):
    row = service.propose(draft().id, actor=people.admin, at=at)
    assert row.state == "proposed"
    assert rulebook.current(at).book.sign_in.failures == 5
    assert [n.title for n in Notice.select().where(Notice.user == people.gm.user_id)] == [
        "等你审批：新版制度：三次就锁定"
    ]
    later = at + timedelta(minutes=1)
    row = service.decide(row.id, "granted", actor=people.gm, at=later)
    assert row.state == "adopted"
    assert rulebook.current(at).book.sign_in.failures == 5, "not before it was approved"
    assert rulebook.current(later).book.sign_in.failures == 3
    newest = queries.versions(later)[0]
    assert (newest.state, newest.approved_by, newest.reason) == ("in_force", "周建国", "三次就锁定")
    for action in ("revision.draft", "revision.propose", "policy.adopt", "revision.adopted"):
        assert action in actions()


def test_who_proposes_cannot_approve_and_others_cannot_propose(people, at, draft):
    with pytest.raises(Refused) as no:
        draft(actor=people.borrower)
    assert no.value.code == "permission"
    row = service.propose(draft(actor=people.director).id, actor=people.director, at=at)
    with pytest.raises(Refused):
        service.decide(row.id, "granted", actor=people.director, at=at)
    assert Revision.get_by_id(row.id).state == "proposed"


def test_a_refusal_needs_a_reason_that_stays_with_the_draft(people, at, draft):
    row = service.propose(draft().id, actor=people.admin, at=at)
    with pytest.raises(Invalid):
        service.decide(row.id, "refused", actor=people.gm, at=at)
    row = service.decide(row.id, "refused", "五次够了", actor=people.gm, at=at)
    assert (row.state, row.closed_reason) == ("refused", "五次够了")
    assert rulebook.current(at).version == 1


def test_every_fault_of_a_text_is_named_with_key_line_and_what_is_allowed(people, at, draft, text):
    broken = text.replace("failures = 5", 'failures = "viele"').replace("undo_seconds", "undo_secconds")
    with pytest.raises(Invalid) as wrong:
        draft(broken)
    said = wrong.value.fields["text"]
    assert "sign_in.failures" in said
    assert "undo_secconds" in said
    assert "第 " in said
    assert "允许：" in said
    assert Revision.select().count() == 0


def test_the_text_in_force_is_no_revision_and_one_text_is_on_its_way_once(people, at, draft, text):
    with pytest.raises(Invalid, match="完全相同"):
        draft(text.replace("\n", "\r\n"))
    draft()
    with pytest.raises(Refused) as no:
        draft(actor=people.director)
    assert no.value.code == "revision.same"
    service.withdraw(Revision.get().id, "不改了", actor=people.admin, at=at)
    assert draft().state == "draft"


def test_two_administrators_do_not_overwrite_each_other(people, at, draft, stricter):
    row = draft()
    first, second = (stricter.replace("failures = 3", f"failures = {n}") for n in (4, 6))
    service.edit(row.id, first, "四次", row.edition, actor=people.admin, at=at)
    with pytest.raises(Refused) as no:
        service.edit(row.id, second, "六次", row.edition, actor=people.director, at=at)
    assert no.value.code == "revision.edited"
    assert "failures = 4" in Revision.get_by_id(row.id).text


def test_a_proposal_against_an_older_rule_book_must_be_refreshed(people, at, draft, text):
    row = service.propose(draft().id, actor=people.admin, at=at)
    later = at + timedelta(minutes=5)
    other = text.replace("undo_seconds = 10", "undo_seconds = 20")
    rulebook.adopt(other, "default", actor=system(), at=later)
    with pytest.raises(Refused) as no:
        service.decide(row.id, "granted", actor=people.gm, at=later)
    assert no.value.code == "revision.stale"
    assert Approval.get_by_id(row.approval_id).state == "open", "nothing is decided"
    fresh = service.refresh(row.id, actor=people.admin, at=later)
    assert (fresh.state, fresh.base.version, fresh.approval) == ("draft", 2, None)
    assert Approval.get_by_id(row.approval_id).state == "withdrawn"
    service.propose(row.id, actor=people.admin, at=later)
    assert service.decide(row.id, "granted", actor=people.gm, at=later).state == "adopted"


def test_a_version_counts_from_its_date_and_may_be_taken_back_before_it(people, at, draft):
    day = at + timedelta(days=10)
    with pytest.raises(Invalid) as wrong:
        service.propose(draft().id, at - timedelta(days=1), actor=people.admin, at=at)
    assert "effective_from" in wrong.value.fields
    row = service.propose(Revision.get().id, day, actor=people.admin, at=at)
    row = service.decide(row.id, "granted", actor=people.gm, at=at)
    assert rulebook.current(day - timedelta(seconds=1)).version == 1
    assert rulebook.current(day).version == 2
    assert [v.state for v in queries.versions(at)] == ["coming", "in_force"]
    service.call_off(row.version_id, "再想想", actor=people.gm, at=at)
    assert rulebook.current(day).version == 1
    assert Revision.get().state == "withdrawn"
    with pytest.raises(Refused) as no:
        service.call_off(row.version_id, actor=people.gm, at=at)
    assert no.value.code == "policy.in_force"


def test_what_is_in_force_is_not_called_off_but_an_older_text_may_come_again(people, at, draft, text):
    row = service.propose(draft().id, actor=people.admin, at=at)
    row = service.decide(row.id, "granted", actor=people.gm, at=at)
    with pytest.raises(Refused):
        service.call_off(row.version_id, actor=people.gm, at=at)
    later = at + timedelta(days=1)
    back = draft(text, "改回去", at=later)
    service.propose(back.id, actor=people.admin, at=later)
    service.decide(back.id, "granted", actor=people.gm, at=later)
    assert rulebook.current(later).version == 3
    assert rulebook.current(later).book.sign_in.failures == 5


def test_a_late_approval_never_dates_back(people, at, draft):
    row = service.propose(draft().id, at + timedelta(days=1), actor=people.admin, at=at)
    late = at + timedelta(days=3)
    row = service.decide(row.id, "granted", actor=people.gm, at=late)
    assert row.effective_from == late
    assert rulebook.current(late - timedelta(seconds=1)).version == 1


def test_the_version_of_the_latest_date_is_in_force_whatever_was_adopted_first(people, at, text):
    def adopt(failures, days):
        changed = text.replace("failures = 5", f"failures = {failures}")
        when = at + timedelta(days=days)
        rulebook.adopt(changed, "default", actor=system(), at=at, effective_from=when)

    adopt(3, 10)
    adopt(4, 2)
    assert [rulebook.current(at + timedelta(days=d)).book.sign_in.failures for d in (0, 2, 10)] == [5, 4, 3]


def test_where_the_rule_book_names_nobody_who_may_adopt_does_it_at_once(people, at, text, draft):
    start = text.index("[adoption]")
    without = text[:start] + text[text.index("[desk]") :]
    rulebook.adopt(without, "default", actor=system(), at=at)
    row = draft(without.replace("failures = 5", "failures = 3"))
    with pytest.raises(Refused) as no:
        service.propose(row.id, actor=people.admin, at=at)
    assert no.value.code == "revision.no_chain"
    with pytest.raises(Refused) as no:
        service.adopt(row.id, actor=people.admin, at=at)
    assert no.value.code == "permission"
    assert service.adopt(row.id, actor=people.gm, at=at).state == "adopted"


def test_where_the_rule_book_names_somebody_nobody_adopts_past_him(people, at, draft):
    with pytest.raises(Refused) as no:
        service.adopt(draft().id, actor=people.gm, at=at)
    assert no.value.code == "revision.needs_approval"
    assert no.value.clause
    assert "总经理" in no.value.may_decide


def test_a_proposal_taken_back_waits_for_nobody(people, at, draft):
    row = service.propose(draft().id, actor=people.admin, at=at)
    service.withdraw(row.id, "再改", actor=people.admin, at=at)
    assert Approval.get_by_id(row.approval_id).state == "withdrawn"
    with pytest.raises(Refused):
        approvals.decide(row.approval_id, "granted", actor=people.gm, at=at)


def test_another_process_that_adopts_is_noticed_at_the_next_moment(people, at, text):
    """The memory of the version in force holds for one moment only, whoever adopts."""
    soon, stricter = at + timedelta(minutes=1), text.replace("failures = 5", "failures = 3")
    rulebook.current(soon)
    elsewhere = threading.Thread(
        target=rulebook.adopt, args=(stricter, "default"), kwargs={"actor": system(), "at": at}
    )
    elsewhere.start()
    elsewhere.join()
    assert rulebook.current(at + timedelta(seconds=30)).version == 2
    assert rulebook.current(soon).version == 2


def test_the_version_that_judged_is_read_once_and_never_one_that_came_to_nothing(people, at, text):
    judged = rulebook.current(at).id
    rulebook.by_id(judged)
    with count_queries() as count:
        assert rulebook.by_id(judged).version == 1
    assert count() == 0
    with pytest.raises(KeyboardInterrupt), work(system(), at):
        row = rulebook.adopt(text.replace("failures = 5", "failures = 3"), "default", actor=system(), at=at)
        assert rulebook.by_id(row.id).book.sign_in.failures == 3
        raise KeyboardInterrupt
    with pytest.raises(NotFound):
        rulebook.by_id(row.id)
    again = rulebook.adopt(text.replace("failures = 5", "failures = 4"), "default", actor=system(), at=at)
    assert rulebook.by_id(again.id).book.sign_in.failures == 4, "whatever number it got"


def test_what_a_later_release_forbids_can_still_be_looked_at_but_not_proposed_anew(people, at, text):
    """An older release adopted a book whose clause is longer than what records keep of it today."""
    old = text.replace("本室设定", "本室设定" + "、" * 200)
    with pytest.raises(Invalid):
        service.draft(old, "照旧", actor=people.admin, at=at)
    assert rulebook.kept(old, "default").rules["reminders"].clause.startswith("本室设定、")
    with pytest.raises(Invalid):
        service.draft(old, "照旧", actor=people.admin, at=at)
