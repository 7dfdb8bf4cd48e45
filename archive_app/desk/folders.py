"""What the scan of a folder's label means: it comes back, is shelved, goes out, or waits for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.desk import answers, copies_scan, giving, hands, placing, taking
from archive_app.desk.answers import Answer
from archive_app.loans import carriers
from archive_app.loans import queries as loans
from archive_app.people.actor import Actor
from archive_app.printing.barcode import Barcode
from archive_app.records import queries as records
from archive_app.records.models import Folder


def folder_code(code: Barcode, raw: str, desk: str, actor: Actor, at: datetime) -> Answer:
    """A folder by the digits of its label."""
    try:
        folder = records.folder_for(actor, code.id, at)
    except NotFound:
        return _back_unseen(code.id, actor, at) or answers.not_here(raw)
    return folder_scanned(folder, desk, actor, at)


def _back_unseen(folder_id: int, actor: Actor, at: datetime) -> Answer | None:
    """What was lent or drawn comes back whatever its level has become meanwhile; it shows its number only."""
    if (active := loans.away(folder_id)) is not None:
        return taking.take_back(active, actor, at, known=False)
    folder = Folder.get_or_none((Folder.id == folder_id) & (Folder.custody == "lent"))
    answer = copies_scan.folder_scanned(folder, actor, at) if folder is not None else None
    return replace(answer, title="", level="", folder=None) if answer is not None else None


def folder_scanned(folder: Folder, desk: str, actor: Actor, at: datetime) -> Answer:
    """The right legal thing for a folder that lies under the scanner."""
    if (active := loans.away(folder.id)) is not None:
        return taking.take_back(active, actor, at)
    if folder.state != "active":
        return _not_registered(folder)
    if folder.custody != "on_shelf" and (answer := copies_scan.folder_scanned(folder, actor, at)):
        return answer
    return _onwards(folder, desk, actor, at)


def _onwards(folder: Folder, desk: str, actor: Actor, at: datetime) -> Answer:
    """A folder that is here goes to the place or person in hand; else it waits for one."""
    hand = hands.of(desk)
    if hand is not None and (place := placing.held(hand, at)) is not None:
        return placing.folder_scanned(folder, place, desk, actor, at)
    if hand is None or hand.person is None:
        return _wait_for_person(folder, desk, actor, at)
    return giving.give_out(folder, hand.person, actor, at)


def _wait_for_person(folder: Folder, desk: str, actor: Actor, at: datetime) -> Answer:
    waiting = [loan for loan in loans.open_of_folder(folder.id) if loan.state == "approved"]
    hands.take(desk, at, folder=folder.id)
    who = _("、").join(loan.borrower.name for loan in waiting)
    bound = carriers.words(carriers.carried(folder.id)) if waiting else ""
    return Answer(
        "ask", _("请扫借阅人"), folder.file_number,
        _("等 %(who)s 领取，请扫借阅人的卡。", who=who) if who else _("在架。请扫借阅人或位置。"),
        answers.LOOK, title=folder.title, level=folder.secrecy, folder=folder.id, unchanged=True, waits=True,
        why=giving.carrier_words(bound), icon="person-vcard", chip=("wait", "person-vcard", _("等人")),
    )  # fmt: skip


def _not_registered(folder: Folder) -> Answer:
    void = folder.state == "void"
    fill = answers.step("records.fill", _("补登内容"), "pencil", folder_id=folder.id)
    return Answer(
        "no" if void else "ask",
        _("已作废") if void else _("还没登记"),
        folder.file_number,
        _("这个号作废了：%(why)s", why=folder.void_reason) if void else _("这个号只是预留，先补登内容。"),
        answers.REFUSED if void else answers.LOOK,
        folder=folder.id, unchanged=True, step=None if void else fill,
        chip=("wait", "question-lg", _("看一看")),
    )  # fmt: skip
