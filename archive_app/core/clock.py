"""The only place that reads the clock; everything else is given the time as an argument."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo(os.environ.get("ARCHIVE_TZ", "Asia/Shanghai"))


def now() -> datetime:
    """The present moment, timezone-aware UTC."""
    return datetime.now(UTC)


def local(at: datetime) -> datetime:
    """The same moment on the office wall clock (Asia/Shanghai by default)."""
    return at.astimezone(LOCAL)


def local_date(at: datetime) -> date:
    """The office date of a moment."""
    return local(at).date()
