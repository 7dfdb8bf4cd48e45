"""The token index on SQLite: a contentless FTS5 table that keeps only which entry has which token."""

from __future__ import annotations

from collections.abc import Iterable

import peewee as pw

from archive_app.core.db import db
from archive_app.search.terms import Term

_index = pw.Table("search_index")


def add(rows: Iterable[tuple[int, set[str]]]) -> None:
    """Index entries given as (entry id, tokens)."""
    pairs = [(key, " ".join(sorted(found))) for key, found in rows]
    db.obj.cursor().executemany("INSERT INTO search_index (rowid, tokens) VALUES (?, ?)", pairs)


def take_out(key: int, found: set[str]) -> None:
    """Forget an entry. A contentless table must be told the very tokens that were put in."""
    db.execute_sql(
        "INSERT INTO search_index (search_index, rowid, tokens) VALUES ('delete', ?, ?)",
        (key, " ".join(sorted(found))),
    )


def clear() -> None:
    """Forget everything."""
    db.execute_sql("INSERT INTO search_index (search_index) VALUES ('delete-all')")


def matching(term: Term) -> pw.Select:
    """Ids (column ``entry``) of the entries that have all tokens of the term."""
    wanted = [f'"{token}"' for token in term.tokens] + ([f'"{term.prefix}"*'] if term.prefix else [])
    match = pw.Expression(_index.c.search_index, "MATCH", " AND ".join(wanted))
    return _index.select(_index.c.rowid.alias("entry")).where(match)


def holds(column: pw.Field, norm: str) -> pw.Expression:
    """The condition that ``norm`` occurs in the column, byte for byte."""
    return pw.fn.INSTR(column, norm) > 0
