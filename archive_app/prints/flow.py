"""The life of a print: queued, drawn in the background, done; or cancelled, or failed and tried again."""

from archive_app.core.flow import Flow, Step

PRINT = Flow(
    "print",
    "queued",
    Step("draw", ("queued", "drawing"), "drawing", "print.view"),
    Step("finish", ("drawing",), "done", "print.view"),
    Step("fail", ("queued", "drawing"), "failed", "print.view"),
    Step("cancel", ("queued", "drawing"), "cancelled", "print.view"),
    Step("retry", ("failed", "cancelled"), "queued", "print.view"),
)
