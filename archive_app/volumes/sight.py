"""Who may know of which volume: all of its folders must be ones the person may know of (SEC-16)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.records import queries as records
from archive_app.records.models import Folder
from archive_app.volumes.models import Volume, VolumeItem


def visible(actor: Actor, at: datetime) -> Any:
    """The condition on Volume for what the actor may know exists.

    A dissolved volume has no folders any more: then its level speaks.
    """
    scope = rulebook.current(at, actor.unit_id).book.scope(records.person_of(actor), "know")
    level = Volume.secrecy.in_(["", *sorted(scope.levels)])
    if scope.own_department_levels:
        level |= Volume.secrecy.in_(sorted(scope.own_department_levels)) & (Volume.state != "dissolved")
    # A folder without a department makes the condition NULL, whose NOT is NULL as well: that must hide.
    unknown = ~pw.fn.COALESCE(records.visible(actor, at), pw.Value(False))
    hidden = (
        VolumeItem.select(pw.Value(1))
        .join(Folder)
        .where((VolumeItem.volume == Volume.id) & VolumeItem.released_at.is_null() & unknown)
    )
    return (Volume.unit == actor.unit_id) & level & ~pw.fn.EXISTS(hidden)


def volume_for(actor: Actor, volume_id: int, at: datetime) -> Volume:
    """The volume, if the actor may know that it exists. Raises NotFound; Refused: permission."""
    actor.must("volume.view")
    volume = Volume.get_or_none((Volume.id == volume_id) & visible(actor, at))
    if volume is None:
        raise NotFound(_("没有这一卷，或不在可查范围内。"))
    return volume
