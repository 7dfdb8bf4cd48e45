"""Plain values for printed things about folders: the label."""

from __future__ import annotations

from archive_app.people import rulebook
from archive_app.printing import barcode
from archive_app.printing.labels import Label
from archive_app.records.models import Folder


def label_of(folder: Folder, book: rulebook.Adopted) -> Label:
    """The folder's label; a reserved number has only its number and codes."""
    level = book.book.levels.get(folder.secrecy)
    retention = book.book.retentions.get(folder.retention)
    category = book.book.categories.get(folder.category)
    return Label(
        file_number=folder.file_number,
        payload=payload_of(folder),
        title=folder.title,
        secrecy=level.name if level else "",
        secrecy_rank=level.rank if level else 0,
        retention=retention.label if retention else "",
        place=folder.place,
        category=category.name if category else folder.category,
        year=str(folder.year),
    )


def payload_of(folder: Folder) -> str:
    """The twelve digits of the folder's barcode."""
    return barcode.payload(barcode.BarcodeType.FOLDER, folder.id)
