"""A registering archivist as a process of its own: ``python -m tests.concurrency.registering URL COUNT``."""

from __future__ import annotations

import sys
from datetime import datetime

from archive_app.core import clock, db, jobs
from archive_app.people import service as people
from archive_app.people.models import User
from archive_app.records import service

AT = datetime(2026, 11, 19, 10, 0, tzinfo=clock.LOCAL)


def main(url: str, count: int) -> None:
    """Register ``count`` folders one after another and print each number as soon as it is committed."""
    real = db.connect(url)
    jobs.open_queue("memory:")
    with real.connection_context():
        actor = people.actor_of(User.get(User.username == "archivist"), AT)
        for n in range(count):
            folder = service.register_folder("HT", 2026, f"并发登记 {n}", actor=actor, at=AT)
            print(folder.file_number, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
