"""Plain values for printed things about people: the card for the scan desk."""

from __future__ import annotations

from collections.abc import Iterable

from archive_app.people.models import ArchiveUnit, User
from archive_app.printing import barcode


def cards(people: Iterable[User], unit: ArchiveUnit | None) -> dict[str, list[dict[str, str]]]:
    """The data of the form ``person_card``."""
    return {"cards": [_card(user, unit) for user in people]}


def payload_of(user: User) -> str:
    """The twelve digits of the person's barcode."""
    return barcode.payload(barcode.BarcodeType.PERSON, user.id)


def _card(user: User, unit: ArchiveUnit | None) -> dict[str, str]:
    return {
        "unit": f"{unit.fonds_name} {unit.name}" if unit else "",
        "name": user.name,
        "department": user.department.name if user.department else "",
        "title": user.title,
        "staff_number": user.username,
        "payload": payload_of(user),
    }
