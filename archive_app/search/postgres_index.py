"""The token index on PostgreSQL: a side table of token vectors under a GIN index."""

from __future__ import annotations

from collections.abc import Iterable

import peewee as pw

from archive_app.core.db import db
from archive_app.search.terms import Term

_index = pw.Table("search_token")


def add(rows: Iterable[tuple[int, set[str]]]) -> None:
    """Index entries given as (entry id, tokens)."""
    pairs = [(key, sorted(found)) for key, found in rows]
    db.obj.cursor().executemany(
        "INSERT INTO search_token (entry, tokens) VALUES (%s, array_to_tsvector(%s::text[]))", pairs
    )


def take_out(key: int, found: set[str]) -> None:
    """Forget an entry; here its id is enough."""
    db.execute_sql("DELETE FROM search_token WHERE entry = %s", (key,))


def clear() -> None:
    """Forget everything."""
    db.execute_sql("DELETE FROM search_token")


def matching(term: Term) -> pw.Select:
    """Ids (column ``entry``) of the entries that have all tokens of the term."""
    wanted = [f"'{token}'" for token in term.tokens] + ([f"'{term.prefix}':*"] if term.prefix else [])
    match = pw.Expression(_index.c.tokens, "@@", pw.Cast(" & ".join(wanted), "tsquery"))
    # OFFSET 0 is PostgreSQL's fence: the planner must ask the GIN index first, never walk the entries.
    return _index.select(_index.c.entry).where(match).offset(0)


def holds(column: pw.Field, norm: str) -> pw.Expression:
    """The condition that ``norm`` occurs in the column, byte for byte."""
    return pw.fn.STRPOS(column, norm) > 0
