"""Last year's loans under another text: selected in chunks as plain values, judged, the result kept."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from archive_app.approvals.models import ApprovalStep, Decision
from archive_app.core import clock
from archive_app.core.errors import ArchiveError, NotFound, Refused
from archive_app.core.i18n import _, source_language
from archive_app.core.jobs import task
from archive_app.core.work import work
from archive_app.loans.models import Copy, Extension, Loan
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor, system
from archive_app.people.models import Department
from archive_app.policy import Event, FolderFacts, Person, Replayed, RuleBook, replay
from archive_app.records.models import Folder
from archive_app.revisions import queries, rules
from archive_app.revisions.flow import REPLAY
from archive_app.revisions.models import Replay

log = logging.getLogger(__name__)
CHUNK = 2000
LEASE = timedelta(minutes=5)
TRIES = 3


def ask_replay(key: str, *, actor: Actor, at: datetime) -> Replay:
    """Queue a replay of the last year under the text of a key (`queries.source`); one already waiting stays.

    Raises NotFound; Refused: permission.
    """
    actor.must("policy.ask")
    source = queries.source(key, actor, at)
    going = (Replay.sha256 == source.book.sha256) & Replay.state.in_(("waiting", "running"))
    if (same := Replay.select().where(going).first()) is not None:
        return same
    if source.key.startswith("p"):
        raise NotFound(_("请先把样本存成草案，再试算。"))
    since, until = rules.last_year(at)
    with work(actor, at) as w:
        row = Replay.create(
            revision=source.revision, version=source.version,
            sha256=source.book.sha256, since=since, until=until, state=REPLAY.initial,
            total=_between(since, until).count(), asked_by=actor.username, asked_at=at,
        )  # fmt: skip
        w.note("policy.replay", row, sha256=row.sha256, text=source.name, loans=row.total)
        w.enqueue(run_replay, row.id)
    return row


@task
def run_replay(replay_id: int) -> None:
    """Do one replay."""
    run(replay_id, clock.now())


def run(replay_id: int, at: datetime) -> None:
    """Do a replay that waits, or whose worker has died; safe to run twice."""
    row = queries.get_replay(replay_id)
    if not _take(row, at):
        return
    try:
        found = judge(_book_of(row), row.since, row.until, now=row.until, heard=lambda n: _heard(row, n))
        with work(system(), at) as w:
            REPLAY.fire(
                row,
                "finish",
                result=_as_text(found),
                done=found.events,
                finished_at=clock.now(),
                lease_until=None,
            )
            w.note("policy.replayed", row, loans=found.events, changed=found.changed)
    except ArchiveError as error:
        _failed(row, str(error), at)
    except Exception:
        log.exception("replay %s", replay_id)
        _failed(row, _("试算中断，没有改动任何记录。请再试一次。"), at)


def judge(
    book: RuleBook, since: datetime, until: datetime, *, now: datetime, heard: Any = lambda _n: None
) -> Replayed:
    """Judge all loans handed over in a period by a book; ``heard`` is told after each chunk how many."""
    with source_language():
        return replay(book, _events(since, until, heard), now=now)


def waiting(at: datetime, limit: int = 5) -> list[int]:
    """Replays that wait, or whose worker has died."""
    lost = Replay.lease_until.is_null() | (Replay.lease_until < at)
    rows = Replay.select(Replay.id).where(Replay.state.in_(("waiting", "running")) & lost)
    return [row.id for row in rows.order_by(Replay.id).limit(limit)]


def result_of(row: Replay) -> dict[str, Any]:
    """What was found: events, changed, counts by finding, groups with examples."""
    found: dict[str, Any] = json.loads(row.result) if row.result else {}
    for example in (each for group in found.get("groups", ()) for each in group["examples"]):
        for name in ("handed_at", "was", "would_be"):
            example[name] = datetime.fromisoformat(example[name]) if example[name] else None
    return found


def _take(row: Replay, at: datetime) -> bool:
    if row.state not in ("waiting", "running") or (row.lease_until is not None and row.lease_until > at):
        return False
    if row.tries >= TRIES:
        _failed(row, _("试算几次都没有完成。请改日再试。"), at)
        return False
    mine = (Replay.id == row.id) & (Replay.tries == row.tries) & Replay.state.in_(("waiting", "running"))
    values = {"state": "running", "lease_until": at + LEASE, "tries": row.tries + 1, "done": 0}
    with work(system(), at):
        if not Replay.update(values).where(mine).execute():
            return False
    row.state, row.tries = "running", row.tries + 1
    return True


def _heard(row: Replay, done: int) -> None:
    with work(system(), clock.now()):
        lease = clock.now() + LEASE
        Replay.update(done=done, lease_until=lease).where(Replay.id == row.id).execute()


def _failed(row: Replay, why: str, at: datetime) -> None:
    with work(system(), at):
        state = Replay.state.in_(("waiting", "running"))
        values = {"state": "failed", "error": why[:500], "finished_at": at, "lease_until": None}
        Replay.update(values).where((Replay.id == row.id) & state).execute()


def _book_of(row: Replay) -> RuleBook:
    if row.version_id is not None:
        return rulebook.by_id(row.version_id).book
    revision = queries.get_revision(row.revision_id)
    if revision.sha256 != row.sha256:
        raise Refused("revision.edited", _("草案在试算前又改过。请再试算一次。"))
    return rulebook.kept(revision.text, revision.profile)


def _as_text(found: Replayed) -> str:
    plain = {
        "events": found.events, "changed": found.changed, "counts": dict(found.counts),
        "groups": [asdict(group) for group in found.groups],
    }  # fmt: skip
    return json.dumps(plain, ensure_ascii=False, default=lambda moment: moment.isoformat())


# The loans as plain values


def _between(since: datetime, until: datetime) -> Any:
    return Loan.select(Loan.id).where((Loan.handed_at >= since) & (Loan.handed_at < until))


COLUMNS = (
    Loan.id, Loan.folder, Loan.borrower, Loan.kind, Loan.handed_at, Loan.due_at, Loan.returned_at,
    Loan.approval, Copy.kept, Loan.extensions,
)  # fmt: skip


NOBODY: frozenset[str] = frozenset()


def _events(since: datetime, until: datetime, heard: Any) -> Iterator[Event]:
    """Every loan of the period; four queries a chunk, people and folders shared between events."""
    persons, last, done = _persons(), 0, 0
    facts: dict[int, FolderFacts] = {}
    period = (Loan.handed_at >= since) & (Loan.handed_at < until)
    while True:
        query: Any = Loan.select(*COLUMNS).left_outer_join(Copy).where(period & (Loan.id > last))
        rows = list(query.order_by(Loan.id).limit(CHUNK).tuples())
        if not rows:
            return
        last, done = rows[-1][0], done + len(rows)
        _add_facts(facts, {row[1] for row in rows} - facts.keys())
        agreed = _agreed([row[7] for row in rows if row[7]])
        first_due = _first_due([row[0] for row in rows if row[9]])
        for key, folder, borrower, kind, handed, due, back, approval, kept, _times in rows:
            yield Event(
                f"JY-{clock.local(handed).year}-{key:04d}", persons[borrower], facts[folder], kind, handed,
                first_due.get(key, due), back, agreed.get(approval, NOBODY), bool(kept),
            )  # fmt: skip
        heard(done)


def _persons() -> dict[int, Person]:
    """Every account as the rules see it; the roles come from the title in the book that judges."""
    return {
        user.id: Person(
            frozenset(),
            user.title,
            user.department.name if user.department else "",
            user.username,
            None,
            user.id,
        )
        for user in people.users(with_inactive=True)
    }


def _add_facts(facts: dict[int, FolderFacts], wanted: Sequence[int] | set[int]) -> None:
    """Folders by id as they were lent; no file number, so that a result names nothing that is secret."""
    columns = (Folder.id, Folder.category, Folder.secrecy, Folder.tier, Department.name, Folder.manager)
    query: Any = Folder.select(*columns).join(Department, pw.JOIN.LEFT_OUTER)
    called = _("这份档案")
    for key, category, secrecy, tier, department, manager in query.where(
        Folder.id.in_(list(wanted))
    ).tuples():
        facts[key] = FolderFacts(called, category, secrecy, tier, department or "", manager=manager)


def _agreed(approval_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """The roles that said yes, or applied, by approval."""
    found: dict[int, set[str]] = {}
    query: Any = (
        ApprovalStep.select(ApprovalStep.approval, ApprovalStep.state, ApprovalStep.roles, Decision.role)
        .join(Decision, pw.JOIN.LEFT_OUTER)
        .where(ApprovalStep.approval.in_(list(approval_ids)))
        .where(Decision.verdict.is_null() | (Decision.verdict == "granted"))
    )
    for approval, state, roles, role in query.tuples():
        said = roles.split() if state == "applied" else [role] if role else []
        found.setdefault(approval, set()).update(said)
    return {key: frozenset(roles) for key, roles in found.items()}


def _first_due(loan_ids: Sequence[int]) -> dict[int, datetime]:
    """The due time fixed at the handing over, of loans that were prolonged later."""
    if not loan_ids:
        return {}
    query: Any = Extension.select(Extension.loan, Extension.due_before).where(
        Extension.loan.in_(list(loan_ids)) & (Extension.state == "granted")
    )
    found: dict[int, datetime] = {}
    for loan, due in query.tuples():
        found[loan] = min(found.get(loan, due), due)
    return found
