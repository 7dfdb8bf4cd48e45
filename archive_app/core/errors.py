"""What every room raises when the rules or the state of things say no."""

from __future__ import annotations

from dataclasses import dataclass

from archive_app.core.i18n import _


class ArchiveError(Exception):
    """Base of every error whose message may be shown to a person."""


@dataclass(eq=False)
class Refused(ArchiveError):
    """A verb refused by a rule or by the state of the record; nothing was changed.

    A refusal always has the four parts of the rule book (design: policy): what was refused,
    the rule in its own words, the clause, and what to do next or who may decide.

    code        stable English code for tests, JSON and audit, e.g. ``"loan.top_secret"``
    message     what was refused, one Chinese sentence (translated)
    rule        the rule in its own words, without quotation marks; empty if no rule is concerned
    clause      where the rule stands, e.g. ``销售客户档案管理制度 七.3``
    may_decide  names or titles of those who may decide; empty means nobody can make an exception
    next_step   what the person can do now
    """

    code: str
    message: str
    rule: str = ""
    clause: str = ""
    may_decide: str = ""
    next_step: str = ""

    def __post_init__(self) -> None:
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message

    def as_dict(self) -> dict[str, str]:
        """The refusal as JSON-ready values."""
        return {
            "code": self.code,
            "message": self.message,
            "rule": self.rule,
            "clause": self.clause,
            "may_decide": self.may_decide,
            "next_step": self.next_step,
        }


@dataclass(eq=False)
class Invalid(ArchiveError):
    """Input that cannot be used; ``fields`` maps a field name to what is wrong and what to do."""

    fields: dict[str, str]

    def __post_init__(self) -> None:
        super().__init__("；".join(self.fields.values()))


class NotFound(ArchiveError):
    """There is no such record, or the person may not know that there is."""


class Misconfigured(ArchiveError):
    """The machine or the settings are wrong; the message names the command that mends it."""


def too_long(field: str, text: str, limit: int) -> dict[str, str]:
    """Return the message for a text over its limit of characters, by field, else nothing."""
    if len(text) <= limit:
        return {}
    return {field: _("太长：%(n)s 字，最多 %(limit)s 字。请缩短。", n=len(text), limit=limit)}
