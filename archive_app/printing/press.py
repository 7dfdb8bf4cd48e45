"""The press: one guarded child process that draws every PDF, so that memory comes back and a hang is cut."""

from __future__ import annotations

import atexit
import json
import os
import selectors
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from archive_app.core.errors import ArchiveError
from archive_app.core.i18n import _

HEAD = struct.Struct(">cQ")
"""Head of an answer: ``+`` or ``-`` (the body is an error text), and the length of the body."""
TIMEOUT = 120.0


class Press:
    """Starts the child when it is needed, keeps it warm, and ends it when it hangs.

    The child leaves by itself when nothing was asked for a while; then the next job starts another.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0
        atexit.register(self.close)

    def run(self, job: str, values: dict[str, Any], timeout: float = TIMEOUT) -> bytes:
        """Have the child do a job with plain values. Raises ArchiveError: failed, or not done in time."""
        message = json.dumps({"job": job, **values}).encode()
        with self._lock:
            deadline = time.monotonic() + timeout
            try:
                return self._ask(message, deadline)
            except _Gone:  # it left while idle, or broke: once more with a fresh one
                try:
                    return self._ask(message, deadline)
                except _Gone:
                    raise ArchiveError(_("打印件没有生成：内容太大或程序中断。分几批再打。")) from None

    def close(self) -> None:
        """End the child, if it is ours."""
        child, self._child = self._child, None
        if child and self._owner == os.getpid():
            child.kill()
            child.wait()
            _shut(child)

    def _ask(self, message: bytes, deadline: float) -> bytes:
        child = self._running()
        assert child.stdin and child.stdout
        try:
            child.stdin.write(struct.pack(">Q", len(message)) + message)
            child.stdin.flush()
            sign, length = HEAD.unpack(self._read(child, HEAD.size, deadline))
            body = self._read(child, length, deadline)
        except (BrokenPipeError, _Gone):
            self.close()
            raise _Gone from None
        if sign == b"-":
            raise ArchiveError(_("打印件没有生成：%(why)s", why=body.decode("utf-8", "replace")))
        return body

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._owner != os.getpid() or self._child.poll() is not None:
            self.close()
            self._child, self._owner = _start(), os.getpid()
        return self._child

    def _read(self, child: subprocess.Popen[bytes], length: int, deadline: float) -> bytes:
        assert child.stdout
        found = bytearray()
        with selectors.DefaultSelector() as waiting:
            waiting.register(child.stdout, selectors.EVENT_READ)
            while len(found) < length:
                if not waiting.select(max(0.0, deadline - time.monotonic())):
                    self.close()
                    raise ArchiveError(_("打印件没有在规定时间内生成，已停止。分几批再打。"))
                part = os.read(child.stdout.fileno(), min(length - len(found), 1 << 20))
                if not part:
                    raise _Gone
                found += part
        return bytes(found)


class _Gone(Exception):
    """The child is no longer there."""


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "archive_app.printing.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        cwd=Path(__file__).resolve().parents[2],
    )


def _shut(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe:
            with suppress(OSError):  # an unsent rest of a job
                pipe.close()


PRESS = Press()
