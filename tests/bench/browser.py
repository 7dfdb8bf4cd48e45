"""A browser for benches: one kept connection, its cookies and token, and what each answer took."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from tests.bench.timed_server import CPU, INSIDE
from tests.conftest import PASSWORD

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """What came back, and its seconds: inside the server, of these its CPU, and for the browser."""

    status: int
    body: bytes
    inside: float
    cpu: float
    outside: float


@dataclass
class Browser:
    """Signed in once by name and password, as people are."""

    port: int
    name: str
    token: str = ""
    _cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._line = HTTPConnection("127.0.0.1", self.port, timeout=60)
        self._read_token("/sign-in")
        form = {"csrf_token": self.token, "name": self.name, "password": PASSWORD}
        answer = self.send("POST", "/sign-in", urlencode(form).encode(), FORM)
        assert answer.status == 303, f"{self.name} cannot sign in: {answer.status}"
        self._read_token("/me")

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self.send("GET", path)

    def post_json(self, path: str, values: dict[str, Any]) -> Answer:
        """Send as the pages' scripts do."""
        return self.send("POST", path, json.dumps(values).encode(), "application/json")

    def send(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        """One request on the kept connection."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers |= {"Content-Type": kind, "X-CSRFToken": self.token, "Accept": kind.replace(FORM, "*/*")}
        began = time.perf_counter()
        self._line.request(method, path, body, headers)
        answer = self._line.getresponse()
        found = answer.read()
        outside = time.perf_counter() - began
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _is, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        inside, cpu = (float(answer.headers.get(name, "nan")) for name in (INSIDE, CPU))
        return Answer(answer.status, found, inside, cpu, outside)

    def _read_token(self, path: str) -> None:
        page = self.get(path).body.decode()
        found = re.search(r'(?:name="csrf-token" content|name="csrf_token" value)="([^"]+)"', page)
        assert found, f"no token on {path}"
        self.token = found[1]
