"""Memory of the idle process that serves everything: web threads and worker."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from archive_app.core import db as database
from tests.bench import Figure, founded
from tests.conftest import ROOT

LIMIT_MB, START_S, SETTLE_S = 250, 90, 8


def run() -> list[Figure]:
    """Start ``serve`` on a founded archive, call it a few times, let it idle, read its resident memory."""
    with founded() as path:
        database.db.close()
        port = _free_port()
        process = _serve(path, port)
        try:
            _wait(port, process)
            for _ in range(20):
                _get(port, "/sign-in")
            time.sleep(SETTLE_S)
            resident = _resident_mb(process.pid)
        finally:
            process.terminate()
            process.wait(30)
    shown = f"{resident:.0f} MB"
    return [Figure("resident memory of the idle process", f"≤ {LIMIT_MB} MB", shown, resident <= LIMIT_MB)]


def _serve(path: Path, port: int) -> subprocess.Popen[bytes]:
    folder = path.parent
    places = {
        "DATABASE_URL": f"sqlite:///{path}",
        "QUEUE_URL": f"sqlite:///{folder / 'queue.db'}",
        "STORAGE_URL": str(folder / "store"),
        "SECRET_KEY": "bench",
    }
    command = [sys.executable, "-m", "archive_app", "serve", "--port", str(port)]
    with (folder / "serve.log").open("wb") as log:
        return subprocess.Popen(command, cwd=ROOT, env=os.environ | places, stdout=log, stderr=log)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            _get(port, "/healthz")
            return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError("the server did not start")


def _get(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return bytes(answer.read())


def _resident_mb(pid: int) -> float:
    """Resident memory of the process and its children."""
    status = Path(f"/proc/{pid}/status").read_text()
    own = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
    children = Path(f"/proc/{pid}/task/{pid}/children")
    pids = children.read_text().split() if children.exists() else []
    return own + sum(_resident_mb(int(child)) for child in pids)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
