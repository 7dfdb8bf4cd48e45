"""Plain values for printed things about loans: slip (借阅单), slip of a basket, out-card (代卷卡)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from archive_app.approvals.queries import StepView, approval_for, chain_view
from archive_app.core.clock import local
from archive_app.core.i18n import _
from archive_app.loans import carriers, words
from archive_app.loans.copy_rows import name_of
from archive_app.loans.models import Loan
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.policy import Rule, RuleBook
from archive_app.printing import barcode
from archive_app.records.queries import documents_of


def number_of(loan: Loan) -> str:
    """The slip's number for people, e.g. JY-2026-0007; the id never repeats, so neither does it."""
    return f"JY-{local(loan.requested_at).year}-{loan.id:04d}"


def payload_of(loan: Loan) -> str:
    """The twelve digits of the slip's barcode."""
    return barcode.payload(barcode.BarcodeType.LOAN, loan.id)


def slip(loan: Loan, at: datetime) -> dict[str, Any]:
    """Values of ``templates/print/loan_slip``, without the stamp of the print."""
    book = rulebook.by_id(loan.rule_book).book
    unit = people.company(loan.folder.unit_id)
    return _common(loan, book) | {
        "unit": unit.name if unit else "",
        "number": number_of(loan),
        "contact": loan.borrower.phone,
        "folder_payload": barcode.payload(barcode.BarcodeType.FOLDER, loan.folder_id),
        "kinds": [{"name": str(name), "chosen": kind == loan.kind} for kind, name in words.KINDS.items()],
        "purpose": _purpose(loan),
        "wished": _wished(loan),
        "approvals": _approvals(loan, at),
        "rules": [{"text": rule.text, "clause": rule.clause} for rule in _rules(loan, book)],
    }


def basket_slip(loans: Sequence[Loan], at: datetime) -> dict[str, Any]:
    """Values of ``templates/print/basket_slip``: all that was asked for together, on one slip."""
    first = loans[0]
    unit = people.company(first.folder.unit_id)
    books = [rulebook.by_id(loan.rule_book).book for loan in loans]
    rules = {rule.text: rule for loan, book in zip(loans, books, strict=True) for rule in _rules(loan, book)}
    department = first.borrower.department.name if first.borrower.department else ""
    return {
        "unit": unit.name if unit else "",
        "number": number_of(first),
        "payload": payload_of(first),
        "borrower": first.borrower.name,
        "department": f"{department} {first.borrower.title}".strip(),
        "contact": first.borrower.phone,
        "purpose": _purpose(first),
        "wished": _wished(first),
        "rows": [_row(loan, book) for loan, book in zip(loans, books, strict=True)],
        "handled_by": _("、").join(dict.fromkeys(loan.handed_by for loan in loans if loan.handed_by)),
        "rules": [{"text": rule.text, "clause": rule.clause} for rule in rules.values()],
        "secrecy_rank": max(book.levels[x.folder.secrecy].rank for x, book in zip(loans, books, strict=True)),
    }


def _row(loan: Loan, book: RuleBook) -> dict[str, str]:
    """One folder of a basket: what, how, since when, until when."""
    common = _common(loan, book)
    names = (
        "file_number",
        "title",
        "secrecy",
        "secrecy_rank",
        "quantity",
        "photocopy",
        "handed_at",
        "due_at",
    )
    kind = str(words.KINDS[loan.kind])
    return {name: common[name] for name in names} | {
        "number": number_of(loan), "kind": f"{kind} {loan.seat}".strip(), "ended": common["ended"],
    }  # fmt: skip


def out_card(loan: Loan, at: datetime) -> dict[str, Any]:
    """Values of one card of ``templates/print/out_card``, without the stamp of the print."""
    book = rulebook.by_id(loan.rule_book).book
    due = local(loan.due_at) if loan.due_at else None
    return _common(loan, book) | {
        "place": _stands(loan),
        "slip_number": number_of(loan),
        "due_short": f"{due:%m-%d %H:%M}" if due else "",
    }


