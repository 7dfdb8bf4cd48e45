"""Tables of lending: loans, extensions, copies, sessions in the reading room, losses, baskets."""

from __future__ import annotations

import peewee as pw

from archive_app.approvals.models import Approval
from archive_app.core.db import Model, UtcDateTimeField
from archive_app.loans.flow import ACTIVE, OPEN
from archive_app.people.models import User
from archive_app.records.models import Folder


class Copy(Model):
    """A photocopy (影印件) as a thing of its own: ``serial`` runs within its folder.

    ``kept``: made to be kept for lending (LOAN-09); else made for one loan and destroyed after it.
    ``state``: kept (in the archive room), lent, destroyed, lost.
    """

    id = pw.BigAutoField()
    folder = pw.ForeignKeyField(Folder, backref="copies")
    serial = pw.IntegerField()
    kept = pw.BooleanField(default=False)
    extent = pw.CharField(200, default="")
    pages = pw.IntegerField()
    state = pw.CharField(16)
    made_by = pw.CharField(64)
    made_at = UtcDateTimeField()
    remark = pw.CharField(500, default="")
    ended_by = pw.CharField(64, default="")
    ended_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "folder_copy"
        indexes = ((("folder", "serial"), True), (("state", "id"), False))


class Loan(Model):
    """A loan (借阅): requested, approved, out or reading, perhaps overdue, returned; or refused, withdrawn.

    ``due_at`` is fixed when the folder is handed over; only a granted `Extension` moves it. ``seat`` is
    set for readers in the room and for nobody else. ``takes_folder`` is false for a photocopy: the copy goes,
    the folder stays. ``rule_book`` is the version that judged last. ``basket`` is the id of the first loan
    that was asked for together with this one. ``ready_at``: since when the folder waits for this borrower,
    who is first in the row; ``picked_at``: since when it lies ready at the desk (取档单). ``session`` is the
    stay in the reading room in which it is read. ``effect`` is what the use was good for (利用效果), said at
    or after the return. ``remind_at`` is when the clock next speaks of it (None: never again), reckoned for
    ``remind_due``.
    """

    shown: str = ""  # the state as the clock sees it; filled by loans.queries, not a column
    carried: str = ""  # the volumes that went out as its carriers; filled by hand_over, not a column
    next: Loan | None = None  # who was told that the folder is back; filled by give_back, not a column

    id = pw.BigAutoField()
    folder = pw.ForeignKeyField(Folder, backref="loans")
    borrower = pw.ForeignKeyField(User, backref="loans")
    kind = pw.CharField(16)
    purpose = pw.CharField(200)
    object = pw.CharField(200, default="")
    reason = pw.CharField(1000, default="")
    extent = pw.CharField(200, default="")
    undertaking_at = UtcDateTimeField(null=True)
    state = pw.CharField(16)
    approval = pw.ForeignKeyField(Approval, null=True)
    rule_book = pw.IntegerField()
    clause = pw.CharField(200, default="")
    requested_by = pw.CharField(64)
    requested_at = UtcDateTimeField()
    approved_at = UtcDateTimeField(null=True)
    handed_at = UtcDateTimeField(null=True)
    handed_by = pw.CharField(64, default="")
    due_at = UtcDateTimeField(null=True)
    due_reason = pw.CharField(200, default="")
    due_clause = pw.CharField(200, default="")
    seat = pw.CharField(16, default="")
    takes_folder = pw.BooleanField(default=True)
    overdue_at = UtcDateTimeField(null=True)
    returned_at = UtcDateTimeField(null=True)
    received_by = pw.CharField(64, default="")
    closed_reason = pw.CharField(500, default="")
    slips_printed = pw.IntegerField(default=0)
    basket = pw.BigIntegerField(null=True)
    purpose_class = pw.CharField(40, default="")
    wished_from = UtcDateTimeField(null=True)
    wished_until = UtcDateTimeField(null=True)
    copy = pw.ForeignKeyField(Copy, null=True)
    ready_at = UtcDateTimeField(null=True)
    extensions = pw.IntegerField(default=0)
    pages_out = pw.IntegerField(null=True)
    pages_back = pw.IntegerField(null=True)
    condition = pw.CharField(16, default="")
    effect = pw.CharField(40, default="")
    effect_note = pw.CharField(500, default="")
    session = pw.BigIntegerField(null=True)
    picked_at = UtcDateTimeField(null=True)
    remind_due = UtcDateTimeField(null=True)
    remind_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "loan"
        indexes = (
            (("state", "due_at"), False),
            (("borrower", "state"), False),
            (("folder", "id"), False),
            (("basket",), False),
            (("session",), False),
            (("state", "handed_at"), False),
            (("returned_at",), False),
            (("handed_at", "id"), False),
        )


