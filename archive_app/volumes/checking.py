"""The check list of a volume: what the checker holds against the paper, and what the system found."""

from __future__ import annotations

from collections.abc import Sequence

from archive_app.core.i18n import _
from archive_app.policy import RuleBook
from archive_app.volumes import rules, thickness
from archive_app.volumes.facts import Point, Problem
from archive_app.volumes.models import Volume, VolumeItem
from archive_app.volumes.papers import papers_of

TWO_SETS = ("pages_differ", "no_scan", "scan_failed", "electronic_only")


def points(
    book: RuleBook, volume: Volume, items: Sequence[VolumeItem], problems: Sequence[Problem]
) -> list[Point]:
    """The points in the order of the paper: contents, order, pages, place, condition, two sets, people."""
    by = book.arrangement.rules
    return [
        _order(book, items),
        _pages(book, volume, items),
        _of(_("都在架上"), ("lent",), problems, "", _("没有借出的")),
        _of(_("整理后没有改动"), ("stale",), problems, by["catalog"].clause, _("目录与登记一致")),
        _of(_("没有缺页"), ("pages_missing",), problems, by["remark"].clause, _("页数都已登记")),
        _of(_("没有待修裱的"), ("damaged", "faded"), problems, by["threading"].clause, _("没有破损和扩散")),
        _of(_("纸质和电子相符"), TWO_SETS, problems, by["dual_paper"].clause, _("两套页数一致")),
        _of(_("日期与年度相符"), ("date_far",), problems, by["one_year"].clause, _("没有离年度远的")),
        _thickness(book, volume),
        _people(book, volume),
    ]


def _of(name: str, codes: tuple[str, ...], problems: Sequence[Problem], clause: str, good: str) -> Point:
    mine = [each for each in problems if each.code in codes]
    left = [each for each in mine if each.accepted is None]
    if not mine:
        return Point(name, True, good, clause=clause)
    if not left:
        return Point(name, True, _("%(n)s 处不符，已写明理由接受", n=len(mine)), clause=clause)
    text = _("；").join(f"{each.folder.file_number} {each.text}" for each in left[:3])
    return Point(name, False, text, any(each.open for each in left), clause)


def _order(book: RuleBook, items: Sequence[VolumeItem]) -> Point:
    torn = rules.torn(papers_of(items, book))
    by_hand = sum(bool(item.moved_by) for item in items)
    clause = book.arrangement.rules[torn.rule if torn else "groups"].clause
    text = _("%(n)s 件由人移动，都写明了理由", n=by_hand) if by_hand else _("全部按制度排列")
    return Point(
        _("成组文件没有分开"),
        torn is None,
        text if torn is None else _("有成组文件被分开"),
        torn is not None,
        clause,
    )


def _pages(book: RuleBook, volume: Volume, items: Sequence[VolumeItem]) -> Point:
    numbers = thickness.number_pages([item.pages for item in items])
    right = numbers == [item.first_page for item in items]
    text = _("1–%(n)s 页，共 %(items)s 件", n=volume.pages, items=len(items))
    return Point(_("页号连续"), right, text, not right, book.arrangement.rules["page_numbers"].clause)


def _thickness(book: RuleBook, volume: Volume) -> Point:
    order = book.arrangement
    fits = volume.thickness_mm <= order.volume_mm * order.box_fill + thickness.EPSILON
    text = _("%(mm)s mm，配 %(box)s mm 盒", mm=f"{volume.thickness_mm:.1f}", box=volume.box_mm)
    return Point(_("厚度合适"), fits, text)


def _people(book: RuleBook, volume: Volume) -> Point:
    own = bool(volume.checked_by) and volume.checked_by == volume.arranged_by
    return Point(_("立卷人和检查人不是同一人"), not own, "", own, book.arrangement.rules["checker"].clause)
