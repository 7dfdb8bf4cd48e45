"""Where a request stands in the row for its folder, and when its turn may come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive_app.loans import rows
from archive_app.loans.models import Loan


@dataclass(frozen=True)
class Place:
    """``number`` 1 is next; ``after`` is when the folder is due back; ``late``: that has passed."""

    number: int
    after: datetime | None = None
    late: bool = False
    here: bool = True


def places_of(loans: Sequence[Loan], at: datetime) -> dict[int, Place]:
    """The places of waiting requests by loan id, in two queries; a kept copy has a row of its own."""
    asked = [loan for loan in loans if loan.state in rows.WAITING and loan.copy_id is None]
    folders = [loan.folder_id for loan in asked]
    if not folders:
        return {}
    away, row = rows.active_of_folders(folders), _rows(folders)
    return {
        loan.id: _place(row[loan.folder_id].index(loan.id) + 1, away.get(loan.folder_id), at)
        for loan in asked
    }


def _rows(folder_ids: Sequence[int]) -> dict[int, list[int]]:
    """The ids of all requests that wait for these folders, first asked first."""
    waiting = Loan.folder.in_(list(folder_ids)) & Loan.state.in_(rows.WAITING) & Loan.copy.is_null()
    found: Any = Loan.select(Loan.folder, Loan.id).where(waiting).order_by(Loan.requested_at, Loan.id)
    lists: dict[int, list[int]] = defaultdict(list)
    for folder, key in found.tuples():
        lists[folder].append(key)
    return lists


def _place(number: int, active: Loan | None, at: datetime) -> Place:
    if active is None:
        return Place(number)
    late = active.due_at is not None and active.due_at < at
    return Place(number, None if late else active.due_at, late, here=False)
