"""A volume for the print tests, as the room of volumes gives it: kind or hostile, of 0 to 400 documents."""

from __future__ import annotations

from typing import Any

from archive_app.printing.barcode import BarcodeType, payload

LONG = "关于进一步加强客户信用等级评定及授信额度调整事项的补充说明暨往来函件汇编" * 14
RARE = "㛃䶮𬭎𠮷田（喆堃镕）商贸有限公司〇二五年度往来函件"
LATIN = (
    "Framework Agreement No. CD-2025/0817-B between Chengdu Tianfu Food Sales Co., Ltd. and ACME (Asia) GmbH"
)
MARKUP = '<script>alert(1)</script>{{ 7*7 }}{% raw %}</td></table>& "Co." 保密协议'
TITLES = (
    "成都天府食品销售有限公司数控铣床购销合同",
    "关于申请调整二〇二五年第三季度授信额度的请示",
    "关于同意调整授信额度的批复",
    "客户基本情况登记表",
    "成都天府食品销售有限公司 2025 年度对账函及回执（附明细表 3 份）",
)
AUTHORS = ("成都天府食品销售有限公司", "市场营销部", "总经理办公室", "王建国")
HOSTILE = (LONG[:500], RARE, LATIN, MARKUP, "W" * 120, "مرحبا شركة 往来函件", "")


def stamp(**changes: Any) -> dict[str, Any]:
    digits = payload(BarcodeType.PRINT, 71)
    return {
        "print_id": 71,
        "number": 1,
        "payload": digits,
        "qr": f"DA1;9f3a41c7d20b;{digits}",
        "hash12": "9f3a41c7d20b",
        "printed_at": "2026-01-12 14:32",
        "printed_by": "陈静宜",
        "audit_seq": 18203,
        "audit_digest": "9f3a41c7d20be816",
    } | changes


def volume(id: int = 3, **changes: Any) -> dict[str, Any]:
    return {
        "fonds_name": "成都万象机电有限公司",
        "fonds_code": "Z01",
        "unit": "总经理办公室档案室",
        "category_code": "HT",
        "category_name": "合同类",
        "year": "2025",
        "number": f"Z01-HT·2025-{id:04d}",
        "serial": f"{id:04d}",
        "title": "2025年度销售合同及客户往来文件",
        "secrecy": "秘密",
        "secrecy_rank": 1,
        "retention": "30年",
        "dated_from": "2025年01月",
        "dated_to": "2025年12月",
        "items": 34,
        "pages": 411,
        "sheets": 220,
        "filing_reference": "ZB-2025-117",
        "department": "市场营销部",
        "cross_reference": "E-Z01-HT·2025-0003",
        "payload": payload(BarcodeType.VOLUME, id),
        "thickness_mm": 22,
        "box_mm": 30,
        "box": "12",
        "manager": "沈慧敏",
        "folders_from": "HT-2025-0001",
        "folders_to": "HT-2025-0012",
    } | changes


def lines(count: int, titles: tuple[str, ...] = TITLES, **changes: Any) -> list[dict[str, Any]]:
    """The lines of a catalog; three pages a document."""
    found = []
    for n in range(1, count + 1):
        folder = f"HT-2025-{(n + 2) // 3:04d}"
        found.append(
            {
                "id": n,
                "serial": str(n),
                "reference": f"销字〔2025〕{n}号" if n % 4 else "",
                "author": AUTHORS[n % len(AUTHORS)],
                "title": titles[n % len(titles)],
                "dated": f"2025{1 + n % 12:02d}{1 + n % 28:02d}",
                "start_page": str(n * 3 - 2) if n < count else f"{n * 3 - 2}-{n * 3}",
                "page_count": "3",
                "remark": f"电 {folder}-{n:03d}" if n % 3 else "",
                "file_number": folder,
            }
            | changes
        )
    return found


def folders(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": n,
            "file_number": f"HT-2025-{n:04d}",
            "title": TITLES[n % len(TITLES)],
            "items": 3,
            "pages": f"{n * 9 - 8}-{n * 9}",
        }
        for n in range(1, count + 1)
    ]


def electronic(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": n,
            "code": f"DZ-HT-2025-{(n + 2) // 3:04d}-{n:03d}",
            "address": f"store/9f/3a/9f3a41c7d20be816{n:04d}.pdf",
            "pages": 3,
            "file_number": f"HT-2025-{(n + 2) // 3:04d}",
            "digest8": f"{n * 2654435761 % 2**32:08x}",
        }
        for n in range(1, count + 1)
    ]


def changes(count: int, text: str = "补入 2025-11-20 对账函回执 1 件 2 页") -> list[dict[str, Any]]:
    return [
        {
            "id": n,
            "dated": f"202602{n % 28 + 1:02d}",
            "kind": "补充",
            "text": text,
            "handled_by": "陈静宜",
            "version": 2,
        }
        for n in range(1, count + 1)
    ]


def remark(**changed: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"name": "件页", "text": "本卷共 34 件 411 页，220 张；页号 1 至 411。"},
            {"name": "扫描", "text": "已扫描 34 件 411 页，与纸质页数相符；OCR 平均可信度 97%。"},
            {"name": "缺页", "text": "HT-2025-0007 第 3 件原缺第 4 页，已向对方索取复印件。"},
            {"name": "修裱", "text": "HT-2025-0009 第 1 件边缘破损，2025-12-20 已托裱。"},
        ],
        "text": "第 7 号文件原件为传真热敏纸，已复印附后。",
        "version": 1,
        "arranged_by": "陈静宜",
        "checked_by": "李明远",
        "changes": [],
        "electronic": electronic(6),
    } | changed


