"""What the rule book says when a folder cannot leave without its whole volume: the highest level decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from archive_app.core.i18n import _
from archive_app.loans.carriers import Bound, Companion, words
from archive_app.loans.flow import READING_ROOM
from archive_app.policy import Answer, FolderFacts, Person, RuleBook
from archive_app.policy.words import cannot, instead

COPY = "photocopy"


@dataclass(frozen=True)
class Question:
    """One person, folder and kind at one moment, and what the folder is bound with."""

    book: RuleBook
    person: Person
    folder: FolderFacts
    kind: str
    at: datetime
    bound: Bound

    def ask(self, kind: str, companion: Companion) -> Answer:
        """Ask as if the folder were of the companion's level, tier, department and customer."""
        facts = replace(
            self.folder, secrecy=companion.secrecy, tier=companion.tier, department=companion.department,
            manager=companion.manager_id,
        )  # fmt: skip
        return self.book.ask(self.person, facts, kind, self.at)

    def rank(self, companion: Companion) -> int:
        return self.book.level(companion.secrecy).rank

    def higher(self, companion: Companion) -> bool:
        return self.rank(companion) > self.book.level(self.folder.secrecy).rank


@dataclass(frozen=True)
class Verdict:
    """The answer for the whole volume; ``by`` None: the folder's own counts. ``note`` says why."""

    answer: Answer
    by: Companion | None = None
    note: str = ""


def strictest(asked: Question, own: Answer) -> Verdict:
    """Return the answer for the whole volume: a refusal first, else that of the highest level (SEC-16).

    ``own`` is the answer about the folder alone. What the person may not know is named by no level.
    """
    known = [each for each in asked.bound.companions if each.secrecy in asked.book.levels]
    for each in known:
        knows = asked.ask("know", each)
        if knows.refused:
            return Verdict(_withheld(asked, knows), each)
    found = list(_answers(asked, own, sorted(known, key=asked.rank, reverse=True)))
    if refused := next((each for each in found if each.answer.refused), None):
        return refused
    return max(found, key=lambda each: _weight(asked, each))


def _answers(asked: Question, own: Answer, companions: list[Companion]) -> Iterator[Verdict]:
    """The folder's own first: of equal ones the first counts."""
    yield Verdict(own)
    for each in companions:
        answer = asked.ask(asked.kind, each)
        yield Verdict(_forbidden(asked, answer, each) if answer.refused else answer, each, _note(asked, each))


def _weight(asked: Question, verdict: Verdict) -> tuple[int, bool, int]:
    level = verdict.by.secrecy if verdict.by else asked.folder.secrecy
    answer = verdict.answer
    return asked.book.level(level).rank, answer.where == READING_ROOM, len(answer.chain)


def _note(asked: Question, companion: Companion) -> str:
    if not asked.higher(companion):
        return ""
    level = asked.book.level(companion.secrecy).name
    volume = words(asked.bound.carriers)
    return _("装订在%(volume)s里，同卷有%(level)s级，按%(level)s级办。", volume=volume, level=level)


def _forbidden(asked: Question, answer: Answer, companion: Companion) -> Answer:
    """The level of another folder forbids it to the whole volume."""
    message = _(
        "%(cannot)s：%(number)s 装订在%(volume)s里，同卷有%(level)s级档案。",
        cannot=cannot(asked.kind), number=asked.folder.file_number, volume=words(asked.bound.carriers),
        level=asked.book.level(companion.secrecy).name,
    )  # fmt: skip
    ways = answer.next_step if answer.alternatives else _("先申请拆卷，再办这一份。")
    return replace(answer, message=message, code="loan.volume_level", next_step=ways)


def _withheld(asked: Question, knows: Answer) -> Answer:
    """Nothing is said of what the person may not know, not even its level or the volume's number."""
    copied = not asked.book.ask(asked.person, asked.folder, COPY, asked.at).refused
    message = _(
        "%(cannot)s：%(number)s 和别的档案装订成一卷，同卷有不在本人权限范围内的档案。",
        cannot=cannot(asked.kind), number=asked.folder.file_number,
    )  # fmt: skip
    return replace(
        knows, action=asked.kind, message=message, code="loan.volume_level",
        alternatives=(COPY,) if copied else (),
        next_step=instead((COPY,)) if copied else _("先申请拆卷，再办这一份。"),
    )  # fmt: skip
