"""Photocopies, originals drawn for copying and lost things at the scan desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from archive_app.approvals.queries import approval_for
from archive_app.core.clock import local
from archive_app.core.errors import NotFound, Refused
from archive_app.core.i18n import _
from archive_app.desk import answers, hands
from archive_app.desk.answers import Answer
from archive_app.desk.models import DeskScan
from archive_app.loans import copies, copy_queue, copy_rows, incident_rows, incidents, originals
from archive_app.loans import queries as loans
from archive_app.loans import service as lending
from archive_app.loans.models import Copy, Loan
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.printing.barcode import BadCode, Barcode, BarcodeType, parse
from archive_app.records.models import Folder

# A copy scanned without a person waits this long for the person's card.
RECENT = timedelta(minutes=2)
ICON = "files"


def is_copy(code: Barcode) -> bool:
    """Whether a barcode is the label of a photocopy."""
    return code.kind == BarcodeType.COPY


def copy_code(code: Barcode, raw: str, desk: str, actor: Actor, at: datetime) -> Answer:
    """What the scan of a copy's label does: give it back, hand it out, say that it was found or is gone."""
    try:
        copy = copy_rows.copy_for(actor, code.id, at)
    except NotFound:
        return _back_unseen(code.id, actor, at) or answers.unknown(raw, _("条码没有坏，但本室没有登记它。"))
    if copy.state == "destroyed":
        return _gone(copy)
    if copy.state == "lost":
        return _found_copy(copy, actor, at)
    if copy.state == "lent":
        return _take_back(copy, actor, at)
    person = hands.person_in(desk)
    return _wait(copy) if person is None else _give_out(copy, person, actor, at)


def person_scanned(person: User, desk: str, actor: Actor, at: datetime) -> Answer | None:
    """Hand out the copy that was scanned just before this person's card; None when none waits."""
    copy = _waiting(desk, actor, at)
    return _give_out(copy, person, actor, at) if copy is not None and person.active else None


def folder_scanned(folder: Folder, actor: Actor, at: datetime) -> Answer | None:
    """What a folder's label means first of all: it was lost, or drawn to be copied; None for neither."""
    if folder.custody == "missing":
        return _found(folder, actor, at)
    drawn = copy_rows.drawn_for(folder)
    return _put_back(drawn, actor, at) if drawn is not None else None


def _back_unseen(copy_id: int, actor: Actor, at: datetime) -> Answer | None:
    """A copy that is out comes back whatever its folder's level has become; it shows its number only."""
    copy = copy_rows.select().where((Copy.id == copy_id) & (Copy.state == "lent")).first()
    return replace(_take_back(copy, actor, at), title="", level="") if copy is not None else None


def _take_back(copy: Copy, actor: Actor, at: datetime) -> Answer:
    loan = copy_rows.loan_of(copy.id)
    if loan is None:  # its loan was closed without it: the shelf says so
        raise Refused("wrong_state", _("%(name)s 没有在借，没有改动任何记录。", name=copy_rows.name_of(copy)))
    late = loan.due_at is not None and loan.due_at < at
    lending.give_back(loan.id, actor=actor, at=at)
    said = _("放回复印件盒") if copy.kept else _("核对页数，再销毁或留存")
    return _answer(
        "ok", _("已归还"), copy, _("已逾期，%(said)s", said=said) if late else said,
        answers.LATE if late else answers.DONE, loan=loan.id, undo="give_back",
        why=_("%(who)s 借，%(from)s 借出，%(n)s 页。", who=loan.borrower.name, n=copy.pages,
              **{"from": _clock(loan.handed_at)}),
        step=None if copy.kept else _page_step(copy, _("销毁或留存")), chip="ok",
        icon="arrow-return-left",
    )  # fmt: skip


def _give_out(copy: Copy, person: User, actor: Actor, at: datetime) -> Answer:
    """Hand a copy to the person who has asked for it, or who may have a kept one at once (LOAN-09)."""
    loan, undo = _asked(copy, person), "hand_over"
    if loan is None:
        loan, undo = _direct(copy, person, actor, at), "direct"
    elif loan.copy_id != copy.id:  # any kept copy of the folder serves
        Loan.update(copy=copy).where(Loan.id == loan.id).execute()
    loan = lending.hand_over(loan.id, actor=actor, at=at)
    sentence = _("交给 %(who)s，%(until)s 前归还", who=person.name, until=_until(loan, at))
    return _answer(
        "ok", _("已借出"), copy, sentence, answers.DONE, loan=loan.id, undo=undo, why=loan.due_reason,
        clause=loan.due_clause or loan.clause, chip="ok", icon="check-lg",
    )  # fmt: skip


def _asked(copy: Copy, person: User) -> Loan | None:
    """The person's approved request that this copy serves."""
    waiting = [loan for loan in loans.waiting_of_person(person.id) if loan.folder_id == copy.folder_id]
    mine = [loan for loan in waiting if loan.copy_id == copy.id]
    kept = [loan for loan in waiting if copy.kept and copies.is_kept(loan)]
    return next(iter(mine + kept), None)


