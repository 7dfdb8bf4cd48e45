"""The verbs of approvals: open a chain, decide its current step, take the question back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from archive_app.approvals import queries, rules
from archive_app.approvals.flow import APPROVAL
from archive_app.approvals.models import Approval, ApprovalStep, Decision
from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.people.rulebook import Adopted
from archive_app.policy import ChainStep, Rule

REASON_MAX = 500


def open_approval(
    action: str,
    kind: str,
    key: int,
    subject: str,
    chain: Sequence[ChainStep],
    *,
    applied: Sequence[ChainStep] = (),
    requester: User,
    department_id: int | None,
    adopted: Adopted,
    rule: Rule,
    actor: Actor,
    at: datetime,
) -> Approval:
    """Freeze a chain and put the question to it; a chain with no steps is granted at once (SEC-02).

    ``applied`` are the steps that the application itself has done (SEC-03).
    Raises Refused: approval.nobody — a step that no one can decide is reported now, not found out later.
    """
    asked = queries.Question(adopted.book, action, requester.id, department_id, at)
    for step in queries.proposed_chain(asked, chain):
        if step.vacant:
            raise nobody(step)
    with work(actor, at) as w:
        approval = Approval.create(
            action=action, kind=kind, key=key, subject=subject[:300], requester=requester,
            department=department_id, rule_book=adopted.id, clause=rule.clause, rule=rule.text[:500],
            current=len(applied) + 1, asked_at=at, state=APPROVAL.initial,
        )  # fmt: skip
        for position, frozen in enumerate((*applied, *chain), start=1):
            _freeze(approval, position, frozen, "applied" if position <= len(applied) else "waiting")
        w.note(
            "approval.open", approval, subject=subject, about=[kind, key], clause=rule.clause,
            policy=adopted.version, steps=len(chain), applied=len(applied),
        )  # fmt: skip
        if not chain:
            APPROVAL.fire(approval, "grant", closed_at=at)
    return approval


def decide(
    approval_id: int,
    verdict: str,
    reason: str = "",
    *,
    actor: Actor,
    at: datetime,
    on_behalf_of: int | None = None,
    position: int | None = None,
) -> Approval:
    """Decide the current step as oneself or, by a 委托书, for somebody else; both names are kept (SEC-05).

    ``verdict``: granted or refused (needs a reason). ``position`` is the step the person saw; a repeated
    send then cannot decide the next one. Raises Invalid; NotFound; Refused: permission, approval.closed,
    approval.own, approval.decided, approval.not_yours.
    """
    actor.must(rules.permission(queries.approval_for(approval_id).action))
    reason = _checked(verdict, reason)
    with work(actor, at) as w:
        approval = _locked(approval_id)
        step = _current(approval, position)
        standing = _standing(approval, step, actor, at, on_behalf_of)
        decision = Decision.create(
            step=step, user=actor.user_id, role=standing.role, on_behalf_of=standing.on_behalf_of,
            deputation=standing.deputation, verdict=verdict, reason=reason, at=at,
        )  # fmt: skip
        principal = decision.on_behalf_of.username if decision.on_behalf_of else ""
        w.note(
            "approval.decide", approval, on_behalf_of=principal, verdict=verdict, reason=reason,
            step=step.position, role=standing.role, deputation=standing.deputation, clause=step.clause,
            policy=rulebook.current(at, actor.unit_id).version,
        )  # fmt: skip
        _move_on(approval, step, verdict, at)
    return approval


def withdraw(approval_id: int, reason: str, *, actor: Actor, at: datetime) -> Approval:
    """Take back a question that is still open; one already closed stays as it was decided."""
    with work(actor, at) as w:
        approval = _locked(approval_id)
        if approval.state == "open":
            APPROVAL.fire(approval, "withdraw", closed_at=at)
            w.note("approval.withdraw", approval, reason=reason)
    return approval


def _freeze(approval: Approval, position: int, step: ChainStep, state: str) -> None:
    ApprovalStep.create(
        approval=approval, position=position, mode=step.mode, roles=" ".join(step.roles),
        own_department=step.own_department, verb=step.verb[:16], clause=step.rule.clause,
        rule=step.rule.text[:500], state=state,
    )  # fmt: skip


def nobody(step: queries.StepView) -> Refused:
    """The refusal for a step that nobody can decide; own requests are decided by somebody else."""
    return Refused(
        "approval.nobody",
        _(
            "这份申请没有人能%(verb)s：%(roles)s空缺，或是申请人本人。没有改动任何记录。",
            verb=step.verb or _("批准"),
            roles=_("、").join(step.vacant),
        ),
        step.rule,
        step.clause,
        _("、").join(step.vacant),
        _("请系统管理员补上人员，或登记委托书。"),
    )


def _checked(verdict: str, reason: str) -> str:
    reason = " ".join(reason.split())
    if verdict not in rules.VERDICTS:
        raise Invalid({"verdict": _("请选批准或不批准。")})
    if verdict == "refused" and not reason:
        raise Invalid({"reason": _("不批准要写明理由，申请人会看到。")})
    if len(reason) > REASON_MAX:
        message = _("太长：%(n)s 字，最多 %(limit)s 字。请缩短。", n=len(reason), limit=REASON_MAX)
        raise Invalid({"reason": message})
    return reason


def _locked(approval_id: int) -> Approval:
    """The row, locked by an UPDATE that changes nothing, so that two deciders come one after the other."""
    Approval.update(current=Approval.current).where(Approval.id == approval_id).execute()
    return queries.approval_for(approval_id)


def _current(approval: Approval, position: int | None) -> ApprovalStep:
    if approval.state != "open" or position not in (None, approval.current):
        raise Refused(
            "approval.closed",
            _("这一步已经有了决定，没有改动任何记录。"),
            next_step=_("请刷新后再看。"),
        )
    return ApprovalStep.get(
        (ApprovalStep.approval == approval.id) & (ApprovalStep.position == approval.current)
    )


def _standing(
    approval: Approval, step: ApprovalStep, actor: Actor, at: datetime, on_behalf_of: int | None
) -> rules.Standing:
    if approval.requester_id in (actor.user_id, on_behalf_of):
        raise _refusal("approval.own", _("不能审批本人的申请。没有改动任何记录。"), approval, step, at)
    decided = list(Decision.select().where(Decision.step == step.id))
    if any(each.user_id == actor.user_id for each in decided):
        raise _refusal("approval.decided", _("这一步已经批过，没有改动任何记录。"), approval, step, at)
    found = queries.standing(
        queries.question(approval, at), queries.plain_step(step), actor,
        people.deputations_at(actor.user_id, at),
        on_behalf_of=on_behalf_of, taken=[each.role for each in decided],
    )  # fmt: skip
    if found is None:
        message = _("这一步不由%(name)s决定。没有改动任何记录。", name=actor.name)
        raise _refusal("approval.not_yours", message, approval, step, at)
    return found


def _refusal(code: str, message: str, approval: Approval, step: ApprovalStep, at: datetime) -> Refused:
    """A refusal that quotes the step's rule and names who may decide."""
    views = queries.chain_view(approval, at)
    who = next((view.candidates for view in views if view.position == step.position), ())
    names = _("、").join(dict.fromkeys(f"{each.user.name} {each.words}" for each in who))
    return Refused(code, message, step.rule, step.clause, names, _("请等有权的人决定。"))


def _move_on(approval: Approval, step: ApprovalStep, verdict: str, at: datetime) -> None:
    if verdict == "refused":
        _close_step(step, "refused")
        APPROVAL.fire(approval, "refuse", closed_at=at)
        return
    agreed = [each.role for each in Decision.select().where(Decision.step == step.id)]
    if not rules.is_complete(queries.plain_step(step), agreed):
        return
    _close_step(step, "granted")
    later = (ApprovalStep.approval == approval.id) & (ApprovalStep.position > step.position)
    if ApprovalStep.select().where(later).exists():
        approval.current = step.position + 1
        Approval.update(current=approval.current).where(Approval.id == approval.id).execute()
    else:
        APPROVAL.fire(approval, "grant", closed_at=at)


def _close_step(step: ApprovalStep, state: str) -> None:
    step.state = state
    ApprovalStep.update(state=state).where(ApprovalStep.id == step.id).execute()
