"""Plain values of volumes for the benches: what the room volumes would hand to the sheets."""

from __future__ import annotations

from typing import Any

from archive_app.printing.barcode import BarcodeType, payload

WORDS = (
    "兰州万象实业集团股份有限公司",
    "关于特别关注和收集的",
    "往来函件及会议纪要",
    "客户基本情况登记表",
    "年度服务合同",
)
AUTHORS = ("兰州万象", "成都天府食品销售有限公司", "市场营销部")
DOCUMENTS_A_FOLDER, PAGES_A_DOCUMENT = 5, 4
FOLDERS_A_VOLUME = 36
"""36 folders of 20 pages are 360 sheets, 36 mm of paper: the thickest volume."""
STAMP = {
    "print_id": 7,
    "number": 1,
    "payload": payload(BarcodeType.PRINT, 7),
    "qr": f"DA1;0123456789ab;{payload(BarcodeType.PRINT, 7)}",
    "hash12": "0123456789ab",
    "printed_at": "2026-11-19 14:32",
    "printed_by": "陈静宜",
    "audit_seq": "18203",
    "audit_digest": "9f3a41c7d20be816",
}
FONDS = {"fonds_name": "兰州万象实业集团有限公司", "fonds_code": "A017"}


def document(n: int, k: int, first: int, last: bool) -> dict[str, Any]:
    """Line ``k`` (from 1) of a volume: document ``n`` of the year, beginning on page ``first``."""
    end = first + PAGES_A_DOCUMENT - 1
    return {
        "id": n,
        "serial": str(k),
        "reference": f"万象函〔2025〕{n}号" if n % 3 else "",
        "author": AUTHORS[n % 3],
        "title": "".join(WORDS[(n + i) % len(WORDS)] for i in range(1 + n % 3)) + str(n),
        "dated": f"2025{n % 12 + 1:02d}{n % 28 + 1:02d}",
        "start_page": f"{first}-{end}" if last else str(first),
        "page_count": PAGES_A_DOCUMENT,
        "remark": "复" if n % 9 == 0 else "",
        "file_number": f"HT-2025-{n // DOCUMENTS_A_FOLDER:04d}",
    }


def documents(start: int, count: int) -> list[dict[str, Any]]:
    """The lines of a volume whose first document is ``start``."""
    return [document(start + k, k + 1, 1 + k * PAGES_A_DOCUMENT, k == count - 1) for k in range(count)]


def full_list(lines: int, a_volume: int = 10) -> dict[str, Any]:
    """The data of a 全引目录 of so many lines."""
    volumes = []
    for n, start in enumerate(range(0, lines, a_volume), 1):
        count = min(a_volume, lines - start)
        volumes.append({
            "id": n, "serial": f"{n:04d}", "number": f"A017-HT·2025-{n:04d}",
            "title": f"2025年度{WORDS[n % len(WORDS)]}第{n}卷", "retention": "30年",
            "pages": count * PAGES_A_DOCUMENT, "dated": "202501-202512", "items": count,
            "place": f"A-{n % 9}-2-05", "destroyed": False, "remark": "", "lines": documents(start, count),
        })  # fmt: skip
    return FONDS | {"scope": "合同类（HT）2025年度", "volumes": volumes, "stamp": STAMP}


def packs(folders: int) -> list[dict[str, Any]]:
    """The data of the 装订包 of each volume of a year of so many folders."""
    found = []
    for n, first in enumerate(range(0, folders, FOLDERS_A_VOLUME), 1):
        count = min(FOLDERS_A_VOLUME, folders - first)
        found.append(pack(n, first * DOCUMENTS_A_FOLDER, count))
    return found


def pack(n: int, start: int, folders: int) -> dict[str, Any]:
    """The data of the 装订包 of volume ``n``, whose first document is ``start``."""
    items = folders * DOCUMENTS_A_FOLDER
    pages = items * PAGES_A_DOCUMENT
    thick = {"sheets": pages // 2, "thickness_mm": pages / 2 * 0.1, "box_mm": 40}
    first = start // DOCUMENTS_A_FOLDER
    numbers = [f"HT-2025-{first + k:04d}" for k in range(folders)]
    unit = {"unit": "总经理办公室档案室", "category_code": "HT", "category_name": "合同类", "year": "2025"}
    level = {"secrecy": "秘密", "secrecy_rank": 1, "retention": "30年", "department": "市场营销部"}
    a_folder = DOCUMENTS_A_FOLDER * PAGES_A_DOCUMENT
    return {
        "volume": FONDS | unit | level | thick | {
            "number": f"A017-HT·2025-{n:04d}", "serial": f"{n:04d}",
            "title": f"2025年度销售合同及往来文件第{n}卷",
            "dated_from": "2025年01月", "dated_to": "2025年12月", "items": items, "pages": pages,
            "filing_reference": "", "cross_reference": f"DZ-HT-2025-{n:04d}", "box": "A-3-2-05",
            "manager": "",
            "payload": payload(BarcodeType.VOLUME, n), "folders_from": numbers[0], "folders_to": numbers[-1],
        },
        "lines": documents(start, items),
        "preset": "gbt9705",
        "folders": [
            {"id": first + k, "file_number": number, "title": WORDS[k % len(WORDS)],
             "items": DOCUMENTS_A_FOLDER, "pages": f"{k * a_folder + 1}-{(k + 1) * a_folder}"}
            for k, number in enumerate(numbers)
        ],
        "remark": {
            "facts": [{"name": "件数页数", "text": f"本卷共 {items} 件 {pages} 页"}], "text": "",
            "version": 1, "arranged_by": "陈静宜", "checked_by": "王建国", "changes": [],
            "electronic": [
                {"id": k, "code": f"DZ-{number}", "address": "ab/cd/abcd", "pages": a_folder,
                 "file_number": number, "digest8": "0123abcd"}
                for k, number in enumerate(numbers)
            ],
        },
        "boxes": [
            FONDS | unit | level | {
                "number": str(n), "title": "", "volumes_from": f"{n:04d}", "volumes_to": f"{n:04d}",
                "items": items, "pages": pages, "width_mm": 40, "place": "A-3-2-05",
                "payload": payload(BarcodeType.BOX, n),
            }
        ],
        "instructions": thick | {
            "steps": [{"text": "三孔一线，左侧装订。", "clause": "第二十条"}], "warnings": [],
        },
        "stamp": STAMP,
    }  # fmt: skip
