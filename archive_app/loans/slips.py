"""Slip, slip of a basket (借阅单) and out-card (代卷卡) as registered sheets, and their verbs."""

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
from archive_app.prints.register import Part, Sheet, Stamp, for_who_finds, one_form, register, sheet_of
from archive_app.records.service import note_print

PRINTABLE = ("approved", "out", "reading", "overdue", "returned")
NAMES = {
    "unit": L("档案室"), "number": L("借阅单号"), "slip_number": L("借阅单号"), "borrower": L("借阅人"),
    "department": L("部门"), "contact": L("电话"), "file_number": L("档号"), "title": L("题名"),
    "secrecy": L("密级"), "secrecy_rank": None, "payload": None, "folder_payload": None,
    "quantity": L("件 页"), "place": L("归位"), "kinds": L("方式"), "name": L("方式"), "chosen": L("选中"),
    "purpose": L("目的"), "handed_at": L("借出"), "due_at": L("应还"), "due_short": None,
    "handled_by": L("经手人"), "approvals": L("审批"), "rules": L("规定"), "ended": L("结束"),
    "photocopy": L("影印件"), "wished": L("拟用"), "rows": L("档案"), "kind": L("方式"),
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


def print_basket(loan_id: int, *, actor: Actor, at: datetime) -> tuple[Print, bytes]:
    """Print one slip for all that was asked for together with this loan and is handed over, or ready to be.

    Raises NotFound; Refused: permission, wrong_state — nothing of it is approved yet.
    """
    actor.must(sheet_of("basket_slip").permission)
    loan = queries.loan_for(actor, loan_id, at)
    key = loan.basket or loan.id
    if not _basket(key):
        raise Refused("wrong_state", _("还没有批准，没有借阅单可打印。"), next_step=_("批准后再打印。"))
    title = _("借阅单 %(n)s 起 %(count)s 份", n=sheets.number_of(loan), count=len(_basket(key)))
    return prints.print_now("basket_slip", "basket", str(key), title=title, actor=actor, at=at)


def _basket(key: int) -> list[Loan]:
    """The loans of a basket that a slip may list, in the order they were asked for."""
    rows = queries.select().where(((Loan.basket == key) | (Loan.id == key)) & Loan.state.in_(PRINTABLE))
    return list(rows.order_by(Loan.id))


def _basket_slip(key: str, args: dict[str, Any], at: datetime) -> dict[str, Any]:
    loans = _basket(int(key))
    if not loans:
        raise NotFound(_("没有可打印的内容，或不在可查范围内。"))
    return sheets.basket_slip(loans, at)


def _slip(key: str, args: dict[str, Any], at: datetime) -> dict[str, Any]:
    return sheets.slip(queries.get_loan(int(key)), at)


def _out_card(key: str, args: dict[str, Any], at: datetime) -> dict[str, Any]:
    return sheets.out_card(queries.get_loan(int(key)), at)


def _draw_out_card(content: dict[str, Any], stamp: Stamp) -> list[Part]:
    return [Part("form", {"form": "out_card", "data": {"cards": [content], "stamp": stamp.as_dict()}})]


def _classified(content: dict[str, Any]) -> list[str]:
    rows = content.get("rows") or [content]
    return [row["file_number"] for row in rows if row["secrecy_rank"] > 0]


def _printed(row: Print, actor: Actor, at: datetime) -> None:
    """Count the slip with its loan, and tell the folder's own audit of the print."""
    loans = _basket(int(row.key)) if row.form == "basket_slip" else [queries.get_loan(int(row.key))]
    if row.form != "out_card":
        Loan.update(slips_printed=Loan.slips_printed + 1).where(
            Loan.id.in_([loan.id for loan in loans])
        ).execute()
    for loan in loans:
        note_print([loan.folder], row.form, loan=loan.id, copy=row.number, actor=actor, at=at)


def _link(key: str) -> tuple[str, dict[str, Any]]:
    return "loans.loan_page", {"loan_id": int(key)}


def _register(form: str, name: L, content: Any, draw: Any) -> None:
    seen = for_who_finds(queries.loan_for)
    register(Sheet(form, name, "slip.print", content, draw, seen, _classified, NAMES, _printed, _link))


_register("loan_slip", L("借阅单"), _slip, one_form("loan_slip"))
_register("basket_slip", L("借阅单（多份）"), _basket_slip, one_form("basket_slip"))
_register("out_card", L("代卷卡"), _out_card, _draw_out_card)
