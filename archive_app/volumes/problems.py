"""What is said about folders before their volume is bound: away, damaged, uncounted, not scanned, changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import peewee as pw

from archive_app.core.i18n import _
from archive_app.policy import RuleBook
from archive_app.records.models import Change, ConditionEvent, CustodyEvent, Document, Folder
from archive_app.records.queries import conditions_of
from archive_app.records.rules import unmended
from archive_app.records.words import FIELDS
from archive_app.scans import rules as scan_rules
from archive_app.scans.cross_reference import NOT_WRITTEN
from archive_app.scans.models import ElectronicFile, ScanPage
from archive_app.volumes import thickness
from archive_app.volumes.facts import ALWAYS_HOLD, Mend, Problem
from archive_app.volumes.models import Acceptance, Volume
from archive_app.volumes.papers import Stand, paper_pages, paper_sheets

FAR = 3
"""So many years may lie between a document and its year before it is pointed out."""
SHOWN = 3
LAID = (
    "dated", "part", "group", "nature", "covers_from", "covers_to", "medium", "sheets", "secrecy",
    "retention", "manager",
)  # fmt: skip
"""Fields that decide on order, volume, thickness or cover: the order was made with what they said."""

Scans = Mapping[int, Mapping[Any, Mapping[str, int]]]


class Finder:
    """Looks at many folders at once: a handful of queries, however many there are.

    ``documents`` in catalog order, each with its folder; ``volume_of`` gives the volume of a folder.
    """

    def __init__(
        self, book: RuleBook, documents: Iterable[Document], volume_of: Mapping[int, int], *, names: bool
    ) -> None:
        self.book, self.volume_of, self.names = book, volume_of, names
        self.folders: dict[int, Folder] = {}
        self.lines: dict[int, list[Document]] = {}
        for document in documents:
            self.folders[document.folder_id] = document.folder
            self.lines.setdefault(document.folder_id, []).append(document)
        self.ids = list(self.folders)

    def find(self) -> list[Problem]:
        """All problems by file number, accepted ones with their acceptance."""
        pages, files = _pages(self.ids), _files(self.ids)
        loans = _loans([key for key, row in self.folders.items() if row.custody != "on_shelf"])
        conditions = _conditions(self.ids)
        found: list[Problem] = []
        for key, folder in self.folders.items():
            found += self._away(folder, loans.get(key))
            found += self._paper(folder, conditions.get(key, []))
            found += self._electronic(folder, pages.get(key, {}), files.get(key, []))
            found += self._dates(folder)
            found += self._thick(folder)
        return _accepted(found, self.ids)

    def _problem(self, code: str, folder: Folder, text: str, facts: str, mend: Mend | None) -> Problem:
        holds = code in ALWAYS_HOLD or code in self.book.arrangement.holds
        return Problem(
            code, folder, text, holds, facts[:100], mend, self.volume_of.get(folder.id),
            acceptable=holds and code not in ALWAYS_HOLD,
        )  # fmt: skip

    def _away(self, folder: Folder, loan: int | None) -> Iterable[Problem]:
        if folder.custody == "on_shelf":
            return
        if folder.custody == "reading_room":
            yield self._problem("lent", folder, _("在阅览室，交回后才能装订"), folder.custody, None)
            return
        if folder.custody == "missing":
            yield self._problem("lent", folder, _("登记为丢失，找到后才能装订"), folder.custody, None)
            return
        who = folder.holder if self.names else ""
        text = _("%(who)s 借出未还，还回后才能装订", who=who) if who else _("借出未还，还回后才能装订")
        mend = Mend("loans.loan_page", {"loan_id": loan}, _("催还")) if loan else None
        yield self._problem("lent", folder, text, folder.custody, mend)

    def _paper(self, folder: Folder, events: list[ConditionEvent]) -> Iterable[Problem]:
        page = Mend("records.folder_page", {"folder_id": folder.id}, _("处理"))
        uncounted = [d for d in self.lines[folder.id] if d.medium != "electronic" and not d.pages]
        lost = sum(event.pages or 1 for event in unmended(events, "missing"))
        if uncounted:
            text = _("%(n)s 件没有登记页数：%(which)s", n=len(uncounted), which=_titles(uncounted))
            yield self._problem(
                "pages_missing", folder, text, f"uncounted {len(uncounted)} lost {lost}", page
            )
        elif lost:
            text = _("原件缺 %(n)s 页", n=lost)
            yield self._problem("pages_missing", folder, text, f"lost {lost}", page)
        for code, words in (
            ("damaged", _("破损，裱糊后再装订")),
            ("faded", _("字迹扩散，复制后与原件一并立卷")),
        ):
            if open_ := unmended(events, code):
                yield self._problem(code, folder, words, f"{code} {open_[-1].id}", page)

    def _electronic(
        self, folder: Folder, pages: Mapping[Any, Mapping[str, int]], files: list[Any]
    ) -> Iterable[Problem]:
        scans = Mend("scans.folder_scans", {"folder_id": folder.id}, _("补扫"))
        only = [d for d in self.lines[folder.id] if d.medium == "electronic"]
        if only and self._lasting(folder):
            text = _("重要电子文件缺纸质件：%(which)s", which=_titles(only))
            mend = Mend("records.folder_page", {"folder_id": folder.id}, _("打印归档"))
            yield self._problem("electronic_only", folder, text, f"documents {len(only)}", mend)
        failed = sum(counts.get("failed", 0) for counts in pages.values())
        if wrong := [row for row in files if row[1] == "failed"]:
            text = _("%(n)s 个电子文件没有拆页", n=len(wrong))
            yield self._problem(
                "scan_failed", folder, text, f"files {len(wrong)}", replace(scans, words=_("重试"))
            )
        elif failed:
            text = _("%(n)s 页没有识别", n=failed)
            yield self._problem(
                "scan_failed", folder, text, f"pages {failed}", replace(scans, words=_("重试"))
            )
        yield from self._compared(folder, pages, files, scans)

    def _compared(
        self, folder: Folder, pages: Mapping[Any, Mapping[str, int]], files: list[Any], scans: Mend
    ) -> Iterable[Problem]:
        lines = [
            scan_rules.Line(n, d.title, paper_pages(d), _written(pages.get(d.id, {})), d.id)
            for n, d in enumerate(self.lines[folder.id], start=1)
            if d.medium != "electronic"
        ]
        known = {line.document_id for line in lines} | {d.id for d in self.lines[folder.id]}
        loose = sum(_written(counts) for key, counts in pages.items() if key not in known)
        category = self.book.categories.get(folder.category)
        required = category is None or category.dual_track_required
        pending = any(state in scan_rules.DRAWING for _id, state in files)
        answer = scan_rules.compare(lines, loose, pending=pending, required=required)
        paper, scanned = sum(line.paper for line in lines), sum(line.scanned for line in lines) + loose
        if answer.state == "differ":
            text = _("纸 %(paper)s 页，扫描 %(scanned)s 页", paper=paper, scanned=scanned)
            yield self._problem("pages_differ", folder, text, f"paper {paper} scanned {scanned}", scans)
        elif answer.state == "unscanned" and lines:
            yield self._problem(
                "no_scan", folder, _("纸 %(paper)s 页，没有扫描件", paper=paper), f"paper {paper}", scans
            )

    def _lasting(self, folder: Folder) -> bool:
        retention = self.book.retentions.get(folder.retention)
        return retention is None or retention.years is None or retention.years >= scan_rules.LASTING_YEARS

    def _dates(self, folder: Folder) -> Iterable[Problem]:
        far = [d for d in self.lines[folder.id] if d.dated and abs(d.dated.year - folder.year) > FAR]
        if far:
            years = _("、").join(dict.fromkeys(str(d.dated.year) for d in far[:SHOWN] if d.dated))
            text = _("%(which)s 的日期是 %(years)s 年，请核对", which=_titles(far), years=years)
            mend = Mend("records.folder_page", {"folder_id": folder.id}, _("核对"))
            yield self._problem("date_far", folder, text, f"documents {len(far)}", mend)

    def _thick(self, folder: Folder) -> Iterable[Problem]:
        """A folder thicker than a volume: it goes on in the next one, or does not fit into a box."""
        order = self.book.arrangement
        sheets = sum(paper_sheets(d) for d in self.lines[folder.id])
        if sheets > thickness.sheets_in(order.volume_mm, order.box_fill, order.sheet_mm):
            mm = f"{thickness.millimetres(sheets, order.sheet_mm):g}"
            text = _("%(n)s 张约 %(mm)s mm，一卷装不下", n=sheets, mm=mm)
            yield self._problem("too_thick", folder, text, f"sheets {sheets}", None)


def stale(
    volumes: Iterable[Volume],
    stands: Iterable[Stand],
    documents: Mapping[int, Document],
    added: Mapping[int, int],
) -> list[Problem]:
    """What changed after a volume was arranged or checked, one problem a folder.

    ``documents`` are those in the catalogs now; ``added`` counts by folder those that stand nowhere.
    """
    wanted = {v.id: v for v in volumes if v.state in ("arranged", "checked")}
    mine = [stand for stand in stands if stand.volume in wanted]
    edits = _edits({stand.folder: wanted[stand.volume] for stand in mine})
    gone = {row.id: row for row in Document.select(Document, Folder).join(Folder).where(
        Document.id.in_([s.document for s in mine if s.document not in documents]))}  # fmt: skip
    said: dict[int, list[str]] = {}
    for stand in mine:
        words = said.setdefault(stand.folder, [])
        if not words:
            words += [_("新增 %(n)s 件", n=added[stand.folder])] if added.get(stand.folder) else []
            words += edits.get(stand.folder, [])
        words += _moved(stand, documents, gone)
    folders = {row.folder_id: row.folder for row in (*documents.values(), *gone.values())}
    place = {stand.folder: stand.volume for stand in mine}
    return [
        Problem("stale", folders[key], _stale_words(words), True, volume_id=place[key])
        for key, words in said.items()
        if words
    ]


def _stale_words(words: list[str]) -> str:
    return _("%(what)s，请退回调整，再排定", what=_("，").join(dict.fromkeys(words)))


def _moved(stand: Stand, documents: Mapping[int, Document], gone: Mapping[int, Document]) -> list[str]:
    document = documents.get(stand.document)
    if document is None:
        return [_("移出《%(title)s》", title=gone[stand.document].title[:40])]
    if stand.pages != paper_pages(document):
        return [_("《%(title)s》页数改为 %(n)s", title=document.title[:40], n=paper_pages(document))]
    return []


def _edits(checked: Mapping[int, Volume]) -> dict[int, list[str]]:
    """What was edited after the order was made (if the order hangs on it) or after the check (anything)."""
    since = {key: volume.arranged_at for key, volume in checked.items() if volume.arranged_at}
    if not since:
        return {}
    rows = Change.select().where(Change.folder.in_(list(since)) & (Change.changed_at > min(since.values())))
    found: dict[int, list[str]] = {}
    for row in rows.order_by(Change.id):
        volume = checked[row.folder_id]
        seen = volume.arranged_at if row.field in LAID else volume.checked_at
        if seen and row.changed_at > seen and row.field != "place":
            field = str(FIELDS.get(row.field, row.field))
            words = _(
                "%(field)s由“%(old)s”改为“%(new)s”",
                field=field,
                old=row.old[:40] or _("空"),
                new=row.new[:40] or _("空"),
            )
            found.setdefault(row.folder_id, []).append(words)
    return found


def _titles(documents: list[Document]) -> str:
    named = _("、").join(_("《%(title)s》", title=d.title[:40]) for d in documents[:SHOWN])
    return named if len(documents) <= SHOWN else _("%(named)s等", named=named)


def _written(counts: Mapping[str, int]) -> int:
    return sum(count for state, count in counts.items() if state not in NOT_WRITTEN)


def _conditions(ids: list[int]) -> dict[int, list[ConditionEvent]]:
    found: dict[int, list[ConditionEvent]] = {}
    for event in conditions_of(ids):
        found.setdefault(event.folder_id, []).append(event)
    return found


def _pages(ids: list[int]) -> Scans:
    """Pages by folder, document and state."""
    rows: Any = (
        ScanPage.select(
            ElectronicFile.folder, ElectronicFile.document, ScanPage.state, pw.fn.COUNT(ScanPage.id)
        )
        .join(ElectronicFile)
        .where(ElectronicFile.folder.in_(ids) & ElectronicFile.removed_at.is_null())
        .group_by(ElectronicFile.folder, ElectronicFile.document, ScanPage.state)
    )
    found: dict[int, dict[Any, dict[str, int]]] = {}
    for folder, document, state, count in rows.tuples():
        found.setdefault(folder, {}).setdefault(document, {})[state] = count
    return found


def _files(ids: list[int]) -> dict[int, list[Any]]:
    rows: Any = ElectronicFile.select(ElectronicFile.folder, ElectronicFile.id, ElectronicFile.state).where(
        ElectronicFile.folder.in_(ids) & ElectronicFile.removed_at.is_null()
    )
    found: dict[int, list[Any]] = {}
    for folder, file, state in rows.tuples():
        found.setdefault(folder, []).append((file, state))
    return found


def _loans(ids: list[int]) -> dict[int, int]:
    """The loan by which a folder is away."""
    if not ids:
        return {}
    rows: Any = CustodyEvent.select(CustodyEvent.folder, CustodyEvent.loan).where(
        CustodyEvent.folder.in_(ids) & CustodyEvent.loan.is_null(False)
    )
    return dict(rows.order_by(CustodyEvent.at, CustodyEvent.id).tuples())


def _accepted(problems: list[Problem], ids: Collection[int]) -> list[Problem]:
    rows = Acceptance.select().where(Acceptance.folder.in_(list(ids))).order_by(Acceptance.id)
    latest = {(row.folder_id, row.problem, row.facts): row for row in rows}
    return [
        replace(each, accepted=latest.get((each.folder.id, each.code, each.facts)))
        if each.acceptable
        else each
        for each in problems
    ]
