"""Commands of notices: notice list, read, send."""

from __future__ import annotations

import click

from archive_app.cli.frame import Run, archive, command
from archive_app.core import clock, mail
from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.notices import mailing, queries, service


@archive.group("notice")
def notice() -> None:
    """What people were told, in the program and by e-mail."""


@command(notice, "list", who="changes")
@click.option("--unread", is_flag=True, help="only what was not read yet")
@click.option("--older", type=int, metavar="NOTICE", help="those before this one")
def show(run: Run, unread: bool, older: int | None) -> None:
    """List the notices of the account --as, newest first, 30 at a time."""
    for line in queries.page(run.actor, run.at, unread=unread, older=older).lines:
        row = line.notice
        mark = " " if row.read_at else "●"
        run.line(
            f"{mark} {row.id}  {clock.local(row.at):%Y-%m-%d %H:%M}  {row.title}  {row.text}".rstrip(),
            id=row.id, at=row.at.isoformat(), code=row.code, title=row.title, body=row.text,
            read=row.read_at is not None, mail=row.mail, about=line.target,
        )  # fmt: skip


@command(notice, "read")
@click.argument("notice_id", type=int, metavar="NOTICE", required=False)
@click.option("--all", "everything", is_flag=True, help="all of them")
def read(run: Run, notice_id: int | None, everything: bool) -> None:
    """Mark a notice of the account --as read, or all."""
    if everything:
        count = service.read_all(actor=run.actor, at=run.at)
    elif notice_id is not None:
        count = int(service.read(notice_id, actor=run.actor, at=run.at).read_at is None)
    else:
        raise Invalid({"NOTICE": _("请写通知的编号，或用 --all。")})
    run.line(_("%(n)s 条通知已标为已读。", n=count), read=count)


@command(notice, "send", who="house")
def send(run: Run) -> None:
    """Send the letters that wait, now; the worker does it by itself."""
    if mail.server() is None:
        run.line(_("没有设 SMTP_URL，不发邮件。"), sent=0, failed=0, put_off=0, why="SMTP_URL")
        return
    done = mailing.send_waiting(run.at)
    words = _("发出 %(a)s 封，退回 %(b)s 封，以后再试 %(c)s 封。", a=done.sent, b=done.failed, c=done.put_off)
    run.line(
        " ".join(part for part in (words, done.why) if part),
        sent=done.sent, failed=done.failed, put_off=done.put_off, why=done.why,
    )  # fmt: skip
