"""What a decider sees: the chain, his standing, where the folder is, how the borrower has kept time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive_app.approvals import queries as approvals
from archive_app.approvals.models import Approval
from archive_app.approvals.queries import StepView
from archive_app.loans import queries
from archive_app.loans.models import Loan
from archive_app.loans.outcome import Outcome, Wanted, Wish, outcomes
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import Deputation
from archive_app.records.queries import facts_of, person_of


@dataclass(frozen=True)
class DecisionPage:
    """``place`` of ``total`` in the inbox; 0: nothing to decide here for this person (any more).

    ``paper`` is the 委托书 by which a deputy decides; ``record`` is (loans, overdue) of 90 days; ``known``:
    whether this person may know the folder's title.
    """

    loan: Loan
    approval: Approval
    chain: tuple[StepView, ...]
    current: StepView | None
    place: int
    total: int
    paper: Deputation | None
    outcome: Outcome
    record: tuple[int, int]
    others: list[int]
    known: bool


def decision_page(actor: Actor, loan_id: int, at: datetime) -> DecisionPage:
    """All that is needed to decide. Raises NotFound."""
    loan = queries.loan_for(actor, loan_id, at)
    waiting = approvals.waiting_for(actor, at)
    ids = [each.id for each in waiting]
    chain = approvals.chain_view(approvals.approval_for(loan.approval_id), at)
    return DecisionPage(
        loan=loan,
        approval=approvals.approval_for(loan.approval_id),
        chain=chain,
        current=next((step for step in chain if step.state == "current"), None),
        place=ids.index(loan.approval_id) + 1 if loan.approval_id in ids else 0,
        total=len(ids),
        paper=_paper(actor, [each for each in waiting if each.id == loan.approval_id], at),
        outcome=_outcome(actor, loan, at),
        record=queries.record_of(loan.borrower_id, at),
        others=[each for each in ids if each != loan.approval_id],
        known=_known(actor, loan, at),
    )


def _outcome(actor: Actor, loan: Loan, at: datetime) -> Outcome:
    """What would happen if it were requested now, for the time that was wished if that is still to come."""
    since = loan.wished_from if loan.wished_from and loan.wished_from > at else None
    wanted = Wanted(loan.folder, loan.kind, loan.copy if loan.copy_id else None)
    return outcomes(actor, [wanted], at, loan.borrower, Wish(since, loan.wished_until))[0]


def _known(actor: Actor, loan: Loan, at: datetime) -> bool:
    person = person_of(actor)
    scope = rulebook.current(at, actor.unit_id).book.scope(person, "know")
    return scope.shows(facts_of(loan.folder), person) or actor.user_id == loan.borrower_id


def _paper(actor: Actor, mine: list[Approval], at: datetime) -> Deputation | None:
    by = [approval.standing.deputation for approval in mine]
    papers = people.deputations_at(actor.user_id, at) if any(by) else []
    return next((paper for paper in papers if paper.id in by), None)
