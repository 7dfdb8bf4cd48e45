"""Commands of alarms: alarm list, show, handle."""

from __future__ import annotations

import click

from archive_app.alarms import queries, service, words
from archive_app.alarms.models import Alarm
from archive_app.cli.frame import Run, archive, command
from archive_app.core import clock


@archive.group("alarm")
def alarm() -> None:
    """What is unusual, and what came of it (AUD-01)."""


@command(alarm, "list", who="reads", needs="alarm.view")
@click.option("--all", "everything", is_flag=True, help="also those that somebody has looked into")
@click.option("--older", type=int, metavar="ALARM", help="those before this one")
def show_all(run: Run, everything: bool, older: int | None) -> None:
    """List alarms, newest first, 30 at a time."""
    run.actor.must("alarm.view")
    for row in queries.page(only_open=not everything, older=older)[0]:
        _tell(run, row)


@command(alarm, "show", who="reads", needs="alarm.view")
@click.argument("alarm_id", type=int, metavar="ALARM")
def show(run: Run, alarm_id: int) -> None:
    """Show one alarm with its trail, the newest event first."""
    run.actor.must("alarm.view")
    row = queries.alarm(alarm_id)
    _tell(run, row)
    for step in queries.trail(row):
        at = f"{clock.local(step.at):%Y-%m-%d %H:%M:%S}"
        run.line(
            "  ".join(part for part in (at, step.name, step.action, step.thing, *step.more) if part),
            seq=step.seq, at=step.at.isoformat(), actor=step.actor, action=step.action, thing=step.thing,
            more=step.more,
        )  # fmt: skip


@command(alarm, "handle")
@click.argument("alarm_id", type=int, metavar="ALARM")
@click.option("--remark", required=True, help="what was found and done")
def handle(run: Run, alarm_id: int, remark: str) -> None:
    """Close an alarm with what was found and done."""
    _tell(run, service.handle(alarm_id, remark, actor=run.actor, at=run.at))


def _tell(run: Run, row: Alarm) -> None:
    run.line(
        f"{row.id}  {words.title(row)}  {words.span(row)}  {row.state}  {row.remark}".rstrip(),
        id=row.id, kind=row.kind, subject=row.subject, count=row.count, state=row.state,
        first_at=row.first_at.isoformat(), last_at=row.last_at.isoformat(), clause=row.clause,
        handled_by=row.handled_by, remark=row.remark,
    )  # fmt: skip
