"""The life of an approval: open until the chain has granted or refused it, or the asker took it back."""

from archive_app.core.flow import Flow, Step

APPROVAL = Flow(
    "approval",
    "open",
    Step("grant", ("open",), "granted", "loan.decide"),
    Step("refuse", ("open",), "refused", "loan.decide"),
    Step("withdraw", ("open",), "withdrawn", "loan.request"),
)
