"""A mail server for tests: it takes letters on the loopback, or refuses them, or hangs up."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class Catcher(socketserver.ThreadingTCPServer):
    """What came in is in ``letters``; ``answer(to)`` gives the reply to RCPT, ``after_data`` that to DATA."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.letters: list[EmailMessage] = []
        self.answer: Callable[[str], str] = lambda to: "250 ok"
        self.after_data = "250 ok"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}?from=archive@example.com"


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 catcher")
        while line := self.rfile.readline():
            verb, _colon, rest = line.decode().strip().partition(":")
            if verb.upper() == "RCPT TO":
                self._say(self.server.answer(rest.strip(" <>")))
            elif verb.upper() == "DATA":
                self._take()
            elif verb.upper() == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _take(self) -> None:
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        if self.server.after_data.startswith("250") or not self.server.after_data:
            self.server.letters.append(message_from_bytes(b"".join(lines), policy=policy.default))
        if self.server.after_data:
            self._say(self.server.after_data)
        else:  # it takes the letter and dies before it can say so
            self.connection.shutdown(socket.SHUT_RDWR)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def catcher() -> Iterator[Catcher]:
    """A catcher that runs."""
    with Catcher() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
