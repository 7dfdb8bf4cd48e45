"""Several folders in one request: each by its own chain, all or none; wishes, effects, accidents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive_app.approvals import queries as approvals
from archive_app.approvals import service as deciding
from archive_app.approvals.models import Approval
from archive_app.core.audit import AuditEvent, verify
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.loans import basket, extending, places, queries, service
from archive_app.loans.models import Copy, Loan
from archive_app.loans.outcome import Wanted, Wish, outcomes
from archive_app.people import rulebook
from archive_app.people.actor import system
from archive_app.people.models import Department, User
from archive_app.records.models import Folder
from archive_app.records.service import edit_folder, register_folder
from tests.conftest import people_there
from tests.lending import LEVEL, last_event, wall

pytest_plugins = ["tests.lending"]


@pytest.fixture
def several(people, at):
    def ask(*items, actor=None, **more):
        values = {"purpose": "年度对账", "undertaking": True} | more
        pairs = [(folder.id, kind) for folder, kind in items]
        return service.request_loans(pairs, actor=actor or people.borrower, at=at, **values)

    return ask


# 一次申请几份


def test_each_folder_of_a_basket_has_its_own_kind_and_chain(people, folder, several):
    one, two, three = folder("open"), folder("secret"), folder("open")
    loans = several((one, "loan"), (two, "consult"), (three, "photocopy"))
    assert [loan.kind for loan in loans] == ["loan", "consult", "photocopy"]
    assert {loan.basket for loan in Loan.select()} == {loans[0].id}
    assert {row.basket for row in Approval.select()} == {loans[0].id}
    waits = approvals.waits_for([loan.approval_id for loan in loans], loans[0].requested_at)
    named = [[each.user.name for each in waits[loan.approval_id]] for loan in loans]
    assert named == [["林志远"], ["周建国", "沈慧敏"], ["许明"]]


def test_a_single_request_is_no_basket(folder, several):
    (loan,) = several((folder("open"), "loan"))
    assert (loan.basket, Approval.get().basket) == (None, None)


@pytest.mark.requirement("LOAN-02")
def test_one_that_is_refused_keeps_all_from_being_asked_for(people, folder, several):
    with pytest.raises(Refused) as no:
        several((folder("open"), "loan"), (folder("confidential"), "loan"), actor=people.gm)
    assert no.value.clause == LEVEL
    assert Loan.select().count() == Approval.select().count() == 0


@pytest.mark.requirement("SEC-16")
def test_one_that_may_not_be_known_of_keeps_all_from_being_asked_for(folder, several):
    with pytest.raises(NotFound):
        several((folder("open"), "loan"), (folder("top_secret"), "loan"))
    assert Loan.select().count() == 0


def test_some_of_a_basket_are_granted_and_some_refused(people, folder, several, at):
    loans = several((folder("secret"), "loan"), (folder("secret"), "consult"))
    deciding.decide(loans[0].approval_id, "granted", actor=people.gm, at=at)
    deciding.decide(loans[1].approval_id, "refused", "只批一份", actor=people.gm, at=at)
    states = [(loan.state, loan.closed_reason) for loan in Loan.select().order_by(Loan.id)]
    assert states == [("approved", ""), ("refused", "只批一份")]
    assert "只批一份" in last_event("loan.refuse").data
    assert verify() == []


def test_who_needs_no_approval_has_all_of_them_at_once(people, folder, several):
    loans = several((folder("open"), "loan"), (folder("open"), "consult"), actor=people.gm)
    assert [loan.state for loan in loans] == ["approved", "approved"]


@pytest.mark.parametrize("count", [0, 51])
def test_none_and_more_than_fifty_are_refused(people, at, count):
    with pytest.raises(Invalid) as wrong:
        service.request_loans(
            [(n, "loan") for n in range(count)], purpose="x", undertaking=True, actor=people.borrower, at=at
        )
    assert "folder" in wrong.value.fields


def test_the_outcome_of_many_is_that_of_each(people, folder, at):
    folders = [folder(level) for level in ("open", "secret", "confidential")]
    wanted = [Wanted(each, kind) for each in folders for kind in ("loan", "consult", "photocopy", "excerpt")]
    together = outcomes(people.gm, wanted, at)
    for each, found in zip(wanted, together, strict=True):
        alone = queries.outcome(people.gm, each.folder, each.kind, at)
        assert (alone.verdict, alone.text, alone.clause) == (found.verdict, found.text, found.clause)
        assert [step.candidates for step in alone.chain] == [step.candidates for step in found.chain]


def test_the_customers_own_manager_is_named_for_each_folder_of_his(people, folder, at, own_manager_book):
    mine, other = folder("open"), folder("open")
    Folder.update(manager=people.colleague.user_id).where(Folder.id == mine.id).execute()
    Folder.update(manager=people.manager.user_id).where(Folder.id == other.id).execute()
    found = outcomes(
        people.borrower, [Wanted(Folder.get_by_id(each.id), "loan") for each in (mine, other)], at
    )
    assert [each.chain[0].candidates[0].user.name for each in found] == ["孙丽", "林志远"]


@pytest.fixture
def own_manager_book(people):
    """A rule book in which the customer's own manager decides about open folders."""
    text = rulebook.profile_text("default")
    old = (
        '    { any = ["department_manager"], own_department = true, verb = "申请", by_application = true },\n'
    )
    new = (
        '    { any = ["department_manager", "customer_manager"], customer_manager = true, verb = "同意" },\n'
    )
    assert old in text
    role = '[roles.customer_manager]\nname = "客户经理"\n'
    text = text.replace(old, new).replace(role, role + 'permissions = ["loan.decide"]\n')
    when = datetime(2025, 6, 1, tzinfo=UTC)
    return rulebook.adopt(text, "default", actor=system(), at=when)


