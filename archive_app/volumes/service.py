"""The verbs of the volumes, named as the archivist names them; each opens one work.

They stand by kind in files of their own: the proposal and years in `proposing`, the order inside and the
check in `arranging`, which folder goes where in `adjusting`, `binding`, `unbinding`.
"""

from __future__ import annotations

from archive_app.volumes import folder_sheets, renditions, sheets
from archive_app.volumes.accepting import accept_all
from archive_app.volumes.adjusting import merge, move_folder, split
from archive_app.volumes.arranging import (
    accept,
    arrange,
    check_volume,
    move_item,
    rename,
    reopen,
    restore_order,
)
from archive_app.volumes.binding import bind, bind_now, box, note_addendum
from archive_app.volumes.proposing import dissolve, propose, rule_year
from archive_app.volumes.unbinding import ask_unbinding, decide_unbinding, withdraw_unbinding

__all__ = [
    "accept", "accept_all", "arrange", "ask_unbinding", "bind", "bind_now", "box", "check_volume",
    "decide_unbinding", "dissolve", "folder_sheets", "merge", "move_folder", "move_item", "note_addendum",
    "propose", "rename", "renditions", "reopen", "restore_order", "rule_year", "sheets", "split",
    "withdraw_unbinding",
]  # fmt: skip
