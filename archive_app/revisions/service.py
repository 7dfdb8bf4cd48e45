"""The verbs of revisions: draft, edit, refresh, propose, decide, adopt, withdraw, call off."""

from __future__ import annotations

from datetime import datetime

import peewee as pw

from archive_app.approvals import queries as approval_queries
from archive_app.approvals import service as approvals
from archive_app.approvals.models import Approval
from archive_app.core.errors import Invalid, Refused, too_long
from archive_app.core.i18n import _, source_language
from archive_app.core.work import Work, work
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import RuleBookVersion
from archive_app.policy.lending_parts import Adoption
from archive_app.policy.words import deciders
from archive_app.revisions import rules
from archive_app.revisions.flow import OPEN, REVISION
from archive_app.revisions.models import Revision
from archive_app.revisions.queries import get_revision

ACTION, KIND = "adopt", "revision"


def draft(text: str, reason: str, profile: str = "", *, actor: Actor, at: datetime) -> Revision:
    """Keep a checked text as a draft against the rule book in force.

    Raises Invalid: text (every fault with key, line and what is allowed; or the text in force), reason.
    Raises Refused: permission, revision.same — the same text is on its way already.
    """
    actor.must(REVISION.steps["propose"].permission)
    return _keep(text, reason, profile, actor, at)


def _keep(text: str, reason: str, profile: str, actor: Actor, at: datetime) -> Revision:
    base = rulebook.current(at, actor.unit_id)
    text, reason = rules.tidy(text), " ".join(reason.split())
    sha256 = _check(text, reason, profile or base.profile, base)
    try:
        with work(actor, at) as w, w.attempt():
            row = Revision.create(
                unit=actor.unit_id, profile=(profile or base.profile)[:64], text=text, sha256=sha256,
                reason=reason, base=base.id, state=REVISION.initial, created_by=actor.username,
                created_at=at, changed_by=actor.username, changed_at=at,
            )  # fmt: skip
            w.note("revision.draft", row, sha256=sha256, base=base.version, reason=reason)
    except pw.IntegrityError as error:
        raise _same(sha256, actor.unit_id) from error
    return row


def edit(revision_id: int, text: str, reason: str, edition: int, *, actor: Actor, at: datetime) -> Revision:
    """Change the text of a draft; ``edition`` is the one the person had before her.

    Raises as `draft`; Refused: revision.edited — somebody else has changed it meanwhile; wrong_state.
    """
    actor.must(REVISION.steps["propose"].permission)
    row = get_revision(revision_id)
    text, reason = rules.tidy(text), " ".join(reason.split())
    sha256 = _check(text, reason, row.profile, rulebook.by_id(row.base_id))
    try:
        with work(actor, at) as w:
            mine = (Revision.id == revision_id) & (Revision.edition == edition) & (Revision.state == "draft")
            values = dict(
                text=text, sha256=sha256, reason=reason, edition=edition + 1, changed_by=actor.username,
                changed_at=at,
            )  # fmt: skip
            if not Revision.update(values).where(mine).execute():
                raise _edited(get_revision(revision_id))
            w.note("revision.edit", row, sha256=sha256, reason=reason)
    except pw.IntegrityError as error:
        raise _same(sha256, row.unit_id) from error
    return get_revision(revision_id)


def refresh(revision_id: int, *, actor: Actor, at: datetime) -> Revision:
    """Take the rule book in force now as the one it is compared with; a proposal becomes a draft again.

    Raises NotFound; Refused: permission, wrong_state. Raises Invalid: it is the text in force now.
    """
    actor.must(REVISION.steps["refresh"].permission)
    row = get_revision(revision_id)
    base = rulebook.current(at, row.unit_id)
    if row.text == rules.tidy(base.book.text):
        raise Invalid({"text": _("这一版与现行制度完全相同。没有改动任何记录。")})
    with work(actor, at) as w:
        with source_language():
            why = _("对照现行制度更新")
        _take_back(row.approval_id, why, actor, at)
        REVISION.fire(row, "refresh", base=base.id, edition=row.edition + 1, approval=None)
        w.note("revision.refresh", row, base=base.version)
    return get_revision(revision_id)


