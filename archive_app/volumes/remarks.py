"""The facts of the remark sheet (备考表), filled in by what happened: counts, scans, damage, moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import peewee as pw

from archive_app.core.clock import local
from archive_app.policy import RuleBook
from archive_app.records.models import Change, ConditionEvent, Document
from archive_app.records.queries import conditions_of
from archive_app.records.words import CONDITIONS, MEDIA, TEXT_FORMS
from archive_app.scans.cross_reference import NOT_WRITTEN
from archive_app.scans.models import ElectronicFile, ScanPage
from archive_app.scans.rules import DRAWING
from archive_app.volumes.facts import PROBLEMS
from archive_app.volumes.models import Acceptance, Volume, VolumeItem, YearRuling
from archive_app.volumes.years import REASONS as YEARS

Fact = dict[str, str]


def facts(volume: Volume, book: RuleBook, items: Sequence[VolumeItem]) -> list[Fact]:
    """What the archive knows about the volume, one fact a line; only what is so is said (ARR-12)."""
    numbers = {item.folder_id: item.folder.file_number for item in items}
    found = [
        ("件数页数", f"{volume.items} 件 {volume.pages} 页，{volume.sheets} 张，{len(numbers)} 份档案"),
        ("扫描", _scanned(items, numbers)),
        ("文本和载体", _forms(items)),
        *_conditions(conditions_of(numbers), numbers, items),
        ("移出", _removed(numbers)),
        ("调整", _moved(items)),
        ("跨年度", _years(items)),
        ("接受的差异", _accepted(numbers)),
    ]
    return [{"name": name, "text": text} for name, text in found if text]


def _scanned(items: Sequence[VolumeItem], numbers: dict[int, str]) -> str:
    """Scanned pages with writing of these documents, and of whole folders, beside the paper pages.

    Of a file whose pages are not drawn yet all pages count, as in the electronic codes below.
    """
    file, written = ElectronicFile, (ScanPage.file == ElectronicFile.id) & ScanPage.state.not_in(NOT_WRITTEN)
    rows: Any = (
        file.select(file.document, file.state, file.page_count, pw.fn.COUNT(ScanPage.id))
        .join(ScanPage, pw.JOIN.LEFT_OUTER, on=written)
        .where(file.folder.in_(list(numbers)) & file.removed_at.is_null())
        .group_by(file.id, file.document, file.state, file.page_count)
    )
    mine = {item.document_id for item in items} | {None}
    total = sum(
        whole if state in DRAWING else drawn
        for document, state, whole, drawn in rows.tuples()
        if document in mine
    )
    paper = sum(item.pages for item in items)
    if not total:
        return "没有扫描件"
    return f"扫描 {total} 页，" + ("与纸质相符" if total == paper else f"纸质 {paper} 页")


def _forms(items: Sequence[VolumeItem]) -> str:
    """原件 6 件、复印件 2 件；纸质 7 件、只有电子 1 件."""
    forms, media = Counter(i.document.text_form for i in items), Counter(i.document.medium for i in items)
    told = [f"{word.text} {forms[code]} 件" for code, word in TEXT_FORMS.items() if forms[code]]
    held = [f"{word.text} {media[code]} 件" for code, word in MEDIA.items() if media[code]]
    return "、".join(told) + ("；" + "、".join(held) if set(media) - {"paper"} else "")


def _conditions(
    events: Iterable[ConditionEvent], numbers: dict[int, str], items: Sequence[VolumeItem]
) -> list[tuple[str, str]]:
    mine = {item.document_id for item in items}
    told: dict[str, list[str]] = {}
    for event in events:
        if event.document_id is None or event.document_id in mine:
            pages = f" {event.pages} 页" if event.pages else ""
            where = f"（{event.where}）" if event.where else ""
            told.setdefault(event.kind, []).append(f"{numbers[event.folder_id]}{pages}{where}{event.remark}")
    return [(CONDITIONS[kind].text, "；".join(told[kind])) for kind in CONDITIONS if kind in told]


def _removed(numbers: dict[int, str]) -> str:
    """Documents taken off the catalogs of these folders, with the reason."""
    rows = (
        Change.select(Change, Document)
        .join(Document)
        .where(
            Change.folder.in_(list(numbers)) & (Change.field == "title") & (Change.new == "")
            & Document.removed_at.is_null(False)
        )
        .order_by(Change.id)
    )  # fmt: skip
    return "；".join(
        f"{local(row.changed_at):%Y%m%d} {numbers[row.folder_id]}《{row.old}》{row.reason}" for row in rows
    )


def _moved(items: Sequence[VolumeItem]) -> str:
    """Documents whose place was chosen by hand, and why."""
    return "；".join(
        f"第 {item.position} 件 {item.reason}：{item.moved_reason}" for item in items if item.moved_by
    )


def _years(items: Sequence[VolumeItem]) -> str:
    """Documents that a rule on years, or the archivist's word, brought here."""
    ruled = {row.document_id: row.reason for row in YearRuling.select().where(
        YearRuling.document.in_([i.document_id for i in items if i.year_rule == "by_hand"]))}  # fmt: skip
    told = []
    for item in items:
        if item.year_rule in YEARS and item.year_rule != "one_year":
            why = f"（{ruled[item.document_id]}）" if item.document_id in ruled else ""
            told.append(f"第 {item.position} 件{YEARS[item.year_rule].text}{why}")
    return "；".join(told)


def _accepted(numbers: dict[int, str]) -> str:
    rows = Acceptance.select().where(Acceptance.folder.in_(list(numbers))).order_by(Acceptance.id)
    latest = {(row.folder_id, row.problem): row for row in rows}
    return "；".join(
        f"{numbers[row.folder_id]} {PROBLEMS[row.problem].text}：{row.reason}"
        for row in latest.values()
        if row.problem in PROBLEMS
    )
