"""Screens of the two sets side by side: progress, reconciliation, electronic catalogs, one retry for all."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.errors import NotFound
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, now
from archive_app.scans import reconcile, rules, service, sheets
from archive_app.scans.reconcile import Filters, Tally
from archive_app.scans.views import bp

YEARS = 6
"""So many years of the chart are open at once; the earlier ones are folded away."""

FIGURES = 6
"""So many figures fit in one row; the rest is in the list of choices."""

# What is wrong, in one word each: kind and icon of the chip, and the word.
WRONG = {
    "scan_failed": ("stop", "x-lg", L("扫描没办成")),
    "missing_scan": ("wait", "camera", L("缺扫描件")),
    "missing_paper": ("wait", "file-earmark", L("缺纸质")),
    "pages_differ": ("wait", "exclamation-triangle-fill", L("页数不符")),
    "uncounted": ("wait", "123", L("没有页数")),
    "unread": ("acc", "arrow-repeat", L("识别中")),
    "low_confidence": ("", "question-lg", L("识别待核")),
}
CHOICES = {"": L("全部"), "any": L("要办的"), "ok": L("两套齐全")} | {
    code: words for code, (_kind, _icon, words) in WRONG.items()
}


@bp.get("/dual")
@needs("dual.view")
def dual() -> ResponseReturnValue:
    """How far both sets are, category by category and year by year, and every folder with what is wrong."""
    actor, at = current_actor(), now()
    filters = asked()
    page = reconcile.folders(actor, at, filters, request.args.get("older", type=int))
    tallies = reconcile.progress(actor, at)
    book = rulebook.current(at, actor.unit_id).book
    return render_template(
        "pages/scans/dual.html",
        page=page,
        filters=filters,
        chart=chart(tallies),
        figures=_figures(tallies, filters),
        years=sorted({tally.year for tally in tallies}, reverse=True),
        categories=[c for c in book.categories.values() if any(t.category == c.code for t in tallies)],
        choices=CHOICES,
        wrong=WRONG,
        low=rules.LOW_PAGE,
        book=book,
        names=people.names(),
        shown_years=YEARS,
        older=request.args.get("older", type=int),
    )


def asked() -> Filters:
    """The filters in the address; a word that is none is left out."""
    word = request.args.get("wrong", "")
    return Filters(
        category=request.args.get("category", "")[:16],
        year=request.args.get("year", type=int),
        wrong=word if word in CHOICES else "",
    )


def chart(tallies: list[Tally]) -> dict[int, dict[str, Tally]]:
    """The progress by year, newest first, and category."""
    rows: dict[int, dict[str, Tally]] = {}
    for tally in tallies:
        rows.setdefault(tally.year, {})[tally.category] = tally
    return rows


def _figures(tallies: list[Tally], filters: Filters) -> list[dict[str, Any]]:
    """How many folders each word holds for, within category and year."""
    chosen = [
        tally
        for tally in tallies
        if filters.category in ("", tally.category) and filters.year in (None, tally.year)
    ]
    due, whole = sum(tally.due for tally in chosen), sum(tally.whole for tally in chosen)
    first: dict[str, Any] = {
        "n": f"{rules.percent(whole, due)}%",
        "text": _("两套齐全"),
        "note": f"{whole}/{due}",
        "url": address(filters, "ok"),
    }
    counts = {word: sum(tally.words[word] for tally in chosen) for word in rules.WORDS}
    rest: list[dict[str, Any]] = [
        {
            "n": count,
            "text": str(CHOICES[word]),
            "url": address(filters, word),
            "stop": word == "scan_failed",
        }
        for word, count in counts.items()
        if count
    ]
    return [first, *rest][:FIGURES]


def address(filters: Filters, word: str) -> str:
    """The same list, narrowed to one word."""
    return url_for("scans.dual", **(filters.as_args() | {"wrong": word}))


@bp.post("/folders/<int:folder_id>/scans/retry")
@needs("scan.retry")
def retry_folder(folder_id: int) -> ResponseReturnValue:
    """Try again all that failed in a folder, and go back to where the button was."""
    count = service.retry_folder(folder_id, actor=current_actor(), at=now())
    flash(_("%(n)s 项已重新排队。", n=count), "ok")
    if request.form.get("back") == "dual":
        return redirect(url_for("scans.dual", **asked().as_args()), HTTPStatus.SEE_OTHER)
    return redirect(url_for("scans.folder_scans", folder_id=folder_id), HTTPStatus.SEE_OTHER)


@bp.post("/folders/<int:folder_id>/scans/catalog")
@needs("dual.view")
def print_folder_catalog(folder_id: int) -> ResponseReturnValue:
    """Print the electronic catalog of a folder."""
    row = sheets.print_folder(folder_id, actor=current_actor(), at=now())
    return redirect(url_for("prints.print_page", print_id=row.id), HTTPStatus.SEE_OTHER)


@bp.post("/dual/catalog")
@needs("dual.view")
def print_year_catalog() -> ResponseReturnValue:
    """Print the electronic catalog of a category and year; a long one is drawn in the background."""
    year = request.form.get("year", type=int)
    if year is None:
        raise NotFound(_("没有这份目录。"))
    category = request.form.get("category", "")
    row = sheets.print_year(category, year, actor=current_actor(), at=now())
    return redirect(url_for("prints.print_page", print_id=row.id), HTTPStatus.SEE_OTHER)
