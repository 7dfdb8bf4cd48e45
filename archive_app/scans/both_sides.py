"""Both sides of every folder as columns of one select: sums over its files, its pages and its catalog."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import peewee as pw

from archive_app.policy import RuleBook
from archive_app.records.models import Document, Folder
from archive_app.scans import rules
from archive_app.scans.models import ElectronicFile, ScanPage

NONE_READ = 100.0
# The sums, by the names of `rules.Facts` where it has them.
OF_LINES = (
    "lines", "paper_lines", "paper_pages", "counted", "uncounted", "only_electronic", "tied", "differing",
)  # fmt: skip
OF_FILES = ("files", "files_failed", "files_busy", "written", "pages_failed", "pages_unread", "read")


def count(condition: Any) -> Any:
    return pw.fn.COALESCE(pw.fn.SUM(pw.Case(None, [(condition, 1)], 0)), 0)


def page_sums(scope: Any) -> Any:
    """Sums of pages by file; reads nothing but the index scan_page_facts."""
    state, read = ScanPage.state, ScanPage.state == "read"
    return (
        ScanPage.select(
            ScanPage.file.alias("file"),
            count(state.not_in(("blank", "withdrawn"))).alias("written"),
            count(state == "failed").alias("failed"),
            count(state.in_(("waiting", "reading"))).alias("unread"),
            count(read).alias("read"),
            pw.fn.MIN(pw.Case(None, [(read, ScanPage.confidence)])).alias("lowest"),
            pw.fn.SUM(pw.Case(None, [(read, ScanPage.confidence)])).alias("confidence"),
        )
        .where(_within(ScanPage.folder, scope))
        .group_by(ScanPage.folder, ScanPage.file)
    )


def _within(column: Any, scope: Any) -> Any:
    """The condition that a folder is in scope (ids or a select of ids); None is every folder."""
    return pw.SQL("1 = 1") if scope is None else column.in_(scope)


def _file_rows(scope: Any) -> Any:
    """The files in scope, each with the sums of its pages."""
    sums = page_sums(scope).alias("sums")
    names = ("written", "failed", "unread", "read", "lowest", "confidence")
    return (
        ElectronicFile.select(
            ElectronicFile.folder.alias("folder"),
            ElectronicFile.document.alias("document"),
            ElectronicFile.state.alias("state"),
            *(getattr(sums.c, name).alias(name) for name in names),
        )
        .join(sums, pw.JOIN.LEFT_OUTER, on=(sums.c.file == ElectronicFile.id))
        .where(_within(ElectronicFile.folder, scope) & ElectronicFile.removed_at.is_null())
    )


def joined(book: RuleBook, scope: Any) -> tuple[Any, Any]:
    """The columns named as in `rules.Facts`, and a select over Folder that knows them.

    ``scope`` only spares work: sums are made for these folders, None for all.
    """
    each = _file_rows(scope).cte("each_file")
    files, lines = _by_folder(each).alias("files"), _lines(each, scope).alias("lines")

    def query(*selected: Any) -> Any:
        return (
            Folder.select(*selected)
            .join(files, pw.JOIN.LEFT_OUTER, on=(files.c.folder == Folder.id))
            .switch(Folder)
            .join(lines, pw.JOIN.LEFT_OUTER, on=(lines.c.folder == Folder.id))
            .with_cte(each)
        )

    def number(column: Any, other: float = 0) -> Any:
        return pw.fn.COALESCE(column, other)

    sides = {name: number(getattr(lines.c, name)) for name in OF_LINES}
    sides |= {name: number(getattr(files.c, name)) for name in OF_FILES}
    sides["lowest"] = number(files.c.lowest, NONE_READ)
    sides["confidence"] = number(files.c.confidence)
    return SimpleNamespace(important=_important(book), **sides), query


def _important(book: RuleBook) -> Any:
    """Whether a folder must stand in both sets, as a condition on its category and retention."""
    required = [c.code for c in book.categories.values() if rules.is_important(c.dual_track_required, 0)]
    lasting = [r.code for r in book.retentions.values() if rules.is_important(False, r.years)]
    return Folder.category.in_(required) | Folder.retention.in_(lasting)


def _by_folder(each: Any) -> Any:
    c = each.c
    return (
        pw.Select([each], [
            c.folder.alias("folder"),
            pw.fn.COUNT(c.folder).alias("files"),
            count(c.state == "failed").alias("files_failed"),
            count(c.state.in_(rules.DRAWING)).alias("files_busy"),
            *(pw.fn.COALESCE(pw.fn.SUM(getattr(c, name)), 0).alias(alias) for name, alias in (
                ("written", "written"), ("failed", "pages_failed"), ("unread", "pages_unread"),
                ("read", "read"), ("confidence", "confidence"),
            )),
            pw.fn.MIN(c.lowest).alias("lowest"),
        ])
        .group_by(c.folder)
    )  # fmt: skip


def _lines(each: Any, scope: Any) -> Any:
    tied = pw.Select(
        [each], [each.c.document.alias("document"), pw.fn.SUM(each.c.written).alias("written")]
    ).where(each.c.document.is_null(False)).group_by(each.c.document).alias("tied")  # fmt: skip
    scanned = pw.fn.COALESCE(tied.c.written, 0)
    paper = Document.medium != "electronic"
    pages = pw.fn.COALESCE(pw.fn.SUM(Document.pages), 0)
    return (
        Document.select(
            Document.folder.alias("folder"),
            pw.fn.COUNT(Document.id).alias("lines"),
            count(paper).alias("paper_lines"),
            pw.fn.SUM(pw.Case(None, [(paper, Document.pages)], 0)).alias("paper_pages"),
            pages.alias("counted"),
            count(paper & (Document.pages == 0)).alias("uncounted"),
            count(Document.medium == "electronic").alias("only_electronic"),
            pw.fn.SUM(scanned).alias("tied"),
            pw.fn.SUM(pw.fn.ABS(Document.pages - scanned)).alias("differing"),
        )
        .join(tied, pw.JOIN.LEFT_OUTER, on=(tied.c.document == Document.id))
        .where(_within(Document.folder, scope) & Document.removed_at.is_null())
        .group_by(Document.folder)
    )
