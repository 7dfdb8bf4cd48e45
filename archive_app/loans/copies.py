"""The verbs of photocopies (影印件), each a thing of its own: made, lent, taken back, kept, destroyed."""

from __future__ import annotations

from datetime import datetime

import peewee as pw

from archive_app.core.errors import Invalid, Refused, too_long
from archive_app.core.i18n import _
from archive_app.core.work import Work, work
from archive_app.loans import copy_queue, rules
from archive_app.loans.copy_rows import copy_for, drawn_for, get_copy, loan_of, name_of
from archive_app.loans.flow import COPY, LOAN
from archive_app.loans.judge import audit_facts
from archive_app.loans.models import Copy, Loan
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.policy import RuleBook
from archive_app.policy.words import cannot
from archive_app.records.models import Folder
from archive_app.records.queries import documents_of, facts_of, folder_for, person_of

MOST_PAGES = 99_999
LIMITS = {"extent": 200, "remark": 500}


def make(
    folder_id: int, *, pages: int, extent: str = "", kept: bool = True, remark: str = "", actor: Actor,
    at: datetime,
) -> Copy:  # fmt: skip
    """Register a photocopy of a folder; ``kept``: for lending (LOAN-09: 对经常使用的文档可备份复印件).

    Raises Invalid; NotFound; Refused: permission, photocopy.<level> and the like as the rule book refuses
    (SEC-01), copy.none_kept, copy.original_away.
    """
    actor.must("copy.manage")
    folder = folder_for(actor, folder_id, at)
    texts = _checked(pages, {"extent": extent, "remark": remark})
    book = rulebook.current(at, actor.unit_id).book
    _check_allowed(book, folder, actor, at)
    if kept:
        _check_kept(book, folder)
    if folder.custody != "on_shelf":
        message = _("%(number)s 的原件不在架，不能影印。没有改动任何记录。", number=folder.file_number)
        raise Refused("copy.original_away", message, next_step=_("原件归还后再影印。"))
    with work(actor, at) as w:
        return _insert(w, folder, pages, kept, texts, actor, at)


def make_for_loan(loan: Loan, pages: int | None = None, *, actor: Actor, at: datetime) -> Copy:
    """Register the photocopy made for an approved loan (LOAN-11: 登记影印记录); the loan knows it then.

    ``pages`` None: as many as the folder has. A loan has one copy: doing it again gives the same one.
    Raises Invalid; Refused: permission, wrong_state, or as the rule book refuses.
    """
    actor.must("loan.desk")
    if loan.copy_id is not None:
        return get_copy(loan.copy_id)
    if loan.kind != "photocopy" or loan.state not in ("approved", "out", "overdue"):
        raise Refused("wrong_state", _("批准了的影印申请才能登记影印件，没有改动任何记录。"))
    pages = pages if pages is not None else _pages_of(loan.folder_id)
    texts = _checked(pages, {"extent": loan.extent, "remark": ""})
    _check_allowed(rulebook.current(at, actor.unit_id).book, loan.folder, actor, at)
    with work(actor, at) as w:
        copy = _insert(w, loan.folder, pages, False, texts, actor, at, loan=loan.id)
        Loan.update(copy=copy).where(Loan.id == loan.id).execute()
        loan.copy = copy
    return copy


def for_request(copy_id: int, *, actor: Actor, at: datetime) -> Copy:
    """The copy kept for lending that somebody asks for; it may be out, then the request waits.

    Raises NotFound; Refused: copy.not_for_lending.
    """
    copy = copy_for(actor, copy_id, at)
    if copy.kept and copy.state in ("kept", "lent"):
        return copy
    message = _("%(name)s 不是备着出借的复印件。没有改动任何记录。", name=name_of(copy))
    raise Refused("copy.not_for_lending", message, next_step=_("请申请影印，或借别的复印件。"))


def is_kept(loan: Loan) -> bool:
    """Whether a loan is for a copy kept for lending; the rule book has a chain of its own for these."""
    return loan.copy is not None and bool(loan.copy.kept)


