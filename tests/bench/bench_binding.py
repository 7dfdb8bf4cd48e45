"""Binding: a year of 1,000 folders, 5,000 documents proposed, shown, told; 10× the work ≤ 12× the time."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from archive_app.core.db import count_queries, db
from archive_app.people import rulebook
from archive_app.people import service as people
from archive_app.people.models import User
from archive_app.prints.register import canonical, digest_of
from archive_app.records.models import Document, Folder
from archive_app.volumes import content, lists, queries, service
from archive_app.volumes.models import Binding, Volume
from tests.bench import Figure, founded
from tests.conftest import AT

FOLDERS, EACH, YEAR = 1_000, 5, 2025
ROUNDS = 3
LINEAR = 12.0


def run() -> list[Figure]:
    """Measure a tenth of the year and the whole of it, each in an archive of its own."""
    small, large = _measure(FOLDERS // 10), _measure(FOLDERS)
    figures = []
    for name in small:
        (one, _), (ten, queries_) = small[name], large[name]
        ratio = ten / one
        figures.append(
            Figure(f"{name}, {FOLDERS * EACH:,} documents", "", f"{ten:.2f} s CPU, {queries_} queries")
        )
        figures.append(
            Figure(f"{name}, 10× the documents", f"≤ {LINEAR:g}× the time", f"{ratio:.1f}×", ratio <= LINEAR)
        )
    return figures


def _measure(folders: int) -> dict[str, tuple[float, int]]:
    print(f"binding: {folders:,} folders, {folders * EACH:,} documents", flush=True)
    with founded():
        actor = people.actor_of(User.get(User.username == "archivist"), AT)
        _fill(folders)
        found = {
            "volumes proposed": _proposed(actor),
            "wizard shown": _cpu(lambda: queries.year_plan(actor, "HT", YEAR, AT)),
            "packs told": _cpu(
                lambda: [content.content_of(row) for row in Volume.select().order_by(Volume.id)]
            ),
        }
        _bind(actor)
        found["full list told"] = _cpu(lambda: lists.full_list("HT-2025", {}, AT))
        found["year pack told"] = _cpu(lambda: lists.year_pack("HT-2025", {}, AT))
    return found


def _fill(folders: int) -> None:
    """Registered folders with documents of 6 pages, in groups of request and reply, main and attachment."""
    book = rulebook.current(AT).id
    rows = [
        dict(unit=1, category="HT", year=YEAR, serial=n, file_number=f"HT-{YEAR}-{n:04d}", state="active",
             title=f"瑞丰设备购销合同 {n}", secrecy="open", retention="long", rule_book=book,
             created_by="archivist", created_at=AT)
        for n in range(1, folders + 1)
    ]  # fmt: skip
    with db.atomic():
        for part in _parts(rows):
            Folder.insert_many(part).execute()
        for part in _parts(list(_documents())):
            Document.insert_many(part).execute()


PAPERS = (("request", "质保"), ("reply", "质保"), ("main", ""), ("attachment", ""), ("main", ""))


def _documents() -> Iterator[dict[str, Any]]:
    ids: Any = Folder.select(Folder.id).order_by(Folder.id)
    for (folder,) in ids.tuples():
        for position, (part, group) in enumerate(PAPERS[:EACH], start=1):
            yield dict(folder=folder, position=position, title=f"质保期文件 {position}", pages=6, part=part,
                       group=group, created_by="archivist", created_at=AT)  # fmt: skip


def _parts(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), 500):
        yield rows[start : start + 500]


def _proposed(actor: Any) -> tuple[float, int]:
    """CPU seconds of one proposal; the volumes of the last round stay."""
    taken = []
    for _n in range(ROUNDS):
        for row in Volume.select().where(Volume.state == "open"):
            service.dissolve(row.id, actor=actor, at=AT)
        began = time.process_time()
        with count_queries() as count:
            service.propose("HT", YEAR, actor=actor, at=AT)
        taken.append(time.process_time() - began)
        asked = count()
    return statistics.median(taken), asked


def _cpu(job: Callable[[], Any]) -> tuple[float, int]:
    taken = []
    for _n in range(ROUNDS):
        began = time.process_time()
        with count_queries() as count:
            job()
        taken.append(time.process_time() - began)
        asked = count()
    return statistics.median(taken), asked


def _bind(actor: Any) -> None:
    """Freeze every volume as binding does, without drawing: what is measured here is not the press."""
    for serial, row in enumerate(Volume.select().where(Volume.state == "open").order_by(Volume.id), start=1):
        row.serial, row.number = serial, f"Z01-HT·{YEAR}-{serial:04d}"
        told = json.loads(canonical(content.content_of(row)))
        row.state, row.bound_at, row.bound_by, row.digest = "bound", AT, actor.username, digest_of(told)
        row.save()
        Binding.create(
            volume=row, version=1, content=canonical(told), digest=row.digest, pack=serial,
            bound_by=actor.username, bound_at=AT, audit_seq=1, audit_digest="0" * 64,
        )  # fmt: skip
