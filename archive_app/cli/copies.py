"""Commands of photocopies: copy make, list, show, keep, destroy, lose, find, label."""

from __future__ import annotations

from pathlib import Path

import click

from archive_app.cli.frame import Run, archive, command, folder_of
from archive_app.core import clock
from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.loans import copies, copy_label, copy_rows, incidents
from archive_app.loans.incident_rows import number_of
from archive_app.loans.models import Copy
from archive_app.printing import barcode


@archive.group("copy")
def copy() -> None:
    """Photocopies (影印件) as things of their own: made, kept for lending, destroyed, lost, found."""


@command(copy, "make")
@click.argument("number")
@click.option("--pages", type=int, required=True, help="pages copied")
@click.option("--extent", default="", help="what was copied, e.g. 第 3–6 页")
@click.option("--remark", default="")
def make(run: Run, number: str, pages: int, extent: str, remark: str) -> None:
    """Register a copy of folder NUMBER, kept for lending (LOAN-09)."""
    folder = folder_of(run, number)
    row = copies.make(
        folder.id, pages=pages, extent=extent, remark=remark, actor=run.actor, at=run.at
    )  # fmt: skip
    _tell(run, row)


@command(copy, "list", who="reads", needs="copy.manage")
@click.option("--state", type=click.Choice(list(copy_rows.STATES)), multiple=True)
@click.option("--kept", is_flag=True, help="only those kept for lending")
@click.option("--propose", is_flag=True, help="folders lent so often that a copy might be kept")
@click.option("--recall", is_flag=True, help="copies whose level no longer allows any")
@click.option("--number", default="", help="part of a file number or title")
@click.option("--limit", default=50, show_default=True)
def list_(
    run: Run, *, state: tuple[str, ...], kept: bool, propose: bool, recall: bool, number: str, limit: int
) -> None:
    """Copies, newest first; or proposals, or copies to recall."""
    if propose:
        for each in copy_rows.proposals(run.actor, run.at, limit):
            text = f"{each.folder.file_number}  {each.times}  {each.folder.title}"
            run.line(text, file_number=each.folder.file_number, times=each.times)
        return
    if recall:
        rows = copy_rows.to_recall(run.at, actor=run.actor)
    else:
        only = True if kept else None
        found = copy_rows.list_copies(
            run.actor, run.at, states=state, kept=only, text=number, limit=limit
        )  # fmt: skip
        rows = found.rows
    for row in rows:
        _tell(run, row)


@command(copy, "show", who="reads", needs="copy.manage")
@click.argument("what", metavar="COPY")
def show(run: Run, what: str) -> None:
    """One copy and who had it. COPY is its id, its barcode, or NUMBER/SERIAL."""
    row = copy_of(run, what)
    _tell(run, row)
    for loan in copy_rows.history_of(row.id):
        words = [str(loan.id), loan.borrower.name, loan.state]
        run.line("  " + "  ".join(words), loan=loan.id, borrower=loan.borrower.username, state=loan.state)


@command(copy, "keep")
@click.argument("what", metavar="COPY")
def keep(run: Run, what: str) -> None:
    """Keep a returned copy for lending."""
    _tell(run, copies.keep(copy_of(run, what).id, actor=run.actor, at=run.at))


@command(copy, "destroy")
@click.argument("what", metavar="COPY")
@click.option("--reason", required=True, help="why; kept for ever")
def destroy(run: Run, what: str, reason: str) -> None:
    """Destroy a copy; its number stays."""
    _tell(run, copies.destroy(copy_of(run, what).id, reason, actor=run.actor, at=run.at))


@command(copy, "lose")
@click.argument("what", metavar="COPY")
@click.option("--facts", required=True, help="what happened")
def lose(run: Run, what: str, facts: str) -> None:
    """Report that a copy is lost; the chain of the rule book decides about it."""
    row = copy_of(run, what)
    report = incidents.report(
        "loss", folder_id=row.folder_id, copy_id=row.id, facts=facts, actor=run.actor, at=run.at
    )  # fmt: skip
    _tell(run, copy_rows.get_copy(row.id), incident=report.id, report=number_of(report))


@command(copy, "find")
@click.argument("what", metavar="COPY")
@click.option("--remark", default="", help="where it was")
def find(run: Run, what: str, remark: str) -> None:
    """A lost copy is here again."""
    row = copy_of(run, what)
    incidents.found_copy(row.id, remark, actor=run.actor, at=run.at)
    _tell(run, copy_rows.get_copy(row.id))


@command(copy, "label")
@click.argument("what", metavar="COPY")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="default: copy-BARCODE.pdf")
def label(run: Run, what: str, out: Path | None) -> None:
    """Print the label of a copy into a file."""
    row, data = copy_label.print_label(copy_of(run, what).id, actor=run.actor, at=run.at)
    target = out or Path(f"copy-{copy_rows.payload_of(row)}.pdf")
    target.write_bytes(data)
    run.line(str(target), id=row.id, file=str(target), size=len(data))


def copy_of(run: Run, text: str) -> Copy:
    """The copy with this id, barcode, or file number and serial. Raises NotFound."""
    try:
        code = barcode.parse(text)
    except barcode.BadCode:
        code = None
    if code is not None and code.kind == barcode.BarcodeType.COPY:
        return copy_rows.copy_for(run.actor, code.id, run.at)
    number, slash, serial = text.rpartition("/")
    if slash and serial.isascii() and serial.isdigit():
        rows = copy_rows.copies_of(folder_of(run, number).id)
        found = next((row for row in rows if row.serial == int(serial)), None)
        if found is not None:
            return found
    elif text.isascii() and text.isdigit() and len(text) < 12:
        return copy_rows.copy_for(run.actor, int(text), run.at)
    raise NotFound(_("没有影印件 %(what)s。", what=text[:40]))


def _tell(run: Run, row: Copy, **more: object) -> None:
    made = f"{clock.local(row.made_at):%Y-%m-%d}"
    words = [str(row.id), copy_rows.name_of(row), row.state, _("%(n)s 页", n=row.pages), row.extent, made]
    run.line(
        "  ".join(word for word in words if word), id=row.id, file_number=row.folder.file_number,
        serial=row.serial, state=row.state, kept=row.kept, pages=row.pages, extent=row.extent,
        barcode=copy_rows.payload_of(row), made_by=row.made_by, made_at=row.made_at.isoformat(), **more,
    )  # fmt: skip
