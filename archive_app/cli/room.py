"""Commands of the reading room: sign readers in and out, who is there, the register of sessions."""

from __future__ import annotations

from datetime import datetime

import click

from archive_app.cli.frame import Run, archive, command, person_of
from archive_app.core import clock
from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.loans import room as reading_room
from archive_app.loans import room_rows
from archive_app.loans.models import RoomSession


@archive.group("room")
def room() -> None:
    """The reading room: seats, readers, and what lies on the tables."""


@command(room, "sign-in")
@click.argument("user", metavar="USER")
@click.option("--seat", help="a seat of the rule book; else the first free one")
def sign_in(run: Run, user: str, seat: str | None) -> None:
    """Sign USER in."""
    _line(run, reading_room.sign_in(person_of(user).id, seat, actor=run.actor, at=run.at))


@command(room, "sign-out")
@click.argument("user", metavar="USER")
@click.option("--left", is_flag=True, help="the reader is gone with what lay on the table")
@click.option("--reason", default="", help="how it was noticed")
def sign_out(run: Run, user: str, left: bool, reason: str) -> None:
    """Sign USER out; refused while something lies on the table."""
    person = person_of(user)
    session = reading_room.session_of(person.id)
    if session is None:
        raise NotFound(_("%(name)s 不在阅览室。", name=person.name))
    _line(run, reading_room.sign_out(session.id, left=left, reason=reason, actor=run.actor, at=run.at))


@command(room, "list", who="reads", needs="loan.desk")
def list_(run: Run) -> None:
    """The seats: who sits there, until when, and what lies on the table."""
    run.actor.must("loan.desk")
    for seat in room_rows.seats(run.at, run.actor.unit_id):
        numbers = [loan.folder.file_number for loan in seat.loans]
        reader = seat.reader.name if seat.reader else ""
        run.line(
            "  ".join((seat.name, reader or _("空座"), *numbers)), seat=seat.name,
            reader=seat.reader.username if seat.reader else None, folders=numbers,
            ends=seat.session.ends_at if seat.session else None,
        )  # fmt: skip


@command(room, "sessions", who="reads", needs="loan.view_all")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="only this day")
@click.option("--reader", default="", help="part of a reader's name")
@click.option("--older", type=int, help="the key of the next page")
def sessions(run: Run, day: datetime | None, reader: str, older: int | None) -> None:
    """The register of the reading room, newest first, with what was read."""
    found = room_rows.sessions(run.actor, day=day.date() if day else None, text=reader, older=older)
    for row in found.rows:
        _line(run, row, [loan.folder.file_number for loan in found.read.get(row.id, [])])


def _line(run: Run, row: RoomSession, read: list[str] | None = None) -> None:
    out = f"{clock.local(row.signed_out_at):%H:%M}" if row.signed_out_at else _("在室")
    times = f"{clock.local(row.signed_in_at):%Y-%m-%d %H:%M}–{out}"
    run.line(
        "  ".join((str(row.id), row.seat, row.reader.name, times, *(read or []))), session=row.id,
        seat=row.seat, reader=row.reader.username, signed_in_at=row.signed_in_at, ends_at=row.ends_at,
        signed_out_at=row.signed_out_at, read=read, remark=row.remark,
    )  # fmt: skip
