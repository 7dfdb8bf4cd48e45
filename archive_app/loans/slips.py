"""Slip (借阅单) and out-card (代卷卡) as sheets of the register of prints, and the verb that prints them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from archive_app.core.errors import NotFound, Refused
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans import queries, sheets
from archive_app.loans.models import Loan
from archive_app.people.actor import Actor
from archive_app.prints import service as prints
from archive_app.prints.models import Print
from archive_app.prints.register import Part, Sheet, Stamp, register, sheet_of
from archive_app.records.service import note_print

PRINTABLE = ("approved", "out", "reading", "overdue", "returned")
NAMES = {
    "unit": L("档案室"), "number": L("借阅单号"), "slip_number": L("借阅单号"), "borrower": L("借阅人"),
    "department": L("部门"), "contact": L("电话"), "file_number": L("档号"), "title": L("题名"),
    "secrecy": L("密级"), "secrecy_rank": None, "payload": None, "folder_payload": None,
    "quantity": L("件 页"), "place": L("归位"), "kinds": L("方式"), "name": L("方式"), "chosen": L("选中"),
    "purpose": L("目的"), "handed_at": L("借出"), "due_at": L("应还"), "due_short": None,
    "handled_by": L("经手人"), "approvals": L("审批"), "rules": L("规定"), "ended": L("结束"),
    "step": L("审批"), "on_behalf_of": L("受委托"), "at": L("时间"), "text": L("规定"), "clause": L("条款"),
}  # fmt: skip


def print_slip(loan_id: int, form: str, *, actor: Actor, at: datetime) -> tuple[Print, bytes]:
    """Print the slip or the out-card of a loan at once (``form`` "loan_slip", "out_card").

    Raises NotFound; Refused: permission, wrong_state — there is no slip before the approval.
    """
    actor.must(sheet_of(form).permission)
    loan = queries.loan_for(actor, loan_id, at)
    if loan.state not in PRINTABLE:
        raise Refused("wrong_state", _("还没有批准，没有借阅单可打印。"), next_step=_("批准后再打印。"))
    title = f"{sheet_of(form).name.text} {sheets.number_of(loan)} {loan.folder.file_number}"
    return prints.print_now(form, "loan", str(loan_id), title=title, actor=actor, at=at)


def _slip(key: str, args: dict[str, Any], at: datetime) -> dict[str, Any]:
    return sheets.slip(queries.get_loan(int(key)), at)


def _out_card(key: str, args: dict[str, Any], at: datetime) -> dict[str, Any]:
    return sheets.out_card(queries.get_loan(int(key)), at)


def _draw_slip(content: dict[str, Any], stamp: Stamp) -> list[Part]:
    return [Part("form", {"form": "loan_slip", "data": content | {"stamp": stamp.as_dict()}})]


def _draw_out_card(content: dict[str, Any], stamp: Stamp) -> list[Part]:
    return [Part("form", {"form": "out_card", "data": {"cards": [content], "stamp": stamp.as_dict()}})]


def _visible(key: str, actor: Actor, at: datetime) -> bool:
    try:
        queries.loan_for(actor, int(key), at)
    except NotFound:
        return False
    return True


def _classified(content: dict[str, Any]) -> list[str]:
    return [content["file_number"]] if content["secrecy_rank"] > 0 else []


def _printed(row: Print, actor: Actor, at: datetime) -> None:
    """Count the slip with its loan, and tell the folder's own audit of the print."""
    loan = queries.get_loan(int(row.key))
    if row.form == "loan_slip":
        Loan.update(slips_printed=row.number).where(Loan.id == loan.id).execute()
    note_print([loan.folder], row.form, loan=loan.id, copy=row.number, actor=actor, at=at)


def _link(key: str) -> tuple[str, dict[str, Any]]:
    return "loans.loan_page", {"loan_id": int(key)}


def _register(form: str, name: L, content: Any, draw: Any) -> None:
    register(Sheet(form, name, "slip.print", content, draw, _visible, _classified, NAMES, _printed, _link))


_register("loan_slip", L("借阅单"), _slip, _draw_slip)
_register("out_card", L("代卷卡"), _out_card, _draw_out_card)
