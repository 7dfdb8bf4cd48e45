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
import peewee as pw

from archive_app import __version__
from archive_app.core import clock, jobs, migrate, storage
from archive_app.core import db as database
from archive_app.core.errors import ArchiveError, Invalid, Misconfigured, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people import queries, service
from archive_app.people.actor import Actor, system
from archive_app.people.models import User
from archive_app.printing import barcode
from archive_app.records import queries as records
from archive_app.records.models import Folder

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
    group: click.Group, name: str, *, who: str = "changes", needs: str = "account.own"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function a command; its first argument is the `Run`.

    ``who``: ``"changes"`` — ``--as`` (or ARCHIVE_AS) must name the account that acts; ``"reads"`` — if
    nobody is named, the first account that holds the permission ``needs``; ``"house"`` — the house
    itself; ``"bare"`` — so too, and the archive need not exist yet.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(acting: str | None, as_json: bool, **options: Any) -> None:
            at = clock.now()
            with errors_to_exit_codes(as_json):
                if who != "bare":
                    open_archive()
                actor = _actor(acting, who, needs, at)
                run = Run(actor, at, as_json)
                if who == "changes":
                    _note(run, "cli.run", command=name, os_user=_os_user())
                try:
                    function(run, **options)
                except Refused as error:
                    _note(run, "refusal", code=error.code, clause=error.clause, endpoint=f"cli.{name}")
                    raise

        made = click.option("--json", "as_json", is_flag=True, help="one JSON object a line")(call)
        made = click.option(
            "--as", "acting", envvar="ARCHIVE_AS", metavar="USER", help="account that acts; audited"
        )(made)
        group.command(name)(made)
        return function

    return decorate


def open_archive() -> None:
    """Bind database, queue and storage from the environment. Raises Misconfigured: not set up."""
    database.connect()
    jobs.open_queue()
    storage.open_storage()
    if pending := migrate.pending():
        raise Misconfigured(_("数据库还缺 %(n)s 项升级。请运行 python -m archive_app init。", n=len(pending)))


def _actor(username: str | None, who: str, needs: str, at: datetime) -> Actor:
    if who in ("house", "bare"):
        return system()
    if username:
        return service.actor_of(person_of(username), at)
    if who == "changes":
        raise Invalid({"--as": _("请用 --as 写明以谁的身份办理（或设 ARCHIVE_AS）。")})
    first = queries.first_holder(needs, at)
    if first is None:
        raise Invalid({"--as": _("还没有人有这项权限。请用 --as 写明以谁的身份办理。")})
    return service.actor_of(first, at)


def folder_of(run: Run, text: str) -> Folder:
    """The folder with this number (typed in any form) or barcode. Raises NotFound, Invalid: several fit."""
    found = _by_barcode(run, text) or records.by_number(run.actor, text, run.at)
    if not found:
        raise NotFound(_("没有档号 %(number)s。", number=text))
    if len(found) > 1:
        numbers = "、".join(row.file_number for row in found)
        raise Invalid({"number": _("有几份：%(numbers)s。请写全档号。", numbers=numbers)})
    return found[0]


def _by_barcode(run: Run, text: str) -> list[Folder]:
    try:
        code = barcode.parse(text)
    except barcode.BadCode:
        return []
    if code.kind is not barcode.BarcodeType.FOLDER:
        return []
    return [records.folder_for(run.actor, code.id, run.at)]


def person_of(text: str) -> User:
    """The person with this account or unique name. Raises Invalid."""
    user = queries.user_by_name_or_username(text)
    if user is None or not user.active:
        raise Invalid({"USER": _("没有账号 %(name)s。", name=text)})
    return user


def _note(run: Run, action: str, **data: str) -> None:
    """Audit that the command line acted in somebody's name, and what was refused there."""
    with work(run.actor, run.at) as w:
        w.note(action, ("user_account", str(run.actor.user_id)), **data)


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


class errors_to_exit_codes:
    """Print what a verb raised and leave with the exit code for it."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Refused):
            self._refused(error)
            sys.exit(REFUSED)
        if isinstance(error, pw.OperationalError) and not database.is_reachable():
            why = str(error).splitlines()[0]
            error = Misconfigured(_("连不上数据库：%(why)s。请核对 DATABASE_URL，再运行 doctor。", why=why))
        if isinstance(error, ArchiveError):
            self._wrong(error)
            sys.exit(REFUSED if isinstance(error, NotFound) else WRONG_USE)

    def _refused(self, error: Refused) -> None:
        """The four lines, and the clause."""
        if self.as_json:
            click.echo(json.dumps({"refused": error.as_dict()}, ensure_ascii=False))
            return
        for line in refusal_lines(error):
            click.echo(line, err=True)

    def _wrong(self, error: ArchiveError) -> None:
        fields = error.fields if isinstance(error, Invalid) else {}
        if self.as_json:
            answer = {"error": str(error), "fields": fields}
            click.echo(json.dumps(answer, ensure_ascii=False))
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
