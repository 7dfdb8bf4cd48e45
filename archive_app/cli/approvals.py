"""Commands of approvals: what waits, one chain, deciding one or a whole basket."""

from __future__ import annotations

import click

from archive_app.approvals import inbox, queries, service
from archive_app.approvals.models import Approval
from archive_app.approvals.queries import StepView
from archive_app.approvals.rules import VERDICTS
from archive_app.approvals.service import Choice
from archive_app.approvals.words import ENDED, deciders
from archive_app.cli.frame import Run, archive, command, person_of
from archive_app.core.errors import NotFound
from archive_app.core.i18n import _


@archive.group("approval")
def approval() -> None:
    """What waits for a decision, and deciding it."""


@command(approval, "list")
def waiting(run: Run) -> None:
    """List what you can decide now, oldest first, grouped by what was asked for together."""
    for group in inbox.groups(run.actor, run.at):
        for row, item in group.rows:
            principal = group.paper.principal.name if group.paper else ""
            run.line(
                f"{row.id}  {row.subject}  {item.title}  {row.step.verb}  {principal}",
                **_values(row), title=item.title, level=item.level, verb=row.step.verb,
                on_behalf_of=principal, asked_at=row.asked_at.isoformat(),
            )  # fmt: skip


@command(approval, "show", who="changes")
@click.argument("approval_id", type=int, metavar="APPROVAL")
def show(run: Run, approval_id: int) -> None:
    """Show the chain of APPROVAL with who has decided and who can; for its asker and its deciders."""
    row = queries.approval_for(approval_id)
    mine = {each.id for each in queries.waiting_for(run.actor, run.at)}
    if row.id not in mine and not queries.took_part(run.actor, row):
        raise NotFound(_("没有这份申请。"))
    run.line(f"{row.subject}  {_state(row)}", **_values(row))
    for step in queries.chain_view(row, run.at):
        run.line(_words(step), **_step(step))


@command(approval, "decide")
@click.argument("approval_id", type=int, metavar="APPROVAL")
@click.argument("verdict", type=click.Choice(VERDICTS))
@click.option("--reason", default="", help="needed to refuse")
@click.option("--for", "principal", metavar="USER", help="as the deputy of this person")
@click.option("--step", type=int, help="the step you saw; another one is not decided")
def decide(
    run: Run, *, approval_id: int, verdict: str, reason: str, principal: str | None, step: int | None
) -> None:
    """Decide the step of APPROVAL that waits for you, whatever it is about."""
    row = service.decide(
        approval_id, verdict, reason, actor=run.actor, at=run.at, position=step,
        on_behalf_of=int(person_of(principal).id) if principal else None,
    )  # fmt: skip
    run.line(f"{row.subject}  {_state(row)}", **_values(row))


@command(approval, "basket")
@click.argument("basket_id", type=int, metavar="BASKET")
@click.option("--approve", multiple=True, type=int, metavar="APPROVAL", help="repeat; none: all the rest")
@click.option("--refuse", multiple=True, type=int, metavar="APPROVAL", help="repeat")
@click.option("--reason", default="", help="needed to refuse")
@click.option("--leave", is_flag=True, help="leave what is not named")
def basket(
    run: Run, *, basket_id: int, approve: tuple[int, ...], refuse: tuple[int, ...], reason: str, leave: bool
) -> None:
    """Decide what was asked for together: approve some, refuse some, or leave them."""
    rows = queries.waiting_for(run.actor, run.at, basket_id)
    named = {**dict.fromkeys(approve, "granted"), **dict.fromkeys(refuse, "refused")}
    rest = "" if leave or approve else "granted"
    wanted = [(row, named.get(row.id, rest)) for row in rows]
    if unknown := named.keys() - {row.id for row in rows}:
        raise NotFound(_("%(ids)s 现在没有等你决定。", ids=_("、").join(map(str, sorted(unknown)))))
    choices = [
        Choice(row.id, row.step.position, verdict, reason if verdict == "refused" else "")
        for row, verdict in wanted
        if verdict
    ]
    decided = service.decide_many(choices, actor=run.actor, at=run.at)
    for row in decided.done:
        run.line(f"{row.subject}  {_state(row)}", **_values(row))
    for key, refusal in decided.refused.items():
        run.line(f"{key}  {refusal}", id=key, **refusal.as_dict())


def _state(row: Approval) -> str:
    return str(ENDED[row.state]) if row.state in ENDED else _("等第 %(n)s 步", n=row.current)


def _values(row: Approval) -> dict[str, object]:
    return {
        "id": row.id, "kind": row.kind, "key": row.key, "basket": row.basket, "subject": row.subject,
        "state": row.state, "step": row.current, "clause": row.clause,
    }  # fmt: skip


def _words(step: StepView) -> str:
    said = [" 代 ".join(filter(None, (each.user.name, each.principal))) for each in step.decisions]
    who = _("、").join(said) or deciders(step.candidates) or _("、").join(step.vacant)
    return f"{step.position}  {step.verb}  {step.state}  {who}  {step.clause}"


def _step(step: StepView) -> dict[str, object]:
    return {
        "position": step.position, "mode": step.mode, "verb": step.verb, "state": step.state,
        "roles": step.role_names, "clause": step.clause, "vacant": step.vacant,
        "candidates": [each.user.username for each in step.candidates],
        "decisions": [
            {"by": d.user.username, "on_behalf_of": d.principal, "verdict": d.verdict, "reason": d.reason}
            for d in step.decisions
        ],
    }  # fmt: skip
