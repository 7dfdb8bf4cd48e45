"""The real program as `make run` serves it, which says of each answer how long it took inside.

``python -m tests.bench.timed_server PORT``; the office clock stands on a Thursday morning and goes on.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from archive_app.cli import archive, serve
from tests.conftest import AT, ROOT
from tests.e2e.program import set_clock

START_S = 90
INSIDE, CPU = "X-Inside", "X-Cpu"
"""Seconds between the request's arrival in the application and its finished answer; CPU seconds of them."""


def main(port: str) -> None:
    """Serve until interrupted."""
    set_clock(AT)
    build = serve.create_app
    serve.create_app = lambda: _timing(build())  # type: ignore[assignment,return-value]
    archive(["serve", "--port", port], prog_name="archive_app")


def _timing(app: Any) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    def timed(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        began, worked = time.perf_counter(), time.thread_time()
        told: list[Any] = []
        body = b"".join(app(environ, lambda *said: told.append(said)))
        status, headers, *_rest = told[0]
        took = [(INSIDE, time.perf_counter() - began), (CPU, time.thread_time() - worked)]
        start_response(status, [*headers, *((name, f"{seconds:.6f}") for name, seconds in took)])
        return [body]

    return timed


@contextmanager
def served(settings: dict[str, str]) -> Iterator[int]:
    """Start the server with these settings; yields its port and ends it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "tests.bench.timed_server", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=settings, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    main(sys.argv[1])
