"""What would happen if this person asked for this folder: shown before a request is sent, nothing is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive_app.approvals.queries import Question, StepView, proposed_chain
from archive_app.approvals.service import nobody
from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.loans import rows, rules
from archive_app.loans.flow import OPEN, READING_ROOM
from archive_app.loans.judge import back_words, judge, may_know_holder
from archive_app.loans.models import Loan
from archive_app.people import queries as people
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.policy import Answer
from archive_app.policy.words import action_name
from archive_app.records.models import Folder


@dataclass(frozen=True)
class Outcome:
    """The answer of the rule book plus what the shelf and the people say.

    ``verdict``: direct, chain, wait (the folder is away; the chain runs meanwhile) or refused.
    ``refusal`` is set for refused; ``alternatives`` are kinds open to the borrower instead.
    """

    folder: Folder
    kind: str
    verdict: str
    text: str
    answer: Answer
    chain: tuple[StepView, ...] = ()
    refusal: Refused | None = None
    holder: str = ""
    position: int = 0
    duplicate: int | None = None

    @property
    def refused(self) -> bool:
        return self.verdict == "refused"

    @property
    def alternatives(self) -> tuple[str, ...]:
        return self.answer.alternatives if self.refused else ()

    @property
    def clause(self) -> str:
        return self.answer.rule.clause


def outcome(actor: Actor, folder: Folder, kind: str, at: datetime, borrower: User | None = None) -> Outcome:
    """What would happen if the actor (or ``borrower``, asked for at the counter) requested the folder now."""
    borrower = borrower or people.user(actor.user_id)
    judged = judge(borrower, folder, kind, at, actor.unit_id)
    answer = judged.answer
    if answer.refused:
        return Outcome(folder, kind, "refused", answer.message, answer, refusal=answer.refusal())
    asked = Question(judged.adopted.book, kind, borrower.id, judged.borrower.department_id, at)
    chain = proposed_chain(asked, answer.chain)
    if vacant := next((step for step in chain if step.vacant), None):
        refusal = nobody(vacant)
        return Outcome(folder, kind, "refused", refusal.message, answer, chain, refusal)
    same = _same_request(folder, borrower, kind)
    active = rows.active_of_folder(folder.id)
    if active and active.id != same:
        place = rows.position_in_queue(folder.id)
        text = _("要等。%(back)s，排第 %(n)s 位。", back=back_words(active, at), n=place)
        holder = active.borrower.name if may_know_holder(actor, active) else ""
        return Outcome(folder, kind, "wait", text, answer, chain, None, holder, place, same)
    verdict = "chain" if chain else "direct"
    return Outcome(folder, kind, verdict, sentence(answer, bool(chain)), answer, chain, duplicate=same)


def sentence(answer: Answer, by_chain: bool) -> str:
    """What may be done, where, until when: 可外借，今日 17:30 前归还。"""
    name, back = action_name(answer.action), answer.due_reason
    if answer.where == READING_ROOM:
        head = _("可在阅览室%(action)s", action=name)
    else:
        head = _("可%(action)s", action=name)
    if not by_chain:
        head = _("%(head)s，直接到档案室办理", head=head)
    return _("%(head)s，%(back)s", head=head, back=back) if back else _("%(head)s。", head=head)


def _same_request(folder: Folder, borrower: User, kind: str) -> int | None:
    same = (Loan.folder == folder.id) & (Loan.borrower == borrower.id) & (Loan.kind == kind)
    found = Loan.select(Loan.id).where(same & Loan.state.in_(OPEN)).first()
    return found.id if found else None


def open_kinds(actor: Actor, folder: Folder, at: datetime, borrower: User | None = None) -> tuple[str, ...]:
    """The kinds the rule book does not refuse outright, in the order of the form."""
    person = borrower or people.user(actor.user_id)
    judged = {kind: judge(person, folder, kind, at, actor.unit_id).answer for kind in rules.KINDS}
    return tuple(kind for kind, answer in judged.items() if not answer.refused)