def go_out(loan: Loan, pages: int | None = None, *, actor: Actor, at: datetime) -> Copy:
    """The copy leaves with the borrower; the desk calls this when it hands a photocopy over.

    A copy not registered yet is registered now. Raises Refused: copy.original_out (LOAN-11: the original
    comes back first), copy.away (another reader has it), loan.not_first (it is kept for another), copy.ended.
    """
    with work(actor, at) as w:
        copy = make_for_loan(loan, pages, actor=actor, at=at)
        if (drawn := drawn_for(loan.folder)) is not None and drawn.id == loan.id:
            message = _("%(number)s 的原件还没有还回核对。", number=loan.folder.file_number)
            raise Refused("copy.original_out", message, next_step=_("先归还原件，再领影印件。"))
        if copy.state != "kept":
            raise _away(copy)
        if copy.kept:
            copy_queue.check_turn(loan, copy, actor, at)
        COPY.fire(copy, "lend")
        w.note("copy.lend", copy, name=name_of(copy), loan=loan.id, borrower=loan.borrower.username)
    return copy


def come_back(loan: Loan, pages: int | None = None, *, actor: Actor, at: datetime) -> str:
    """The copy is given back; return what the count of its pages says (LOAN-11: 核对影印件完整性).

    Whoever waits for a kept copy is told. A loan of before copies were registered has none: empty.
    """
    if loan.copy_id is None:
        return ""
    with work(actor, at) as w:
        copy = get_copy(loan.copy_id)
        COPY.fire(copy, "take_back")
        said = rules.page_remark(pages, copy.pages) if pages is not None else ""
        w.note("copy.take_back", copy, name=name_of(copy), loan=loan.id, pages=pages, remark=said)
        if copy.kept:
            copy_queue.call_next(copy.folder_id, actor=actor, at=at)
    return said


def undo_go_out(loan: Loan, *, actor: Actor, at: datetime) -> None:
    """Take a hand-over back: the copy stays registered (its number is never used again) and is here."""
    _undo(loan, "undo_lend", actor, at)


def undo_come_back(loan: Loan, *, actor: Actor, at: datetime) -> None:
    """Take a return back: the copy is out again."""
    _undo(loan, "undo_take_back", actor, at)


def keep(copy_id: int, *, actor: Actor, at: datetime) -> Copy:
    """Keep a copy made for one loan for lending, after it came back (LOAN-09).

    Raises NotFound; Refused: permission, wrong_state, copy.none_kept, or as the rule book refuses.
    """
    actor.must("copy.manage")
    copy = copy_for(actor, copy_id, at)
    book = rulebook.current(at, actor.unit_id).book
    _check_allowed(book, copy.folder, actor, at)
    _check_kept(book, copy.folder)
    with work(actor, at) as w:
        changed = Copy.update(kept=True).where((Copy.id == copy.id) & (Copy.state == "kept") & ~Copy.kept)
        if not changed.execute():
            raise Refused("wrong_state", _("%(name)s 现在不能留存，没有改动任何记录。", name=name_of(copy)))
        copy.kept = True
        w.note("copy.keep", copy, name=name_of(copy))
    return copy


def destroy(copy_id: int, reason: str, *, actor: Actor, at: datetime) -> Copy:
    """Destroy a copy that is in the archive room, with a reason; its number stays for ever.

    Raises Invalid; NotFound; Refused: permission, copy.away (give it back first), copy.ended.
    """
    actor.must("copy.manage")
    reason = rules.clean(reason)
    if errors := rules.check_reason(reason):
        raise Invalid(errors)
    copy = copy_for(actor, copy_id, at)
    if copy.state != "kept":
        raise _away(copy)
    with work(actor, at) as w:
        COPY.fire(copy, "destroy", ended_by=actor.username, ended_at=at, remark=_joined(copy.remark, reason))
        w.note("copy.destroy", copy, name=name_of(copy), reason=reason, pages=copy.pages)
    return copy


def lose(copy_id: int, facts: str, *, actor: Actor, at: datetime) -> Copy:
    """The copy is lost, and with it the loan it was out by; `incidents.report` asks and calls this."""
    with work(actor, at) as w:
        copy, loan = get_copy(copy_id), loan_of(copy_id)
        if copy.state not in COPY.steps["lose"].sources:
            raise _away(copy)
        COPY.fire(copy, "lose", ended_by=actor.username, ended_at=at)
        w.note("copy.lose", copy, name=name_of(copy), facts=facts[:200])
        if loan is not None:
            LOAN.fire(loan, "lose", closed_reason=facts[: rules.REASON_MAX])
            w.note("loan.lose", loan, copy=copy.serial, **audit_facts(loan))
    return copy


