"""This person, this folder, this action: what would happen, and by which clause (pure; nothing is done)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from archive_app.core.i18n import _
from archive_app.policy import due, words
from archive_app.policy.facts import Answer, FolderFacts, Person, Scope
from archive_app.policy.parts import ACTIONS, Level, Rule, Sight

if TYPE_CHECKING:
    from archive_app.policy.book import RuleBook

WAYS_OUT = ("consult", "loan")


@dataclass(frozen=True)
class Case:
    """One question; kept together so that the judges below read as rules."""

    book: RuleBook
    person: Person
    folder: FolderFacts
    action: str
    at: datetime
    holding: str | None
    kept_copy: bool = False

    @property
    def level(self) -> Level:
        return self.book.level(self.folder.secrecy)

    @property
    def known(self) -> Sight:
        return self.level.known.of(self.folder.tier)

    @property
    def read(self) -> Sight:
        return self.level.read.of(self.folder.tier)

    def sees(self, sight: Sight) -> bool:
        allowed = sight.roles
        if self.folder.made_in_department_of(self.person):
            allowed |= sight.own_department
        if self.folder.of_customer_of(self.person):
            allowed |= sight.own_customer
        return not self.person.roles.isdisjoint(allowed)


def ask(
    book: RuleBook,
    person: Person,
    folder: FolderFacts,
    action: str,
    at: datetime,
    *,
    holding: str | None,
    kept_copy: bool = False,
) -> Answer:
    """Return the answer with, for a refusal, the other ways that are open to this person."""
    if action not in ACTIONS:
        raise KeyError(action)
    case = Case(book, person, folder, action, at, holding, kept_copy)
    answer = _judge(case)
    return _with_ways_out(case, answer) if answer.refused and action != "know" else answer


def scope(book: RuleBook, person: Person, action: str) -> Scope:
    """Return which levels a person may know ("know") or read without a loan ("read_content")."""
    if action not in ("know", "read_content"):
        raise KeyError(action)
    sights = {
        code: level.known if action == "know" else level.read
        for code, level in book.levels.items()
        if action == "know" or level.on_screen
    }
    tiers = {tier for sight in sights.values() for tier in sight.by_tier}
    by_tier = {tier: _scope({code: each.of(tier) for code, each in sights.items()}, person) for tier in tiers}
    return replace(_scope(sights, person), by_tier=by_tier)


def _scope(sights: Mapping[str, Sight], person: Person) -> Scope:
    def levels(circle: str) -> frozenset[str]:
        return frozenset(code for code, sight in sights.items() if getattr(sight, circle) & person.roles)

    everywhere = levels("roles")
    return Scope(everywhere, levels("own_department") - everywhere, levels("own_customer") - everywhere)


def _judge(case: Case) -> Answer:
    if case.action == "know":
        return _know(case)
    return _read_content(case) if case.action == "read_content" else _use(case)


def _know(case: Case) -> Answer:
    return _allow(case, case.known.rule) if case.sees(case.known) else _not_in_scope(case)


def _read_content(case: Case) -> Answer:
    """On screen: by right, or while a loan of the right kind is running; else the way is to ask for it."""
    level = case.level
    if not level.on_screen:
        return _level_forbids(case, level.rule)
    if not case.sees(case.known):
        return _not_in_scope(case)
    if case.sees(case.read):
        return _allow(case, case.read.rule)
    if case.holding and case.holding in level.read_while:
        return _allow(case, level.uses[case.holding].rule)
    consult = _use(replace(case, action="consult"))
    if consult.refused:
        return replace(consult, action=case.action, message=_cannot(case, _("现在不能查阅")))
    waiting = _wait(case, case.read.rule, consult.may_decide)
    if consult.allowed:  # nobody has to agree, but the loan must be registered
        number = case.folder.file_number
        message = _("还不能看内容：%(number)s 要先登记查阅。", number=number)
        waiting = replace(waiting, message=message, may_decide=words.keepers(case.book))
    return replace(
        waiting,
        chain=consult.chain,
        done_by_application=consult.done_by_application,
        next_step=_("请先申请查阅，领到后可在屏幕上看。"),
        alternatives=("consult",),
    )


def _use(case: Case) -> Answer:
    """Take the paper (or a copy of it) into one's hands."""
    level, person = case.level, case.person
    for row in case.book.unavailable:
        if getattr(case.folder, row.fact) == row.value:
            return _refuse(case, "unavailable", row.rule, row.words)
    if (forbidden := level.refused.get(case.action)) is not None:
        return _level_forbids(case, forbidden)
    if not case.sees(case.known):
        return _not_in_scope(case)
    if due.ended(person, case.at):
        answer = _refuse(case, "authority_ended", case.book.authority_rule, _("借阅人的权限已到期"))
        return replace(answer, next_step=words.prolong_authority())
    return _by_chain(case)


def _by_chain(case: Case) -> Answer:
    facts = case.book.chain_for(
        case.person,
        case.level.code,
        case.action,
        case.folder.tier,
        own_customer=case.folder.of_customer_of(case.person),
        kept_copy=case.kept_copy,
        own_department=case.folder.made_in_department_of(case.person),
    )
    if facts.never:
        return _refuse(case, "never", facts.rule, _("按制度不办理"))
    who = words.deciders(case.book, facts.steps)
    answer = _wait(case, facts.rule, who) if facts.steps else _allow(case, facts.rule)
    return replace(
        answer,
        where=case.level.uses[case.action].where,
        chain=facts.steps,
        done_by_application=facts.done_by_application,
        due=due.expected(case.book, case.person, case.level.code, case.action, case.at),
    )


def _allow(case: Case, rule: Rule) -> Answer:
    message = _("可以%(action)s。", action=words.action_name(case.action))
    return Answer("allowed", case.action, rule, message)


def _wait(case: Case, rule: Rule, may_decide: str) -> Answer:
    message = _(
        "%(not_yet)s：%(number)s 要先经批准。",
        not_yet=str(words.NOT_YET[case.action]),
        number=case.folder.file_number,
    )
    return Answer(
        "needs_approval",
        case.action,
        rule,
        message,
        may_decide=may_decide,
        next_step=_("请先提交申请。"),
        code=f"{case.action}.needs_approval",
    )


def _refuse(case: Case, code: str, rule: Rule, why: str) -> Answer:
    return Answer(
        "refused",
        case.action,
        rule,
        _cannot(case, why),
        next_step=words.leave_out(),
        code=f"{case.action}.{code}",
    )


def _cannot(case: Case, why: str) -> str:
    head = words.cannot(case.action)
    return _("%(cannot)s：%(number)s %(why)s。", cannot=head, number=case.folder.file_number, why=why)


def _level_forbids(case: Case, rule: Rule) -> Answer:
    why = _("是%(level)s级档案", level=case.level.name)
    return _refuse(case, case.level.code, rule, why)


def _not_in_scope(case: Case) -> Answer:
    answer = _refuse(case, "not_in_scope", case.known.rule, _("不在本人权限范围内"))
    return replace(answer, next_step=_("工作需要时，请本部门经理向档案室提出。"))


def _with_ways_out(case: Case, answer: Answer) -> Answer:
    ways = tuple(
        way for way in WAYS_OUT if way != case.action and not _judge(replace(case, action=way)).refused
    )
    return replace(answer, alternatives=ways, next_step=words.instead(ways)) if ways else answer
