"""The verb of alarms: write down what came of it."""

from __future__ import annotations

from datetime import datetime

from archive_app.alarms import queries, rules
from archive_app.alarms.flow import ALARM
from archive_app.alarms.models import Alarm
from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people.actor import Actor


def handle(alarm_id: int, remark: str, *, actor: Actor, at: datetime) -> Alarm:
    """Close an alarm with what was found and done (AUD-01: 对非法获取客户信息的行为进行查处).

    Raises Invalid: no remark; NotFound; Refused: permission, alarm.own, wrong_state.
    """
    actor.must(ALARM.steps["handle"].permission)
    remark = " ".join((remark or "").split())
    if errors := rules.check_remark(remark):
        raise Invalid(errors)
    with work(actor, at) as w:
        alarm = queries.alarm(alarm_id)
        if alarm.user_id == actor.user_id:
            raise Refused(
                "alarm.own",
                _("不能处理关于自己的报警，没有改动任何记录。"),
                alarm.rule,
                alarm.clause,
                next_step=_("请另一位有这项权限的人处理。"),
            )
        ALARM.fire(alarm, "handle", handled_by=actor.name, handled_at=at, remark=remark)
        w.note("alarm.handle", alarm, kind=alarm.kind, subject=alarm.subject, remark=remark)
    return alarm
