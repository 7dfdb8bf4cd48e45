"""Outgoing e-mail: one server by URL, plain letters, and a clear word on what cannot be delivered.

``SMTP_URL``: ``smtp://user:password@host:port?from=archive@example.com`` (port 25), with ``&tls=1`` for
STARTTLS (port 587), or ``smtps://…`` for TLS from the first byte (port 465). Without it no mail is sent.
"""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from archive_app.core.errors import Misconfigured

ALLOWED = "smtp://user:password@host:port?from=archive@example.com&tls=1 | smtps://…"
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,188}[A-Za-z0-9])?")
SECONDS = 10  # how long to wait for the server, at each step


class Unreachable(Exception):
    """The server does not answer, or does not let us in: nothing goes out now, all may go out later."""


class NotTaken(Exception):
    """The server did not take this letter; ``for_good`` when trying again is of no use (5xx, SMTPUTF8)."""

    def __init__(self, why: str, for_good: bool) -> None:
        super().__init__(why)
        self.for_good = for_good


@dataclass(frozen=True)
class Server:
    """Where mail goes out: ``tls`` is ``""``, ``"start"`` (STARTTLS) or ``"all"``."""

    host: str
    port: int
    user: str
    password: str
    sender: str
    tls: str


@dataclass(frozen=True)
class Letter:
    """One plain-text mail; ``message_id`` without angle brackets, the same whenever it is sent again."""

    to: str
    subject: str
    text: str
    message_id: str


def is_address(text: str) -> bool:
    """Whether a text can be an e-mail address (RFC 5321 addr-spec, ASCII, no quoted local parts)."""
    local, _at, domain = text.partition("@")
    dotted = local.startswith(".") or local.endswith(".") or ".." in text
    return ADDRESS.fullmatch(text) is not None and not dotted and len(domain) <= 190


def server(url: str | None = None) -> Server | None:
    """Return the server of ``url``, else of SMTP_URL; None when neither is set. Raises Misconfigured."""
    url = os.environ.get("SMTP_URL", "") if url is None else url
    if not url.strip():
        return None
    try:
        parts = urlsplit(url.strip())
        return _server(parts, parts.port)
    except ValueError as error:  # a port that is none, brackets that do not close
        raise _wrong(str(error)) from error


def _server(parts: SplitResult, port: int | None) -> Server:
    given = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise _wrong("smtp://host / smtps://host")
    if unknown := sorted(given.keys() - {"from", "tls"}):
        raise _wrong(f"{unknown[0]}=")
    if not is_address(given.get("from", "")):
        raise _wrong("from=")
    if given.get("tls", "0") not in ("0", "1"):
        raise _wrong("tls=")
    tls = "all" if parts.scheme == "smtps" else "start" if given.get("tls") == "1" else ""
    usual = {"all": 465, "start": 587, "": 25}[tls]
    name, secret = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.hostname, port or usual, name, secret, given["from"], tls)


def _wrong(part: str) -> Misconfigured:
    """The URL itself is not shown: it may hold a password."""
    return Misconfigured(f"SMTP_URL: {part} — {ALLOWED}")


def compose(letter: Letter, sender: str, at: datetime) -> EmailMessage:
    """The letter as it goes out; whatever stands in subject or address, it stays one header line."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{letter.message_id}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(letter.text)
    return message


class Line:
    """An open connection to the server."""

    def __init__(self, smtp: smtplib.SMTP, sender: str) -> None:
        self._smtp, self._sender = smtp, sender

    def send(self, letter: Letter, at: datetime) -> None:
        """Hand one letter over. Raises NotTaken: this letter; Unreachable: the line is broken."""
        try:
            self._smtp.send_message(compose(letter, self._sender, at), self._sender, [letter.to])
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPSenderRefused) as error:
            raise Unreachable(str(error)) from error  # the sender is the house: no letter would be taken
        except smtplib.SMTPException as error:
            raise _not_taken(error) from error
        except OSError as error:
            raise Unreachable(str(error)) from error


def _not_taken(error: smtplib.SMTPException) -> NotTaken:
    code: int
    said: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    else:  # the server lacks something that the letter needs
        return NotTaken(str(error), True)
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return NotTaken(f"{code} {words}", code >= 500)


@contextmanager
def line(server: Server) -> Iterator[Line]:
    """Open a connection for several letters. Raises Unreachable."""
    try:
        smtp = _connect(server)
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(f"{server.host}:{server.port}: {error}") from error
    try:
        yield Line(smtp, server.sender)
    finally:
        try:
            smtp.quit()
        except (OSError, smtplib.SMTPException):
            smtp.close()


def _connect(server: Server) -> smtplib.SMTP:
    safe = ssl.create_default_context()
    if server.tls == "all":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=safe)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        if server.tls == "start":
            smtp.starttls(context=safe)
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp
