"""What a person is told who may not decide: the rule of the step, who may, and what to do next."""

from __future__ import annotations

from datetime import datetime

from archive_app.approvals import queries
from archive_app.approvals.finding import Question, lapsed
from archive_app.approvals.models import Approval, ApprovalStep
from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people.actor import Actor
from archive_app.policy.words import moment


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


def closed() -> Refused:
    """Somebody else, or the same person before, has decided the step."""
    return Refused(
        "approval.closed", _("这一步已经有了决定，没有改动任何记录。"), next_step=_("请刷新后再看。")
    )


def own(approval: Approval, step: ApprovalStep, at: datetime) -> Refused:
    """Nobody decides his own request."""
    return _of_step("approval.own", _("不能审批本人的申请。没有改动任何记录。"), approval, step, at)


def decided(approval: Approval, step: ApprovalStep, at: datetime) -> Refused:
    """In an all-of step each person speaks once."""
    return _of_step("approval.decided", _("这一步已经批过，没有改动任何记录。"), approval, step, at)


def title_changed(approval: Approval, step: ApprovalStep, present: Actor, at: datetime) -> Refused:
    """The person's title changed while the page was open."""
    message = _(
        "%(name)s的职务现在是%(title)s，这一步不再由本人决定。没有改动任何记录。",
        name=present.name,
        title=present.title,
    )
    return _of_step("approval.title_changed", message, approval, step, at)


def not_yours(approval: Approval, step: ApprovalStep, asked: Question, actor: Actor, at: datetime) -> Refused:
    """The step is somebody else's; a deputy whose 委托书 is over is told its period and its rule."""
    plain = queries.plain_step(step)
    over = lapsed(asked, plain, actor, people.deputations_held(actor.user_id))
    if over is None:
        message = _("这一步不由%(title)s%(name)s决定。没有改动任何记录。", title=actor.title, name=actor.name)
        return _of_step("approval.not_yours", message, approval, step, at)
    paper, rule = over
    what = _("现在不在期内")
    if paper.revoked_at:
        what = _("已于 %(when)s 撤销", when=moment(paper.revoked_at, at))
    message = _(
        "委托书 %(paper)s 的有效期是 %(a)s 至 %(b)s，%(what)s。没有改动任何记录。",
        paper=paper.paper_reference,
        a=moment(paper.starts, at),
        b=moment(paper.ends, at),
        what=what,
    )
    return Refused(
        "approval.paper_over",
        message,
        rule.text,
        rule.clause,
        _who(approval, step, at),
        _("请委托人本人决定，或另写委托书。"),
    )


def _of_step(code: str, message: str, approval: Approval, step: ApprovalStep, at: datetime) -> Refused:
    """A refusal that quotes the step's rule and names who may decide."""
    return Refused(code, message, step.rule, step.clause, _who(approval, step, at), _("请等有权的人决定。"))


def _who(approval: Approval, step: ApprovalStep, at: datetime) -> str:
    views = queries.chain_view(approval, at)
    who = next((view.candidates for view in views if view.position == step.position), ())
    return _("、").join(dict.fromkeys(f"{each.user.name} {each.words}" for each in who))
