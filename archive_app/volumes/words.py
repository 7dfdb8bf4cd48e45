"""The Chinese words that the screens of volumes use beside those of `volumes.facts`."""

from __future__ import annotations

from collections.abc import Mapping

from archive_app.core.i18n import Lazy as L

# The sheets of a volume, in the order in which they are bound; their names are in the register of sheets.
SHEETS = (
    "volume_pack",
    "volume_cover",
    "volume_catalog",
    "remark_sheet",
    "change_record",
    "spine",
    "box_label",
    "binding_instructions",
    "rendition",
)
# What is printed of a category and year, and what each is.
LISTS: Mapping[str, L] = {
    "item_list": L("一件一行，装订前后都能印"),
    "volume_list": L("一卷一行，按案卷号排列"),
    "full_list": L("每卷之下列出卷内每一件"),
    "year_pack": L("已装订各卷的装订包，合为一份"),
}
