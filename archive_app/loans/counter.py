"""A request made at the counter for a person who needs no approval, in few queries: people stand waiting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.loans import service
from archive_app.loans.judge import Judgement, check_person
from archive_app.loans.models import Loan
from archive_app.loans.outcome import Asking, Wanted, outcomes_in
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.records.models import Folder


def request_direct(
    folder: Folder, kinds: Sequence[str], borrower: User, *, purpose: str, actor: Actor, at: datetime
) -> tuple[Loan, Judgement]:
    """Ask for the first of these kinds that nobody need approve (SEC-02), the undertaking being spoken.

    ``folder`` is one that the actor was shown in this work. Return the approved loan with the answer that it
    stands on. Raises Refused: permission, loan.duplicate, loan.borrower_locked, desk.not_approved,
    approval.nobody, or as the rule book refuses.
    """
    asking = Asking(borrower, at, actor.unit_id)
    asking.look_up([folder.id])
    for wanted in (Wanted(folder, kind) for kind in kinds):
        judged = asking.judge(wanted)
        if judged.answer.refused or judged.answer.chain:
            continue
        actor.must("loan.request" if borrower.id == actor.user_id else "loan.desk")
        check_person(borrower, at)
        return service.insert([wanted], [judged], asking, {"purpose": purpose}, actor)[0], judged
    raise _not_at_once(Wanted(folder, kinds[0]), asking, actor)


def _not_at_once(wanted: Wanted, asking: Asking, actor: Actor) -> Refused:
    """Why the kind that gives most is not to be had without asking."""
    found = outcomes_in(actor, asking, [wanted])[0]
    if found.refusal is not None:
        return found.refusal
    answer = found.answer
    message = _("%(who)s 还没有获准借这一份。", who=asking.borrower.name)
    return Refused(
        "desk.not_approved", message, answer.rule.text, answer.rule.clause, answer.may_decide,
        _("先提交借阅申请。"),
    )  # fmt: skip