def _direct(copy: Copy, person: User, actor: Actor, at: datetime) -> Loan:
    """Register a kept copy at the counter where the rule book asks for no decision; else the refusal."""
    if not copy.kept:
        raise Refused(
            "desk.not_approved",
            _("%(who)s 没有获准借这份影印件。", who=person.name),
            next_step=_("这是为别人影印的，先提交影印申请。"),
        )
    loan = lending.request_loan(
        copy.folder_id, "photocopy", copy_id=copy.id, borrower_id=person.id, purpose=answers.AT_COUNTER,
        undertaking=True, actor=actor, at=at,
    )  # fmt: skip
    if loan.state == "approved":
        return loan
    approval = approval_for(loan.approval_id)
    raise Refused(
        "desk.not_approved",
        _("%(who)s 还没有获准借这一份。", who=person.name),
        approval.rule,
        approval.clause,
        next_step=_("先提交借阅申请。"),
    )


def _wait(copy: Copy) -> Answer:
    waiting = copy_queue.waiting(copy.folder_id) if copy.kept else []
    who = _("、").join(loan.borrower.name for loan in waiting[:4])
    return _answer(
        "ask", _("请扫借阅人"), copy,
        _("等 %(who)s 领取，请扫借阅人的卡。", who=who) if who else _("在架。请扫借阅人的卡。"),
        answers.LOOK, unchanged=True, chip="wait", icon="person-vcard",
        step=None if copy.kept else _page_step(copy, _("销毁或留存")),
    )  # fmt: skip


def _waiting(desk: str, actor: Actor, at: datetime) -> Copy | None:
    """The copy that was the last scan at this desk and still waits for a person."""
    recent = DeskScan.select().where((DeskScan.desk == desk) & (DeskScan.at > at - RECENT))
    row = recent.order_by(DeskScan.id.desc()).first()
    if row is None or row.verdict != "ask":
        return None
    try:
        code = parse(row.code)
        copy = copy_rows.copy_for(actor, code.id, at) if is_copy(code) else None
    except (BadCode, NotFound):
        return None
    return copy if copy is not None and copy.state == "kept" else None


def _gone(copy: Copy) -> Answer:
    return _answer(
        "no", _("已销毁"), copy, _("这份影印件登记为已销毁，请交回销毁"), answers.REFUSED, unchanged=True,
        why=copy.remark, step=_page_step(copy, _("看登记")), chip="stop", icon="x-lg",
    )  # fmt: skip


def _found_copy(copy: Copy, actor: Actor, at: datetime) -> Answer:
    incidents.found_copy(copy.id, answers.FOUND, actor=actor, at=at)
    return _answer(
        "ok", _("找到了"), copy, _("丢失登记已了结"), answers.DONE, step=_page_step(copy, _("看影印件")),
        chip="ok", icon="search",
    )  # fmt: skip


def _found(folder: Folder, actor: Actor, at: datetime) -> Answer:
    """A lost folder is in somebody's hands at the desk: it is found, and the report ends."""
    before = incident_rows.latest_loss(folder.id, None)
    incidents.found(folder.id, answers.FOUND, actor=actor, at=at)
    where = _("放回 %(place)s", place=folder.place) if folder.place else _("放回原处")
    step = {
        "endpoint": "incidents.page", "values": {"incident_id": before.id}, "text": _("看丢失报告"),
        "icon": "file-earmark-text",
    } if before else None  # fmt: skip
    return Answer(
        "ok", _("找到了"), folder.file_number, where, answers.DONE, title=folder.title,
        level=folder.secrecy, folder=folder.id, why=_("丢失登记已了结，请清点页数。"), step=step,
        icon="search", chip=("ok", "search", _("找到了")),
    )  # fmt: skip


def _put_back(loan: Loan, actor: Actor, at: datetime) -> Answer:
    originals.put_back_original(loan.id, actor=actor, at=at)
    folder = loan.folder
    step = {
        "endpoint": "loans.loan_page", "values": {"loan_id": loan.id}, "text": _("交付影印件"), "icon": ICON,
    }  # fmt: skip
    where = _("放回 %(place)s", place=folder.place) if folder.place else _("放回原处")
    return Answer(
        "ok", _("原件已归还"), folder.file_number, where, answers.DONE, title=folder.title,
        level=folder.secrecy, folder=folder.id,
        why=_("%(who)s 影印，核对完整再上架。", who=loan.borrower.name),
        step=step if loan.state == "approved" else None, icon="arrow-return-left",
        chip=("ok", "arrow-return-left", _("已归还")),
    )  # fmt: skip


def _answer(
    kind: str, verb: str, copy: Copy, sentence: str, sound: str, *, chip: str, icon: str, why: str = "",
    clause: str = "", loan: int | None = None, undo: str = "", unchanged: bool = False,
    step: dict[str, object] | None = None,
) -> Answer:  # fmt: skip
    return Answer(
        kind, verb, copy_rows.name_of(copy), sentence, sound, title=copy.folder.title,
        level=copy.folder.secrecy, why=why, clause=clause, loan=loan, undo=undo, unchanged=unchanged,
        step=step, icon=icon, chip=(chip, icon, verb),
    )  # fmt: skip


def _page_step(copy: Copy, text: str) -> dict[str, object]:
    return {"endpoint": "copies.page", "values": {"copy_id": copy.id}, "text": text, "icon": ICON}


def _until(loan: Loan, at: datetime) -> str:
    due = local(loan.due_at)
    return f"{due:%H:%M}" if due.date() == local(at).date() else f"{due:%m-%d %H:%M}"


def _clock(moment: datetime | None) -> str:
    return f"{local(moment):%m-%d %H:%M}" if moment else ""
