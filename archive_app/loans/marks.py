"""What stands on a classified page that is read on the screen: the number of the loan by which it is read."""

from __future__ import annotations

from datetime import datetime

from archive_app.loans.models import Loan
from archive_app.loans.queries import readable_by_loan
from archive_app.loans.sheets import number_of
from archive_app.people.actor import Actor
from archive_app.records.models import Folder
from archive_app.scans import reading


def reading_number(actor: Actor, folder: Folder, at: datetime) -> str:
    """The number of the actor's running loan that opens the folder's pages; empty for keepers without one."""
    running = readable_by_loan(actor, at).select(Loan.id, Loan.requested_at)
    loan = running.where(Loan.folder == folder.id).order_by(Loan.id).first()
    return number_of(loan) if loan else ""


# Not at the bottom by accident: whoever imports loans has their numbers on the pages.
if reading_number not in reading.reading_numbers:
    reading.reading_numbers.append(reading_number)
