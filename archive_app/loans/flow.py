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
    # What does not come back closes its loan; the folder's entry stays for ever (AUD-05).
    Step("lose", ("out", "reading", "overdue"), "lost", "loan.desk"),
    Step("find", ("lost",), "returned", "loan.desk"),
    # A request nobody decided or fetched in time, by the rule book; only the clock takes this step.
    Step("expire", ("requested", "approved"), "expired", "system"),
    # A slip of the hand at the desk is taken back within seconds, to exactly the state before.
    Step("undo_hand_over", ("out", "reading", "overdue"), "approved", "loan.desk"),
    Step("undo_give_back_out", ("returned",), "out", "loan.desk"),
    Step("undo_give_back_reading", ("returned",), "reading", "loan.desk"),
    Step("undo_give_back_overdue", ("returned",), "overdue", "loan.desk"),
)

OPEN = ("requested", "approved", "out", "reading", "overdue")
ACTIVE = ("out", "reading", "overdue")
EXTENSION = Flow(
    "extension",
    "requested",
    Step("grant", ("requested",), "granted", "loan.decide"),
    Step("refuse", ("requested",), "refused", "loan.decide"),
    Step("withdraw", ("requested",), "withdrawn", "loan.request"),
)

COPY = Flow(
    "copy",
    "kept",
    Step("lend", ("kept",), "lent", "loan.desk"),
    Step("take_back", ("lent",), "kept", "loan.desk"),
    Step("destroy", ("kept",), "destroyed", "copy.manage"),
    Step("lose", ("kept", "lent"), "lost", "copy.manage"),
    Step("find", ("lost",), "kept", "copy.manage"),
    # A slip of the hand at the desk is taken back within seconds.
    Step("undo_lend", ("lent",), "kept", "loan.desk"),
    Step("undo_take_back", ("kept",), "lent", "loan.desk"),
)

INCIDENT = Flow(
    "incident",
    "reported",
    Step("approve", ("reported",), "approved", "incident.decide"),
    Step("send_back", ("reported",), "sent_back", "incident.decide"),
    Step("report_again", ("sent_back",), "reported", "incident.report"),
    Step("settle", ("approved",), "settled", "incident.settle"),
    # Found again or proved untrue, at any time before it is settled.
    Step("close_found", ("reported", "sent_back", "approved"), "found", "incident.settle"),
)

# Where the paper is while a loan is active, by the place that the rule book allows.
READING_ROOM = "reading_room"
