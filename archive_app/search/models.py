"""One row for each thing that can be found: a folder's own words, a document's, a page's OCR text."""

from __future__ import annotations

import peewee as pw

from archive_app.core.db import Model

KINDS = ("folder", "document", "page")
OWNER_SHIFT = 32


def entry_id(kind: str, ref: int, owner: int) -> int:
    """The key of an entry: folder in the high bits, so the index itself is sorted by folder.

    Walking the index backwards therefore meets the newest folders first, and the folder of a hit is
    known without reading the entry. Two refs of one folder share a key only 2**30 ids apart.
    """
    return owner << OWNER_SHIFT | (ref & 0x3FFFFFFF) << 2 | KINDS.index(kind)


class SearchEntry(Model):
    """``ref`` is the id in the table of its kind, ``owner`` the folder's id, ``norm`` what is searched.

    Long columns come last: counting reads only the short ones.
    """

    id = pw.BigIntegerField(primary_key=True)
    kind = pw.CharField(16)
    ref = pw.BigIntegerField()
    owner = pw.BigIntegerField(index=True)
    tok_version = pw.SmallIntegerField()
    norm = pw.TextField()
    text = pw.TextField()

    class Meta:
        table_name = "search_entry"
        indexes = ((("kind", "ref"), True),)
