"""Commands of the scan desk: a scan as the box takes it, the pick list, what was found at a return."""

from __future__ import annotations

import uuid
from pathlib import Path

import click

from archive_app.cli.frame import Run, archive, command
from archive_app.core.i18n import _
from archive_app.desk import queries, service
from archive_app.loans import papers, picking, returning

CONDITION = click.Choice(["good", "damage", "missing_pages"])
FILE = click.Path(dir_okay=False, path_type=Path)


@archive.group("desk")
def desk() -> None:
    """The scan desk: hand over, take back, shelve and fetch by scanning."""


@command(desk, "scan")
@click.argument("code")
@click.option("--desk", "name", default="cli", show_default=True, help="desks hold one person in hand each")
@click.option("--mode", type=click.Choice(["desk", "room", "pick"]), default="desk", show_default=True,
              help="room: a card signs in or out; pick: a folder is marked as fetched")  # fmt: skip
@click.option("--id", "request_id", help="the same id again does nothing and answers the same")
def scan(run: Run, code: str, name: str, mode: str, request_id: str | None) -> None:
    """Scan CODE: a barcode, or a file number typed in any form."""
    row = service.scan(
        code, desk=name, request_id=request_id or uuid.uuid4().hex, mode="" if mode == "desk" else mode,
        actor=run.actor, at=run.at,
    )  # fmt: skip
    said = queries.shown(row).answer
    text = "  ".join(part for part in (said.verb, said.number, said.sentence, said.why) if part)
    run.line(
        text, scan=row.id, kind=said.kind, verb=said.verb, number=said.number, sentence=said.sentence,
        why=said.why, clause=said.clause, loan=said.loan, unchanged=said.unchanged, undo=bool(row.undo),
    )  # fmt: skip


@command(desk, "undo")
@click.argument("scan_id", type=int, metavar="SCAN")
@click.option("--desk", "name", default="cli", show_default=True)
def undo(run: Run, scan_id: int, name: str) -> None:
    """Take SCAN back within the seconds of the rule book."""
    row = service.undo(scan_id, desk=name, actor=run.actor, at=run.at)
    run.line(_("已撤销"), scan=row.id, undone_at=row.undone_at)


@command(desk, "picks", who="reads", needs="loan.desk")
@click.option("--pdf", type=FILE, help="print the list into this file, with the barcodes of the slips")
def picks(run: Run, pdf: Path | None) -> None:
    """What is approved and not fetched, in the order of a walk along the shelves."""
    found = picking.pick_list(run.actor, run.at)
    for group, each in found.groups:
        for pick in each:
            loan = pick.loan
            run.line(
                f"{group}  {pick.spot}  {loan.folder.file_number}  {loan.borrower.name}  {picking.how(pick)}"
                + (f"  {pick.volume}" if pick.volume else ""),
                loan=loan.id, file_number=loan.folder.file_number, group=group, spot=pick.spot,
                borrower=loan.borrower.username, kind=loan.kind, where=pick.where, original=pick.original,
                wished=picking.wished(loan), volume=pick.volume, picked=pick.picked, ahead=pick.ahead,
            )  # fmt: skip
    if pdf is not None:
        _row, data = picking.print_list(actor=run.actor, at=run.at)
        pdf.write_bytes(data)


@command(desk, "check")
@click.argument("loan_id", type=int, metavar="LOAN")
@click.option("--pages", type=int, help="what was counted")
@click.option("--condition", type=CONDITION, default="good", show_default=True)
@click.option("--remark", default="", help="what is missing or damaged; needed when it is not good")
@click.option("--effect", default="", help="what the use was good for, in the rule book's words")
def check(run: Run, loan_id: int, pages: int | None, condition: str, remark: str, effect: str) -> None:
    """Write down what was found when the returned folder of LOAN was looked through."""
    loan = returning.check_return(
        loan_id, pages=pages, condition=condition, remark=remark, effect=effect, actor=run.actor, at=run.at
    )
    run.line(
        f"{loan.folder.file_number}  {loan.condition}", loan=loan.id, condition=loan.condition,
        pages_back=loan.pages_back, effect=loan.effect,
    )  # fmt: skip


@command(desk, "lost")
@click.argument("loan_id", type=int, metavar="LOAN")
@click.option("--facts", required=True, help="what happened")
def lost(run: Run, loan_id: int, facts: str) -> None:
    """The folder of LOAN does not come back: close the loan and report the loss."""
    row = returning.give_back_lost(loan_id, facts, actor=run.actor, at=run.at)
    run.line(f"{row.folder.file_number}  {row.state}", incident=row.id, loan=loan_id, state=row.state)


@command(desk, "papers")
@click.argument("loan_id", type=int, metavar="LOAN")
@click.argument("file", type=FILE)
def print_papers(run: Run, loan_id: int, file: Path) -> None:
    """Print the slip and the out-card of LOAN into FILE."""
    row, data = papers.print_papers(loan_id, actor=run.actor, at=run.at)
    file.write_bytes(data)
    run.line(str(file), print=row.id, file=str(file))
