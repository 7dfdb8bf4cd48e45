"""Pure checks on what is typed: folding of hand-typed numbers, cleaning of texts, plausible values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol, TypeVar

from archive_app.core.errors import too_long
from archive_app.core.i18n import _

DASHES = dict.fromkeys(map(ord, "－—–−·‐‑﹣～~_./ "), "-")
TITLE_MAX = 1000
MEDIA = ("paper", "electronic", "both")
TEXT_FORMS = ("original", "copy", "draft", "final")
PARTS = (
    "main", "attachment", "request", "reply", "print", "final_draft", "duplicate", "forwarded", "translation",
)  # fmt: skip
NATURES = ("", "plan", "summary", "meeting")
CONDITIONS = ("missing", "damaged", "faded", "repaired", "restored")
# What puts an end to what was found: pages that were lost are put in again, paper is repaired.
MENDED_BY = {"missing": "restored", "damaged": "repaired", "faded": "repaired"}
KNOWN = ("day", "month", "year")
YEARS = range(1800, 2201)  # anything else is a slip of the pen
MOST_PAGES = 99_999
_DATED = tuple(
    re.compile(shape)
    for shape in (
        r"([0-9]{4})([0-9]{2})?([0-9]{2})?",
        r"([0-9]{4})-([0-9]{1,2})(?:-([0-9]{1,2}))?",
        r"([0-9]{4})年(?:([0-9]{1,2})月(?:([0-9]{1,2})日)?)?",
    )
)
DOCUMENT_LIMITS = {"reference": 200, "author": 300, "title": TITLE_MAX, "group": 64, "note": 500}
FOLDER_LIMITS = {"title": TITLE_MAX, "party": 500, "place": 200, "note": 5000, "tier": 16}


def fold_number(text: str) -> str:
    """Fold a hand-typed number: NFKC, upper case, one kind of dash, no blanks."""
    folded = unicodedata.normalize("NFKC", text).strip().upper().translate(DASHES)
    return re.sub(r"-+", "-", folded).strip("-")


def number_parts(text: str) -> tuple[str | None, int | None, int] | None:
    """(category, year, serial) of a hand-typed number; what was left out is None; None if not a number.

    Accepts ``HT-2026-0001``, ``ht20260001``, ``HT-26-1``, ``2026-0001`` and the bare tail ``0001``.
    """
    folded = fold_number(text)
    if match := re.fullmatch(r"([A-Z]{1,8})-?((?:19|20)\d\d)-?(\d{1,9})", folded):
        return match[1], int(match[2]), int(match[3])
    if match := re.fullmatch(r"([A-Z]{1,8})-(\d\d)-(\d{1,9})", folded):
        return match[1], 2000 + int(match[2]), int(match[3])
    if match := re.fullmatch(r"((?:19|20)\d\d)-(\d{1,9})", folded):
        return None, int(match[1]), int(match[2])
    if match := re.fullmatch(r"([A-Z]{1,8})-?(\d{1,4})", folded):
        return match[1], None, int(match[2])
    if match := re.fullmatch(r"\d{1,4}", folded):
        return None, None, int(folded)
    return None


def clean_line(text: str) -> str:
    """One printable line: control characters and line breaks become single blanks."""
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text or "")
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cs", "Cn") or c == " ")
    return re.sub(r" {2,}", " ", text).strip()


def clean_block(text: str) -> str:
    """Several printable lines: line breaks stay, other control characters go."""
    text = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(clean_line(line) for line in text.split("\n")).strip()


def read_dated(text: str) -> tuple[date | None, str]:
    """The date of a document as typed, and how much of it is known: day, month or year (DA/T 22 日期).

    Accepts ``19491001``, ``1949-10-1``, ``1949年10月1日``, ``194910``, ``1949-10``, ``1949``, with full-width
    digits and any dash, and the printed form ``19490000``. Raises ValueError: there is no such date.
    """
    folded = fold_number(text)
    if not folded:
        return None, "day"
    found = next(filter(None, (shape.fullmatch(folded) for shape in _DATED)), None)
    year, month, day = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    if year not in YEARS or (day and not month):
        raise ValueError(text)
    return date(year, month or 1, day or 1), "day" if day else "month" if month else "year"


def dated_words(dated: date | None, known: str = "day") -> str:
    """The date as catalogs print it, eight digits with 0 for what is not known: 20250904, 19490000."""
    if dated is None:
        return ""
    month, day = (0 if known == "year" else dated.month), (dated.day if known == "day" else 0)
    return f"{dated.year:04d}{month:02d}{day:02d}"


def dated_text(dated: date | None, known: str = "day") -> str:
    """The date as screens show it, only as far as it is known: 2025-09-04, 1949-10, 1949."""
    return dated.isoformat()[: {"day": 10, "month": 7, "year": 4}[known]] if dated else ""


def check_dated(text: str) -> dict[str, str]:
    """The typed date exists, whole or in part."""
    try:
        read_dated(text)
    except ValueError:
        return {"dated": _("没有这个日期：%(typed)s。可写 20260904、202609 或 2026。", typed=text[:20])}
    return {}


def check_sheets(sheets: int | None, pages: int) -> dict[str, str]:
    """A leaf has one or two pages with writing; anything else was miscounted."""
    if sheets is None or (sheets <= pages <= 2 * sheets):
        return {}
    return {"sheets": _("%(s)s 张纸不会有 %(p)s 页字，请再数一遍。", s=sheets, p=pages)}


def check_covers(covers_from: int | None, covers_to: int | None) -> dict[str, str]:
    """The years that a document covers are years, the first not after the last."""
    errors = {}
    for name, year in (("covers_from", covers_from), ("covers_to", covers_to)):
        if year is not None and year not in YEARS:
            errors[name] = _("年份要在 %(a)s 到 %(b)s 之间。", a=YEARS[0], b=YEARS[-1])
    if not errors and covers_from and covers_to and covers_from > covers_to:
        errors["covers_to"] = _("止年早于起年，请核对。")
    return errors


class Noted(Protocol):
    """What of a note on the paper's condition matters for the next one."""

    kind: str
    document_id: int | None


N = TypeVar("N", bound=Noted)


def unmended(notes: Sequence[N], kind: str = "damaged") -> list[N]:
    """The notes of this kind that no later repair has mended; one of the whole folder mends all (ARR-14)."""
    left: list[N] = []
    for note in notes:
        if note.kind == kind:
            left.append(note)
        elif note.kind == MENDED_BY[kind]:
            left = [each for each in left if note.document_id not in (None, each.document_id)]
    return left


def check_year(year: int, allowed: range) -> dict[str, str]:
    """The filing year is one the rule book allows."""
    if year in allowed:
        return {}
    return {"year": _("年度要在 %(a)s 到 %(b)s 之间。", a=allowed[0], b=allowed[-1])}


def check_tier(tier: str, allowed: Collection[str]) -> dict[str, str]:
    """The tier of a customer file (分级) is one of the rule book's, or none (SEC-06)."""
    if not tier or tier in allowed:
        return {}
    return {"tier": _("制度里没有这个分级，请从列表中选。")}


def check_period(dated_from: date | None, dated_to: date | None) -> dict[str, str]:
    """The first date does not lie after the last."""
    if dated_from and dated_to and dated_from > dated_to:
        return {"dated_to": _("止日期早于起日期，请核对。")}
    return {}


def check_reason(reason: str) -> dict[str, str]:
    """A change needs a reason (销售部 MOD-01)."""
    if reason:
        return too_long("reason", reason, 500)
    return {"reason": _("请写明原因，修改记录要留存。")}
