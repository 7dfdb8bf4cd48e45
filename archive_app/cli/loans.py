"""Commands of lending: loan request, approve, hand-over, return."""

from __future__ import annotations

import click

from archive_app.cli.frame import Run, archive, command, folder_of, person_of
from archive_app.core import clock
from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.loans import queries, service
from archive_app.loans.models import Loan
from archive_app.loans.rows import active_of_folder
from archive_app.policy import USES


@archive.group("loan")
def loan() -> None:
    """Borrowing by the rule book: request, approve, hand over, return."""


@command(loan, "request")
@click.argument("number")
@click.option("--kind", type=click.Choice(USES), default="loan", show_default=True)
@click.option("--purpose", required=True, help="what it is needed for (目的)")
@click.option("--object", default="", help="whom or what it concerns (对象)")
@click.option("--reason", default="", help="why (理由)")
@click.option("--extent", default="", help="which part, for copies and excerpts")
@click.option("--borrower", metavar="USER", help="for somebody else, keyed at the counter")
@click.option("--undertaking", is_flag=True, help="the borrower acknowledged the undertaking (LOAN-03)")
def request(
    run: Run, *, number: str, kind: str, purpose: str, object: str, reason: str, extent: str,
    borrower: str | None, undertaking: bool,
) -> None:  # fmt: skip
    """Ask for folder NUMBER; the rule book says who must approve."""
    row = service.request_loan(
        folder_of(run, number).id, kind, borrower_id=person_of(borrower).id if borrower else None,
        purpose=purpose, object=object, reason=reason, extent=extent, undertaking=undertaking,
        actor=run.actor, at=run.at,
    )  # fmt: skip
    _tell(run, row)


@command(loan, "approve")
@click.argument("loan_id", type=int, metavar="LOAN")
@click.option("--refuse", is_flag=True, help="decide against it")
@click.option("--reason", default="")
@click.option("--for", "principal", metavar="USER", help="as the deputy of this person")
def approve(run: Run, loan_id: int, refuse: bool, reason: str, principal: str | None) -> None:
    """Decide the step that waits for you."""
    verdict = "refused" if refuse else "granted"
    behalf = int(person_of(principal).id) if principal else None
    _tell(run, service.decide_loan(loan_id, verdict, reason, actor=run.actor, at=run.at, on_behalf_of=behalf))


@command(loan, "hand-over")
@click.argument("loan_id", type=int, metavar="LOAN")
@click.option("--seat", help="seat the reader in the reading room instead (any seat: -)")
def hand_over(run: Run, loan_id: int, seat: str | None) -> None:
    """Hand the paper over to the borrower, or seat the reader."""
    if seat:
        wanted = None if seat == "-" else seat
        row = service.seat_reader(loan_id, wanted, actor=run.actor, at=run.at)
    else:
        row = service.hand_over(loan_id, actor=run.actor, at=run.at)
    _tell(run, row)


@command(loan, "return")
@click.argument("what", metavar="LOAN|NUMBER")
@click.option("--pages", type=int, help="pages counted on return")
@click.option("--remark", default="")
def give_back(run: Run, what: str, pages: int | None, remark: str) -> None:
    """Take the paper back."""
    loan_id = int(what) if what.isascii() and what.isdigit() and len(what) < 12 else _active(run, what)
    _tell(run, service.give_back(loan_id, pages=pages, remark=remark, actor=run.actor, at=run.at))


def _active(run: Run, number: str) -> int:
    folder = folder_of(run, number)
    row = active_of_folder(folder.id)
    if row is None:
        raise NotFound(_("%(number)s 没有借出。没有改动任何记录。", number=folder.file_number))
    return int(row.id)


@command(loan, "list", who="reads", needs="loan.view_all")
def out(run: Run) -> None:
    """All that is away now, due first (去向)."""
    run.actor.must("loan.view_all")
    for row in queries.out_list(run.at):
        _tell(run, row)


def _tell(run: Run, row: Loan) -> None:
    due = row.due_at.isoformat() if row.due_at else None
    when = _("应还 %(at)s", at=f"{clock.local(row.due_at):%Y-%m-%d %H:%M}") if row.due_at else ""
    words = [str(row.id), row.folder.file_number, row.state, row.borrower.name, when, row.clause]
    run.line(
        "  ".join(word for word in words if word),
        id=row.id, file_number=row.folder.file_number, kind=row.kind, state=row.state,
        borrower=row.borrower.username, due_at=due, due_reason=row.due_reason,
        clause=row.due_clause or row.clause, seat=row.seat,
    )  # fmt: skip
