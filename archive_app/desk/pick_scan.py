"""A scan on the walk along the shelves: the folder, or its slip on the printed list, is marked as fetched."""

from __future__ import annotations

from datetime import datetime

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.desk import answers
from archive_app.desk.answers import Answer
from archive_app.loans import carriers, picking
from archive_app.loans import queries as loans
from archive_app.loans.models import Loan
from archive_app.people.actor import Actor
from archive_app.printing.barcode import BadCode, BarcodeType, parse
from archive_app.records import queries as records
from archive_app.records.models import Folder


def scanned(raw: str, actor: Actor, at: datetime) -> Answer:
    """Mark as fetched what was scanned, or say that it is not wanted."""
    try:
        code = parse(raw)
    except BadCode:
        found = records.by_number(actor, raw, at)
        return _folder(found[0], actor, at) if len(found) == 1 else answers.unknown(raw, _("不是本室条码。"))
    try:
        if code.kind == BarcodeType.FOLDER:
            return _folder(records.folder_for(actor, code.id, at), actor, at)
        if code.kind == BarcodeType.LOAN:
            return _loan(loans.loan_for(actor, code.id, at), actor, at)
    except NotFound:
        return answers.not_here(raw)
    return answers.unknown(raw, _("取档时请扫档案，或扫取档单上的条码。"))


def _folder(folder: Folder, actor: Actor, at: datetime) -> Answer:
    loan = picking.of_folder(folder.id)
    return _loan(loan, actor, at) if loan is not None else _unwanted(folder)


def _loan(loan: Loan, actor: Actor, at: datetime) -> Answer:
    if loan.state != "approved":
        return _unwanted(loan.folder)
    before, folder = loan.picked_at, loan.folder
    loan = picking.pick(loan.id, actor=actor, at=at)
    bound = carriers.words(carriers.carried(folder.id))
    said = _("给%(who)s", who=loan.borrower.name)
    return Answer(
        "ok", _("早已取到") if before else _("取到了"), folder.file_number, said, answers.DONE,
        title=folder.title, level=folder.secrecy, folder=folder.id, unchanged=before is not None,
        why=_("取%(volume)s整卷。", volume=bound) if bound else "", icon="basket",
        chip=("ok", "check-lg", _("已取")),
    )  # fmt: skip


def _unwanted(folder: Folder) -> Answer:
    return Answer(
        "no", _("不用取"), folder.file_number, _("没有人等这一份，请放回原处"), answers.REFUSED,
        title=folder.title, level=folder.secrecy, folder=folder.id, unchanged=True, why=folder.place,
        chip=("stop", "x-lg", _("不用取")),
    )  # fmt: skip
