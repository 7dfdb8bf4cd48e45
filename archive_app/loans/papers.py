"""The papers of a hand-over in one print: the slip to be signed, and the card that stands in for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from archive_app.core.errors import Refused
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans import queries, sheets, slips
from archive_app.loans.models import Loan
from archive_app.people.actor import Actor
from archive_app.prints import service as prints
from archive_app.prints.models import Print
from archive_app.prints.register import Part, Sheet, Stamp, for_who_finds, register, sheet_of
from archive_app.records.service import note_print

FORM = "loan_papers"


def print_papers(loan_id: int, *, actor: Actor, at: datetime) -> tuple[Print, bytes]:
    """Print slip and out-card of a loan at once; a photocopy leaves no gap, so it has a slip only.

    Raises NotFound; Refused: permission, wrong_state; ArchiveError — not drawn, the row keeps why.
    """
    actor.must(sheet_of(FORM).permission)
    loan = queries.loan_for(actor, loan_id, at)
    if loan.state not in slips.PRINTABLE:
        raise Refused("wrong_state", _("还没有批准，没有借阅单可打印。"), next_step=_("批准后再打印。"))
    title = f"{sheet_of(FORM).name.text} {sheets.number_of(loan)} {loan.folder.file_number}"
    return prints.print_now(FORM, "loan", str(loan_id), title=title, actor=actor, at=at)


def _content(key: str, args: dict[str, Any], at: datetime) -> dict[str, Any]:
    loan = queries.get_loan(int(key))
    content = {"slip": sheet_of("loan_slip").content(key, args, at)}
    if loan.takes_folder and loan.handed_at is not None:
        content["card"] = sheet_of("out_card").content(key, args, at)
    return content


def _draw(content: dict[str, Any], stamp: Stamp) -> list[Part]:
    forms = {"slip": "loan_slip", "card": "out_card"}
    return [
        part
        for name, form in forms.items()
        if name in content
        for part in sheet_of(form).draw(content[name], stamp)
    ]


def _classified(content: dict[str, Any]) -> list[str]:
    return sheet_of("loan_slip").classified(content["slip"])


def _printed(row: Print, actor: Actor, at: datetime) -> None:
    """Count the slip with its loan, and tell the folder's own audit of the print."""
    loan = queries.get_loan(int(row.key))
    Loan.update(slips_printed=Loan.slips_printed + 1).where(Loan.id == loan.id).execute()
    note_print([loan.folder], row.form, loan=loan.id, copy=row.number, actor=actor, at=at)


def _link(key: str) -> tuple[str, dict[str, Any]]:
    return "loans.loan_page", {"loan_id": int(key)}


register(
    Sheet(
        FORM, L("借阅单和代卷卡"), "slip.print", _content, _draw, for_who_finds(queries.loan_for),
        _classified, slips.NAMES | {"slip": L("借阅单"), "card": L("代卷卡")}, _printed, _link,
    )
)  # fmt: skip
