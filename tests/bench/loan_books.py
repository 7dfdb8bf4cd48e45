"""Loans by the thousand for benches and pictures: folders, people, approvals and loans put in by batches."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from archive_app.approvals.models import Approval, ApprovalStep, Decision
from archive_app.core.db import db
from archive_app.loans.models import Loan, RoomSession
from archive_app.people.models import User
from archive_app.records.models import Document, Folder

BATCH = 500
LEVELS = ("open", "open", "open", "secret", "confidential")
KINDS = ("loan", "loan", "loan", "consult", "consult", "photocopy", "excerpt")
PURPOSES = ("工作查考", "经济建设", "编史修志", "学术研究", "")
EFFECTS = ("解决问题", "提供依据", "节省费用", "", "")
TITLES = (
    "数控铣床购销合同",
    "华东区经销框架协议",
    "客户资信档案",
    "设备验收及付款往来",
    "货运代理合同",
    "年度对账单",
)
CITIES = ("成都天府", "常州博远", "扬州远通", "苏州瑞丰", "无锡恒泰", "绍兴越城")
PER_FOLDER, OUT = 20, 30


def fill(count: int, users: list[User], unit: int, at: datetime, seed: int = 1) -> None:
    """Put ``count`` loans of the years before ``at`` into the open database, the last few still out."""
    dice = random.Random(seed)
    folders = max(OUT, count // PER_FOLDER)
    with db.atomic():
        first = 1 + (Folder.select().count() and Folder.select().order_by(Folder.id.desc()).get().id)
        _insert(Folder, (_folder(first + n, unit, users, at, dice) for n in range(folders)))
        _insert(Document, (_document(first + n, at) for n in range(folders)))
        begin = 1 + Loan.select().count()
        _insert(Approval, (_approval(begin + n, users, at) for n in range(count)))
        _insert(ApprovalStep, (_step(begin + n) for n in range(count)))
        _insert(Decision, (_decision(begin + n, users, at, dice) for n in range(count)))
        _insert(Loan, _loans(begin, count, first, folders, users, at, dice))
        _insert(RoomSession, (_session(n, users, at, dice) for n in range(count // 10)))


def _insert(model: Any, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            model.insert_many(batch).execute()
            batch = []
    if batch:
        model.insert_many(batch).execute()


def _folder(n: int, unit: int, users: list[User], at: datetime, dice: random.Random) -> dict[str, Any]:
    return {
        "id": n, "unit": unit, "category": "HT", "year": 2025, "serial": 100_000 + n, "state": "active",
        "file_number": f"HT-2025-{100_000 + n}", "title": f"{dice.choice(CITIES)}{dice.choice(TITLES)}",
        "secrecy": dice.choice(LEVELS), "retention": "long", "rule_book": 1, "created_by": "archivist",
        "created_at": at, "registered_by": "archivist", "registered_at": at - timedelta(days=700),
    }  # fmt: skip


def _document(folder: int, at: datetime) -> dict[str, Any]:
    return {"folder": folder, "position": 1, "title": "正件", "pages": 3 + folder % 20,
            "created_by": "archivist",
            "created_at": at}  # fmt: skip


def _approval(n: int, users: list[User], at: datetime) -> dict[str, Any]:
    return {"id": n, "action": "loan", "kind": "loan", "key": n, "subject": "x", "requester": users[n % 2],
            "state": "granted", "rule_book": 1, "asked_at": at}  # fmt: skip


def _step(n: int) -> dict[str, Any]:
    return {"id": n, "approval": n, "position": 1, "mode": "any", "roles": "department_manager",
            "state": "granted"}  # fmt: skip


def _decision(n: int, users: list[User], at: datetime, dice: random.Random) -> dict[str, Any]:
    return {"step": n, "user": users[dice.randrange(len(users))], "role": "department_manager",
            "verdict": "granted", "at": at}  # fmt: skip


def _loans(
    begin: int, count: int, first: int, folders: int, users: list[User], at: datetime, dice: random.Random
) -> Iterator[dict[str, Any]]:
    for n in range(count):
        # What is still out is out of a folder each.
        folder = first + (count - n - 1 if n >= count - OUT else dice.randrange(folders))
        yield _loan(n, begin + n, count, folder, users, at, dice)


def _loan(
    n: int, approval: int, count: int, folder: int, users: list[User], at: datetime, dice: random.Random
) -> dict[str, Any]:
    minutes = (count - n) * 730 * 480 // count
    handed = at - timedelta(days=minutes // 480, minutes=minutes % 480)
    kind, out = dice.choice(KINDS), n >= count - OUT
    stays = timedelta(minutes=dice.randrange(10, 300))
    return {
        "folder": folder, "borrower": users[dice.randrange(len(users))], "kind": kind,
        "purpose": dice.choice(("年度对账", "续约谈判", "设备维修", "售后投诉核对")), "object": "客户",
        "reason": "按合同条款核对" if n % 3 else "", "state": "out" if out else "returned",
        "approval": approval,
        "rule_book": 1, "clause": "公司客户档案建档及管理规范 三.3", "requested_by": "borrower",
        "requested_at": handed - timedelta(hours=2), "approved_at": handed - timedelta(hours=1),
        "handed_at": handed, "handed_by": "陈静宜", "due_at": handed + timedelta(hours=4),
        "due_clause": "销售客户档案管理制度 七.3", "seat": f"{n % 6 + 1} 号" if kind == "consult" else "",
        "takes_folder": False if out else kind != "photocopy", "returned_at": None if out else handed + stays,
        "received_by": "" if out else "陈静宜", "purpose_class": dice.choice(PURPOSES),
        "effect": "" if out else dice.choice(EFFECTS), "condition": "" if out else "good",
        "overdue_at": handed + timedelta(hours=4) if not out and stays > timedelta(hours=4) else None,
    }  # fmt: skip


def _session(n: int, users: list[User], at: datetime, dice: random.Random) -> dict[str, Any]:
    came = at - timedelta(days=n + 1, minutes=dice.randrange(0, 300))
    left = came + timedelta(minutes=dice.randrange(20, 200))
    return {"reader": users[n % len(users)], "seat": f"{n % 6 + 1} 号", "signed_in_at": came,
            "signed_in_by": "archivist", "ends_at": came + timedelta(hours=6), "signed_out_at": left,
            "signed_out_by": "archivist"}  # fmt: skip
