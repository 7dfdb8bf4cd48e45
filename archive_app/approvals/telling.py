"""Whom an approval tells what: deciders that it waits, the asker how it ended, others when it stalls.

The notices of what was asked for together are one notice a person: their keys are those of the basket.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from archive_app.approvals import queries
from archive_app.approvals.finding import Candidate, Known
from archive_app.approvals.models import Approval, ApprovalStep, Decision
from archive_app.approvals.words import ENDED, deciders
from archive_app.core.i18n import _, source_language
from archive_app.notices.service import settle, tell
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User

WAITING = ("approval.waiting", "approval.reminder", "approval.escalated", "approval.vacant")
TOLD = ("granted", "refused", "expired")


def waits(approval: Approval, found: Iterable[Candidate], at: datetime) -> None:
    """Tell those who can decide the current step that it waits for them."""
    with source_language():
        title = _("等你审批：%(what)s", what=_what(approval))
        _tell([each.user.id for each in found], "waiting", _key(approval), title, approval, at)


def reminded(approval: Approval, found: Iterable[Candidate], at: datetime) -> None:
    """Tell the deciders once more."""
    with source_language():
        title = _("还在等你审批：%(what)s", what=_what(approval))
        ids = [each.user.id for each in found]
        _tell(ids, "reminder", f"{_key(approval)}:remind", title, approval, at)


def escalated(
    approval: Approval, found: Sequence[Candidate], roles: Iterable[str], known: Known, clause: str,
    at: datetime,
) -> None:  # fmt: skip
    """Tell those whom the rule book names that nobody decides, and for whom it waits."""
    ids = [user.id for role in roles for user in known.holders(role) if user.id != approval.requester_id]
    with source_language():
        title = _("没有人审批：%(what)s", what=_what(approval))
        text = _("等%(who)s决定，已等太久。（%(clause)s）", who=deciders(found) or _("人"), clause=clause)
        _tell(ids, "escalated", f"{_key(approval)}:escalate", title, approval, at, text, single=True)


def vacant(approval: Approval, roles: Sequence[str], at: datetime) -> None:
    """Tell the asker, and those who may fill a post, that nobody can decide the step any more."""
    titles = people.titles_with("people.manage", rulebook.current(at).book)
    managers = User.select(User.id).where(User.active & User.title.in_(titles))
    ids = [approval.requester_id, *(user.id for user in managers)]
    with source_language():
        title = _("没有人能审批：%(what)s", what=_what(approval))
        text = _("%(roles)s空缺。请补上人员，或登记委托书。", roles=_("、").join(roles))
        _tell(
            ids, "vacant", f"{_key(approval)}:vacant:{at.isoformat()}", title, approval, at, text, single=True
        )


def settled(approval: Approval, at: datetime) -> None:
    """A step is over: what told people that it waits for them is read, and no letter of it goes out."""
    settle(WAITING, {"approval_id": approval.id}, at=at)
    if approval.basket is None or approval.state == "open":
        return
    rest = (Approval.basket == approval.basket) & (Approval.state == "open")
    if not Approval.select().where(rest).exists():
        settle(WAITING, {"basket_id": approval.basket}, at=at)


def settled_for(actor: Actor, approvals: Iterable[Approval], at: datetime) -> None:
    """The person has decided these: of a basket in which nothing else waits for him nothing is unread."""
    for basket in sorted({each.basket for each in approvals if each.basket is not None}):
        if not queries.waiting_for(actor, at, basket):
            settle(WAITING, {"basket_id": basket}, at=at, user_id=actor.user_id)


def ended(approvals: Sequence[Approval], at: datetime) -> None:
    """Tell each asker how the chains ended that have ended; what was asked for together is told together."""
    groups: dict[tuple[Any, ...], list[Approval]] = {}
    for each in approvals:
        if each.state in TOLD:
            together = ("b", each.basket) if each.basket is not None else ("a", each.id)
            groups.setdefault((*together, each.state, each.requester_id), []).append(each)
    for (letter, number, state, requester), rows in groups.items():
        with source_language():
            what = rows[0].subject if len(rows) == 1 else _("%(n)s 份申请", n=len(rows))
            title = f"{ENDED[state]}：{what}"
            text = _("、").join(dict.fromkeys(_reasons(rows)))
        key = f"approval:{letter}{number}:{state}:{min(each.id for each in rows)}"
        _tell([requester], state, key, title, rows[0], at, text, single=True)


def _reasons(rows: Sequence[Approval]) -> list[str]:
    said = (
        Decision.select(Decision.reason)
        .join(ApprovalStep)
        .where(ApprovalStep.approval.in_([each.id for each in rows]) & (Decision.verdict == "refused"))
    )
    return [each.reason for each in said if each.reason]


def _what(approval: Approval) -> str:
    if approval.basket is None:
        return approval.subject
    return _("%(who)s 的申请", who=approval.requester.name)


def _key(approval: Approval) -> str:
    """The occasion: a step that began to wait; of a basket, all that began to wait in one moment."""
    together = f"basket:{approval.basket}" if approval.basket is not None else str(approval.id)
    since = approval.since or approval.asked_at
    return f"approval:{together}:step:{approval.current}:{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"


def _tell(
    ids: Iterable[int], code: str, key: str, title: str, approval: Approval, at: datetime, text: str = "",
    *, single: bool = False,
) -> None:  # fmt: skip
    if approval.basket is None or single:
        endpoint, about = "approvals.page", {"approval_id": approval.id}
    else:
        endpoint, about = "approvals.basket", {"basket_id": approval.basket}
    tell(ids, f"approval.{code}", key, title, text, endpoint=endpoint, about=about, at=at)
