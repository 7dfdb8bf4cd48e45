"""Plain values for printed things about places: the label."""

from __future__ import annotations

from archive_app.printing import barcode
from archive_app.printing.labels import Label
from archive_app.stacks import queries, words
from archive_app.stacks.models import Place


def label_of(place: Place) -> Label:
    """The place's label: the short code big, the way in words small."""
    return Label(
        file_number=queries.short_of(place),
        payload=payload_of(place),
        title=place.name if place.kind != "room" else "",
        place=place.path,
        category=str(words.KINDS[place.kind]),
        kind="place",
    )


def payload_of(place: Place) -> str:
    """The twelve digits of the place's barcode: type 3 for a box, 4 for the rest."""
    box = place.kind == "box"
    return barcode.payload(barcode.BarcodeType.BOX if box else barcode.BarcodeType.PLACE, place.id)
