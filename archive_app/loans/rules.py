"""Pure judgements about loans: which state is true now, where the paper goes, what a form must say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from archive_app.core.errors import too_long
from archive_app.core.i18n import _
from archive_app.loans.flow import READING_ROOM
from archive_app.policy import hours
from archive_app.policy.parts import Week
from archive_app.policy.words import moment

KINDS = ("consult", "loan", "photocopy", "excerpt")
BASKET_MAX = 50
AHEAD = timedelta(days=366)  # nobody plans his reading for longer
GRACE = timedelta(minutes=5)  # the field has minutes, and a form takes a while to fill in
LIMITS = {"purpose": 200, "object": 200, "reason": 1000, "extent": 200}
REASON_MAX = 500
REMARK_MAX = 250
RUNNING = ("out", "reading")
WAITING = ("requested", "approved")


def state_at(state: str, due_at: datetime | None, at: datetime) -> str:
    """The state as the clock sees it: a running loan past its due time is overdue, swept or not."""
    return "overdue" if state in RUNNING and due_at is not None and due_at < at else state


def verb_for(where: str | None) -> str:
    """How the desk gives the folder out: ``seat`` where the rule allows only the room, else ``hand_over``."""
    return "seat" if where == READING_ROOM else "hand_over"


def state_before_return(seat: str, overdue_at: datetime | None) -> str:
    """The state a returned loan had: only readers have a seat, only the clock sets ``overdue_at``."""
    if overdue_at is not None:
        return "overdue"
    return "reading" if seat else "out"


def custody_for(seat: str) -> str:
    """Where the paper of an active loan is."""
    return "reading_room" if seat else "lent"


def can_undo(done_at: datetime | None, undo: timedelta, at: datetime) -> bool:
    """Whether a desk step done at ``done_at`` may still be taken back at ``at``."""
    return done_at is not None and timedelta(0) <= at - done_at <= undo


def free_seat(seats: tuple[str, ...], taken: set[str]) -> str:
    """The first seat nobody sits on, or empty."""
    return next((seat for seat in seats if seat not in taken), "")


def check_request(kind: str, fields: dict[str, str]) -> dict[str, str]:
    """What is wrong with a request, by field (LOAN-04, LOAN-14: 目的 is required)."""
    errors = {} if kind in KINDS else {"kind": _("请选查阅、外借、影印或摘抄。")}
    if not fields["purpose"]:
        errors["purpose"] = _("请写明查阅目的、用途。")
    for name, limit in LIMITS.items():
        errors |= too_long(name, fields[name], limit)
    return errors


def check_word(field: str, word: str, words: Sequence[str]) -> dict[str, str]:
    """What is wrong with a word chosen from a list of the rule book; nothing need be chosen."""
    if not word or word in words:
        return {}
    if not words:
        return {field: _("现行制度没有这一项的选项，请留空。")}
    return {field: _("请从列表中选：%(words)s。", words=_("、").join(words))}


def check_wish(week: Week, since: datetime | None, until: datetime | None, at: datetime) -> dict[str, str]:
    """What is wrong with the wished time: past, too far ahead, turned round, or outside the opening hours."""
    errors = {}
    for field, wished in (("wished_from", since), ("wished_until", until)):
        if wished is None:
            continue
        if wished < at - GRACE:
            errors[field] = _("这个时间已经过去，请改晚一些。")
        elif wished > at + AHEAD:
            errors[field] = _("太远了，最多提前一年。")
    if errors:
        return errors
    if since and not hours.is_open(week, since) and not at - GRACE <= since <= at:
        errors["wished_from"] = _opens(week, since, at)
    if until and since and until <= since:
        errors["wished_until"] = _("止的时间要晚于起的时间。")
    elif until and not hours.is_open(week, until - timedelta(minutes=1)):
        closing = hours.last_closing_by(week, since or at, until)
        shut = _("这时不开放。最近的闭馆时间是 %(when)s。", when=moment(closing, at)) if closing else ""
        errors["wished_until"] = shut or _opens(week, until, at)
    return errors


def _opens(week: Week, wished: datetime, at: datetime) -> str:
    opens = hours.opens_next(week, wished)
    if opens is None:
        return _("这时不开放，以后的开放时间还没有安排。")
    return _("这时不开放。最近的开放时间是 %(when)s。", when=moment(opens, at))


def check_reason(reason: str, *, required: bool = True) -> dict[str, str]:
    """What is wrong with a reason."""
    if required and not reason:
        return {"reason": _("请写明原因，借阅记录要留存。")}
    return too_long("reason", reason, REASON_MAX)


def check_remark(remark: str) -> dict[str, str]:
    """What is wrong with the remark of a return; it stands in the timeline, so it is short."""
    return too_long("remark", remark, REMARK_MAX)


def clean(text: str) -> str:
    """One line without control characters and double blanks."""
    return " ".join("".join(c if c.isprintable() else " " for c in text or "").split())


def page_remark(counted: int | None, expected: int) -> str:
    """What the count of pages at return says (LOAN-10: 检查完整性)."""
    if counted is None:
        return ""
    if expected and counted < expected:
        return _("清点 %(n)s 页，少 %(less)s 页", n=counted, less=expected - counted)
    if expected and counted > expected:
        return _("清点 %(n)s 页，多 %(more)s 页", n=counted, more=counted - expected)
    return _("清点 %(n)s 页，相符", n=counted) if expected else _("清点 %(n)s 页", n=counted)
