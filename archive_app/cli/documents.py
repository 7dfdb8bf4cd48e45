"""Commands of the catalog inside a folder and of its paper: document, condition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from archive_app.cli.frame import Run, archive, command, folder_of
from archive_app.core import clock
from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.records import queries, rules, service, words
from archive_app.records.models import ConditionEvent, Document

LINE = (
    click.option("--reference", help="文号"),
    click.option("--author", help="责任者"),
    click.option("--dated", help="20260904, 202609 or 2026"),
    click.option("--pages", type=int, help="pages with writing"),
    click.option("--sheets", type=int, help="leaves, when some are written on both sides"),
    click.option("--copies", type=int),
    click.option("--medium", type=click.Choice(rules.MEDIA)),
    click.option("--text-form", type=click.Choice(rules.TEXT_FORMS)),
    click.option("--part", type=click.Choice(rules.PARTS)),
    click.option("--group", help="the same mark keeps documents together"),
    click.option("--nature", type=click.Choice(rules.NATURES), help="of a document that crosses years"),
    click.option("--covers-from", type=int, metavar="YEAR", help="first year it covers"),
    click.option("--covers-to", type=int, metavar="YEAR", help="last year it covers"),
    click.option("--note"),
)


def line_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for every part of a catalog line."""
    for option in reversed(LINE):
        function = option(function)
    return function


@archive.group("document")
def document() -> None:
    """The lines of a folder's catalog: add, edit, remove, list."""


@command(document, "add")
@click.argument("number")
@click.argument("title")
@line_options
def add(run: Run, number: str, title: str, **told: Any) -> None:
    """Add a document TITLE as the last line of the catalog of folder NUMBER."""
    folder = folder_of(run, number)
    row = service.add_document(folder.id, title=title, **_told(told), actor=run.actor, at=run.at)
    run.line(_line(row), **_values(row))


@command(document, "edit")
@click.argument("document_id", type=int, metavar="ID")
@click.option("--title", help="题名")
@line_options
@click.option("--reason", required=True, help="why; kept for ever")
def edit(run: Run, document_id: int, reason: str, **told: Any) -> None:
    """Change the line of document ID (see `document list`); old and new values are kept."""
    row = _document(run, document_id)
    row = service.edit_document(row.id, _told(told), reason, row.revision, actor=run.actor, at=run.at)
    run.line(_line(row), **_values(row))


@command(document, "remove")
@click.argument("document_id", type=int, metavar="ID")
@click.option("--reason", required=True, help="why; kept for ever")
def remove(run: Run, document_id: int, reason: str) -> None:
    """Take document ID off the catalog; the line stays in the change record."""
    row = _document(run, document_id)
    service.remove_document(row.id, reason, actor=run.actor, at=run.at)
    run.line(_("已移出目录：%(title)s", title=row.title), id=row.id, removed=True)


@command(document, "list", who="reads", needs="folder.view")
@click.argument("number")
def documents(run: Run, number: str) -> None:
    """Show the catalog of folder NUMBER in order."""
    folder = folder_of(run, number)
    service.note_view(folder, actor=run.actor, at=run.at, via="cli")
    for row in queries.documents_of(folder.id):
        run.line(_line(row), **_values(row))


@archive.group("condition")
def condition() -> None:
    """What was found or done on the paper: note, list."""


@command(condition, "note")
@click.argument("number")
@click.argument("kind", type=click.Choice(rules.CONDITIONS))
@click.argument("remark")
@click.option("--document", "document_id", type=int, metavar="ID", help="only this document")
@click.option("--pages", default=0, help="how many pages")
@click.option("--where", default="", help="which pages, in words")
def note(run: Run, number: str, kind: str, remark: str, **told: Any) -> None:
    """Note REMARK about the paper of folder NUMBER; the remark sheet quotes it."""
    folder, of = folder_of(run, number), told.pop("document_id")
    event = service.note_condition(
        folder.id, of, kind, remark=remark, **told, actor=run.actor, at=run.at
    )  # fmt: skip
    run.line(_condition(event), **_facts(event))


@command(condition, "list", who="reads", needs="folder.view")
@click.argument("number")
def conditions(run: Run, number: str) -> None:
    """Show what was noted about the paper of folder NUMBER, oldest first."""
    folder = folder_of(run, number)
    service.note_view(folder, actor=run.actor, at=run.at, via="cli")
    events = queries.conditions_of([folder.id])
    left = rules.unmended(events)
    for event in events:
        run.line(_condition(event), **_facts(event), unmended=event in left)


def _told(told: dict[str, Any]) -> dict[str, Any]:
    """Only what was written on the command line."""
    return {name: value for name, value in told.items() if value is not None}


def _document(run: Run, document_id: int) -> Document:
    """The document, if who acts may know of its folder. Raises NotFound."""
    row = service.get_document(document_id)
    try:
        queries.folder_for(run.actor, row.folder_id, run.at)
    except NotFound as error:
        raise NotFound(_("没有这一件，或已移出目录。")) from error
    return row


def _line(row: Document) -> str:
    dated = rules.dated_words(row.dated, row.dated_known) or "—"
    return f"{row.id}  {row.position}  {dated}  {row.title}  {_('%(n)s 页', n=row.pages)}"


def _values(row: Document) -> dict[str, Any]:
    names = (name for name in service.DOCUMENT_FIELDS if name not in ("dated", "dated_known"))
    dated = rules.dated_words(row.dated, row.dated_known)
    return {"id": row.id, "position": row.position, "dated": dated} | {n: getattr(row, n) for n in names}


def _condition(event: ConditionEvent) -> str:
    what = event.document.title if event.document else _("整份档案")
    at = f"{clock.local_date(event.noted_at)}"
    return f"{at}  {words.CONDITIONS[event.kind]}  {what}  {event.where}  {event.remark}"


def _facts(event: ConditionEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "document": event.document_id,
        "kind": event.kind,
        "pages": event.pages,
        "where": event.where,
        "remark": event.remark,
        "noted_by": event.noted_by,
        "noted_at": event.noted_at.isoformat(),
    }
