"""The wizard's picture of one category and year: volumes as spines, what is loose, what holds back."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import User
from archive_app.policy import RuleBook
from archive_app.printing import barcode
from archive_app.records import queries as records
from archive_app.records.models import Document, Folder
from archive_app.volumes import years
from archive_app.volumes.facts import STAGES, Loose, Problem, Stage, VolumeFacts, YearPlan
from archive_app.volumes.flow import VOLUME
from archive_app.volumes.models import Volume, VolumeItem, YearRuling
from archive_app.volumes.papers import GONE, Holdings, Stand, holdings, paper_pages, paper_sheets, standing
from archive_app.volumes.problems import Finder, stale
from archive_app.volumes.rules import Paper
from archive_app.volumes.sight import visible

CATALOG_ROWS = 15
DONE = ("bound", "boxed")


def year_plan(
    actor: Actor, category: str, year: int, at: datetime, manager_id: int | None = None
) -> YearPlan:
    """All of the wizard: volumes with spine facts, loose folders, problems, stages (ARR-16, ARR-17).

    Raises NotFound (no such category); Refused: permission.
    """
    actor.must("volume.view")
    book = rulebook.current(at, actor.unit_id).book
    if category not in book.categories:
        raise NotFound(_("制度里没有这个类别。"))
    keyed = "manager" in book.arrangement.volume_key
    known = (Folder.unit == actor.unit_id) & records.visible(actor, at)
    held = holdings(book, known, category, year, manager_id if keyed else None)
    volumes = _volumes(actor, at, category, year, manager_id if keyed else None)
    stands = standing(VolumeItem.volume.in_([volume.id for volume in volumes]))
    problems = _problems(actor, book, held, year, volumes, stands)
    mine = [paper for group in held.of_year(year) for paper in group]
    documents = [held.documents[paper.id] for paper in mine]
    loose = tuple(_loose(book, held, year))
    return YearPlan(
        category=category, category_name=book.categories[category].name, year=year, manager_id=manager_id,
        managers=_managers(actor, category, year, at) if keyed else (),
        folders=len({paper.folder for paper in mine}), documents=len(mine),
        pages=sum(paper_pages(row) for row in documents), sheets=sum(paper_sheets(row) for row in documents),
        volumes=tuple(_spines(actor, book, volumes, stands, held.folders, problems)),
        loose=loose, problems=tuple(problems), stages=stages(volumes, loose),
        sheet_mm=book.arrangement.sheet_mm, boxes_mm=book.arrangement.boxes_mm,
        clauses={key: rule.clause for key, rule in book.arrangement.rules.items()},
    )  # fmt: skip


def _volumes(actor: Actor, at: datetime, category: str, year: int, manager_id: int | None) -> list[Volume]:
    wanted = visible(actor, at) & (Volume.category == category) & (Volume.year == year)
    wanted &= Volume.state != "dissolved"
    if manager_id is not None:
        wanted &= Volume.manager == manager_id
    return list(Volume.select().where(wanted).order_by(Volume.place_in_year, Volume.id))


def _managers(actor: Actor, category: str, year: int, at: datetime) -> tuple[tuple[int, str], ...]:
    known = (Folder.category == category) & (Folder.year == year) & records.visible(actor, at)
    rows: Any = User.select(User.id, User.name).join(Folder, on=(Folder.manager == User.id)).where(known)
    return tuple(rows.distinct().order_by(User.id).tuples())


def _problems(
    actor: Actor,
    book: RuleBook,
    held: Holdings,
    year: int,
    volumes: Sequence[Volume],
    stands: Sequence[Stand],
) -> list[Problem]:
    """The problems of everything that is not bound yet, in the order of the volumes."""
    done = {volume.id for volume in volumes if volume.state in DONE}
    volume_of = {stand.folder: stand.volume for stand in stands}
    here = {stand.document for stand in stands if stand.volume not in done}
    free = {paper.id for group in held.of_year(year) for paper in group if paper.id not in held.stands}
    # Paper and scans are compared folder by folder, whatever of it stands here.
    looked_at = {held.documents[key].folder_id for key in here | free if key in held.documents}
    documents = [row for row in held.documents.values() if row.folder_id in looked_at]
    added = Counter(held.documents[key].folder_id for key in free)
    found = stale(volumes, stands, held.documents, added)
    found += Finder(book, documents, volume_of, names=records.sees_holders(actor)).find()
    place = {volume.id: n for n, volume in enumerate(volumes)}
    last = len(volumes)
    return sorted(
        found, key=lambda each: (not each.open, place.get(each.volume_id or 0, last), each.folder.serial)
    )


def problems_in(actor: Actor, volume: Volume, items: Sequence[VolumeItem], book: RuleBook) -> list[Problem]:
    """What is said about one volume that is not bound yet; ``items`` are its contents."""
    if volume.state in DONE or volume.state == "dissolved" or not items:
        return []
    here_now = [i.folder for i in items if i.folder.state == "active" and i.folder.custody not in GONE]
    folders = {row.id: row for row in here_now}
    rows = Document.select().where(Document.folder.in_(list(folders)) & Document.removed_at.is_null())
    documents: dict[int, Document] = {}
    for row in rows.order_by(Document.folder, Document.position, Document.id):
        row.folder = folders[row.folder_id]
        documents[row.id] = row
    stands = standing(VolumeItem.volume == volume.id)
    placed = {s.document for s in standing(VolumeItem.folder.in_(list(folders)))}
    added: dict[int, int] = {}
    for row in documents.values():
        if row.id not in placed and row.created_at > (volume.arranged_at or row.created_at):
            added[row.folder_id] = added.get(row.folder_id, 0) + 1
    volume_of = dict.fromkeys(folders, volume.id)
    found = stale([volume], stands, documents, added)
    found += Finder(book, documents.values(), volume_of, names=records.sees_holders(actor)).find()
    return sorted(found, key=lambda each: (not each.open, each.folder.year, each.folder.serial))


def _spines(
    actor: Actor, book: RuleBook, volumes: Sequence[Volume], stands: Sequence[Stand],
    folders: Mapping[int, Folder], problems: Sequence[Problem],
) -> Iterable[VolumeFacts]:  # fmt: skip
    in_volume = {key: [s.folder for s in same] for key, same in groupby(stands, key=lambda s: s.volume)}
    for volume in volumes:
        inside = [folders[key] for key in dict.fromkeys(in_volume.get(volume.id, [])) if key in folders]
        mine = [each for each in problems if each.volume_id == volume.id]
        yield _facts(actor, book, volume, inside, mine)


def facts_of(
    actor: Actor, book: RuleBook, volume: Volume, items: Sequence[VolumeItem], problems: Sequence[Problem]
) -> VolumeFacts:
    """The spine facts of one volume."""
    inside = list({item.folder_id: item.folder for item in items}.values())
    return _facts(actor, book, volume, inside, problems)


def _facts(
    actor: Actor, book: RuleBook, volume: Volume, inside: Sequence[Folder], problems: Sequence[Problem]
) -> VolumeFacts:
    level = book.levels.get(volume.secrecy)
    ordered = sorted(inside, key=lambda row: (row.year, row.serial))
    first, last = (ordered[0], ordered[-1]) if ordered else (None, None)
    return VolumeFacts(
        volume=volume, name=_name(book, volume),
        secrecy_name=level.name if level else "", secrecy_rank=level.rank if level else 0,
        folders=len(inside), first_number=first.file_number if first else "",
        last_number=last.file_number if last else "", tail=_tail(first, last),
        holding=sum(each.open for each in problems), shown_problems=len(problems),
        steps=_steps(actor, volume), catalog_pages=math.ceil(volume.items / CATALOG_ROWS),
        payload=barcode.payload(barcode.BarcodeType.VOLUME, volume.id),
    )  # fmt: skip


def _name(book: RuleBook, volume: Volume) -> str:
    """Short enough for a drawn spine: the title given by hand, else 合同类 一."""
    if volume.named:
        return str(volume.title)
    category = book.categories.get(volume.category)
    return f"{category.name if category else volume.category} {chinese(volume.place_in_year)}"


def chinese(number: int) -> str:
    """1 to 99 in Chinese numerals: 一, 十二, 二十三; larger ones in digits."""
    digits = "〇一二三四五六七八九"
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{digits[tens]}十"
    return head + (digits[ones] if ones else "")


def _tail(first: Folder | None, last: Folder | None) -> str:
    """The serials on a drawn spine, 0014–0029; with the years when a folder of another year stands here."""
    if first is None or last is None:
        return ""
    years = first.year != last.year
    ends = [
        f"{row.year % 100:02d}-{row.serial:04d}" if years else f"{row.serial:04d}" for row in (first, last)
    ]
    return ends[0] if first.id == last.id else "–".join(ends)


def _steps(actor: Actor, volume: Volume) -> tuple[str, ...]:
    verbs = [step.verb for step in VOLUME.open_to(volume.state) if actor.can(step.permission)]
    if volume.arranged_by == actor.username and "check" in verbs:
        verbs.remove("check")  # who arranged does not check
    return tuple(verb for verb in verbs if verb != "unbind")  # only an approval unbinds


def stages(volumes: Sequence[Volume], loose: Sequence[Loose]) -> tuple[Stage, ...]:
    """How far the year is: what is left in each step; the first with something left is the current one."""
    states = [volume.state for volume in volumes]
    left = {
        "collect": sum(each.why == "free" for each in loose),
        "order": 0 if volumes else 1,
        "volumes": states.count("open"),
        "check": states.count("arranged"),
        "bind": states.count("checked"),
        "box": states.count("bound"),
    }
    current = next((code for code in STAGES if left[code]), "")
    found, passed = [], True
    for code in STAGES:
        passed = passed and code != current
        state = "current" if code == current else "done" if passed or not current else "later"
        found.append(Stage(code, state, left[code]))
    return tuple(found)


def _loose(book: RuleBook, held: Holdings, year: int) -> Iterable[Loose]:
    """What stands in no volume of this year, folder by folder, and why."""
    ruled = _ruled(held)
    for key, folder in held.folders.items():
        groups = held.groups.get(key, [])
        if not groups and folder.year == year:
            yield Loose(folder, "no_documents", _("还没有登记文件，不进案卷"))
        yield from _away(book, held, folder, groups, year, ruled)
        inside = [s for paper in _papers(groups) if (s := held.stands.get(paper.id)) and s.year == year]
        free = [p for p in _papers(groups) if p.id not in held.stands and held.years[p.id].year == year]
        documents = tuple(held.documents[paper.id] for paper in free)
        if not free:
            continue
        if inside and inside[0].state != "open":
            bound = inside[0].state in DONE
            text = _("装订后补充，记入变动登记") if bound else _("整理后新增，退回调整后排入")
            yield Loose(folder, "added", text, documents)
        else:
            yield Loose(folder, "free", _("组卷时排入"), documents)


def _papers(groups: Iterable[list[Paper]]) -> list[Paper]:
    return [paper for group in groups for paper in group]


def _away(
    book: RuleBook,
    held: Holdings,
    folder: Folder,
    groups: list[list[Paper]],
    year: int,
    ruled: Mapping[int, str],
) -> Iterable[Loose]:
    """Groups of a folder filed in this year that a rule or a ruling puts into another."""
    by = book.arrangement.rules
    for group in groups:
        answer = held.years[group[0].id]
        if folder.year != year or answer.year == year:
            continue
        documents = tuple(held.documents[paper.id] for paper in group)
        text = _("%(why)s：%(year)s 年", why=str(years.REASONS[answer.rule]), year=answer.year)
        reason = next((ruled[paper.id] for paper in group if paper.id in ruled), "")
        yield Loose(folder, "other_year", text, documents, answer.year, by[answer.rule].clause, reason)


def _ruled(held: Holdings) -> dict[int, str]:
    ids = [key for key, answer in held.years.items() if answer.rule == "by_hand"]
    rows: Any = YearRuling.select(YearRuling.document, YearRuling.reason).where(YearRuling.document.in_(ids))
    return dict(rows.tuples())
