"""Commands of the rule book: show, ask, check, diff, draft and propose, approve, adopt, replay."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from archive_app.cli.frame import Run, archive, command, folder_of, person_of
from archive_app.core import clock
from archive_app.core.errors import Invalid, NotFound
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people import rulebook, service
from archive_app.policy import (
    ACTIONS,
    Answer,
    RuleBook,
    RuleBookError,
    difference,
    load,
    profile_text,
    profiles,
)
from archive_app.policy import words as say
from archive_app.policy.replay import WORDS
from archive_app.records import queries as records
from archive_app.revisions import queries, replaying, rules, words
from archive_app.revisions import service as revisions
from archive_app.revisions.models import Revision

BOOK = "now, v3 (a version), r5 (a draft), p:S45 (a profile that comes with the program) or a file"


@archive.group("policy")
def policy() -> None:
    """Read the rule book, ask it, compare and try a new one, have it approved."""


def _book(run: Run, key: str) -> tuple[str, RuleBook]:
    """The name and the book of a key or file."""
    if (path := Path(key)).suffix == ".toml":
        return path.name, _load(path)
    found = queries.source(key, run.actor, run.at)
    return found.name, found.book


@command(policy, "show", who="reads", needs="policy.view")
@click.argument("book", default="now")
@click.option("--text", is_flag=True, help="the whole TOML text")
def show(run: Run, book: str, text: bool) -> None:
    """Show the rules of BOOK with their clauses, or its whole text."""
    name, found = _book(run, book)
    if text:
        run.line(found.text, name=name, sha256=found.sha256, toml=found.text)
        return
    run.line(f"{name}  {found.meta.title}  {found.sha256[:12]}", name=name, sha256=found.sha256)
    for rule in found.rules.values():
        run.line(
            f"{rule.clause}  「{rule.text}」", key=rule.key, clause=rule.clause, words=rule.text,
            requirement=rule.requirement,
        )  # fmt: skip


@command(policy, "profiles", who="reads", needs="policy.view")
def list_profiles(run: Run) -> None:
    """List the rule books that come with the program."""
    for name in profiles():
        title = load(profile_text(name), name).meta.title
        run.line(f"{name}  {title}", name=name, title=title)


@command(policy, "versions", who="reads", needs="policy.view")
def versions(run: Run) -> None:
    """List the adopted versions with who approved each, newest first, and the drafts on their way."""
    for row in queries.open_revisions(run.actor.unit_id) if queries.may_see_drafts(run.actor) else []:
        run.line(f"r{row.id}  {words.STATES[row.state][2]}  {row.reason}", **_revision(row))
    for each in queries.versions(run.at, run.actor.unit_id):
        day = f"{clock.local(each.version.effective_from):%Y-%m-%d %H:%M}"
        state = str(words.STATES[each.state][2])
        run.line(
            f"v{each.version.version}  {state}  {day}  {each.approved_by}  {each.reason}",
            version=each.version.version, state=each.state, effective_from=day, approved_by=each.approved_by,
            sha256=each.version.sha256, reason=each.reason,
        )  # fmt: skip


@command(policy, "ask", who="reads", needs="policy.ask")
@click.argument("person")
@click.argument("number")
@click.argument("action", type=click.Choice(ACTIONS))
@click.option(
    "--moment", metavar="ISO", help="when, on the office clock, e.g. 2026-11-19T15:00; default: now"
)
@click.option("--book", default="now", help=BOOK)
def ask(run: Run, *, person: str, number: str, action: str, moment: str | None, book: str) -> None:
    """Say what would happen if PERSON wanted ACTION with folder NUMBER, and by which clause."""
    at = _moment(moment) if moment else run.at
    facts = records.facts_of(folder_of(run, number))
    asker = records.person_of(service.actor_of(person_of(person), run.at))
    _name, found = _book(run, book)
    if facts.secrecy not in found.levels:
        raise Invalid({"--book": _("这个制度里没有这份档案的密级。")})
    answer = found.ask(replace(asker, roles=found.roles_of(asker.title)), facts, action, at)
    run.line("\n".join(_lines(found, answer)), **_values(found, answer))


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
    said = _("可以启用：%(title)s，%(n)s 条规则。", title=book.meta.title, n=len(book.rules))
    run.line(said, title=book.meta.title, rules=len(book.rules), sha256=book.sha256)


@command(policy, "diff", who="reads", needs="policy.view")
@click.argument("new")
@click.argument("old", default="now")
def diff(run: Run, new: str, old: str) -> None:
    """Say in words what NEW changes against OLD (default: the rule book in force)."""
    (_old, before), (_new, after) = _book(run, old), _book(run, new)
    for section, lines in words.said(difference(before, after), before, after).items():
        for line in lines:
            run.line(
                f"{section} › {line.where}：{line.old or '—'} → {line.new or '—'}",
                section=section, where=line.where, key=line.key, old=line.old, new=line.new,
            )  # fmt: skip


@command(policy, "propose")
@click.argument("book", metavar="FILE|DRAFT")
@click.option("--reason", default="", help="why it changes; the approvers read it; a draft has one already")
@click.option("--from", "begins", metavar="ISO", help="from when it counts; default: when it is approved")
@click.option("--draft", is_flag=True, help="keep it as a draft, to be tried first")
@click.option("--profile", default="", help="name of the rule book; default: that of the one in force")
def propose(run: Run, *, book: str, reason: str, begins: str | None, draft: bool, profile: str) -> None:
    """Put a new rule book, or a draft (r5), before those whom the one in force names."""
    when = _moment(begins) if begins else None
    with work(run.actor, run.at):  # a wrong date leaves no draft behind
        number = _number(book) if not Path(book).suffix else _drafted(run, Path(book), reason, profile)
        row = queries.get_revision(number)
        if not draft:
            row = revisions.propose(number, when, actor=run.actor, at=run.at)
    _tell(run, row)


def _drafted(run: Run, file: Path, reason: str, profile: str) -> int:
    _load(file)
    return int(revisions.draft(_read(file), reason, profile, actor=run.actor, at=run.at).id)


@command(policy, "approve")
@click.argument("draft", metavar="DRAFT")
@click.option("--refuse", is_flag=True)
@click.option("--reason", default="", help="needed to refuse")
def approve(run: Run, draft: str, refuse: bool, reason: str) -> None:
    """Decide the step of a proposal (r5) that waits for you."""
    verdict = "refused" if refuse else "granted"
    _tell(run, revisions.decide(_number(draft), verdict, reason, actor=run.actor, at=run.at))


@command(policy, "withdraw")
@click.argument("book", metavar="DRAFT|VERSION")
@click.option("--reason", default="")
def withdraw(run: Run, book: str, reason: str) -> None:
    """Take back a draft or proposal (r5), or a version (v3) before its date comes."""
    if not book.startswith("v"):
        _tell(run, revisions.withdraw(_number(book), reason, actor=run.actor, at=run.at))
        return
    found = queries.source(book, run.actor, run.at)
    row = revisions.call_off(found.version or 0, reason, actor=run.actor, at=run.at)
    run.line(_("第 %(n)s 版已撤回，不会施行。", n=row.version), version=row.version)


@command(policy, "adopt")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--profile", help="name of the rule book; default: the file's")
@click.option("--reason", default="", help="why it changes")
def adopt(run: Run, file: Path, profile: str | None, reason: str) -> None:
    """Adopt a rule book as the next version, where the one in force names nobody who approves it."""
    _load(file)
    why = reason or _("按文件 %(name)s 启用", name=file.name)
    row = revisions.adopt_text(_read(file), why, profile or file.stem, actor=run.actor, at=run.at)
    version = rulebook.current(run.at, run.actor.unit_id)
    said = _("第 %(n)s 版已启用。", n=version.version)
    run.line(said, version=version.version, sha256=row.sha256)


@command(policy, "replay")
@click.argument("book", default="now")
def replay(run: Run, book: str) -> None:
    """Say what last year's loans would have been under BOOK; nothing is changed."""
    run.actor.must("policy.ask")
    name, found = _book(run, book)
    since, until = rules.last_year(run.at)
    result = replaying.judge(found, since, until, now=until)
    said = _("%(name)s：%(n)s 件中 %(m)s 件会不同", name=name, n=result.events, m=result.changed)
    run.line(said, name=name, loans=result.events, changed=result.changed, counts=dict(result.counts))
    for group in result.groups:
        run.line(
            f"{WORDS[group.finding]}  {group.count}  {group.clause}  {group.examples[0].words}",
            finding=group.finding, count=group.count, clause=group.clause, rule=group.rule,
            examples=[each.number for each in group.examples],
        )  # fmt: skip


def _number(text: str) -> int:
    digits = text.removeprefix("r")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        raise NotFound(_("没有这份草案。"))
    return int(digits)


def _tell(run: Run, row: Revision) -> None:
    run.line(f"r{row.id}  {words.STATES[row.state][2]}  {row.reason}", **_revision(row))


def _revision(row: Revision) -> dict[str, object]:
    return {
        "draft": row.id,
        "state": row.state,
        "reason": row.reason,
        "sha256": row.sha256,
        "version": row.version.version if row.version else None,
        "effective_from": row.effective_from.isoformat() if row.effective_from else None,
    }


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        raise Invalid({file.name: _("没有这个文件，或不能读。")}) from error
    except UnicodeDecodeError as error:
        raise Invalid({file.name: _("这个文件不是 UTF-8 文本。请另存为 UTF-8 再上传。")}) from error


def _load(file: Path) -> RuleBook:
    try:
        return load(_read(file), file.name)
    except (RuleBookError, OSError) as error:
        raise Invalid({file.name: str(error)}) from error
