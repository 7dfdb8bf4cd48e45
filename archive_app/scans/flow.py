"""The lives of an electronic file (received … ready) and of a scanned page (waiting … read)."""

from __future__ import annotations

from archive_app.core.flow import Flow, Step

FILE = Flow(
    "electronic_file",
    "received",
    Step("render", ("received", "rendering"), "rendering", "system"),
    Step("finish", ("rendering",), "ready", "system"),
    Step("put_back", ("rendering",), "received", "system"),
    Step("fail", ("received", "rendering"), "failed", "system"),
    Step("retry", ("failed",), "received", "scan.retry"),
    # A wrong upload is taken off its folder; the original stays in the store.
    Step("withdraw", ("received", "rendering", "failed", "ready"), "withdrawn", "scan.add"),
)
"""``rendering → rendering`` is a worker that takes over from one whose lease has run out."""

PAGE = Flow(
    "scan_page",
    "waiting",
    Step("read", ("waiting", "reading"), "reading", "system"),
    Step("keep", ("reading",), "read", "system"),
    Step("leave_blank", ("reading",), "blank", "system"),
    Step("put_back", ("reading",), "waiting", "system"),
    Step("fail", ("waiting", "reading"), "failed", "system"),
    Step("retry", ("failed", "read", "blank"), "waiting", "scan.retry"),
    Step("withdraw", ("waiting", "reading", "read", "blank", "failed"), "withdrawn", "scan.add"),
)