def find(copy_id: int, *, actor: Actor, at: datetime) -> Copy:
    """A lost copy is here again, and the loan that was lost with it is closed as returned.

    Raises NotFound; Refused: copy.not_lost. `incidents.found_copy` closes the report as well.
    """
    with work(actor, at) as w:
        copy = get_copy(copy_id)
        if copy.state != "lost":
            message = _("%(name)s 没有登记为丢失，没有改动任何记录。", name=name_of(copy))
            raise Refused("copy.not_lost", message)
        COPY.fire(copy, "find", ended_by="", ended_at=None)
        w.note("copy.find", copy, name=name_of(copy))
        last = Loan.select().where((Loan.copy == copy.id) & (Loan.state == "lost")).order_by(Loan.id.desc())
        if loan := last.first():
            LOAN.fire(loan, "find", returned_at=at, received_by=actor.name)
            w.note("loan.find", loan, copy=copy.serial, **audit_facts(loan))
    return copy


def _insert(
    w: Work, folder: Folder, pages: int, kept: bool, texts: dict[str, str], actor: Actor, at: datetime,
    loan: int | None = None,
) -> Copy:  # fmt: skip
    # Touching the folder first makes two keepers copying at once take turns: no serial is doubled.
    Folder.update(id=Folder.id).where(Folder.id == folder.id).execute()
    last = Copy.select(pw.fn.MAX(Copy.serial)).where(Copy.folder == folder.id).scalar() or 0
    copy = Copy.create(
        folder=folder, serial=last + 1, kept=kept, pages=pages, state=COPY.initial,
        made_by=actor.username, made_at=at, **texts,
    )  # fmt: skip
    w.note(
        "copy.make", copy, folder=folder.file_number, serial=copy.serial, pages=pages, kept=kept, loan=loan,
        extent=texts["extent"],
    )  # fmt: skip
    return copy


def _undo(loan: Loan, step: str, actor: Actor, at: datetime) -> None:
    if loan.copy_id is None:
        return
    with work(actor, at) as w:
        copy = get_copy(loan.copy_id)
        COPY.fire(copy, step)
        w.note(f"copy.{step}", copy, name=name_of(copy), loan=loan.id)


def _checked(pages: int, texts: dict[str, str]) -> dict[str, str]:
    clean = {name: rules.clean(text) for name, text in texts.items()}
    errors: dict[str, str] = {}
    for name, text in clean.items():
        errors |= too_long(name, text, LIMITS[name])
    if not 1 <= pages <= MOST_PAGES:
        errors["pages"] = _("请填 1 到 %(most)s 的数字。", most=MOST_PAGES)
    if errors:
        raise Invalid(errors)
    return clean


def _pages_of(folder_id: int) -> int:
    return max(1, sum(line.pages for line in documents_of(folder_id)))


def _check_allowed(book: RuleBook, folder: Folder, actor: Actor, at: datetime) -> None:
    """Whether there may be a photocopy at all; that a chain must agree is asked where one is requested."""
    answer = book.ask(person_of(actor), facts_of(folder), "photocopy", at, kept_copy=True)
    if answer.refused:
        raise answer.refusal()


def _check_kept(book: RuleBook, folder: Folder) -> None:
    part = book.lending.copies
    if part is not None and part.kept:
        return
    message = _("%(cannot)s：现行制度没有规定备存复印件。没有改动任何记录。", cannot=cannot("photocopy"))
    rule = part.kept_rule if part is not None else None
    raise Refused(
        "copy.none_kept", message, rule.text if rule else "", rule.clause if rule else "",
        next_step=_("逐次申请影印，用后归还。"),
    )  # fmt: skip


def _away(copy: Copy) -> Refused:
    if copy.state == "lent":
        loan = loan_of(copy.id)
        who = loan.borrower.name if loan else ""
        message = _("%(name)s 在%(who)s手里，没有改动任何记录。", name=name_of(copy), who=who)
        return Refused("copy.away", message, next_step=_("归还后再办。"))
    ended = _("已销毁") if copy.state == "destroyed" else _("已丢失")
    message = _("%(name)s %(ended)s，没有改动任何记录。", name=name_of(copy), ended=ended)
    return Refused("copy.ended", message, next_step=_("请借别的复印件。"))


def _joined(remark: str, reason: str) -> str:
    return _("；").join(part for part in (remark, reason) if part)[: LIMITS["remark"]]
