"""Accepting the same difference of many folders with one reason: a year bound before it was scanned."""

from __future__ import annotations

from datetime import datetime

from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people.actor import Actor
from archive_app.volumes import layout
from archive_app.volumes.arranging import accept
from archive_app.volumes.facts import PROBLEMS
from archive_app.volumes.models import Acceptance
from archive_app.volumes.plan import year_plan


def accept_all(
    category: str, year: int, problem: str, reason: str, *, manager_id: int | None = None,
    actor: Actor, at: datetime,
) -> list[Acceptance]:  # fmt: skip
    """Accept one kind of difference wherever it holds a volume of the year back; all or none.

    Raises as `accept`, and Refused: volumes.no_problem — there is none of this kind.
    """
    actor.must("volume.arrange")
    reason = layout.checked_reason(reason)
    if problem not in PROBLEMS:
        raise Invalid({"problem": _("请从列表中选。")})
    holding = year_plan(actor, category, year, at, manager_id).holding
    folders = dict.fromkeys(each.folder.id for each in holding if each.code == problem)
    if not folders:
        raise Refused(
            "volumes.no_problem",
            _("这一年没有“%(what)s”挡住装订，没有改动任何记录。", what=str(PROBLEMS[problem])),
            next_step=_("请刷新后再看。"),
        )
    with work(actor, at):
        return [accept(key, problem, reason, actor=actor, at=at) for key in folders]