# 何时要


def test_a_wished_time_is_kept_and_does_not_move_the_due_time(people, folder, several, desk, at):
    (loan,) = several(
        (folder("open"), "loan"), actor=people.gm, wished_from=wall(15), wished_until=wall(17, 30, day=20)
    )
    loan = Loan.get_by_id(loan.id)
    assert (loan.wished_from, loan.wished_until) == (wall(15), wall(17, 30, day=20))
    assert desk.hand(loan, wall(15)).due_at == wall(17, 30)


def test_a_wish_longer_than_the_rule_is_said_before_sending(people, folder, at):
    wish = Wish(wall(9, 0, day=20), wall(16, 0, day=20))
    (found,) = outcomes(people.borrower, [Wanted(folder("secret"), "loan")], at, wish=wish)
    assert "按制度最晚 11-20 周五 13:00 归还" in found.shorter
    assert found.text == "可外借，11-20 周五 09:00 领取的话，11-20 周五 13:00 前归还。"
    (fits,) = outcomes(people.borrower, [Wanted(folder("open"), "loan")], at, wish=wish)
    assert fits.shorter == ""


@pytest.mark.parametrize(
    ("since", "until", "field", "said"),
    [
        (wall(20), None, "wished_from", "最近的开放时间是 11-20 周五 08:30"),
        (wall(10, day=21), None, "wished_from", "最近的开放时间是 11-23 周一 08:30"),
        (wall(9), None, "wished_from", "已经过去"),
        (wall(15), wall(14), "wished_until", "要晚于"),
        (wall(15), wall(20), "wished_until", "最近的闭馆时间是 今日 17:30"),
        (wall(10) + timedelta(days=400), None, "wished_from", "最多提前一年"),
        (datetime(9999, 12, 31, tzinfo=UTC), None, "wished_from", "最多提前一年"),
    ],
)
def test_a_wish_outside_the_opening_hours_is_told_the_nearest(folder, several, since, until, field, said):
    with pytest.raises(Invalid) as wrong:
        several((folder("open"), "loan"), wished_from=since, wished_until=until)
    assert said in wrong.value.fields[field]


def test_until_closing_is_within_the_opening_hours(folder, several):
    assert several((folder("open"), "loan"), wished_until=wall(17, 30))


# 目的类别、利用效果


def test_the_class_of_the_purpose_is_a_word_of_the_rule_book(folder, several):
    kept = folder("open")
    with pytest.raises(Invalid) as wrong:
        several((kept, "loan"), purpose_class="随便看看")
    assert "合同履行" in wrong.value.fields["purpose_class"]
    (loan,) = several((kept, "loan"), purpose_class="合同履行")
    assert Loan.get_by_id(loan.id).purpose_class == "合同履行"


