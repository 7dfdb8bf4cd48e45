"""The command line: the verbs of the archive for scripts, and the start, set-up and health of the program."""

from __future__ import annotations

from archive_app.cli.frame import archive
from archive_app.cli import audit, doctor, house, loans, policy, records, scans, serve  # isort: skip

__all__ = ["archive", "main"]

for module in (house, serve, doctor, audit, policy, records, scans, loans):
    module.add_to(archive)


def main() -> None:
    """Run one command; exit 0 when done, 1 when refused, 2 for wrong use."""
    archive(prog_name="python -m archive_app")
