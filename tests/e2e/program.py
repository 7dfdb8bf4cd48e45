"""The real program on a filled demo room, its office clock set to a Thursday afternoon.

`python -m tests.e2e.program PORT` reads DATABASE_URL, QUEUE_URL and STORAGE_URL like the program does.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from archive_app.cli import archive, house
from archive_app.core import clock
from archive_app.demo import room, seed

OPENS = datetime(2026, 11, 19, 14, 32, tzinfo=clock.LOCAL)
SCANNED = "天府合同"
"""The one folder that is scanned when the tests cannot wait until all pages are read."""
NONE = 10_000


def main() -> None:
    """Fill the archive, then serve it until it is told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port")
    parser.add_argument("--all-scans", action="store_true", help="scan and read every page: takes minutes")
    wanted = parser.parse_args()
    house.prepare()
    if not wanted.all_scans:
        room.words = _with_few_scans(room.words())
    seed.run(at=OPENS, ocr_now=wanted.all_scans)
    set_clock(OPENS)
    archive(["serve", "--port", wanted.port], prog_name="archive_app")


def set_clock(moment: datetime) -> None:
    """Let the office clock go on from ``moment``."""
    lead = moment - datetime.now(UTC)
    clock.now = lambda: datetime.now(UTC) + lead


def _with_few_scans(words: dict[str, Any]) -> Any:
    for row in words["folders"]["rows"]:
        if row.get("key") != SCANNED:
            row["unscanned"] = NONE
    return lambda: words


if __name__ == "__main__":
    main()
