"""The signed form 档案丢失（损坏）报告 as a sheet of the register of prints."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from archive_app.approvals.models import Decision
from archive_app.approvals.queries import StepView, approval_for, chain_view
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans import incident_rows, penalties, rows
from archive_app.loans.copy_rows import get_copy, name_of
from archive_app.loans.incident_rows import get_incident, incident_for, number_of
from archive_app.loans.models import Incident
from archive_app.loans.sheets import clock_words
from archive_app.loans.sheets import number_of as slip_number
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.prints import service as prints
from archive_app.prints.models import Print
from archive_app.prints.register import Sheet, for_who_finds, one_form, register
from archive_app.records.queries import documents_of
from archive_app.records.service import note_print

FORM = "incident_report"
NAMES: dict[str, L | None] = {
    "unit": L("档案室"), "number": L("报告编号"), "kinds": L("情况"), "name": L("名称"), "chosen": L("选中"),
    "file_number": L("档号"), "title": L("题名"), "secrecy": L("密级"), "secrecy_rank": None,
    "quantity": L("件 页"), "photocopy": L("影印件"), "pages": L("缺损页数"), "person": L("责任人"),
    "department": L("部门"), "slip": L("借阅单号"), "handed_at": L("借出"), "due_at": L("应还"),
    "facts": L("经过"), "reported_by": L("报告人"), "reported_at": L("报告时间"), "penalty": L("处罚表"),
    "penalty_rule": L("处罚条款"), "rule": L("规定"), "text": L("规定"), "clause": L("条款"),
    "steps": L("审批"), "roles": L("审批人"), "said": L("决定"), "settlement": L("处理"),
    "settled_by": L("处理人"), "settled_at": L("处理时间"), "state": L("状态"),
}  # fmt: skip


def print_report(incident_id: int, *, actor: Actor, at: datetime) -> tuple[Incident, bytes]:
    """Print the form of a report at once. Raises NotFound; Refused: permission."""
    row = incident_for(actor, incident_id, at)
    title = _("丢失（损坏）报告 %(n)s %(number)s", n=number_of(row), number=row.folder.file_number)
    _print, data = prints.print_now(FORM, "incident", str(incident_id), title=title, actor=actor, at=at)
    return row, data


def values(row: Incident, at: datetime) -> dict[str, Any]:
    """Values of ``templates/print/incident_report``, without the stamp of the print."""
    book, folder, names = rulebook.by_id(row.rule_book).book, row.folder, people.names()
    level, unit = book.levels[folder.secrecy], people.company(folder.unit_id)
    penalty = penalties.penalty_of(book, row.kind)
    loss = book.lending.loss
    loan = rows.get_loan(row.loan_id) if row.loan_id else None
    lines = documents_of(folder.id)
    person = people.user(row.person_id) if row.person_id else None
    return {
        "unit": unit.name if unit else "",
        "number": number_of(row),
        "kinds": [{"name": str(w), "chosen": kind == row.kind} for kind, w in incident_rows.KINDS.items()],
        "file_number": folder.file_number,
        "title": folder.title,
        "secrecy": level.name,
        "secrecy_rank": level.rank,
        "quantity": _("%(n)s 件 %(p)s 页", n=len(lines), p=sum(line.pages for line in lines)),
        "photocopy": name_of(get_copy(row.copy_id)) if row.copy_id else "",
        "pages": _("%(n)s 页", n=row.pages) if row.pages else "",
        "person": f"{person.name} {person.title}" if person else "",
        "department": person.department.name if person and person.department else "",
        "slip": slip_number(loan) if loan else "",
        "handed_at": clock_words(loan.handed_at) if loan else "",
        "due_at": clock_words(loan.due_at) if loan else "",
        "facts": row.facts,
        "reported_by": names.get(row.reported_by, row.reported_by),
        "reported_at": clock_words(row.reported_at),
        "penalty": row.penalty,
        "penalty_rule": {"text": penalty.rule.text, "clause": penalty.rule.clause} if penalty else None,
        "rule": {"text": loss.rule.text, "clause": loss.rule.clause} if loss else None,
        "steps": [_step(step) for step in chain_view(approval_for(row.approval_id), at)],
        "settlement": row.settlement,
        "settled_by": names.get(row.settled_by, row.settled_by),
        "settled_at": clock_words(row.settled_at),
        "state": str(incident_rows.STATES[row.state]),
    }


def _step(step: StepView) -> dict[str, str]:
    """One step of the chain: who may decide it, and what was decided; the signature is by hand."""
    said = [_decided(each, step) for each in step.decisions]
    joined = (_("或") if step.mode == "any" else _("和")).join(step.role_names)
    return {"name": step.verb, "roles": joined, "said": _("；").join(said)}


def _decided(decision: Decision, step: StepView) -> str:
    """吴文清（受周建国委托）审批 2026-11-19 17:05：属实."""
    who, verb = decision.user.name, step.verb if decision.verdict == "granted" else _("退回")
    if decision.principal:
        who = _("%(who)s（受%(principal)s委托）", who=who, principal=decision.principal)
    line = f"{who} {verb} {clock_words(decision.at)}"
    return _("：").join(part for part in (line, decision.reason) if part)


def _content(key: str, args: dict[str, Any], at: datetime) -> dict[str, Any]:
    return values(get_incident(int(key)), at)


def _classified(content: dict[str, Any]) -> list[str]:
    return [content["file_number"]] if content["secrecy_rank"] > 0 else []


def _printed(row: Print, actor: Actor, at: datetime) -> None:
    incident = get_incident(int(row.key))
    note_print([incident.folder], FORM, incident=incident.id, copy=row.number, actor=actor, at=at)


def _link(key: str) -> tuple[str, dict[str, Any]]:
    return "incidents.page", {"incident_id": int(key)}


_NAME = L("丢失（损坏）报告")
register(
    Sheet(
        FORM, _NAME, "incident.settle", _content, one_form(FORM), for_who_finds(incident_for), _classified,
        NAMES, _printed, _link,
    )
)  # fmt: skip
