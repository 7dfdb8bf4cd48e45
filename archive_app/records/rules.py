"""Pure checks on what is typed: folding of hand-typed numbers, cleaning of texts, plausible values."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from archive_app.core.i18n import _

DASHES = dict.fromkeys(map(ord, "－—–−·‐‑﹣～~_./ "), "-")
TITLE_MAX = 1000
MEDIA = ("paper", "electronic", "both")
TEXT_FORMS = ("original", "copy", "draft", "final")
PARTS = ("main", "attachment", "request", "reply", "print", "final_draft", "duplicate", "forwarded")
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


def too_long(name: str, text: str, limit: int) -> dict[str, str]:
    """The error for a text over its limit, else nothing."""
    if len(text) <= limit:
        return {}
    return {name: _("太长：%(n)s 字，最多 %(limit)s 字。请缩短。", n=len(text), limit=limit)}


def check_year(year: int, allowed: range) -> dict[str, str]:
    """The filing year is one the rule book allows."""
    if year in allowed:
        return {}
    return {"year": _("年度要在 %(a)s 到 %(b)s 之间。", a=allowed[0], b=allowed[-1])}


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
