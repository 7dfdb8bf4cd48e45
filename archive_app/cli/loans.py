"""Commands of lending: loan request, mine, show, withdraw, extend, effect, approve, hand-over, return."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from archive_app.approvals import queries as approvals
from archive_app.approvals.words import deciders
from archive_app.cli.frame import Run, archive, command, folder_of, person_of
from archive_app.core import clock
from archive_app.core.errors import Invalid, NotFound
from archive_app.core.i18n import _
from archive_app.loans import basket as baskets
from archive_app.loans import extending, places, queries, rules, service
from archive_app.loans.models import Loan
from archive_app.loans.outcome import Outcome, Wanted, Wish, outcomes
from archive_app.loans.rows import active_of_folder
from archive_app.policy import USES
from archive_app.records.models import Folder


@archive.group("loan")
def loan() -> None:
    """Borrowing by the rule book: request, approve, hand over, return."""


@command(loan, "request")
@click.argument("number", nargs=-1)
@click.option("--kind", type=click.Choice(USES), default="loan", show_default=True)
@click.option("--basket", is_flag=True, help="all that is in your basket, instead of NUMBERs")
@click.option("--purpose", required=True, help="what it is needed for (目的)")
@click.option("--class", "purpose_class", default="", help="its kind, a word of the rule book (目的类别)")
@click.option("--object", default="", help="whom or what it concerns (对象)")
@click.option("--reason", default="", help="why (理由)")
@click.option("--extent", default="", help="which part, for copies and excerpts")
@click.option("--from", "since", metavar="TIME", help="wished from, e.g. 2026-11-20T15:00")
@click.option("--until", metavar="TIME", help="wished until; the due time stays that of the rule")
@click.option("--borrower", metavar="USER", help="for somebody else, keyed at the counter")
@click.option("--undertaking", is_flag=True, help="the borrower acknowledged the undertaking (LOAN-03)")
@click.option("--dry-run", is_flag=True, help="only say what would happen to each, and by which clause")
def request(
    run: Run, *, number: tuple[str, ...], kind: str, basket: bool, since: str | None, until: str | None,
    borrower: str | None, dry_run: bool, **what: Any,
) -> None:  # fmt: skip
    """Ask for folders, all or none; NUMBER=KIND (HT-2026-0001=consult) has a kind of its own."""
    person = person_of(borrower) if borrower else None
    items = _items(run, number, kind, basket)
    wish = Wish(_moment("--from", since), _moment("--until", until))
    if dry_run:
        wanted = [Wanted(folder, each) for folder, each in items]
        for found in outcomes(run.actor, wanted, run.at, person, wish):
            _foretell(run, found)
        return
    loans = service.request_loans(
        [(folder.id, each) for folder, each in items], borrower_id=person.id if person else None,
        wished_from=wish.since, wished_until=wish.until, actor=run.actor, at=run.at, **what,
    )  # fmt: skip
    if basket:
        baskets.remove([row.folder_id for row in loans], actor=run.actor, at=run.at)
    for row in loans:
        _tell(run, queries.get_loan(row.id))


def _items(run: Run, numbers: tuple[str, ...], kind: str, basket: bool) -> list[tuple[Folder, str]]:
    if bool(numbers) == basket:
        raise Invalid({"NUMBER": _("请写档号，或用 --basket，二者之一。")})
    if basket:
        return [(folder, kind) for folder in baskets.of(run.actor, run.at)]
    return [_item(run, text, kind) for text in numbers]


def _item(run: Run, text: str, kind: str) -> tuple[Folder, str]:
    number, _equals, own = text.partition("=")
    if own and own not in USES:
        raise Invalid({"NUMBER": _("%(what)s：方式要是 %(kinds)s。", what=number, kinds=" ".join(USES))})
    return folder_of(run, number), own or kind


def _moment(name: str, text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid({name: _("请写成 2026-11-20T15:00 这样。")}) from error
    return found if found.tzinfo else found.replace(tzinfo=clock.LOCAL)


def _foretell(run: Run, found: Outcome) -> None:
    chain = [[each.user.name for each in step.candidates] for step in found.chain]
    names = " → ".join("/".join(step) for step in chain)
    words = [
        found.folder.file_number,
        found.kind,
        found.verdict,
        found.text,
        names,
        found.clauses,
        found.shorter,
    ]
    run.line(
        "  ".join(word for word in words if word),
        file_number=found.folder.file_number, kind=found.kind, verdict=found.verdict, words=found.text,
        chain=chain, clause=found.clause, use_clause=found.use_clause, where=found.answer.where,
        due_at=found.answer.due_at.isoformat() if found.answer.due_at else None, position=found.position,
        duplicate=found.duplicate, alternatives=list(found.alternatives), shorter=found.shorter,
    )  # fmt: skip


@loan.group("basket")
def basket_group() -> None:
    """The basket (借阅车): folders put aside to be asked for together."""


@command(basket_group, "add")
@click.argument("number", nargs=-1, required=True)
def basket_add(run: Run, number: tuple[str, ...]) -> None:
    """Put folders into your basket; numbers in any form, or codes of labels."""
    typed = baskets.add_numbers(" ".join(number), actor=run.actor, at=run.at)
    for folder in (*typed.added, *typed.known):
        run.line(folder.file_number, file_number=folder.file_number, added=folder in typed.added)
    if typed.wrong:
        raise Invalid({text: _("%(what)s：%(why)s", what=text, why=why) for text, why in typed.wrong.items()})


@command(basket_group, "list")
def basket_list(run: Run) -> None:
    """What is in your basket."""
    for folder in baskets.of(run.actor, run.at):
        run.line(f"{folder.file_number}  {folder.title}", file_number=folder.file_number, title=folder.title)


@command(basket_group, "remove")
@click.argument("number", nargs=-1, required=True)
def basket_remove(run: Run, number: tuple[str, ...]) -> None:
    """Take folders out of your basket."""
    gone = baskets.remove([folder_of(run, each).id for each in number], actor=run.actor, at=run.at)
    run.line(_("已从借阅车移出 %(n)s 份。", n=gone), removed=gone)


@command(basket_group, "clear")
def basket_clear(run: Run) -> None:
    """Empty your basket."""
    gone = baskets.clear(actor=run.actor, at=run.at)
    run.line(_("已从借阅车移出 %(n)s 份。", n=gone), removed=gone)


@command(loan, "mine")
@click.option("--past", is_flag=True, help="those that are over, newest first")
@click.option("--state", type=click.Choice(queries.CLOSED), multiple=True)
@click.option("--older", type=int, metavar="LOAN", help="start below this loan")
def mine(run: Run, past: bool, state: tuple[str, ...], older: int | None) -> None:
    """Your own loans and requests, due first."""
    if past or state or older:
        found = queries.past_of(run.actor, run.at, queries.Filters(state), older).rows
    else:
        found = queries.running_of(run.actor, run.at)
    for row in found:
        _tell(run, row)


@command(loan, "show")
@click.argument("loan_id", type=int, metavar="LOAN")
def show(run: Run, loan_id: int) -> None:
    """One loan: who decides, its place in the row, its extensions."""
    row = queries.loan_for(run.actor, loan_id, run.at)
    place = places.places_of([row], run.at).get(row.id) if row.state in rules.WAITING else None
    waits = approvals.waits_for([row.approval_id], run.at).get(row.approval_id, [])
    _tell(
        run, row, purpose=row.purpose, purpose_class=row.purpose_class, basket=row.basket,
        waits_for=deciders(waits), place=place.number if place else None,
        after=place.after.isoformat() if place and place.after else None,
        extensions=[(each.id, each.state, each.due_after.isoformat()) for each in extending.of_loan(row.id)],
        closed_reason=row.closed_reason,
    )  # fmt: skip


@command(loan, "withdraw")
@click.argument("loan_id", type=int, metavar="LOAN")
@click.option("--reason", default="", help="needed when it is the request of somebody else")
def withdraw(run: Run, loan_id: int, reason: str) -> None:
    """Take a request back before the folder was handed over."""
    _tell(run, service.withdraw(loan_id, reason, actor=run.actor, at=run.at))


@command(loan, "extend")
@click.argument("loan_id", type=int, metavar="LOAN")
@click.option("--reason", default="", help="why; needed to ask")
@click.option("--take-back", is_flag=True, help="withdraw the question that is open")
def extend(run: Run, loan_id: int, reason: str, take_back: bool) -> None:
    """Ask to keep a folder longer (续借); the rule book says whether and who decides."""
    if take_back:
        extension = extending.open_of(loan_id)
        if extension is None:
            raise NotFound(_("没有等审批的续借申请。没有改动任何记录。"))
        extension = extending.withdraw_extension(extension.id, actor=run.actor, at=run.at)
    else:
        extension = extending.ask_extension(loan_id, reason, actor=run.actor, at=run.at)
    due = f"{clock.local(extension.due_after):%Y-%m-%d %H:%M}"
    run.line(
        "  ".join((str(extension.id), extension.state, due, extension.clause)),
        id=extension.id, loan=loan_id, state=extension.state, due_after=extension.due_after.isoformat(),
        clause=extension.clause, approval=extension.approval_id,
    )  # fmt: skip


@command(loan, "effect")
@click.argument("loan_id", type=int, metavar="LOAN")
@click.argument("effect", metavar="WORD")
@click.option("--note", default="")
def effect_(run: Run, loan_id: int, effect: str, note: str) -> None:
    """Say what the use was good for (利用效果), in a WORD of the rule book."""
    row = service.note_effect(loan_id, effect, note, actor=run.actor, at=run.at)
    _tell(run, row, effect=row.effect, note=row.effect_note)


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


def _tell(run: Run, row: Loan, **more: Any) -> None:
    due = row.due_at.isoformat() if row.due_at else None
    when = _("应还 %(at)s", at=f"{clock.local(row.due_at):%Y-%m-%d %H:%M}") if row.due_at else ""
    words = [str(row.id), row.folder.file_number, row.state, row.borrower.name, when, row.clause]
    run.line(
        "  ".join(word for word in words if word),
        id=row.id, file_number=row.folder.file_number, kind=row.kind, state=row.state,
        borrower=row.borrower.username, due_at=due, due_reason=row.due_reason,
        clause=row.due_clause or row.clause, seat=row.seat, **more,
    )  # fmt: skip
