"""What a person typed into the box, as terms that must all be found."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive_app.search.text import EDGE, HEAD, LONGEST, normalise, words

MAX_TERMS = 10
MAX_QUERY = 200
_PIECE = re.compile(r'["“”＂]([^"“”＂]*)["“”＂]?|([^\s"“”＂]+)')


@dataclass(frozen=True)
class Term:
    """One word or quoted phrase.

    norm     what must occur in the normalised text
    tokens   index tokens that every such text has
    prefix   the last ASCII word, if it may go on (HT-20 finds HT-2026-0001)
    settled  the index alone proves the occurrence; otherwise the text must be read
    """

    norm: str
    tokens: tuple[str, ...]
    prefix: str = ""
    settled: bool = False


def parse(query: str) -> list[Term]:
    """The terms of a query: words between spaces, phrases between quotation marks; at most MAX_TERMS."""
    terms: dict[str, Term] = {}
    for phrase, word in _PIECE.findall(query[:MAX_QUERY]):
        term = _term(phrase or word, quoted=bool(phrase))
        if term is not None:
            terms.setdefault(term.norm, term)
    return list(terms.values())[:MAX_TERMS]


def _term(typed: str, quoted: bool) -> Term | None:
    norm = normalise(typed).strip()
    found = words(norm)
    if not found:
        return None
    alone = norm.replace(EDGE, "") == found[0] and len(found[0]) < LONGEST
    *before, last = found
    if quoted or not norm.endswith(EDGE) or (not before and len(last) == 1):
        return Term(norm, _unique(found), settled=alone)
    # The last ASCII word stays open. One open letter selects nothing: the other tokens and the text do.
    if len(last) == 2:
        return Term(norm[:-1], _unique([*before, last + HEAD]), settled=alone)
    return Term(norm[:-1], _unique(before), last if len(last) > 2 else "", settled=alone)


def _unique(tokens: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tokens))
