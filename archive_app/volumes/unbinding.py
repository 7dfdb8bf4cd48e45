"""Opening a bound volume again: asked for with a reason, decided by the chain of the rule book."""

from __future__ import annotations

from datetime import datetime

import peewee as pw

from archive_app.approvals import queries as approval_queries
from archive_app.approvals import service as approvals
from archive_app.approvals.models import Approval
from archive_app.core.errors import NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.work import Work, work
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.volumes import layout
from archive_app.volumes.binding import bound_volume, end_binding
from archive_app.volumes.flow import UNBINDING, VOLUME
from archive_app.volumes.models import Unbinding, Volume

ACTION, KIND = "unbind", "unbinding"


def ask_unbinding(volume_id: int, reason: str, *, actor: Actor, at: datetime) -> Unbinding:
    """Ask to open a bound volume again; the chain of the rule book decides.

    Raises Invalid: reason; NotFound; Refused: permission, volumes.not_bound, volumes.asked, approval.nobody.
    """
    actor.must("volume.bind")
    reason = layout.checked_reason(reason)
    volume = bound_volume(volume_id, actor, at)
    adopted = rulebook.current(at, actor.unit_id)
    order = adopted.book.arrangement
    try:
        with work(actor, at) as w:
            row = Unbinding.create(
                volume=volume.id, reason=reason, approval=0, state=UNBINDING.initial,
                asked_by=actor.username, asked_at=at,
            )  # fmt: skip
            approval = approvals.open_approval(
                ACTION, KIND, row.id, _("拆卷 %(number)s：%(reason)s", number=volume.number, reason=reason),
                order.unbinding, requester=people.user(actor.user_id), department_id=actor.department_id,
                adopted=adopted, rule=order.rules["unbinding"], actor=actor, at=at,
            )  # fmt: skip
            Unbinding.update(approval=approval.id).where(Unbinding.id == row.id).execute()
            w.note("volume.unbinding", volume, number=volume.number, reason=reason, unbinding=row.id)
            row = Unbinding.get_by_id(row.id)
            if approval.state == "granted":
                _grant(w, row, "", at)
    except pw.IntegrityError as error:
        raise Refused(
            "volumes.asked",
            _("%(number)s 已有拆卷申请在办，没有再提交一次。", number=volume.number),
            next_step=_("等审批人决定。"),
        ) from error
    return row


def decide_unbinding(
    unbinding_id: int,
    verdict: str,
    reason: str = "",
    *,
    actor: Actor,
    at: datetime,
    on_behalf_of: int | None = None,
    position: int | None = None,
) -> Unbinding:
    """Decide the current step; when granted the volume is open again and its binding has ended.

    Raises Invalid; NotFound; Refused: permission, approval.closed, approval.own, approval.decided,
    approval.not_yours.
    """
    actor.must(UNBINDING.steps["grant"].permission)
    approvals.decide(
        _unbinding(unbinding_id).approval, verdict, reason, actor=actor, at=at, on_behalf_of=on_behalf_of,
        position=position,
    )  # fmt: skip
    return _unbinding(unbinding_id)


def decided(approval: Approval, actor: Actor, at: datetime) -> None:
    """Move the request that an approval was about; approvals calls this in the work that decides."""
    row = _unbinding(approval.key)
    said = approval_queries.decisions_of(approval)
    principal = said[-1].on_behalf_of.username if said and said[-1].on_behalf_of else ""
    with work(actor, at) as w:
        if approval.state == "granted":
            _grant(w, row, principal, at)
            return
        UNBINDING.fire(row, "refuse", closed_at=at)
        w.note(
            "volume.unbind_refused", row.volume, number=row.volume.number,
            reason=said[-1].reason if said else "", on_behalf_of=principal,
        )  # fmt: skip


approvals.AFTER[KIND] = decided


def _grant(w: Work, row: Unbinding, principal: str, at: datetime) -> None:
    volume = Volume.get_by_id(row.volume_id)
    UNBINDING.fire(row, "grant", closed_at=at)
    end_binding(volume, at)
    VOLUME.fire(volume, "unbind", checked_by="", checked_at=None, adjusted=True, revision=volume.revision + 1)
    w.note("volume.unbind", volume, number=volume.number, reason=row.reason, on_behalf_of=principal)


def withdraw_unbinding(unbinding_id: int, *, actor: Actor, at: datetime) -> Unbinding:
    """Take the request back: for all who may bind. Raises NotFound; Refused: permission, wrong_state."""
    actor.must(UNBINDING.steps["withdraw"].permission)
    with work(actor, at) as w:
        row = _unbinding(unbinding_id)
        UNBINDING.fire(row, "withdraw", closed_at=at)
        approvals.withdraw(row.approval, "", actor=actor, at=at)
        w.note("volume.unbinding_withdrawn", row.volume, number=row.volume.number)
    return row


def _unbinding(unbinding_id: int) -> Unbinding:
    row = Unbinding.get_or_none(Unbinding.id == unbinding_id)
    if row is None:
        raise NotFound(_("没有这份拆卷申请。"))
    return row
