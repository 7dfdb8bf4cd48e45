"""The register of sheets: what can be printed, from which plain values, by whom; higher rooms add theirs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from archive_app.core.errors import NotFound
from archive_app.core.i18n import Lazy, _, source_language
from archive_app.people.actor import Actor
from archive_app.prints.models import Print

Content = dict[str, Any]
HASH_SHOWN = 12
"""Hex digits of the digest that stand on paper and in the QR."""


@dataclass(frozen=True)
class Stamp:
    """What tells one print from another; never part of the hashed content.

    ``payload`` 12 digits (type 7) · ``qr`` ``DA1;<hash12>;<payload>`` · ``hash12`` first hex digits of the
    content's SHA-256 · ``number`` 第 n 次打印 · ``audit_seq`` and ``audit_digest`` the head of the audit.
    """

    print_id: int
    number: int
    payload: str
    qr: str
    hash12: str
    printed_at: str
    printed_by: str
    audit_seq: str
    audit_digest: str

    def as_dict(self) -> dict[str, Any]:
        """The stamp as templates get it (``stamp``)."""
        return asdict(self)


@dataclass(frozen=True)
class Part:
    """One job for the press; the parts of a print are joined into one PDF in this order.

    ``job`` "form" with ``values`` {"form": template, "data": {…}}, or another job of the press with its
    own values. ``timeout`` in seconds.
    """

    job: str
    values: Content = field(repr=False)
    timeout: float = 120.0


@dataclass(frozen=True)
class Sheet:
    """One kind of printed thing.

    ``content(key, args, at)`` gives plain values: only what is true of the thing, neither the time of
    printing nor the n-th print, so that the same state has the same digest. Raises NotFound: it is gone.
    ``draw(content, stamp)`` says how they become pages; the content is the stored one, read from JSON.
    ``permission``: who may print. ``visible(key, actor, at)``: whether this person may see a print of it.
    ``classified(content)``: file numbers of the classified folders on it, for the audit.
    ``names``: what the values are called when they differ; None for one that follows from another.
    ``done(print, actor, at)`` is called in the work that finishes the print; Refused makes it a failed one.
    ``link(key)``: endpoint and values of the page of the thing.
    ``taken(key, actor, at)`` raises Refused when what is on it may be looked at but not be taken as a file.
    """

    form: str
    name: Lazy
    permission: str
    content: Callable[[str, Content, datetime], Content]
    draw: Callable[[Content, Stamp], Iterable[Part]]
    visible: Callable[[str, Actor, datetime], bool]
    classified: Callable[[Content], list[str]] = lambda content: []
    names: Mapping[str, Lazy | None] = field(default_factory=dict)
    done: Callable[[Print, Actor, datetime], None] | None = None
    link: Callable[[str], tuple[str, dict[str, Any]]] | None = None
    taken: Callable[[str, Actor, datetime], None] | None = None

    def require_taking(self, key: str, actor: Actor, at: datetime) -> None:
        """Raises Refused: what is on the sheet may not be taken as a file."""
        if self.taken is not None:
            self.taken(key, actor, at)

    def content_at(self, key: str, args: Content, at: datetime) -> Content:
        """The content, in Chinese whoever asks: one state has one digest. Raises NotFound."""
        with source_language():
            return self.content(key, args, at)

    def parts_of(self, content: Content, stamp: Stamp) -> list[Part]:
        """The parts to draw, in Chinese whoever prints."""
        with source_language():
            return list(self.draw(content, stamp))


def one_form(form: str) -> Callable[[Content, Stamp], list[Part]]:
    """The drawing of a sheet that is one form with all its content and the stamp."""
    return lambda content, stamp: [Part("form", {"form": form, "data": content | {"stamp": stamp.as_dict()}})]


def for_who_finds(find: Callable[[Actor, int, datetime], object]) -> Callable[[str, Actor, datetime], bool]:
    """The visibility of a sheet about a row: whoever finds the row (else NotFound) may see its prints."""

    def visible(key: str, actor: Actor, at: datetime) -> bool:
        try:
            find(actor, int(key), at)
        except NotFound:
            return False
        return True

    return visible


SHEETS: dict[str, Sheet] = {}


def register(sheet: Sheet) -> None:
    """Add a sheet, or put another in the place of one with the same form."""
    SHEETS[sheet.form] = sheet


def sheet_of(form: str) -> Sheet:
    """The sheet of this form. Raises NotFound."""
    if form not in SHEETS:
        raise NotFound(_("没有 %(form)s 这种打印件。", form=form[:40]))
    return SHEETS[form]


def canonical(values: Any) -> str:
    """Plain values as canonical JSON: the same values, the same text."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(content: Content) -> str:
    """The SHA-256 of a content in hex."""
    return sha256(canonical(content).encode()).hexdigest()