def propose(
    revision_id: int, effective_from: datetime | None = None, *, actor: Actor, at: datetime
) -> Revision:
    """Put a draft before those whom the rule book in force names, with the date from which it is to count.

    Raises Invalid: the date is past. Raises NotFound; Refused: permission, wrong_state, revision.stale,
    revision.no_chain (the rule book names nobody: it is adopted directly), approval.nobody.
    """
    actor.must(REVISION.steps["propose"].permission)
    row = get_revision(revision_id)
    _check_date(effective_from, at)
    _check_base(row, at)
    adopted = rulebook.current(at, row.unit_id)
    adoption = adopted.book.lending.adoption
    if adoption is None:
        raise Refused(
            "revision.no_chain",
            _("现行制度没有规定由谁批准新版制度，没有提交。"),
            next_step=_("请有“启用制度版本”权限的人直接启用。"),
        )
    with work(actor, at) as w:
        REVISION.fire(row, "propose", effective_from=effective_from, closed_at=None)
        w.note("revision.propose", row, sha256=row.sha256, effective_from=_iso(effective_from))
        approval = _ask(row, adoption, adopted, actor, at)
        if approval.state == "granted":
            _become_version(w, row, "approve", actor, at)
    return get_revision(revision_id)


def adopt(
    revision_id: int, effective_from: datetime | None = None, *, actor: Actor, at: datetime
) -> Revision:
    """Adopt a draft directly, where the rule book in force names nobody who approves a new one.

    Raises Invalid: the date is past. Raises NotFound; Refused: permission, wrong_state, revision.stale,
    revision.needs_approval (with the clause).
    """
    actor.must(REVISION.steps["adopt"].permission)
    row = get_revision(revision_id)
    _check_date(effective_from, at)
    _check_base(row, at)
    adoption = rulebook.current(at, row.unit_id).book.lending.adoption
    if adoption is not None:
        raise _needs_approval(adoption, at, row.unit_id)
    with work(actor, at) as w:
        row.effective_from = effective_from
        _become_version(w, row, "adopt", actor, at)
    return get_revision(revision_id)


def adopt_text(text: str, reason: str, profile: str, *, actor: Actor, at: datetime) -> Revision:
    """Draft a text and adopt it in one work; raises as `draft` and `adopt`."""
    actor.must(REVISION.steps["adopt"].permission)
    adoption = rulebook.current(at, actor.unit_id).book.lending.adoption
    if adoption is not None:
        raise _needs_approval(adoption, at, actor.unit_id)
    with work(actor, at):
        return adopt(_keep(text, reason, profile, actor, at).id, actor=actor, at=at)


def decide(
    revision_id: int, verdict: str, reason: str = "", *, actor: Actor, at: datetime,
    position: int | None = None,
) -> Revision:  # fmt: skip
    """Decide the current step of a proposal; raises as approvals.service.decide, and revision.stale."""
    row = get_revision(revision_id)
    if row.approval_id is None:
        raise _not_proposed()
    approvals.decide(row.approval_id, verdict, reason, actor=actor, at=at, position=position)
    return get_revision(revision_id)


def withdraw(revision_id: int, reason: str = "", *, actor: Actor, at: datetime) -> Revision:
    """Take a draft or a proposal back. Raises NotFound; Refused: permission, wrong_state."""
    actor.must(REVISION.steps["withdraw"].permission)
    row, reason = get_revision(revision_id), " ".join(reason.split())[:500]
    if row.state not in OPEN:  # an adopted one is called off instead
        raise _not_proposed()
    with work(actor, at) as w:
        _take_back(row.approval_id, reason, actor, at)
        REVISION.fire(row, "withdraw", closed_at=at, closed_by=actor.username, closed_reason=reason)
        w.note("revision.withdraw", row, reason=reason)
    return row


def call_off(version_id: int, reason: str = "", *, actor: Actor, at: datetime) -> RuleBookVersion:
    """Take an adopted version back before its date; running loans never had it.

    Raises NotFound; Refused: permission, policy.in_force.
    """
    reason = " ".join(reason.split())[:500]
    with work(actor, at):
        version = rulebook.call_off(version_id, actor=actor, at=at)
        row = Revision.get_or_none((Revision.version == version_id) & (Revision.state == "adopted"))
        if row is not None:
            REVISION.fire(row, "call_off", closed_at=at, closed_by=actor.username, closed_reason=reason)
    return version