def test_the_effect_of_a_use_is_said_after_the_return_by_its_borrower_or_the_desk(people, approved, desk, at):
    loan = desk.hand(approved("open"), at)
    with pytest.raises(Refused):
        service.note_effect(loan.id, "解决问题", actor=people.borrower, at=at)
    desk.back(loan, wall(11))
    with pytest.raises(Invalid):
        service.note_effect(loan.id, "很好", actor=people.borrower, at=wall(12))
    with pytest.raises(NotFound):
        service.note_effect(loan.id, "解决问题", actor=people.colleague, at=wall(12))
    service.note_effect(loan.id, "提供依据", "核对了 𠮷🙂 条款", actor=people.borrower, at=wall(12))
    service.note_effect(loan.id, "解决问题", "追回货款", actor=people.archivist, at=wall(13))
    kept = Loan.get_by_id(loan.id)
    assert (kept.effect, kept.effect_note) == ("解决问题", "追回货款")
    assert AuditEvent.select().where(AuditEvent.action == "loan.effect").count() == 2


@pytest.mark.parametrize("text", ["长" * 10_000, "x\u0000y" * 5000])
def test_ten_thousand_characters_are_refused_by_the_field_and_nothing_is_written(folder, several, text):
    with pytest.raises(Invalid) as wrong:
        several((folder("open"), "loan"), purpose=text, reason=text, object=text, extent=text)
    assert set(wrong.value.fields) == {"purpose", "reason", "object", "extent"}
    assert Loan.select().count() == 0


def test_emoji_and_rare_characters_are_kept_as_they_are(folder, several):
    (loan,) = several((folder("open"), "loan"), purpose="核对 𠮷野家 🙂 ２０２６ 年条款", reason="㐂\u2028䶮")
    assert (Loan.get_by_id(loan.id).purpose, loan.reason) == ("核对 𠮷野家 🙂 ２０２６ 年条款", "㐂 䶮")


# 等候时情况变了


@pytest.mark.requirement("SEC-01")
def test_what_became_top_secret_while_it_waited_is_not_granted_but_may_be_refused(
    people, folder, several, at
):
    kept = folder("secret")
    (loan,) = several((kept, "loan"))
    edit_folder(kept.id, {"secrecy": "top_secret"}, "定密", kept.revision, actor=people.archivist, at=at)
    with pytest.raises(Refused) as no:
        deciding.decide(loan.approval_id, "granted", actor=people.gm, at=at)
    assert no.value.clause == LEVEL
    assert Loan.get_by_id(loan.id).state == "requested"
    deciding.decide(loan.approval_id, "refused", "已定为绝密", actor=people.gm, at=at)
    assert Loan.get_by_id(loan.id).state == "refused"


@pytest.mark.parametrize("custody", ["destroyed", "quarantine", "missing"])
def test_what_is_destroyed_set_apart_or_missing_is_not_granted(people, folder, several, at, custody):
    kept = folder("secret")
    (loan,) = several((kept, "loan"))
    Folder.update(custody=custody).where(Folder.id == kept.id).execute()
    with pytest.raises(Refused):
        deciding.decide(loan.approval_id, "granted", actor=people.gm, at=at)
    assert Loan.get_by_id(loan.id).state == "requested"


def test_a_new_title_between_request_and_hand_over_asks_for_a_new_approval(people, approved, desk, at):
    loan = approved("open", who=people.manager)  # his application was the managers step
    User.update(title="业务员", department=Department.get(Department.code == "KF")).where(
        User.id == people.manager.user_id
    ).execute()
    with pytest.raises(Refused) as no:
        desk.hand(loan, at)
    assert no.value.code == "loan.rule_changed"


def test_a_request_that_nobody_decides_in_time_ends_and_says_so(people, folder, several, at):
    (loan,) = several((folder("open"), "loan"))
    deciding.expire(loan.approval_id, at=at)
    loan = Loan.get_by_id(loan.id)
    assert (loan.state, loan.closed_reason) == ("expired", "没有人在时限内审批")
    assert last_event("loan.expire") is not None


# 排队、备用复印件


def test_who_waits_sees_his_place_and_when_his_turn_may_come(people, folder, several, desk, approved, at):
    kept = folder("open")
    first = approved(kept=kept, who=people.gm)
    desk.hand(first, at)
    (mine,) = several((kept, "loan"))
    (later,) = several((kept, "loan"), actor=people.back_office)
    rows = [Loan.get_by_id(each.id) for each in (mine, later)]
    found = places.places_of(rows, at)
    assert [(found[row.id].number, found[row.id].after) for row in rows] == [
        (1, wall(17, 30)), (2, wall(17, 30)),
    ]  # fmt: skip
    assert places.places_of(rows, wall(18))[mine.id].late
    service.withdraw(mine.id, actor=people.borrower, at=at)
    assert places.places_of([Loan.get_by_id(later.id)], at)[later.id].number == 1


