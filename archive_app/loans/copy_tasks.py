"""The clock's work on photocopies: who is next for a kept one, and which must come back."""

from __future__ import annotations

from datetime import datetime

from archive_app.core import clock
from archive_app.core.i18n import _
from archive_app.core.jobs import sweep
from archive_app.loans.copy_queue import call_next
from archive_app.loans.copy_rows import holders, name_of, to_recall
from archive_app.loans.models import Copy, Loan
from archive_app.notices.models import Notice
from archive_app.notices.service import tell
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import system
from archive_app.people.models import User

CODE = "copy.recall"


@sweep
def recall_copies() -> None:
    """Tell what is not told yet; safe to run twice."""
    recall(clock.now())


@sweep
def call_for_copies() -> None:
    """Tell who is next when the one before withdrew or let his time pass; safe to run twice."""
    call(clock.now())


def call(at: datetime) -> int:
    """Tell those for whom a kept copy is here and who were not told yet; return how many."""
    untold = Loan.select(Loan.folder).where((Loan.state == "approved") & Loan.ready_at.is_null())
    here = Copy.select(Copy.folder).where(Copy.kept & (Copy.state == "kept") & Copy.folder.in_(untold))
    folders = {row.folder_id for row in here}
    return sum(call_next(folder, actor=system(), at=at) for folder in sorted(folders))


def recall(at: datetime) -> int:
    """Tell keepers, and who has one in hand, of copies that may no longer be; return how many notices.

    One notice a person, copy and level: raised once more, it is told once more.
    """
    keys = {_key(copy): copy for copy in to_recall(at)}
    done = {row.key for row in Notice.select(Notice.key).where(Notice.key.in_(list(keys)))} if keys else set()
    fresh, told = [copy for key, copy in keys.items() if key not in done], 0
    if not fresh:
        return 0
    titles = people.titles_with("copy.manage", rulebook.current(at).book)
    keepers = [user.id for user in User.select(User.id).where(User.active & User.title.in_(titles))]
    out = holders(fresh)
    for copy in fresh:
        title = _("%(name)s 要收回销毁", name=name_of(copy))
        why = _("原件的密级提高了，按制度不得再有影印件。")
        told += tell(
            keepers, CODE, _key(copy), title, why, endpoint="copies.page", about={"copy_id": copy.id}, at=at
        )
        if loan := out.get(copy.id):
            about = {"loan_id": loan.id}
            told += tell(
                [loan.borrower_id], CODE, _key(copy), title, _("请立即交回档案室。"),
                endpoint="loans.loan_page", about=about, at=at,
            )  # fmt: skip
    return told


def _key(copy: Copy) -> str:
    return f"copy:{copy.id}:recall:{copy.folder.secrecy}"
