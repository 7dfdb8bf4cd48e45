"""A binding archivist as a process of its own, struck dead at a statement.

``python -m tests.concurrency.binding URL STORE VOLUME WORDS`` binds the volume and kills itself with SIGKILL
right after the first statement that holds WORDS; with empty WORDS it lives on and prints the state.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from archive_app.core import db, jobs, storage
from archive_app.people import service as people
from archive_app.people.models import User
from archive_app.volumes import service
from tests.conftest import AT


def strike(real: Any, words: str) -> None:
    """Let the process die after the first statement with these words: a power cut at the worst moment."""
    plain = real.execute_sql

    def deadly(sql: str, *args: Any, **kwargs: Any) -> Any:
        done = plain(sql, *args, **kwargs)
        if words in sql:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    real.execute_sql = deadly


def main(url: str, store: str, volume_id: int, words: str) -> None:
    real = db.connect(url)
    jobs.open_queue("memory:")
    storage.open_storage(store)
    with real.connection_context():
        actor = people.actor_of(User.get(User.username == "archivist"), AT)
        if words:
            strike(real, words)
        print(service.bind_now(volume_id, actor=actor, at=AT).state, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
