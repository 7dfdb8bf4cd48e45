"""A printing worker as a process of its own: ``python -m tests.concurrency.drawing URL STORE ID``."""

from __future__ import annotations

import sys

from archive_app.core import db, jobs, storage
from archive_app.prints import drawing
from archive_app.prints.register import register
from tests.conftest import AT
from tests.printing import SHEET


def main(url: str, store: str, print_id: int) -> None:
    """Draw one print, however long it takes."""
    register(SHEET)
    real = db.connect(url)
    jobs.open_queue("memory:")
    storage.open_storage(store)
    with real.connection_context():
        print(drawing.draw(print_id, AT).state, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
