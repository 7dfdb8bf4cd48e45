"""The command line: the verbs of the archive for scripts, and the start, set-up and health of the program."""

from __future__ import annotations

import archive_app.cli.alarms
import archive_app.cli.approvals
import archive_app.cli.audit
import archive_app.cli.copies
import archive_app.cli.desk
import archive_app.cli.doctor
import archive_app.cli.documents
import archive_app.cli.dual
import archive_app.cli.house
import archive_app.cli.incidents
import archive_app.cli.loans
import archive_app.cli.notices
import archive_app.cli.people
import archive_app.cli.policy
import archive_app.cli.prints
import archive_app.cli.records
import archive_app.cli.reports
import archive_app.cli.room
import archive_app.cli.scans
import archive_app.cli.serve
import archive_app.cli.stacks
import archive_app.cli.volumes
import archive_app.loans.slips
import archive_app.scans.sheets
import archive_app.volumes.service  # noqa: F401 - each module adds its commands, or its printed sheets
from archive_app.cli.frame import archive

__all__ = ["archive", "main"]


def main() -> None:
    """Run one command; exit 0 when done, 1 when refused, 2 for wrong use."""
    archive(prog_name="python -m archive_app")
