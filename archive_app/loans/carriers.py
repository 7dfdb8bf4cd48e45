"""A folder that is bound in a volume: it cannot leave alone, the whole volume goes out as its carrier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import peewee as pw

from archive_app.core.i18n import _
from archive_app.people.models import Department
from archive_app.records.models import Folder
from archive_app.stacks.models import Place
from archive_app.volumes.models import Volume, VolumeItem

BOUND = ("bound", "boxed")


@dataclass(frozen=True)
class Carrier:
    """A bound volume with a folder in it: its 案卷号 and the box it stands in."""

    id: int
    number: str
    box: str
    place: int | None

    @property
    def words(self) -> str:
        """What the desk and the out-card say: the volume and its box."""
        if self.box:
            return _("案卷 %(number)s（%(box)s）", number=self.number, box=self.box)
        return _("案卷 %(number)s", number=self.number)


@dataclass(frozen=True)
class Companion:
    """What the rule book asks about folders of the same volume; no number and no title, so none can leak."""

    secrecy: str
    tier: str
    department_id: int | None
    department: str
    manager_id: int | None


@dataclass(frozen=True)
class Bound:
    """What goes out together with a folder: the volumes that carry it and what else is in them."""

    carriers: tuple[Carrier, ...] = ()
    companions: tuple[Companion, ...] = ()


ALONE = Bound()


def carriers_of(folder_ids: Iterable[int]) -> dict[int, list[Carrier]]:
    """The bound volumes in which these folders are, by folder id; folders that stand alone are left out."""
    found: dict[int, list[Carrier]] = defaultdict(list)
    if not (wanted := list(folder_ids)):
        return found
    box: Any = Place.alias()
    items: Any = (
        VolumeItem.select(VolumeItem.folder, Volume.id, Volume.number, box.path, Volume.box)
        .join(Volume)
        .join(box, pw.JOIN.LEFT_OUTER, on=(box.id == Volume.box))
        .where(VolumeItem.folder.in_(wanted) & VolumeItem.released_at.is_null() & Volume.state.in_(BOUND))
        .distinct()
    )
    for folder, key, number, path, place in items.order_by(Volume.id).tuples():
        found[folder].append(Carrier(key, number or "", path or "", place))
    return found


def carried(folder_id: int) -> list[Carrier]:
    """The bound volumes of one folder."""
    return carriers_of([folder_id]).get(folder_id, [])


def words(carriers: Iterable[Carrier]) -> str:
    """All of them in words; empty for a folder that stands alone."""
    return _("、").join(carrier.words for carrier in carriers)


def bound_with(folder_ids: Iterable[int]) -> dict[int, Bound]:
    """What goes out with each of these folders, in two queries; folders that stand alone are left out."""
    carriers = carriers_of(folder_ids)
    inside = _companions({each.id for many in carriers.values() for each in many})
    return {
        folder: Bound(tuple(many), tuple(dict.fromkeys(one for each in many for one in inside[each.id])))
        for folder, many in carriers.items()
    }


def _companions(volume_ids: Iterable[int]) -> dict[int, list[Companion]]:
    """The folders of these volumes by volume id, alike ones once."""
    found: dict[int, list[Companion]] = defaultdict(list)
    if not (wanted := sorted(volume_ids)):
        return found
    rows: Any = (
        VolumeItem.select(
            VolumeItem.volume, Folder.secrecy, Folder.tier, Folder.department, Department.name, Folder.manager
        )
        .join(Folder)
        .join(Department, pw.JOIN.LEFT_OUTER)
        .where(VolumeItem.volume.in_(wanted) & VolumeItem.released_at.is_null())
        .distinct()
    )
    for volume, secrecy, tier, department, name, manager in rows.tuples():
        found[volume].append(Companion(secrecy, tier, department, name or "", manager))
    return found
