"""Commands of the rule book: ask, check, adopt."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from archive_app.cli.frame import Run, archive, command, folder_of, person_of
from archive_app.core import clock
from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.people import rulebook, service
from archive_app.policy import ACTIONS, Answer, RuleBook, RuleBookError, load
from archive_app.policy import words as say
from archive_app.records import queries as records


@archive.group("policy")
def policy() -> None:
    """Ask the rule book, check a new one, adopt it."""


@command(policy, "ask", who="reads", needs="policy.ask")
@click.argument("person")
@click.argument("number")
@click.argument("action", type=click.Choice(ACTIONS))
@click.option(
    "--moment", metavar="ISO", help="when, on the office clock, e.g. 2026-11-19T15:00; default: now"
)
def ask(run: Run, person: str, number: str, action: str, moment: str | None) -> None:
    """Say what would happen if PERSON wanted ACTION with folder NUMBER, and by which clause."""
    at = _moment(moment) if moment else run.at
    facts = records.facts_of(folder_of(run, number))
    asker = records.person_of(service.actor_of(person_of(person), run.at))
    book = rulebook.current(run.at).book
    answer = book.ask(asker, facts, action, at)
    run.line("\n".join(_lines(book, answer)), **_values(book, answer))


def _moment(text: str) -> datetime:
    try:
        typed = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid({"--moment": _("请写成 2026-11-19T15:00。")}) from error
    return typed if typed.tzinfo else typed.replace(tzinfo=clock.LOCAL)


def _lines(book: RuleBook, answer: Answer) -> list[str]:
    decides = say.deciders(book, answer.chain) or answer.may_decide or _("没有人可以破例批准")
    clause = f"（{answer.rule.clause}）" + ("" if answer.allowed else decides)
    return [answer.message, f"「{answer.rule.text}」", clause, answer.due_reason or answer.next_step]


def _values(book: RuleBook, answer: Answer) -> dict[str, object]:
    return {
        "verdict": answer.verdict,
        "action": answer.action,
        "message": answer.message,
        "rule": answer.rule.text,
        "clause": answer.rule.clause,
        "where": answer.where,
        "chain": [say.step_words(book, step) for step in answer.chain],
        "due_at": answer.due_at.isoformat() if answer.due_at else None,
        "due_reason": answer.due_reason,
        "may_decide": answer.may_decide,
        "next_step": answer.next_step,
    }


@command(policy, "check", who="bare")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(run: Run, file: Path) -> None:
    """Check a rule book before it is adopted; every fault is named with key, line and what is allowed."""
    book = _load(file)
    words = _("可以启用：%(title)s，%(n)s 条规则。", title=book.meta.title, n=len(book.rules))
    run.line(words, title=book.meta.title, rules=len(book.rules), sha256=book.sha256)


@command(policy, "adopt")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--profile", help="name of the rule book; default: the file's")
def adopt(run: Run, file: Path, profile: str | None) -> None:
    """Adopt a rule book as the next version; running loans keep the version that judged them."""
    _load(file)
    text = file.read_text("utf-8")
    row = rulebook.adopt(text, profile or file.stem, actor=run.actor, at=run.at, unit=run.actor.unit_id)
    run.line(_("第 %(n)s 版已启用。", n=row.version), version=row.version, sha256=row.sha256)


def _load(file: Path) -> RuleBook:
    try:
        return load(file.read_text("utf-8"), file.name)
    except RuleBookError as error:
        raise Invalid({file.name: str(error)}) from error
