"""The inbox: what waits for one person, grouped as it was asked for, with what he needs to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive_app.approvals import queries
from archive_app.approvals.models import Approval
from archive_app.approvals.queries import StepView
from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people.actor import Actor
from archive_app.people.models import Deputation


@dataclass(frozen=True)
class Item:
    """One approval as its decider sees it, and nothing he may not know: no ``title`` then.

    ``text`` says what would happen, in ``tone`` ('' wait stop); ``facts`` are (label, value) of the request,
    ``record`` how the asker has kept time, ``url`` a page with more.
    """

    number: str
    title: str = ""
    level: str = ""
    level_name: str = ""
    rank: int = 0
    text: str = ""
    tone: str = ""
    what: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    record: str = ""
    url: str = ""


# What an approval of a kind is about, in words for its decider; the rooms above put their functions here.
Describe = Callable[[Sequence[Approval], Actor, datetime], Mapping[int, Item]]
DESCRIBE: dict[str, Describe] = {}
# That a person has opened the page of these: what is classified is audited by the room that knows it.
Seen = Callable[[Sequence[Approval], Actor, datetime], None]
SEEN: dict[str, Seen] = {}
# Kinds with a page of their own, by endpoint and the name of its key: for deciders, and for the asker.
PAGES: dict[str, tuple[str, str]] = {
    "loan": ("loans.decision", "loan_id"),
    "unbinding": ("volumes.unbinding", "unbinding_id"),
    "incident": ("incidents.page", "incident_id"),
}
RESULTS: dict[str, tuple[str, str]] = {
    "loan": ("loans.loan_page", "loan_id"),
    "unbinding": ("volumes.unbinding", "unbinding_id"),
    "incident": ("incidents.page", "incident_id"),
}


@dataclass(frozen=True)
class Group:
    """What one person asked for together and this decider can decide now; ``paper`` if for somebody else."""

    rows: tuple[tuple[Approval, Item], ...]
    paper: Deputation | None

    @property
    def first(self) -> Approval:
        return self.rows[0][0]

    @property
    def many(self) -> bool:
        return len(self.rows) > 1


@dataclass(frozen=True)
class BasketPage:
    """All of a basket that waits for this person; ``place`` of ``total`` groups in the inbox.

    ``chains`` holds each different chain once, with the numbers it is for; ``others`` is how many of the
    basket do not wait for this person.
    """

    group: Group
    chains: tuple[tuple[tuple[StepView, ...], tuple[str, ...]], ...]
    rules: tuple[tuple[str, str], ...]
    place: int
    total: int
    others: int

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What was said for the whole basket; only what all have in common."""
        common = [item.facts for _approval, item in self.group.rows]
        return tuple(fact for fact in common[0] if all(fact in facts for facts in common))


def items_of(rows: Sequence[Approval], actor: Actor, at: datetime) -> dict[int, Item]:
    """What each approval is about, by id, in a few queries a kind; the bare subject where no room says."""
    found: dict[int, Item] = {}
    for kind in dict.fromkeys(row.kind for row in rows):
        of_kind = [row for row in rows if row.kind == kind]
        describe = DESCRIBE.get(kind)
        found.update(describe(of_kind, actor, at) if describe else {})
    return {row.id: found.get(row.id) or Item(row.subject) for row in rows}


def note_seen(rows: Sequence[Approval], actor: Actor, at: datetime) -> None:
    """Audit that this person has these questions before him, with all that a page of their own shows."""
    for kind in dict.fromkeys(row.kind for row in rows):
        if note := SEEN.get(kind):
            note([row for row in rows if row.kind == kind], actor, at)


def groups(actor: Actor, at: datetime) -> list[Group]:
    """What waits for this person, the one that has waited longest first."""
    return _grouped(queries.waiting_for(actor, at), actor, at)


def basket_page(actor: Actor, basket: int, at: datetime) -> BasketPage:
    """All of a basket that this person can decide now. Raises NotFound."""
    waiting = queries.waiting_for(actor, at)
    mine = [row for row in waiting if row.basket == basket]
    if not mine:
        raise NotFound(_("这些申请现在没有等你决定的。"))
    keys = list(dict.fromkeys(_key(row) for row in waiting))
    group = _grouped(mine, actor, at)[0]
    views = queries.chain_views(mine, at)
    chains: dict[tuple[object, ...], tuple[tuple[StepView, ...], list[str]]] = {}
    for row, item in group.rows:
        chains.setdefault(_shape(views[row.id]), (views[row.id], []))[1].append(item.number)
    now = [step for row in mine for step in views[row.id] if step.state == "current"]
    return BasketPage(
        group=group,
        chains=tuple((steps, tuple(numbers)) for steps, numbers in chains.values()),
        rules=tuple(dict.fromkeys((step.rule, step.clause) for step in now if step.rule)),
        place=keys.index(_key(mine[0])) + 1,
        total=len(keys),
        others=len(queries.of_basket(basket)) - len(mine),
    )


def _grouped(rows: Sequence[Approval], actor: Actor, at: datetime) -> list[Group]:
    papers = {paper.id: paper for paper in people.deputations_at(actor.user_id, at)}
    items = items_of(rows, actor, at)
    found: dict[tuple[str, int], list[Approval]] = {}
    for row in rows:
        found.setdefault(_key(row), []).append(row)
    return [
        Group(
            tuple((row, items[row.id]) for row in each),
            next((papers.get(row.standing.deputation) for row in each if row.standing.deputation), None),
        )
        for each in found.values()
    ]


def _key(row: Approval) -> tuple[str, int]:
    return ("basket", row.basket) if row.basket is not None else ("one", row.id)


def _shape(steps: Sequence[StepView]) -> tuple[object, ...]:
    """What makes two chains look the same: steps, states and people."""
    return tuple(
        (
            step.position, step.mode, step.verb, step.state, step.role_names, step.vacant,
            tuple((each.user.id, each.words) for each in step.candidates),
            tuple((each.user_id, each.verdict) for each in step.decisions),
        )
        for step in steps
    )  # fmt: skip
