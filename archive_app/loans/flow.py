"""The life of a loan as a table: requested, approved, out or reading, perhaps overdue, returned."""

from archive_app.core.flow import Flow, Step

LOAN = Flow(
    "loan",
    "requested",
    Step("approve", ("requested",), "approved", "loan.decide"),
    Step("refuse", ("requested",), "refused", "loan.decide"),
    Step("withdraw", ("requested", "approved"), "withdrawn", "loan.request"),
    Step("hand_over", ("approved",), "out", "loan.desk"),
    Step("seat", ("approved",), "reading", "loan.desk"),
    # Only the clock takes this step; nobody holds the permission.
    Step("mark_overdue", ("out", "reading"), "overdue", "system"),
    Step("give_back", ("out", "reading", "overdue"), "returned", "loan.desk"),
    # A slip of the hand at the desk is taken back within seconds, to exactly the state before.
    Step("undo_hand_over", ("out", "reading", "overdue"), "approved", "loan.desk"),
    Step("undo_give_back_out", ("returned",), "out", "loan.desk"),
    Step("undo_give_back_reading", ("returned",), "reading", "loan.desk"),
    Step("undo_give_back_overdue", ("returned",), "overdue", "loan.desk"),
)

OPEN = ("requested", "approved", "out", "reading", "overdue")
ACTIVE = ("out", "reading", "overdue")
# Where the paper is while a loan is active, by the place that the rule book allows.
READING_ROOM = "reading_room"