def boxes(**changed: Any) -> list[dict[str, Any]]:
    return [
        {
            "fonds_name": "成都万象机电有限公司",
            "fonds_code": "Z01",
            "unit": "总经理办公室档案室",
            "category_code": "HT",
            "category_name": "合同类",
            "year": "2025",
            "retention": "30年",
            "department": "市场营销部",
            "secrecy": "秘密",
            "secrecy_rank": 1,
            "number": "12",
            "title": "2025年度销售合同及客户往来文件",
            "volumes_from": "0003",
            "volumes_to": "0003",
            "items": 34,
            "pages": 411,
            "width_mm": 30,
            "place": "一号库房 A03 柜 2 格",
            "payload": payload(BarcodeType.BOX, 12),
        }
        | changed
    ]


def instructions(**changed: Any) -> dict[str, Any]:
    rule = "客户档案管理制度 第二十条"
    return {
        "steps": [
            {
                "text": "去掉订书钉、回形针等金属物；破损的先托裱，字迹扩散的复制后与原件一并立卷。",
                "clause": rule,
            },
            {
                "text": "按软卷封面（含卷内文件目录）、材料、封底（含备考表）的次序理齐，左边和下边对齐。",
                "clause": rule,
            },
            {
                "text": "在正面右上角、背面左上角核对页号，从 1 到 411，一页不少。",
                "clause": "客户档案管理制度 第十七条",
            },
            {"text": "按左边的三个孔位打孔，用棉线三孔一线装订，在封底打活结。", "clause": rule},
            {"text": "贴脊背，装入卷盒，在盒上贴卷盒标签，扫描入盒。", "clause": ""},
        ],
        "warnings": ["永久保管的案卷不用胶、不用塑料条。"],
        "sheets": 220,
        "thickness_mm": 22,
        "box_mm": 30,
    } | changed


def pack(count: int = 34, **changed: Any) -> dict[str, Any]:
    """All values of a pack of ``count`` documents."""
    return {
        "volume": volume(items=count, pages=count * 3),
        "lines": lines(count),
        "preset": "gbt9705",
        "folders": folders((count + 2) // 3),
        "remark": remark(electronic=electronic(count)),
        "boxes": boxes(),
        "instructions": instructions(),
        "stamp": stamp(),
    } | changed


def hostile_pack(count: int = 12) -> dict[str, Any]:
    """A pack in which every text a person types is hostile."""
    facts = [{"name": "说明", "text": text} for text in HOSTILE]
    wild = [{**code, "address": LATIN * 2, "code": "DZ-" + "X" * 60} for code in electronic(count)]
    return pack(
        count,
        volume=volume(
            items=count, pages=count * 3, title=LONG[:500], fonds_name=RARE, department=LATIN, manager=RARE
        ),
        lines=lines(count, HOSTILE, author=RARE, remark="电子文件存址 " + LATIN),
        folders=[{**folder, "title": HOSTILE[n % len(HOSTILE)]} for n, folder in enumerate(folders(count))],
        remark=remark(facts=facts, text=LONG[:500], electronic=wild, changes=changes(9, LONG[:300])),
        boxes=boxes(title=LONG[:500], fonds_name=RARE, place=LATIN),
        instructions=instructions(warnings=[LONG[:200], MARKUP]),
    )


def empty_pack() -> dict[str, Any]:
    """A pack with nothing filled in and no document."""
    names = (
        "title secrecy dated_from dated_to filing_reference department cross_reference box manager retention"
    )
    blank = dict.fromkeys(names.split(), "")
    nothing = {"facts": [], "text": "", "arranged_by": "", "checked_by": "", "electronic": []}
    return pack(
        0,
        volume=volume(items=0, pages=0, **blank),
        remark=remark(**nothing),
        boxes=[],
        instructions=instructions(steps=[], warnings=[]),
    )


def head(**changed: Any) -> dict[str, Any]:
    return {
        "fonds_name": "成都万象机电有限公司",
        "fonds_code": "Z01",
        "unit": "总经理办公室档案室",
        "category_code": "HT",
        "category_name": "合同类",
        "year": "2025",
        "retention": "30年",
        "department": "市场营销部",
        "compiled_at": "2026年01月12日",
        "total": "共 200 件 411 页",
    } | changed


def item_lines(count: int, titles: tuple[str, ...] = TITLES) -> list[dict[str, Any]]:
    return [
        {**line, "file_number": f"Z01-HT·2025-D30-BGS-{n:04d}", "secrecy": "秘密" if n % 2 else ""}
        for n, line in enumerate(lines(count, titles), 1)
    ]


def electronic_lines(count: int, titles: tuple[str, ...] = TITLES) -> list[dict[str, Any]]:
    return [
        {
            "id": n,
            "serial": str(n),
            "code": code["code"],
            "title": titles[n % len(titles)],
            "dated": "20250904",
            "format": "PDF/A",
            "size": "3 页 1.2 MB",
            "digest16": f"{n * 11400714819323198485 % 2**64:016x}",
            "address": code["address"],
            "remark": f"{code['file_number']} 一号库房 A03 柜 2 格 12 盒",
        }
        for n, code in enumerate(electronic(count), 1)
    ]