def _stands(loan: Loan) -> str:
    """Where the folder stands; a bound one leaves with its whole volume, which the card then names."""
    volumes = _("、").join(carrier.number for carrier in carriers.carried(loan.folder_id))
    if not volumes:
        return loan.folder.place
    return _("%(place)s 案卷 %(volumes)s 整卷借出", place=loan.folder.place, volumes=volumes)


def _common(loan: Loan, book: RuleBook) -> dict[str, Any]:
    folder, level = loan.folder, book.levels[loan.folder.secrecy]
    lines = documents_of(folder.id)
    department = loan.borrower.department.name if loan.borrower.department else ""
    return {
        "payload": payload_of(loan),
        "borrower": loan.borrower.name,
        "department": f"{department} {loan.borrower.title}".strip(),
        "file_number": folder.file_number,
        "title": folder.title,
        "secrecy": level.name,
        "secrecy_rank": level.rank,
        "quantity": _quantity(loan, len(lines), sum(line.pages for line in lines)),
        "photocopy": name_of(loan.copy) if loan.copy else "",
        "place": _place(loan),
        "handed_at": clock_words(loan.handed_at),
        "due_at": clock_words(loan.due_at),
        "handled_by": loan.handed_by,
        "ended": _ended(loan),
    }


def _quantity(loan: Loan, pieces: int, pages: int) -> str:
    """Pieces and pages by the catalog, and what was really given out where that was counted."""
    text = _("%(n)s 件 %(p)s 页", n=pieces, p=pages)
    if loan.copy:
        return _("影印件 %(n)s 页", n=loan.copy.pages)
    if loan.pages_out is None or loan.pages_out == pages:
        return text
    return _("%(all)s，交出 %(n)s 页", n=loan.pages_out, **{"all": text})


def _place(loan: Loan) -> str:
    """Where it belongs; a bound folder goes out and comes back with its whole volume."""
    bound = carriers.words(carriers.carried(loan.folder_id)) if loan.takes_folder else ""
    return _("；").join(part for part in (loan.folder.place, bound) if part)


def _purpose(loan: Loan) -> str:
    """The class of the purpose and the purpose in the borrower's words."""
    return _("：").join(part for part in (loan.purpose_class, loan.purpose) if part)


def _wished(loan: Loan) -> str:
    """When the borrower wished to use it; empty when he said nothing."""
    start, end = loan.wished_from, loan.wished_until
    if start and end and local(start).date() == local(end).date():
        return f"{clock_words(start)}–{local(end):%H:%M}"
    return " – ".join(clock_words(each) for each in (start, end) if each)


def _ended(loan: Loan) -> str:
    """How the loan came to its end, for the question whether a slip or card is still true; not printed."""
    if loan.returned_at:
        return _("%(at)s 归还", at=clock_words(loan.returned_at))
    return str(words.STATES[loan.state]) if loan.state in ("withdrawn", "refused") else ""


def clock_words(moment: datetime | None) -> str:
    """A moment as forms print it, on the office clock: 2026-11-19 14:32; empty for none."""
    return f"{local(moment):%Y-%m-%d %H:%M}" if moment else ""


def _approvals(loan: Loan, at: datetime) -> list[dict[str, str]]:
    """Who decided, for whom and when; the application counts where it was the step (SEC-03, SEC-05)."""
    rows = []
    for step in chain_view(approval_for(loan.approval_id), at):
        if step.state == "applied":
            rows.append(_line(step, loan.borrower.name, "", loan.requested_at))
        for decision in step.decisions:
            rows.append(_line(step, decision.user.name, decision.principal, decision.at))
    return rows


def _line(step: StepView, name: str, principal: str, when: datetime) -> dict[str, str]:
    return {"step": step.verb, "name": name, "on_behalf_of": principal, "at": clock_words(when)}


def _rules(loan: Loan, book: RuleBook) -> list[Rule]:
    """The rules this loan stands under, each once: its use, what fixed the due time, the undertaking."""
    use = book.use(loan.folder.secrecy, loan.kind)
    by_clause = [rule for rule in book.rules.values() if rule.clause == loan.due_clause]
    found = [use.rule if use else None, by_clause[0] if len(by_clause) == 1 else None, book.undertaking]
    return list({rule.text: rule for rule in found if rule}.values())
