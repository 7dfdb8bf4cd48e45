"""The verbs of loss and damage (丢失、损坏): report, decide, report again, settle, found again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from archive_app.approvals import queries as approval_queries
from archive_app.approvals import service as approvals
from archive_app.approvals.models import Approval
from archive_app.core.errors import Invalid, NotFound, Refused, too_long
from archive_app.core.i18n import _, source_language
from archive_app.core.work import Work, work
from archive_app.loans import copies, incident_notices, incident_rows, penalties, queue, rows, rules
from archive_app.loans.copy_rows import get_copy, loan_of
from archive_app.loans.flow import ACTIVE, INCIDENT, LOAN
from archive_app.loans.incident_rows import get_incident, incident_for, number_of
from archive_app.loans.judge import audit_facts
from archive_app.loans.models import Incident, Loan
from archive_app.loans.reminding import settle as settle_reminders
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.rulebook import Adopted
from archive_app.policy.lending_parts import Loss
from archive_app.records.models import Folder
from archive_app.records.queries import folder_for
from archive_app.records.service import get_folder, keep_condition, move_custody

ACTION = KIND = "incident"
KINDS = ("loss", "damage", "missing_pages")
CONDITION = {"damage": "damaged", "missing_pages": "missing"}
MENDED = {"damage": "repaired", "missing_pages": "restored"}
MEASURES = ("made_good", "repaired", "compensated", "nothing")
FACTS_MAX = 1000


def report(
    kind: str, *, folder_id: int, loan_id: int | None = None, copy_id: int | None = None,
    person_id: int | None = None, pages: int = 0, facts: str, original: bool = False, actor: Actor,
    at: datetime,
) -> Incident:  # fmt: skip
    """Report a loss or damage; the chain of the rule book's [loss] is opened (AUD-05, LOAN-15).

    ``loan_id`` (else the loan by which the thing is out) says whose it was, unless ``person_id`` does; a
    photocopy's loan is about its copy, unless ``original`` says that the folder itself was harmed.
    A lost folder is ``missing`` from now on and its loan closed as lost; it is never hidden. Damage and
    missing pages are noted for the remark sheet. The same report twice at once is one.
    Raises Invalid; NotFound; Refused: permission, incident.no_rule, incident.not_yours,
    incident.already (it is lost already), approval.nobody.
    """
    actor.must(INCIDENT.steps["report_again"].permission)
    facts = rules.clean(facts)
    if errors := _wrong(kind, facts, pages):
        raise Invalid(errors)
    adopted = rulebook.current(at, actor.unit_id)
    loss = _loss(adopted)
    with work(actor, at) as w:
        # Touching the folder makes two desks that report at once take turns.
        Folder.update(id=Folder.id).where(Folder.id == folder_id).execute()
        loan = _loan(folder_id, loan_id, copy_id)
        if loan is not None and not original:
            copy_id = copy_id or loan.copy_id
        folder = _folder(folder_id, loan, actor, at)
        if same := _same(kind, folder, copy_id, loan, facts):
            return same
        _check_not_lost(kind, folder, copy_id)
        row = _insert(
            w, adopted, loss, actor, at, folder=folder, loan=loan, copy=copy_id, kind=kind, pages=pages,
            facts=facts, person=person_id or (loan.borrower_id if loan else None),
        )  # fmt: skip
        _take_effect(w, row, loan, actor, at)
        _ask(w, row, adopted, loss, actor, at)
        incident_notices.reported(row, actor, at)
    return get_incident(row.id)


def decide(
    incident_id: int, verdict: str, reason: str = "", *, actor: Actor, at: datetime,
    on_behalf_of: int | None = None, position: int | None = None,
) -> Incident:  # fmt: skip
    """Decide the current step of a report's chain: approve it, or send it back with a reason.

    Raises Invalid; NotFound; Refused: permission, incident.own, approval.closed, approval.own,
    approval.decided, approval.not_yours.
    """
    actor.must(INCIDENT.steps["approve"].permission)
    row = get_incident(incident_id)
    approvals.decide(
        row.approval_id, verdict, reason, actor=actor, at=at, on_behalf_of=on_behalf_of, position=position
    )
    return get_incident(incident_id)


def report_again(
    incident_id: int, facts: str, pages: int | None = None, *, actor: Actor, at: datetime
) -> Incident:
    """Report once more what was sent back, with what was missing; a new chain is opened.

    Raises Invalid; NotFound; Refused: permission, wrong_state, approval.nobody.
    """
    actor.must(INCIDENT.steps["report_again"].permission)
    row = incident_for(actor, incident_id, at)
    facts, pages = rules.clean(facts), row.pages if pages is None else pages
    if errors := _wrong(row.kind, facts, pages):
        raise Invalid(errors)
    adopted = rulebook.current(at, actor.unit_id)
    loss = _loss(adopted)
    with work(actor, at) as w:
        INCIDENT.fire(row, "report_again", facts=facts, pages=pages, rule_book=adopted.id)
        w.note("incident.report_again", row, folder=row.folder.file_number, facts=facts, pages=pages)
        _ask(w, row, adopted, loss, actor, at)
    return get_incident(incident_id)


def settle(
    incident_id: int, settlement: str, *, measure: str = "made_good", actor: Actor, at: datetime
) -> Incident:
    """Close an approved report with what was done (AUD-05: 当事人必须立即进行补充).

    ``measure``: made_good, repaired, compensated (a penalty is only reported), nothing. Pages made good
    and paper repaired are noted for the remark sheet; a lost folder made good stands on its shelf again.
    Raises Invalid; NotFound; Refused: permission, wrong_state.
    """
    actor.must(INCIDENT.steps["settle"].permission)
    settlement = rules.clean(settlement)
    if errors := _wrong_end(settlement, measure):
        raise Invalid(errors)
    row = incident_for(actor, incident_id, at)
    with source_language():
        words = f"{incident_rows.measure_name(measure)}：{settlement}"
    with work(actor, at) as w:
        INCIDENT.fire(row, "settle", settlement=words, settled_by=actor.username, settled_at=at)
        if measure in ("made_good", "repaired"):
            _mend(row, words, actor, at)
        w.note("incident.settle", row, folder=row.folder.file_number, measure=measure, settlement=settlement)
    return get_incident(incident_id)


def close_found(incident_id: int, remark: str = "", *, actor: Actor, at: datetime) -> Incident:
    """The lost thing is here again, or the damage proved untrue: the report ends, all is as before.

    Custody goes back to the shelf, the lost loan is closed as returned, an open chain is withdrawn.
    Raises Invalid; NotFound; Refused: permission, wrong_state.
    """
    actor.must(INCIDENT.steps["close_found"].permission)
    remark = rules.clean(remark)
    if errors := too_long("remark", remark, FACTS_MAX):
        raise Invalid(errors)
    row = incident_for(actor, incident_id, at)
    with work(actor, at) as w:
        _close_found(w, row, remark, actor, at)
    return get_incident(incident_id)


def found(folder_id: int, remark: str = "", *, actor: Actor, at: datetime) -> list[Incident]:
    """A lost folder is here again; its open reports of loss end as found, a settled one stays as it is.

    The scan desk and the stocktake call this. Raises NotFound; Refused: permission, incident.not_lost.
    """
    actor.must(INCIDENT.steps["close_found"].permission)
    folder, remark = folder_for(actor, folder_id, at), rules.clean(remark)[:FACTS_MAX]
    if folder.custody != "missing":
        message = _("%(number)s 没有登记为丢失，没有改动任何记录。", number=folder.file_number)
        raise Refused("incident.not_lost", message)
    with work(actor, at) as w:
        open_ = incident_rows.open_losses(folder_id)
        for row in open_:
            _close_found(w, row, remark, actor, at)
        _back_on_shelf(w, get_folder(folder_id), remark, actor, at)
        w.note("incident.found", folder, file_number=folder.file_number, reports=[row.id for row in open_])
    return open_


def found_copy(copy_id: int, remark: str = "", *, actor: Actor, at: datetime) -> None:
    """A lost copy is here again; its open report ends as found. Raises as `found`, and copy.not_lost."""
    actor.must(INCIDENT.steps["close_found"].permission)
    with work(actor, at) as w:
        open_ = list(incident_rows.open_rows().where((Incident.copy == copy_id) & (Incident.kind == "loss")))
        for row in open_:
            _close_found(w, row, rules.clean(remark)[:FACTS_MAX], actor, at)
        if not open_:
            copies.find(copy_id, actor=actor, at=at)


def _close_found(w: Work, row: Incident, remark: str, actor: Actor, at: datetime) -> None:
    with source_language():
        words = remark or (_("已找到") if row.kind == "loss" else _("核实没有缺损"))
    approval_id = row.approval_id
    INCIDENT.fire(row, "close_found", settlement=words, settled_by=actor.username, settled_at=at)
    if approval_id:
        approvals.withdraw(approval_id, words[:300], actor=actor, at=at)
    if row.kind != "loss":
        _mend(row, words, actor, at)
    elif row.copy_id is not None:
        if get_copy(row.copy_id).state == "lost":
            copies.find(row.copy_id, actor=actor, at=at)
    else:
        _back_on_shelf(w, get_folder(row.folder_id), words, actor, at)
    w.note("incident.close_found", row, folder=row.folder.file_number, remark=words)


def _insert(
    w: Work, adopted: Adopted, loss: Loss, actor: Actor, at: datetime, **values: Any
) -> Incident:  # fmt: skip
    """The report as a row, with what the table of penalties says of it."""
    with source_language():  # what is kept reads the same whoever looks
        penalty = penalties.words(penalties.penalty_of(adopted.book, values["kind"]))
    row = Incident.create(
        **values, state=INCIDENT.initial, rule_book=adopted.id, clause=loss.rule.clause,
        penalty=penalty[:200], reported_by=actor.username, reported_at=at,
    )  # fmt: skip
    w.note(
        "incident.report", row, folder=row.folder.file_number, kind=row.kind, pages=row.pages,
        facts=row.facts, loan=row.loan_id, copy=row.copy_id,
        person=row.person.username if row.person else "", clause=row.clause, penalty=penalty,
    )  # fmt: skip
    return row


def _take_effect(w: Work, row: Incident, loan: Loan | None, actor: Actor, at: datetime) -> None:
    """What a report changes at once: where the thing is, or what is noted on its paper."""
    if row.kind != "loss":
        if row.copy_id is None:
            keep_condition(
                row.folder_id, None, CONDITION[row.kind], pages=row.pages, remark=row.facts[:500],
                actor=actor, at=at,
            )  # fmt: skip
        return
    if row.copy_id is not None:
        copies.lose(row.copy_id, row.facts, actor=actor, at=at)
        return
    holder = loan.borrower.name if loan else row.folder.holder
    if loan is not None and loan.state in ACTIVE:
        LOAN.fire(loan, "lose", closed_reason=row.facts[: rules.REASON_MAX])
        settle_reminders(loan.id, at)
        w.note("loan.lose", loan, incident=row.id, **audit_facts(loan))
    move_custody(
        row.folder_id, "missing", holder=holder, remark=row.facts[:250], loan=loan.id if loan else None,
        actor=actor, at=at,
    )  # fmt: skip


def _mend(row: Incident, words: str, actor: Actor, at: datetime) -> None:
    """Note on the paper that it was mended; a lost folder that was made again stands on its shelf."""
    if row.copy_id is not None:
        return
    if row.kind == "loss":
        if get_folder(row.folder_id).custody == "missing":
            move_custody(row.folder_id, "on_shelf", remark=words[:250], actor=actor, at=at)
            queue.tell_next(row.folder_id, actor=actor, at=at)
        return
    keep_condition(
        row.folder_id, None, MENDED[row.kind], pages=row.pages, remark=words[:500], actor=actor, at=at
    )


def _back_on_shelf(w: Work, folder: Folder, remark: str, actor: Actor, at: datetime) -> None:
    if folder.custody != "missing":
        return
    lost = rows.select().where((Loan.folder == folder.id) & (Loan.state == "lost") & Loan.takes_folder)
    loan = lost.order_by(Loan.id.desc()).first()
    if loan is not None:
        LOAN.fire(loan, "find", returned_at=at, received_by=actor.name)
        w.note("loan.find", loan, **audit_facts(loan))
    move_custody(
        folder.id, "on_shelf", remark=(remark or "找到了")[:250], loan=loan.id if loan else None,
        actor=actor, at=at,
    )  # fmt: skip
    queue.tell_next(folder.id, actor=actor, at=at)


def _ask(w: Work, row: Incident, adopted: Adopted, loss: Loss, actor: Actor, at: datetime) -> None:
    """Put the report to its chain. Asked in the name of whose it was, so that nobody judges himself."""
    requester = row.person or people.user(actor.user_id)
    with source_language():
        subject = f"{number_of(row)} {incident_rows.kind_name(row.kind)} {row.folder.file_number}"
    approval = approvals.open_approval(
        ACTION, KIND, row.id, subject, loss.steps, requester=requester,
        department_id=requester.department_id, adopted=adopted, rule=loss.rule, actor=actor, at=at,
        manager_id=row.folder.manager_id, folder_department_id=row.folder.department_id,
    )  # fmt: skip
    row.approval = approval
    Incident.update(approval=approval).where(Incident.id == row.id).execute()
    if approval.state == "granted" and row.state == "reported":
        INCIDENT.fire(row, "approve")
        w.note("incident.approve", row, folder=row.folder.file_number, direct=True)


def decided(approval: Approval, actor: Actor, at: datetime) -> None:
    """Move the report that an approval was about; approvals calls this in the work that decides.

    Raises Refused: incident.own — who reported it does not decide about it.
    """
    row = Incident.get_or_none((Incident.approval == approval.id) & (Incident.state == "reported"))
    if row is None or approval.state not in ("granted", "refused", "expired"):
        return
    if row.reported_by == actor.username:
        message = _("本人报告的不由本人审批。没有改动任何记录。")
        raise Refused("incident.own", message, approval.rule, approval.clause, "", _("请由别的审批人决定。"))
    said = approval_queries.decisions_of(approval)
    principal = said[-1].on_behalf_of.username if said and said[-1].on_behalf_of else ""
    reason = said[-1].reason if said else ""
    with work(actor, at) as w:
        step = "approve" if approval.state == "granted" else "send_back"
        INCIDENT.fire(row, step)
        w.note(f"incident.{step}", row, on_behalf_of=principal, folder=row.folder.file_number, reason=reason)
        incident_notices.decided(row, reason, actor, at)


def _loan(folder_id: int, loan_id: int | None, copy_id: int | None) -> Loan | None:
    """The loan the report belongs to: the one named, else the one by which the thing is out now."""
    if loan_id is None:
        return loan_of(copy_id) if copy_id is not None else rows.active_of_folder(folder_id)
    loan = rows.get_loan(loan_id)
    if loan.folder_id != folder_id:
        raise NotFound(_("没有这份借阅。"))
    return loan


def _folder(folder_id: int, loan: Loan | None, actor: Actor, at: datetime) -> Folder:
    """The folder, for its keeper, or for who has or had it. Raises NotFound; Refused: incident.not_yours."""
    if loan is not None and loan.borrower_id == actor.user_id:
        return loan.folder
    folder = folder_for(actor, folder_id, at)
    if actor.can("loan.desk") or actor.can("incident.settle"):
        return folder
    raise Refused(
        "incident.not_yours",
        _("%(number)s 不在你手里，不由你报告。没有改动任何记录。", number=folder.file_number),
        next_step=_("请告诉档案管理员，由他核实后登记。"),
    )


def _same(kind: str, folder: Folder, copy_id: int | None, loan: Loan | None, facts: str) -> Incident | None:
    """The same report sent before and not decided yet: a double click is one report."""
    same: Any = (Incident.folder == folder.id) & (Incident.kind == kind) & (Incident.facts == facts)
    same &= Incident.copy == copy_id if copy_id else Incident.copy.is_null()
    if loan is not None:
        same &= Incident.loan == loan.id
    return incident_rows.select().where(same & (Incident.state == "reported")).first()


def _check_not_lost(kind: str, folder: Folder, copy_id: int | None) -> None:
    """What is lost already is not lost again, nor can anybody look at its pages."""
    if copy_id is not None:
        lost = get_copy(copy_id).state not in ("kept", "lent")
    else:
        lost = folder.custody == "missing"
    if not lost:
        return
    before = incident_rows.latest_loss(folder.id, copy_id)
    number = number_of(before) if before else ""
    message = _("%(number)s 已经登记为丢失或注销，没有再登记一次。", number=folder.file_number)
    step = _("在 %(report)s 里补充情况。", report=number) if number else _("请看档案页。")
    raise Refused("incident.already", message, next_step=step)


def _loss(adopted: Adopted) -> Loss:
    if adopted.book.lending.loss is not None:
        return adopted.book.lending.loss
    raise Refused(
        "incident.no_rule",
        _("现行制度没有规定丢失和损坏怎样处理，没有改动任何记录。"),
        next_step=_("请先启用带这项规定的新版制度。"),
    )


def _wrong(kind: str, facts: str, pages: int) -> dict[str, str]:
    errors = {} if kind in KINDS else {"kind": _("请选丢失、损坏或缺页。")}
    if not facts:
        errors["facts"] = _("请写明经过，审批人要看。")
    errors |= too_long("facts", facts, FACTS_MAX)
    if not 0 <= pages <= copies.MOST_PAGES:
        errors["pages"] = _("请填 0 到 %(most)s 的数字。", most=copies.MOST_PAGES)
    elif kind == "missing_pages" and not pages:
        errors["pages"] = _("请写明缺几页。")
    return errors


def _wrong_end(settlement: str, measure: str) -> dict[str, str]:
    errors = {} if measure in MEASURES else {"measure": _("请从列表中选。")}
    if not settlement:
        errors["settlement"] = _("请写明做了什么。")
    return errors | too_long("settlement", settlement, FACTS_MAX - 50)


approvals.AFTER[KIND] = decided
