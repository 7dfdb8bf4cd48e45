"""What the penalty table of the rule book says of an offence, in words: reported, never collected."""

from __future__ import annotations

from archive_app.core.i18n import _
from archive_app.policy import RuleBook
from archive_app.policy.lending_parts import Penalty


def penalty_of(book: RuleBook, offence: str) -> Penalty | None:
    """The row of the table for an offence (loss, damage, missing_pages …), or None (AUD-02 … AUD-05)."""
    return book.lending.penalties.get(offence)


def words(penalty: Penalty | None) -> str:
    """The penalty as the table has it: 罚款 50—500 元，并予以开除; empty without a row."""
    if penalty is None:
        return ""
    if penalty.most > penalty.least:
        text = _("罚款 %(a)s—%(b)s 元", a=_yuan(penalty.least), b=_yuan(penalty.most))
    else:
        text = _("罚款 %(a)s 元", a=_yuan(penalty.least))
    return _("%(fine)s，并予以开除", fine=text) if penalty.dismissal else text


def _yuan(cents: int) -> str:
    return f"{cents // 100:,}" if cents % 100 == 0 else f"{cents / 100:,.2f}"
