"""The binding instructions of a volume (装订说明): what to do in which order, by which clause; warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive_app.policy import RuleBook
from archive_app.records.queries import conditions_of
from archive_app.records.words import CONDITIONS
from archive_app.volumes.models import Volume, VolumeItem

CORNERS = {"upper": "正面右上角、背面左上角", "lower": "正面右下角、背面左下角"}
WARNINGS = 12


def instructions(volume: Volume, book: RuleBook, items: Sequence[VolumeItem]) -> dict[str, Any]:
    """Steps with clauses, warnings, sheets, thickness and box; texts are Chinese, they are printed."""
    by = book.arrangement.rules
    corner = CORNERS.get(book.categories[volume.category].page_corner, CORNERS["upper"])
    steps = [
        ("拆去订书钉、回形针等金属物，按目录顺序清点每一件。", by["catalog"].clause),
        ("破损的先裱糊；字迹扩散的复制后，与原件一并立卷。", by["threading"].clause),
        (
            f"在有文字的每页{corner}编写页码，共 {volume.pages} 页；封面、目录、备考表不编页码。",
            by["page_numbers"].clause,
        ),
        ("软卷封面（含卷内文件目录）在前，材料居中，封底（含备考表）在后。", by["assembly"].clause),
        (
            f"三孔一线，封底打活结；孔距左边 18 mm，孔间 75 mm。本卷约 {volume.thickness_mm:g} mm 厚。",
            by["threading"].clause,
        ),
        ("立卷人、检查人核对后在备考表上签名，写立卷日期。", by["remark"].clause),
        (f"按案卷号次序装入 {volume.box_mm} mm 卷盒，贴卷脊和盒标签，上架并扫码。", by["assembly"].clause),
    ]  # fmt: skip
    return {
        "steps": [{"text": text, "clause": clause} for text, clause in steps],
        "warnings": _warnings(items),
        "sheets": volume.sheets,
        "thickness_mm": volume.thickness_mm,
        "box_mm": volume.box_mm,
    }


def _warnings(items: Sequence[VolumeItem]) -> list[str]:
    """Papers to handle with care, and what is no paper at all."""
    numbers = {item.folder_id: item.folder.file_number for item in items}
    found = [
        f"{numbers[event.folder_id]} {CONDITIONS[event.kind].text}：{event.remark}"
        for event in conditions_of(numbers)
        if event.kind in ("damaged", "faded", "missing")
    ]
    electronic = [item for item in items if item.document.medium == "electronic"]
    found += [
        f"{item.folder.file_number}《{item.document.title}》只有电子文件，没有纸页" for item in electronic
    ]
    rest = len(found) - WARNINGS
    return found[:WARNINGS] + ([f"另有 {rest} 处，见备考表"] if rest > 0 else [])
