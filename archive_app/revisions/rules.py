"""Pure judgements about revisions: the form of a text, and which period is replayed."""

from __future__ import annotations

from datetime import datetime, timedelta

REASON_MAX = 500
TEXT_MAX = 1_000_000
YEAR = timedelta(days=365)


def tidy(text: str) -> str:
    """A text as it is kept: line ends of a file, no mark at the beginning, one line end at the end.

    A form sends CRLF; without this the same text would look like another one.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    return plain.rstrip("\n") + "\n"


def last_year(at: datetime) -> tuple[datetime, datetime]:
    """The period that a replay looks at: the year that ends now."""
    return at - YEAR, at
