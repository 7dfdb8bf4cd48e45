"""What a decider sees of loans that wait for him: number, level, what would happen, a title he may know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from archive_app.approvals import inbox
from archive_app.approvals.inbox import Item
from archive_app.approvals.models import Approval
from archive_app.core.i18n import _
from archive_app.loans import rows
from archive_app.loans.carriers import ALONE, bound_with
from archive_app.loans.flow import ACTIVE
from archive_app.loans.judge import Judgement, judge_in
from archive_app.loans.models import Loan
from archive_app.loans.outcome import due_words
from archive_app.loans.rules import RUNNING
from archive_app.people import queries as people_queries
from archive_app.people import rulebook
from archive_app.people import service as people
from archive_app.people.actor import Actor
from archive_app.policy import RuleBook, Scope
from archive_app.policy.words import action_name, moment
from archive_app.records.queries import facts_of, person_of, sees_holders
from archive_app.records.queries import of_ids as folders_of_ids
from archive_app.records.service import note_view

RECORD = timedelta(days=90)


def describe(approvals: Sequence[Approval], actor: Actor, at: datetime) -> Mapping[int, Item]:
    """The loans behind these approvals, by approval id; a fixed number of queries, whatever their number."""
    found = _loans(approvals)
    departments = {each.id: each for each in people_queries.departments()}
    for each in found.values():  # one query for all their names
        each.folder.department = departments.get(each.folder.department_id)
    book = rulebook.current(at, actor.unit_id).book
    scope, texts = book.scope(person_of(actor), "know"), _texts(list(found.values()), actor, at)
    records = record_of_each({loan.borrower_id for loan in found.values()}, at)
    return {
        each.id: _item(loan, texts[loan.id], actor, book, scope, records, at)
        for each in approvals
        if (loan := found.get(each.key))
    }


def seen(approvals: Sequence[Approval], actor: Actor, at: datetime) -> None:
    """Audit the classified folders behind these approvals whose titles the person may know."""
    folders = [loan.folder_id for loan in _loans(approvals).values()]
    for folder in folders_of_ids(actor, folders, at):
        note_view(folder, actor=actor, at=at, via="decision")


def _loans(approvals: Sequence[Approval]) -> dict[int, Loan]:
    return {loan.id: loan for loan in rows.select().where(Loan.id.in_([each.key for each in approvals]))}


def _item(
    loan: Loan, would: tuple[str, str], actor: Actor, book: RuleBook, scope: Scope,
    records: dict[int, tuple[int, int]], at: datetime,
) -> Item:  # fmt: skip
    folder, level = loan.folder, book.levels.get(loan.folder.secrecy)
    known = scope.shows(facts_of(folder), person_of(actor))
    text, tone = would
    count, late = records.get(loan.borrower_id, (0, 0))
    return Item(
        number=folder.file_number,
        title=folder.title if known else "",
        level=folder.secrecy,
        level_name=level.name if level else folder.secrecy,
        rank=level.rank if level else 0,
        text=text,
        tone=tone,
        what=action_name(loan.kind),
        facts=_facts(loan, at),
        record=_("近 90 天借阅 %(n)s 次，逾期 %(late)s 次", n=count, late=late),
    )


def _texts(loans: Sequence[Loan], actor: Actor, at: datetime) -> dict[int, tuple[str, str]]:
    """What would happen to each, by loan id; who asked and what is bound together is looked up once."""
    folders, adopted = [loan.folder_id for loan in loans], rulebook.current(at, actor.unit_id)
    active, bound = _active(folders), bound_with(folders)
    askers = {loan.borrower_id: people.actor_of(loan.borrower, at) for loan in loans}
    return {
        loan.id: _would_happen(
            loan, active.get(loan.folder_id), actor,
            judge_in(
                adopted, askers[loan.borrower_id], loan.folder, loan.kind, at,
                bound.get(loan.folder_id, ALONE), kept_copy=loan.copy_id is not None,
            ), at,
        )
        for loan in loans
    }  # fmt: skip


def _would_happen(
    loan: Loan, active: Loan | None, actor: Actor, judged: Judgement, at: datetime
) -> tuple[str, str]:
    """The sentence below a title, and its tone: on the shelf and until when, in whose hands, or why not."""
    if active is not None and active.takes_folder:
        who = f"{active.borrower.name} " if sees_holders(actor) else ""
        back = _("%(when)s 应还", when=moment(active.due_at, at)) if active.due_at else _("正在办理")
        return _("%(who)s在用，%(back)s；还回后再交。", who=who, back=back), "wait"
    answer = judged.answer
    if answer.refused:
        return answer.message, "stop"
    return judged.note + _("在架。批准后%(due)s", due=due_words(answer, at) or _("到档案室办理。")), ""


def _facts(loan: Loan, at: datetime) -> tuple[tuple[str, str], ...]:
    wished = moment(loan.wished_from, at) if loan.wished_from else ""
    if loan.wished_until:
        wished = _("%(a)s 至 %(b)s", a=wished, b=moment(loan.wished_until, at)).strip()
    pairs = (
        (_("目的"), "，".join(filter(None, (loan.purpose_class, loan.purpose)))),
        (_("理由"), loan.reason),
        (_("对象"), loan.object),
        (_("范围"), loan.extent),
        (_("要用的时间"), wished),
    )
    return tuple((label, value) for label, value in pairs if value)


def _active(folder_ids: Sequence[int]) -> dict[int, Loan]:
    """The loan by which each folder is away now."""
    away = Loan.state.in_(ACTIVE) & Loan.takes_folder
    return {loan.folder_id: loan for loan in rows.select().where(Loan.folder.in_(list(folder_ids)) & away)}


def record_of_each(user_ids: set[int], at: datetime) -> dict[int, tuple[int, int]]:
    """How often each person had folders in the last 90 days, and how often overdue, in one query."""
    late = Loan.overdue_at.is_null(False) | (Loan.state.in_(RUNNING) & (Loan.due_at < at))
    query: Any = (
        Loan.select(Loan.borrower, pw.fn.COUNT(Loan.id), pw.fn.SUM(pw.Case(None, [(late, 1)], 0)))
        .where(Loan.borrower.in_(sorted(user_ids)) & (Loan.handed_at >= at - RECORD))
        .group_by(Loan.borrower)
    )
    return {user: (int(count), int(overdue or 0)) for user, count, overdue in query.tuples()}


inbox.DESCRIBE["loan"] = describe
inbox.SEEN["loan"] = seen
