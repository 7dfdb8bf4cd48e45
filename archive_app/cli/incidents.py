"""Commands of loss and damage: incident report, list, show, decide, again, settle, found, print."""

from __future__ import annotations

from pathlib import Path

import click

from archive_app.cli.frame import Run, archive, command, folder_of, person_of
from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.loans import incident_form, incident_rows, incidents
from archive_app.loans.models import Incident


@archive.group("incident")
def incident() -> None:
    """Loss and damage (丢失、损坏): reported, decided, settled or found again."""


@command(incident, "report")
@click.argument("kind", type=click.Choice(incidents.KINDS))
@click.argument("number")
@click.option("--facts", required=True, help="what happened, where, which pages")
@click.option("--pages", type=int, default=0, show_default=True, help="pages missing or damaged")
@click.option("--loan", type=int, help="the loan it belongs to; default: by which it is out")
@click.option("--person", metavar="USER", help="whose it was, when there was no loan")
def report(
    run: Run, *, kind: str, number: str, facts: str, pages: int, loan: int | None, person: str | None
) -> None:
    """Report that folder NUMBER is lost, damaged, or has pages missing."""
    row = incidents.report(
        kind, folder_id=folder_of(run, number).id, loan_id=loan, pages=pages, facts=facts,
        person_id=int(person_of(person).id) if person else None, actor=run.actor, at=run.at,
    )  # fmt: skip
    _tell(run, row)


@command(incident, "list", who="reads", needs="incident.settle")
@click.option("--state", type=click.Choice(list(incident_rows.STATES)), multiple=True)
@click.option("--kind", type=click.Choice(incidents.KINDS), multiple=True)
@click.option("--limit", default=50, show_default=True)
def list_(run: Run, state: tuple[str, ...], kind: tuple[str, ...], limit: int) -> None:
    """Losses and damage, newest first."""
    found = incident_rows.list_incidents(run.actor, run.at, states=state, kinds=kind, limit=limit)
    for row in found.rows:
        _tell(run, row)


@command(incident, "show", who="reads", needs="incident.settle")
@click.argument("incident_id", type=int, metavar="INCIDENT")
def show(run: Run, incident_id: int) -> None:
    """One report: what happened, what the table says, what was done."""
    row = incident_rows.incident_for(run.actor, incident_id, run.at)
    _tell(run, row)
    if not run.as_json:
        for text in (row.facts, row.settlement):
            if text:
                run.line("  " + text)


@command(incident, "decide")
@click.argument("incident_id", type=int, metavar="INCIDENT")
@click.option("--refuse", is_flag=True, help="send it back")
@click.option("--reason", default="")
@click.option("--for", "principal", metavar="USER", help="as the deputy of this person")
def decide(run: Run, incident_id: int, refuse: bool, reason: str, principal: str | None) -> None:
    """Decide the step that waits for you."""
    verdict = "refused" if refuse else "granted"
    behalf = int(person_of(principal).id) if principal else None
    row = incidents.decide(incident_id, verdict, reason, actor=run.actor, at=run.at, on_behalf_of=behalf)
    _tell(run, row)


@command(incident, "again")
@click.argument("incident_id", type=int, metavar="INCIDENT")
@click.option("--facts", required=True)
@click.option("--pages", type=int)
def again(run: Run, incident_id: int, facts: str, pages: int | None) -> None:
    """Report once more what was sent back."""
    _tell(run, incidents.report_again(incident_id, facts, pages, actor=run.actor, at=run.at))


@command(incident, "settle")
@click.argument("incident_id", type=int, metavar="INCIDENT")
@click.option("--measure", type=click.Choice(incidents.MEASURES), default="made_good", show_default=True)
@click.option("--what", required=True, help="what was done")
def settle(run: Run, incident_id: int, measure: str, what: str) -> None:
    """Close an approved report with what was done."""
    _tell(run, incidents.settle(incident_id, what, measure=measure, actor=run.actor, at=run.at))


@command(incident, "found")
@click.argument("what", metavar="INCIDENT|NUMBER")
@click.option("--remark", default="", help="where it was, or why the report was wrong")
def found(run: Run, what: str, remark: str) -> None:
    """The lost folder is here again, or the report was wrong."""
    if what.isascii() and what.isdigit() and len(what) < 12:
        _tell(run, incidents.close_found(int(what), remark, actor=run.actor, at=run.at))
        return
    folder = folder_of(run, what)
    incidents.found(folder.id, remark, actor=run.actor, at=run.at)
    rows = incident_rows.of_folder(folder.id)
    if not rows:
        raise NotFound(_("没有这份报告。"))
    _tell(run, rows[0])


@command(incident, "print")
@click.argument("incident_id", type=int, metavar="INCIDENT")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="default: its number.pdf")
def print_(run: Run, incident_id: int, out: Path | None) -> None:
    """Print the form 档案丢失（损坏）报告 into a file."""
    row, data = incident_form.print_report(incident_id, actor=run.actor, at=run.at)
    target = out or Path(f"{incident_rows.number_of(row)}.pdf")
    target.write_bytes(data)
    run.line(str(target), id=row.id, file=str(target), size=len(data))


def _tell(run: Run, row: Incident) -> None:
    person = row.person.name if row.person else ""
    words = [
        incident_rows.number_of(row), row.folder.file_number, row.kind, row.state, person, row.penalty,
        row.clause,
    ]  # fmt: skip
    run.line(
        "  ".join(word for word in words if word), id=row.id, number=incident_rows.number_of(row),
        file_number=row.folder.file_number, kind=row.kind, state=row.state, pages=row.pages, loan=row.loan_id,
        copy=row.copy_id, person=row.person.username if row.person else "", penalty=row.penalty,
        clause=row.clause, facts=row.facts, settlement=row.settlement,
        reported_at=row.reported_at.isoformat(),
    )  # fmt: skip
