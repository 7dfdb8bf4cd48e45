"""What other rooms tell the index; always called inside their own work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from types import ModuleType
from typing import Any

from archive_app.core.db import db, is_sqlite
from archive_app.search import postgres_index, sqlite_index
from archive_app.search.models import SearchEntry, entry_id
from archive_app.search.text import TOK_VERSION, TOKENISERS, normalise, storable, tokens

_CHUNK = 500


def index() -> ModuleType:
    """The token index of the database in use."""
    return sqlite_index if is_sqlite() else postgres_index


def put(kind: str, ref: int, owner: int, text: str) -> None:
    """Make ``text`` findable as (kind, ref) of the folder ``owner``, in place of what it was before.

    Fields of one record are joined by BREAK, so that no phrase reaches across them.
    """
    put_many([(kind, ref, owner, text)])


def put_many(rows: Iterable[tuple[str, int, int, str]]) -> None:
    """`put` many (kind, ref, owner, text) at once, in order of their keys; no (kind, ref) twice."""
    source = iter(rows)
    while chunk := list(islice(source, _CHUNK)):
        _put_chunk(sorted(_row(*row) for row in chunk))


def remove(kind: str, ref: int) -> None:
    """Make (kind, ref) unfindable; nothing happens if it never was findable."""
    _forget(_known([(kind, ref)]))


def rebuild(progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Index every entry anew from its original text; return how many. Needed after a new tokeniser."""
    total, done, last = SearchEntry.select().count(), 0, -1
    with db.atomic():
        index().clear()
        while chunk := list(
            SearchEntry.select().where(SearchEntry.id > last).order_by(SearchEntry.id).limit(_CHUNK)
        ):
            for entry in chunk:
                _renew(entry)
            index().add((entry.id, tokens(entry.norm)) for entry in chunk)
            done, last = done + len(chunk), chunk[-1].id
            progress(done, total)
    return done


def _row(kind: str, ref: int, owner: int, text: str) -> tuple[Any, ...]:
    text = storable(text)
    return entry_id(kind, ref, owner), kind, ref, owner, TOK_VERSION, normalise(text), text


def _put_chunk(rows: list[tuple[Any, ...]]) -> None:
    _forget(_known([(row[1], row[2]) for row in rows]))
    SearchEntry.insert_many(rows, fields=SearchEntry._meta.sorted_fields).execute()
    index().add((row[0], tokens(row[5])) for row in rows)


def _known(keys: list[tuple[str, int]]) -> list[SearchEntry]:
    columns = (SearchEntry.id, SearchEntry.tok_version, SearchEntry.norm)
    found: list[SearchEntry] = []
    for kind in sorted({kind for kind, _ in keys}):
        refs = [ref for other, ref in keys if other == kind]
        same_kind = (SearchEntry.kind == kind) & SearchEntry.ref.in_(refs)
        found.extend(SearchEntry.select(*columns).where(same_kind))
    return found


def _forget(entries: list[SearchEntry]) -> None:
    for entry in entries:
        index().take_out(entry.id, TOKENISERS[entry.tok_version](entry.norm))
    if entries:
        SearchEntry.delete().where(SearchEntry.id.in_([entry.id for entry in entries])).execute()


def _renew(entry: SearchEntry) -> None:
    norm = normalise(entry.text)
    if (norm, TOK_VERSION) != (entry.norm, entry.tok_version):
        entry.norm, entry.tok_version = norm, TOK_VERSION
        entry.save(only=(SearchEntry.norm, SearchEntry.tok_version))


__all__ = ["index", "put", "put_many", "rebuild", "remove"]
