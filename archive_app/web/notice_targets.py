"""Which loans, folders and approvals a notice may still lead to, asked for a whole page at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from archive_app.approvals import queries as approvals
from archive_app.approvals.models import Approval, ApprovalStep, Decision
from archive_app.approvals.rules import DECIDING
from archive_app.loans.models import Loan
from archive_app.notices.queries import may_know
from archive_app.people.actor import Actor
from archive_app.records import queries as records
from archive_app.records.models import Folder


def known_folders(actor: Actor, ids: set[int], at: datetime) -> set[int]:
    """The folders of these that the person may know exist."""
    rows = Folder.select(Folder.id).where(records.among(ids, actor, at))
    return {row.id for row in rows}


def known_loans(actor: Actor, ids: set[int], at: datetime) -> set[int]:
    """One's own loans, those one had a part in deciding, and all of them for who keeps the register."""
    rows = Loan.select(Loan.id).where(Loan.id.in_(ids))
    if not (actor.can("loan.view_all") or actor.can("loan.desk")):
        own = (Loan.borrower == actor.user_id) | (Loan.requested_by == actor.username)
        rows = rows.where(own | _part_in(Loan.approval, actor, at))
    return {row.id for row in rows}


def known_approvals(actor: Actor, ids: set[int], at: datetime) -> set[int]:
    """One's own requests, those one has decided, and those that wait for one now; loans as `known_loans`."""
    own = (Approval.requester == actor.user_id) | _part_in(Approval.id, actor, at)
    if actor.can("loan.view_all") or actor.can("loan.desk"):
        own |= Approval.kind == "loan"
    return {row.id for row in Approval.select(Approval.id).where(Approval.id.in_(ids) & own)}


def known_baskets(actor: Actor, ids: set[int], at: datetime) -> set[int]:
    """Baskets of which the person has decided something, or something waits for him now."""
    mine = Approval.basket.in_(ids) & _part_in(Approval.id, actor, at)
    return {row.basket or 0 for row in Approval.select(Approval.basket).where(mine)}


def _part_in(approval: Any, actor: Actor, at: datetime) -> Any:
    """The condition that the person has decided a step of an approval, or it waits for him now."""
    decided = ApprovalStep.select(ApprovalStep.approval).join(Decision).where(Decision.user == actor.user_id)
    may = any(actor.can(each) for each in DECIDING)
    waiting = {row.id for row in approvals.waiting_for(actor, at)} if may else set()
    return approval.in_(decided) | approval.in_(waiting)


def install() -> None:
    """Answer for the parameters of routes that notices lead to."""
    may_know.update(
        folder_id=known_folders, loan_id=known_loans, approval_id=known_approvals, basket_id=known_baskets
    )