def decided(approval: Approval, actor: Actor, at: datetime) -> None:
    """Adopt or close what was proposed; approvals calls this in the work that decides.

    Raises Refused: revision.stale — the rule book has changed since it was proposed.
    """
    row = get_revision(approval.key)
    if row.approval_id != approval.id or row.state != "proposed":
        return
    said = approval_queries.decisions_of(approval)
    with work(actor, at) as w:
        if approval.state == "granted":
            _check_base(row, at)
            _become_version(w, row, "approve", actor, at)
            return
        with source_language():
            reason = said[-1].reason if said else _("过期未决，已作废")
        REVISION.fire(row, "refuse", closed_at=at, closed_by=actor.username, closed_reason=reason)
        w.note("revision.refuse", row, reason=reason)


approvals.AFTER[KIND] = decided


def _check(text: str, reason: str, profile: str, base: rulebook.Adopted) -> str:
    """The SHA-256 of a sound text that differs from its base. Raises Invalid."""
    errors = {} if reason else {"reason": _("请写明为什么改，批准的人会看到。")}
    errors |= too_long("reason", reason, rules.REASON_MAX)
    try:
        book = rulebook.checked(text, profile)
    except Invalid as wrong:
        raise Invalid(wrong.fields | errors) from wrong
    if text == rules.tidy(base.book.text):
        errors["text"] = _("这一版与现行制度完全相同。没有改动任何记录。")
    if errors:
        raise Invalid(errors)
    return str(book.sha256)


def _check_date(effective_from: datetime | None, at: datetime) -> None:
    if effective_from is not None and effective_from <= at:
        raise Invalid({"effective_from": _("施行日期要晚于现在。留空就是批准时施行。")})


def _check_base(row: Revision, at: datetime) -> None:
    now = rulebook.current(at, row.unit_id)
    if now.id != row.base_id:
        raise Refused(
            "revision.stale",
            _("起草之后，现行制度已换成第 %(n)s 版。没有改动任何记录。", n=now.version),
            next_step=_("请对照现行制度更新这份草案，再提交。"),
        )


def _ask(
    row: Revision, adoption: Adoption, adopted: rulebook.Adopted, actor: Actor, at: datetime
) -> Approval:
    with source_language():  # what is kept reads the same whoever looks
        subject = _("新版制度：%(reason)s", reason=row.reason[:200])
    approval = approvals.open_approval(
        ACTION, KIND, row.id, subject, adoption.steps, requester=people.user(actor.user_id),
        department_id=actor.department_id, adopted=adopted, rule=adoption.rule, actor=actor, at=at,
    )  # fmt: skip
    row.approval = approval
    Revision.update(approval=approval).where(Revision.id == row.id).execute()
    return approval


def _become_version(w: Work, row: Revision, verb: str, actor: Actor, at: datetime) -> None:
    """Make the text the next version, from the wished date, but never from a moment that is past."""
    wished = row.effective_from
    begins = wished if wished is not None and wished > at else at
    version = rulebook.adopt(
        row.text, row.profile, actor=actor, at=at, unit=row.unit_id, effective_from=begins, decided=True
    )
    row.version = version
    REVISION.fire(row, verb, version=version, effective_from=begins, closed_at=at, closed_by=actor.username)
    w.note("revision.adopted", row, version=version.version, sha256=row.sha256, effective_from=_iso(begins))


def _take_back(approval_id: int | None, reason: str, actor: Actor, at: datetime) -> None:
    if approval_id:
        approvals.withdraw(approval_id, reason, actor=actor, at=at)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _same(sha256: str, unit_id: int) -> Refused:
    row = Revision.select().where((Revision.sha256 == sha256) & Revision.state.in_(OPEN)).first()
    return Refused(
        "revision.same",
        _("同样的制度已经在办，没有再存一份。"),
        next_step=_("请看第 %(n)s 号草案。", n=row.id if row else ""),
    )


def _edited(row: Revision) -> Refused:
    if row.state != "draft":
        return _not_proposed()
    return Refused(
        "revision.edited",
        _("%(who)s 刚改过这份草案，你的改动还没有存。", who=row.changed_by),
        next_step=_("你写的都还在下面。请另开一页对照，再存。"),
    )


def _not_proposed() -> Refused:
    return Refused(
        "wrong_state", _("这一步现在办不了，记录没有改动。"), next_step=_("状态已被改变，请刷新后再看。")
    )


def _needs_approval(adoption: Adoption, at: datetime, unit_id: int) -> Refused:
    who = deciders(rulebook.current(at, unit_id).book, adoption.steps)
    return Refused(
        "revision.needs_approval",
        _("新版制度要先经批准，不能直接启用。没有改动任何记录。"),
        adoption.rule.text,
        adoption.rule.clause,
        who,
        _("请提交批准。"),
    )
