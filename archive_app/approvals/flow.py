"""The life of an approval: open until the chain has decided, the asker took it back, or its time is over."""

from archive_app.core.flow import Flow, Step

APPROVAL = Flow(
    "approval",
    "open",
    Step("grant", ("open",), "granted", "loan.decide"),
    Step("refuse", ("open",), "refused", "loan.decide"),
    Step("withdraw", ("open",), "withdrawn", "loan.request"),
    # Only the clock takes this step, by the rule book's [waiting]; nobody holds the permission.
    Step("expire", ("open",), "expired", "system"),
)