class Extension(Model):
    """A request to prolong a running loan (续借): requested, granted, refused, withdrawn."""

    id = pw.BigAutoField()
    loan = pw.ForeignKeyField(Loan, backref="prolonged")
    state = pw.CharField(16)
    reason = pw.CharField(500)
    due_before = UtcDateTimeField()
    due_after = UtcDateTimeField()
    approval = pw.ForeignKeyField(Approval, null=True)
    rule_book = pw.IntegerField()
    clause = pw.CharField(200, default="")
    asked_by = pw.CharField(64)
    asked_at = UtcDateTimeField()
    closed_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "loan_extension"


class RoomSession(Model):
    """One reader's stay in the reading room (阅览登记): from card to card, on one seat."""

    id = pw.BigAutoField()
    reader = pw.ForeignKeyField(User)
    seat = pw.CharField(16)
    signed_in_at = UtcDateTimeField()
    signed_in_by = pw.CharField(64)
    ends_at = UtcDateTimeField()
    signed_out_at = UtcDateTimeField(null=True)
    signed_out_by = pw.CharField(64, default="")
    remark = pw.CharField(300, default="")

    class Meta:
        table_name = "room_session"
        indexes = ((("reader", "id"), False), (("signed_in_at",), False))


class Incident(Model):
    """A loss or damage (丢失、损坏): reported, approved, settled; or sent back, or found again.

    ``kind``: loss, damage, missing_pages. ``penalty`` is what the table of the rule book says, in words.
    """

    id = pw.BigAutoField()
    folder = pw.ForeignKeyField(Folder, backref="incidents")
    loan = pw.ForeignKeyField(Loan, null=True, backref="incidents")
    copy = pw.ForeignKeyField(Copy, null=True)
    person = pw.ForeignKeyField(User, null=True)
    kind = pw.CharField(16)
    pages = pw.IntegerField(default=0)
    facts = pw.CharField(1000)
    state = pw.CharField(16)
    approval = pw.ForeignKeyField(Approval, null=True)
    rule_book = pw.IntegerField()
    clause = pw.CharField(200, default="")
    penalty = pw.CharField(200, default="")
    reported_by = pw.CharField(64)
    reported_at = UtcDateTimeField()
    settlement = pw.CharField(1000, default="")
    settled_by = pw.CharField(64, default="")
    settled_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "incident"
        indexes = ((("folder", "id"), False), (("state", "id"), False))


class BasketItem(Model):
    """A folder that a person has put into the basket (借阅车) and not asked for yet."""

    id = pw.BigAutoField()
    user = pw.ForeignKeyField(User)
    folder = pw.ForeignKeyField(Folder)
    added_at = UtcDateTimeField()

    class Meta:
        table_name = "basket_item"
        indexes = ((("user", "folder"), True),)


# One active loan a folder, whatever happens at two desks at once.
away = Loan.state.in_(ACTIVE) & Loan.takes_folder  # bare: PostgreSQL knows no boolean = 1
Loan.add_index(Loan.index(Loan.folder, unique=True, where=away, name="loan_one_active"))
# A request sent twice is one request.
columns = (Loan.folder, Loan.borrower, Loan.kind)
Loan.add_index(Loan.index(*columns, unique=True, where=Loan.state.in_(OPEN), name="loan_one_open"))

# A reader sits on one seat, and a seat has one reader.
present = RoomSession.signed_out_at.is_null()
RoomSession.add_index(
    RoomSession.index(RoomSession.reader, unique=True, where=present, name="room_one_reader")
)
RoomSession.add_index(RoomSession.index(RoomSession.seat, unique=True, where=present, name="room_one_seat"))
# One extension is asked for at a time.
asked = Extension.state == "requested"
Extension.add_index(Extension.index(Extension.loan, unique=True, where=asked, name="extension_one_open"))

TABLES = (Copy, Loan, Extension, RoomSession, Incident, BasketItem)
