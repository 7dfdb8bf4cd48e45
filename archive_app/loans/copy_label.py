"""The label of a photocopy (复印件标签) as a sheet of the register of prints."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from archive_app.core.clock import local
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans.copy_rows import copy_for, get_copy, name_of, payload_of
from archive_app.loans.models import Copy
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.prints import service as prints
from archive_app.prints.models import Print
from archive_app.prints.register import Sheet, for_who_finds, one_form, register
from archive_app.records.service import note_print

FORM = "copy_label"
NAMES: dict[str, L | None] = {
    "unit": L("档案室"), "file_number": L("档号"), "name": L("名称"), "serial": L("第几份"), "payload": None,
    "title": L("题名"), "secrecy": L("密级"), "secrecy_rank": None, "pages": L("页数"), "extent": L("范围"),
    "made": L("影印日期"), "use": L("用途"),
}  # fmt: skip


def print_label(copy_id: int, *, actor: Actor, at: datetime) -> tuple[Copy, bytes]:
    """Print the label of a copy at once. Raises NotFound; Refused: permission."""
    copy = copy_for(actor, copy_id, at)
    title = _("复印件标签 %(name)s", name=name_of(copy))
    _row, data = prints.print_now(FORM, "copy", str(copy_id), title=title, actor=actor, at=at)
    return copy, data


def label(copy: Copy, at: datetime) -> dict[str, Any]:
    """Values of ``templates/print/copy_label``, without the stamp of the print."""
    folder = copy.folder
    level = rulebook.current(at, folder.unit_id).book.levels[folder.secrecy]
    unit = people.company(folder.unit_id)
    return {
        "unit": unit.name if unit else "",
        "file_number": folder.file_number,
        "name": _("影印件 %(n)s", n=copy.serial),
        "serial": copy.serial,
        "payload": payload_of(copy),
        "title": folder.title,
        "secrecy": level.name,
        "secrecy_rank": level.rank,
        "pages": _("%(n)s 页", n=copy.pages),
        "extent": copy.extent,
        "made": f"{local(copy.made_at):%Y-%m-%d}",
        "use": _("备存") if copy.kept else _("用后归还"),
    }


def _content(key: str, args: dict[str, Any], at: datetime) -> dict[str, Any]:
    return label(get_copy(int(key)), at)


def _classified(content: dict[str, Any]) -> list[str]:
    return [content["file_number"]] if content["secrecy_rank"] > 0 else []


def _printed(row: Print, actor: Actor, at: datetime) -> None:
    copy = get_copy(int(row.key))
    note_print([copy.folder], FORM, photocopy=copy.id, copy=row.number, actor=actor, at=at)


def _link(key: str) -> tuple[str, dict[str, Any]]:
    return "copies.page", {"copy_id": int(key)}


register(
    Sheet(
        FORM, L("复印件标签"), "label.print", _content, one_form(FORM), for_who_finds(copy_for), _classified,
        NAMES, _printed, _link,
    )
)  # fmt: skip
