"""What of a folder can be found by search: number, title, parties, note, and its documents' lines."""

from __future__ import annotations

from archive_app import search
from archive_app.records.models import Document, Folder


def index_folder(folder: Folder) -> None:
    """Put the folder's own words into the index, or take them out when its number is void."""
    if folder.state != "active":
        search.remove("folder", folder.id)
        return
    words = (folder.file_number, folder.title, folder.party, folder.note)
    search.put("folder", folder.id, folder.id, search.BREAK.join(w for w in words if w))


def index_document(document: Document) -> None:
    """Put a document's 文号, 责任者 and 题名 into the index, or take them out when it was removed."""
    if document.removed_at is not None:
        search.remove("document", document.id)
        return
    words = (document.title, document.reference, document.author, document.note)
    search.put("document", document.id, document.folder_id, search.BREAK.join(w for w in words if w))
