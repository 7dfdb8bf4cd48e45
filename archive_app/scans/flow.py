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
)
