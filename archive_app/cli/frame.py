"""What all commands share: who acts, where the data is, plain or JSON output, and exit codes."""

from __future__ import annotations

import functools
import getpass
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from archive_app import __version__
from archive_app.core import clock, jobs, migrate, storage
from archive_app.core import db as database
from archive_app.core.errors import ArchiveError, Invalid, Misconfigured, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people import queries, service
from archive_app.people.actor import Actor, system

REFUSED, WRONG_USE = 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def archive() -> None:
    """双轨制档案室: paper and electronic archives of one room, side by side.

    DATABASE_URL, QUEUE_URL and STORAGE_URL choose where the data is. Exit code: 0 done,
    1 refused (the clause is printed), 2 wrong use.
    """


@dataclass
class Run:
    """One call of one command: who acts, when, and how to answer."""

    actor: Actor
    at: datetime
    as_json: bool

    def line(self, text: str, **values: Any) -> None:
        """Print one line of the answer: the text, or with --json the values as one object."""
        click.echo(json.dumps(values, ensure_ascii=False, default=str) if self.as_json else text)


def command(
    group: click.Group, name: str, *, changes: bool = False, account: bool = True
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a command; its first argument is the `Run`.

    ``changes``: it changes things, so ``--as`` (or ARCHIVE_AS) must name an account. Reading ones act
    as the first administrator if nobody is named. ``account=False``: it runs as the house itself.
    """

    def decorate(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def call(username: str | None, as_json: bool, **options: Any) -> None:
            with errors_to_exit_codes(as_json):
                at = clock.now()
                if account:
                    open_archive()
                actor = _actor(username, changes, at) if account else system()
                if account and changes:
                    _note(actor, at, name)
                function(Run(actor, at, as_json), **options)

        call = click.option("--json", "as_json", is_flag=True, help="one JSON object a line")(call)
        call = click.option(
            "--as", "username", envvar="ARCHIVE_AS", metavar="USER", help="account that acts; audited"
        )(call)
        return group.command(name)(call)

    return decorate


def open_archive() -> None:
    """Bind database, queue and storage from the environment. Raises Misconfigured: not set up."""
    database.connect()
    jobs.open_queue()
    storage.open_storage()
    if pending := migrate.pending():
        raise Misconfigured(
            _("数据库还缺 %(n)s 项升级。请运行 python -m archive_app init。", n=len(pending))
        )


def _actor(username: str | None, changes: bool, at: datetime) -> Actor:
    if username:
        user = queries.user_by_name_or_username(username)
        if user is None or not user.active:
            raise Invalid({"--as": _("没有账号 %(name)s。", name=username)})
        return service.actor_of(user, at)
    if changes:
        raise Invalid({"--as": _("请用 --as 写明以谁的身份办理（或设 ARCHIVE_AS）。")})
    first = queries.first_administrator(at)
    if first is None:
        raise Misconfigured(_("还没有系统管理员。请运行 python -m archive_app init。"))
    return service.actor_of(first, at)


def _note(actor: Actor, at: datetime, name: str) -> None:
    """Audit that the command line acted in somebody's name, and who sat at the keyboard."""
    with work(actor, at) as w:
        w.note("cli.run", ("user_account", str(actor.user_id)), command=name, os_user=_os_user())


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


class errors_to_exit_codes:  # noqa: N801 - reads as a statement: with errors_to_exit_codes():
    """Print what a verb raised and leave with the exit code for it."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, Refused):
            self._refused(error)
            sys.exit(REFUSED)
        if isinstance(error, ArchiveError):
            self._wrong(error)
            sys.exit(REFUSED if isinstance(error, NotFound) else WRONG_USE)
        return False

    def _refused(self, error: Refused) -> None:
        if self.as_json:
            click.echo(json.dumps({"refused": error.as_dict()}, ensure_ascii=False), err=True)
            return
        for line in refusal_lines(error):
            click.echo(line, err=True)

    def _wrong(self, error: ArchiveError) -> None:
        fields = error.fields if isinstance(error, Invalid) else {}
        if self.as_json:
            answer = {"error": str(error), "fields": fields}
            click.echo(json.dumps(answer, ensure_ascii=False), err=True)
            return
        for line in [f"{name}: {text}" for name, text in fields.items()] or [str(error)]:
            click.echo(line, err=True)


def refusal_lines(error: Refused) -> list[str]:
    """The four parts of a refusal: what was refused, the rule, its clause and who may decide, what to do."""
    decides = (
        _("可以决定的人：%(who)s", who=error.may_decide) if error.may_decide else _("没有人可以破例批准")
    )
    rule = f"「{error.rule}」" if error.rule else "—"
    clause = f"（{error.clause}）{decides}" if error.clause else "—"
    return [error.message, rule, clause, error.next_step or "—"]
