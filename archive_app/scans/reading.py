"""Reading on the screen by level of secrecy: the mark on every picture, and what may be taken as a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from archive_app.core.clock import local
from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.policy.parts import Level
from archive_app.records.models import Folder

# Higher rooms (loans) say here by what number of theirs a person reads a folder; empty: by none of theirs.
reading_numbers: list[Callable[[Actor, Folder, datetime], str]] = []


def level_of(folder: Folder, at: datetime) -> Level | None:
    """The folder's level in the rule book of today; None when today's book has no such level."""
    return rulebook.current(at, folder.unit_id).book.levels.get(folder.secrecy)


def mark_for(actor: Actor, folder: Folder, at: datetime) -> str:
    """What every picture carries: reader, office time, number of the loan; empty where nothing is marked.

    A level that today's rule book does not know is marked.
    """
    level = level_of(folder, at)
    if level is not None and not level.watermark:
        return ""
    numbers = (number(actor, folder, at) for number in reading_numbers)
    return " ".join([actor.name, f"{local(at):%Y-%m-%d %H:%M}", *filter(None, numbers)])


def may_download(folder: Folder, at: datetime) -> bool:
    """Whether anything scanned of the folder may leave as a file, whoever asks."""
    level = level_of(folder, at)
    return level is not None and level.download


def require_download(folder: Folder, at: datetime) -> None:
    """Raises Refused: scan.no_download — the level is read on the screen only (ELE-12)."""
    if may_download(folder, at):
        return
    level = level_of(folder, at)
    if level is None:
        raise Refused(
            "scan.no_download",
            _("现行制度没有 %(number)s 的密级，扫描件不能下载。", number=folder.file_number),
            next_step=_("先按现行制度改正密级，再下载。"),
        )
    then = _("在屏幕上看；要带走的，申请影印。"), _("在屏幕上看，或申请到阅览室查阅原件。")
    raise Refused(
        "scan.no_download",
        _("%(number)s 是%(level)s档案，扫描件不能下载。", number=folder.file_number, level=level.name),
        level.screen_rule.text,
        level.screen_rule.clause,
        next_step=then["photocopy" not in level.uses],
    )
