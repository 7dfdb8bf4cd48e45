"""What would happen if this person asked for these folders: shown before sending, nothing is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from archive_app.approvals.queries import Known, Question, StepView, proposed_chain
from archive_app.approvals.service import nobody
from archive_app.core.clock import local_date
from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.loans import rows, rules
from archive_app.loans.carriers import ALONE, Bound, bound_with
from archive_app.loans.copy_rows import holders, name_of
from archive_app.loans.flow import OPEN, READING_ROOM
from archive_app.loans.judge import Judgement, back_words, judge_in, may_know_holder
from archive_app.loans.models import Copy, Loan
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.people.service import actor_of
from archive_app.policy import Answer
from archive_app.policy.words import action_name, moment
from archive_app.records.models import Folder


@dataclass(frozen=True)
class Wanted:
    """One line of a request: a folder and how it is to be used; ``copy``: a copy kept for lending instead."""

    folder: Folder
    kind: str
    copy: Copy | None = None

    @property
    def name(self) -> str:
        return name_of(self.copy) if self.copy else self.folder.file_number


@dataclass(frozen=True)
class Wish:
    """From when until when the borrower would like to have the folders (UTC); None: said nothing."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """The answer of the rule book plus what the shelf and the people say.

    ``verdict``: direct, chain, wait (the folder is away; the chain runs meanwhile) or refused.
    ``refusal`` is set for refused; ``alternatives`` are kinds open to the borrower instead. ``shorter`` says
    that the rule gives less time than was wished; ``use_clause`` is where the place and time stand.
    """

    folder: Folder
    kind: str
    verdict: str
    text: str
    answer: Answer
    chain: tuple[StepView, ...] = ()
    refusal: Refused | None = None
    holder: str = ""
    position: int = 0
    duplicate: int | None = None
    copy: Copy | None = None
    shorter: str = ""
    use_clause: str = ""

    @property
    def refused(self) -> bool:
        return self.verdict == "refused"

    @property
    def sendable(self) -> bool:
        """Whether sending would make a new request of it."""
        return not self.refused and self.duplicate is None

    @property
    def alternatives(self) -> tuple[str, ...]:
        return self.answer.alternatives if self.refused else ()

    @property
    def clause(self) -> str:
        return self.answer.rule.clause

    @property
    def clauses(self) -> str:
        """Where it stands who approves, and where and for how long; each named once."""
        return _("；").join(dict.fromkeys(each for each in (self.clause, self.use_clause) if each))


class Asking:
    """One borrower at one moment: rule book, roles and deciders are looked up once for many folders."""

    def __init__(self, borrower: User, at: datetime, unit_id: int = 1) -> None:
        self.adopted = rulebook.current(at, unit_id)
        self.book, self.at = self.adopted.book, at
        self.borrower, self.person = borrower, actor_of(borrower, at)
        self.known = Known(self.book, at)
        self._bound: dict[int, Bound] = {}
        self._chains: dict[Any, tuple[StepView, ...]] = {}

    def look_up(self, folder_ids: Sequence[int]) -> None:
        """Find at once with what these folders are bound, for many questions that follow."""
        self._bound = dict.fromkeys(folder_ids, ALONE) | bound_with(folder_ids)

    def judge(self, wanted: Wanted, at: datetime | None = None) -> Judgement:
        """What the rule book says to one line, now or as if it were handed over later."""
        return judge_in(
            self.adopted, self.person, wanted.folder, wanted.kind, at or self.at,
            self._bound[wanted.folder.id], kept_copy=wanted.copy is not None,
        )  # fmt: skip

    def chain(self, wanted: Wanted, judged: Judgement) -> tuple[StepView, ...]:
        """Who would decide, by name; equal chains about equal people are looked up once."""
        answer = judged.answer
        manager = any(step.customer_manager for step in answer.chain)
        made_in = any(step.folder_department for step in answer.chain)
        about = (judged.manager_id if manager else None, judged.department_id if made_in else None)
        key = (wanted.kind, answer.chain, about)
        if key not in self._chains:
            asked = Question(
                self.book, wanted.kind, self.borrower.id, self.person.department_id, self.at, *about,
                self.known,
            )  # fmt: skip
            self._chains[key] = proposed_chain(asked, answer.chain)
        return self._chains[key]


def outcome(
    actor: Actor, folder: Folder, kind: str, at: datetime, borrower: User | None = None,
    copy: Copy | None = None,
) -> Outcome:  # fmt: skip
    """What would happen if the actor (or ``borrower``, asked for at the counter) requested the folder now."""
    return outcomes(actor, [Wanted(folder, kind, copy)], at, borrower)[0]


def outcomes(
    actor: Actor, wanted: Sequence[Wanted], at: datetime, borrower: User | None = None, wish: Wish = Wish()
) -> list[Outcome]:
    """The same for many at once, in a fixed number of queries whatever their number."""
    asking = Asking(borrower or people.user(actor.user_id), at, actor.unit_id)
    asking.look_up([each.folder.id for each in wanted])
    return outcomes_in(actor, asking, wanted, wish)


def outcomes_in(actor: Actor, asking: Asking, wanted: Sequence[Wanted], wish: Wish = Wish()) -> list[Outcome]:
    """The same for folders that were looked up already."""
    shelf = _Shelf(asking.borrower, wanted)
    return [_outcome(actor, asking, shelf, each, wish) for each in wanted]


class _Shelf:
    """What is away, how long the rows are, and what the borrower has asked for already: each when needed."""

    def __init__(self, borrower: User, wanted: Sequence[Wanted]) -> None:
        self.borrower, self.wanted = borrower, wanted
        self._ids = [each.folder.id for each in wanted]

    @cached_property
    def away(self) -> dict[int, Loan]:
        return rows.active_of_folders(self._ids)

    @cached_property
    def copies(self) -> dict[int, Loan]:
        return holders(each.copy for each in self.wanted if each.copy)

    @cached_property
    def rows(self) -> dict[int, int]:
        return rows.waiting_counts(self._ids)

    @cached_property
    def same(self) -> dict[tuple[int, str], int]:
        return same_requests(self.borrower, self._ids)

    def active(self, each: Wanted) -> Loan | None:
        """The loan by which what is wanted is away now."""
        return self.copies.get(each.copy.id) if each.copy else self.away.get(each.folder.id)


def same_requests(borrower: User, folder_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """The open requests and loans of a person for these folders: loan ids by folder and kind."""
    mine = (Loan.borrower == borrower.id) & Loan.state.in_(OPEN) & Loan.folder.in_(list(folder_ids))
    found: Any = Loan.select(Loan.folder, Loan.kind, Loan.id).where(mine).tuples()
    return {(folder, kind): key for folder, kind, key in found}


def _outcome(actor: Actor, asking: Asking, shelf: _Shelf, each: Wanted, wish: Wish) -> Outcome:
    judged = asking.judge(each)
    answer = judged.answer
    if answer.refused:
        return _made(each, "refused", answer.message, answer, refusal=answer.refusal())
    chain = asking.chain(each, judged)
    if vacant := next((step for step in chain if step.vacant), None):
        refusal = nobody(vacant)
        return _made(each, "refused", refusal.message, answer, chain=chain, refusal=refusal)
    planned = asking.judge(each, wish.since).answer if wish.since else answer
    more: dict[str, Any] = {
        "chain": chain, "duplicate": shelf.same.get((each.folder.id, each.kind)),
        "shorter": _shorter(planned, wish, asking.at), "use_clause": _use_clause(judged, each),
    }  # fmt: skip
    active = shelf.active(each)
    if active and active.id != more["duplicate"]:
        place = shelf.rows.get(each.folder.id, 0) + 1
        back = back_words(active, asking.at)
        text = _("要等。%(back)s，你排第 %(n)s 位；还回后马上通知你。", back=back, n=place)
        holder = active.borrower.name if may_know_holder(actor, active) else ""
        return _made(each, "wait", judged.note + text, answer, holder=holder, position=place, **more)
    text = sentence(answer if planned.refused else planned, bool(chain), asking.at)
    return _made(each, "chain" if chain else "direct", judged.note + text, answer, **more)


def _made(each: Wanted, verdict: str, text: str, answer: Answer, **more: Any) -> Outcome:
    return Outcome(each.folder, each.kind, verdict, text, answer, copy=each.copy, **more)


def _use_clause(judged: Judgement, each: Wanted) -> str:
    use = judged.adopted.book.use(judged.level, each.kind)
    return use.rule.clause if use else ""


def _shorter(planned: Answer, wish: Wish, at: datetime) -> str:
    """That the wish is longer than the rule: the due time stays that of the rule, fixed at hand-over."""
    if planned.refused:
        return _("到那时就不能办了：%(why)s", why=planned.message)
    if wish.until is None or planned.due_at is None or wish.until <= planned.due_at:
        return ""
    return _(
        "要用到 %(wish)s，按制度最晚 %(due)s 归还。",
        wish=moment(wish.until, at), due=moment(planned.due_at, at),
    )  # fmt: skip


def sentence(answer: Answer, by_chain: bool, at: datetime) -> str:
    """What may be done, where, until when: 可外借，今日 17:30 前归还。"""
    name, back = action_name(answer.action), due_words(answer, at)
    if answer.where == READING_ROOM:
        head = _("可在阅览室%(action)s", action=name)
    else:
        head = _("可%(action)s", action=name)
    if not by_chain:
        head = _("%(head)s，直接到档案室办理", head=head)
    return _("%(head)s，%(back)s", head=head, back=back) if back else _("%(head)s。", head=head)


def due_words(answer: Answer, at: datetime) -> str:
    """Until when, seen from today, even if it is handed over on another day (closed now, or so wished)."""
    due = answer.due
    if due is None or local_date(due.handed_over) == local_date(at):
        return answer.due_reason
    taken, back = moment(due.handed_over, at), moment(due.at, at)
    return _("%(taken)s 领取的话，%(back)s 前归还。", taken=taken, back=back)


def open_kinds(actor: Actor, folder: Folder, at: datetime, borrower: User | None = None) -> tuple[str, ...]:
    """The kinds the rule book does not refuse outright, in the order of the form."""
    asking = Asking(borrower or people.user(actor.user_id), at, actor.unit_id)
    asking.look_up([folder.id])
    return tuple(kind for kind in rules.KINDS if not asking.judge(Wanted(folder, kind)).answer.refused)
