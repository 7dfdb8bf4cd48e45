"""Giving out at the desk: hand over or seat as the rule book says, and photocopies with their pages."""

from __future__ import annotations

from datetime import datetime

from archive_app.core.clock import local
from archive_app.core.i18n import _
from archive_app.desk import answers
from archive_app.desk.answers import Answer
from archive_app.desk.models import Hand
from archive_app.loans import counter, handing
from archive_app.loans import queries as loans
from archive_app.loans import service as lending
from archive_app.loans.models import Loan
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.records.models import Folder

AT_ONCE = ("loan", "consult")
"""What a person who needs no approval may come for without a request, the more first."""


def give_out(folder: Folder, person: User, actor: Actor, at: datetime) -> Answer:
    """Hand over or seat, as the rule book gives it for the approved request of this person."""
    waiting = loans.waiting_ids(person.id)
    asked = next((key for key, about in waiting if about == folder.id), None)
    if asked is not None:
        loan, undo = loans.get_loan(asked), "hand_over"
        given = handing.give_out(loan, actor=actor, at=at)
    else:  # a request made at the counter for a person who needs no approval (SEC-02)
        loan, judged = counter.request_direct(
            folder, AT_ONCE, person, purpose=answers.AT_COUNTER, actor=actor, at=at
        )
        undo, given = "direct", handing.give_out(loan, judged, actor=actor, at=at)
    if given is None:
        return _ask_pages(loan)
    return _given(given, undo, len(waiting) - (undo == "hand_over"), at)


def hand_copy(loan_id: int, pages: int, desk: str, actor: Actor, at: datetime) -> Answer:
    """The photocopy goes out, registered with its pages."""
    loan = lending.hand_over(loan_id, pages=pages, actor=actor, at=at)
    Hand.update(folder=None).where(Hand.desk == desk).execute()
    return _given(loan, "hand_over", len(loans.waiting_ids(loan.borrower_id)), at)


def _given(loan: Loan, undo: str, left: int, at: datetime) -> Answer:
    """What the desk says of a folder or copy that has just gone out."""
    folder, room = loan.folder, bool(loan.seat)
    until = until_words(loan.due_at, at)
    values = {"who": loan.borrower.name, "until": until, "seat": loan.seat, "n": loan.pages_out}
    if room:
        verb, sentence = _("已入座"), _("%(who)s 坐 %(seat)s，%(until)s 前交回", **values)
    elif not loan.takes_folder:
        verb, sentence = _("已借出"), _("影印 %(n)s 页，交给 %(who)s，%(until)s 前归还", **values)
    else:
        verb, sentence = _("已借出"), _("交给 %(who)s，%(until)s 前归还", **values)
    return Answer(
        "ok", verb, folder.file_number, sentence,
        answers.DONE if left or undo == "direct" else answers.LAST,
        title=folder.title, level=folder.secrecy, folder=folder.id, loan=loan.id, undo=undo,
        why=carrier_words(loan.carried) or loan.due_reason, clause=loan.due_clause or loan.clause,
        step=_papers(loan),
        chip=("acc", "book", verb) if room else ("ok", "check-lg", verb),
    )  # fmt: skip


def carrier_words(bound: str) -> str:
    """What the desk must know of a bound folder before it goes."""
    return _("装订在%(volume)s里，整卷取出，不能单独拿走。", volume=bound) if bound else ""


def until_words(due: datetime | None, at: datetime) -> str:
    """A due time as short as it can be said: 17:30 today, 11-20 17:30 another day."""
    if due is None:
        return ""
    same = local(due).date() == local(at).date()
    return f"{local(due):%H:%M}" if same else f"{local(due):%m-%d %H:%M}"


def _papers(loan: Loan) -> dict[str, object]:
    """Slip and out-card in one press; the loan stands whatever the printer does."""
    text = _("打印借阅单、代卷卡") if loan.takes_folder else _("打印借阅单")
    return answers.step("desk.papers_pdf", text, "printer", True, loan_id=loan.id)


def _ask_pages(loan: Loan) -> Answer:
    """A photocopy is registered with its pages before it goes (LOAN-11)."""
    folder = loan.folder
    return Answer(
        "ask", _("影印几页"), folder.file_number, _("%(who)s 影印，先填页数", who=loan.borrower.name),
        answers.LOOK, title=folder.title, level=folder.secrecy, folder=folder.id, unchanged=True,
        step=answers.step("desk.copy_form", _("填页数并交付"), "files", loan_id=loan.id), icon="files",
        chip=("wait", "files", _("影印")),
    )  # fmt: skip
