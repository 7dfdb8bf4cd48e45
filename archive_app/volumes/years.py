"""Pure rules on the year in which documents that cross years are bound; a group goes as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive_app.core.i18n import Lazy as L
from archive_app.volumes.rules import Paper

REASONS = {
    "one_year": L("按归档年度"),
    "reply_year": L("跨年请示与批复归复文年"),
    "request_year": L("没有批复，归请示年"),
    "plan_year": L("跨年规划归首年"),
    "summary_year": L("跨年总结归末年"),
    "meeting_year": L("跨年会议归开幕年"),
    "by_hand": L("按裁定归年"),
}


@dataclass(frozen=True)
class YearOf:
    """The year of a group and the rule (key in the rule book) that gives it."""

    year: int
    rule: str

    @property
    def reason(self) -> str:
        """The rule in a few words, in the source language."""
        return REASONS[self.rule].text


def year_of(group: Sequence[Paper], rulings: Mapping[int, int] | None = None) -> YearOf:
    """The year in which a group is bound; ``rulings`` are the archivist's words by document id.

    Request and reply: year of the reply (ARR-05); request alone: its own year; plan: first year it is for
    (ARR-06); summary: last (ARR-07); meeting: the year it opened (ARR-08); everything else, and what has no
    date to go by: the filing year (ARR-04).
    """
    filing = group[0].shelf[1]
    for paper in group:
        if rulings and paper.id in rulings:
            return YearOf(rulings[paper.id], "by_hand")
    for found in (_correspondence(group), _nature(group)):
        if found and (found.year != filing or _crosses(group)):
            return found
    return YearOf(filing, "one_year")


def _correspondence(group: Sequence[Paper]) -> YearOf | None:
    requests = [paper.dated.year for paper in group if paper.part == "request" and paper.dated]
    replies = [paper for paper in group if paper.part == "reply"]
    if not requests:
        return None
    if not replies:
        return YearOf(max(requests), "request_year")
    answered = [paper.dated.year for paper in replies if paper.dated]
    return YearOf(max(answered), "reply_year") if answered else None


def _nature(group: Sequence[Paper]) -> YearOf | None:
    for paper in group:
        dated = paper.dated.year if paper.dated else None
        if paper.nature == "plan" and (first := paper.covers_from or dated):
            return YearOf(first, "plan_year")
        if paper.nature == "summary" and (last := paper.covers_to or paper.covers_from or dated):
            return YearOf(last, "summary_year")
        if paper.nature == "meeting" and (opened := paper.covers_from or dated):
            return YearOf(opened, "meeting_year")
    return None


def _crosses(group: Sequence[Paper]) -> bool:
    """Whether its documents are dated in, or speak about, more than one year."""
    years = {paper.dated.year for paper in group if paper.dated and paper.part in ("request", "reply")}
    for paper in group:
        if paper.nature:
            years |= {year for year in (paper.covers_from, paper.covers_to) if year}
    return len(years) > 1