@pytest.mark.requirement("LOAN-09")
def test_a_copy_kept_for_lending_is_asked_for_by_its_own_chain(people, folder, at):
    kept = folder("open")
    copy = Copy.create(
        folder=kept, serial=1, kept=True, pages=3, state="kept", made_by="archivist", made_at=at
    )
    loan = service.request_loan(
        kept.id, "photocopy", copy_id=copy.id, purpose="技术交底", undertaking=True, actor=people.borrower,
        at=at,
    )  # fmt: skip
    assert (loan.state, loan.copy_id) == ("approved", copy.id)
    assert "备份复印件" in loan.approval.rule
    other = service.request_loan(
        folder("open").id, "photocopy", purpose="技术交底", undertaking=True, actor=people.borrower, at=at
    )
    assert other.state == "requested"


# 我的借阅


def test_ones_own_past_is_narrowed_and_turned_page_by_page(people, folder, at):
    kept = [folder("open") for _n in range(5)]
    for number, each in enumerate(kept):
        (loan,) = service.request_loans(
            [(each.id, "loan")], purpose="对账", undertaking=True, actor=people.borrower, at=at
        )
        if number != 4:
            service.withdraw(loan.id, actor=people.borrower, at=at)
    none = queries.Filters()
    page = queries.past_of(people.borrower, at, none, limit=3)
    assert ([row.folder_id for row in page.rows], page.newer) == ([each.id for each in kept[3:0:-1]], None)
    rest = queries.past_of(people.borrower, at, none, page.older, limit=3)
    assert [row.folder_id for row in rest.rows] == [kept[0].id]
    assert queries.past_of(people.colleague, at, none).rows == []
    assert queries.past_of(people.borrower, at, queries.Filters(("refused",))).rows == []
    by_number = queries.Filters(text=kept[2].file_number)
    assert [row.folder_id for row in queries.past_of(people.borrower, at, by_number).rows] == [kept[2].id]
    assert [row.folder_id for row in queries.running_of(people.borrower, at)] == [kept[4].id]


# 两种数据库


def test_a_basket_lives_on_both_databases(both, at):
    people = people_there()
    kept = [
        register_folder("HT", 2026, f"第 {n} 份", secrecy="open", actor=people.archivist, at=at)
        for n in range(3)
    ]
    basket.add([each.id for each in kept], actor=people.borrower, at=at)
    assert basket.add_numbers("0001 0002", actor=people.borrower, at=at).added == []
    pairs = [(each.id, "loan") for each in basket.of(people.borrower, at)]
    loans = service.request_loans(pairs, purpose="对账", undertaking=True, actor=people.borrower, at=at)
    with pytest.raises(Refused) as no:
        service.request_loans(pairs[:1], purpose="对账", undertaking=True, actor=people.borrower, at=at)
    assert no.value.code == "loan.duplicate"
    for who in (people.manager, people.director):
        deciding.decide(loans[0].approval_id, "granted", actor=who, at=at)
    service.hand_over(loans[0].id, actor=people.archivist, at=at)
    extension = extending.ask_extension(loans[0].id, "没有看完", actor=people.borrower, at=at)
    with pytest.raises(Refused):
        extending.ask_extension(loans[0].id, "没有看完", actor=people.borrower, at=at)
    deciding.decide(extension.approval_id, "granted", actor=people.director, at=at)
    assert Loan.get_by_id(loans[0].id).due_at == wall(17, 30, day=20)
    service.request_loans(pairs[:1], purpose="对账", undertaking=True, actor=people.back_office, at=at)
    (waiting,) = queries.running_of(people.back_office, at)
    assert places.places_of([waiting], at)[waiting.id].number == 1
    service.withdraw(loans[1].id, actor=people.borrower, at=at)
    assert len(queries.past_of(people.borrower, at, queries.Filters()).rows) == 1
    assert basket.clear(actor=people.borrower, at=at) == 3
    assert extending.drop_late(at) == 0
    found = outcomes(people.gm, [Wanted(each, "loan") for each in kept], at)
    assert [each.verdict for each in found] == ["wait", "direct", "direct"]
